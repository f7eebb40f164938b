#!/usr/bin/env bash
# Makes the two installers for Windows, for one user and for everybody:
#   package.sh PROGRAMS VERSION OUTPUT_FOLDER
# The same programs give the same installers, byte for byte. Their sums stand beside those of the other packages. WEBVIEW2 may name Microsoft's installer of
# the webview, which goes into both then; COMPRESSION another than lzma.
set -euo pipefail
programs="$(realpath "$1")" version="$2"
mkdir -p "$3"
output="$(realpath "$3")"
cd "$(dirname "$0")"
webview2=()
[ -z "${WEBVIEW2:-}" ] || webview2=("-DWEBVIEW2=$(realpath "$WEBVIEW2")")
for whom in "" FOR_EVERYBODY; do
    for_whom=()
    [ -z "$whom" ] || for_whom=("-D$whom")
    file="$output/hotmart-connect_${version}_windows-x64${whom:+-for-everybody}.exe"
    makensis -V2 -WX "-DVERSION=$version" "-DNUMBERS=${version%%-*}" "-DPROGRAMS=$programs" "-DOUTPUT=$file" \
        "-DCOMPRESSION=${COMPRESSION:-lzma}" "${webview2[@]}" "${for_whom[@]}" installer.nsi
    echo "$(basename "$file"): $(stat -c %s "$file") bytes"
done
cd "$output"
shopt -s extglob
sums="$(sha256sum -- !(SHA256SUMS))"
printf '%s\n' "$sums" >SHA256SUMS
