# say.sh - headings, complaints, and how long each part took.

PART_TIMES=()
FAILED_PARTS=()

heading() {
    printf '\n== %s\n' "$*"
}

complain() {
    printf 'dev: %s\n' "$*" >&2
}

# part NAME COMMAND...: run it, keep its time and whether it failed. The command
# runs in a subshell of its own, since bash ignores `set -e` in what `if` tests.
part() {
    local name=$1 started=$SECONDS status=0
    shift
    heading "$name"
    set +e
    (set -e; "$@")
    status=$?
    set -e
    local spent=$((SECONDS - started))
    PART_TIMES+=("$(printf '%5d s  %s' "$spent" "$name")")
    if ((status != 0)); then
        FAILED_PARTS+=("$name")
        complain "$name failed after $spent s"
    else
        printf -- '-- %s: %d s\n' "$name" "$spent"
    fi
}

print_part_times() {
    heading "time of each part"
    printf '%s\n' "${PART_TIMES[@]}"
}

# False, with the list, if a part failed.
all_parts_passed() {
    ((${#FAILED_PARTS[@]} == 0)) && return 0
    printf 'dev: failed: %s\n' "${FAILED_PARTS[@]}" >&2
    return 1
}

unknown_option() {
    complain "$1 does not take $2; see ./dev help"
    exit 2
}
