#!/usr/bin/env bash
# What is looked at on a machine of any kind, with that machine's own keyring: the build, the unit tests, hotmart-token
# and the window against Practice Hotmart. What public CI runs on Windows and macOS, and make native on Linux.
# Nothing of it stays: settings are in a folder of its own, and what is in the keyring goes with them.
set -euo pipefail
cd "$(dirname "$0")/../.."
# What the TLS library assembles on Windows comes ready-made where nasm is not installed.
export AWS_LC_SYS_PREBUILT_NASM=1
cargo build --locked --package hotmart-connect --package practice --bins
# Not the window's: its one unit test is about ui/types.d.ts, and on Windows a test program has no manifest, without
# which what draws dialogs does not load.
cargo test --locked --package oauth --package connection --package adapters --package practice \
    --package door --package command_line --package background
programs="${CARGO_TARGET_DIR:-target}/debug"
suffix=""
[ "${OS:-}" != Windows_NT ] || suffix=.exe
tests/native/token.sh "$programs/hotmart-token$suffix" "$programs/practice$suffix"
[ "$(uname)" = Darwin ] || "${CARGO_HOME:-$HOME/.cargo}/bin/tauri-driver" --help >/dev/null 2>&1 ||
    cargo install tauri-driver --version "$(sed -n 's/^TAURI_DRIVER = //p' Makefile)" --locked --debug
tests/native/window.sh "$programs/hotmart-connect$suffix" "$programs/practice$suffix"
