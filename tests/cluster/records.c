/* records.c - what each machine's host holds of the owners' records: its own
 * copy, as on a disk, so that nodes differ while a change spreads. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

enum { PRIORITY_OF_OTHERS = 10 };

struct cluster_record cluster_record_of(const struct cluster *cluster,
                                        size_t part)
{
    const struct cluster_part *p = &cluster->parts[part];
    return (struct cluster_record){.id = p->id,
                                   .version = 1,
                                   .first = p->first,
                                   .node_count = p->node_count,
                                   .within_us = USEC_NEVER,
                                   .others = {.priority = PRIORITY_OF_OTHERS,
                                              .go = true,
                                              .take = true,
                                              .expand = true}};
}

static struct cluster_info *draw_view(const struct cluster *cluster,
                                      const struct machine *machine)
{
    size_t count = machine->record_count;
    struct cluster_info *view = calloc(count, sizeof *view);
    assert(view);
    for (size_t i = 0; i < count; i++) {
        view[i].latency_us =
            i == 0 ? cluster->setup.latency_us : cluster->setup.wan_latency_us;
        view[i].bytes_per_s = cluster->setup.carry_bytes_per_s;
    }
    map_view(machine->records, count, cluster->parts[machine->part].id, view);
    return view;
}

static void put_in_place(const struct cluster *cluster,
                         struct machine *machine,
                         struct cluster_record *records,
                         size_t count)
{
    machine->records = records;
    machine->record_count = count;
    machine->view = draw_view(cluster, machine);
}

void records_draw(struct cluster *cluster)
{
    if (!cluster->setup.owners_speak)
        return;
    size_t count = cluster->setup.part_count;
    for (size_t i = 0; i < cluster->machine_count; i++) {
        struct cluster_record *records = calloc(count, sizeof *records);
        assert(records);
        for (size_t part = 0; part < count; part++)
            records[part] = cluster_record_of(cluster, part);
        put_in_place(cluster, &cluster->machines[i], records, count);
    }
}

void records_finish(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->machine_count; i++) {
        free(cluster->machines[i].records);
        free(cluster->machines[i].view);
        free(cluster->machines[i].merged);
    }
}

void cluster_records_set(struct cluster *cluster,
                         node_id node,
                         const struct cluster_record *records,
                         size_t count)
{
    struct machine *machine = machine_find(cluster, node);
    assert(!machine->up && cluster->setup.owners_speak);
    free(machine->records);
    free(machine->view);
    struct cluster_record *own = calloc(count, sizeof *own);
    assert(own);
    memcpy(own, records, count * sizeof *own);
    put_in_place(cluster, machine, own, count);
}

void records_merge(struct machine *machine, const struct cluster_record *record)
{
    if (!machine->merged) {
        /* A batch has fewer records than actions. */
        size_t room = machine->record_count + BATCH_ACTIONS_MAX;
        machine->merged = calloc(room, sizeof *machine->merged);
        assert(machine->merged);
        memcpy(machine->merged, machine->records,
               machine->record_count * sizeof *machine->merged);
        machine->merged_count = machine->record_count;
    }
    bool changed;
    machine->merged_count =
        map_merge(machine->merged, machine->merged_count, record, &changed);
}

/* A record that its node wants. Of two in a batch the second may be as old. */
void records_hear(struct cluster *cluster,
                  struct machine *machine,
                  const struct action *action)
{
    struct reader r = {.at = action->bytes, .left = action->byte_count};
    struct cluster_record record;
    if (!get_record(&r, &record) || r.left > 0 ||
        !map_wants(machine->records, machine->record_count, &record)) {
        invariant_broken(cluster, "map never goes back",
                         "node %u wants a record that is no younger",
                         machine->id);
        return;
    }
    records_merge(machine, &record);
}

void records_heard(struct cluster *cluster, struct machine *machine)
{
    cluster_id id = cluster->parts[machine->part].id;
    for (size_t i = 0; i < machine->record_count; i++) {
        const struct cluster_record *record = &machine->records[i];
        if (record->id != id)
            continue;
        bool again =
            machine->isolated && machine->isolate_version == record->version;
        bool ends = record->state == CLUSTER_ISOLATED &&
                    record->within_us != USEC_NEVER &&
                    record->then != THEN_WAIT;
        machine->isolated = record->state == CLUSTER_ISOLATED;
        machine->isolate_version = record->version;
        machine->isolate_then = record->then;
        if (!again)
            machine->isolate_us =
                ends ? machine_clock(machine, cluster->now_us) +
                           record->within_us
                     : USEC_NEVER;
    }
}

void records_tell(struct cluster *cluster, struct machine *machine)
{
    if (!machine->merged)
        return;
    struct cluster_record *old = machine->records;
    struct cluster_info *old_view = machine->view;
    invariant_map(cluster, machine, machine->merged, machine->merged_count);
    put_in_place(cluster, machine, machine->merged, machine->merged_count);
    machine->merged = NULL;
    if (machine->up) {
        records_heard(cluster, machine);
        struct event event = {.kind = EVENT_MAP,
                              .map = machine->view,
                              .map_count = machine->record_count,
                              .records = machine->records,
                              .record_count = machine->record_count};
        cluster_step(cluster, machine, &event);
    }
    free(old);
    free(old_view);
}

bool cluster_owner_says(struct cluster *cluster,
                        node_id node,
                        const struct cluster_record *record)
{
    struct machine *machine = machine_find(cluster, node);
    assert(cluster->setup.owners_speak);
    if (!map_wants(machine->records, machine->record_count, record))
        return false;
    records_merge(machine, record);
    records_tell(cluster, machine);
    return true;
}

uint32_t cluster_version(const struct cluster *cluster,
                         node_id node,
                         cluster_id id)
{
    const struct machine *machine = machine_find(cluster, node);
    for (size_t i = 0; i < machine->record_count; i++)
        if (machine->records[i].id == id)
            return machine->records[i].version;
    return 0;
}

void cluster_begin_down(struct cluster *cluster, node_id node)
{
    assert(!cluster->started);
    machine_find(cluster, node)->begins_down = true;
}
