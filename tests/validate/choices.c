/* choices.c - the tail of queues under the power of d choices: Mitzenmacher
 * 2001. The share s(i) of nodes with at least i processes is
 * lambda^((d^i - 1) / (d - 1)): its logarithm grows exponentially with i. The
 * load that a run happens to have is s(1); 1/1000 more of it makes s(5) larger
 * by 3/100. So what is measured is ln s(i) / ln s(1).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

enum { NODES = 500, LENGTH_MAX = 16, JOBS = 150000, WARM_UP_US = 200000000 };

struct queues
{
    size_t counts[NODES];
    size_t nodes_with[LENGTH_MAX + 1]; /* At least i processes. */
    usec_t last_us;
    double area[LENGTH_MAX + 1]; /* Integral of nodes_with, in us. */
    double span;
    double
        area_kept[LENGTH_MAX + 1]; /* At the last arrival: then they drain. */
    double span_kept;
};

static void pass(struct queues *q, usec_t at_us)
{
    usec_t from_us = q->last_us > WARM_UP_US ? q->last_us : WARM_UP_US;
    q->last_us = at_us;
    if (at_us <= from_us)
        return;
    for (size_t i = 0; i <= LENGTH_MAX; i++)
        q->area[i] += (double)(at_us - from_us) * (double)q->nodes_with[i];
    q->span += (double)(at_us - from_us);
}

static void follow(void *sink, const struct record *record)
{
    struct queues *q = sink;
    bool comes = record->kind == RECORD_RUN;
    if (!comes && record->kind != RECORD_ENDED && record->kind != RECORD_SUBMIT)
        return;
    pass(q, record->at_us);
    size_t *count = &q->counts[record->node];
    if (record->kind == RECORD_SUBMIT) {
        for (size_t i = 0; i <= LENGTH_MAX; i++)
            q->area_kept[i] = q->area[i];
        q->span_kept = q->span;
    } else if (comes) {
        ++*count;
        q->nodes_with[*count < LENGTH_MAX ? *count : LENGTH_MAX]++;
    } else {
        q->nodes_with[*count < LENGTH_MAX ? *count : LENGTH_MAX]--;
        --*count;
    }
}

/* ln s(row->other) / ln s(1) at load row->number. */
double choices_tail(const struct row *row, const char **ret_why)
{
    char text[1024];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: choices\nsample: 60 s\nclusters:\n  lab: "
             "{nodes: %d, cores: 1, speed: 1.0, memory: 1 TiB, swap: 0 B, "
             "link: {bandwidth: 1000 Gbps, latency: 1 us}}\nprocess: {calls: "
             "0 /s}\nmigration: {mode: stop, fixed: 0 s, start-fixed: 0 s, "
             "start-bytes: 1 B}\nworkload:\n  poisson: {load: %g, count: %d, "
             "cpu: {exponential: 10 s}, memory: 4 KiB, home: "
             "random}\npolicies: %s\n",
             NODES, row->number, JOBS, row->policies);
    struct queues *q = calloc(1, sizeof *q);
    if (!q) {
        *ret_why = "no memory";
        return NAN;
    }
    struct row_sums sums = {.also = follow, .also_sink = q};
    double exponent = NAN;
    if (row_run(text, 1, &sums, NULL, ret_why))
        exponent =
            log(q->area_kept[(size_t)row->other] / q->span_kept / NODES) /
            log(q->area_kept[1] / q->span_kept / NODES);
    free(q);
    return exponent;
}
