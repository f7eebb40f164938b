#!/usr/bin/env bash
# Builds and lints all programs for Windows, on Linux: what make windows calls.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=x86_64-pc-windows-gnu
if ! rustup target list --installed 2>/dev/null | grep --line-regexp "$target" >/dev/null; then
    rustup target add "$target"
fi
RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=--deny=warnings \
    cargo build --locked --target "$target" --package hotmart-connect --bins
