# format.sh - ./dev format

source_files() {
    find . \( -name .git -o -name build -o -name out \) -prune -o \
        -type f \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' \) -print |
        sort
}

# Other versions format differently; then the sources are left alone.
is_formatter_14() {
    [[ $(clang-format --version 2>/dev/null) == *' version 14.'* ]]
}

command_format() {
    need test
    if ! is_formatter_14; then
        complain "the sources are formatted by clang-format 14 (Debian 12), here is $(clang-format --version)"
        return 3
    fi
    source_files | xargs clang-format -i
}
