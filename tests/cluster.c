/* cluster.c - the virtual cluster: its clock, its machines, and what a node
 * asks of its host. */
#include "cluster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/inner.h"

enum { PPM = 1000000, ORIGIN_LEAST_US = 1000000000 };
static const usec_t origin_spread_us = 1000000000000;
static const usec_t far_us = 1000000000000000; /* Beyond any test. */

struct cluster_setup cluster_setup_default(void)
{
    return (struct cluster_setup){
        .seed = 1,
        .config = node_config_default(),
        .latency_us = 200,
        .wan_latency_us = 2000,
        .jitter_us = 100,
        .carry_bytes_per_s = 100000000,
        .carry_fixed_us = 20000,
    };
}

/* SplitMix64: Steele, Lea and Flood, OOPSLA 2014, figure 16. */
uint64_t cluster_random(struct cluster *cluster)
{
    uint64_t z = cluster->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t cluster_random_below(struct cluster *cluster, uint64_t below)
{
    return below > 0 ? cluster_random(cluster) % below : 0;
}

struct machine *machine_find(const struct cluster *cluster, node_id node)
{
    size_t low = 0;
    size_t high = cluster->machine_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cluster->machines[middle].id < node)
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        low < cluster->machine_count && cluster->machines[low].id == node;
    return found ? &cluster->machines[low] : NULL;
}

/* Ids are home x 2^32 + a number that counts over the whole cluster. */
struct life *life_find(const struct cluster *cluster, proc_id proc)
{
    uint64_t number = proc & UINT32_MAX;
    if (number == 0 || cluster->life_count < number)
        return NULL;
    struct life *life = &cluster->lives[number - 1];
    return life->proc == proc ? life : NULL;
}

usec_t machine_clock(const struct machine *machine, usec_t now_us)
{
    int64_t drift = (int64_t)now_us * machine->drift_ppm / PPM;
    return machine->origin_us + now_us + (usec_t)drift;
}

usec_t machine_instant(const struct machine *machine, usec_t clock_us)
{
    if (clock_us <= machine->origin_us)
        return 0;
    usec_t span = clock_us - machine->origin_us;
    if (far_us < span)
        return USEC_NEVER;
    usec_t at = span * PPM / (usec_t)(PPM + machine->drift_ppm);
    while (at > 0 && clock_us < machine_clock(machine, at))
        at--;
    while (machine_clock(machine, at) < clock_us)
        at++;
    return at;
}

static void set_alarm(struct cluster *cluster, struct machine *machine)
{
    usec_t deadline = node_deadline(machine->node);
    if (deadline == USEC_NEVER)
        return;
    usec_t at = machine_instant(machine, deadline);
    if (at == USEC_NEVER)
        return;
    if (at < cluster->now_us)
        at = cluster->now_us;
    if (machine->alarm_us <= at)
        return;
    machine->alarm_us = at;
    struct item item = {.at_us = at,
                        .kind = HAPPENS_ALARM,
                        .node = machine->id,
                        .incarnation = machine->incarnation};
    queue_push(&cluster->queue, &item);
}

static void grow_node(struct machine *machine)
{
    struct node_config config = node_config_of(machine->node);
    config.proc_max *= 2;
    config.away_max *= 2;
    void *block = aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16);
    assert(block);
    machine->node = node_copy(block, &config, machine->node);
    free(machine->block);
    machine->block = block;
}

static void drop_copy(struct cluster *cluster,
                      struct machine *machine,
                      const struct action *action)
{
    const struct copy *copy = machine_copy(machine, action->proc);
    if (!copy) {
        invariant_broken(cluster, "one owner",
                         "node %u drops process %llx, which it has not",
                         machine->id, (unsigned long long)action->proc);
        return;
    }
    struct record record = {.at_us = cluster->now_us,
                            .node = machine->id,
                            .peer = NODE_NONE,
                            .proc = action->proc,
                            .kind = RECORD_KILLED,
                            .why = action->why};
    /* That is what a home_lost_after_us is for. */
    bool silent = strcmp(action->why, "its home is silent") == 0 &&
                  cluster->setup.config.home_lost_after_us != USEC_NEVER;
    if (silent && !machine_holds_stale(cluster, copy))
        life_find(cluster, action->proc)->may_be_lost = true;
    if (copy->state == COPY_RUNNING)
        story_record(cluster, &record);
    machine_copy_remove(cluster, machine, action->proc);
    invariant_no_loss(cluster, life_find(cluster, action->proc));
}

