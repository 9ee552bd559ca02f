/* recording_tie.c - who waited for whom. */
#include <errno.h>
#include <stdlib.h>

#include "recording.h"

/* A life as a child: its subtree, and when and with whom that ended. */
struct child
{
    uint32_t life;
    uint32_t parent;
    uint32_t last; /* The process of the subtree that ended last. */
    uint64_t end_ns;
};

/* By parent, then by the end of the subtree. */
static int compare_ends(const void *left, const void *right)
{
    const struct child *a = left;
    const struct child *b = right;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->end_ns != b->end_ns)
        return a->end_ns < b->end_ns ? -1 : 1;
    return (a->life > b->life) - (a->life < b->life);
}

/* Parents come before their children, so one pass from the end suffices. */
static void find_subtree_ends(const struct recording *recording,
                              struct child *children)
{
    for (size_t i = recording->count; i-- > 0;) {
        struct child *child = &children[i];
        const struct life *life = &recording->lives[i];
        child->life = (uint32_t)i;
        child->parent = life->parent;
        if (child->end_ns <= life->end_ns) {
            child->end_ns = life->end_ns;
            child->last = (uint32_t)i;
        }
        if (life->parent == LIFE_NONE)
            continue;
        struct child *parent = &children[life->parent];
        if (parent->end_ns < child->end_ns) {
            parent->end_ns = child->end_ns;
            parent->last = child->last;
        }
    }
}

/* Of the children of a parent, ordered by the end of their subtrees: the last
 * that ended no later than start_ns; NULL if none did. */
static const struct child *last_ended(const struct child *children,
                                      size_t count,
                                      uint32_t parent,
                                      uint64_t start_ns)
{
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const struct child *child = &children[middle];
        if (child->parent < parent ||
            (child->parent == parent && child->end_ns <= start_ns))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || children[low - 1].parent != parent)
        return NULL;
    return &children[low - 1];
}

int recording_tie(struct recording *recording)
{
    size_t count = recording->count;
    struct child *children = calloc(count + 1, sizeof *children);
    if (!children)
        return -ENOMEM;
    find_subtree_ends(recording, children);
    qsort(children, count, sizeof *children, compare_ends);

    for (size_t i = 0; i < count; i++) {
        struct life *life = &recording->lives[i];
        life->after = LIFE_NONE;
        life->think_ns = 0;
        if (life->parent == LIFE_NONE)
            continue;
        const struct child *sibling =
            last_ended(children, count, life->parent, life->start_ns);
        life->after =
            sibling ? sibling->last : recording->lives[life->parent].after;
        if (life->after != LIFE_NONE)
            life->think_ns =
                life->start_ns - recording->lives[life->after].end_ns;
    }
    free(children);
    return 0;
}
