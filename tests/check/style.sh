#!/bin/bash
# style.sh [SOURCE_FOLDER] - what STYLE.md asks for and a machine can see.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
readonly FUNCTION_LINES_MAX=70
readonly SELF=tests/check/style.sh

mapfile -t sources < <(find . \( -name .git -o -name build -o -name out \) -prune \
    -o -type f \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' \) -print | sort)
mapfile -t texts < <(find . \( -name .git -o -name build -o -name out \) -prune \
    -o -type f \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.md' -o -name '*.sh' \
    -o -name '*.yaml' -o -name '*.txt' -o -name '*.cmake' -o -name '*.1' \
    -o -name '*.pml' -o -path ./dev -o -path ./.ci/run \) -print |
    grep -vxF "./$SELF" | sort)
status=0

# forbid WHY EXTENDED_REGEX FILE...
forbid() {
    local why=$1 pattern=$2 found
    shift 2
    found=$(grep -nHE -- "$pattern" "$@" || true)
    if [[ -n $found ]]; then
        printf '%s:\n%s\n' "$why" "$found" >&2
        status=1
    fi
}

# A function is as long as from its name to its closing brace.
check_function_lengths() {
    local long
    long=$(ctags -f - --languages=C,C++ --kinds-C=f --kinds-C++=f --fields=+ne \
        "${sources[@]}" | awk -F'\t' -v max="$FUNCTION_LINES_MAX" '{
            line = end = 0
            for (i = 4; i <= NF; i++) {
                if ($i ~ /^line:/) line = substr($i, 6)
                if ($i ~ /^end:/) end = substr($i, 5)
            }
            if (end - line + 1 > max)
                print $2 ":" line ": " $1 " has " end - line + 1 " lines"
        }')
    if [[ -n $long ]]; then
        printf 'a function fits a screen, %s lines:\n%s\n' \
            "$FUNCTION_LINES_MAX" "$long" >&2
        status=1
    fi
}

forbid 'do it now or open an issue' '\<(TODO|FIXME|XXX|HACK)\>' "${texts[@]}"
forbid 'struct without typedef' '^ *typedef (struct|union|enum)\>' "${sources[@]}"
forbid 'unbounded writes' '^[^"]*\<(sprintf|vsprintf|gets)\(' "${sources[@]}"
forbid 'randomness comes from rng or GSL' '^[^"]*\<(rand|srand|random|drand48)\(' "${sources[@]}"
# In C++ clang-format itself ends namespaces with a // comment.
mapfile -t c_sources < <(printf '%s\n' "${sources[@]}" | grep '\.[ch]$')
forbid 'comments stand between /* and */' '^([^"]*[^":])?//' "${c_sources[@]}"
forbid 'spaces, no tabs' $'\t' "${sources[@]}"
forbid 'nothing at the end of a line' '[[:space:]]+$' "${texts[@]}"
forbid 'the tree knows no machine that it lies on' \
    "/(home|root|Users)/|$(printf '%s' "$PWD" | sed 's/[.[\*^$+?(){|]/\\&/g')/" \
    "${texts[@]}"
check_function_lengths

((status == 0)) && echo "${#sources[@]} sources and ${#texts[@]} texts keep to STYLE.md"
exit "$status"
