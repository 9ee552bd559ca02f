#!/bin/bash
# self.sh - the checks see what they are for: each is shown a tree or an archive
# with one thing wrong, and must say so.
set -euo pipefail
cd "$(dirname "$0")"
checks=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
case_count=0

# expect pass|fail WHAT COMMAND...
expect() {
    local expected=$1 what=$2 verdict=pass
    shift 2
    "$@" >"$scratch/output" 2>&1 || verdict=fail
    case_count=$((case_count + 1))
    if [[ $verdict != "$expected" ]]; then
        printf 'expected %s: %s\n' "$expected" "$what" >&2
        cat "$scratch/output" >&2
        status=1
    fi
}

# A tree that keeps every rule.
good_tree() {
    rm -rf "$scratch/tree"
    mkdir -p "$scratch"/tree/{algorithms/node,sim,cli,traces}
    cd "$scratch/tree"
    touch algorithms/policy.h algorithms/node/node.h cli/terminal.h cli/own.h sim/net.h
    echo '#include "../policy.h"' >algorithms/node/node.c
    printf '#include <string.h>\n#include "policy.h"\n' >algorithms/place_home.c
    printf '#include "../algorithms/node/node.h"\n#include "../cli/terminal.h"\n' >sim/main.c
    printf '#include <simgrid/s4u.hpp>\n#include "net.h"\n' >sim/net.cpp
}

# with FILE TEXT CHECK: the good tree and one more line.
with() {
    good_tree
    printf '%s\n' "$2" >>"$1"
    expect fail "$2 in $1" "$checks/$3.sh" "$scratch/tree"
}

good_tree
expect pass 'a good tree' "$checks/layers.sh" "$scratch/tree"
expect pass 'a good tree' "$checks/style.sh" "$scratch/tree"
with algorithms/place_home.c '#include <time.h>' layers
with algorithms/place_home.c '#include <stdlib.h>' layers
with algorithms/node/node.c '#include "../../sim/net.h"' layers
with traces/swf.c '#include "../algorithms/policy.h"' layers
with sim/main.c '#include <simgrid/host.h>' layers
with sim/main.c '#  include <xbt/log.h>' layers
with sim/main.c '#include "../cli/own.h"' layers
with sim/main.c '#include "nowhere.h"' layers
with cli/main.c '#include "../sim/net.h"' layers
with sim/main.c "/* TO""DO: later. */" style
with sim/main.c 'typedef struct a b;' style
with sim/main.c '    sprintf(a, "b");' style
with sim/main.c '    srand(1);' style
with sim/main.c 'int a; // not so' style
with sim/main.c $'\tint a;' style
with sim/main.c 'int a; ' style
with sim/main.c "const char *a = \"$scratch/tree/x\";" style

# function_of LINES: its text, name and braces counted.
function_of() {
    printf 'void a(void)\n{\n'
    printf '    b();\n%.0s' $(seq 4 "$1")
    printf '}\n'
}

with sim/main.c "$(function_of 71)" style
good_tree
function_of 70 >>sim/main.c
expect pass 'a function of 70 lines' "$checks/style.sh" "$scratch/tree"

# archive TEXT: an archive of algorithms made of this source.
archive() {
    mkdir -p "$scratch/build/algorithms"
    rm -f "$scratch/build/algorithms/libalgorithms.a"
    printf '#include <stdlib.h>\n#include <string.h>\n%s\n' "$1" >"$scratch/a.c"
    gcc -O2 -c -o "$scratch/a.o" "$scratch/a.c"
    ar rc "$scratch/build/algorithms/libalgorithms.a" "$scratch/a.o"
}

archive 'int a(const char *b) { return (int)strlen(b); }
static const char *const names[] = {"a", "b"};
const char *c(int i) { return names[i]; }'
expect pass 'a pure archive' "$checks/purity.sh" "$scratch/build"
archive 'void *a(void) { return malloc(1); }'
expect fail 'a call of malloc' "$checks/purity.sh" "$scratch/build"
archive 'int a = 1;'
expect fail 'a global' "$checks/purity.sh" "$scratch/build"
archive 'int a(void) { static int b; return b++; }'
expect fail 'a static that changes' "$checks/purity.sh" "$scratch/build"
archive '_Thread_local int a;'
expect fail 'a global of the thread' "$checks/purity.sh" "$scratch/build"

