/* crossing.c - who should look, senders or receivers: Eager, Lazowska and
 * Zahorjan 1986 (Performance Evaluation). At low load senders find an idle node
 * and receivers find nobody; at high load it is the other way round.
 *
 * Exponential work of mean 1 at rate lambda, transfers for nothing, infinitely
 * many nodes; s(i) is the share of nodes with at least i processes. If a node
 * that becomes idle probes up to L others once for one with at least two,
 *     s(1) = lambda,  (lambda - s(2)) (1 - s(2))^L = lambda (1 - lambda),
 *     s(i + 1) / s(i) = lambda / (1 + q) from i = 2 on, with
 *     q = (lambda - s(2)) (1 - (1 - s(2))^L) / s(2);
 * mean response is the sum of s(i) over lambda. (From ds/dt = 0: Mitzenmacher,
 * "Analyses of Load Stealing Models", SPAA 1998, for L = 1.) Of Threshold(1, L)
 * the values are those of literature 1h.
 */
#include <stdio.h>

#include "rows.h"

enum { NODES = 200, JOBS = 80000 };

/* Mean response over mean work at load row->number. */
double crossing_response(const struct row *row, const char **ret_why)
{
    char text[1024];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: crossing\nsample: 60 s\nclusters:\n  lab: "
             "{nodes: %d, cores: 1, speed: 1.0, memory: 1 TiB, swap: 0 B, "
             "link: {bandwidth: 1000 Gbps, latency: 1 us}}\nprocess: {calls: "
             "0 /s}\nmigration: {mode: stop, fixed: 0 s, start-fixed: 0 s, "
             "start-bytes: 1 B}\nworkload:\n  poisson: {load: %g, count: %d, "
             "cpu: {exponential: 10 s}, memory: 4 KiB, home: "
             "random}\npolicies: %s\n",
             NODES, row->number, JOBS, row->policies);
    return row_metric(text, 1, "mean_response_s", ret_why) / 10;
}
