#!/usr/bin/env bash
# The unit tests as Windows programs, and hotmart-token.exe end to end, under Wine: what
# make test-windows calls.
set -euo pipefail
cd "$(dirname "$0")/../.."
# As make build and make windows build, so that nothing is built twice.
export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=--deny=warnings
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER="$PWD/tests/windows/wine.sh"
rm -rf target/wine/prefix
tests/windows/wine.sh wineboot --init >/dev/null 2>&1
# Wine's own server would end after each program, and now and then while the next one begins.
export WINEPREFIX="$PWD/target/wine/prefix"
# The one that still runs takes no other word.
wineserver --wait
wineserver --persistent
# What it starts with the first program keeps that program's output open.
tests/windows/wine.sh cmd /c exit >/dev/null 2>&1 </dev/null
trap 'wineserver --kill >/dev/null 2>&1 || true' EXIT
tests/setup/cargo_for.sh x86_64-pc-windows-gnu test --package oauth --package connection --package adapters \
    --package door --package command_line --package background --package practice
cargo test --locked --workspace --test windows -- --test-threads=2 "$@"
env --unset=WINEPREFIX tests/windows/installer.sh
