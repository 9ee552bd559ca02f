# figures.sh - ./dev figures: the figures of the documents, drawn again from the
# runs of ./dev demo.

command_figures() {
    source dev.d/demo.sh
    command_demo
    mkdir -p docs/figures
    cp out/demo/loads.svg docs/figures/demo-loads.svg
    cp out/demo/load-0.7/comparison.svg docs/figures/demo-comparison.svg
}
