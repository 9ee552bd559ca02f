/* guardian.h - the process that has one guest: it alone hears what the guest's
 * home sends. */
#ifndef REAL_HOMENODE_DRIVER_GUARDIAN_H
#define REAL_HOMENODE_DRIVER_GUARDIAN_H

#include "../guest.h"

/* What a guardian lives on. */
struct guardian
{
    int home;       /* The socket to its guest's home. */
    bool elsewhere; /* The image comes by another. */
    int pass;       /* Further ones come here: pass.h. Closed: end. */
    struct guest_options options;
};

/* Until the guest is gone. 0: it ran here; 1: it could not. */
int guardian_run(const struct guardian *g);

#endif /* REAL_HOMENODE_DRIVER_GUARDIAN_H */
