/* stand.h - a few real nodes on a test stand.
 *
 * Frames take no time and are never lost; carrying takes carry_us. Processes
 * are CPU-bound and end when the test says so. So what a test sees is what the
 * policies decide. Faults, latencies and ends are the matter of
 * tests/cluster.c.
 */
#ifndef TESTS_ALGORITHMS_STAND_H
#define TESTS_ALGORITHMS_STAND_H

#include <CUnit/CUnit.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/node/node.h"
#include "algorithms/node/registry.h"

enum {
    STAND_NODES_MAX = 256,
    STAND_CLUSTERS_MAX = 4,
    STAND_POLICIES_MAX = 4,
    STAND_PARAMS_MAX = 16,
    STAND_QUEUE_MAX = 4096,
    STAND_NOTES_MAX = 8192,
    STAND_PROCS_MAX = 64,
    STAND_SECOND_US = 1000000,
    STAND_FIRST_NODE = 1, /* Node k of the stand has id k + 1. */
};
#define STAND_MIB (1024ULL * 1024)
#define STAND_ORIGIN_US 1000000000ULL

/* A decision, as the journal would show it. */
struct stand_note
{
    usec_t at_us; /* Since the stand was started. */
    enum action_kind kind;
    node_id node;
    node_id peer;
    proc_id proc;
    bool start;
    char why[POLICY_TEXT_BYTES_MAX + 64];
};

struct stand_frame
{
    node_id source;
    node_id target;
    size_t byte_count;
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
};

struct stand_carry
{
    usec_t due_us;
    node_id source;
    node_id target;
    uint32_t epoch;
    struct proc_info proc;
};

struct stand
{
    size_t node_count;
    usec_t now_us;
    usec_t carry_us;
    struct node *nodes[STAND_NODES_MAX];
    struct node_info infos[STAND_NODES_MAX];
    uint64_t cpu_us[STAND_NODES_MAX];
    bool silent[STAND_NODES_MAX]; /* stand_silence() */
    struct cluster_info maps[STAND_CLUSTERS_MAX][STAND_CLUSTERS_MAX];
    size_t cluster_sizes[STAND_CLUSTERS_MAX];
    size_t cluster_count;
    struct node_policy policies[STAND_POLICIES_MAX];
    uint64_t params[STAND_POLICIES_MAX][STAND_PARAMS_MAX];
    struct node_config config;
    struct batch batch;
    struct stand_frame frames[STAND_QUEUE_MAX];
    size_t frame_first;
    size_t frame_count;
    struct stand_carry carries[STAND_PROCS_MAX];
    size_t carry_count;
    struct stand_note notes[STAND_NOTES_MAX];
    size_t note_count;
    size_t sent_count;
    size_t sent_bytes;
    proc_id last_proc;
};

static inline usec_t stand_time_us(const struct stand *s)
{
    return s->now_us - STAND_ORIGIN_US;
}

static inline struct node *stand_node(struct stand *s, node_id id)
{
    assert(id >= STAND_FIRST_NODE);
    assert(id - STAND_FIRST_NODE < s->node_count);
    return s->nodes[id - STAND_FIRST_NODE];
}

static inline struct node_info *stand_info(struct stand *s, node_id id)
{
    assert(id - STAND_FIRST_NODE < s->node_count);
    return &s->infos[id - STAND_FIRST_NODE];
}

static inline size_t stand_cluster(const struct stand *s, node_id id)
{
    size_t cluster = 0;
    size_t before = STAND_FIRST_NODE;
    while (id >= before + s->cluster_sizes[cluster])
        before += s->cluster_sizes[cluster++];
    return cluster;
}

/* What each cluster sees: itself, then the others by ascending first node. */
static inline void stand_draw_maps(struct stand *s)
{
    for (size_t own = 0; own < s->cluster_count; own++) {
        uint64_t before = 0;
        for (size_t place = 0; place < s->cluster_count; place++) {
            size_t which = place == 0 ? own : place <= own ? place - 1 : place;
            node_id first = STAND_FIRST_NODE;
            for (size_t k = 0; k < which; k++)
                first += (node_id)s->cluster_sizes[k];
            s->maps[own][place] = (struct cluster_info){
                .id = (cluster_id)(which + 1),
                .priority = which == own ? 0 : 10,
                .our_priority = which == own ? 0 : 10,
                .send = true,
                .take = true,
                .first = first,
                .node_count = (uint32_t)s->cluster_sizes[which],
                .before_count = before,
                .latency_us = 100,
                .bytes_per_s = 100000000,
            };
            before += s->cluster_sizes[which];
        }
    }
}

