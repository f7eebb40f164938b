#!/usr/bin/env bash
# Fills the manifests for winget, Homebrew, the AUR and Flathub for one version:
#   manifests.sh VERSION PACKAGES REPOSITORY OUTPUT_FOLDER
# PACKAGES is the folder of the packages and REPOSITORY the address of the repository, such as
# https://github.com/OWNER/NAME. A manifest whose packages are not there is left out, and that is said.
set -euo pipefail
version="$1" packages="$(realpath "$2")" repository="${3%/}"
mkdir -p "$4"
output="$(realpath "$4")"
cd "$(dirname "$0")/manifests"
# https://github.com/OWNER/NAME is io.github.OWNER.NAME, in the letters that an identifier may have.
IFS=/ read -r owner name <<<"${repository#https://*/}"
flatpak_id="io.github.$(tr -c 'A-Za-z0-9\n' _ <<<"$owner").$(tr -c 'A-Za-z0-9\n' _ <<<"$name")"

for folder in *; do
    rm -rf "${output:?}/$folder"
    cp -R "$folder" "$output/$folder"
    for manifest in "$output/$folder"/*; do
        sed -i "s|@VERSION@|$version|g; s|@RELEASES@|$repository/releases|g; s|@REPOSITORY@|$repository|g; s|@FLATPAK_ID@|$flatpak_id|g" "$manifest"
        while read -r mark; do
            package="${mark#@SHA256 }" package="${package%@}"
            if ! [ -f "$packages/$package" ]; then
                echo "$folder: there is no $package" >&2
                rm -rf "${output:?}/$folder"
                continue 3
            fi
            sum="$(sha256sum "$packages/$package")"
            sed -i "s|$mark|${sum%% *}|" "$manifest"
        done < <(grep -o '@SHA256 [^@]*@' "$manifest" || true)
    done
done
if [ -d "$output/flathub" ]; then mv "$output/flathub/manifest.yml" "$output/flathub/$flatpak_id.yml"; fi
