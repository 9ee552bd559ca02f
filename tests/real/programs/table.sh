#!/bin/bash
# table.sh BUILD_FOLDER short|long - docs/programs.md from what run.sh measured.
set -euo pipefail
readonly rows=${1:?which build folder}/programs/${2:?short or long} form=$2
here=$(dirname "$(readlink -f "$0")")

# moment MODE: of a run at home with nothing moved is not told.
table() {
    local name
    echo '| program | expected | result | at home s | away s | bouncing s | CPU time away | calls | moves | freeze ms, median to most | came home for |'
    echo '|---|---|---|--:|--:|--:|--:|--:|--:|--:|---|'
    while IFS=$'\t' read -r name _; do
        [[ -f $rows/$name ]] && awk -F '\t' '
            function s(ms) {return ms == "" ? "" : sprintf("%.1f", ms / 1000)}
            function home(why) {gsub(/ *: */, " ", why); gsub(/;|,/, ", ", why); return substr(why, 1, 60)}
            $3 ~ /^skipped/ {print "| " $1 " | " $2 " | " $3 " | | | | | | | | |"; next}
            {printf "| %s | %s | %s | %s | %s | %s | %s %% | %s | %s | %s to %s | %s |\n",
                 $1, $2, $3, s($4), s($5), s($6), $7, $8, $9, $10, $11, home($12)}
        ' "$rows/$name"
    done < <(grep -v '^#' "$here/programs.list")
}

# Why a program is not simply away.
reasons() {
    local name
    while IFS=$'\t' read -r name _ _ expectation _ _ reason; do
        [[ $expectation == away || ! -f $rows/$name ]] && continue
        echo "- $name ($expectation): $reason. $(awk -F '\t' '$13 != "" {print "Said: " $13}' "$rows/$name")"
    done < <(grep -v '^#' "$here/programs.list")
}

cat <<END
# Programs that move

Debian's programs, and one of ours for what is hard to move (tests/real/programs), at home untouched, away at a host,
and bouncing among their home and two hosts every $([[ $form == long ]] && echo 200 || echo 100) ms. What they print, their exit codes and
the files that they make are compared with those at home byte for byte. Nodes are network namespaces of one machine:
$(nproc) cores, Linux $(uname -r), $(awk -F ': ' '/model name/ {print $2; exit}' /proc/cpuinfo). Written by \`table.sh\` from the $form form, as measured.

Expected: *away* moves, has at least half of its CPU time away, and makes at least twenty moves when bouncing; *calls*
moves as often, but its CPU time is the kernel's, at home; *brief* moves, but is over too soon or too often at home for
twenty moves; *pinned* is at home from when
it does what pins it, and says why.

$(table)

## Why

$(reasons)
END