static void set_state(struct cluster *cluster,
                      struct machine *machine,
                      const struct action *action,
                      enum copy_state state)
{
    struct copy *copy = machine_copy(machine, action->proc);
    if (copy && action->kind == ACTION_THAW && copy->state != COPY_FROZEN)
        invariant_broken(cluster, "one owner",
                         "node %u thaws process %llx, which is not frozen",
                         machine->id, (unsigned long long)action->proc);
    else if (copy)
        machine_copy_state(cluster, machine, copy, state);
    else
        invariant_broken(cluster, "one owner",
                         "node %u starts or stops process %llx, which it has "
                         "not",
                         machine->id, (unsigned long long)action->proc);
}

/* Its node hears of it as of any end, at this instant but not in this step. */
static void kill_soon(struct cluster *cluster,
                      struct machine *machine,
                      const struct action *action)
{
    struct copy *copy = machine_copy(machine, action->proc);
    struct item item = {.at_us = cluster->now_us,
                        .kind = HAPPENS_KILL,
                        .node = machine->id,
                        .proc = action->proc,
                        .incarnation = machine->incarnation};
    if (copy)
        copy->killed = true;
    else
        invariant_broken(cluster, "one owner",
                         "node %u kills process %llx, which it has not",
                         machine->id, (unsigned long long)action->proc);
    queue_push(&cluster->queue, &item);
}

static void act(struct cluster *cluster,
                struct machine *machine,
                const struct action *action)
{
    struct copy *copy = machine_copy(machine, action->proc);
    struct life *life = life_find(cluster, action->proc);
    if (life && life->epoch_max < action->epoch)
        life->epoch_max = action->epoch;
    invariant_action(cluster, machine, action);
    story_action(cluster, machine, action);
    switch (action->kind) {
        case ACTION_SEND:
            network_send(cluster, machine, action);
            break;
        case ACTION_CARRY:
            mover_begin(cluster, machine, action);
            break;
        case ACTION_CANCEL:
            if (copy)
                copy->carrying = 0;
            break;
        case ACTION_RUN:
        case ACTION_THAW:
            set_state(cluster, machine, action, COPY_RUNNING);
            break;
        case ACTION_FREEZE:
            if (copy && copy->state == COPY_FROZEN)
                invariant_broken(cluster, "one owner",
                                 "node %u freezes process %llx twice",
                                 machine->id, (unsigned long long)action->proc);
            set_state(cluster, machine, action, COPY_FROZEN);
            if (copy)
                copy->frozen_by = action->freeze_by;
            cluster->counts.frozen++;
            break;
        case ACTION_KILL:
            kill_soon(cluster, machine, action);
            break;
        case ACTION_DROP:
            drop_copy(cluster, machine, action);
            break;
        case ACTION_ENDED:
            life->told_ended = true;
            cluster->counts.told_ended++;
            break;
        case ACTION_LOST:
            life->told_lost = true;
            cluster->counts.lost++;
            break;
        case ACTION_RECORD:
            records_hear(cluster, machine, action);
            break;
        default: /* For the journal only. */
            break;
    }
}

void cluster_step(struct cluster *cluster,
                  struct machine *machine,
                  struct event *event)
{
    if (cluster->broken[0])
        return;
    assert(machine->up);
    event->now_us = machine_clock(machine, cluster->now_us);
    node_step(machine->node, event, cluster->batch);
    cluster->counts.steps++;
    for (size_t i = 0; i < cluster->batch->count && !cluster->broken[0]; i++)
        act(cluster, machine, &cluster->batch->actions[i]);
    if (cluster->broken[0])
        return;
    if (node_crowded(machine->node))
        grow_node(machine);
    invariant_stepped(cluster, machine);
    set_alarm(cluster, machine);
    records_tell(cluster, machine);
}

/* ---- Creation, and machines that come up. -------------------------------- */

