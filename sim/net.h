/* net.h - bulk transfers over the platform's links, carried by SimGrid.
 *
 * The C face of the thin C++ shim (net_simgrid.cpp), which alone knows SimGrid
 * and builds with 3.32 and 4.x. It is a module, loaded when it is needed:
 * SimGrid brings thirty libraries, which cost as much as tens of thousands of
 * events. A flow is one migration image, checkpoint or file; flows share links
 * max-min. SimGrid is advanced by lookahead: only to the date of its own next
 * event, or to the date of a start or a cancel.
 * SimGrid's engine is one for each program: at most one net at a time, ever.
 * The engine and the platform are made at the first use of a route or a flow.
 *
 * C++ exceptions never leave the shim: a failed flow is reported as failed, a
 * platform that cannot be built as an error with SimGrid's own words.
 */
#ifndef SIM_NET_H
#define SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../scenarios/scenario.h"

#ifdef __cplusplus
extern "C" {
#endif

struct net;

/* Load SimGrid ahead of net_create(): a program that runs worlds in children
 * does it once for all of them. 0, or negative errno and complaint. */
int net_load(const struct scenario *scenario, struct complaint *ret_complaint);

/* Nodes are 0 .. node_count - 1 in the order of the scenario's clusters. With
 * scenario->platform, clusters, node_count and their memory and swap are filled
 * from the XML (zone = cluster, in order; host properties `memory` and `swap`
 * are quantities); platforms with availability profiles are refused. 0, or
 * negative errno and complaint. */
int net_create(struct scenario *scenario,
               struct net **ret_net,
               struct complaint *ret_complaint);
/* Whatever is under way is cancelled. To be called before the program ends:
 * SimGrid's own end is not a good one with anything under way. */
void net_destroy(struct net *net);

/* Of the route between two nodes; 0 and INFINITY to itself; INFINITY and 0 if
 * there is none. Cached for each pair of clusters (clusters are homogeneous
 * inside). */
double net_latency_s(struct net *net, uint32_t source, uint32_t target);
double net_bytes_per_s(struct net *net, uint32_t source, uint32_t target);

/* flow: a number chosen by the caller, dense from 0, not under way. bytes are
 * rounded to whole ones; with none the flow takes the latency, and to itself
 * nothing. Without a route it fails at once. */
void net_start(struct net *net,
               double now,
               uint32_t flow,
               uint32_t source,
               uint32_t target,
               double bytes);
void net_cancel(struct net *net, double now, uint32_t flow);

/* A node that is off: its flows fail, and a start to it fails at once. Its
 * execs stop: they never end, and net_exec_cancel() tells once what was left.
 */
void net_switch(struct net *net, double now, uint32_t node, bool on);

/* Between two clusters nothing gets through, or does again: flows under way
 * fail, a start fails at once. Both ways; routes stay what they are. */
void net_close(struct net *net,
               double now,
               uint32_t a,
               uint32_t b,
               bool closed);

/* Which traffic a wan link between clusters a and b carries: true at
 * x x cluster_count + y for every two clusters x and y whose way crosses it.
 * Not of a platform in XML. */
void net_crossing(struct net *net, uint32_t a, uint32_t b, bool *ret_crossing);

/* Date of the next completion or other event inside, which may be now, if
 * completions are still to be taken; INFINITY if none. */
double net_next(const struct net *net);

/* Advance to date (not past net_next()); then take completions one by one, in
 * the order of their dates, then of their flows. */
void net_advance(struct net *net, double date);
bool net_pop(struct net *net, uint32_t *ret_flow, bool *ret_failed);

/* ---- engine: simgrid. The reference: processes as SimGrid execs. --------- */

void net_exec_start(struct net *net,
                    double now,
                    uint32_t task,
                    uint32_t node,
                    double work,
                    double weight,
                    double bound);
double net_exec_cancel(struct net *net, double now, uint32_t task); /* Left. */

/* What net_exec_cancel() would return, with nothing changed: reference work in
 * seconds, INFINITY of a task that runs for ever, 0 at the date of the end. Not
 * of a task whose end has been taken. */
double net_exec_left(struct net *net, double now, uint32_t task);
void net_exec_weight(struct net *net, double now, uint32_t task, double weight);
bool net_exec_pop(struct net *net, uint32_t *ret_task);

#ifdef __cplusplus
}
#endif

#endif /* SIM_NET_H */
