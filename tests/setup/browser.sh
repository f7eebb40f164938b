#!/usr/bin/env bash
# Sees to it that there are a `chromium` and a `chromedriver` that belong together.
# Where the system has none as ordinary packages (Ubuntu), they are fetched into tests/ui/browsers.
set -euo pipefail
# One version of both, fetched by a tool whose own hash stands in package-lock.json.
VERSION=131.0.6778.204
cd "$(dirname "$0")/../ui"

if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    case "$(readlink -f "$(command -v chromium)")" in
        */snap) ;;
        *) exit 0 ;;
    esac
fi
[ -x browsers/bin/chromium ] && [ -x browsers/bin/chromedriver ] && exit 0
mkdir -p browsers/bin
for program in chrome chromedriver; do
    installed="$(npx --no-install browsers install "$program@$VERSION" --path browsers | tail -1 | cut -d' ' -f2-)"
    name="${program/%chrome/chromium}"
    ln -sf "$(readlink -f "$installed")" "browsers/bin/$name"
done
