#!/usr/bin/env bash
# Runs as root on the clean system: see clean_system.sh.
set -euo pipefail
cd /packages

says() { echo "== $*"; }
fails() { echo "FAILED: $*" >&2; exit 1; }
installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep 'ok installed' >/dev/null; }
bia() { runuser -u bia -- env -C /home/bia HOME=/home/bia "$@"; }
# Programs of this system that are no test's own; another system's have another root.
of_bia() { pgrep -u bia -f "$1" >/dev/null; }

# Nothing starts by itself while packages are installed; documents and manuals are kept.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
apt-get update -qq
useradd -m -s /bin/bash bia

says "the command-line program alone, as on a server"
apt-get install -y -qq --no-install-recommends ./hotmart-token_*.deb >/dev/null
! dpkg -l | grep 'libwebkit\|libgtk-3' >/dev/null || fails "a server got a webview"
[ "$(bia hotmart-token --version)" = "hotmart-token $(dpkg-query -W -f '${Version}' hotmart-token | sed 's/-.*//')" ]
code=0; bia hotmart-token 2>/dev/null || code=$?
[ "$code" = 3 ] || fails "hotmart-token ended with $code before it was set up"

says "the desktop program takes its place"
apt-get install -y -qq --no-install-recommends ./hotmart-connect_*.deb >/dev/null
installed hotmart-connect || fails "not installed"
! installed hotmart-token || fails "both packages are installed"
for program in hotmart-connect hotmart-connect-tray hotmart-token; do
    missing="$(ldd "/usr/bin/$program" | grep 'not found' || true)"
    [ -z "$missing" ] || fails "$program lacks $missing"
done

says "manuals in three languages, completions, entry and icon"
apt-get install -y -qq --no-install-recommends man-db bash-completion xvfb dbus dbus-x11 gnome-keyring libsecret-tools \
    curl procps libglib2.0-bin openbox xdotool >/dev/null
for language in C.UTF-8 pt_BR es; do
    for page in hotmart-connect hotmart-connect-tray hotmart-token hotmart-token-forget; do
        file="$(man -L "$language" -w "$page")" || fails "no manual $page in $language"
        case "$language:$file" in C.UTF-8:*/man/man1/* | pt_BR:*/pt_BR/* | es:*/es/*) ;; *) fails "$page in $language is $file" ;; esac
        man -l "$file" >/dev/null || fails "$file cannot be read"
    done
done
bash -c '. /usr/share/bash-completion/completions/hotmart-token && complete -p hotmart-token' >/dev/null
for file in applications/app.hotmart-connect.desktop icons/hicolor/128x128/apps/app.hotmart-connect.png \
    icons/hicolor/scalable/apps/app.hotmart-connect.svg metainfo/app.hotmart-connect.metainfo.xml; do
    [ -f "/usr/share/$file" ] || fails "no $file"
done
[ "$(bia xdg-mime query default x-scheme-handler/app.hotmart-connect)" = app.hotmart-connect.desktop ] ||
    fails "links belong to somebody else"

says "a seller's day"
touch /before-the-seller
sleep 1
bia bash seller.sh &
seller=$!
while kill -0 "$seller" 2>/dev/null; do
    if [ -e /home/bia/log/wants-replacement ] && [ ! -e /home/bia/log/replaced ]; then
        apt-get install -y -qq ./next.deb >/dev/null || fails "the newer version was not installed"
        bia touch /home/bia/log/replaced
    fi
    sleep 0.2
done
wait "$seller" || { bia sh -c 'cat ~/log/* ~/.local/share/app.hotmart-connect/logs/*' 2>/dev/null | tail -n 60; fails "see above"; }

says "an older version does not come back by accident"
code=0; apt-get install -y -qq ./hotmart-connect_*.deb >/dev/null 2>&1 || code=$?
dpkg-query -W -f '${Version}' hotmart-connect | grep '\.1$' >/dev/null || fails "it was replaced by an older one (apt: $code)"
apt-get install -y -qq --allow-downgrades ./hotmart-connect_*.deb >/dev/null
bia hotmart-token status >/dev/null || fails "the older version cannot live with what is there"

says "remove and purge, and look for what is left"
apt-get purge -y -qq hotmart-connect >/dev/null
left="$(find / -xdev \( -path /packages -o -path /proc -o -path /sys -o -path /var/log -o -path /var/lib/dpkg -o -path /usr/local/bin \
    -o -path /home/bia/log -o -path /var/cache -o -path /tmp \) -prune -o -newer /before-the-seller -iname '*hotmart*' -print)"
named="$(find / -xdev \( -path /packages -o -path /proc -o -path /var/lib/dpkg \) -prune -o -iname '*hotmart*' -print | grep -v '^/var/log' || true)"
inside="$(grep -rIl --exclude-dir=log --exclude-dir=keyrings 'hotmart' /home/bia /etc /usr/share/applications /usr/share/icons /usr/share/man 2>/dev/null || true)"
[ -z "$left$named$inside" ] || fails "left behind: $left $named $inside"
dpkg -l | grep hotmart && fails "still known to dpkg"
exit 0
