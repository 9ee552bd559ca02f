# fuzz.sh - ./dev fuzz [SECONDS]: libFuzzer over every parser.

fuzzer_names() {
    local source
    for source in tests/fuzz/fuzz_*.c; do
        [[ -e $source ]] || continue
        source=${source##*/fuzz_}
        echo "${source%.c}"
    done
}

build_fuzzers() {
    local names=()
    mapfile -t names < <(fuzzer_names)
    ((${#names[@]} > 0)) || {
        complain "tests/fuzz has no fuzz_*.c"
        return 1
    }
    build fuzz "${names[@]/#/fuzz_}"
}

# fuzz_one NAME SECONDS: new inputs go to build/fuzz/corpus, those that crash it
# to build/fuzz/findings.
fuzz_one() {
    local name=$1 seconds=$2 log=build/fuzz/$1.log
    mkdir -p "build/fuzz/corpus/$name" build/fuzz/findings
    if ! "build/fuzz/bin/fuzz_$name" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" \
        "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
        cat "$log" >&2
        complain "fuzz_$name failed; its input is in build/fuzz/findings"
        return 1
    fi
    printf '%-12s %s inputs in %s s, clean\n' "$name" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$seconds"
}

# fuzz_all SECONDS: as many at a time as there are cores.
fuzz_all() {
    local name running=0 failed=0
    while read -r name; do
        fuzz_one "$name" "$1" &
        if ((++running >= JOBS)); then
            wait -n || failed=1
            ((running--)) || true
        fi
    done < <(fuzzer_names)
    while ((running-- > 0)); do
        wait -n || failed=1
    done
    return "$failed"
}

command_fuzz() {
    local seconds=${1:-60}
    [[ $seconds =~ ^[0-9]+$ ]] || unknown_option fuzz "$seconds"
    need build test
    build_fuzzers
    fuzz_all "$seconds"
}
