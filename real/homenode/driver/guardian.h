/* guardian.h - the process that has one guest: it alone hears what the guest's
 * home sends. */
#ifndef REAL_HOMENODE_DRIVER_GUARDIAN_H
#define REAL_HOMENODE_DRIVER_GUARDIAN_H

#include "../guest.h"
#include "station.h"

/* What a guardian lives on. */
struct guardian
{
    int home;                /* The socket to its guest's home. */
    bool elsewhere;          /* The image comes by another. */
    int pass;                /* Further ones come here: pass.h. Closed: end. */
    struct station *station; /* They come here instead, and who is there says
                                whether the guest may run: run or drop. It
                                hears how the guest stands. NULL: none. */
    struct guest_options options;
};

/* Until the guest is gone. 0: it ran here; 1: it could not.
 *
 * At a station: freeze, thaw, kill, run, drop, and what connection.h has, each
 * with its socket, are heard. It stands: coming; whole; running PID; standing,
 * sent elsewhere or home; over and enum guest_event. wish is said of one that
 * waits to go home for a call, stays of one that was to be sent and was not. */
int guardian_run(const struct guardian *g);

#endif /* REAL_HOMENODE_DRIVER_GUARDIAN_H */
