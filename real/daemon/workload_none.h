/* workload_none.h - the workload of a daemon without a mover: nothing starts
 * and nothing comes, it only tells how its node is.
 */
#ifndef REAL_DAEMON_WORKLOAD_NONE_H
#define REAL_DAEMON_WORKLOAD_NONE_H

#include "workload.h"

struct node_workload workload_none(void);

#endif /* REAL_DAEMON_WORKLOAD_NONE_H */
