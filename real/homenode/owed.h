/* owed.h - pages of a body that are still at home: which, where they are now in
 * the body, where they were at home, and which have been asked for.
 *
 * One bit each, in areas that span what lies close together. mremap(2) moves
 * them here, never there.
 */
#ifndef REAL_HOMENODE_OWED_H
#define REAL_HOMENODE_OWED_H

#include <stdbool.h>

#include "runs.h"

struct owed_area
{
    uint64_t here;
    uint64_t there;
    uint64_t pages;
    uint64_t *missing; /* One bit each. */
    uint64_t *asked;   /* Of these. */
};

struct owed
{
    struct owed_area *areas; /* By ascending here; owned. */
    size_t count;
    size_t room;
    uint64_t missing_pages;
};

/* In ascending order. 0 or -ENOMEM. */
int owed_make(struct owed *ret, const struct runs *runs);
void owed_finish(struct owed *o);

/* The page at this address of the body. */
bool owed_is_missing(const struct owed *o, uint64_t here);

/* It came, or the body gave it away: in [here, here + bytes). */
void owed_forget(struct owed *o, uint64_t here, uint64_t bytes);

/* The body moved so much of its memory; what was at the other place is gone. 0
 * or -ENOMEM. */
int owed_move(struct owed *o, uint64_t from, uint64_t to, uint64_t bytes);

/* Pages there that are missing and not asked for, the first of which lie at or
 * behind here and before end in the body: at most so many runs and bytes, in
 * ascending order, marked as asked for. Returns the runs; *ret_here: behind the
 * last of them. */
size_t owed_ask(struct owed *o,
                uint64_t here,
                uint64_t end,
                struct run *ret,
                size_t runs_max,
                uint64_t bytes_max,
                uint64_t *ret_here);

/* Nothing of what was asked for will come. */
void owed_ask_again(struct owed *o);

/* Where in the body the page is that was there; 0: nowhere, or not missing. */
uint64_t owed_here(const struct owed *o, uint64_t there);

#endif /* REAL_HOMENODE_OWED_H */
