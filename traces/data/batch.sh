#!/bin/bash
# A mixed batch: six users submit real programs of Debian's base system with
# heavy-tailed CPU times, as Poisson processes. README.md says how it was
# recorded.
#
#   batch.sh prepare DIR   write the input that the programs work on
#   batch.sh run DIR       submit; ends when the last program has
#
# All randomness comes from the seed: the same programs with the same arguments
# at the same dates. How long they take is the machine's.
set -eu
export LC_ALL=C PATH=/usr/bin:/bin
unset DEBUGINFOD_URLS PYTHONPATH

seed=8
users=6
span_s=340
jobs_per_user=40

prepare() {
    perl -e '
        srand(shift);
        my @words = map { join "", map { chr(97 + int rand 26) } 1 .. 2 + rand 8 } 1 .. 20000;
        for (my $bytes = 0; $bytes < 96e6;) {
            my $line = join(" ", map { $words[20000 * rand() ** 2] } 1 .. 8) . "\n";
            print $line;
            $bytes += length $line;
        }' "$seed" >"$1/words"
    perl -e '
        for (1 .. 14000) {
            print "double f$_(double *a, int n) { double s = 0; for (int i = 0; i < n; i++)\n",
                  "for (int j = i; j < n; j++) s += a[i] * a[j] / ($_ + i + j); return s; }\n";
        }' >"$1/functions.c"
}

# Lines "wait_ms program cpu_s": exponential gaps; CPU times from a bounded
# Pareto law, 80 ms to 60 s with index 0.8. Programs whose input would become
# too large get short ones only.
schedule() {
    perl -e '
        my ($seed, $user, $count, $span_s) = @ARGV;
        srand($seed * 1000 + $user);
        my @long = qw(xz sha256sum mawk perl python3 bc gcc);
        my @any = (@long, qw(sort gzip sed find));
        my ($low, $high, $index) = (0.080, 60, 0.8);
        for (1 .. $count) {
            my $wait_ms = int(-log(1 - rand()) * $span_s / $count * 1000);
            my $left = 1 - rand() * (1 - ($low / $high) ** $index);
            my $cpu_s = $low * $left ** (-1 / $index);
            my @programs = $cpu_s < 1 ? @any : @long;
            printf "%d %s %.3f\n", $wait_ms, $programs[rand @programs], $cpu_s;
        }' "$seed" "$1" "$jobs_per_user" "$span_s"
}

# Become one program that takes about $2 s of CPU. The factors, units of work a
# second, were measured on the machine of the recording.
submit() {
    local ms=$((10#${2/./})) work
    work() { work=$(($1 * ms / 1000)); }
    case $1 in
    sort) work 80000000 && exec sort -S 512M --parallel=1 <(head -c "$work" words) ;;
    gzip) work 32000000 && exec gzip -9 < <(head -c "$work" words) ;;
    xz) work 1800000 && exec xz -6 -T1 < <(head -c "$work" words) ;;
    sed) work 8000000 && exec sed -E 's/([a-z]+) ([a-z]+)/\2 \1/g' < <(head -c "$work" words) ;;
    sha256sum) work 300000000 && exec sha256sum < <(head -c "$work" /dev/zero) ;;
    mawk) work 21000000 && exec mawk "BEGIN { for (i = 0; i < $work; i++) s += i % 7 * i; print s }" ;;
    perl) work 5500000 && exec perl -e "my %h; \$h{\$_ % 200000} += \$_ for 1 .. $work" ;;
    python3)
        work 6300000 && exec python3 -Sc "d = {}
for i in range($work): d[i % 400000] = d.get(i % 400000, 0) + i"
        ;;
    bc) work 3000000 && exec bc -lq <<<"for (i = 0; i < $work; i++) s += i * i" ;;
    gcc) work 225 && exec gcc -O2 -x c -c -o /dev/null - < <(head -n $((2 * work + 2)) functions.c) ;;
    find) work 9000 && find /usr -xdev -type f -size -9k | head -n "$work" | xargs -r cat | wc ;;
    esac
}

user() {
    local wait_ms program cpu_s timer
    export VENCEJO_USER=$1
    exec {timer}<> <(:)
    while read -r wait_ms program cpu_s; do
        # The builtin waits without a process, as sleep(1) would be one.
        read -rt "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))" -u "$timer" || true
        submit "$program" "$cpu_s" >/dev/null 2>&1 &
    done < <(schedule "$1")
    wait
}

run() {
    cd "$1"
    for ((number = 1; number <= users; number++)); do
        user "$number" &
    done
    wait
}

"${1:?prepare or run}" "${2:?a folder for the input}"
