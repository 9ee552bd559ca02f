#!/bin/bash
# layers.sh [SOURCE_FOLDER] - who may include whom. A quoted include is resolved
# to a file of the tree; the folder that it lies in must be allowed. Only the
# C++ shims of sim/ and the benchmark know SimGrid, and algorithms/ knows no
# header of a system that could block, allocate or tell the time.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

declare -rA ALLOWED=(
    [algorithms]='algorithms'
    [traces]='traces'
    [scenarios]='scenarios algorithms traces'
    [results]='results algorithms traces'
    [plots]='plots results traces'
    [cli]='cli algorithms scenarios traces results plots'
    [sim]='sim cli algorithms scenarios traces results plots'
    [real]='real cli algorithms scenarios traces results'
)
readonly PURE_HEADERS=' assert.h endian.h errno.h inttypes.h limits.h stdarg.h stdbool.h stddef.h stdint.h stdio.h string.h '
readonly SHARED_CLI=' cli/table.h cli/terminal.h cli/version.h '

status=0
include_count=0

wrong() {
    echo "$1: $2" >&2
    status=1
}

# Where the compiler would find it: beside the file, at the root of the tree, or
# in the folder's own headers.
resolve() {
    local file=$1 header=$2 folder=$3 candidate
    for candidate in "$(dirname "$file")/$header" "$header" \
        "$folder/$header" "$folder/node/$header"; do
        if [[ -f $candidate ]]; then
            realpath --relative-to=. "$candidate"
            return
        fi
    done
}

check_quoted() {
    local file=$1 header=$2 folder=${1%%/*} found
    found=$(resolve "$file" "$header" "$folder")
    if [[ -z $found ]]; then
        wrong "$file" "includes \"$header\", which is not in the tree"
    elif [[ " ${ALLOWED[$folder]} " != *" ${found%%/*} "* ]]; then
        wrong "$file" "includes $found, but $folder/ may include only: ${ALLOWED[$folder]}"
    elif [[ $folder != cli && $found == cli/* && $SHARED_CLI != *" $found "* ]]; then
        wrong "$file" "includes $found; of cli/ only${SHARED_CLI}are shared"
    fi
}

check_system() {
    local file=$1 header=$2
    if [[ $header =~ ^(simgrid|xbt)/ && $file != sim/*.[ch]pp && $file != bench/* ]]; then
        wrong "$file" "includes <$header>; only sim/*.cpp and bench/ know SimGrid"
    fi
    if [[ $file == algorithms/* && $PURE_HEADERS != *" $header "* ]]; then
        wrong "$file" "includes <$header>, but algorithms/ is pure"
    fi
}

while IFS=: read -r file include; do
    header=${include#*[<\"]}
    header=${header%%[>\"]*}
    include_count=$((include_count + 1))
    case $include in
        *\"*) check_quoted "$file" "$header" ;;
        *) check_system "$file" "$header" ;;
    esac
done < <(for folder in "${!ALLOWED[@]}"; do
    [[ -d $folder ]] || continue
    grep -rEH --include='*.[ch]' --include='*.cpp' --include='*.hpp' \
        '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]' "$folder" || true
done)

((include_count > 0)) || wrong "$PWD" "holds no sources"
((status == 0)) && echo "$include_count includes keep to the layers"
exit "$status"