/* Until it is no longer silent that node hears nothing and does nothing, as one
 * that crashed or hangs; it then goes on from where it was. */
static inline void stand_silence(struct stand *s, node_id id, bool silent)
{
    assert(id - STAND_FIRST_NODE < s->node_count);
    s->silent[id - STAND_FIRST_NODE] = silent;
}

/* Empty, with equal nodes of one core, 1 GiB, and no policy yet. */
static inline struct stand *stand_create(size_t node_count)
{
    struct stand *s = calloc(1, sizeof *s);
    assert(s);
    assert(node_count <= STAND_NODES_MAX);
    s->node_count = node_count;
    s->now_us = STAND_ORIGIN_US;
    s->cluster_sizes[0] = node_count;
    s->cluster_count = 1;
    s->config = node_config_default();
    s->config.seed = 1;
    s->config.proc_max = STAND_PROCS_MAX;
    s->config.away_max = STAND_PROCS_MAX;
    s->batch.out = malloc(policy_out_bytes());
    assert(s->batch.out);
    for (size_t i = 0; i < node_count; i++)
        s->infos[i] = (struct node_info){
            .id = (node_id)(STAND_FIRST_NODE + i),
            .core_count = 1,
            .speed_milli = 1000,
            .grid_guest_limit = 100,
            .mem_total_bytes = 1024 * STAND_MIB,
            .mem_free_bytes = 1024 * STAND_MIB,
        };
    return s;
}

static inline void stand_destroy(struct stand *s)
{
    for (size_t i = 0; i < s->node_count; i++)
        free(s->nodes[i]);
    free(s->batch.out);
    free(s);
}

/* Append a policy to the list of every node, with its fallbacks. */
static inline size_t stand_add(struct stand *s, const char *name)
{
    size_t place = s->config.policy_count++;
    const struct policy *policy = policy_find(name);
    assert(place < STAND_POLICIES_MAX);
    assert(policy);
    assert(policy->params_size <= sizeof s->params[place]);
    if (policy->params)
        policy_params_default(policy, s->params[place]);
    s->policies[place] = (struct node_policy){policy, s->params[place]};
    s->config.policies = s->policies;
    return place;
}

static inline void stand_set(struct stand *s,
                             size_t place,
                             const char *name,
                             uint64_t value)
{
    const struct policy_param *param =
        policy_param_find(s->policies[place].policy, name);
    assert(param);
    policy_param_set(param, s->params[place], value);
}

static inline void stand_step(struct stand *s, node_id id, struct event event);

static inline void stand_note(struct stand *s,
                              node_id id,
                              const struct action *action)
{
    assert(s->note_count < STAND_NOTES_MAX);
    struct stand_note *note = &s->notes[s->note_count++];
    *note = (struct stand_note){
        .at_us = stand_time_us(s),
        .kind = action->kind,
        .node = id,
        .peer = action->peer,
        .proc = action->proc,
        .start = action->start,
    };
    strncpy(note->why, action->why, sizeof note->why - 1);
}

static inline const struct proc_info *stand_proc_at(struct stand *s,
                                                    node_id id,
                                                    proc_id proc)
{
    size_t count;
    const struct proc_info *procs = node_procs(stand_node(s, id), &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == proc)
            return &procs[i];
    return NULL;
}

static inline void stand_cancel(struct stand *s, proc_id proc)
{
    for (size_t i = 0; i < s->carry_count; i++)
        if (s->carries[i].proc.id == proc)
            s->carries[i--] = s->carries[--s->carry_count];
}

