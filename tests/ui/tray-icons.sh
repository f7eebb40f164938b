#!/usr/bin/env bash
# Draws the tray's icons from the one drawing: a dot says how the connection stands.
set -euo pipefail
cd "$(dirname "$0")/../../icons"

draw() {
    convert 64x64.png "${@:2}" -strip "PNG32:tray-$1.png"
}

draw connected
draw attention -fill '#ffffff' -draw 'circle 49,49 49,34' -fill '#c2410c' -draw 'circle 49,49 49,37'
draw idle -colorspace gray -channel A -evaluate multiply 0.75 +channel