# A tree with documents, and a vencejo that knows the command `policy list` only.
good_documents() {
    rm -rf "$scratch/tree" "$scratch/build"
    mkdir -p "$scratch/tree/packaging/man" "$scratch/build/bin"
    cd "$scratch/tree"
    cat >"$scratch/build/bin/vencejo" <<'END'
#!/bin/sh
case $* in
    --help) printf 'Usage: vencejo\n  policy  about policies\n' ;;
    'policy --help') printf 'Examples:\n  vencejo policy \\\n    list\n' ;;
    'policy list')
        touch ran
        printf 'name\tfamily\nplace_home\tplace\n'
        ;;
    *) exit 2 ;;
esac
END
    chmod +x "$scratch/build/bin/vencejo"
    printf '%s\n' '[this](README.md#map), [that](https://example.org)' >README.md
    printf '.Dd November 22, 2026\n.Dt A 1\n.Os\n.Sh NAME\n.Nm a\n.Nd b\n' \
        >packaging/man/a.1
}

# shellcheck disable=SC2317 # expect() calls it.
documents() {
    "$checks/documents.sh" "$scratch/build" "$scratch/tree"
}

good_documents
expect pass 'good documents' documents
expect fail 'a command leaves its files in the scratch copy' test -e ran
good_documents
echo '[gone](docs/gone.md)' >>README.md
expect fail 'a link that leads nowhere' documents
good_documents
# shellcheck disable=SC2016 # A prompt, no variable.
printf '```console\n$ vencejo policy \\\n    lst\n```\n' >>README.md
expect fail 'a command of a document that fails' documents
good_documents
printf '.Sh EXAMPLES\n.Dl vencejo polcy list\n' >>packaging/man/a.1
expect fail 'a command of a man page that fails' documents
good_documents
echo '.Zz' >>packaging/man/a.1
expect fail 'a man page with an unknown macro' documents
good_documents
sed -i 's/    list/    lst/' "$scratch/build/bin/vencejo"
expect fail 'a command of a --help that fails' documents
good_documents
sed -i "s/'policy --help'/'nothing'/" "$scratch/build/bin/vencejo"
expect fail 'a command that is listed and has no help' documents

# good_policies ROW: the good documents, and a table of policies of that row.
good_policies() {
    good_documents
    mkdir -p algorithms docs tests/validate
    printf '%s\n' "$1" >algorithms/README.md
    touch algorithms/place_home.c
    echo '{"it starts at home", f}, stand_add(s, "place_home")' >tests/test_place_home.c
    echo '{"another", f}' >tests/test_other.c
    echo 'policies: [place_home]' >tests/validate/rows.c
    printf '| %s |\n' 'makespan of 3 | paper | 9 | 9 | 9 to 9 | holds' \
        'ratio | paper | 9 | 8 | - | informational' 'bad | paper | 9 | 7 | 9 to 9 | fails' \
        >docs/validation.md
}

# verified pass|fail WHAT CELL: as what verifies place_home.
verified() {
    good_policies "| [place_home](place_home.c) | starts at home | $3 |"
    expect "$1" "$2" documents
}

# shellcheck disable=SC2016 # Code in Markdown, no command.
{
    verified pass 'a policy that is verified' \
        '`validate: makespan of`; `test_place_home: it starts at home`; `validate: ratio` (informational)'
    verified pass 'a policy that says that nothing else verifies it' 'the contract tests alone'
    verified fail 'a policy that nothing verifies' ''
    verified fail 'a row that is not in the validation' '`validate: response`'
    verified fail 'a row that fails' '`validate: bad`'
    verified fail 'an informational row that is not said to be so' '`validate: ratio`'
    verified fail 'a test that is not there' '`test_place_home: it starts elsewhere`'
    verified fail 'a test of another policy' '`test_other: another`'
}
good_policies ''
expect fail 'a policy without a row' documents
good_policies '| [place_home](place_home.c) | a | the contract tests alone |'
touch algorithms/place_best.c
echo '| [place_best](place_best.c) | a | the contract tests alone |' >>algorithms/README.md
expect fail 'a row of a policy that there is not' documents

((status == 0)) && echo "the checks saw $case_count of $case_count cases right"
exit "$status"
