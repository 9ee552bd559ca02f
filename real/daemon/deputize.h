/* deputize.h - the process that is the deputy of one other at its home, and
 * does what the node's daemon says at a station
 * (real/homenode/driver/station.h):
 *
 *   run            it may begin, or go on here; what is being sent stays here
 *   drop           what came home is void
 *   go HOST TOKEN  send it there
 *   home           fetch it
 *   cancel         what is being sent is not to go
 *   freeze, thaw, kill
 *
 * It stands: held, before its program begins; home; sending; carried, all of it
 * was sent and it stands still; away; whole, it came home and stands still;
 * over and how. It says failed, and why, of a move that was not made.
 */
#ifndef REAL_DAEMON_DEPUTIZE_H
#define REAL_DAEMON_DEPUTIZE_H

#include "../homenode/driver/mover.h"

struct deputize_options
{
    pid_t pid;
    int listener;  /* Of the station. */
    int gate;      /* A byte written there begins its program; -1: it runs. */
    bool is_child; /* Ours, to be stopped as it is. */
    uint64_t lease_us;
};

/* Until it has ended or is lost. 0, or negative errno: it was never looked
 * after, and runs. SIGCHLD is blocked. */
int deputize(const struct deputize_options *options, struct complaint *ret);

#endif /* REAL_DAEMON_DEPUTIZE_H */
