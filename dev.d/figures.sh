# figures.sh - ./dev figures: the figures of the documents, drawn again from the
# runs of ./dev demo and from the stories of scenarios/.

# The table of the README is what the demo prints at a load of 0.7.
readonly DEMO_TABLE_LOAD=0.7

write_table() {
    local table
    table=$(script -qec "build/release/bin/vencejo-sim compare $DEMO_SCENARIO \
        --set workload.trace.scale-load=$DEMO_TABLE_LOAD \
        --seeds $DEMO_SEEDS $(printf -- '--policies %s ' "${DEMO_STACKS[@]}")" /dev/null 2>/dev/null |
        tr -d '\r' | sed 's/\x1b\[[0-9;]*[mK]//g; s/ *$//' | awk '/^[A-Z]  /,/^±/' | grep -v '^±' | cat -s)
    awk -v table="$table" '
        /demo table: begin/ {print; print "```text"; print table; print "```"; inside = 1}
        /demo table: end/ {inside = 0}
        !inside {print}
    ' README.md | awk '!/demo table: begin/ || !seen++' >README.new
    mv README.new README.md
}

command_figures() {
    source dev.d/demo.sh
    source dev.d/stories.sh
    command_demo
    mkdir -p docs/figures
    cp out/demo/loads.svg docs/figures/demo-loads.svg
    cp out/demo/load-0.7/comparison.svg docs/figures/demo-comparison.svg
    write_table
    draw_stories
}
