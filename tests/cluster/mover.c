/* mover.c - carries images: it runs while most of it is copied, is stopped for
 * the rest, and then waits for what the nodes decide. */
#include <stdlib.h>

#include "inner.h"

static void plan(struct cluster *cluster,
                 const struct machine *at,
                 enum happening kind,
                 usec_t after_us,
                 const struct item *of)
{
    struct item item = *of;
    item.at_us = cluster->now_us + after_us;
    item.kind = kind;
    item.node = at->id;
    item.incarnation = at->incarnation;
    queue_push(&cluster->queue, &item);
}

void mover_begin(struct cluster *cluster,
                 struct machine *from,
                 const struct action *action)
{
    struct copy *copy = machine_copy(from, action->proc);
    if (!copy) {
        invariant_broken(cluster, "one owner",
                         "node %u carries process %llx, which it has not",
                         from->id, (unsigned long long)action->proc);
        return;
    }
    copy->carrying = ++cluster->carry_number;
    usec_t copying = cluster->setup.carry_fixed_us / 2 +
                     copy->mem_bytes / 1024 * CLUSTER_SECOND_US /
                         (cluster->setup.carry_bytes_per_s / 1024);
    struct item item = {.peer = action->peer,
                        .proc = action->proc,
                        .epoch = action->epoch,
                        .number = copy->carrying};
    item.image.begun_us = cluster->now_us;
    plan(cluster, from, HAPPENS_STOP, copying, &item);
}

/* NULL if the carrying was cancelled or its process is gone. */
static struct copy *carried_copy(struct cluster *cluster,
                                 const struct item *item)
{
    struct machine *from = machine_find(cluster, item->node);
    struct copy *copy = machine_copy(from, item->proc);
    return copy && copy->carrying == item->number ? copy : NULL;
}

void mover_stop(struct cluster *cluster, const struct item *item)
{
    struct machine *from = machine_find(cluster, item->node);
    struct copy *copy = carried_copy(cluster, item);
    if (!copy)
        return;
    if (copy->state == COPY_RUNNING) /* Else it did not run. */
        machine_copy_state(cluster, from, copy, COPY_STOPPED);
    struct item next = *item;
    next.image.stopped_us = cluster->now_us;
    plan(cluster, from, HAPPENS_WHOLE, cluster->setup.carry_fixed_us / 2,
         &next);
}

static void send_image(struct cluster *cluster,
                       struct machine *from,
                       struct machine *to,
                       const struct copy *copy,
                       const struct item *item)
{
    struct item next = *item;
    size_t count;
    const struct proc_info *procs = node_procs(from->node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == item->proc)
            next.image.info = procs[i];
    machine_measure_proc(cluster, copy, &next.image.info);
    next.image.copy = *copy;
    next.peer = from->id;
    if (!machine_holds_stale(cluster, copy))
        life_find(cluster, item->proc)->flying_count++;
    plan(cluster, to, HAPPENS_IMAGE, network_delay_us(cluster, from, to),
         &next);
}

void mover_whole(struct cluster *cluster, const struct item *item)
{
    struct machine *from = machine_find(cluster, item->node);
    struct machine *to = machine_find(cluster, item->peer);
    struct copy *copy = carried_copy(cluster, item);
    if (!copy)
        return;
    struct item next = *item;
    next.done = to->up && network_open(cluster, from, to) &&
                item->number != cluster->setup.carry_to_break;
    if (next.done && item->number != cluster->setup.carry_to_doubt)
        send_image(cluster, from, to, copy, item);
    if (!next.done)
        cluster->counts.broken_carries++;
    plan(cluster, from, HAPPENS_CARRIED, network_delay_us(cluster, from, to),
         &next);
}

void mover_image(struct cluster *cluster, const struct item *item)
{
    struct machine *to = machine_find(cluster, item->node);
    struct copy image = item->image.copy;
    image.state = COPY_STOPPED;
    image.carrying = 0;
    image.asked_us = item->image.begun_us;
    if (machine_copy(to, item->proc) && machine_holds_stale(cluster, &image))
        return; /* It began again: this one is void. */
    if (machine_copy(to, item->proc)) {
        invariant_broken(cluster, "one owner",
                         "node %u admitted an image of process %llx, of which "
                         "it holds a copy",
                         to->id, (unsigned long long)item->proc);
        return;
    }
    machine_copy_add(cluster, to, &image);
    if (life_find(cluster, item->proc)->job.home == to->id)
        to->home_came_us = cluster->now_us;
    struct event event = {.kind = EVENT_IMAGE,
                          .procs = &item->image.info,
                          .proc_count = 1,
                          .epoch = item->epoch,
                          .peer = item->peer};
    cluster_step(cluster, to, &event);
}

void mover_carried(struct cluster *cluster, const struct item *item)
{
    struct machine *from = machine_find(cluster, item->node);
    struct copy *copy = carried_copy(cluster, item);
    if (!copy)
        return;
    copy->carrying = 0;
    if (!item->done && copy->state == COPY_STOPPED)
        machine_copy_state(cluster, from, copy, COPY_RUNNING);
    struct event event = {
        .kind = EVENT_CARRIED,
        .proc = item->proc,
        .epoch = item->epoch,
        .peer = item->peer,
        .done = item->done,
        .frozen_us = cluster->now_us - item->image.stopped_us,
        .copied_bytes = copy->mem_bytes,
    };
    cluster_step(cluster, from, &event);
}
