#!/bin/bash
# run.sh STORY [OPTION...] - `vencejo sim run` of the short form of a story, with
# these options too. Exits with 77 if it needs traces that are not there.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
story=${1:?which story}
shift

file=$here/../../scenarios/$story.yaml
mapfile -t settings < <(sed -n "s/^$story  *//p" "$here/short.list")
if ((${#settings[@]} == 0)); then
    echo "$story is not in $here/short.list" >&2
    exit 1
fi
if grep -qF "\$VENCEJO_TRACES/" "$file" && [[ -z ${VENCEJO_TRACES:-} ]]; then
    echo "skipped $story: VENCEJO_TRACES names no folder of traces" >&2
    exit 77
fi
options=()
for setting in "${settings[@]}"; do
    [[ $setting == - ]] || options+=(--set "$setting")
done
exec vencejo sim run "$file" "${options[@]}" "$@"
