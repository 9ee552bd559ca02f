/* heap.h - the event queue: what happens next, and to whom.
 *
 * `heap`, a 4-ary heap, holds happenings that are never changed, ordered by
 * (date, sequence): equal dates come out in the order they went in. `alarms`,
 * a tournament (tree selection: Knuth, The Art of Computer Programming
 * 3, 5.2.3), holds at most one date for each index 0 .. room - 1, which may be
 * changed or cleared; equal dates come out by ascending index.
 */
#ifndef SIM_HEAP_H
#define SIM_HEAP_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct happening
{
    double date; /* Seconds. */
    uint64_t sequence;
    uint64_t what; /* Meaning and ownership are the caller's. */
    uint32_t kind;
    uint32_t node;
};

struct heap
{
    struct happening *items; /* Owned by this. */
    size_t count;
    size_t room;
    uint64_t sequence;
};

void heap_finish(struct heap *heap);
void heap_push(struct heap *heap,
               double date,
               uint32_t kind,
               uint32_t node,
               uint64_t what);
struct happening heap_pop(struct heap *heap); /* Not from an empty one. */

/* INFINITY if it is empty. */
static inline double heap_date(const struct heap *heap)
{
    return heap->count == 0 ? INFINITY : heap->items[0].date;
}

struct alarm
{
    double date;
    uint32_t index;
};

/* matches[1] is the final; the winner of matches[i] is the earlier of the
 * winners of 2 i and 2 i + 1; matches[leaf_count + index] is an alarm itself.
 */
struct alarms
{
    struct alarm *matches; /* Owned by this. */
    size_t leaf_count;     /* A power of two; those beyond room never ring. */
    size_t room;           /* Indices are less than this. */
};

/* Indices 0 .. room - 1, none set. */
void alarms_init(struct alarms *alarms, size_t room);
void alarms_finish(struct alarms *alarms);
/* A date is not negative. */
void alarms_set(struct alarms *alarms, uint32_t index, double date);

/* The earliest date; INFINITY if there is none. */
static inline double alarms_date(const struct alarms *alarms)
{
    return alarms->matches[1].date;
}

uint32_t alarms_index(const struct alarms *alarms); /* Of alarms_date(). */

/* The date set for index; INFINITY if there is none. */
static inline double alarms_date_of(const struct alarms *alarms, uint32_t index)
{
    assert(index < alarms->room);
    return alarms->matches[alarms->leaf_count + index].date;
}

#endif /* SIM_HEAP_H */
