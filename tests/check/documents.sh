#!/bin/bash
# documents.sh BUILD_FOLDER - what the documents say is true of this build: man
# pages are well formed, links lead somewhere, and every command that a document,
# a man page or a --help shows runs, in a scratch copy of the tree.
set -euo pipefail
readonly SECONDS_MAX=300
bin=$(realpath "$1/bin")
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

wrong() {
    printf '%s\n' "$*" >&2
    status=1
}

documents() {
    find . \( -name .git -o -name build -o -name out \) -prune -o \
        -name '*.md' -print | sort
}

check_man_pages() {
    local page
    for page in packaging/man/*.[1-8]; do
        mandoc -T lint -W warning "$page" || wrong "$page: see above"
    done
}

# Links to files of the tree; what has a scheme is not followed.
check_links() {
    local document link
    while read -r document; do
        while read -r link; do
            link=${link%%#*}
            [[ -z $link || $link =~ ^[a-z]+: ]] && continue
            [[ -e $(dirname "$document")/$link ]] ||
                wrong "$document: links to $link, which is not there"
        done < <(grep -oE '\]\([^)]+\)' "$document" | sed 's/^](//; s/)$//' || true)
    done < <(documents)
}

# The `$ ` lines of ```console blocks, a backslash at the end joining the next.
document_commands() {
    awk '/^```/ {inside = $0 ~ /^```console/; next}
         inside && (joined || /^\$ /) {
             line = joined ? $0 : substr($0, 3)
             joined = sub(/\\$/, "", line)
             printf "%s%s", line, joined ? "" : "\n"
         }' "$@"
}

# What follows `Examples:` in a --help.
help_commands() {
    sed -n '/^Examples\{0,1\}:/,$ s/^ \{1,\}\(vencejo .*\)/\1/p'
}

man_commands() {
    sed -n 's/^\.Dl \(vencejo .*\)/\1/p' packaging/man/*.[1-8]
}

# Every `vencejo A` and `vencejo A B` that an example uses has help, which may
# show more examples.
crawl_help() {
    local asked=' ' queue=('vencejo') command text example
    while ((${#queue[@]} > 0)); do
        command=${queue[0]}
        queue=("${queue[@]:1}")
        [[ $asked == *" <$command> "* ]] && continue
        asked+="<$command> "
        if ! text=$($command --help 2>&1); then
            printf '%s --help fails\n' "$command" >&2
            return 1
        fi
        while read -r example; do
            echo "$example"
            queue+=("$(cut -d' ' -f1-2 <<<"$example")")
            [[ $(cut -d' ' -f3 <<<"$example") =~ ^[a-z]+$ && $example != 'vencejo help'* ]] &&
                queue+=("$(cut -d' ' -f1-3 <<<"$example")")
        done < <(help_commands <<<"$text")
    done
    return 0
}

run_in_scratch() {
    local command=$1 failed=0
    (cd "$scratch/tree" && timeout "$SECONDS_MAX" bash -c "$command") \
        >"$scratch/output" 2>&1 </dev/null || failed=$?
    if ((failed)); then
        wrong "exit $failed: $command"
        tail -n 20 "$scratch/output" >&2
    else
        echo "ran: $command"
    fi
}

check_commands() {
    local command commands=()
    mkdir "$scratch/tree"
    tar -c --exclude=./build --exclude=./out --exclude=./.git . |
        tar -x -C "$scratch/tree"
    mapfile -t commands < <({
        while read -r document; do document_commands "$document"; done < <(documents)
        man_commands
        crawl_help || echo false
    } | grep -E '^(vencejo|\./dev help|false)( |$)' | awk '!seen[$0]++')
    ((${#commands[@]} > 0)) || wrong "no document shows a command"
    for command in "${commands[@]}"; do
        run_in_scratch "$command"
    done
}

export PATH=$bin:$PATH NO_COLOR=1
check_man_pages
check_links
check_commands
exit "$status"
