#!/usr/bin/env bash
# The installer for Windows, under Wine, as a seller meets it: installed, found in a terminal, replaced
# while a program of it runs, removed with and without what it kept. What make test-windows calls.
set -euo pipefail
cd "$(dirname "$0")/../.."
work="$PWD/target/wine/installer" built=target/x86_64-pc-windows-gnu/debug
rm -rf "$work"
mkdir -p "$work/programs"
for file in hotmart-connect.exe hotmart-token.exe WebView2Loader.dll; do
    x86_64-w64-mingw32-strip -o "$work/programs/$file" "$built/$file"
done
for version in 1.0.0 1.0.1; do
    COMPRESSION=zlib src-tauri/packaging/windows/package.sh "$work/programs" "$version" "$work/$version" >/dev/null
done

export WINEPREFIX="$work/prefix" LC_ALL=C.UTF-8
windows() { tests/windows/wine.sh "$@"; }
windows wineboot --init >/dev/null 2>&1
cleanup() {
    [ -z "${practice:-}" ] || kill "$practice" 2>/dev/null || true
    wineserver -k 2>/dev/null || true
}
trap cleanup EXIT

fail() { echo "installer: $*" >&2; exit 1; }
# Nothing where there is no such value.
value() { { windows reg query "$1" /v "$2" 2>/dev/null || true; } | tr -d '\r' | sed -n "s/^ *$2 *REG_[A-Z_]* *//p"; }
default_value() { { windows reg query "$1" /ve 2>/dev/null || true; } | tr -d '\r' | sed -n 's/.*REG_SZ *//p'; }
wait_until_gone() { # FOLDER
    for _ in $(seq 600); do [ -e "$1" ] || return 0; sleep 0.1; done
    fail "$1 is still there: $(ls "$1")"
}
there="$WINEPREFIX/drive_c/users/$(id -un)/AppData/Local/Programs/Hotmart Connect"
uninstall_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\app.hotmart-connect'
open_key='HKCU\Software\Classes\app.hotmart-connect\shell\open\command'
setup() { # VERSION
    windows "$work/$1/hotmart-connect_$1_windows-x64.exe" /S || fail "version $1 does not install"
}

# A Path as people have them, which stays as it is. (What reg prints is not UTF-8.)
before='%USERPROFILE%\bin;C:\Ana Maria'
windows reg add 'HKCU\Environment' /v Path /t REG_EXPAND_SZ /d "$before" /f >/dev/null
setup 1.0.0
for file in hotmart-connect.exe hotmart-token.exe WebView2Loader.dll uninstall.exe; do
    [ -f "$there/$file" ] || fail "$file is not there"
done
[ "$(value "$uninstall_key" DisplayVersion)" = 1.0.0 ] || fail "Windows does not know of it"
program="$(default_value "$open_key")"
[ "$program" = "\"$(value "$uninstall_key" InstallLocation)\\hotmart-connect.exe\" \"%1\"" ] || fail "links open $program"
[ "$(value 'HKCU\Software\Classes\AppUserModelId\app.hotmart-connect' DisplayName)" = "Hotmart Connect" ] ||
    fail "notifications have no name"
path="$(value 'HKCU\Environment' Path)"
[ "$path" = "$before;$(value "$uninstall_key" InstallLocation)" ] || fail "the Path became $path"
windows cmd /c 'hotmart-token --version' | grep '^hotmart-token ' >/dev/null || fail "a terminal does not find hotmart-token"
[ -f "$WINEPREFIX/drive_c/users/$(id -un)/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Hotmart Connect.lnk" ] ||
    fail "it is not in the start menu"

# A seller connects, and a program of theirs goes on while the next version is installed.
cargo build --quiet --package practice
target/debug/practice >"$work/practice.log" &
practice=$!
export HOTMART_CONNECT_STAND_IN=http://127.0.0.1:4799/
echo practice-developer-secret >"$work/secret"
token() { windows "$there/hotmart-token.exe" "$@"; }
for _ in $(seq 100); do grep 'Ctrl+C' "$work/practice.log" >/dev/null && break; sleep 0.1; done
token connect --environment hotmart --developer-credentials --client-id practice-developer \
    --client-secret-file "Z:${work//\//\\}\\secret" || fail "the seller cannot connect"
