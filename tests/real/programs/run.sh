#!/bin/bash
# run.sh [--long] [--only-home] [--mode=MODE] BUILD_FOLDER [NAME...] - programs
# of programs.list, all if none is named: each runs untouched, then away, then
# bouncing among its home and two hosts, and must do the same to the byte.
#
# Prints the Test Anything Protocol; a row for each program, with what was
# measured, goes to BUILD_FOLDER/programs/FORM/NAME (table.sh makes the table).
# Exits with 77 if all were skipped.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source-path=SCRIPTDIR
source "$here/nodes.sh"
enter_namespaces "$0" "$@"

readonly SHARE_MIN=50 # Per cent.
# The short form is for machines that are busy otherwise.
readonly CHILDREN_MS=10 # So old a child moves.
FORM=short EVERY_MS=100 MOVES_MIN=5 SECONDS_MIN=60 MODES=(home away bounce)
TRANSFER=stop
while [[ ${1:-} == --* ]]; do
    case $1 in
        --long) FORM=long EVERY_MS=200 MOVES_MIN=20 SECONDS_MIN=240 ;;
        --only-home) MODES=(home) ;;
        --mode=*) TRANSFER=${1#*=} ;;
        *) echo "run.sh does not take $1" >&2; exit 2 ;;
    esac
    shift
done
BUILD=$(realpath "${1:?which build folder}")
shift
readonly FORM EVERY_MS MOVES_MIN SECONDS_MIN MODES TRANSFER BUILD
readonly HOMENODE=$BUILD/bin/homenode
RESULTS=$BUILD/programs/$FORM
[[ $TRANSFER == stop ]] || RESULTS+=.$TRANSFER # How it goes out of home.
readonly RESULTS
declare -A SPENT_MS EXIT_CODE
tap_count=0 failed=0 ran=0 SERVE_PIDS=()

say() {
    local verdict=$1
    shift
    tap_count=$((tap_count + 1))
    echo "$verdict $tap_count - $*"
    [[ $verdict == ok ]] || failed=1
}

explain() {
    printf '%s\n' "$*" | head -n 40 | awk '{print "#   " $0}'
}

# ---- The scratch folder, which all of them know as /mnt. ---------------------

