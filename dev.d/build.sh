# build.sh - ./dev build [PRESET]

JOBS=$(nproc)
readonly JOBS

# configure_and_build PRESET [TARGET...]
configure_and_build() {
    local preset=$1
    shift
    cmake --preset "$preset" -Wno-dev >"build/$preset.configure" 2>&1 || {
        cat "build/$preset.configure" >&2
        return 1
    }
    cmake --build "build/$preset" -j "$JOBS" ${1:+--target "$@"}
}

build() {
    mkdir -p build
    configure_and_build "$@"
}

command_build() {
    local preset=${1:-release}
    case $preset in
        release | coverage) need build ;;
        clang | dev | fuzz) need build test ;;
        *)
            complain "no preset is called $preset: release, dev, clang, fuzz, coverage"
            return 2 ;;
    esac
    build "$preset"
    echo "Programs are in build/$preset/bin."
}
