# lint.sh - ./dev lint

command_lint() {
    need build test
    build release
    shellcheck -x dev .ci/run
    shellcheck -s bash dev.d/*.sh tests/check/*.sh
    run-clang-tidy -quiet -j "$JOBS" -p build/release \
        "$PWD/(algorithms|cli|plots|results|scenarios|sim|tests|traces)/.*"
}