static inline void stand_carry_out(struct stand *s,
                                   node_id id,
                                   const struct action *action)
{
    if (action->kind == ACTION_SEND) {
        assert(s->frame_count < STAND_QUEUE_MAX);
        size_t place = (s->frame_first + s->frame_count++) % STAND_QUEUE_MAX;
        struct stand_frame *frame = &s->frames[place];
        frame->source = id;
        frame->target = action->peer;
        frame->byte_count = action->byte_count;
        memcpy(frame->bytes, action->bytes, action->byte_count);
        s->sent_count++;
        s->sent_bytes += action->byte_count;
        return;
    }
    if (action->kind == ACTION_CARRY) {
        const struct proc_info *proc = stand_proc_at(s, id, action->proc);
        assert(proc);
        assert(s->carry_count < STAND_PROCS_MAX);
        s->carries[s->carry_count++] = (struct stand_carry){
            s->now_us + s->carry_us, id, action->peer, action->epoch, *proc};
    }
    if (action->kind == ACTION_CANCEL)
        stand_cancel(s, action->proc);
    stand_note(s, id, action);
}

static inline void stand_step(struct stand *s, node_id id, struct event event)
{
    event.now_us = s->now_us;
    node_step(stand_node(s, id), &event, &s->batch);
    for (size_t i = 0; i < s->batch.count; i++)
        stand_carry_out(s, id, &s->batch.actions[i]);
}

/* Deliver what is under way and due. */
static inline void stand_settle(struct stand *s)
{
    for (;;) {
        if (s->frame_count > 0) {
            struct stand_frame frame = s->frames[s->frame_first];
            s->frame_first = (s->frame_first + 1) % STAND_QUEUE_MAX;
            s->frame_count--;
            if (s->silent[frame.target - STAND_FIRST_NODE])
                continue;
            stand_step(s, frame.target,
                       (struct event){.kind = EVENT_FRAME,
                                      .peer = frame.source,
                                      .bytes = frame.bytes,
                                      .byte_count = frame.byte_count});
            continue;
        }
        size_t due = 0;
        while (due < s->carry_count && s->carries[due].due_us > s->now_us)
            due++;
        if (due == s->carry_count)
            return;
        struct stand_carry carry = s->carries[due];
        s->carries[due] = s->carries[--s->carry_count];
        stand_step(s, carry.source,
                   (struct event){.kind = EVENT_CARRIED,
                                  .proc = carry.proc.id,
                                  .epoch = carry.epoch,
                                  .peer = carry.target,
                                  .done = true,
                                  .copied_bytes = carry.proc.mem_bytes});
        stand_step(s, carry.target,
                   (struct event){.kind = EVENT_IMAGE,
                                  .peer = carry.source,
                                  .epoch = carry.epoch,
                                  .procs = &carry.proc,
                                  .proc_count = 1});
    }
}

static inline void stand_start(struct stand *s)
{
    stand_draw_maps(s);
    for (size_t i = 0; i < s->node_count; i++) {
        node_id id = (node_id)(STAND_FIRST_NODE + i);
        size_t cluster = stand_cluster(s, id);
        s->infos[i].cluster = (cluster_id)(cluster + 1);
        s->config.id = id;
        size_t bytes = (node_bytes(&s->config) + 15) / 16 * 16;
        void *block = aligned_alloc(16, bytes);
        assert(block);
        s->nodes[i] = node_init(block, &s->config);
        stand_step(s, id,
                   (struct event){.kind = EVENT_START,
                                  .self = &s->infos[i],
                                  .map = s->maps[cluster],
                                  .map_count = s->cluster_count});
    }
    stand_settle(s);
}

/* Let everybody believe the last word that id was given; as of now. */
static inline void stand_tell(struct stand *s, node_id id)
{
    for (size_t i = 0; i < s->node_count; i++)
        if (i + STAND_FIRST_NODE != id)
            node_believe(s->nodes[i], stand_info(s, id), s->now_us);
}

/* A process that could be submitted at its home. */
static inline struct proc_info stand_proc(struct stand *s,
                                          node_id home,
                                          uint64_t mem_bytes)
{
    return (struct proc_info){
        .id = ((uint64_t)home << 32) + ++s->last_proc,
        .home = home,
        .home_cluster = stand_info(s, home)->cluster,
        .came_from = NODE_NONE,
        .sibling_node = NODE_NONE,
        .class_number = 1,
        .width = 1,
        .cpu_milli = 1000,
        .state = PROC_WAITING,
        .mem_bytes = mem_bytes,
        .submitted_us = s->now_us,
        .arrived_us = s->now_us,
    };
}

