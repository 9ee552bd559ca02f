# nodes.sh - three nodes on this machine: a home and two hosts, each a network of
# its own, joined by a bridge; each host has another name and sees none of the
# home's files under /mnt.
#
# All of it lives in namespaces of the script that sources this, the processes
# too: when it ends, however it does, the kernel takes everything away. What a
# run leaves behind while the script lives is what leftovers() finds.

readonly HOME_ADDRESS=10.77.0.1
readonly HOST_ADDRESSES=(10.77.0.11 10.77.0.12)
readonly NODE_PORT=7700
HOST_PIDS=()

# enter_namespaces SCRIPT ARGUMENT...: begins it again as the first process of
# its own machine, or goes on if this is it. 77 if this user or kernel cannot.
enter_namespaces() {
    [[ -n ${VENCEJO_NODES:-} ]] && return
    local need
    if ((EUID != 0)); then
        echo 'skipped: nodes of network namespaces are made by root'
        exit 77
    fi
    for need in unshare nsenter ip; do
        if ! command -v "$need" >/dev/null; then
            echo "skipped: no program $need (packages util-linux, iproute2)"
            exit 77
        fi
    done
    if ! unshare --net --mount --pid --fork --mount-proc true; then
        echo 'skipped: this kernel gives no namespaces'
        exit 77
    fi
    VENCEJO_NODES=1 exec unshare --net --mount --pid --fork --kill-child \
        --mount-proc "$@"
}

# make_network: bridge and two cables; a sleeping process holds each network.
make_network() {
    local i pid
    ip link set lo up
    ip link add bridge type bridge
    ip address add "$HOME_ADDRESS/24" dev bridge
    ip link set bridge up
    for i in 0 1; do
        unshare --net --mount --uts sleep infinity &
        pid=$!
        HOST_PIDS+=("$pid")
        until [[ $(readlink "/proc/$pid/ns/net") != $(readlink /proc/self/ns/net) &&
            $(cat "/proc/$pid/comm") == sleep ]]; do
            sleep 0.01
        done
        ip link add "cable$i" type veth peer name eth0 netns "$pid"
        ip link set "cable$i" master bridge up
        on_host "$i" ip link set lo up
        on_host "$i" ip address add "${HOST_ADDRESSES[i]}/24" dev eth0
        on_host "$i" ip link set eth0 up
        on_host "$i" hostname "host$i"
        on_host "$i" mount -t tmpfs none /mnt
    done
}

# on_host INDEX COMMAND...
on_host() {
    local index=$1
    shift
    nsenter --target "${HOST_PIDS[index]}" --net --mount --uts "$@"
}

# start_hosts HOMENODE: the daemon on each; returns when both listen.
start_hosts() {
    local i patience
    for i in 0 1; do
        nsenter --target "${HOST_PIDS[i]}" --net --mount --uts \
            "$1" serve --listen "${HOST_ADDRESSES[i]}:$NODE_PORT" \
            --cgroup "/vencejo-$(basename "$SCRATCH")" --memory 4G \
            >"$SCRATCH/serve$i.out" 2>"$SCRATCH/serve$i.err" &
        SERVE_PIDS[i]=$!
    done
    for i in 0 1; do
        patience=100
        until grep -qs '^listening' "$SCRATCH/serve$i.out"; do
            if ((patience-- == 0)) || ! kill -0 "${SERVE_PIDS[i]}" 2>/dev/null; then
                echo "host $i does not listen:" >&2
                cat "$SCRATCH/serve$i.err" >&2
                return 1
            fi
            sleep 0.1
        done
    done
}

# What may be left of a run, counted: processes other than these scripts and
# what counts, descriptors of the daemons, control groups, namespaces.
count_things() {
    local pid
    ps -e -o stat=,comm= | awk -v self="$(basename "$0")" '
        $1 !~ /^Z/ && $2 != self && $2 !~ /^(ps|awk|mawk|gawk)$/ {count++}
        END {print "processes", count + 0}'
    for pid in "${SERVE_PIDS[@]}"; do
        echo "descriptors $(find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l)"
    done
    echo "cgroups $(find /sys/fs/cgroup -mindepth 2 -type d -path "*/vencejo-$(basename "$SCRATCH")/guest*" 2>/dev/null | wc -l)"
    echo "namespaces $(find /proc/[0-9]*/ns -type l -printf '%l\n' 2>/dev/null | sort -u | wc -l)"
}

# leftovers BEFORE: prints what is more than before after a while of patience.
leftovers() {
    local patience now
    for ((patience = 30; patience > 0; patience--)); do
        now=$(count_things)
        now=$(paste -d ' ' <(echo "$1") <(echo "$now") |
            awk '$2 < $4 {print $1, $2, "before,", $4, "now"}')
        [[ -z $now ]] && return 0
        sleep 0.1
    done
    echo "$now"
    ps -e -o pid,ppid,stat,etimes,args
    return 1
}

# The group that the daemons made theirs in, when they have ended.
end_cgroups() {
    find /sys/fs/cgroup -depth -type d -path "*/vencejo-$(basename "$SCRATCH")*" \
        -exec rmdir {} + 2>/dev/null || true
}
