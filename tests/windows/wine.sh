#!/usr/bin/env bash
# Runs a Windows program under Wine, in a Windows of the tests' own: wine.sh PROGRAM ARGUMENTS…
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)/target/wine"
mkdir -p "$here"
if [ ! -f "$here/bcryptprimitives.dll" ]; then
    # Wine 8 lacks this part of Windows, which Rust's standard library takes random bytes from.
    x86_64-w64-mingw32-gcc -shared -o "$here/bcryptprimitives.dll" "$(dirname "$0")/bcryptprimitives.c" -ladvapi32
fi
export WINEPREFIX="${WINEPREFIX:-$here/prefix}" WINEDEBUG=-all WINEPATH="Z:${here//\//\\}"
# Wine would put what stands in its start menu into the menus of this system too.
export WINEDLLOVERRIDES="winemenubuilder.exe=d"
exec wine "$@"
