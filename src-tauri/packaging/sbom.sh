#!/usr/bin/env bash
# Writes down what the programs are made of (CycloneDX 1.5): sbom.sh OUTPUT_FOLDER
set -euo pipefail
mkdir -p "$1"
output="$(realpath "$1")"
cd "$(dirname "$0")/../.."
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
name=hotmart-connect.cdx
cargo cyclonedx --quiet --manifest-path src-tauri/Cargo.toml --format json --spec-version 1.5 --target all \
    --override-filename "$name"
# It writes one for each crate of the workspace; the program's has all of them in it.
mv "src-tauri/$name.json" "$output/hotmart-connect_$(src-tauri/packaging/version.sh).cdx.json"
find src-tauri tests -name "$name.json" -not -path '*/target/*' -delete
