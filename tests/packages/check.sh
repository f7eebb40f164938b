#!/usr/bin/env bash
# What the checkers of distributions say of the packages: check.sh PACKAGES
set -euo pipefail
cd "$(dirname "$0")/../.."
packages="$1"
lintian --fail-on error,warning --tag-display-limit 0 "$packages"/*.deb
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
dpkg-deb -x "$packages"/hotmart-connect_*.deb "$tree"
desktop-file-validate "$tree/usr/share/applications/app.hotmart-connect.desktop"
# The name is the program's identifier, and ends in a word with a hyphen: it is in every keyring by now.
# Older checkers do not know the tag for the developer, which newer ones ask for.
explained='cid-desktopapp-is-not-rdns|cid-contains-hyphen|unknown-tag developer'
found="$(appstreamcli validate --no-net "$tree/usr/share/metainfo/app.hotmart-connect.metainfo.xml" | grep -E '^[EWI]:' | grep -vE "$explained" || true)"
[ -z "$found" ] || { echo "$found" >&2; exit 1; }
for package in "$packages"/*.rpm; do
    rpm -qp --requires "$package" | grep 'libc.so.6' >/dev/null || { echo "$package needs no libc?" >&2; exit 1; }
    rpm -qpd "$package" | grep '/man1/hotmart-token.1' >/dev/null || { echo "$package has no manual" >&2; exit 1; }
done
# There is no Fedora here: into a folder of its own, and out of it again.
fedora="$tree/fedora"
for package in hotmart-token hotmart-connect; do
    rpm --root "$fedora" --nodeps --install "$packages/$package"-[0-9]*.rpm
    [ -x "$fedora/usr/bin/hotmart-token" ] || { echo "$package installed no program" >&2; exit 1; }
    rpm --root "$fedora" --erase "$package"
    left="$(find "$fedora" -iname '*hotmart*' -not -path '*/lib/sysimage/*' -not -path '*/lib/rpm/*')"
    [ -z "$left" ] || { echo "$package leaves $left" >&2; exit 1; }
done
echo "lintian, desktop-file-validate and appstreamcli have nothing to say against it."
