#!/bin/bash
# documents.sh BUILD_FOLDER [SOURCE_FOLDER] - what the documents say is
# true of this build: man pages are well formed, links lead somewhere, the table
# of programs that move has all of them, that of policies too and what verifies
# each is there, and every command that a document, a man page or a --help shows
# runs, in a scratch copy of the tree.
set -euo pipefail
readonly SECONDS_MAX=300
bin=$(realpath "$1/bin")
cd "${2:-$(dirname "$0")/../..}"
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
        [[ -e $page ]] || continue
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

check_programs() {
    [[ -e docs/programs.md ]] || return 0 # Who links to it is told of that.
    tests/real/programs/table.sh --check docs/programs.md ||
        wrong "docs/programs.md: see above"
}

# validation_verdicts CLAIM: of the rows of docs/validation.md that begin so.
validation_verdicts() {
    awk -F ' [|] ' -v claim="| $1" 'index($0, claim) == 1 {print $NF}' docs/validation.md
}

# What verifies a policy, as its row of algorithms/README.md names it: `validate:
# beginning of a claim` and `test_NAME: sentence of a test`, each of them there,
# holding, and about that policy.
check_verified() {
    local policy=$1 cell=$2 item name text file count=0
    # shellcheck disable=SC2016 # Code in Markdown.
    while read -r item; do
        name=${item%%: *}
        text=${item#*: }
        count=$((count + 1))
        if [[ $name == validate ]]; then
            grep -q 'holds' <<<"$(validation_verdicts "$text")" ||
                { [[ $cell == *"$item\` (informational)"* ]] &&
                    grep -q 'informational' <<<"$(validation_verdicts "$text")"; } ||
                wrong "$policy: no row of docs/validation.md holds that begins '$text'"
            grep -qwF "$policy" tests/validate/*.c ||
                wrong "$policy: nothing in tests/validate runs it"
            continue
        fi
        file=$(find tests -name "$name.c")
        if [[ -z $file ]] || ! grep -qF "{\"$text\"" "$file"; then
            wrong "$policy: no test '$text' in $name"
        elif ! grep -qF "\"$policy\"" "$file"; then
            wrong "$policy: $file does not run it"
        fi
    done < <(grep -oE '`[^`]+`' <<<"$cell" | tr -d '`')
    ((count > 0)) || [[ $cell == *'contract tests alone'* ]] ||
        wrong "$policy: what verifies it is not said"
}

check_policies() {
    local document=algorithms/README.md policy line
    [[ -e $document ]] || return 0 # Who links to it is told of that.
    "$bin/vencejo" policy list | awk -F '\t' 'NR > 1 {print $1}' >"$scratch/policies"
    [[ -s $scratch/policies ]] || wrong 'no policy is registered'
    while read -r policy; do
        if line=$(grep -F "| [$policy]($policy.c) |" "$document"); then
            line=${line% |}
            check_verified "$policy" "${line##* | }"
        else
            wrong "$document: $policy has no row"
        fi
    done <"$scratch/policies"
    while read -r policy; do
        grep -qx "$policy" "$scratch/policies" ||
            wrong "$document: there is no policy $policy"
    done < <(sed -n 's/^| \[\([a-z_]*\)\](.*\.c) |.*/\1/p' "$document")
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

# What follows `Example:` or `Examples:` in a --help, joined in the same way.
help_commands() {
    awk '/Examples?:$/ {inside = 1; next}
         inside && (joined || /^ +vencejo /) {
             line = $0
             sub(/^ +/, "", line)
             joined = sub(/\\$/, "", line)
             printf "%s%s", line, joined ? "" : "\n"
         }'
}

# The first column of a list of commands in a --help.
listed_commands() {
    sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p' | grep -vx help || true
}

man_commands() {
    find packaging/man -type f -exec sed -n 's/^\.Dl \(vencejo .*\)/\1/p' {} +
}

# The examples of vencejo, of its commands, and of theirs.
crawl_help() {
    local queue=(vencejo) command text name
    while ((${#queue[@]} > 0)); do
        command=${queue[0]}
        queue=("${queue[@]:1}")
        if ! text=$($command --help 2>&1); then
            printf '%s --help fails:\n%s\n' "$command" "$text" >&2
            return 1
        fi
        help_commands <<<"$text"
        while read -r name; do
            queue+=("$command $name")
        done < <(listed_commands <<<"$text")
    done
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
    crawl_help >"$scratch/from_help" || wrong "not every command has help"
    mapfile -t commands < <({
        documents | while read -r document; do document_commands "$document"; done
        man_commands
        cat "$scratch/from_help"
    } | grep -E '^(vencejo|\./dev help)( |$)' | awk '!seen[$0]++')
    ((${#commands[@]} > 0)) || wrong "no document shows a command"
    for command in "${commands[@]}"; do
        run_in_scratch "$command"
    done
}

export PATH=$bin:$PATH NO_COLOR=1
check_man_pages
check_links
check_programs
check_policies
check_commands
exit "$status"
