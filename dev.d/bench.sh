# bench.sh - ./dev bench: speed, each figure as a ratio measured in this call.
# What really moves is in bench_real.sh, policies in bench_policies.sh; below is
# the simulator.
#
# Two programs are run in turn, A B A B ..., and the ratio of their medians is
# printed, so that it holds when the machine's speed drifts. All times are CPU
# time of whole processes, or of the part that a program says.

# shellcheck source=dev.d/bench_real.sh
source dev.d/bench_real.sh

readonly BENCH_ROUNDS=3
readonly BENCH_OUT=out/bench

# shellcheck source=dev.d/bench_policies.sh
source dev.d/bench_policies.sh

# figure NAME: its value among lines "NAME<TAB>value<TAB>unit".
figure() {
    awk -F '\t' -v name="$1" '$1 == name {print $2}'
}

median() {
    sort -g | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}

# cpu_of COMMAND...: CPU seconds of the whole process; its output is lost.
cpu_of() {
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{print $1 + $2}'
}

# row CLAIM OURS BASELINE RATIO TARGET
row() {
    printf '%-58s %12s %12s %8s  %s\n' "$@"
}

# compare CLAIM TARGET OURS_FUNCTION BASELINE_FUNCTION: both print one number,
# larger is better.
compare() {
    local claim=$1 target=$2 ours=$3 baseline=$4 i a=() b=()
    for ((i = 0; i < BENCH_ROUNDS; i++)); do
        a+=("$($ours)")
        b+=("$($baseline)")
    done
    local x y
    x=$(printf '%s\n' "${a[@]}" | median)
    y=$(printf '%s\n' "${b[@]}" | median)
    row "$claim" "$(printf '%.4g' "$x")" "$(printf '%.4g' "$y")" \
        "$(awk -v x="$x" -v y="$y" 'BEGIN {printf "%.1f", x / y}')" "$target"
}

# ---- Jobs from a trace file to a result table. -------------------------------

readonly BENCH_JOBS=100000

jobs_scenario() {
    cat <<END
vencejo: 1
name: jobs
seed: 1
clusters:
  farm: {nodes: 1000, cores: 1, speed: 1.0, memory: 64 GiB, swap: 0 B, link: {bandwidth: 1 Gbps, latency: 50 us}}
workload:
  trace: {file: jobs.swf, home: user}
policies: [place_home]
END
}

make_jobs() {
    mkdir -p "$BENCH_OUT"
    # 0.8 jobs arrive on each of 1,000 nodes in a second, each of 1 s.
    build/release/bin/vencejo-trace synth --rate 800/s --count "$BENCH_JOBS" \
        --cpu exponential:1s --memory fixed:4KiB --users 1000 --seed 1 \
        -o "$BENCH_OUT/jobs.swf" >/dev/null
    jobs_scenario >"$BENCH_OUT/jobs.yaml"
}

jobs_ours() {
    awk -v n="$BENCH_JOBS" -v s="$(cpu_of build/release/bin/vencejo-sim run "$BENCH_OUT/jobs.yaml")" \
        'BEGIN {print n / s}'
}
# Node of a job: its user. `upfront` creates all actors first, `fed` each at its
# date: as fast as an actor for each job gets.
jobs_simgrid() {
    build/release/bin/bench_simgrid_jobs "$BENCH_OUT/jobs.swf" 1000 user |
        figure simgrid_jobs_per_s
}
jobs_simgrid_fed() {
    build/release/bin/bench_simgrid_jobs "$BENCH_OUT/jobs.swf" 1000 user fed |
        figure simgrid_jobs_per_s
}
# Debian's python3-simpy (SimPy 2): a process for each node, which an arrival
# reactivates; one heap of virtual finish marks. This is the peer of the target.
jobs_simpy2() {
    /usr/bin/python3 bench/simpy_jobs.py "$BENCH_OUT/jobs.swf" 1000 user |
        figure simpy_jobs_per_s
}
# The same in SimPy 3 (python3-simpy3), where an arrival interrupts it;
jobs_simpy3() {
    /usr/bin/python3 bench/simpy3_jobs.py "$BENCH_OUT/jobs.swf" 1000 user processes |
        figure simpy3_jobs_per_s
}
# and without processes, timeouts with callbacks: tuned, the least for an event.
jobs_simpy3_tuned() {
    /usr/bin/python3 bench/simpy3_jobs.py "$BENCH_OUT/jobs.swf" 1000 user callbacks |
        figure simpy3_jobs_per_s
}

