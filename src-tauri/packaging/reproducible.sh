# Sourced by what builds for release: no path of this machine in what is built into $target.
#   root and target are set; flags for one system alone may stand in system_flags
cargo_home="${CARGO_HOME:-$HOME/.cargo}"
# The last that fits counts.
maps=("$root=/source" "$cargo_home=/cargo" "$(rustc --print sysroot)=/rust" "$target=/build")
# An empty list is none to the shell of a Mac.
flags=(${system_flags[@]+"${system_flags[@]}"}) c_flags=()
for map in "${maps[@]}"; do
    flags+=("--remap-path-prefix=$map")
    c_flags+=("-ffile-prefix-map=$map")
done
# Between flags stands a unit separator, so that a path may have spaces.
CARGO_ENCODED_RUSTFLAGS="$(IFS=$'\x1f'; echo "${flags[*]}")"
export CARGO_ENCODED_RUSTFLAGS CFLAGS="${CFLAGS:-} ${c_flags[*]}"

has_no_path_of_this_machine() { # PROGRAM
    local path
    for path in "$root" "$cargo_home" "$target"; do
        if grep --text --quiet --fixed-strings "$path/" "$1"; then
            echo "$1 holds a path of this machine: $path" >&2
            return 1
        fi
    done
}
