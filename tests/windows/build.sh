#!/usr/bin/env bash
# Builds and lints all programs for Windows, on Linux: what make windows calls.
set -euo pipefail
cd "$(dirname "$0")/../.."
RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=--deny=warnings \
    tests/setup/cargo_for.sh x86_64-pc-windows-gnu build --package hotmart-connect --bins
