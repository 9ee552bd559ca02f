#!/bin/bash
# golden.sh BUILD_FOLDER [--write] - the short form of each story has the metrics
# that golden/ says, byte for byte, and breaks no invariant. Who changes what a
# run gives, and means to, writes them anew: tests/stories/golden.sh
# build/release --write, and commits them together with the change.
set -euo pipefail
bin=$(realpath "$1/bin")
export PATH=$bin:$PATH LC_ALL=C
write=${2:-}
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

# The commit is another every time.
metrics() {
    ./run.sh "$1" --check-invariants --json >"$scratch/whole" || return
    grep -v '^  "commit": ' "$scratch/whole" >"$scratch/$1.json"
}

compare() {
    local story=$1 failed=0
    metrics "$story" || failed=$?
    if ((failed == 77)); then
        return
    elif ((failed)); then
        echo "$story: exit $failed" >&2
        status=1
    elif [[ $write == --write ]]; then
        cp "$scratch/$story.json" "golden/$story.json"
    else
        diff -u "golden/$story.json" "$scratch/$story.json" >&2 || status=1
    fi
}

while read -r story; do
    compare "$story"
done < <(awk '!/^#/ && !seen[$1]++ {print $1}' short.list)
exit "$status"
