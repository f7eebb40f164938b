#!/usr/bin/env bash
# The archiver that goes with cc.sh.
exec "${ZIG:?}" ar "$@"
