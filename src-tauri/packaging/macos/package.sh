#!/usr/bin/env bash
# Builds, signs and packs the program for one kind of Mac, on a Mac: package.sh TARGET_FOLDER arm64|x64
# A disk image and, for updates from inside the program, an archive are in TARGET_FOLDER/packages afterwards.
# SIGNING_IDENTITY names a Developer ID certificate in the keychain; without one the signature is for this machine alone,
# and the Keychain asks again after each update. NOTARY_PROFILE names a profile that `xcrun notarytool store-credentials` kept.
set -euo pipefail
cd "$(dirname "$0")/../../.."
root="$PWD" kind="$2"
case "$kind" in arm64) system=aarch64-apple-darwin ;; x64) system=x86_64-apple-darwin ;; *) echo "arm64 or x64?" >&2; exit 1 ;; esac
mkdir -p "$1"
target="$(cd "$1" && pwd)"
version="$(src-tauri/packaging/version.sh)"
# The first whose own webview has what the page uses (Safari 15.4).
export MACOSX_DEPLOYMENT_TARGET=12.3
rustup target add "$system"
system_flags=()
. src-tauri/packaging/reproducible.sh
cargo build --locked --release --target-dir "$target" --target "$system" --package hotmart-connect --bin hotmart-connect
# Alone, so that it has nothing of the window's in it.
cargo build --locked --release --target-dir "$target" --target "$system" --package hotmart-connect \
    --no-default-features --bin hotmart-token

work="$target/macos-$kind" packages="$target/packages"
rm -rf "$work"
mkdir -p "$work" "$packages"
src-tauri/packaging/macos/bundle.sh "$target/$system/release" "$version" "$work"
bundle="$work/Hotmart Connect.app"
identity="${SIGNING_IDENTITY:--}"
stamp=(--timestamp)
[ "$identity" != - ] || stamp=(--timestamp=none)
# From the inside out: what is signed holds the sums of what is in it. Both programs have one identifier: what one of
# them keeps in the Keychain, the other may read without a question.
codesign --force --options runtime "${stamp[@]}" --identifier app.hotmart-connect --sign "$identity" \
    "$bundle/Contents/MacOS/hotmart-token"
codesign --force --options runtime "${stamp[@]}" --entitlements src-tauri/packaging/macos/entitlements.plist \
    --sign "$identity" "$bundle"
codesign --verify --deep --strict "$bundle"

notarize() { # FILE
    xcrun notarytool submit --wait --keychain-profile "$NOTARY_PROFILE" "$1"
}
if [ -n "${NOTARY_PROFILE:-}" ]; then
    ditto -c -k --keepParent "$bundle" "$work/bundle.zip"
    notarize "$work/bundle.zip"
    xcrun stapler staple "$bundle"
    spctl --assess --type execute --verbose "$bundle"
fi
name="hotmart-connect_${version}_macos-$kind"
# What a Mac keeps beside files would be files of its own where this is unpacked, and break the signature.
COPYFILE_DISABLE=1 tar --no-mac-metadata --no-xattrs -C "$work" -czf "$packages/$name.app.tar.gz" "Hotmart Connect.app"
mkdir "$work/image"
cp -R "$bundle" "$work/image/"
ln -s /Applications "$work/image/Applications"
# Now and then something that looks through new files has one of the image's open.
for try in 1 2 3 4 5; do
    if hdiutil create -ov -fs HFS+ -format UDZO -volname "Hotmart Connect" -srcfolder "$work/image" "$packages/$name.dmg"; then break; fi
    [ "$try" -lt 5 ] || exit 1
    sleep 10
done
if [ "$identity" != - ]; then codesign --sign "$identity" "${stamp[@]}" "$packages/$name.dmg"; fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
    notarize "$packages/$name.dmg"
    xcrun stapler staple "$packages/$name.dmg"
fi
ls -l "$packages"
