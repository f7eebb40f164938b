#!/usr/bin/env bash
# One target of those that were built, for so many seconds: run.sh SECONDS TARGET.
# If an input breaks it, the input and the end of what was said are shown, and the input is kept.
set -euo pipefail
cd "$(dirname "$0")"
seconds="$1" target="$2"

mkdir -p "corpus/$target" "artifacts/$target" logs
if target/*/release/"$target" "corpus/$target" "seeds/$target" -max_total_time="$seconds" -max_len=4096 \
    -artifact_prefix="artifacts/$target/" >"logs/$target" 2>&1; then
    echo "fuzz $target: $(grep --text --only-matching 'Done .*' "logs/$target")"
else
    {
        grep --text --after-context=2 'panicked at' "logs/$target" || tail -n 20 "logs/$target"
        tail -n 2 "logs/$target"
        echo "fuzz $target: broken by an input. Keep it in tests/fuzz/seeds/$target once it is understood."
    } >&2
    exit 1
fi
