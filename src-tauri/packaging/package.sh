#!/usr/bin/env bash
# Makes the packages that this system can make, for Debian and Ubuntu and for Fedora:
#   package.sh TARGET_FOLDER   (the folder that build.sh built into)
# They are in TARGET_FOLDER/packages afterwards. The same programs give the same packages, byte for byte.
set -euo pipefail
umask 022
export LC_ALL=C
target="$(realpath "$1")"
cd "$(dirname "$0")/../.."
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
# Whoever releases packages says where to write to.
maintainer="${MAINTAINER:-Hotmart Connect contributors <nobody@hotmart-connect.invalid>}"
version="$(src-tauri/packaging/version.sh)"
revision=1
# A candidate comes before its version.
packaged_version="${version/-rc./~rc.}"
work="$target/staging" packages="$target/packages"
rm -rf "$work" "$packages"
mkdir -p "$work" "$packages"

summary() {
    case "$1" in
        hotmart-connect) echo "fresh Hotmart token for every tool on the computer" ;;
        hotmart-token) echo "fresh Hotmart token on the command line" ;;
    esac
}
description() {
    case "$1" in
        hotmart-connect)
            cat <<'T'
 For people who sell on Hotmart. Connect once in the window; from then on
 there is always a token that works, one click away for n8n, Make or a
 spreadsheet, and one command away for scripts. Tokens are kept in the
 keyring and renew themselves.
 .
 This is an independent program. It is not made or endorsed by Hotmart.
T
            ;;
        hotmart-token)
            cat <<'T'
 The command-line program of Hotmart Connect alone, for servers: it prints an
 access token that works, renewed first if it is about to end. Tokens are
 kept in a keyring. The package hotmart-connect contains it too.
 .
 This is an independent program. It is not made or endorsed by Hotmart.
T
            ;;
    esac
}

