/* journal_event.c - an event of a node as bytes, exact, so that a journal alone
 * can repeat a run.
 *
 *   u8 kind, u8 which of the optional parts follow, u64 now_us, then peer,
 * proc, epoch, state, flags, done, frozen_us, copied_bytes; then the parts:
 * self, processes, clusters, records (put_record()), what an owner or user
 * named (then, within_us, is it reserved, for which cluster and user, job, user
 * of that job), and the bytes of a frame to the end.
 *
 * Of a SAMPLED process only the measured fields are written, since only they
 * are read (procs.c).
 */
#include <assert.h>
#include <string.h>

#include "journal.h"
#include "questions.h"
#include "wire.h"

/* Of a cluster of the map, in one byte. */
enum {
    RIGHT_TAKE = 1,
    RIGHT_SEND = 2,
    RIGHT_CONFINE = 4,
    RIGHT_ISOLATED = 8,
    RIGHTS_KNOWN = 15
};

enum {
    PART_SELF = 1,
    PART_PROCS = 2,
    PART_MAP = 4,
    PART_RECORDS = 8,
    PART_WORD = 16,
    PARTS_KNOWN = 31
};

/* Leaves room for the other fields of the line. */
enum { EVENT_BYTES_MAX = (RECORD_LINE_BYTES_MAX - 1024) / 2 };

struct sink
{
    uint8_t *bytes;
    size_t count;
};

static void flush(struct sink *sink, struct writer *w)
{
    assert(sink->count + w->count <= EVENT_BYTES_MAX);
    memcpy(sink->bytes + sink->count, w->bytes, w->count);
    sink->count += w->count;
    w->count = 0;
}

static void put_info(struct writer *w, const struct node_info *info)
{
    put_u32(w, info->id);
    put_u16(w, info->cluster);
    put_u16(w, info->core_count);
    put_u32(w, info->speed_milli);
    put_u32(w, info->load_milli);
    put_u16(w, info->utilisation_milli);
    put_u16(w, info->guest_count);
    put_u16(w, info->grid_guest_count);
    put_u16(w, info->grid_guest_limit);
    put_u16(w, info->frozen_count);
    put_u16(w, info->priority);
    put_u8(w, info->state);
    put_u8(w, info->flags);
    put_u64(w, info->mem_total_bytes);
    put_u64(w, info->mem_free_bytes);
    put_u64(w, info->swap_total_bytes);
    put_u64(w, info->swap_free_bytes);
    put_u64(w, info->freeze_total_bytes);
    put_u64(w, info->freeze_free_bytes);
    put_u64(w, info->paging_bytes_per_s);
}

static struct node_info get_info(struct reader *r)
{
    struct node_info info = {.id = get_u32(r)};
    info.cluster = get_u16(r);
    info.core_count = get_u16(r);
    info.speed_milli = get_u32(r);
    info.load_milli = get_u32(r);
    info.utilisation_milli = get_u16(r);
    info.guest_count = get_u16(r);
    info.grid_guest_count = get_u16(r);
    info.grid_guest_limit = get_u16(r);
    info.frozen_count = get_u16(r);
    info.priority = get_u16(r);
    info.state = get_u8(r);
    info.flags = get_u8(r);
    info.mem_total_bytes = get_u64(r);
    info.mem_free_bytes = get_u64(r);
    info.swap_total_bytes = get_u64(r);
    info.swap_free_bytes = get_u64(r);
    info.freeze_total_bytes = get_u64(r);
    info.freeze_free_bytes = get_u64(r);
    info.paging_bytes_per_s = get_u64(r);
    if (info.core_count == 0 || info.speed_milli == 0 || info.state > NODE_GONE)
        r->bad = true;
    return info;
}

static void put_measured(struct writer *w, const struct proc_info *proc)
{
    put_u64(w, proc->id);
    put_u32(w, proc->cpu_milli);
    put_u32(w, proc->home_calls_per_s);
    put_u32(w, proc->sibling_node);
    put_u8(w, proc->pinned);
    put_u64(w, proc->mem_bytes);
    put_u64(w, proc->dirty_bytes_per_s);
    put_u64(w, proc->home_bytes_per_s);
    put_u64(w, proc->sibling_bytes_per_s);
    put_u64(w, proc->cpu_used_us);
}

static bool get_measured(struct reader *r, struct proc_info *ret_proc)
{
    *ret_proc = (struct proc_info){.id = get_u64(r)};
    ret_proc->cpu_milli = get_u32(r);
    ret_proc->home_calls_per_s = get_u32(r);
    ret_proc->sibling_node = get_u32(r);
    ret_proc->pinned = get_u8(r);
    ret_proc->mem_bytes = get_u64(r);
    ret_proc->dirty_bytes_per_s = get_u64(r);
    ret_proc->home_bytes_per_s = get_u64(r);
    ret_proc->sibling_bytes_per_s = get_u64(r);
    ret_proc->cpu_used_us = get_u64(r);
    return !r->bad;
}

