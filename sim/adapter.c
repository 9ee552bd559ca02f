/* adapter.c - happenings become events of a node, its actions happen.
 *
 * Translates and nothing else: no decision is taken here.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "invariants.h"
#include "room.h"
#include "run.h"

/* ---- Actions. ------------------------------------------------------------ */

static uint32_t frame_take(struct world *world)
{
    if (world->frame_free == UINT32_MAX) {
        uint32_t old = world->frame_count;
        uint32_t count = old ? 2 * old : 64;
        world->frames =
            realloc(world->frames, (size_t)count * sizeof *world->frames);
        assert(world->frames);
        for (uint32_t i = old; i < count; i++)
            world->frames[i].next_free = i + 1 < count ? i + 1 : UINT32_MAX;
        world->frame_count = count;
        world->frame_free = old;
    }
    uint32_t index = world->frame_free;
    world->frame_free = world->frames[index].next_free;
    return index;
}

static void frame_give(struct world *world, uint32_t index)
{
    world->frames[index].next_free = world->frame_free;
    world->frame_free = index;
}

static void send(struct world *world, node_id node, const struct action *a)
{
    assert(a->byte_count <= NODE_FRAME_BYTES_MAX);
    uint32_t index = frame_take(world);
    struct datagram *f = &world->frames[index];
    f->source = node;
    f->target = a->peer;
    f->byte_count = a->byte_count;
    memcpy(f->bytes, a->bytes, a->byte_count);
    struct machine *m = &world->machines[node];
    bool wan = m->cluster != world->machines[a->peer].cluster;
    m->frames++;
    m->frame_bytes += a->byte_count;
    m->wan_frames += wan;
    m->wan_bytes += wan ? a->byte_count : 0;
    if (faults_lose(world, node, a->peer)) {
        frame_give(world, index);
        return;
    }
    node_fetch(world->machines[a->peer].node, m->node);
    if (world->cpu) {
        double transit =
            net_latency_s(world->net, node, a->peer) +
            a->byte_count / net_bytes_per_s(world->net, node, a->peer);
        heap_push(&world->heap, world->now + transit, HAPPENS_FRAME, a->peer,
                  index);
    } else {
        net_start(world->net, world->now, world->process_count + index, node,
                  a->peer, a->byte_count);
    }
}

static void run_process(struct world *world, node_id node, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (mover_decided(world, index, node))
        return; /* It runs at its target now. */
    assert(p->place == node);
    if (p->phase == PROCESS_RUNNING)
        return; /* Its move failed before it was stopped. */
    if (mover_misses_pages(world, index))
        return;
    if (process_is_frozen(p)) {
        freezer_thaw(world, index);
        return;
    }
    if (p->phase == PROCESS_WAITING) {
        if (!memory_admit(world, index))
            return; /* It is to be killed at this date. */
        memory_take(world, node, p->mem_bytes);
    }
    process_run(world, index);
}

static void drop(struct world *world, node_id node, uint32_t index)
{
    const struct process *p = &world->processes[index];
    if (p->phase != PROCESS_VANISHED && p->phase != PROCESS_GONE &&
        mover_dropped(world, index, node))
        process_vanish(world, index, "its home forgot it");
}

/* What only the host knows of a decision. */
static void add_done(struct world *world, struct record *record)
{
    if (record->kind != RECORD_MOVED && record->kind != RECORD_LOST)
        return;
    uint32_t index = process_current(world, process_find(world, record->proc));
    const struct process *p = &world->processes[index];
    if (record->kind == RECORD_LOST)
        record->values[LOST_CPU_US] =
            process_done_us(p, process_left_s(world, index));
    else
        record->values[MOVED_DONE_US] = process_done_us(p, p->mover->left_s);
}

/* With a copy of a process that is there, or on its way there. */
static void act_on_copy(struct world *world,
                        node_id node,
                        uint32_t index,
                        const struct action *a)
{
    switch (a->kind) {
        case ACTION_CARRY:
            mover_carry(world, index, a);
            break;
        case ACTION_CANCEL:
            mover_cancel(world, index);
            break;
        case ACTION_RUN:
            run_process(world, node, index);
            break;
        case ACTION_DROP:
            drop(world, node, index);
            break;
        case ACTION_FREEZE:
            if (a->epoch != 0)
                mover_arrives(world, index);
            freezer_freeze(world, index);
            break;
        case ACTION_THAW:
            freezer_thaw(world, index);
            break;
        case ACTION_KILL:
            heap_push(&world->heap, world->now, HAPPENS_KILL, node, index);
            break;
        default:
            break; /* For the journal only. */
    }
}

