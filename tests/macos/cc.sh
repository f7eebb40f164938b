#!/usr/bin/env bash
# A C compiler for macOS, on a system that has none: Zig's. What crates ask Apple's compiler for and
# Zig does not know is left out. Objective-C wants headers that only a Mac has: since nothing is linked
# here, an empty object stands in for it.
set -euo pipefail
arguments=() output='' objective_c=
while [ $# -gt 0 ]; do
    case "$1" in
        --target=* | -mmacosx-version-min=* | -mmacos-version-min=*) ;;
        -arch | -isysroot) shift ;;
        -o) output="$2" && arguments+=("$1" "$2") && shift ;;
        *.m | *.mm) objective_c=1 ;;
        *) arguments+=("$1") ;;
    esac
    shift
done
if [ -n "$objective_c" ]; then
    empty="$(mktemp --suffix=.c)"
    trap 'rm "$empty"' EXIT
    arguments=(-c "$empty" -o "$output")
fi
"${ZIG:?}" cc -target aarch64-macos -mcpu=apple_m1 "${arguments[@]}"
