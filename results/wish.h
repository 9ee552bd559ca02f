/* wish.h - what the record `owner` says, by number: those that empty a place or
 * open it again. docs/journal.md has all of them; who parses scenarios counts
 * them alike. */
#ifndef RESULTS_WISH_H
#define RESULTS_WISH_H

enum wished {
    WISHED_ISOLATE = 0,  /* Its cluster: guests out, */
    WISHED_REJOIN = 1,   /* and in again. */
    WISHED_UNBLOCK = 3,  /* The node: guests in again. */
    WISHED_EXPEL = 4,    /* The node: guests out, */
    WISHED_LEAVE = 6,    /* before it goes down, */
    WISHED_RETURN = 7,   /* and comes back. */
    WISHED_PARTNER = 15, /* Its cluster. */
    WISHED_GROW = 16,
};

#endif /* RESULTS_WISH_H */
