/* workload_mover.h - the workload of a daemon that runs and moves processes:
 * struct node_workload by a mover (mover.h).
 */
#ifndef REAL_DAEMON_WORKLOAD_MOVER_H
#define REAL_DAEMON_WORKLOAD_MOVER_H

#include <uv.h>

#include "mover.h"
#include "workload.h"

struct workload_mover;

struct workload_mover_options
{
    uv_loop_t *loop;
    const char *state;   /* Folder of the daemon. */
    const char *socket;  /* For `vencejo run`. */
    const char *address; /* Of this node, with a port, which is not used. */
    const char *worker;  /* The program vencejo-worker. */
    node_id self;
    cluster_id cluster;
    uint32_t core_speed_milli;
};

/* Deputies and guardians that are there already are adopted. */
int workload_mover_create(struct workload_mover **ret,
                          const struct workload_mover_options *options,
                          struct complaint *ret_complaint);

/* When the loop has run to its end, behind stop(). NULL: nothing to do. */
void workload_mover_destroy(struct workload_mover *m);

struct node_workload workload_mover_of(struct workload_mover *m);

#endif /* REAL_DAEMON_WORKLOAD_MOVER_H */
