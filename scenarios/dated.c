/* dated.c - lists in the order of their dates. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

struct dated
{
    uint64_t at_us;
    size_t index;
};

static int by_date(const void *a, const void *b)
{
    const struct dated *x = a;
    const struct dated *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

int dated_sort(struct key_reader *r,
               void *items,
               size_t count,
               size_t item_bytes,
               size_t date_offset)
{
    struct dated *order = calloc(count + 1, sizeof *order);
    char *copy = malloc(count * item_bytes + 1);
    int error = order && copy ? 0 : key_refuse_memory(r);
    char *at = items;
    for (size_t i = 0; i < count && !error; i++) {
        memcpy(&order[i].at_us, at + i * item_bytes + date_offset,
               sizeof order[i].at_us);
        order[i].index = i;
    }
    if (count > 0 && !error) {
        memcpy(copy, items, count * item_bytes);
        qsort(order, count, sizeof *order, by_date);
        for (size_t i = 0; i < count; i++)
            memcpy(at + i * item_bytes, copy + order[i].index * item_bytes,
                   item_bytes);
    }
    free(order);
    free(copy);
    return error;
}
