#!/usr/bin/env bash
# Puts the program for macOS together, not signed yet: bundle.sh PROGRAMS VERSION OUTPUT_FOLDER
# PROGRAMS is the folder of the release build. It is OUTPUT_FOLDER/Hotmart Connect.app afterwards.
set -euo pipefail
programs="$1" version="$2" bundle="$3/Hotmart Connect.app"
here="$(cd "$(dirname "$0")" && pwd)"
rm -rf "$bundle"
mkdir -p "$bundle/Contents/MacOS" "$bundle/Contents/Resources"
# Versions of macOS are numbers alone.
sed "s/@NUMBERS@/${version%%-*}/" "$here/Info.plist" >"$bundle/Contents/Info.plist"
printf 'APPL????' >"$bundle/Contents/PkgInfo"
for program in hotmart-connect hotmart-token; do
    install -m 755 "$programs/$program" "$bundle/Contents/MacOS/$program"
done
install -m 644 "$here/../../../icons/icon.icns" "$bundle/Contents/Resources/icon.icns"
install -m 644 "$here/../../../LICENSE" "$bundle/Contents/Resources/LICENSE"