void machine_boot(struct cluster *cluster, struct machine *machine)
{
    struct node_config config = cluster->setup.config;
    config.id = machine->id;
    config.seed = cluster->setup.seed;
    machine->block = aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16);
    assert(machine->block);
    machine->node = node_init(machine->block, &config);
    machine->up = true;
    machine->incarnation++;
    machine->alarm_us = USEC_NEVER;
    machine->advanced_us = cluster->now_us;
    machine->sampled_us = cluster->now_us;
    machine->runnable_us = machine->busy_us = 0;
    if (!cluster->setup.true_clocks) {
        machine->origin_us =
            ORIGIN_LEAST_US + cluster_random_below(cluster, origin_spread_us);
        int32_t most = (int32_t)cluster->setup.drift_max_ppm;
        machine->drift_ppm =
            (int32_t)cluster_random_below(cluster, (uint64_t)most * 2 + 1) -
            most;
    }
    struct node_info self;
    size_t count;
    machine_measure(cluster, machine, &self, &count);
    struct event event = {.kind = EVENT_START,
                          .self = &self,
                          .map = cluster->maps[machine->part],
                          .map_count = cluster->map_counts[machine->part]};
    machine->isolated = false;
    machine->isolate_us = USEC_NEVER;
    if (machine->records) {
        records_heard(cluster, machine);
        event.map = machine->view;
        event.map_count = machine->record_count;
        event.records = machine->records;
        event.record_count = machine->record_count;
    }
    struct item sample = {
        .at_us = cluster->now_us +
                 cluster_random_below(cluster, CLUSTER_SECOND_US) + 1,
        .kind = HAPPENS_SAMPLE,
        .node = machine->id,
        .incarnation = machine->incarnation};
    queue_push(&cluster->queue, &sample);
    cluster_step(cluster, machine, &event);
}

static void create_machines(struct cluster *cluster)
{
    for (size_t part = 0; part < cluster->setup.part_count; part++)
        cluster->machine_count += cluster->parts[part].node_count;
    cluster->machines =
        calloc(cluster->machine_count, sizeof *cluster->machines);
    assert(cluster->machines);
    struct machine *machine = cluster->machines;
    for (size_t part = 0; part < cluster->setup.part_count; part++) {
        const struct cluster_part *p = &cluster->parts[part];
        for (uint32_t i = 0; i < p->node_count; i++)
            *machine++ = (struct machine){
                .id = p->first + i,
                .part = part,
                .core_count = p->core_count,
                .speed_milli = p->speed_milli,
                .mem_bytes = p->mem_bytes,
                .freeze_bytes = p->freeze_bytes,
                .grid_guest_limit =
                    p->grid_guest_limit > 0 ? p->grid_guest_limit : UINT16_MAX};
    }
}

struct cluster *cluster_create(const struct cluster_setup *setup)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    assert(cluster);
    cluster->setup = *setup;
    cluster->random = setup->seed;
    size_t parts = setup->part_count;
    cluster->parts = malloc(parts * sizeof *cluster->parts);
    cluster->part_away = calloc(parts, sizeof *cluster->part_away);
    cluster->maps = calloc(parts, sizeof *cluster->maps);
    cluster->map_counts = calloc(parts, sizeof *cluster->map_counts);
    cluster->batch = malloc(sizeof *cluster->batch);
    cluster->line = malloc(RECORD_LINE_BYTES_MAX);
    cluster->journal =
        open_memstream(&cluster->journal_text, &cluster->journal_bytes);
    assert(cluster->parts && cluster->part_away && cluster->maps);
    assert(cluster->map_counts && cluster->batch && cluster->line);
    assert(cluster->journal);
    memcpy(cluster->parts, setup->parts, parts * sizeof *cluster->parts);
    cluster->batch->out = malloc(policy_out_bytes());
    assert(cluster->batch->out);
    create_machines(cluster);
    map_draw(cluster);
    records_draw(cluster);
    return cluster;
}

void cluster_destroy(struct cluster *cluster)
{
    if (!cluster)
        return;
    for (size_t i = 0; i < cluster->machine_count; i++) {
        free(cluster->machines[i].block);
        free(cluster->machines[i].copies);
    }
    map_finish(cluster);
    records_finish(cluster);
    queue_finish(&cluster->queue);
    fclose(cluster->journal);
    free(cluster->journal_text);
    free(cluster->batch->out);
    free(cluster->batch);
    free(cluster->line);
    free(cluster->machines);
    free(cluster->lives);
    free(cluster->sample);
    free(cluster->part_away);
    free(cluster->parts);
    free(cluster);
}

/* ---- Time. --------------------------------------------------------------- */

void cluster_exit(struct cluster *cluster,
                  struct machine *machine,
                  proc_id proc,
                  bool killed)
{
    struct life *life = life_find(cluster, proc);
    bool stale = machine_holds_stale(cluster, machine_copy(machine, proc));
    machine_copy_remove(cluster, machine, proc);
    if (!stale) {
        life->ended = true;
        life->told_ended = machine->id == life->job.home;
        cluster->counts.ended++;
        cluster->counts.killed += killed;
        cluster->counts.told_ended += life->told_ended;
    }
    struct record record = {
        .at_us = cluster->now_us,
        .node = machine->id,
        .peer = NODE_NONE,
        .proc = proc,
        .kind = killed ? RECORD_KILLED : RECORD_ENDED,
        .why = killed ? "the owner ended it" : "",
    };
    if (!killed)
        record.values[ENDED_CPU_US] = life->job.work_us;
    story_record(cluster, &record);
    struct event event = {.kind = EVENT_ENDED, .proc = proc};
    cluster_step(cluster, machine, &event);
}

