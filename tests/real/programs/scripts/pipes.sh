#!/bin/bash
# pipes.sh ROUNDS FOLDER: pipes, here-documents, substitutions, traps, loops.
trap 'echo "end of $round"' EXIT
for ((round = 1; round <= $1; round++)); do
    sum=0
    for ((i = 0; i < 150000; i++)); do
        ((sum = (sum * 31 + i) % 1000003))
    done
    tr a-y b-z <<END | sort -r | head -n 3
round $round has $sum
$(grep -c e "$2/text") lines
$((round * sum)) and $(seq 3 | paste -sd+ | sed 's/+/ + /g')
END
    cat "$2"/tree/1/*/file*1 | awk -v r="$round" 'NR % 50 == r {print $2, $3}' | tee "words$round" | wc -l
    while IFS=' ' read -r first second _; do
        printf '%s-%s\n' "$second" "$first"
    done < <(head -n "$((round * 2))" "words$round") >"pairs$round"
    kill -0 $$ && (exit "$((round % 7))") || echo "status $?"
done
