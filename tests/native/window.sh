#!/usr/bin/env bash
# The window against Practice Hotmart, with this machine's own keyring: window.sh HOTMART_CONNECT PRACTICE
# It is started, and where there is a WebDriver for its webview (not on macOS) a seller connects in it.
set -euo pipefail
program="$1" practice="$2"
. "$(dirname "$0")/surroundings.sh"
export HOTMART_CONNECT_LOG=debug
can_be_used() { grep -rs 'the window can be used' "$work/home"; }

case "$(uname)" in
    Darwin)
        "$program" &
        started+=($!)
        wait_until "the window can be used" can_be_used
        echo "The window starts. There is no WebDriver for it here."
        exit
        ;;
    Linux) native=(--native-driver /usr/bin/WebKitWebDriver) ;;
    *) native=(--native-driver "$(cygpath -w "${EDGEWEBDRIVER:?where is msedgedriver?}\\msedgedriver.exe")") program="$(cygpath -aw "$program")" ;;
esac
port=24444
"${CARGO_HOME:-$HOME/.cargo}/bin/tauri-driver" --port "$port" --native-port $((port + 1)) "${native[@]}" >"$work/driver.log" 2>&1 &
started+=($!)
driver() { # METHOD PATH [BODY]
    curl --silent --show-error --fail-with-body --request "$1" --header 'Content-Type: application/json' "http://127.0.0.1:$port$2" ${3:+--data "$3"}
}
text() { local text="${1//\\/\\\\}"; printf '"%s"' "${text//\"/\\\"}"; } # as JSON has it
wait_until "the driver listens" driver GET /status
driver POST /session "{\"capabilities\":{\"alwaysMatch\":{\"browserName\":\"wry\",\"tauri:options\":{\"application\":$(text "$program")}}}}" >"$work/session"
session="$(sed -n 's/.*"sessionId": *"\([^"]*\)".*/\1/p' "$work/session")"
[ -n "$session" ] || fail "there is no session: $(cat "$work/session")"
script() { # SCRIPT
    driver POST "/session/$session/execute/sync" "{\"script\":$(text "$1"),\"args\":[]}"
}
says() { script "return String($1)" | grep '"value": *"true"'; } # CONDITION
wait_until "the first screen" says "document.getElementById('pasted')"' !== null'
script "const field = document.getElementById('pasted'); field.value = 'Client ID: practice-developer Client Secret: practice-developer-secret'; field.dispatchEvent(new Event('input'));" >/dev/null
wait_until "what was pasted is understood" says "document.getElementById('understood').textContent !== ''"
script "document.getElementById('connect-pasted').click()" >/dev/null
wait_until "the seller is connected" says "document.body.dataset.state === 'connected'"
driver DELETE "/session/$session" >/dev/null
echo "A seller connects in the window."
# Not a part of what was looked at: nothing stays in the keyring, once the program has ended.
wait_until "nothing stays in the keyring" "$(dirname "$1")/hotmart-token" forget --everything --yes