static void exits(struct cluster *cluster, struct machine *machine)
{
    machine_advance(cluster, machine);
    size_t i = 0;
    while (i < machine->copy_count && !cluster->broken[0]) {
        const struct copy *copy = &machine->copies[i];
        if (copy->state == COPY_RUNNING && copy->work_left == 0) {
            cluster_exit(cluster, machine, copy->proc, false);
            i = 0; /* Its end may have started or stopped others. */
        } else {
            i++;
        }
    }
    machine_plan_exit(cluster, machine);
}

static void sample(struct cluster *cluster, struct machine *machine)
{
    machine_advance(cluster, machine);
    struct node_info self;
    size_t count;
    machine_measure(cluster, machine, &self, &count);
    struct event event = {.kind = EVENT_SAMPLED,
                          .self = &self,
                          .procs = cluster->sample,
                          .proc_count = count};
    struct item next = {.at_us = cluster->now_us + CLUSTER_SECOND_US,
                        .kind = HAPPENS_SAMPLE,
                        .node = machine->id,
                        .incarnation = machine->incarnation};
    queue_push(&cluster->queue, &next);
    cluster_step(cluster, machine, &event);
}

static void alarm_rings(struct cluster *cluster,
                        struct machine *machine,
                        const struct item *item)
{
    if (machine->alarm_us != item->at_us)
        return; /* Replaced by an earlier one. */
    machine->alarm_us = USEC_NEVER;
    struct event event = {.kind = EVENT_ALARM};
    if (node_deadline(machine->node) <= machine_clock(machine, cluster->now_us))
        cluster_step(cluster, machine, &event);
    else
        set_alarm(cluster, machine);
}

static void happen(struct cluster *cluster, struct item *item)
{
    struct machine *machine = machine_find(cluster, item->node);
    bool same =
        item->incarnation == 0 || item->incarnation == machine->incarnation;
    const struct copy *image = &item->image.copy;
    if (item->kind == HAPPENS_IMAGE && !machine_holds_stale(cluster, image))
        life_find(cluster, item->proc)->flying_count--;
    if (!machine->up || !same)
        return;
    switch (item->kind) {
        case HAPPENS_FRAME:
            cluster_frame(cluster, item->node, item->peer, item->bytes,
                          item->byte_count);
            break;
        case HAPPENS_STOP:
            mover_stop(cluster, item);
            break;
        case HAPPENS_WHOLE:
            mover_whole(cluster, item);
            break;
        case HAPPENS_IMAGE:
            mover_image(cluster, item);
            break;
        case HAPPENS_CARRIED:
            mover_carried(cluster, item);
            break;
        case HAPPENS_KILL:
            if (machine_copy(machine, item->proc) &&
                machine_copy(machine, item->proc)->killed)
                cluster_exit(cluster, machine, item->proc, true);
            break;
        case HAPPENS_EXIT:
            if (item->number == machine->exit_plan)
                exits(cluster, machine);
            break;
        case HAPPENS_SAMPLE:
            sample(cluster, machine);
            break;
        case HAPPENS_ALARM:
            alarm_rings(cluster, machine, item);
            break;
    }
}

static void start(struct cluster *cluster)
{
    if (cluster->started)
        return;
    cluster->started = true;
    for (size_t i = 0; i < cluster->machine_count; i++)
        if (!cluster->machines[i].begins_down)
            machine_boot(cluster, &cluster->machines[i]);
}

void cluster_run_until(struct cluster *cluster, usec_t at_us)
{
    start(cluster);
    const struct item *first = queue_first(&cluster->queue);
    while (first && first->at_us <= at_us && !cluster->broken[0]) {
        struct item *item = queue_pop(&cluster->queue);
        cluster->now_us = item->at_us;
        happen(cluster, item);
        queue_free_item(item);
        first = queue_first(&cluster->queue);
    }
    if (!cluster->broken[0] && cluster->now_us < at_us)
        cluster->now_us = at_us;
}

void cluster_run_for(struct cluster *cluster, usec_t span_us)
{
    cluster_run_until(cluster, cluster->now_us + span_us);
}

usec_t cluster_now(const struct cluster *cluster)
{
    return cluster->now_us;
}
