/* export.h - a run for viewers that people already use.
 *
 * Both write what a history tells, event by event, into a file that the caller
 * opened and closes; errors of writing are the caller's to find there. Between
 * events they hold no more than what is open.
 *
 * Chrome: the Trace Event Format (Duffy, "Trace Event Format", 2016), which
 * chrome://tracing and Perfetto read. A cluster is a process of it, a lane of a
 * node a thread; processes are X events, isolations and downs B and E, moves
 * flows s and f, owners' wishes, faults and checkpoints instants, and
 * what each cluster has is a counter.
 *
 * Paje: the trace format of Paje (Schnorr, "Paje trace file format", 2016),
 * which ViTE reads. Containers are grid, cluster, node and lane; processes are
 * states of lanes, moves links between lanes, and what each cluster has are
 * variables.
 */
#ifndef RESULTS_EXPORT_H
#define RESULTS_EXPORT_H

#include <stdio.h>

#include "history.h"

struct export;

/* Writes what comes first. Grid and run are kept by pointer. */
struct export *chrome_create(const struct grid *grid,
                             const struct history_run *run,
                             FILE *out);
struct export *paje_create(const struct grid *grid,
                           const struct history_run *run,
                           FILE *out);

/* For history_create(); who is the export. */
void chrome_take(void *who, const struct history_event *event);
void paje_take(void *who, const struct history_event *event);

/* Behind history_end(): writes what comes last. */
void chrome_end(struct export *export);
void paje_end(struct export *export);

void export_destroy(struct export *export); /* Takes NULL. */

/* ---- What both keep (export.c). ------------------------------------------ */

/* Processes that a cluster has: its own, and guests that run; frozen; waiting.
 */
enum export_count {
    EXPORT_OWN,
    EXPORT_GUESTS,
    EXPORT_FROZEN,
    EXPORT_WAITING,
    EXPORT_COUNTS
};
extern const char *const export_count_names[EXPORT_COUNTS];

/* Threads or containers of a node: number by lane, 0 where there is none yet.
 */
struct export_node
{
    uint64_t self; /* Of the node itself. */
    uint64_t *lanes;
    size_t lane_count;
};

struct export
{
    const struct grid *grid;
    const struct history_run *run;
    FILE *out;
    bool begun;     /* There is an event in the list. */
    uint64_t at_us; /* Of the last event. */
    uint64_t last_number;
    struct export_node *nodes;
    int64_t(*counts)[EXPORT_COUNTS]; /* By cluster; */
    bool *changed;                   /* not written yet. */
    size_t *changes; /* Clusters that are, in order of change. */
    size_t change_count;
};

struct export *export_create(const struct grid *grid,
                             const struct history_run *run,
                             FILE *out);

/* The place of the lane's number, which is 0 before it is set. */
uint64_t *export_lane(struct export *export, node_id node, uint32_t lane);

/* ENTERED and LEFT change the counts. */
void export_count(struct export *export, const struct history_event *event);

/* "lab 3.17": cluster of its home, home and count of the simulator, or its
 * number. */
enum { EXPORT_NAME_BYTES = GRID_NAME_BYTES + 32 };
void export_name(const struct export *export,
                 const struct history_life *life,
                 char *ret_name);

#endif /* RESULTS_EXPORT_H */
