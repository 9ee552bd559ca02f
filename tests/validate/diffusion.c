/* diffusion.c - how fast diffusion converges: Cybenko 1989.
 *
 * All processes begin on one node of 16 corners of a hypercube, or of 8 of a
 * ring; or on every corner with an even number of ones, which is the vector
 * that is multiplied by 1 - 2 d a. In a round that all nodes begin at once,
 * with the loads of that instant, load is multiplied by I - a L, L the
 * Laplacian of the graph. So the distance from balance shrinks, in the end, by
 * the largest |1 - a x| over the other eigenvalues x of L: 2 k for k = 1 .. d
 * of a hypercube of dimension d, 2
 * - 2 cos(2 pi k / n) of a ring of n.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

enum { NODES_MAX = 16, NUMBERS_MAX = 256, ROUNDS_MAX = 32 };

/* Of the run. Rounds are at whole seconds; looked at 1/10 s before. */
struct course
{
    size_t node_count;
    size_t counts[NODES_MAX];
    /* Of processes, plus 1, by home and number there. */
    node_id places[NODES_MAX][NUMBERS_MAX];
    double distances[ROUNDS_MAX];
    size_t round_count;
};

static double distance(const struct course *course)
{
    double even = 0;
    double sum = 0;
    for (size_t i = 0; i < course->node_count; i++)
        even += (double)course->counts[i] / (double)course->node_count;
    for (size_t i = 0; i < course->node_count; i++)
        sum += pow((double)course->counts[i] - even, 2);
    return sqrt(sum);
}

static void look(struct course *course, usec_t at_us)
{
    while (course->round_count < ROUNDS_MAX &&
           (course->round_count + 1) * 1000000 - 100000 <= at_us)
        course->distances[course->round_count++] = distance(course);
}

/* Where each is counts from when it is on its way there. */
static void follow(void *sink, const struct record *record)
{
    struct course *course = sink;
    if (record->kind != RECORD_RUN)
        return;
    look(course, record->at_us);
    node_id *place =
        &course->places[record->proc >> 32][record->proc % NUMBERS_MAX];
    if (*place > 0)
        course->counts[*place - 1]--;
    *place = record->node + 1;
    course->counts[record->node]++;
}

/* A batch on node 0, or, of -count, on every even corner. */
static void put_batches(char *text, size_t room, const struct row *row)
{
    int used = 0;
    for (int home = 0; home < (row->other < 0 ? NODES_MAX : 1); home++)
        if (__builtin_popcount((unsigned)home) % 2 == 0)
            used += snprintf(text + used, room - (size_t)used,
                             "  - batch: {count: %.0f, cpu: 1000 h, memory: 4 "
                             "KiB, at: 0.5 s, home: %d}\n",
                             fabs(row->other), home);
}

static bool run(const struct row *row,
                struct course *course,
                const char **ret_why)
{
    char batches[1024];
    char text[2048];
    put_batches(batches, sizeof batches, row);
    snprintf(text, sizeof text,
             "vencejo: 1\nname: diffusion\nuntil: 30 s\nsample: 60 s\n"
             "clusters:\n  lab: {nodes: %.0f, cores: 1, speed: 1.0, memory: 1 "
             "TiB, swap: 0 B, link: {bandwidth: 1000 Gbps, latency: 10 ms}}\n"
             "migration: {mode: stop, fixed: 0 s}\nworkload:\n%spolicies: "
             "%s\n",
             row->number, batches, row->policies);
    struct row_sums sums = {.also = follow, .also_sink = course};
    course->node_count = (size_t)row->number;
    return row_run(text, 1, &sums, NULL, ret_why);
}

/* What a round leaves of the distance, over the rounds from row->law's first to
 * its last. */
double diffusion_rate(const struct row *row, const char **ret_why)
{
    struct course course = {0};
    unsigned from = 0;
    unsigned to = 0;
    if (sscanf(row->law, "%u %u", &from, &to) != 2 || from >= to ||
        !run(row, &course, ret_why))
        return NAN;
    look(&course, (to + 1) * UINT64_C(1000000));
    return pow(course.distances[to] / course.distances[from],
               1.0 / (to - from));
}
