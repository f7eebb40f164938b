#!/usr/bin/env bash
# Builds the programs for release, without a path of this machine in them, and looks whether that
# held: build.sh TARGET_FOLDER. The programs are in TARGET_FOLDER/release afterwards.
set -euo pipefail
cd "$(dirname "$0")/../.."
root="$PWD" target="$1"
newest_glibc=2.35 # Ubuntu 22.04

# The manuals are written by a build script, which does not run again for a folder that is gone.
[ -d src-tauri/crates/command_line/generated/man ] || touch src-tauri/crates/command_line/build.rs

mkdir -p "$target"
target="$(realpath "$target")"
system_flags=()
. src-tauri/packaging/reproducible.sh
cargo build --locked --release --target-dir "$target" --package hotmart-connect \
    --bin hotmart-connect --bin hotmart-connect-tray
# Alone, so that it has nothing of the window's in it.
cargo build --locked --release --target-dir "$target" --package hotmart-connect --no-default-features --bin hotmart-token

for program in hotmart-connect hotmart-connect-tray hotmart-token; do
    built="$target/release/$program"
    has_no_path_of_this_machine "$built"
    glibc="$(objdump -T "$built" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -V | tail -1)"
    if [ "$(printf '%s\n' "$glibc" "$newest_glibc" | sort -V | tail -1)" != "$newest_glibc" ]; then
        echo "$program needs glibc $glibc, which Ubuntu 22.04 does not have. Build on an older system." >&2
        [ -n "${ANY_GLIBC:-}" ] || exit 1
    fi
    echo "$program: $(stat -c %s "$built") bytes, glibc $glibc"
done
if objdump -p "$target/release/hotmart-token" | grep 'NEEDED.*\(webkit\|gtk\)' >/dev/null; then
    echo "hotmart-token links a webview" >&2
    exit 1
fi