make_scratch() {
    mkdir -p "$RESULTS"
    SCRATCH=$(mktemp -d "$BUILD/programs/run.XXXXXX")
    trap end_scratch EXIT
    "$here/input.sh" "$BUILD/programs/input"
    mkdir "$SCRATCH"/{bin,input,nowhere,scripts}
    install "$BUILD/bin/torture" "$SCRATCH/bin/" 2>/dev/null || true
    install -m 644 "$here"/scripts/* "$SCRATCH/scripts/"
    make_helpers
    mount --bind "$SCRATCH" /mnt
    mount --bind -o ro "$BUILD/programs/input" /mnt/input
}

# The input is not in it when it goes.
# shellcheck disable=SC2317 # By trap.
end_scratch() {
    local pid
    for pid in "${SERVE_PIDS[@]}"; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    end_cgroups
    if mountpoint -q /mnt/input; then
        umount -l /mnt/input
    fi
    rm -rf --one-file-system "$SCRATCH"
}

# What commands of the list may say. `moved` is made for each mode.
make_helpers() {
    cat >"$SCRATCH/bin/copies" <<'END'
#!/bin/bash
# copies N WORD: the word so often.
for ((i = 0; i < $1; i++)); do echo "$2"; done
END
    cat >"$SCRATCH/bin/feed" <<'END'
#!/bin/bash
# feed N: so many lines, a tenth of a second apart.
for ((i = 0; i < $1; i++)); do echo "line $i"; sleep 0.1; done
END
    chmod +x "$SCRATCH"/bin/{copies,feed}
}

# make_moved MODE: the program that runs a program in this mode.
make_moved() {
    local options=()
    case $1 in
        away) options=(--host "${HOST_ADDRESSES[0]}:$NODE_PORT" --away --children "$CHILDREN_MS") ;;
        bounce) options=(--host "${HOST_ADDRESSES[0]}:$NODE_PORT"
            --host "${HOST_ADDRESSES[1]}:$NODE_PORT" --every "$EVERY_MS" --children "$CHILDREN_MS") ;;
    esac
    {
        echo '#!/bin/bash'
        if ((${#options[@]})); then
            echo "exec '$HOMENODE' run --mode $TRANSFER ${options[*]} --report /mnt/reports/\$\$.json -- \"\$@\""
        else
            # shellcheck disable=SC2016 # For the script that is written.
            echo 'exec "$@"'
        fi
    } >"$SCRATCH/bin/moved"
    chmod +x "$SCRATCH/bin/moved"
}

# ---- One run of one program. -------------------------------------------------

# Every file that it made, with all but its dates.
manifest() {
    (
        cd "$1"
        find . -printf '%p %y %m %l\n' | sort
        find . -type f -print0 | sort -z | xargs -0r sha256sum
    )
}

# run_mode MODE COMMAND SIZE FORGET SECONDS_MAX: out, err and files are
# beside each other in SCRATCH/run.MODE.
run_mode() {
    local mode=$1 command=$2 size=$3 forget=$4 seconds_max=$5 begun status=0
    rm -rf "$SCRATCH"/{work,reports}
    mkdir -p "$SCRATCH"/{work,reports} "$SCRATCH/run.$mode"
    make_moved "$mode"
    begun=${EPOCHREALTIME/./}
    (
        cd /mnt/work
        exec timeout --kill-after=2 "$seconds_max" env -i \
            PATH=/mnt/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin \
            HOME=/mnt/nowhere TMPDIR=/mnt/work LC_ALL=C.UTF-8 TZ=UTC TERM=dumb \
            OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONHASHSEED=0 \
            PERL_HASH_SEED=0 N="$size" input=/mnt/input scripts=/mnt/scripts \
            bash -o pipefail -c "$command"
    ) </dev/null >"$SCRATCH/run.$mode/out" 2>"$SCRATCH/run.$mode/err" || status=$?
    SPENT_MS[$mode]=$(((${EPOCHREALTIME/./} - begun) / 1000))
    EXIT_CODE[$mode]=$status
    ((status < 124)) || end_strays
    manifest "$SCRATCH/work" >"$SCRATCH/run.$mode/files"
    if [[ $forget != - ]]; then
        sed -Ei "$forget" "$SCRATCH/run.$mode/out" "$SCRATCH/run.$mode/err"
    fi
    rm -rf "$SCRATCH/reports.$mode"
    mv "$SCRATCH/reports" "$SCRATCH/reports.$mode"
}

# reported KEY MODE: the sum of this number over all its processes.
reported() {
    cat "$SCRATCH/reports.$2"/*.json* 2>/dev/null |
        { grep -oE "\"$1\": *[0-9]+" || true; } |
        awk -F: '{sum += $2} END {printf "%.0f\n", sum}'
}

# reported_texts KEY MODE: what stands in the list or object of this name.
reported_texts() {
    cat "$SCRATCH/reports.$2"/*.json* 2>/dev/null | tr -d '\n' |
        { grep -oE "\"$1\": *[[{][^]}]*" || true; } |
        sed -E "s/\"$1\": *[[{]//; s/\"//g" | grep . | sort -u | paste -sd ';' || true
}

# freeze_ms median|max: of all moves in which it stood still.
freeze_ms() {
    cat "$SCRATCH/reports.bounce"/*.json* 2>/dev/null |
        { grep -oE '"freeze_us": *[1-9][0-9]*' || true; } | awk '{print $2}' | sort -n |
        awk -v which="$1" '{us[NR] = $1}
            END {printf "%.1f\n", us[which == "max" ? NR : int((NR + 1) / 2)] / 1000}'
}

share_percent() {
    awk -v a="$(reported away_cpu_us away)" -v h="$(reported home_cpu_us away)" \
        'BEGIN {printf "%.0f\n", (a + h > 0) ? 100 * a / (a + h) : 0}'
}

# ---- What is to be seen. -----------------------------------------------------

# same_as_home MODE: or says what is not.
same_as_home() {
    local mode=$1 what
    if [[ ${EXIT_CODE[$mode]} != "${EXIT_CODE[home]}" ]]; then
        echo "exit ${EXIT_CODE[$mode]}, at home ${EXIT_CODE[home]}"
        tail -n 5 "$SCRATCH/run.$mode/out" "$SCRATCH/run.$mode/err"
        return 1
    fi
    for what in out err files; do
        cmp -s "$SCRATCH/run.home/$what" "$SCRATCH/run.$mode/$what" && continue
        echo "$what differs from home's:"
        diff -a "$SCRATCH/run.home/$what" "$SCRATCH/run.$mode/$what" | cut -c1-200 | head -n 12
        return 1
    done
}

# expected_moves MODE EXPECTATION: or says what was not as expected.
expected_moves() {
    local mode=$1 expectation=$2 moves share
    moves=$(reported moves "$mode")
    share=$(share_percent)
    if [[ $expectation == pinned ]]; then
        # It may move before it does what pins it.
        if ((share >= SHARE_MIN)) || [[ -z $(reported_texts reasons "$mode")$(reported_texts came_home "$mode") ]]; then
            echo "$share % of its CPU time was away, and nothing says why it is pinned"
            return 1
        fi
        return 0
    fi
    if [[ $expectation == brief ]] && ((SPENT_MS[$mode] < 2 * EVERY_MS)); then
        return 0
    fi
    if ((moves < 1)); then
        echo "it never moved: $(reported_texts reasons "$mode")"
        return 1
    fi
    if [[ $mode == bounce && $expectation == @(away|calls) ]] && ((moves < MOVES_MIN)); then
        echo "$moves moves, expected $MOVES_MIN: $(reported_texts reasons "$mode")"
        return 1
    fi
    [[ $expectation == begets && $FORM == short ]] && return
    if [[ $mode == away && $expectation == @(away|begets) ]] && ((share < SHARE_MIN)); then
        echo "$share % of its CPU time was away, expected $SHARE_MIN; it came home for: $(reported_texts came_home "$mode")"
        return 1
    fi
}

judge() {
    local name=$1 mode=$2 expectation=$3 before=$4 why=''
    why=$(same_as_home "$mode") || true
    [[ -n $why ]] || why=$(expected_moves "$mode" "$expectation") || true
    [[ -n $why ]] || why=$(leftovers "$before") || why="left behind: $why"
    if [[ -z $why ]]; then
        say ok "$name $mode: ${SPENT_MS[$mode]} ms, $(reported moves "$mode") moves, $(reported calls "$mode") calls"
        return 0
    fi
    say 'not ok' "$name $mode"
    explain "$why"
    mkdir -p "$BUILD/programs/failed"
    rm -rf "$BUILD/programs/failed/$name.$mode"
    cp -r "$SCRATCH/run.$mode" "$BUILD/programs/failed/$name.$mode"
    cp -r "$SCRATCH/reports.$mode" "$BUILD/programs/failed/$name.$mode/reports"
    end_strays
    return 1
}

# ---- The list. ---------------------------------------------------------------

write_row() {
    local name=$1 expectation=$2 result=$3 reason=$4
    printf '%s\t' "$name" "$expectation" "$result" "${SPENT_MS[home]:-}" \
        "${SPENT_MS[away]:-}" "${SPENT_MS[bounce]:-}" "$(share_percent)" \
        "$(reported calls away)" "$(reported moves bounce)" \
        "$(freeze_ms median)" "$(freeze_ms max)" \
        "$(reported_texts came_home bounce)" "$(reported_texts reasons bounce)" \
        >"$RESULTS/$name"
    printf '%s\n' "$reason" >>"$RESULTS/$name"
}

# is_there NEEDS: packages on this machine: PACKAGE or PACKAGE:FILE.
is_there() {
    local need file
    for need in $1; do
        file=${need#*:}
        [[ $need == - ]] || command -v "$file" >/dev/null || compgen -G "$file" >/dev/null || {
            echo "no $file (package ${need%%:*})"
            return 1
        }
    done
}

skip() {
    say ok "$1 # SKIP $2"
    SPENT_MS=()
    rm -rf "$SCRATCH"/reports.*
    write_row "$1" "$3" "skipped: $2" "$4"
}

run_program() {
    local name=$1 needs=$2 size=$3 expectation=$4 command=$5 forget=$6 reason=$7
    local mode why result=same before seconds=900
    SPENT_MS=() EXIT_CODE=()
    rm -rf "$SCRATCH"/reports.*
    why=$(is_there "$needs") || { skip "$name" "$why" "$expectation" "$reason"; return; }
    for mode in "${MODES[@]}"; do
        before=$(count_things)
        run_mode "$mode" "$command" "$size" "$forget" "$seconds"
        if [[ $mode == home ]]; then
            case ${EXIT_CODE[home]} in
                0) say ok "$name home: ${SPENT_MS[home]} ms" ;;
                77) skip "$name" "this machine cannot" "$expectation" "$reason"; return ;;
                *) say 'not ok' "$name home: exit ${EXIT_CODE[home]}"
                    explain "$(tail -n 5 "$SCRATCH/run.home/err" "$SCRATCH/run.home/out")"
                    result="fails at home" ; break ;;
            esac
            seconds=$((SECONDS_MIN + SPENT_MS[home] / 100))
        else
            judge "$name" "$mode" "$expectation" "$before" || result="differs $mode"
            keep_hosts
        fi
    done
    ran=$((ran + 1))
    ((${#MODES[@]} == 1)) || write_row "$name" "$expectation" "$result" "$reason"
}

# What a failed run left must not disturb the next. All processes that can be
# seen here are of this script.
end_strays() {
    local pid keep=" $$ $BASHPID ${HOST_PIDS[*]} ${SERVE_PIDS[*]} "
    for pid in /proc/[0-9]*; do
        pid=${pid#/proc/}
        [[ $keep == *" $pid "* ]] || kill -9 "$pid" 2>/dev/null || true
    done
    sleep 0.2
}

# A daemon that died is an error of its own.
keep_hosts() {
    local pid
    for pid in "${SERVE_PIDS[@]}"; do
        kill -0 "$pid" 2>/dev/null && continue
        say 'not ok' 'a daemon ended'
        explain "$(tail -n 5 "$SCRATCH"/serve?.err)"
        start_hosts "$HOMENODE"
        break
    done
}

main() {
    local name needs sizes expectation command forget reason size
    make_scratch
    make_network
    if ((${#MODES[@]} > 1)); then
        start_hosts "$HOMENODE"
    fi
    while IFS=$'\t' read -r name needs sizes expectation command forget reason; do
        [[ -z $name || $name == '#'* ]] && continue
        (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
        size=${sizes%%[*/]*}
        [[ $FORM == long ]] && size=${sizes#*/}
        [[ $size == - ]] && continue
        run_program "$name" "$needs" "$size" "$expectation" "$command" "$forget" "$reason"
    done <"$here/programs.list"
    echo "1..$tap_count"
    ((failed == 0)) || return 1
    ((ran > 0)) || return 77
}

# In one line: the script may change while it runs.
main "$@"; exit