jobs_parts() {
    local i
    for ((i = 0; i < BENCH_ROUNDS; i++)); do
        build/release/bin/bench_jobs_parts "$BENCH_OUT/jobs.swf" 1000
        printf 'start\t%s\n' "$(cpu_of build/release/bin/vencejo-sim --version)"
        printf 'whole\t%s\n' "$(cpu_of build/release/bin/vencejo-sim run "$BENCH_OUT/jobs.yaml")"
    done >"$BENCH_OUT/parts.tsv"
    for i in start parts_reading parts_processors whole; do
        row "CPU time of a run: $i" \
            "$(figure "$i" <"$BENCH_OUT/parts.tsv" | median | awk '{printf "%.1f ms", 1000 * $1}')" '' '' ''
    done
}

jobs_agree() {
    local ours theirs
    ours=$(build/release/bin/vencejo-sim run "$BENCH_OUT/jobs.yaml" | figure mean_response_s)
    theirs=$(build/release/bin/bench_recursion "$BENCH_OUT/jobs.swf" 1000 user |
        figure recursion_journal_response)
    row 'mean response and an independent recursion, apart by' \
        "$(printf '%.9f' "$ours")" "$(printf '%.9f' "$theirs")" \
        "$(awk -v x="$ours" -v y="$theirs" 'BEGIN {d = (x - y) / y; printf "%.1e", d < 0 ? -d : d}')" \
        'at most 1e-9'
}

# ---- The engine alone, and gossip. -------------------------------------------

execs_ours() { build/release/bin/bench_engine_execs | figure engine_completions_per_s; }
execs_simgrid() { build/release/bin/bench_simgrid_execs | figure simgrid_completions_per_s; }
gossip_ours() { build/release/bin/bench_engine_gossip | figure engine_messages_per_s; }
gossip_simgrid() { build/release/bin/bench_simgrid_gossip | figure simgrid_messages_per_s; }

# gossip_scenario NODES SECONDS POLICIES
gossip_scenario() {
    cat <<END
vencejo: 1
name: gossip
seed: 1
until: $2 s
clusters:
  grid: {nodes: $1, cores: 1, speed: 1.0, memory: 4 GiB, swap: 0 B, link: {bandwidth: 1 Gbps, latency: 50 us}}
workload:
  poisson: {load: 0.5, span: $2 s, cpu: {exponential: 60 s}, memory: 50 MiB, home: random}
policies: $3
END
}

# gossip_run NODES SECONDS POLICIES: messages, events and costs as figures.
gossip_run() {
    local file=$BENCH_OUT/gossip-$1.yaml
    gossip_scenario "$@" >"$file"
    build/release/bin/vencejo-sim run "$file" --timing 2>&1
}

window_ours() {
    local seconds=60
    gossip_run 1000 "$seconds" '[gossip_window]' |
        awk -F '\t' -v s="$seconds" '$1 == "messages_per_node_per_s" {m = $2} $1 == "run_cpu" {c = $2}
                    END {print m * 1000 * s / c}'
}

ten_thousand_nodes() {
    local figures start=$SECONDS
    figures=$(gossip_run 10000 3600 '[gossip_vector, place_best, balance_mosix]')
    row '10,000 nodes, gossip and balancing, one simulated hour' \
        "$((SECONDS - start)) s wall" \
        "$(figure peak_memory <<<"$figures" | awk '{printf "%.0f MiB", $1 / 1024}')" \
        "$(figure run_cpu <<<"$figures" | awk '{printf "%.0f CPU", $1}')" \
        'under 300 s, 2048 MiB'
}

growth() {
    local nodes seconds base='' cost
    for nodes in 100 1000 10000 100000; do
        seconds=$((nodes >= 100000 ? 10 : 200000 / nodes > 600 ? 600 : 200000 / nodes))
        cost=$(gossip_run "$nodes" "$seconds" '[gossip_window, balance_mosix]' |
            awk -F '\t' '$1 == "events" {e = $2} $1 == "run_cpu" {c = $2} END {print c / e * 1e9}')
        base=${base:-$cost}
        row "cost of an event, $nodes nodes" "$(printf '%.0f ns' "$cost")" \
            "$(printf '%.0f ns' "$base")" \
            "$(awk -v x="$cost" -v y="$base" 'BEGIN {printf "%.2f", x / y}')" 'beside 100 nodes'
    done
}

# ---- A thousand clusters of a hundred nodes. ---------------------------------

readonly BENCH_THOUSAND=scenarios/thousand-clusters.yaml
readonly BENCH_HOUR_S=3600

