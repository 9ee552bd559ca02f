#!/bin/bash
# same.sh BUILD BUILD - two builds of one commit give the same bytes: tables of
# comparisons, whole journals, and whatever -j is.
set -euo pipefail
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

# results BUILD JOBS FOLDER
results() {
    local sim=$1/bin/vencejo-sim out=$3
    "$sim" compare scenarios/lisidi-lab.yaml --seeds 3 -j "$2" --json \
        --policies place_round_robin --policies gossip_window,balance_lifetime \
        --policies gossip_vector,usher_mosix,balance_mosix >"$out.compare"
    "$sim" compare scenarios/two-clusters.yaml --seeds 2 -j "$2" --json \
        --set workload.poisson.span='10 min' >"$out.clusters"
    "$sim" compare tests/simulation/owners.yaml --seeds 3 -j "$2" --json \
        --policies gossip_window,usher_mosix,place_best,balance_mosix \
        --policies gossip_vector,usher_mosix,balance_lifetime >"$out.owners"
    "$sim" run scenarios/sixteen.yaml --out "$out" --journal=full >"$out.run"
    zstd -dcq "$out/journal.tsv.zst" >"$out.journal"
    # Dozens of processes on a node.
    "$sim" run scenarios/two-clusters.yaml --out "$out" --journal=full \
        --set 'policies=[gossip_vector,usher_mosix,balance_mosix]' >"$out.full"
    zstd -dcq "$out/journal.tsv.zst" | sha256sum >"$out.sum"
}

results "$1" 1 "$scratch/one"
results "$1" 2 "$scratch/two"
results "$2" 2 "$scratch/other"
for kind in compare clusters owners run journal full sum; do
    for with in two other; do
        cmp "$scratch/one.$kind" "$scratch/$with.$kind" || status=1
    done
done
((status == 0)) && echo "$1 and $2, -j1 and -j2: $(cat "$scratch"/one.* | wc -c) bytes, all the same"
exit "$status"
