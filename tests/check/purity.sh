#!/bin/bash
# purity.sh BUILD_FOLDER - what decides has no clock, socket, allocator, log or
# global: the archive of algorithms/ may call only what is listed here and
# itself, and holds no data that can change.
set -euo pipefail
readonly ARCHIVE=$1/algorithms/libalgorithms.a

# The _chk forms are what the same calls become under _FORTIFY_SOURCE.
readonly ALLOWED='memcpy|memmove|memset|memcmp|strcmp|strncmp|strlen|snprintf|vsnprintf|__(memcpy|memmove|memset|snprintf|vsnprintf)_chk|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'

[[ -f $ARCHIVE ]] || {
    echo "$ARCHIVE is not there; build it first" >&2
    exit 1
}

defined=$(nm -A --defined-only "$ARCHIVE" | awk '{print $NF}' | sort -u)
foreign=$(nm -u "$ARCHIVE" | awk '$1 == "U" {print $2}' | sort -u |
    comm -23 - <(echo "$defined") | grep -vxE "$ALLOWED" || true)
# .data.rel.ro is constant once the program is loaded.
writable=$(objdump -h "$ARCHIVE" | awk '
    /file format/ {object = $1}
    $2 ~ /^\.(data|bss|tdata|tbss)/ && $2 !~ /^\.data\.rel\.ro/ &&
        $3 !~ /^0+$/ {print object " " $2 " " $3}')
common=$(nm -A "$ARCHIVE" | awk '$(NF - 1) == "C"')

status=0
report() {
    [[ -z $2 ]] && return
    printf 'algorithms/ is not pure, %s:\n%s\n' "$1" "$2" >&2
    status=1
}
report 'it calls' "$foreign"
report 'it holds data that can change' "$writable"
report 'it holds common symbols' "$common"
((status == 0)) && echo "algorithms/ calls nothing but itself and the pure part of libc"
exit "$status"
