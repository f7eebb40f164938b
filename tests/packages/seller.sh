#!/usr/bin/env bash
# Runs as the seller, on a desktop of its own: see inside.sh. Root replaces the program meanwhile.
set -euo pipefail
if [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ]; then
    mkdir -p ~/run ~/log
    chmod 700 ~/run
    export XDG_RUNTIME_DIR="$HOME/run" LANG=C.UTF-8 WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1 WEBKIT_FORCE_SANDBOX=0
    exec dbus-run-session -- "$0" "$@"
fi
says() { echo "   $*"; }
fails() { echo "FAILED: $*" >&2; exit 1; }
within() { # SECONDS WHAT COMMAND…
    local until=$((SECONDS + $1)) what="$2"
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || fails "waited in vain: $what"
        sleep 0.2
    done
}

Xvfb :77 -screen 0 1280x900x24 -nolisten tcp 2>~/log/xvfb &
export DISPLAY=:77
within 20 "a display" test -S /tmp/.X11-unix/X77
openbox 2>~/log/openbox &
printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>~/log/keyring

says "the window starts"
mkdir -p ~/.config/app.hotmart-connect
echo '{"version":1,"language":"pt-BR","accounts":[{"id":"practice","environment":"practice"}]}' >~/.config/app.hotmart-connect/settings.json
export HOTMART_CONNECT_LOG=debug
hotmart-connect >~/log/window 2>&1 &
window=$!
within 60 "the window" xdotool search --name 'Hotmart Connect'
within 30 "Practice Hotmart" test -s ~/.local/share/app.hotmart-connect/practice-address

# Begins a login, says yes in the place of the browser, and gives the address that it ends on.
login() {
    rm -f ~/log/login
    hotmart-token connect --account practice --again --no-browser </dev/null >/dev/null 2>~/log/login &
    connecting=$!
    within 30 "the link" grep -q '^http' ~/log/login
    local link page consent action
    link="$(grep '^http' ~/log/login | head -1)"
    page="$(curl -s "$link")"
    consent="$(sed -n 's/.*name="consent" value="\([^"]*\)".*/\1/p' <<<"$page" | head -1)"
    action="$(sed -n 's/.*action="\([^"]*\)".*/\1/p' <<<"$page" | head -1)"
    answer="$(curl -s -o /dev/null -w '%{redirect_url}' -D - --data "consent=$consent&decision=allow" "$(sed 's#\(http://[^/]*\).*#\1#' <<<"$link")$action" |
        tr -d '\r' | sed -n 's/^[Ll]ocation: //p')"
    case "$answer" in app.hotmart-connect:*) ;; *) fails "the answer is no link of ours: $answer" ;; esac
}

for desktop in "" GNOME; do
    says "a login whose link comes back by xdg-open, on the desktop '${desktop:-none}'"
    login
    XDG_CURRENT_DESKTOP="$desktop" xdg-open "$answer" >~/log/opener 2>&1 || fails "xdg-open: $(cat ~/log/opener)"
    within 60 "the login's end" sh -c "! kill -0 $connecting"
    wait "$connecting" || fails "the login ended with $?: $(cat ~/log/login)"
    token="$(hotmart-token --account practice)"
    [ ${#token} -gt 10 ] || fails "no token"
done
hotmart-token status | grep . >/dev/null || fails "no status"

says "the program is replaced while it runs, while a login is open, and while exec runs"
hotmart-token exec -- sh -c 'echo started >~/log/exec; while [ ! -e ~/log/replaced ]; do sleep 0.2; done; test -n "$HOTMART_ACCESS_TOKEN"' &
executing=$!
within 20 "exec" test -s ~/log/exec
login
touch ~/log/wants-replacement
within 120 "the replacement" test -e ~/log/replaced
kill -0 "$window" || fails "the window did not live through it"
xdg-open "$answer" >/dev/null 2>&1 || fails "xdg-open after the replacement"
within 60 "the login's end" sh -c "! kill -0 $connecting"
wait "$connecting" || fails "the open login did not live through it: $(cat ~/log/login)"
wait "$executing" || fails "exec did not live through it"
hotmart-connect & # A second start shows the first one's window.
wait $! || fails "the new program and the old one do not understand each other"
[ ! -e ~/.local/share/applications/app.hotmart-connect-handler.desktop ] || fails "an entry of its own beside the package's"
grep -rl 'deleted' ~/.config ~/.local/share/applications 2>/dev/null && fails "a path of a file that is gone was written down"

says "it starts again as the new version"
kill -TERM "$window"
wait "$window" || true
hotmart-connect >~/log/window 2>&1 &
window=$!
within 60 "the window" xdotool search --name 'Hotmart Connect'
hotmart-token --account practice >/dev/null || fails "the session did not live through it"

says "forget everything"
code=0; hotmart-token forget --everything --yes 2>/dev/null || code=$?
[ "$code" = 1 ] || fails "forget while the window is open ended with $code"
kill -TERM "$window"
wait "$window" || true
hotmart-token forget --everything --yes || fails "forget ended with $?"
[ -z "$(secret-tool search --all service app.hotmart-connect 2>&1)" ] || fails "the keyring still has something"
kill %1 2>/dev/null || true
