#!/usr/bin/env bash
# hotmart-token against Practice Hotmart, with this machine's own keyring: token.sh HOTMART_TOKEN PRACTICE
set -euo pipefail
program="$1" practice="$2"
. "$(dirname "$0")/surroundings.sh"
token() { "$program" "$@" | tr -d '\r'; }
code_of() { local code=0; "$program" "$@" >/dev/null 2>&1 || code=$?; echo "$code"; }

"$program" --version
[ "$(code_of)" = 3 ] || fail "something is connected already"
echo practice-developer-secret >"$work/secret"
secret="$work/secret"
if command -v cygpath >/dev/null; then secret="$(cygpath -w "$secret")"; fi
"$program" connect --environment hotmart --developer-credentials --client-id practice-developer --client-secret-file "$secret"
printed="$(token)"
[ -n "$printed" ] || fail "there is no token"
[ "$(token --offline)" = "$printed" ] || fail "the keyring does not have the token"
[ "$(token --format header)" = "Authorization: Bearer $printed" ] || fail "the header is another"
[ "$(token --format json | sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')" = "$printed" ] || fail "the JSON has another"
"$program" check
"$program" status
# Git's shell on Windows would take it for a file.
MSYS_NO_PATHCONV=1 token api GET /payments/api/v1/sales/summary | grep '"items"' >/dev/null || fail "the API says nothing"
[ "$(code_of exec -- "$program" no-such-command)" = 2 ] || fail "an exit code is lost"
[ "$(token exec -- "$program" --offline)" = "$printed" ] || fail "exec runs nothing"
# PowerShell itself reads what is printed for it, where it is.
shell="$(command -v pwsh || command -v powershell || true)"
if [ -n "$shell" ]; then
    read_back="$(printf '%s\nWrite-Output $env:HOTMART_ACCESS_TOKEN\n' "$(token --format powershell)" | "$shell" -NoProfile -Command - | tr -d '\r')"
    [ "$read_back" = "$printed" ] || fail "PowerShell reads $read_back"
fi
! grep -r -e "$printed" -e practice-developer-secret "$HOTMART_CONNECT_HOME" || fail "a secret is in a file"
"$program" disconnect
[ "$(code_of)" = 3 ] || fail "it is connected still"
"$program" forget --everything --yes
[ -z "$(ls -A "$HOTMART_CONNECT_HOME")" ] || fail "files stay: $(ls -A "$HOTMART_CONNECT_HOME")"
echo "hotmart-token connects, prints, checks, calls, runs programs, disconnects and leaves nothing."
