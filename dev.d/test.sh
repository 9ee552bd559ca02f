# test.sh - ./dev test [--long] [--release NAME]

# suites PRESET [LABELS]: without the suites of these labels.
suites() {
    ctest --preset "$1" --no-label-summary ${2:+-LE "$2"}
}

# Programs that move, one of each kind.
moving_programs() {
    ctest --preset release --no-label-summary -L '^programs$' -LE programs-more
}

# The table in the documents is the one that this build gives.
check_validation() {
    build/release/bin/validate >build/validation.md || {
        cat build/validation.md
        return 1
    }
    cmp build/validation.md docs/validation.md && return
    complain "docs/validation.md is of another build; run ./dev validate"
    return 1
}

# Builds first: whoever breaks one learns it soonest.
run_builds() {
    part "build: gcc release" build release
    part "build: clang release" build clang
    part "build: gcc with ASan and UBSan" build dev
    part "build: fuzzers" build_fuzzers
    all_parts_passed
}

run_checks() {
    part "check: format" tests/check/format.sh
    part "check: layers" tests/check/layers.sh
    part "check: purity" tests/check/purity.sh build/release
    part "check: style" tests/check/style.sh
    part "check: the checks themselves" tests/check/self.sh
    part "check: gcc and clang agree" tests/check/same.sh build/release build/clang
    part "check: validation" check_validation
    part "check: documents" tests/check/documents.sh build/release
}

# Programs that move, in their long forms, and the table of them.
test_moving() {
    local programs=tests/real/programs
    part "suites: long" ctest --preset release --no-label-summary -L '^long$'
    part "programs: long" ctest --preset release --no-label-summary -C long -L programs-long
    part "programs: 200 at random for five minutes" "$programs/stress.sh" build/release 200 300
    part "programs: two kernels" skipping tests/real/two_kernels.sh build/release
    mkdir -p out
    "$programs/table.sh" build/release long >out/programs.md
}

# skipping COMMAND...: 77 is no failure.
skipping() {
    "$@" || (($? == 77))
}

# The last suite comes after the times, so that ctest's verdict is the last line.
test_tree() {
    local fuzz_s=10
    need build test programs
    if [[ ${1:-} == --long ]]; then
        need long
        fuzz_s=300
    fi
    run_builds
    run_checks
    part "fuzz: $fuzz_s s for each parser" fuzz_all "$fuzz_s"
    part "suites: gcc release" suites release 'programs|long'
    part "suites: programs that move" moving_programs
    [[ ${1:-} != --long ]] || part "swarm: 10,000 fresh seeds" build/release/bin/swarm fresh 10000
    [[ ${1:-} != --long ]] || part "storm: 1,000 fresh seeds" build/release/bin/storm fresh 1000
    [[ ${1:-} != --long ]] || test_moving
    # The model does not depend on the compiler, nor do programs that move: once
    # is enough.
    part "suites: clang release" suites clang 'promela|programs|long'
    print_part_times
    all_parts_passed || true
    heading "suites: gcc with ASan and UBSan"
    suites dev 'promela|long'
    all_parts_passed
}

command_test() {
    source dev.d/format.sh
    source dev.d/fuzz.sh
    case ${1:-} in
        '') test_tree ;;
        --long)
            test_tree --long
            source dev.d/release.sh
            test_release bookworm
            test_release trixie ;;
        --release)
            source dev.d/release.sh
            test_release "${2:?which release: bookworm, trixie}" ;;
        *) unknown_option test "$1" ;;
    esac
}
