/* serve.h - accepts processes of other nodes, with a guardian for each. */
#ifndef REAL_HOMENODE_DRIVER_SERVE_H
#define REAL_HOMENODE_DRIVER_SERVE_H

#include "../guest.h"

struct serve_options
{
    const char *listen;  /* ADDR:PORT */
    const char *control; /* For commands, control.h; NULL: none. */
    struct guest_options guest;
};

/* Until SIGTERM or SIGINT. Exit status. */
int serve(const struct serve_options *options);

#endif /* REAL_HOMENODE_DRIVER_SERVE_H */
