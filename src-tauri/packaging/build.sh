#!/usr/bin/env bash
# Builds the programs for release, without a path of this machine in them, and looks whether that
# held: build.sh TARGET_FOLDER. The programs are in TARGET_FOLDER/release afterwards.
set -euo pipefail
cd "$(dirname "$0")/../.."
root="$PWD" target="$1"
cargo_home="${CARGO_HOME:-$HOME/.cargo}"
newest_glibc=2.35 # Ubuntu 22.04

# The manuals are written by a build script, which does not run again for a folder that is gone.
[ -d src-tauri/crates/command_line/generated/man ] || touch src-tauri/crates/command_line/build.rs

mkdir -p "$target"
target="$(realpath "$target")"
# The last that fits counts.
maps=("$root=/source" "$cargo_home=/cargo" "$(rustc --print sysroot)=/rust" "$target=/build")
flags=() c_flags=()
for map in "${maps[@]}"; do
    flags+=("--remap-path-prefix=$map")
    c_flags+=("-ffile-prefix-map=$map")
done
# Between flags stands a unit separator, so that a path may have spaces.
CARGO_ENCODED_RUSTFLAGS="$(IFS=$'\x1f'; echo "${flags[*]}")"
export CARGO_ENCODED_RUSTFLAGS CFLAGS="${CFLAGS:-} ${c_flags[*]}"
cargo build --locked --release --target-dir "$target" --package hotmart-connect \
    --bin hotmart-connect --bin hotmart-connect-tray
# Alone, so that it has nothing of the window's in it.
cargo build --locked --release --target-dir "$target" --package hotmart-connect --no-default-features --bin hotmart-token

for program in hotmart-connect hotmart-connect-tray hotmart-token; do
    built="$target/release/$program"
    for path in "$root" "$cargo_home" "$target"; do
        if grep --text --quiet --fixed-strings "$path/" "$built"; then
            echo "$program holds a path of this machine: $path" >&2
            exit 1
        fi
    done
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
