# demo.sh - ./dev demo: policies compared on a recorded workload in the
# nine-node laboratory of the Mosix2 paper, at three loads.

readonly DEMO_SCENARIO=scenarios/lisidi-lab.yaml
readonly DEMO_LOADS=0.5,0.7,0.9
readonly DEMO_SEEDS=10

# The first is what the others are compared with.
# shellcheck disable=SC2054 # A comma separates the policies of one stack.
readonly DEMO_STACKS=(
    place_round_robin
    place_home
    gossip_window,place_best
    gossip_window,balance_threshold
    gossip_window,balance_lifetime
    gossip_vector,usher_mosix,balance_mosix
)

command_demo() {
    local stack arguments=()
    need build
    build release
    for stack in "${DEMO_STACKS[@]}"; do
        arguments+=(--policies "$stack")
    done
    heading "a recorded workload on nine nodes, at three loads"
    build/release/bin/vencejo-sim compare "$DEMO_SCENARIO" "${arguments[@]}" \
        --loads "$DEMO_LOADS" --seeds "$DEMO_SEEDS" -j "$JOBS" --out out/demo
    echo
    echo "Tables, figures, values and resolved scenarios are in out/demo."
}
