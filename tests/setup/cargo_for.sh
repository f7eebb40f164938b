#!/usr/bin/env bash
# Cargo for another system than this one: cargo_for.sh TARGET COMMAND ARGUMENTS…
# rustup has that system's standard library, ready-made, where it can be fetched. Elsewhere the system's own
# compiler builds it from its source, which takes some minutes more the first time.
set -euo pipefail
target="$1" command="$2"
shift 2
if rustup target add "$target" >/dev/null 2>&1; then
    exec cargo "$command" --locked --target "$target" "$@"
fi
"$(dirname "$0")/system-packages.sh" --rust
echo "There is no standard library for $target from rustup: /usr/bin/cargo builds it." >&2
# What is unstable in it is asked of the compiler by this name; the programs themselves use none of it.
export PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
exec /usr/bin/cargo "$command" --locked -Z build-std=std,panic_unwind --target "$target" "$@"
