# bench_policies.sh - rows of ./dev bench about policies: what a call of a handler
# and a gossip entry merged cost on 1,024 nodes beside 128. A board has room for
# 128 in both, so that what a handler reads is alike; a handler that is dearer
# nevertheless is named, with its growth, and so are messages of which there are
# more.

readonly POLICIES_NODES=1024
readonly POLICIES_NODES_BASE=128
readonly POLICIES_GROWTH=1.5 # Beyond noise: a call costs so many times as much.
readonly POLICIES_TIMED_MIN=100 # Calls; fewer say nothing of a growth.
readonly POLICIES_OUT=$BENCH_OUT/policies

# policy_situation POLICY: what it needs beside its defaults to have work.
policy_situation() {
    case $1 in
        balance_linger | balance_home_model) echo place_best ;;
        freeze_marks) echo red_milli=2000 blue_milli=1000 slice_us=2000000 ;;
    esac
}

# policy_figures POLICY NODES: a run's figures.
policy_figures() {
    # shellcheck disable=SC2046
    "$BENCH_BIN/bench_policies" "$1" "$2" $(policy_situation "$1")
}

# policy_medians FILE: of all rounds in it, the median of each figure.
policy_medians() {
    sort -t $'\t' -k1,1 -k2,2g "$1" | awk -F '\t' '
        function tell() {
            if (n) printf "%s\t%.9g\n", name,
                          n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
        }
        $1 != name {tell(); name = $1; n = 0}
        {v[++n] = $2}
        END {tell()}'
}

# policy_growth BASE OURS: "receive x 4.2" for each handler that costs so much
# more, beyond what the board had more entries then, and the messages if there
# are more of them.
policy_growth() {
    awk -F '\t' -v least="$POLICIES_GROWTH" -v few="$POLICIES_TIMED_MIN" '
        NR == FNR {base[$1] = $2; next}
        {ours[$1] = $2}
        END {
            for (name in ours) {
                if (name !~ /^handler_/ || base[name] < 10) continue
                handler = substr(name, 9, length(name) - 11)
                if (base["timed_" handler] < few || ours["timed_" handler] < few) continue
                listed = base["listed_" handler] > 0 ? ours["listed_" handler] / base["listed_" handler] : 1
                if (ours[name] > least * base[name] * (listed > 1 ? listed : 1))
                    text[handler] = sprintf("%s x %.1f", handler, ours[name] / base[name])
            }
            name = "messages_per_node_s"
            if (base[name] > 0 && ours[name] > least * base[name])
                text["messages"] = sprintf("messages x %.1f", ours[name] / base[name])
            count = split("start sampled wake changed receive place arrived moved admit messages", order, " ")
            for (i = 1; i <= count; i++)
                if (order[i] in text) all = all (all ? ", " : "") text[order[i]]
            print all ? "grows: " all : ""
        }' "$1" "$2"
}

# policy_row CLAIM FIGURE BASE OURS [NOTE]
policy_row() {
    local ours base
    ours=$(figure "$2" <"$4")
    base=$(figure "$2" <"$3")
    row "$1" "$(printf '%.1f ns' "$ours")" "$(printf '%.1f ns' "$base")" \
        "$(awk -v x="$ours" -v y="$base" 'BEGIN {if (y > 0) printf "%.2f", x / y}')" "${5:-}"
}

policy_rows_of() {
    local policy=$1 base=$POLICIES_OUT/$1.base ours=$POLICIES_OUT/$1.ours i
    : >"$base.all"
    : >"$ours.all"
    for ((i = 0; i < BENCH_ROUNDS; i++)); do
        policy_figures "$policy" "$POLICIES_NODES" >>"$ours.all"
        policy_figures "$policy" "$POLICIES_NODES_BASE" >>"$base.all"
    done
    policy_medians "$base.all" >"$base"
    policy_medians "$ours.all" >"$ours"
    policy_row "$policy, a call" call_ns "$base" "$ours" "$(policy_growth "$base" "$ours")"
    [[ $policy != gossip_* ]] || policy_row "$policy, an entry merged" merge_entry_ns "$base" "$ours" \
        "$(awk -F '\t' '$1 == "merge_entries" {e = $2} $1 == "merge_entry_ns" {n = $2}
            END {printf "%.1f entries a message, %.0f ns", e, e * n}' "$ours")"
}

policy_rows() {
    local policy
    mkdir -p "$POLICIES_OUT"
    row "policies on $POLICIES_NODES nodes beside $POLICIES_NODES_BASE; load of $(nproc) cores" \
        "$(cut -d ' ' -f 1 /proc/loadavg)" '' '' "grows: over $POLICIES_GROWTH times"
    while read -r policy; do
        policy_rows_of "$policy"
    done < <("$BENCH_BIN/vencejo" policy list | awk -F '\t' 'NR > 1 {print $1}')
}
