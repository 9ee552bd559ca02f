/* runs.h - sets of pages, as runs of them in ascending order. */
#ifndef REAL_HOMENODE_RUNS_H
#define REAL_HOMENODE_RUNS_H

#include <stddef.h>
#include <stdint.h>

/* Pages in a row; what a stream carries, so without padding. */
struct run
{
    uint64_t start;
    uint64_t bytes;
};

/* Start with zeros. */
struct runs
{
    struct run *runs; /* Owned. */
    size_t count;
    size_t room;
};

void runs_finish(struct runs *runs);

/* Behind the last, or from its end on. 0 or -ENOMEM. */
int runs_add(struct runs *runs, struct run run);

/* What is in a and not in b. ret is emptied first and is neither. */
int runs_subtract(struct runs *ret, const struct runs *a, const struct runs *b);

/* What is in both. Likewise. */
int runs_intersect(struct runs *ret,
                   const struct runs *a,
                   const struct runs *b);

/* What is in a or in b. Likewise. */
int runs_join(struct runs *ret, const struct runs *a, const struct runs *b);

uint64_t runs_bytes(const struct runs *runs);

#endif /* REAL_HOMENODE_RUNS_H */
