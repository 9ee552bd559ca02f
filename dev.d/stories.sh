# stories.sh - the figures of docs/scenarios.md: each story in its full form.

# Of many rows, a small drawing in pixels is smaller than one in lines.
readonly STORY_FIGURE_BYTES_MAX=300000

# As the PNG, but seven hundred pixels wide.
draw_small() {
    (
        cd "$1" || exit
        sed -E 's/(pngcairo size) 2000,([0-9]+)(.*)fontscale 2 linewidth 2 pointscale 2/\1 700,\2*0.35\3fontscale 0.7/' \
            timeline.gp >small.gp
        gnuplot small.gp
    )
}

draw_story() {
    local story=$1 out=out/stories/$1 settings=()
    if grep -qF "\$VENCEJO_TRACES/" "scenarios/$story.yaml" && [[ -z ${VENCEJO_TRACES:-} ]]; then
        echo "$story: skipped, VENCEJO_TRACES names no folder of traces"
        return
    fi
    # Its hour takes most of one: it is drawn for its first minute.
    [[ $story != thousand-clusters ]] || settings=(--set 'until=60 s')
    build/release/bin/vencejo sim run "scenarios/$story.yaml" "${settings[@]}" \
        --out "$out" --timeline >"$out.metrics"
    if (($(stat -c %s "$out/timeline.svg") <= STORY_FIGURE_BYTES_MAX)); then
        cp "$out/timeline.svg" "docs/figures/$story-timeline.svg"
    else
        draw_small "$out"
        cp "$out/timeline.png" "docs/figures/$story-timeline.png"
    fi
}

draw_stories() {
    local story
    mkdir -p out/stories docs/figures
    while read -r story; do
        draw_story "$story"
    done < <(awk '!/^#/ && !seen[$1]++ {print $1}' tests/stories/short.list)
}
