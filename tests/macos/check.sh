#!/usr/bin/env bash
# Type-checks and lints all programs and unit tests for macOS, window included, on Linux: what make macos calls.
# Nothing is linked and nothing runs: that takes a Mac.
set -euo pipefail
cd "$(dirname "$0")/../.."
zig_version=0.13.0
# Some crates compile C while they are checked.
tools="$PWD/target/macos"
if ! [ -x "$tools/python/bin/python" ]; then
    mkdir -p "$tools"
    python3 -m venv "$tools/python"
fi
"$tools/python/bin/python" -m pip install --quiet --disable-pip-version-check "ziglang==$zig_version"
ZIG="$(echo "$tools"/python/lib/python3*/site-packages/ziglang/zig)"
mkdir -p "$tools/no-sdk"
export ZIG SDKROOT="$tools/no-sdk"
export CC_aarch64_apple_darwin="$PWD/tests/macos/cc.sh"
export AR_aarch64_apple_darwin="${AR_aarch64_apple_darwin:-$PWD/tests/macos/ar.sh}"
RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=--deny=warnings \
    tests/setup/cargo_for.sh aarch64-apple-darwin check --workspace --exclude tests --all-targets
