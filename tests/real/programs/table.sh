#!/bin/bash
# table.sh BUILD_FOLDER short|long - docs/programs.md from what run.sh measured.
# table.sh --check DOCUMENT - or whether such a document has each program of the
# long form, in order, of the kind that is expected, and nothing that failed.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

# NAME KIND of the programs that have a long form.
expected_rows() {
    awk -F '\t' '/^[^#]/ && $3 !~ /\/-$/ {print $1, $4}' "$here/programs.list"
}

check() {
    local rows
    rows=$(awk -F ' *[|] *' '/^\| [^ ]+ \| (away|calls|begets|brief|pinned) \| .* \| .* \| .* \|/ {
        print $2, $3
        if ($4 !~ /^(same|skipped)/)
            print $2, $4
    }' "$1")
    diff --label "$1" <(echo "$rows") --label programs.list <(expected_rows) || {
        echo "$1 is not of these programs; tests/real/programs/table.sh makes it" >&2
        return 1
    }
}

table() {
    local name
    echo '| program | kind | result | at home s | away s | bouncing s | CPU time away | calls | moves | freeze ms, median | most |'
    echo '|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|'
    while read -r name _; do
        [[ -f $rows/$name ]] && awk -F '\t' '
            function s(ms) {return ms == "" ? "" : sprintf("%.1f", ms / 1000)}
            $3 ~ /^skipped/ {print "| " $1 " | " $2 " | " $3 " | | | | | | | | |"; next}
            {printf "| %s | %s | %s | %s | %s | %s | %s %% | %s | %s | %s | %s |\n",
                 $1, $2, $3, s($4), s($5), s($6), $7, $8, $9, $10, $11}
        ' "$rows/$name"
    done < <(expected_rows)
}

# Why a program is not simply away: what we know of it, what the engine said.
reasons() {
    local name kind
    while read -r name kind; do
        [[ $kind == away || ! -f $rows/$name ]] && continue
        awk -F '\t' '
            function tidy(list) {
                gsub(/ *, *|;/, ", ", list)
                gsub(/ +/, " ", list)
                gsub(/^[ ,]+|[ ,]+$/, "", list)
                return list
            }
            {
                printf "* %s (%s): %s.", $1, $2, $14
                if (tidy($12) != "")
                    printf " It came home for %s.", tidy($12)
                if ($2 == "pinned" && tidy($13) != "")
                    printf " Said: %s.", tidy($13)
                print ""
            }' "$rows/$name"
    done < <(expected_rows)
}

document() {
    cat <<END
# Programs that move

Debian's programs, and one of ours for what is hard to move
([tests/real/programs](../tests/real/programs)), at home untouched, away at a host, and bouncing among their home and two
hosts every $([[ $form == long ]] && echo 200 || echo 100) ms. What they print, their exit codes and the files that they make are
compared with those at home byte for byte. Nodes are network namespaces of one machine: $(nproc) cores, Linux $(uname -r),
$(awk -F ': ' '/model name/ {print $2; exit}' /proc/cpuinfo), each run beside another one, and whatever else it had to do.

*CPU time away* is the share of all CPU time, when sent away as soon as possible, that was used at the host. *Calls* were
made at home for it meanwhile. *Moves* and *freeze* are those of bouncing; a freeze is from the stop until it ran again.
With --children 10, what a program starts moves as well once it is 10 ms old, and is counted in.

| kind | what is asked of it |
|---|---|
| away | it moves, has at least half of its CPU time away, and makes at least twenty moves when bouncing |
| calls | it moves as often, but its CPU time is the kernel's, at home |
| begets | it and what it starts move, and at least half of the CPU time of all is away |
| brief | it moves, but is over too soon, or too often at home, for twenty moves |
| pinned | it is at home as soon as it does what pins it, goes on there unharmed, and says why |

Made as root by

    ctest --preset release -C $form -L programs-$form
    tests/real/programs/table.sh build/release $form >docs/programs.md

$(table)

## Why not simply away

$(reasons)
END
}

if [[ ${1:-} == --check ]]; then
    check "${2:?which document}"
else
    rows=${1:?which build folder}/programs/${2:?short or long} form=$2
    document
fi
