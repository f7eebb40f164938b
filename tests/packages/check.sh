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
appstreamcli validate --no-net --pedantic "$tree/usr/share/metainfo/app.hotmart-connect.metainfo.xml" || appstreamcli validate --no-net "$tree/usr/share/metainfo/app.hotmart-connect.metainfo.xml"
for package in "$packages"/*.rpm; do
    rpm -qp --requires "$package" | grep -q 'libc.so.6' || { echo "$package needs no libc?" >&2; exit 1; }
    rpm -qpd "$package" | grep -q '/man1/hotmart-token.1' || { echo "$package has no manual" >&2; exit 1; }
done
echo "lintian, desktop-file-validate and appstreamcli have nothing to say against it."
