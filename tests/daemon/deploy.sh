#!/bin/bash
# deploy.sh - docs/deploy.md does what it says: its commands and files, as they
# stand there, on three nodes that are networks of their own, each with its own
# /etc, /var/lib, /run and /root. One is killed, and the others say so; and a
# program goes to another and home again.
set -euo pipefail
: "${BIN:?}" "${SOURCE:?}"
# shellcheck source=../real/programs/nodes.sh
. "$SOURCE/tests/real/programs/nodes.sh"
enter_namespaces "$0" "$@"

readonly PAGE=$SOURCE/docs/deploy.md PATIENCE_S=30
export PATH=$BIN:$PATH NO_COLOR=1
SCRATCH=$(mktemp -d)
JOBS=()
trap 'rm -rf "$SCRATCH"' EXIT

fail() {
    echo "deploy.sh: $*" >&2
    cat "$SCRATCH"/*.err >&2
    exit 1
}

# block KIND NUMBER: what that block of the page holds, prompts taken off.
block() {
    awk -v kind="\`\`\`$1" -v wanted="$2" '
        $0 == kind {inside = ++count == wanted; next}
        /^```/ {inside = 0}
        inside {sub(/^\$ /, ""); print}' "$PAGE"
}

# Node 0 is the script's own network.
on() {
    local index=$1
    shift
    if ((index == 0)); then "$@"; else on_host $((index - 1)) "$@"; fi
}

# Folders of its own: /etc is a copy.
make_machine() {
    on "$1" sh -ec "
        mkdir '$SCRATCH/etc$1'
        cp -a /etc/. '$SCRATCH/etc$1'
        mount --bind '$SCRATCH/etc$1' /etc
        mkdir /etc/vencejo
        for folder in /var/lib /run /root; do mount -t tmpfs none \$folder; done"
}

key_of() { awk '$1 == "key" {print $2}' "$1"; }

start_daemon() {
    on "$1" sh -ec "echo \$\$ >'$SCRATCH/pid$1'
        $(block console 4 | sed 's/^vencejod$/exec vencejod/')" \
        2>"$SCRATCH/daemon$1.err" &
    JOBS[$1]=$!
}

# until_nodes INDEX AWK: what `nodes` says there makes the condition true.
until_nodes() {
    local end=$((SECONDS + PATIENCE_S))
    until on "$1" sh -c "$(block console 5)" 2>/dev/null >"$SCRATCH/nodes" &&
        awk -F '\t' "$2" "$SCRATCH/nodes"; do
        ((SECONDS < end)) || fail "node $1 does not say so: $2
$(cat "$SCRATCH/nodes")"
        sleep 0.2
    done
}

make_network
for i in 0 1 2; do make_machine "$i"; done

on 0 sh -ec "$(block console 1)" >"$SCRATCH/administrator"
administrator=$(key_of "$SCRATCH/administrator")
list=$(block yaml 1 | sed "s/ADMINISTRATOR_KEY/$administrator/")
for i in 0 1 2; do
    on "$i" sh -ec "$(block console 2)" >"$SCRATCH/key$i"
    list=${list/KEY_OF_PC$((i + 1))/$(key_of "$SCRATCH/key$i")}
done

cd "$SCRATCH"
echo "$list" >members.yaml
on 0 sh -ec "$(block console 3 | sed "s/ADMINISTRATOR_KEY/$administrator/")" >shown
for i in 0 1 2; do
    grep -q "$(awk '$1 == "fingerprint" {print $2}' "key$i")" shown ||
        fail "the fingerprint of node $i is not in the list"
    on "$i" cp "$SCRATCH/roster.yaml" /etc/vencejo/roster.yaml
    block yaml 2 | sed "s/ADMINISTRATOR_KEY/$administrator/; s/pc1/pc$((i + 1))/" |
        on "$i" tee /etc/vencejo/vencejod.yaml >/dev/null
    start_daemon "$i"
done

for i in 0 1 2; do
    until_nodes "$i" 'NR > 1 && $3 == "up" && $7 > 0 {n++} END {exit n != 3}'
done
cat "$SCRATCH/nodes"
kill -9 "$(cat pid2)"
until_nodes 0 'NR > 1 && $2 == "pc3" && $3 == "dead" {n++} END {exit n != 1}'
until_nodes 1 'NR > 1 && $3 == "up" {n++} END {exit n != 2}'
start_daemon 2
until_nodes 0 'NR > 1 && $3 == "up" {n++} END {exit n != 3}'

# until_ps INDEX AWK: what `ps` says there makes the condition true.
until_ps() {
    local end=$((SECONDS + PATIENCE_S))
    until on "$1" sh -c "$(block console 7)" 2>/dev/null >"$SCRATCH/ps" &&
        awk -F '\t' "$2" "$SCRATCH/ps"; do
        ((SECONDS < end)) || fail "node $1 does not say so: $2
$(cat "$SCRATCH/ps")"
        sleep 0.1
    done
}

on 0 sh -c "$(block console 6)" >printed &
program=$!
until_ps 0 'NR == 2 {n++} END {exit n != 1}'
number=$(awk -F '\t' 'NR == 2 {print $1}' ps)
on 0 sh -c "$(block console 8 | sed -n "s/PID/$number/; 1p")"
until_ps 1 'NR == 2 {n++} END {exit n != 1}'
cat ps
on 0 sh -c "$(block console 8 | sed -n "s/PID/$number/; 2p")"
until_ps 1 'END {exit NR > 1}'
wait "$program" || fail "what was run did not end well"
[[ $(cat printed) == 300000000 ]] || fail "it printed $(cat printed)"
for i in 0 1 2; do kill "$(cat "pid$i")"; done
for i in 0 1 2; do wait "${JOBS[i]}" || fail "node $i did not end well"; done
echo 'three nodes, as the page says'