static void put_cluster(struct writer *w, const struct cluster_info *cluster)
{
    put_u16(w, cluster->id);
    put_u16(w, cluster->priority);
    put_u16(w, cluster->our_priority);
    put_u8(w, (uint8_t)((cluster->send ? RIGHT_SEND : 0) |
                        (cluster->take ? RIGHT_TAKE : 0) |
                        (cluster->confine ? RIGHT_CONFINE : 0) |
                        (cluster->isolated ? RIGHT_ISOLATED : 0)));
    put_u16(w, cluster->cap);
    put_u32(w, cluster->first);
    put_u32(w, cluster->node_count);
    put_u64(w, cluster->before_count);
    put_u64(w, cluster->latency_us);
    put_u64(w, cluster->bytes_per_s);
}

static struct cluster_info get_cluster(struct reader *r)
{
    struct cluster_info cluster = {.id = get_u16(r)};
    cluster.priority = get_u16(r);
    cluster.our_priority = get_u16(r);
    uint8_t rights = get_u8(r);
    cluster.take = rights & RIGHT_TAKE;
    cluster.send = rights & RIGHT_SEND;
    cluster.confine = rights & RIGHT_CONFINE;
    cluster.isolated = rights & RIGHT_ISOLATED;
    cluster.cap = get_u16(r);
    r->bad |= rights > RIGHTS_KNOWN;
    cluster.first = get_u32(r);
    cluster.node_count = get_u32(r);
    cluster.before_count = get_u64(r);
    cluster.latency_us = get_u64(r);
    cluster.bytes_per_s = get_u64(r);
    return cluster;
}

static void put_parts(struct sink *sink,
                      struct writer *w,
                      const struct event *event,
                      node_id node)
{
    if (event->self)
        put_info(w, event->self);
    flush(sink, w);
    if (event->procs) {
        put_u32(w, (uint32_t)event->proc_count);
        flush(sink, w);
        for (size_t i = 0; i < event->proc_count; i++) {
            struct proc_info proc = event->procs[i];
            if (event->kind == EVENT_SAMPLED) {
                put_measured(w, &proc);
            } else {
                /* What the node fills in at a submission by itself. */
                proc.width = proc.width > 0 ? proc.width : 1;
                proc.home = proc.home == NODE_NONE ? node : proc.home;
                put_proc(w, &proc);
            }
            flush(sink, w);
        }
    }
    if (event->map) {
        put_u32(w, (uint32_t)event->map_count);
        flush(sink, w);
        for (size_t i = 0; i < event->map_count; i++) {
            put_cluster(w, &event->map[i]);
            flush(sink, w);
        }
    }
    if (event->records) {
        put_u32(w, (uint32_t)event->record_count);
        flush(sink, w);
        for (size_t i = 0; i < event->record_count; i++) {
            put_record(w, &event->records[i]);
            flush(sink, w);
        }
    }
}

static bool has_word(const struct event *event)
{
    return event->then != THEN_WAIT || event->within_us != 0 ||
           event->reservation || event->job != 0 || event->user != 0;
}

static void put_state_word(struct writer *w, const struct event *event)
{
    const struct reservation *group = event->reservation;
    put_u8(w, event->then);
    put_u64(w, event->within_us);
    put_u8(w, group != NULL);
    put_u16(w, group ? group->cluster : 0);
    put_u32(w, group ? group->user : 0);
    put_u32(w, event->job);
    put_u32(w, event->user);
}

static void get_state_word(struct reader *r,
                           struct journal_room *room,
                           struct event *event)
{
    event->then = get_u8(r);
    event->within_us = get_u64(r);
    uint8_t reserved = get_u8(r);
    room->reservation.cluster = get_u16(r);
    room->reservation.user = get_u32(r);
    event->reservation = reserved ? &room->reservation : NULL;
    bool named = room->reservation.cluster != 0 || room->reservation.user != 0;
    event->job = get_u32(r);
    event->user = get_u32(r);
    r->bad |= event->then > THEN_KILL || reserved > 1 || (named && !reserved) ||
              !has_word(event);
}