/* It is not so: the process begins again, and is not lost; what a node takes
 * for the move of a stale copy is the verdict that it is void. */
static bool is_untrue(struct world *world, const struct action *a)
{
    if (a->kind == ACTION_LOST)
        return checkpoints_lost(world, process_find(world, a->proc));
    return a->kind == ACTION_MOVED &&
           checkpoints_is_past(world, process_find(world, a->proc), a->epoch);
}

static void act(struct world *world, node_id node, const struct action *a)
{
    struct record r;
    if (world->sink.full) {
        journal_of_any_action(a, world_us(world), node, &r);
        world_record(world, &r);
    }
    if (is_untrue(world, a))
        return;
    bool wanted = !world->sink.no_starts || a->kind != ACTION_RUN;
    if (wanted && journal_of_action(a, world_us(world), node, &r)) {
        add_done(world, &r);
        world_record(world, &r);
    }
    uint32_t index = PROCESS_NONE;
    switch (a->kind) {
        case ACTION_SEND:
            send(world, node, a);
            break;
        case ACTION_RECORD:
            maps_hear(world, node, a);
            break;
        case ACTION_LOST:
            process_lost(world,
                         process_current(world, process_find(world, a->proc)));
            break;
        case ACTION_ENDED:
            checkpoints_heard_of_end(world, process_find(world, a->proc));
            break;
        default:
            if (a->kind <= ACTION_KILL)
                index = process_at(world, node, a->proc);
            if (index != PROCESS_NONE)
                act_on_copy(world, node, index, a);
            break;
    }
}

/* ---- Events. ------------------------------------------------------------- */

static void grow(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    struct node_config config = node_config_of(m->node);
    config.proc_max *= 2;
    config.away_max *= 2;
    size_t bytes = (node_bytes(&config) + 15) / 16 * 16;
    void *block = aligned_alloc(16, bytes);
    assert(block);
    struct node *larger = node_copy(block, &config, m->node);
    if (m->node_owned)
        free(m->node);
    m->node = larger;
    m->node_owned = true;
}

/* The yardstick: the node believes what is true of every other at this date. */
static void reveal(struct world *world, node_id node, usec_t now_us)
{
    for (node_id other = 0; other < world->machine_count; other++) {
        struct node_info info;
        if (other == node)
            continue;
        measure_instant(world, other, &info);
        node_believe(world->machines[node].node, &info, now_us);
    }
}

void adapter_step(struct world *world, node_id node, struct event *event)
{
    struct machine *m = &world->machines[node];
    assert(!machine_is_down(world, node));
    event->now_us = clock_us(world, node);
    if (event->kind == EVENT_ALARM && event->now_us < node_deadline(m->node))
        event->now_us = node_deadline(m->node); /* Rounded down too far. */
    if (node_crowded(m->node))
        grow(world, node);
    if (world->perfect && event->kind != EVENT_START &&
        event->kind != EVENT_FRAME)
        reveal(world, node, event->now_us);
    if (world->sink.full) {
        struct record r;
        journal_of_event(event, world_us(world), node, world->encoded, &r);
        world_record(world, &r);
    }
    node_step(m->node, event, world->batch);
    for (size_t i = 0; i < world->batch->count; i++)
        act(world, node, &world->batch->actions[i]);
    if (world->isolations)
        invariants_step(world, node);
    if (world->watch_count > 0)
        owners_look(world, node);
    alarms_set(&world->alarms, node,
               clock_date(world, node, node_deadline(m->node)));
    if (world->discoveries)
        discovery_look(world, node);
    maps_tell(world, node);
}

void adapter_start(struct world *world, node_id node)
{
    struct node_info self;
    measure_self(world, node, &self);
    struct event event = {.kind = EVENT_START, .self = &self};
    maps_install(world, node);
    maps_show(world, node, &event);
    adapter_step(world, node, &event);
}

void adapter_map(struct world *world, node_id node)
{
    struct event event = {.kind = EVENT_MAP};
    maps_show(world, node, &event);
    adapter_step(world, node, &event);
}

