#!/usr/bin/env bash
# Puts what a Linux package holds into a folder, as it is to lie on the system:
#   stage.sh desktop|command-line PROGRAMS TREE
# PROGRAMS is the folder of the release build. Also for distributions: TREE may be a DESTDIR.
set -euo pipefail
umask 022
mkdir -p "$3"
what="$1" programs="$(realpath "$2")" tree="$(realpath "$3")"
cd "$(dirname "$0")/.."

put() { # MODE SOURCE DESTINATION
    install -D -m "$1" "$2" "$tree/usr/$3"
}
put_compressed() { # SOURCE DESTINATION
    mkdir -p "$tree/usr/$(dirname "$2")"
    gzip -9nc "$1" >"$tree/usr/$2.gz"
    chmod 644 "$tree/usr/$2.gz"
}
folder_of() { # LANGUAGE, as manuals name it
    case "$1" in en) echo share/man/man1 ;; pt-BR) echo share/man/pt_BR/man1 ;; *) echo "share/man/$1/man1" ;; esac
}

put 755 "$programs/hotmart-token" bin/hotmart-token
generated=crates/command_line/generated
for language in en pt-BR es; do
    for manual in "$generated/man/$language"/*.1; do
        put_compressed "$manual" "$(folder_of "$language")/$(basename "$manual")"
    done
done
put 644 "$generated/completions/hotmart-token.bash" share/bash-completion/completions/hotmart-token
put 644 "$generated/completions/hotmart-token.fish" share/fish/vendor_completions.d/hotmart-token.fish
put 644 "$generated/completions/_hotmart-token" share/zsh/vendor-completions/_hotmart-token
[ "$what" = desktop ] || exit 0

put 755 "$programs/hotmart-connect" bin/hotmart-connect
put 755 "$programs/hotmart-connect-tray" bin/hotmart-connect-tray
put_compressed linux/man/hotmart-connect.1 "$(folder_of en)/hotmart-connect.1"
put_compressed linux/man/hotmart-connect.pt_BR.1 "$(folder_of pt-BR)/hotmart-connect.1"
put_compressed linux/man/hotmart-connect.es.1 "$(folder_of es)/hotmart-connect.1"
for language in en pt-BR es; do
    ln -sf hotmart-connect.1.gz "$tree/usr/$(folder_of "$language")/hotmart-connect-tray.1.gz"
done
put 644 linux/app.hotmart-connect.desktop share/applications/app.hotmart-connect.desktop
icons=share/icons/hicolor
put 644 ../icons/32x32.png "$icons/32x32/apps/app.hotmart-connect.png"
put 644 ../icons/64x64.png "$icons/64x64/apps/app.hotmart-connect.png"
put 644 ../icons/128x128.png "$icons/128x128/apps/app.hotmart-connect.png"
put 644 ../icons/128x128@2x.png "$icons/256x256/apps/app.hotmart-connect.png"
put 644 ../icons/icon.svg "$icons/scalable/apps/app.hotmart-connect.svg"
version="$(packaging/version.sh)"
day="$(date -u -d "@${SOURCE_DATE_EPOCH:?}" +%F)"
metainfo="$(mktemp)"
sed "s/@VERSION@/$version/; s/@DATE@/$day/" linux/app.hotmart-connect.metainfo.xml >"$metainfo"
put 644 "$metainfo" share/metainfo/app.hotmart-connect.metainfo.xml
rm "$metainfo"