void journal_of_event(const struct event *event,
                      usec_t at_us,
                      node_id node,
                      uint8_t *bytes,
                      struct record *ret_record)
{
    struct sink sink = {.bytes = bytes};
    struct writer w = {.count = 0};
    put_u8(&w, (uint8_t)event->kind);
    put_u8(&w, (uint8_t)((event->self ? PART_SELF : 0) |
                         (event->procs ? PART_PROCS : 0) |
                         (event->map ? PART_MAP : 0) |
                         (event->records ? PART_RECORDS : 0) |
                         (has_word(event) ? PART_WORD : 0)));
    put_u64(&w, event->now_us);
    put_u32(&w, event->peer);
    put_u64(&w, event->proc);
    put_u32(&w, event->epoch);
    put_u8(&w, event->state);
    put_u8(&w, event->flags);
    put_u8(&w, event->done);
    put_u64(&w, event->frozen_us);
    put_u64(&w, event->copied_bytes);
    put_parts(&sink, &w, event, node);
    if (has_word(event))
        put_state_word(&w, event);
    flush(&sink, &w);
    assert(sink.count + event->byte_count <= EVENT_BYTES_MAX);
    if (event->byte_count > 0)
        memcpy(bytes + sink.count, event->bytes, event->byte_count);
    bool has_proc = event->procs && event->kind != EVENT_SAMPLED;
    *ret_record = (struct record){
        .at_us = at_us,
        .node = node,
        .peer = event->peer,
        .proc = has_proc ? event->procs[0].id : event->proc,
        .values[EVENT_KIND] = event->kind,
        .kind = RECORD_EVENT,
        .why = "",
        .bytes = bytes,
        .byte_count = sink.count + event->byte_count,
    };
}

static void get_procs(struct reader *r,
                      struct journal_room *room,
                      struct event *event)
{
    uint32_t count = get_u32(r);
    if (count > room->procs_max) {
        r->bad = true;
        return;
    }
    for (uint32_t i = 0; i < count && !r->bad; i++)
        if (event->kind == EVENT_SAMPLED)
            get_measured(r, &room->procs[i]);
        else
            get_proc(r, &room->procs[i]);
    event->procs = room->procs;
    event->proc_count = count;
}

static void get_map(struct reader *r,
                    struct journal_room *room,
                    struct event *event,
                    node_id node)
{
    uint32_t count = get_u32(r);
    if (count > room->map_max) {
        r->bad = true;
        return;
    }
    for (uint32_t i = 0; i < count && !r->bad; i++)
        room->map[i] = get_cluster(r);
    if (r->bad || !map_is_sound(room->map, count, node)) {
        r->bad = true;
        return;
    }
    event->map = room->map;
    event->map_count = count;
}

static void get_records(struct reader *r,
                        struct journal_room *room,
                        struct event *event)
{
    uint32_t count = get_u32(r);
    if (count > room->records_max) {
        r->bad = true;
        return;
    }
    for (uint32_t i = 0; i < count && !r->bad; i++)
        get_record(r, &room->records[i]);
    if (r->bad || !records_are_sound(room->records, count)) {
        r->bad = true;
        return;
    }
    event->records = room->records;
    event->record_count = count;
}

/* Does it have what its kind needs (event.h), on that node? */
static bool is_complete(const struct event *event, node_id node)
{
    switch (event->kind) {
        case EVENT_START:
            return event->self && event->map;
        case EVENT_SAMPLED:
            return event->self && (event->procs || event->proc_count == 0);
        case EVENT_SUBMIT:
        case EVENT_IMAGE:
        case EVENT_CHANGED:
            return event->proc_count == 1;
        case EVENT_MAP:
            return event->map;
        case EVENT_STATE:
            return event->state <= NODE_GONE;
        case EVENT_DEAD:
            return event->peer != node;
        default:
            return true;
    }
}

bool journal_event(const struct record *record,
                   struct journal_room *room,
                   struct event *ret_event)
{
    struct reader r = {.at = record->bytes, .left = record->byte_count};
    uint8_t kind = get_u8(&r);
    uint8_t parts = get_u8(&r);
    if (r.bad || kind >= EVENT_KINDS || parts > PARTS_KNOWN)
        return false;
    struct event event = {.kind = (enum event_kind)kind};
    event.now_us = get_u64(&r);
    event.peer = get_u32(&r);
    event.proc = get_u64(&r);
    event.epoch = get_u32(&r);
    event.state = get_u8(&r);
    event.flags = get_u8(&r);
    event.done = get_u8(&r);
    event.frozen_us = get_u64(&r);
    event.copied_bytes = get_u64(&r);
    if (parts & PART_SELF) {
        room->self = get_info(&r);
        event.self = &room->self;
    }
    if (parts & PART_PROCS)
        get_procs(&r, room, &event);
    if (parts & PART_MAP)
        get_map(&r, room, &event, record->node);
    if (parts & PART_RECORDS)
        get_records(&r, room, &event);
    if (parts & PART_WORD)
        get_state_word(&r, room, &event);
    if (r.bad || !is_complete(&event, record->node))
        return false;
    event.bytes = r.at;
    event.byte_count = r.left;
    *ret_event = event;
    return true;
}
