#!/bin/bash
# input.sh FOLDER - what the programs of programs.list work on, always the same
# bytes and dates. Made once; FOLDER is complete when it has its name.
set -euo pipefail
export LC_ALL=C TZ=UTC
readonly folder=${1:?which folder}
[[ -d $folder ]] && exit 0
mkdir -p "$(dirname "$folder")"
part=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$part"' EXIT
cd "$part"

# words SEED COUNT: lines of made-up words, as often as in a language.
words() {
    awk -v seed="$1" -v count="$2" 'BEGIN {
        for (i = 0; i < 4000; i++) {
            word = ""
            for (k = 2 + i % 7; k > 0; k--) {
                seed = (seed * 16807) % 2147483647
                word = word substr("etaoinshrdlucmfwypvbgkqjxz", int((seed / 2147483647) ^ 1.5 * 26) + 1, 1)
            }
            list[i] = word
        }
        for (i = 0; i < count; i++) {
            line = i
            for (k = 0; k < 9; k++) {
                seed = (seed * 16807) % 2147483647
                line = line " " list[int((seed / 2147483647) ^ 3 * 4000)]
            }
            print line
        }
    }'
}

make_tree() {
    local i
    mkdir -p tree/{0..9}/{0..4}
    for i in {0..499}; do
        sed -n "$((i * 40 + 1)),$((i * 40 + 40 + i % 7))p" text >"tree/$((i % 10))/$((i / 10 % 5))/file$i"
    done
}

# source_file NUMBER: functions enough to take the compiler some time.
source_file() {
    local k
    printf '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <math.h>\n'
    for k in {0..39}; do
        cat <<END
static double weight_$1_$k(const double *v, int n)
{
    double sum = $k.0, least = v[0];
    for (int i = 0; i < n; i++) {
        sum += v[i] * v[(i * $((k + 3))) % n] + sqrt(fabs(v[i] - $1.$k));
        switch (i % 5) {
        case 0: sum *= 0.99; break;
        case 1: least = v[i] < least ? v[i] : least; break;
        case 2: sum -= least; break;
        default: sum = fmod(sum, 1000.0 + $k);
        }
    }
    return sum - least;
}
END
    done
    printf 'double part_%s(const double *v, int n)\n{\n    return 0' "$1"
    printf " + weight_$1_%s(v, n)" {0..39}
    printf ';\n}\n'
}

make_sources() {
    local i
    mkdir sources
    for i in {0..11}; do
        source_file "$i" >"sources/part$i.c"
    done
    {
        printf '#include <stdio.h>\n'
        printf 'double part_%s(const double *v, int n);\n' {0..11}
        printf 'int main(void)\n{\n    double v[100], sum = 0;\n    for (int i = 0; i < 100; i++)\n        v[i] = i * 0.37;\n'
        printf '    sum += part_%s(v, 100);\n' {0..11}
        printf '    printf("%%.6f\\n", sum);\n    return 0;\n}\n'
    } >sources/main.c
    cat >sources/Makefile <<'END'
objects = $(patsubst %.c,%.o,$(sort $(wildcard *.c)))
CFLAGS = -O2
all: program check
program: $(objects)
	$(CC) -o $@ $(objects) -lm
check: program
	./program >check
%.o: %.c
	$(CC) $(CFLAGS) -c -o $@ $<
END
}

# A history of 400 commits, by a stream, so that it has the same names anywhere.
make_repository() {
    local i
    command -v git >/dev/null || return 0
    git init -q --bare -b main repository.git
    for i in {1..400}; do
        printf 'commit refs/heads/main\ncommitter A <a@b.c> %s +0000\ndata 8\nstep %03d\n' "$((1600000000 + i * 60))" "$i"
        sed -n "$((i * 30)),$((i * 30 + 400))p" text >blob
        printf 'M 644 inline folder%s/file%s\ndata %s\n' "$((i % 5))" "$((i % 60))" "$(stat -c %s blob)"
        cat blob
        printf '\n'
    done | git -C repository.git fast-import --quiet
    rm blob repository.git/hooks/*
}

words 1 60000 >text
words 2 500000 >"$PWD/words"
gzip -9nc <words >words.gz
make_tree
make_sources
make_repository
find . -exec touch -h -d '2020-02-02 02:02:02 UTC' {} +
trap - EXIT
chmod 755 "$part"
mv -T "$part" "$folder" 2>/dev/null || rm -rf "$part"