printed="$(token)"
[ -n "$printed" ] || fail "there is no token"
token exec -- cmd /c "echo started > C:\\started & ping -n 15 127.0.0.1 > nul & echo %HOTMART_ACCESS_TOKEN% > C:\\ended" &
running=$!
for _ in $(seq 300); do [ -f "$WINEPREFIX/drive_c/started" ] && break; sleep 0.1; done
[ -f "$WINEPREFIX/drive_c/started" ] || fail "the program does not run"
setup 1.0.1
compgen -G "$there/*.old" >/dev/null || fail "nothing was moved aside"
[ "$(value "$uninstall_key" DisplayVersion)" = 1.0.1 ] || fail "the next version is not there"
[ ! -f "$WINEPREFIX/drive_c/ended" ] || fail "nothing ran any more while it was replaced"
[ "$(token --offline)" = "$printed" ] || fail "the next version does not have the seller's token"
wait "$running" || fail "the program that ran came to no good end"
grep --fixed-strings "$printed" "$WINEPREFIX/drive_c/ended" >/dev/null || fail "the program that ran lost its token"
# As the program itself starts it, to be opened anew afterwards.
log="$WINEPREFIX/drive_c/users/$(id -un)/AppData/Local/app.hotmart-connect/logs"
starts() { cat "$log"/*connect*.log 2>/dev/null | grep --count 'Hotmart Connect .* starts' || true; }
[ "$(starts)" = 0 ] || fail "the window was opened, and nobody asked for it"
windows "$work/1.0.1/hotmart-connect_1.0.1_windows-x64.exe" /S /UPDATE /START || fail "the update does not install"
for _ in $(seq 300); do [ "$(starts)" = 0 ] || break; sleep 0.1; done
[ "$(starts)" = 1 ] || fail "the new version is not opened"
windows taskkill /f /im hotmart-connect.exe >/dev/null 2>&1 || true
compgen -G "$there/*.old" >/dev/null && fail "what was moved aside stays"
[ "$(value 'HKCU\Environment' Path)" = "$path" ] || fail "the Path was changed again"

# Removed: programs and entries go, what is the seller's stays, and another copy's links too.
approved='HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run'
windows reg add "$approved" /v 'Hotmart Connect' /t REG_BINARY /d 020000000000000000000000 /f >/dev/null
windows reg add 'HKCU\Software\Microsoft\Windows\CurrentVersion\Run' /v 'Hotmart Connect' /d "\"$(value "$uninstall_key" InstallLocation)\\hotmart-connect.exe\" --background" /f >/dev/null
windows "$there/uninstall.exe" /S
wait_until_gone "$there"
[ -z "$(value "$uninstall_key" DisplayVersion)$(default_value "$open_key")" ] || fail "entries stay"
[ -z "$(value 'HKCU\Software\Microsoft\Windows\CurrentVersion\Run' 'Hotmart Connect')$(value "$approved" 'Hotmart Connect')" ] || fail "it starts with the session"
[ "$(value 'HKCU\Environment' Path)" = "$before" ] || fail "the Path became $(value 'HKCU\Environment' Path)"
settings="$WINEPREFIX/drive_c/users/$(id -un)/AppData/Roaming/app.hotmart-connect/settings.json"
[ -f "$settings" ] || fail "the seller's settings are gone"

# Installed again it finds them, and removed with everything it leaves nothing.
setup 1.0.1
[ "$(token --offline)" = "$printed" ] || fail "the seller's token is gone"
windows reg add "$open_key" /ve /d '"C:\another\hotmart-connect.exe" "%1"' /f >/dev/null
# Of an account that no settings name any more, only the credential store itself tells. (Wine's breaks when another
# program writes to it while it lists its entries; here there is none.)
echo '{"version":1,"accounts":[]}' >"$settings"
windows "$there/uninstall.exe" /S /EVERYTHING
wait_until_gone "$there"
wineserver -w
files="$(find "$WINEPREFIX/drive_c" -iname '*hotmart*')"
[ -z "$files" ] || fail "files stay: $files"
# The other copy's entry was this user's, and is gone with everything.
entries="$(grep -i 'hotmart' "$WINEPREFIX"/*.reg || true)"
[ -z "$entries" ] || fail "the registry holds: $entries"
echo "The installer for Windows installs, replaces and removes, and leaves nothing."
