#!/usr/bin/env bash
# Says the program's version, or gives it another in every place that has one: version.sh [X.Y.Z]
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ $# = 0 ]; then
    exec sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' Cargo.toml
fi
version="${1:?which version, such as 1.2.0?}"
if ! [[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-rc\.[0-9]+)?$ ]]; then
    echo "$version is no version: 1.2.0, or 1.2.0-rc.1 for a candidate" >&2
    exit 1
fi
if grep --quiet --line-regexp "## $version" CHANGELOG.md; then
    echo "CHANGELOG.md has $version already" >&2
    exit 1
fi
# The one place that is written by hand; everything else asks cargo.
sed -i "/^\[workspace.package\]/,/^\[/ s/^version = \".*\"/version = \"$version\"/" Cargo.toml
cargo update --workspace --offline --quiet
# What was unreleased belongs to it.
sed -i "s/^## Unreleased$/## Unreleased\n\n## $version/" CHANGELOG.md
git --no-pager diff --stat
