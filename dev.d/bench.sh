# bench.sh - ./dev bench: speed, each figure as a ratio measured in this call.

command_bench() {
    need build bench
    build release
    build/release/bin/bench "$@"
}
