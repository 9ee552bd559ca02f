# bench_real.sh - rows of ./dev bench about processes that really move: what a
# call costs away, how long a move takes and how long the process stands still.

readonly BENCH_BIN=build/release/bin

# judged CLAIM OURS BASELINE RATIO LIMIT [UNIT]: what must be at most that, and
# whether it is; with a unit it is no ratio but OURS.
judged() {
    local unit=${6:-} ratio=''
    [[ -n $unit ]] || ratio=$(printf '%.2f' "$4")
    row "$1" "$2" "$3" "$ratio" \
        "at most $5$unit: $(awk -v x="$4" -v most="$5" 'BEGIN {print x <= most ? "met" : "missed"}')"
}

by() {
    awk -v x="$1" -v y="$2" 'BEGIN {print x / y}'
}

# ---- Calls. ------------------------------------------------------------------

# call_row CLAIM NAME BASELINE [LIMIT]: two of the figures, and their ratio.
call_row() {
    local ours base
    ours=$(figure "$2" <<<"$figures")
    base=$(figure "$3" <<<"$figures")
    if [[ -n ${4:-} ]]; then
        judged "$1" "$(printf '%.2f us' "$ours")" "$(printf '%.2f us' "$base")" "$(by "$ours" "$base")" "$4"
    else
        row "$1" "$(printf '%.2f us' "$ours")" "$(printf '%.2f us' "$base")" \
            "$(printf '%.2f' "$(by "$ours" "$base")")" ''
    fi
}

throughput_row() {
    local what=$1 kib=$2 ours base
    ours=$(figure "${what}_${kib}_mb_per_s" <<<"$figures")
    base=$(figure "${what}_tcp_${kib}_mb_per_s" <<<"$figures")
    row "$what away, $kib KiB, against the same bytes over TCP" \
        "$(printf '%.0f MB/s' "$ours")" "$(printf '%.0f MB/s' "$base")" \
        "$(printf '%.2f' "$(by "$ours" "$base")")" ''
}

memory_row() {
    row "$1" "$(figure "$2" <<<"$figures" | awk '{printf "%.0f KiB", $1}')" '' '' "$3"
}

call_rows() {
    local figures what kib
    figures=$("$BENCH_BIN/bench_link_calls")
    call_row 'link, a request and its reply, against bare TCP' link_exchange_us tcp_exchange_us
    figures=$("$BENCH_BIN/bench_homenode_calls" "$@")
    call_row 'null call away, one core, against TCP ping-pong' null_call_us ping_us 2.0
    call_row 'the same, against its kernel calls alone' null_call_us bare_call_us
    call_row 'its kernel calls alone, against TCP ping-pong' bare_call_us ping_us
    call_row 'null call away in TLS, one core, against ping-pong' null_call_tls_us ping_us
    if [[ -n $(figure ping_two_us <<<"$figures") ]]; then
        call_row 'null call away, home and host on a core each' null_call_two_us ping_two_us 2.0
    fi
    call_row 'getpid away, answered by its host' identity_call_us ping_us
    call_row 'local call away, brk, against at home' local_call_us local_call_home_us
    call_row 'clock away, by the vDSO, against at home' clock_us clock_home_us
    judged 'CPU time of the same computation, away by home' '' '' \
        "$(figure computing_away_by_home <<<"$figures")" 1.01
    for what in read write; do
        for kib in 4 64 1024; do
            throughput_row "$what" "$kib"
        done
    done
    memory_row 'memory at home of one who is away' memory_at_home_kib 'prototype: 16 KiB'
    memory_row 'the same, a second after large calls' memory_at_home_after_kib ''
    memory_row 'memory of its guardian that is not shared' guardian_kib ''
}

# ---- Moves. ------------------------------------------------------------------

# freeze_row MEBIBYTES MEBIBYTES_PER_S [LIMIT_MS]
freeze_row() {
    local figures claim="freeze, pre-copy, $1 MiB, $2 MB/s written" ours least
    (($2 > 0)) || claim="freeze, pre-copy, $1 MiB idle"
    if ! figures=$(timeout 90 "$BENCH_BIN/bench_homenode_move" "$1" "$2" precopy 5); then
        row "$claim" failed '' '' ''
        return
    fi
    ours=$(printf '%.1f ms' "$(figure freeze_ms <<<"$figures")")
    least=$(figure freeze_least_ms <<<"$figures" | awk '{printf "least %.1f", $1}')
    if [[ -n ${3:-} ]]; then
        judged "$claim" "$ours" "$least" "${ours% ms}" "$3" ' ms'
    else
        row "$claim" "$ours" "$least" '' \
            "$(figure rounds <<<"$figures" | awk '{printf "%.0f rounds", $1}')"
    fi
}

freeze_rows() {
    local mebibytes rate
    freeze_row 1 0 3
    freeze_row 64 0
    freeze_row 512 0 10
    for mebibytes in 64 512; do
        for rate in 20 100 300; do
            freeze_row "$mebibytes" "$rate"
        done
    done
    [[ ${1:-} == --long ]] || return 0
    for rate in 0 20 100 300; do
        freeze_row 2048 "$rate"
    done
}

