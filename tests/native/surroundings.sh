# Sourced by what runs a program against Practice Hotmart: that is started from $practice, and ends with the script;
# settings are in a folder of their own, $work.
work="$(mktemp -d)"
export HOTMART_CONNECT_STAND_IN=http://127.0.0.1:4799/
HOTMART_CONNECT_HOME="$work/home"
mkdir "$HOTMART_CONNECT_HOME"
# A program of Windows reads paths as they are written there.
if command -v cygpath >/dev/null; then HOTMART_CONNECT_HOME="$(cygpath -w "$HOTMART_CONNECT_HOME")"; fi
export HOTMART_CONNECT_HOME
"$practice" >"$work/practice.log" 2>&1 &
started=($!)
end() {
    kill "${started[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    # Windows keeps a file for as long as a program that ends has it open.
    rm -rf "$work" || true
}
trap end EXIT

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }
wait_until() { # WHAT COMMAND…: for at most a minute
    local what="$1" count
    shift
    for count in $(seq 600); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    fail "waited in vain, $((count / 10)) s: $what"
}
wait_until "Practice Hotmart listens" grep 'Ctrl+C' "$work/practice.log"