# thousand_run CLUSTERS SECONDS: figures, and wall_s of the whole program.
thousand_run() {
    local start=$EPOCHREALTIME
    build/release/bin/vencejo-sim run "$BENCH_THOUSAND" --timing \
        --set "clusters.site.count=$1" --set "until=$2 s" 2>&1
    awk -v from="$start" -v to="$EPOCHREALTIME" \
        'BEGIN {printf "wall_s\t%.3f\ts\n", to - from}'
}

event_ns() {
    awk -F '\t' '$1 == "events" {e = $2} $1 == "run_cpu" {c = $2} END {print c / e * 1e9}'
}

# thousand_platform: what 1,000 clusters cost before the first process.
thousand_platform() {
    local figures
    figures=$(thousand_run 1000 0.001)
    row 'thousand-clusters: 100,000 nodes made, SimGrid among them' \
        "$(figure wall_s <<<"$figures" | awk '{printf "%.1f s wall", $1}')" \
        "$(figure setup_cpu <<<"$figures" | awk '{printf "%.1f s CPU", $1}')" '' 'seconds'
}

# thousand_hour SECONDS: so much of it, and from that the hour: the platform once,
# and the rest at the same pace. One thread: on an idle core this is wall time.
thousand_hour() {
    local figures
    figures=$(thousand_run 1000 "$1")
    row "thousand-clusters, $1 simulated seconds" \
        "$(figure wall_s <<<"$figures" | awk '{printf "%.0f s wall", $1}')" \
        "$(figure peak_memory <<<"$figures" | awk '{printf "%.0f MiB", $1 / 1024}')" '' \
        'under 4096 MiB'
    row 'one simulated hour of it, CPU time' \
        "$(awk -F '\t' -v s="$1" -v hour="$BENCH_HOUR_S" '
            $1 == "setup_cpu" {setup = $2} $1 == "run_cpu" {run = $2}
            END {printf "%.1f min", (setup + run * hour / s) / 60}' <<<"$figures")" \
        "$(if (($1 < BENCH_HOUR_S)); then echo extrapolated; else echo measured; fi)" '' \
        'under 75 min; 45 and 15 are the stretch'
    thousand_growth "$(event_ns <<<"$figures")"
}

# Ten clusters, 1,000 nodes, for 600 s: about as many events in all.
thousand_growth() {
    local base
    base=$(thousand_run 10 600 | event_ns)
    row 'cost of an event, 1,000 clusters beside 10' "$(printf '%.0f ns' "$1")" \
        "$(printf '%.0f ns' "$base")" \
        "$(awk -v x="$1" -v y="$base" 'BEGIN {printf "%.2f", x / y}')" 'at most 3'
}

command_bench() {
    local thousand_s=60 only='' long=()
    while (($# > 0)); do
        case $1 in
            --long) thousand_s=$BENCH_HOUR_S long=(--long) ;;
            --real | --policies) only=${1#--} ;;
            *) unknown_option bench "$1" ;;
        esac
        shift
    done
    need build bench
    build release
    heading 'speed; ratios are of medians, in turn'
    row claim ours baseline ratio target
    [[ $only == policies ]] || real_rows "${long[@]}"
    [[ -n $only ]] || simulator_rows "$thousand_s"
    [[ $only == real ]] || policy_rows
}

# simulator_rows THOUSAND_S
simulator_rows() {
    local thousand_s=$1
    make_jobs
    compare 'jobs per CPU s, against an actor for each job (SimGrid)' 'at least 30' jobs_ours jobs_simgrid
    compare 'the same, each actor created at its date' '' jobs_ours jobs_simgrid_fed
    compare "jobs per CPU s, SimPy 2 (python3-simpy), node = process" 'at least 10' jobs_ours jobs_simpy2
    compare 'the same in SimPy 3 (python3-simpy3), node = process' 'at least 10' jobs_ours jobs_simpy3
    compare 'SimPy 3 tuned: callbacks, no processes' '' jobs_ours jobs_simpy3_tuned
    jobs_parts
    jobs_agree
    compare 'completions per CPU s, against bare SimGrid execs' 'at least 30' execs_ours execs_simgrid
    compare 'messages per CPU s, transport, against SimGrid comms' 'at least 40' gossip_ours gossip_simgrid
    compare 'messages per CPU s, gossip_window, against the same' 'at least 5' window_ours gossip_simgrid
    ten_thousand_nodes
    growth
    thousand_platform
    thousand_hour "$thousand_s"
}
