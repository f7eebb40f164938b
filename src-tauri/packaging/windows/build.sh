#!/usr/bin/env bash
# Builds the programs for Windows for release, on Linux: build.sh TARGET_FOLDER. They are in
# TARGET_FOLDER/windows afterwards, with what they need beside them.
set -euo pipefail
cd "$(dirname "$0")/../../.."
root="$PWD" target="$1" system=x86_64-pc-windows-gnu
mkdir -p "$target"
target="$(realpath "$target")"
rustup target list --installed 2>/dev/null | grep --line-regexp "$system" >/dev/null || rustup target add "$system"
# The linker would write down when it ran.
system_flags=(-Clink-arg=-Wl,--no-insert-timestamp)
. src-tauri/packaging/reproducible.sh
cargo build --locked --release --target-dir "$target" --target "$system" --package hotmart-connect --bin hotmart-connect
# Alone, so that it has nothing of the window's in it.
cargo build --locked --release --target-dir "$target" --target "$system" --package hotmart-connect \
    --no-default-features --bin hotmart-token

rm -rf "$target/windows"
mkdir "$target/windows"
for file in hotmart-connect.exe hotmart-token.exe WebView2Loader.dll; do
    cp "$target/$system/release/$file" "$target/windows/$file"
    has_no_path_of_this_machine "$target/windows/$file"
    echo "$file: $(stat -c %s "$target/windows/$file") bytes"
done
# What is not a part of Windows would have to be in the installer.
needed="$(x86_64-w64-mingw32-objdump -p "$target"/windows/*.exe | sed -n 's/^\s*DLL Name: //p' | sort -uf)"
[ -n "$needed" ] || { echo "objdump says nothing of what the programs need" >&2; exit 1; }
strangers="$(grep -viE '^(api-ms-win-.*|(advapi32|bcrypt|bcryptprimitives|comctl32|combase|comdlg32|credui|crypt32|cryptbase|dwmapi|gdi32|imm32|iphlpapi|kernel32|kernelbase|msvcrt|ncrypt|ntdll|ole32|oleaut32|powrprof|propsys|psapi|rpcrt4|rstrtmgr|secur32|shell32|shlwapi|user32|userenv|uxtheme|version|winhttp|winmm|ws2_32|webview2loader)\.dll)$' <<<"$needed" || true)"
[ -z "$strangers" ] || { echo "Windows does not have: $strangers" >&2; exit 1; }
