#!/bin/sh
# check_model.sh MODEL holds|caught safety|liveness [-DNAME[=VALUE]...]
# Runs spin on MODEL.pml beside this script. "holds" expects no error,
# "caught" expects one. pan's exit code is no verdict; the line that it prints
# is.
set -eu
model=$(cd "$(dirname "$0")" && pwd)/$1.pml
expected=$2
part=$3
shift 3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

case $part in
safety)
    compile=-DSAFETY
    search=-E
    ;;
liveness)
    compile=-DNOREDUCE
    search=-a
    set -- -DLIVENESS "$@"
    ;;
*)
    echo "check_model.sh: no part '$part'" >&2
    exit 2
    ;;
esac

# What is caught is found soon: compiling is the longer part.
optimize=-O2
[ "$expected" = holds ] || optimize=-O1

spin "$@" -a "$model"
gcc -w "$optimize" "$compile" -DMEMLIM=2000 -o pan pan.c
./pan "$search" -m10000 -w22 >report
cat report
# A search that stopped early proves nothing.
case $expected in
holds)
    if grep -q 'Search not completed\|max search depth too small' report; then
        exit 1
    fi
    grep -q 'errors: 0$' report
    ;;
caught) grep -q 'errors: [1-9]' report ;;
*) exit 2 ;;
esac
