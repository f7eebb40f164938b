#!/usr/bin/env bash
# Installs the system packages that building needs; with --tests what testing needs too,
# with --bench what measuring needs, with --packages what packing and clean systems need,
# with --windows what building for Windows and Wine need, with --rust a compiler and the source of its
# standard library.
# Debian/Ubuntu, Fedora and Arch. Quick and silent when all of them are there.
set -euo pipefail

purpose="${1:-}"

debian_build=(build-essential pkg-config libwebkit2gtk-4.1-dev libgtk-3-dev xdg-utils desktop-file-utils)
debian_tests=(webkit2gtk-driver xvfb dbus dbus-x11 gnome-keyring libsecret-tools openbox xdotool wmctrl xclip
    imagemagick libglib2.0-bin procps chromium chromium-driver fonts-dejavu-core nodejs npm curl faketime
    util-linux python3 python3-venv at-spi2-core minisign)

debian_bench=(hyperfine gh nginx-light wrk)

debian_packages=(dpkg-dev rpm binutils debootstrap lintian appstream desktop-file-utils minisign python3-yaml)

fedora_build=(gcc make pkgconf-pkg-config webkit2gtk4.1-devel gtk3-devel xdg-utils desktop-file-utils)
fedora_tests=(gcc-c++ /usr/bin/WebKitWebDriver xorg-x11-server-Xvfb dbus-daemon gnome-keyring libsecret openbox xdotool wmctrl
    xclip ImageMagick glib2 procps-ng chromium chromedriver dejavu-sans-fonts nodejs npm curl libfaketime util-linux
    python3 at-spi2-core minisign)

fedora_bench=(hyperfine gh nginx wrk)

debian_windows=(gcc-mingw-w64-x86-64 nasm nsis wine wine64)

debian_rust=(rustc-web cargo-web rust-web-src rust-web-clippy)

fedora_rust=(rust cargo clippy rust-src)

fedora_packages=(rpm-build binutils debootstrap appstream desktop-file-utils minisign python3-pyyaml)

arch_build=(base-devel webkit2gtk-4.1 gtk3 xdg-utils desktop-file-utils)
arch_tests=(xorg-server-xvfb dbus gnome-keyring libsecret openbox xdotool wmctrl xclip imagemagick glib2 procps-ng
    chromium ttf-dejavu nodejs npm curl libfaketime util-linux python at-spi2-core minisign)

arch_bench=(hyperfine github-cli nginx wrk)

fedora_windows=(mingw64-gcc nasm mingw32-nsis wine)

arch_rust=(rust rust-src)

arch_packages=(dpkg rpm-tools binutils debootstrap appstream desktop-file-utils minisign python-yaml)

arch_windows=(mingw-w64-gcc nasm wine)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Node often comes from somewhere else than the system's packages.
without_what_is_already_there() {
    for package in "$@"; do
        case "$package" in
            nodejs | npm) command -v "${package/nodejs/node}" >/dev/null && continue ;;
        esac
        echo "$package"
    done
}

install_debian() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    echo "Installing: ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

install_fedora() {
    local missing=()
    for package in "$@"; do
        rpm -q --whatprovides "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    as_root dnf install -y "${missing[@]}"
}

install_arch() {
    as_root pacman -Sy --needed --noconfirm "$@"
}

# Ubuntu's Chromium is a snap, which a private test desktop cannot start;
# browser.sh brings another one, and this is what that needs.
on_ubuntu_without_a_snap() {
    for package in "$@"; do
        case "$package" in
            chromium) printf '%s\n' libnss3 libgbm1 ;;
            chromium-driver) ;;
            *) echo "$package" ;;
        esac
    done
}

choose() {
    local -n build="$1_build" tests="$1_tests" bench="$1_bench" packages="$1_packages" windows="$1_windows" rust="$1_rust"
    local wanted=("${build[@]}")
    [ "$purpose" = "--tests" ] && wanted+=("${tests[@]}")
    [ "$purpose" = "--bench" ] && wanted+=("${bench[@]}")
    [ "$purpose" = "--packages" ] && wanted+=("${packages[@]}")
    [ "$purpose" = "--windows" ] && wanted+=("${windows[@]}")
    [ "$purpose" = "--rust" ] && wanted+=("${rust[@]}")
    mapfile -t wanted < <(without_what_is_already_there "${wanted[@]}")
    if grep -qs '^ID=ubuntu' /etc/os-release; then
        mapfile -t wanted < <(on_ubuntu_without_a_snap "${wanted[@]}")
    fi
    "install_$1" "${wanted[@]}"
}

if command -v apt-get >/dev/null; then
    choose debian
elif command -v dnf >/dev/null; then
    choose fedora
elif command -v pacman >/dev/null; then
    choose arch
else
    echo "This is neither Debian/Ubuntu, Fedora nor Arch. Install by hand: ${debian_build[*]} ${debian_tests[*]}" >&2
    exit 1
fi
