#!/usr/bin/env bash
# Runs a program inside a Linux desktop of its own, with a keyring that is unlocked: inside_a_desktop.sh PROGRAM ARGUMENTS…
set -euo pipefail
export RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
mkdir -m 700 "$home/run"
env HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_CONFIG_HOME="$home/.config" XDG_DATA_HOME="$home/.local/share" \
    xvfb-run --auto-servernum dbus-run-session -- bash -c '
        echo password | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
        openbox &
        "$@"
        code=$?
        kill %1
        exit $code' inside "$@"
