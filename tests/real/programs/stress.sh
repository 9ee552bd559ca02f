#!/bin/bash
# stress.sh BUILD_FOLDER [PROCESSES [SECONDS]] - so many processes (20, for 20 s)
# that move at random times among three nodes: each must end as it does at home,
# and nothing may be left behind. Exits with 77 where nodes cannot be made.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source-path=SCRIPTDIR
source "$here/nodes.sh"
enter_namespaces "$0" "$@"

BUILD=$(realpath "${1:?which build folder}")
readonly BUILD HOMENODE=$BUILD/bin/homenode TORTURE=$BUILD/bin/torture
readonly PROCESSES=${2:-20} SECONDS_LONG=${3:-20}
# Name and length in tenths of a second. Most wait, as most processes do: two
# processors cannot move 200 that compute.
readonly TRIALS=('heap 2' 'masked 2' 'clocks 2' 'messages 2' 'identity 2' 'rounding 2'
    'code 2' 'storm 2' 'fork 2' 'stacks 2')
readonly WAITS=('nanosleep 120' 'clock_nanosleep 120' 'wait 100' 'blocked 1')
SERVE_PIDS=()
mkdir -p "$BUILD/programs"
SCRATCH=$(mktemp -d "$BUILD/programs/stress.XXXXXX")
trap 'kill "${SERVE_PIDS[@]}" 2>/dev/null; wait "${SERVE_PIDS[@]}" 2>/dev/null; end_cgroups; rm -rf "$SCRATCH"' EXIT

# Each is in a folder of its own, which one trial prints.
anywhere() {
    sed "s|$SCRATCH/[^ ]*|.|"
}

# What each trial prints, alone and at home.
expected() {
    local trial made=()
    for trial in "${TRIALS[@]}" "${WAITS[@]}"; do
        mkdir "$SCRATCH/expected.${trial% *}"
        (
            cd "$SCRATCH/expected.${trial% *}"
            # shellcheck disable=SC2086 # Two words.
            "$TORTURE" $trial 8 | anywhere >"$SCRATCH/expected.${trial% *}.out"
        ) &
        made+=($!)
    done
    wait "${made[@]}"
}

# one INDEX: trial after trial until the time is over; RANDOM has a seed of its
# own, so it bounces at its own pace: all together some 20 times a second.
one() {
    local index=$1 until=$2 round=0 trial every status
    RANDOM=$index
    mkdir "$SCRATCH/$index"
    cd "$SCRATCH/$index"
    while ((EPOCHSECONDS < until)); do
        trial=${WAITS[RANDOM % ${#WAITS[@]}]}
        ((RANDOM % 4)) || trial=${TRIALS[RANDOM % ${#TRIALS[@]}]}
        every=$((PROCESSES * 10 + RANDOM % (PROCESSES * 100)))
        round=$((round + 1))
        status=0
        # shellcheck disable=SC2086 # Two words.
        "$HOMENODE" run --host "${HOST_ADDRESSES[index % 2]}:$NODE_PORT" \
            --host "${HOST_ADDRESSES[(index + 1) % 2]}:$NODE_PORT" --every "$every" \
            --report "$round.json" -- "$TORTURE" $trial 8 2>err | anywhere >out || status=$?
        if ((status != 0)) || ! cmp -s out "$SCRATCH/expected.${trial% *}.out"; then
            echo "process $index, round $round: $trial every $every ms: exit $status"
            diff "$SCRATCH/expected.${trial% *}.out" out | head -n 5
            head -n 5 err
        fi
    done
    echo "$round" >rounds
}

resident_kib() {
    local pid
    for pid in "${SERVE_PIDS[@]}"; do
        awk '/^VmRSS/ {print $2}' "/proc/$pid/status"
    done | paste -sd ' '
}

make_network
start_hosts "$HOMENODE"
expected
before=$(count_things)
memory_before=$(resident_kib)
workers=()
for ((i = 0; i < PROCESSES; i++)); do
    one "$i" "$((EPOCHSECONDS + SECONDS_LONG))" >"$SCRATCH/said.$i" 2>&1 &
    workers+=($!)
done
failed=0
for worker in "${workers[@]}"; do
    wait "$worker" || failed=1
done
moves=$(cat "$SCRATCH"/[0-9]*/*.json | grep -oE '"moves": *[0-9]+' | awk -F: '{s += $2} END {print s + 0}')
refused=$(cat "$SCRATCH"/[0-9]*/*.json | grep -oE '"refused": *[0-9]+' | awk -F: '{s += $2} END {print s + 0}')
rounds=$(cat "$SCRATCH"/[0-9]*/rounds | awk '{s += $1} END {print s + 0}')
echo "$PROCESSES at a time, $rounds processes in all, $moves moves, $refused not done"
cat "$SCRATCH"/[0-9]*/*.json | tr -d '\n' | grep -oE '"reasons": *\[[^]]+' | grep -oE '"[^"]{12,}"' |
    sed 's/process [0-9]*//' | sort | uniq -c | sort -rn | head -n 8
echo "memory of the daemons in KiB, before and after: $memory_before; $(resident_kib)"
if [[ -n $(cat "$SCRATCH"/said.*) ]]; then
    cat "$SCRATCH"/said.*
    failed=1
fi
if ! leftovers "$before"; then
    echo 'something was left behind'
    failed=1
fi
((moves > 0)) || failed=1
exit "$failed"
