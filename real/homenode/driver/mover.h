/* mover.h - takes one process about between its home and hosts that serve. */
#ifndef REAL_HOMENODE_DRIVER_MOVER_H
#define REAL_HOMENODE_DRIVER_MOVER_H

#include "../deputy.h"
#include "connection.h"
#include "tally.h"

enum { HOSTS_MAX = 16, AT_HOME = -1 };

struct mover
{
    struct deputy *deputy;
    const char *const *hosts;
    size_t host_count;
    uint64_t lease_us;
    int place;                        /* Of the body: a host, or AT_HOME. */
    struct connection connections[2]; /* To its host, and to the next one. */
    size_t current;
    bool
        pending; /* Happened while its next host was asked for: not told yet. */
    enum deputy_event pending_event;
    bool frozen;             /* By command, so we do not stop as it does. */
    char token[TOKEN_BYTES]; /* Of the body, at its host. */
    struct tally tally;
};

int mover_create(struct mover *m,
                 pid_t pid,
                 const char *const *hosts,
                 size_t host_count,
                 const struct deputy_options *options,
                 struct complaint *ret_complaint);
void mover_destroy(struct mover *m);

/* To a host, now; or home, which mover_serve() tells when it is done. What is
 * refused is in the tally, and in the complaint. */
int mover_go(struct mover *m, int place, struct complaint *ret_complaint);

/* The same, and the host knows it by this token. */
int mover_go_as(struct mover *m,
                int place,
                const char token[TOKEN_BYTES],
                struct complaint *ret_complaint);

/* deputy_serve(), with the tally. A stream that breaks is mended here as far as
 * it goes. */
int mover_serve(struct mover *m, int wake, enum deputy_event *ret_event);

#endif /* REAL_HOMENODE_DRIVER_MOVER_H */
