#!/usr/bin/env bash
# Installs the packages on a system that has nothing, and lives through a seller's year there:
#   clean_system.sh bookworm|trixie PACKAGES
# The bare system is kept in target/clean for the next time. Needs root and debootstrap.
set -euo pipefail
system="$1" packages="$(realpath "$2")"
if [ "$(id -u)" != 0 ]; then exec sudo --preserve-env=PATH "$0" "$@"; fi
# What is mounted below is seen by nobody else.
if [ -z "${OWN_MOUNTS:-}" ]; then OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"; fi

cd "$(dirname "$0")/../.."
mirror="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
bare="target/clean/$system-bare" root="target/clean/$system"
mkdir -p target/clean
if [ ! -f "$bare/.complete" ]; then
    rm -rf "$bare"
    debootstrap --variant=minbase "$system" "$bare" "$mirror" >"target/clean/$system.log" 2>&1 ||
        { tail -n 20 "target/clean/$system.log" >&2; exit 1; }
    touch "$bare/.complete"
fi

leave() {
    for mounted in dev/pts dev proc; do umount -l "$root/$mounted" 2>/dev/null || true; done
}
trap leave EXIT
leave
rm -rf --one-file-system "$root"
cp -a "$bare" "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/packages"
cp "$packages"/*.deb "$root/packages/"

# The version after this one: the same programs under a higher number.
next="$(mktemp -d)"
dpkg-deb -R "$root"/packages/hotmart-connect_*.deb "$next/tree"
sed -i 's/^Version: .*/&.1/; s/^Provides: hotmart-token (= \(.*\))/Provides: hotmart-token (= \1.1)/' "$next/tree/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -b "$next/tree" "$root/packages/next.deb" >/dev/null
rm -rf "$next"

mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t devpts devpts "$root/dev/pts" 2>/dev/null || mount --bind /dev/pts "$root/dev/pts"
install -m 755 tests/packages/inside.sh tests/packages/seller.sh "$root/usr/local/bin/"
chroot "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes inside.sh
echo "$system: installed, used, replaced, removed, and nothing is left."