all_the_same_age() { find "$1" -print0 | xargs -0r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"; }

deb() { # PACKAGE
    local package="$1" tree="$work/deb/$1" architecture depends relations
    cp -a "$work/$package" "$tree"
    local documents="$tree/usr/share/doc/$package"
    mkdir -p "$documents" "$tree/DEBIAN" "$tree/usr/share/lintian/overrides"
    {
        printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Hotmart Connect\n\nFiles: *\n'
        printf 'Copyright: 2026 The Hotmart Connect authors\nLicense: Expat\n'
        sed -n '/^Permission/,$p' LICENSE | sed 's/^$/./; s/^/ /'
    } >"$documents/copyright"
    {
        printf '%s (%s-%s) unstable; urgency=medium\n\n  * What changed: see CHANGELOG.md in the sources.\n\n' "$package" "$packaged_version" "$revision"
        printf ' -- %s  %s\n' "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
    } | gzip -9n >"$documents/changelog.Debian.gz"
    sed -n "s/^$package: //p; /^#/p" src-tauri/linux/lintian-overrides >"$tree/usr/share/lintian/overrides/$package"
    mkdir -p "$work/shlibs/debian"
    printf 'Source: hotmart-connect\n\nPackage: hotmart-connect\nArchitecture: any\n' >"$work/shlibs/debian/control"
    depends="$(cd "$work/shlibs" && dpkg-shlibdeps -O "$tree"/usr/bin/* | sed 's/shlibs:Depends=//')"
    relations="Depends: $depends, ca-certificates"
    if [ "$package" = hotmart-connect ]; then
        # Without desktop-file-utils, xdg-open hands links of ours to the web browser.
        relations+=", desktop-file-utils, xdg-utils
Provides: hotmart-token (= $packaged_version-$revision)
Conflicts: hotmart-token
Replaces: hotmart-token"
    fi
    relations+="
Recommends: default-dbus-session-bus | dbus-session-bus, gnome-keyring | libpam-kwallet5 | keepassxc"
    architecture="$(dpkg --print-architecture)"
    {
        printf 'Package: %s\nVersion: %s-%s\nSection: utils\nPriority: optional\nArchitecture: %s\n' "$package" "$packaged_version" "$revision" "$architecture"
        printf 'Maintainer: %s\nInstalled-Size: %s\n%s\n' "$maintainer" "$(find "$tree/usr" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')" "$relations"
        printf 'Description: %s\n' "$(summary "$package")"
        description "$package"
    } >"$tree/DEBIAN/control"
    (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    chmod -R go-w "$tree"
    all_the_same_age "$tree"
    dpkg-deb --root-owner-group -Zxz --build "$tree" "$packages/${package}_$version-${revision}_$architecture.deb" >/dev/null
}

rpm_package() { # PACKAGE
    local package="$1" tree="$work/rpm/$1"
    mkdir -p "$work/rpm"
    cp -a "$work/$package" "$tree"
    mkdir -p "$tree/usr/share/zsh/site-functions"
    mv "$tree"/usr/share/zsh/vendor-completions/* "$tree/usr/share/zsh/site-functions/"
    rmdir "$tree/usr/share/zsh/vendor-completions"
    install -D -m 644 LICENSE "$tree/usr/share/licenses/$package/LICENSE"
    all_the_same_age "$tree"
    {
        printf 'Name: %s\nVersion: %s\nRelease: %s\nSummary: %s\nLicense: MIT\n' "$package" "$packaged_version" "$revision" "$(summary "$package")"
        printf 'Requires: ca-certificates\nRecommends: (gnome-keyring or kwalletd6 or keepassxc)\n'
        if [ "$package" = hotmart-connect ]; then
            printf 'Requires: desktop-file-utils, xdg-utils\nProvides: hotmart-token = %s-%s\nConflicts: hotmart-token\n' "$packaged_version" "$revision"
        fi
        printf '%%description\n%s\n' "$(description "$package" | sed 's/^ //; s/^\.$//')"
        printf '%%install\ncp -a "%s/." "%%{buildroot}/"\n%%files\n' "$tree"
        printf '%%dir "/usr/share/licenses/%s"\n' "$package"
        (cd "$tree" && find usr -type f -o -type l | sort) | while read -r file; do
            case "$file" in
                usr/share/man/*) printf '%%doc "/%s"\n' "$file" ;;
                usr/share/licenses/*) printf '%%license "/%s"\n' "$file" ;;
                *) printf '"/%s"\n' "$file" ;;
            esac
        done
        printf '%%changelog\n* %s %s - %s-%s\n- See CHANGELOG.md in the sources.\n' \
            "$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')" "$maintainer" "$packaged_version" "$revision"
    } >"$work/$package.spec"
    rpmbuild -bb --quiet --define "_topdir $work/rpmbuild" --define "_rpmdir $packages" \
        --define "_rpmfilename %{NAME}-$version-%{RELEASE}.%{ARCH}.rpm" --define "debug_package %{nil}" \
        --define "__os_install_post %{nil}" --define "_build_id_links none" --define "_buildhost localhost" \
        --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
        "$work/$package.spec"
}

src-tauri/packaging/stage.sh desktop "$target/release" "$work/hotmart-connect"
src-tauri/packaging/stage.sh command-line "$target/release" "$work/hotmart-token"
for package in hotmart-connect hotmart-token; do
    # Which libraries a program needs is known on systems that are made of such packages.
    if dpkg-query -W libc6 >/dev/null 2>&1 && command -v dpkg-shlibdeps >/dev/null; then mkdir -p "$work/deb" && deb "$package"; fi
    if command -v rpmbuild >/dev/null; then rpm_package "$package"; fi
done
cd "$packages"
[ -n "$(ls)" ] || { echo "Neither dpkg-deb nor rpmbuild is here." >&2; exit 1; }
sums="$(sha256sum -- *)"
printf '%s\n' "$sums" | tee SHA256SUMS
ls -l --time-style=+ .
