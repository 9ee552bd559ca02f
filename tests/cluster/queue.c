/* queue.c - what will happen, in the order that cluster.h promises. */
#include <assert.h>
#include <stdlib.h>

#include "inner.h"

static bool earlier(const struct item *a, const struct item *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    if (a->node != b->node)
        return a->node < b->node;
    return a->sequence < b->sequence;
}

void queue_push(struct queue *queue, const struct item *item)
{
    if (queue->count == queue->room) {
        queue->room = queue->room * 2 + 256;
        queue->items =
            realloc(queue->items, queue->room * sizeof *queue->items);
        assert(queue->items);
    }
    struct item *own = malloc(sizeof *own);
    assert(own);
    *own = *item;
    own->sequence = ++queue->sequence;
    size_t place = queue->count++;
    while (place > 0 && earlier(own, queue->items[(place - 1) / 2])) {
        queue->items[place] = queue->items[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    queue->items[place] = own;
}

const struct item *queue_first(const struct queue *queue)
{
    return queue->count > 0 ? queue->items[0] : NULL;
}

struct item *queue_pop(struct queue *queue)
{
    assert(queue->count > 0);
    struct item *first = queue->items[0];
    struct item *last = queue->items[--queue->count];
    size_t place = 0;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= queue->count)
            break;
        if (child + 1 < queue->count &&
            earlier(queue->items[child + 1], queue->items[child]))
            child++;
        if (!earlier(queue->items[child], last))
            break;
        queue->items[place] = queue->items[child];
        place = child;
    }
    if (queue->count > 0)
        queue->items[place] = last;
    return first;
}

void queue_free_item(struct item *item)
{
    free(item->bytes);
    free(item);
}

void queue_finish(struct queue *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        queue_free_item(queue->items[i]);
    free(queue->items);
}