# total_row CLAIM LIMIT ARGUMENTS...
total_row() {
    local figures ours base claim=$1 limit=$2
    shift 2
    if ! figures=$(timeout 120 "$BENCH_BIN/bench_homenode_transfer" "$@"); then
        row "$claim" failed '' '' ''
        return
    fi
    ours=$(figure total_s <<<"$figures")
    base=$(figure plain_s <<<"$figures")
    judged "$claim" "$(printf '%.0f ms' "$(by "$ours" 0.001)")" \
        "$(printf '%.0f ms' "$(by "$base" 0.001)")" "$(by "$ours" "$base")" "$limit"
}

# with_slow_link COMMAND...: between network namespaces vb-$$-a and -b, the
# second 10.99.7.2, whose link has 1 Gbit/s. 1: they cannot be made here.
with_slow_link() {
    local a=vb-$$-a b=vb-$$-b status=0
    ((EUID == 0)) && command -v ip tc >/dev/null || return 1
    if ip netns add "$a" 2>/dev/null && ip netns add "$b" 2>/dev/null &&
        ip -n "$a" link add near type veth peer name far netns "$b" 2>/dev/null &&
        ip -n "$a" addr add 10.99.7.1/24 dev near && ip -n "$b" addr add 10.99.7.2/24 dev far &&
        ip -n "$a" link set near up && ip -n "$b" link set far up &&
        tc -n "$a" qdisc add dev near root tbf rate 1gbit burst 1mbit latency 50ms 2>/dev/null; then
        "$@" "$a" "$b" 10.99.7.2
    else
        status=1
    fi
    ip netns del "$a" 2>/dev/null || true
    ip netns del "$b" 2>/dev/null || true
    return "$status"
}

total_rows() {
    local against='against a TCP copy into fresh pages'
    total_row "move of 512 MiB idle, $against" 1.3 512 0 precopy 5
    total_row "move of 2 GiB idle, $against" 1.3 2048 0 precopy "$([[ ${1:-} == --long ]] && echo 5 || echo 1)"
    with_slow_link total_row 'move of 256 MiB idle, 1 Gbit/s (tbf), against TCP' 1.1 256 0 precopy 5 ||
        row 'move of 256 MiB idle over 1 Gbit/s (tbf)' skipped '' '' 'needs root, ip, tc and tbf'
}

# ---- CRIU, which dumps to files and restores from them. ----------------------

# Milliseconds since $1, of EPOCHREALTIME.
ms_since() {
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN {printf "%.0f", (to - from) * 1000}'
}

# criu_once FOLDER: milliseconds of a dump and a restore of a process with 512
# MiB, or nothing.
criu_once() {
    local folder=$1 pid start
    # shellcheck disable=SC2016
    setsid perl -e '$x = join "", map {pack("N", $_) x 1024} 0 .. 131071; open F, ">", "$ARGV[0]/ready"; close F; sleep 600' \
        "$folder" </dev/null &>/dev/null &
    pid=$!
    while [[ ! -e $folder/ready ]]; do
        sleep 0.1
        kill -0 "$pid" 2>/dev/null || return 0
    done
    start=$EPOCHREALTIME
    if criu dump -t "$pid" -D "$folder" --shell-job -o dump.log &>/dev/null; then
        wait "$pid" 2>/dev/null || true
        criu restore -d -D "$folder" --shell-job -o restore.log &>/dev/null && ms_since "$start"
    fi
    kill -9 "$pid" 2>/dev/null || true
}

criu_row() {
    local claim='CRIU: dump and restore of 512 MiB, in memory' folder version ms i all=()
    if ! command -v criu >/dev/null || ((EUID != 0)); then
        row "$claim" skipped '' '' 'criu is not installed, or not as root'
        return
    fi
    version=$(criu --version | awk '/^Version/ {print $2}')
    for ((i = 0; i < 5; i++)); do
        folder=$(mktemp -d /dev/shm/vencejo-criu.XXXXXX)
        ms=$(criu_once "$folder")
        rm -rf "$folder"
        [[ -n $ms ]] || break
        all+=("$ms")
    done
    if ((${#all[@]} == 5)); then
        row "$claim" '' "$(printf '%s\n' "${all[@]}" | median) ms" '' "criu $version"
    else
        row "$claim" failed '' '' "criu $version does not save or restore it here"
    fi
}

# real_rows [--long]
real_rows() {
    if [[ ! -x $BENCH_BIN/bench_homenode_calls ]]; then
        row 'processes that really move' skipped '' '' 'Linux on x86-64 only'
        return
    fi
    row "load of this machine, $(nproc) cores" "$(cut -d ' ' -f 1 /proc/loadavg)" '' '' \
        'quiet, for what is not a call'
    call_rows "$@"
    freeze_rows "$@"
    total_rows "$@"
    criu_row
}
