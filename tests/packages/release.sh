#!/usr/bin/env bash
# What a release has beside its packages, made for packages that only have the names: signatures and sums that hold, the
# description of the newest version, manifests in which nothing is left open, and the bundle for macOS.
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "release: $*" >&2; exit 1; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
version=1.2.0 packages="$work/packages" repository=https://github.com/an-owner/hotmart-connect
mkdir "$packages"
for name in "hotmart-connect_$version-1_amd64.deb" "hotmart-connect_${version}_windows-x64.exe" \
    "hotmart-connect_${version}_windows-x64-for-everybody.exe" "hotmart-connect_${version}_macos-arm64.dmg" \
    "hotmart-connect_${version}_macos-x64.dmg" "hotmart-connect_${version}_macos-arm64.app.tar.gz"; do
    echo "$name" >"$packages/$name"
done
minisign -G -W -p "$work/release.pub" -s "$work/release.key" >/dev/null
publish() { MINISIGN_KEY="$work/release.key" src-tauri/packaging/publish.sh "$1" "$packages" "$repository/releases" </dev/null; }

publish "$version"
for package in "$packages"/hotmart-*; do
    case "$package" in *.minisig) continue ;; esac
    minisign -V -q -p "$work/release.pub" -m "$package" || fail "$(basename "$package") is not signed"
    grep --quiet "version:$version" "$package.minisig" || fail "the signature of $(basename "$package") has no version"
done
(cd "$packages" && sha256sum --quiet --check SHA256SUMS) || fail "the sums do not hold"
python3 - "$packages/latest.json" "$version" <<'T' || fail "latest.json is not what the program asks for"
import base64, json, sys
latest = json.load(open(sys.argv[1]))
assert latest["version"] == sys.argv[2]
assert sorted(latest["platforms"]) == ["darwin-aarch64", "windows-x86_64"], latest["platforms"]
for platform in latest["platforms"].values():
    assert platform["url"].startswith("https://github.com/an-owner/hotmart-connect/releases/download/v1.2.0/hotmart-connect_1.2.0_")
    assert base64.b64decode(platform["signature"]).startswith(b"untrusted comment: ")
T
# A key as it should be, with a password.
printf 'a password\na password\n' | minisign -G -f -p "$work/release.pub" -s "$work/release.key" >/dev/null
publish "$version" && fail "it signs without the password" || true
MINISIGN_KEY="$work/release.key" src-tauri/packaging/publish.sh "$version" "$packages" "$repository/releases" <<<"a password"
for package in "$packages"/hotmart-*.minisig; do
    minisign -V -q -p "$work/release.pub" -m "${package%.minisig}" || fail "it is not signed with the key that has a password"
done
minisign -G -f -W -p "$work/release.pub" -s "$work/release.key" >/dev/null
publish "$version-rc.1"
[ ! -e "$packages/latest.json" ] || fail "a candidate is offered to everybody"

manifests() { src-tauri/packaging/manifests.sh "$version" "$packages" "$repository" "$work/manifests"; }
manifests
for file in winget/HotmartConnect.HotmartConnect.installer.yaml homebrew/hotmart-connect.rb aur/PKGBUILD \
    flathub/io.github.an_owner.hotmart_connect.yml; do
    [ -f "$work/manifests/$file" ] || fail "there is no $file"
done
! grep -rn '@[A-Z]' "$work/manifests" || fail "something is left open"
for file in "$work"/manifests/*/*; do
    for sum in $(grep -o '\b[0-9a-f]\{64\}\b' "$file"); do
        grep --quiet "^$sum " "$packages/SHA256SUMS" || fail "$file has a sum of nothing"
    done
done
bash -n "$work/manifests/aur/PKGBUILD"
python3 -c 'import sys, yaml
for file in sys.argv[1:]: assert yaml.safe_load(open(file))' "$work"/manifests/winget/*.yaml "$work"/manifests/flathub/*.yml ||
    fail "a manifest is no YAML"
rm "$packages"/*.dmg
manifests 2>/dev/null
[ ! -e "$work/manifests/homebrew" ] && [ -e "$work/manifests/winget" ] || fail "a manifest without its packages is there"

mkdir "$work/programs"
for program in hotmart-connect hotmart-token; do echo "$program" >"$work/programs/$program"; done
src-tauri/packaging/macos/bundle.sh "$work/programs" "$version-rc.1" "$work"
python3 - "$work/Hotmart Connect.app/Contents" <<'T' || fail "the bundle for macOS is not whole"
import os, plistlib, sys
contents = sys.argv[1]
info = plistlib.load(open(f"{contents}/Info.plist", "rb"))
assert info["CFBundleShortVersionString"] == "1.2.0"
assert info["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == [info["CFBundleIdentifier"]] == ["app.hotmart-connect"]
for program in (info["CFBundleExecutable"], "hotmart-token"):
    assert os.access(f"{contents}/MacOS/{program}", os.X_OK)
assert os.path.isfile(f"{contents}/Resources/{info['CFBundleIconFile']}")
plistlib.load(open("src-tauri/packaging/macos/entitlements.plist", "rb"))
T
echo "Signatures, sums, manifests and the bundle for macOS are whole."