static void submit(struct world *world,
                   const struct proc_info *info,
                   uint32_t epoch)
{
    struct event event = {
        .kind = EVENT_SUBMIT, .procs = info, .proc_count = 1, .epoch = epoch};
    adapter_step(world, info->home, &event);
}

void adapter_submit(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (machine_is_down(world, p->home) || machine_is_closed(world, p->home)) {
        process_wait_for_home(world, index);
        return;
    }
    /* Long before it is copied whole: what was just written in pieces would
     * have to be waited for. */
    struct proc_info info;
    process_describe(world, index, &info);
    p->phase = PROCESS_WAITING;
    process_settle(world, index, p->home);
    const struct job_state *j = &world->jobs[p->job];
    struct record r = record_now(world, RECORD_SUBMIT, p->home);
    r.proc = info.id;
    r.values[SUBMIT_USER] = j->user;
    r.values[SUBMIT_JOB] = p->job + 1;
    r.values[SUBMIT_PROGRAM] = j->program;
    r.values[SUBMIT_WORK_US] = p->work_us;
    r.values[SUBMIT_MEM_BYTES] = p->mem_bytes;
    world_record(world, &r);
    submit(world, &info, 0);
}

void adapter_submit_again(struct world *world, uint32_t index, uint32_t epoch)
{
    process_settle(world, index, world->processes[index].home);
    struct proc_info info;
    process_describe(world, index, &info);
    submit(world, &info, epoch);
}

void adapter_ended(struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    struct event event = {.kind = EVENT_ENDED,
                          .proc = process_id(world, index)};
    adapter_step(world, p->place, &event);
}

void adapter_carried(struct world *world, uint32_t index, bool done)
{
    const struct process *p = &world->processes[index];
    const struct mover m = *p->mover;
    double frozen = isnan(m.stopped_at) ? 0 : world->now - m.stopped_at;
    struct event event = {.kind = EVENT_CARRIED,
                          .proc = process_id(world, index),
                          .epoch = m.epoch,
                          .peer = m.target,
                          .done = done,
                          .frozen_us = (usec_t)(frozen * 1e6),
                          .copied_bytes = (uint64_t)m.copied_bytes};
    adapter_step(world, m.source, &event);
    if (!done)
        return;
    struct proc_info info;
    process_describe(world, index, &info);
    info.came_from = m.source;
    info.pinned = !m.start && world->scenario->migration.mode == MOVE_POSTCOPY;
    struct event image = {.kind = EVENT_IMAGE,
                          .procs = &info,
                          .proc_count = 1,
                          .epoch = m.epoch,
                          .peer = m.source};
    adapter_step(world, m.target, &image);
}

void adapter_not_carried(struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    if (p->phase >= PROCESS_VANISHED)
        return;
    struct event event = {.kind = EVENT_CARRIED,
                          .proc = process_id(world, index),
                          .epoch = p->mover->refused_epoch,
                          .peer = p->mover->refused_target};
    adapter_step(world, p->place, &event);
}

void adapter_frame(struct world *world, uint32_t index)
{
    struct datagram *frame = &world->frames[index];
    struct event event = {.kind = EVENT_FRAME,
                          .peer = frame->source,
                          .bytes = frame->bytes,
                          .byte_count = frame->byte_count};
    /* Free, yet whole until the node has read it and begins to send. */
    frame_give(world, index);
    if (machine_is_down(world, frame->target) ||
        faults_closed(world, frame->source, frame->target))
        return; /* Lost. */
    adapter_step(world, frame->target, &event);
}

void adapter_alarm(struct world *world, node_id node)
{
    struct event event = {.kind = EVENT_ALARM};
    adapter_step(world, node, &event);
}

void adapter_sample(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    struct node_info self;
    measure_self(world, node, &self);
    size_t count = 0;
    for (uint32_t i = m->process_list; i != PROCESS_NONE;) {
        world->sampled = room_for(world->sampled, &world->sampled_room,
                                  count + 1, sizeof *world->sampled);
        process_describe(world, i, &world->sampled[count++]);
        i = world->processes[i].next;
        if (i == m->process_list)
            break;
    }
    struct event event = {.kind = EVENT_SAMPLED,
                          .self = &self,
                          .procs = world->sampled,
                          .proc_count = count};
    adapter_step(world, node, &event);
}
