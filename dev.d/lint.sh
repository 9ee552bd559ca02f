# lint.sh - ./dev lint

# Not over the suites of tests/: clang's analyzer does not know that CUnit's
# _FATAL asserts end a test. Not over bench/: its programs end where they fail,
# and free nothing there.
command_lint() {
    need build test
    build release
    shellcheck -x dev .ci/run
    shellcheck -s bash dev.d/*.sh tests/check/*.sh tests/stories/*.sh \
        tests/real/*.sh tests/real/programs/*.sh tests/real/programs/scripts/*.sh
    run-clang-tidy -quiet -j "$JOBS" -p build/release \
        "$PWD/(algorithms|cli|plots|results|scenarios|sim|tests/(fuzz|validate)|traces)/.*\.(c|cpp)$"
}
