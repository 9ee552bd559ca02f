# figures.sh - ./dev figures: the figures of the documents, drawn again from the
# runs of ./dev demo.

source dev.d/demo.sh

command_figures() {
    local load
    command_demo
    mkdir -p docs/figures
    for load in "${DEMO_LOADS[@]}"; do
        cp "out/demo/load-$load/comparison.svg" "docs/figures/demo-load-$load.svg"
    done
}
