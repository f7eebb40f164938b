#!/usr/bin/env bash
# Signs packages, and describes those that the program can put in its own place:
#   publish.sh VERSION PACKAGES RELEASES
# PACKAGES is their folder, RELEASES the address of the releases, such as https://github.com/OWNER/NAME/releases.
# MINISIGN_KEY names the file of the secret key; its password, if it has one, comes from standard input.
# Each package gets a signature beside it (PACKAGE.minisig), which says for which version it was made, and SHA256SUMS the
# sums of all. latest.json is what the program asks for; a candidate (1.2.0-rc.1) is described to nobody.
set -euo pipefail
version="$1" releases="${3%/}"
key="$(realpath "${MINISIGN_KEY:?which secret key?}")"
cd "$2"
# A person is asked by minisign itself.
password=""
if ! [ -t 0 ]; then IFS= read -r password || true; fi
sign() {
    if [ -t 0 ]; then minisign -S "$@"; else minisign -S "$@" <<<"$password"; fi
}

for package in hotmart-*; do
    case "$package" in *.minisig) continue ;; esac
    sign -s "$key" -m "$package" -x "$package.minisig" -c "signature of $package" \
        -t "$(printf 'timestamp:%s\tfile:%s\tversion:%s' "${SOURCE_DATE_EPOCH:-$(date +%s)}" "$package" "$version")" >/dev/null
done

sums="$(sha256sum -- hotmart-*)"
printf '%s\n' "$sums" >SHA256SUMS
case "$version" in *-rc.*) rm -f latest.json; exit 0 ;; esac
platform() { # NAME PACKAGE
    [ -f "$2" ] || return 0
    printf '%s\n    "%s": { "url": "%s/download/v%s/%s", "signature": "%s" }' \
        "$separator" "$1" "$releases" "$version" "$2" "$(base64 --wrap=0 "$2.minisig")"
    separator=,
}
separator=""
{
    printf '{\n  "version": "%s",\n  "platforms": {' "$version"
    platform windows-x86_64 "hotmart-connect_${version}_windows-x64.exe"
    platform linux-x86_64 "hotmart-connect_${version}_x86_64.AppImage"
    platform darwin-aarch64 "hotmart-connect_${version}_macos-arm64.app.tar.gz"
    platform darwin-x86_64 "hotmart-connect_${version}_macos-x64.app.tar.gz"
    printf '\n  }\n}\n'
} >latest.json