/* What its home sends for it is under way afterwards. */
static inline void stand_offer(struct stand *s, struct proc_info proc)
{
    stand_step(
        s, proc.home,
        (struct event){.kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
}

/* A new process whose home is id. */
static inline proc_id stand_submit(struct stand *s,
                                   node_id id,
                                   uint64_t mem_bytes)
{
    struct proc_info proc = stand_proc(s, id, mem_bytes);
    stand_offer(s, proc);
    stand_settle(s);
    return proc.id;
}

static inline size_t stand_running(struct stand *s, node_id id)
{
    size_t count;
    size_t running = 0;
    const struct proc_info *procs = node_procs(stand_node(s, id), &count);
    for (size_t i = 0; i < count; i++)
        running +=
            procs[i].state == PROC_RUNNING || procs[i].state == PROC_LEAVING;
    return running;
}

/* Sample one node: load is what runs, CPU time what each had since the last
 * second. */
static inline void stand_sample(struct stand *s, node_id id)
{
    struct proc_info procs[STAND_PROCS_MAX];
    size_t count;
    const struct proc_info *seen = node_procs(stand_node(s, id), &count);
    struct node_info *info = stand_info(s, id);
    size_t running = stand_running(s, id);
    uint64_t held = 0;
    memcpy(procs, seen, count * sizeof *procs);
    for (size_t i = 0; i < count; i++) {
        held += procs[i].mem_bytes;
        procs[i].cpu_used_us += running ? STAND_SECOND_US / running : 0;
    }
    info->load_milli = (uint32_t)(1000 * running);
    info->mem_free_bytes =
        held < info->mem_total_bytes ? info->mem_total_bytes - held : 0;
    stand_step(s, id,
               (struct event){.kind = EVENT_SAMPLED,
                              .self = info,
                              .procs = procs,
                              .proc_count = count});
    stand_settle(s);
}

/* Ring every alarm and end every carrying up to that time. */
static inline void stand_run_until(struct stand *s, usec_t time_us)
{
    usec_t end_us = STAND_ORIGIN_US + time_us;
    for (;;) {
        usec_t next_us = USEC_NEVER;
        node_id who = NODE_NONE;
        for (size_t i = 0; i < s->node_count; i++) {
            usec_t due_us = node_deadline(s->nodes[i]);
            if (due_us < next_us && !s->silent[i]) {
                next_us = due_us;
                who = (node_id)(STAND_FIRST_NODE + i);
            }
        }
        for (size_t i = 0; i < s->carry_count; i++)
            if (s->carries[i].due_us <= next_us) {
                next_us = s->carries[i].due_us;
                who = NODE_NONE;
            }
        if (next_us > end_us)
            break;
        s->now_us = next_us > s->now_us ? next_us : s->now_us;
        if (who != NODE_NONE)
            stand_step(s, who, (struct event){.kind = EVENT_ALARM});
        stand_settle(s);
    }
    s->now_us = end_us;
}

/* A second passes; then every node is sampled, and all hear all if `told`. */
static inline void stand_second(struct stand *s, bool told)
{
    stand_run_until(s, stand_time_us(s) + STAND_SECOND_US);
    for (size_t i = 0; i < s->node_count; i++)
        stand_sample(s, (node_id)(STAND_FIRST_NODE + i));
    for (size_t i = 0; told && i < s->node_count; i++)
        stand_tell(s, (node_id)(STAND_FIRST_NODE + i));
}

/* The place-th note of that kind; NULL if there are not so many. */
static inline const struct stand_note *stand_find(const struct stand *s,
                                                  enum action_kind kind,
                                                  size_t place)
{
    for (size_t i = 0; i < s->note_count; i++)
        if (s->notes[i].kind == kind && place-- == 0)
            return &s->notes[i];
    return NULL;
}

static inline size_t stand_count(const struct stand *s, enum action_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < s->note_count; i++)
        count += s->notes[i].kind == kind;
    return count;
}

#endif /* TESTS_ALGORITHMS_STAND_H */
