# which.sh - ./dev which: the table and figures of "Which one should I use?" in
# algorithms/README.md: stacks of policies on two recorded and two made-up
# workloads, on the nine PCs of scenarios/lisidi-lab.yaml.

readonly WHICH_SEEDS=10

# The first is what the others are compared with.
# shellcheck disable=SC2054 # A comma separates the policies of one stack.
readonly WHICH_STACKS=(
    place_home
    gossip_window,place_best
    place_power_of_d
    gossip_window,place_long_lived
    balance_threshold
    balance_receiver
    balance_symmetric
    balance_gradient
    gossip_window,balance_lifetime
    gossip_vector,usher_mosix,balance_mosix
    gossip_window,usher_mosix,balance_lifetime
)

readonly WHICH_WORKLOADS=(batch build lifetimes memory)

# What --set says for that workload.
which_workload() {
    case $1 in
    batch) echo workload.trace.scale-load=0.7 ;;
    build) echo 'workload={trace: {file: ../traces/data/build.swf.zst, home: 0, arrivals: closed}}' ;;
    lifetimes) echo 'workload={poisson: {load: 0.7, count: 4000, cpu: {pareto: {min: 100 ms, max: 100 s, index: 1}}, memory: 8 MiB, users: 6, home: user}}' ;;
    memory) echo 'workload={poisson: {load: 0.5, count: 500, cpu: {exponential: 20 s}, memory: {pareto: {min: 16 MiB, max: 256 MiB, index: 1}}, users: 3, home: user}}' ;;
    esac
}

# One column for each workload, from their files of values.
which_table() {
    awk -F'\t' '
        FNR == 1 {file++; for (i = 1; i <= NF; i++) column[$i] = i; next}
        {
            stack[FNR] = $column["policies"]
            value = $column["mean_slowdown"]
            digits = value < 100 ? 2 : 0
            cell[FNR, file] = sprintf("%.*f ±%.*f", digits, value, digits, $column["mean_slowdown_ci95"])
            last = FNR
        }
        END {
            print "| stack | batch | build | lifetimes | memory |"
            print "|---|---|---|---|---|"
            for (row = 2; row <= last; row++) {
                gsub(/,/, ", ", stack[row])
                printf "| %s", stack[row]
                for (k = 1; k <= file; k++) printf " | %s", cell[row, k]
                print " |"
            }
        }' "$@"
}

command_which() {
    local stack workload arguments=() files=()
    need build
    build release
    for stack in "${WHICH_STACKS[@]}"; do
        arguments+=(--policies "$stack")
    done
    mkdir -p out/which docs/figures
    for workload in "${WHICH_WORKLOADS[@]}"; do
        heading "$workload"
        build/release/bin/vencejo-sim compare scenarios/lisidi-lab.yaml --set "$(which_workload "$workload")" \
            "${arguments[@]}" --seeds "$WHICH_SEEDS" -j "$JOBS" --out "out/which/$workload" \
            >"out/which/$workload.tsv"
        cp "out/which/$workload/comparison.svg" "docs/figures/which-$workload.svg"
        files+=("out/which/$workload.tsv")
    done
    which_table "${files[@]}" >out/which/table.md
    awk -v table="$(cat out/which/table.md)" '
        /which table: begin/ {print; print table; inside = 1}
        /which table: end/ {inside = 0}
        !inside && !/which table: begin/ {print}
    ' algorithms/README.md >out/which/README.md
    mv out/which/README.md algorithms/README.md
}
