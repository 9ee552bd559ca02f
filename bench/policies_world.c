/* policies_world.c - see policies_world.h. */
#include "policies_world.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../algorithms/node/registry.h"
#include "measure.h"

static const uint64_t ORIGIN_US = 1000000000;
static const uint64_t MIB = 1024ULL * 1024;
static const uint64_t FREEZE_BYTES = 4096 * 1024ULL * 1024;
static const double WORK_MEAN_US = 4e6;

static void *allocate(size_t count, size_t bytes)
{
    void *room = calloc(count, bytes);
    assert(room);
    return room;
}

static void *grown(void *old, size_t count, size_t bytes)
{
    void *room = realloc(old, count * bytes);
    assert(room);
    return room;
}

static void send(struct world *w, node_id source, const struct action *action)
{
    struct frames *f = &w->sent;
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 256;
        f->all = grown(f->all, f->room, sizeof *f->all);
    }
    struct frame *frame = &f->all[f->count++];
    frame->source = source;
    frame->target = action->peer;
    frame->byte_count = action->byte_count;
    memcpy(frame->bytes, action->bytes, action->byte_count);
}

static void carry(struct world *w, node_id source, const struct action *action)
{
    size_t count;
    const struct proc_info *procs = node_procs(w->nodes[source - 1], &count);
    size_t at = 0;
    while (at < count && procs[at].id != action->proc)
        at++;
    assert(at < count);
    if (w->carry_count == w->carry_room) {
        w->carry_room = w->carry_room ? 2 * w->carry_room : 256;
        w->carries = grown(w->carries, w->carry_room, sizeof *w->carries);
    }
    w->carries[w->carry_count++] =
        (struct carry){source, action->peer, action->epoch, procs[at]};
}

static void cancel(struct world *w, node_id source, proc_id proc)
{
    for (size_t i = 0; i < w->carry_count; i++)
        if (w->carries[i].proc.id == proc && w->carries[i].source == source)
            w->carries[i--] = w->carries[--w->carry_count];
}

static void step(struct world *w, node_id id, struct event event)
{
    event.now_us = w->now_us;
    assert(!node_crowded(w->nodes[id - 1]));
    node_step(w->nodes[id - 1], &event, &w->batch);
    for (size_t i = 0; i < w->batch.count; i++) {
        const struct action *action = &w->batch.actions[i];
        if (action->kind == ACTION_SEND)
            send(w, id, action);
        else if (action->kind == ACTION_CARRY)
            carry(w, id, action);
        else if (action->kind == ACTION_CANCEL)
            cancel(w, id, action->proc);
    }
}

/* The step once more, from what the node was before it: the least of several
 * times, in which the caches are warm. */
static void time_merging(struct world *w, const struct event *event)
{
    double least_ns = INFINITY;
    w->timed->off = true;
    for (int i = 0; i < TIMED_REPEATS; i++) {
        memcpy(w->again, w->before, node_bytes(&w->config));
        double begun_ns = timed_now_ns();
        node_step(w->again, event, &w->spare);
        least_ns =
            fmin(least_ns, timed_now_ns() - begun_ns - w->timed->clock_ns);
    }
    w->timed->off = false;
    w->merging.steps++;
    w->merging.entries += 1 + w->timed->learned;
    w->merging.ns += least_ns;
}

static void deliver(struct world *w, const struct frame *frame, bool time_it)
{
    struct event event = {.kind = EVENT_FRAME,
                          .now_us = w->now_us,
                          .peer = frame->source,
                          .bytes = frame->bytes,
                          .byte_count = frame->byte_count};
    if (time_it)
        memcpy(w->before, w->nodes[frame->target - 1], node_bytes(&w->config));
    w->timed->received = false;
    step(w, frame->target, event);
    if (time_it && w->timed->received)
        time_merging(w, &event);
}

static void deliver_all(struct world *w)
{
    for (size_t i = 0; i < w->arriving.count; i++) {
        bool time_it = w->measuring && timed_draw(w->timed);
        deliver(w, &w->arriving.all[i], time_it);
    }
}

static void bring_images(struct world *w)
{
    for (size_t left = w->carry_count; left > 0 && w->carry_count > 0; left--) {
        struct carry due = w->carries[0];
        w->carries[0] = w->carries[--w->carry_count];
        step(w, due.source,
             (struct event){.kind = EVENT_CARRIED,
                            .proc = due.proc.id,
                            .epoch = due.epoch,
                            .peer = due.target,
                            .done = true,
                            .copied_bytes = due.proc.mem_bytes});
        step(w, due.target,
             (struct event){.kind = EVENT_IMAGE,
                            .peer = due.source,
                            .epoch = due.epoch,
                            .procs = &due.proc,
                            .proc_count = 1});
    }
}

static void submit(struct world *w, node_id home)
{
    assert(w->proc_count < SUBMITTED_MAX);
    uint32_t number = w->proc_count++;
    w->left_us[number] = random_exponential(&w->random, WORK_MEAN_US);
    struct proc_info proc = {
        .id = ((uint64_t)home << 32) + number,
        .home = home,
        .home_cluster = w->infos[home - 1].cluster,
        .came_from = NODE_NONE,
        .sibling_node = NODE_NONE,
        .class_number = 1,
        .width = 1,
        .user = number % 4,
        .program = 1 + number % 16,
        .cpu_milli = 1000,
        .home_calls_per_s = 10,
        .state = PROC_WAITING,
        .mem_bytes = (32 + random_bits(&w->random) % 256) * MIB,
        .submitted_us = w->now_us,
        .arrived_us = w->now_us,
    };
    step(w, home,
         (struct event){.kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
}

static bool runs(const struct proc_info *proc)
{
    return proc->state == PROC_RUNNING || proc->state == PROC_LEAVING;
}

/* Everything that runs gets its share of a second; who is done ends. */
static void compute(struct world *w, node_id id, struct proc_info *procs)
{
    size_t count;
    const struct proc_info *seen = node_procs(w->nodes[id - 1], &count);
    size_t running = 0;
    for (size_t i = 0; i < count; i++)
        running += runs(&seen[i]);
    memcpy(procs, seen, count * sizeof *procs);
    for (size_t i = 0; i < count; i++) {
        if (!runs(&procs[i]))
            continue;
        double *left_us = &w->left_us[(uint32_t)procs[i].id];
        *left_us -= SECOND_US / (double)running;
        if (*left_us <= 0 && procs[i].state == PROC_RUNNING)
            step(w, id,
                 (struct event){.kind = EVENT_ENDED, .proc = procs[i].id});
    }
}

static void sample(struct world *w, node_id id)
{
    struct proc_info procs[PROCS_MAX];
    size_t count;
    size_t running = 0;
    uint64_t held = 0;
    uint64_t frozen = 0;
    compute(w, id, procs);
    const struct proc_info *seen = node_procs(w->nodes[id - 1], &count);
    memcpy(procs, seen, count * sizeof *procs);
    for (size_t i = 0; i < count; i++)
        running += runs(&procs[i]);
    for (size_t i = 0; i < count; i++) {
        held += runs(&procs[i]) ? procs[i].mem_bytes : 0;
        frozen += procs[i].state == PROC_FROZEN ? procs[i].mem_bytes : 0;
        procs[i].cpu_used_us += runs(&procs[i]) ? SECOND_US / running : 0;
    }
    struct node_info *info = &w->infos[id - 1];
    info->load_milli = (uint32_t)(1000 * running);
    info->utilisation_milli = running > 0 ? 1000 : 0;
    info->mem_free_bytes =
        held < info->mem_total_bytes ? info->mem_total_bytes - held : 0;
    info->freeze_free_bytes = frozen < FREEZE_BYTES ? FREEZE_BYTES - frozen : 0;
    step(w, id,
         (struct event){.kind = EVENT_SAMPLED,
                        .self = info,
                        .procs = procs,
                        .proc_count = count});
}

/* All alarms of a node up to now, each at its instant. */
static void ring_alarms(struct world *w, node_id id, usec_t now_us)
{
    for (;;) {
        usec_t due_us = node_deadline(w->nodes[id - 1]);
        if (due_us > now_us)
            return;
        w->now_us = due_us > now_us - TICK_US ? due_us : now_us - TICK_US;
        step(w, id, (struct event){.kind = EVENT_ALARM});
    }
}

void world_tick(struct world *w)
{
    usec_t now_us = ORIGIN_US + (uint64_t)++w->tick * TICK_US;
    struct frames due = w->sent; /* In the tick before. */
    w->sent = w->arriving;
    w->arriving = due;
    w->sent.count = 0;
    for (node_id id = 1; id <= w->node_count; id++)
        ring_alarms(w, id, now_us);
    w->now_us = now_us;
    deliver_all(w);
    bring_images(w);
    for (node_id id = 1; id <= w->node_count; id++) {
        double load = id % 2 ? 1.4 : 0.2;
        if (random_unit(&w->random) <= load * TICK_US / WORK_MEAN_US)
            submit(w, id);
        if (id % TICKS_A_SECOND == w->tick % TICKS_A_SECOND)
            sample(w, id);
    }
}

static void draw_maps(struct world *w)
{
    uint32_t half = w->node_count / 2;
    for (size_t own = 0; own < 2; own++)
        for (size_t place = 0; place < 2; place++) {
            size_t which = own ^ place;
            w->maps[own][place] = (struct cluster_info){
                .id = (cluster_id)(which + 1),
                .priority = place ? 10 : 0,
                .our_priority = place ? 10 : 0,
                .send = true,
                .take = true,
                .first = (node_id)(1 + which * half),
                .node_count = half,
                .before_count = place ? half : 0,
                .latency_us = 100,
                .bytes_per_s = 100000000,
            };
        }
}

/* Another policy, with its defaults, at the end of the list. */
static void append(struct world *w, const struct policy *policy)
{
    size_t place = w->config.policy_count++;
    assert(place < POLICIES_MAX);
    if (policy->params)
        policy_params_default(policy, w->params[place]);
    w->list[place] = (struct node_policy){policy, w->params[place]};
}

static void make_list(struct world *w, const struct policy *policy)
{
    if (strncmp(policy->name, "gossip_", strlen("gossip_")) != 0)
        append(w, policy_find("gossip_window"));
    w->list[w->config.policy_count++] =
        (struct node_policy){&w->timed->policy, w->timed->params};
}

bool world_option(struct world *w, const char *option)
{
    const char *equals = strchr(option, '=');
    if (!equals) {
        const struct policy *behind = policy_find(option);
        if (behind && w->config.policy_count < POLICIES_MAX)
            append(w, behind);
        return behind;
    }
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(equals - option), option);
    const struct policy_param *param =
        policy_param_find(w->timed->original, name);
    if (param)
        policy_param_set(param, w->timed->params,
                         strtoull(equals + 1, NULL, 10));
    return param;
}

static void *node_room(const struct node_config *config)
{
    void *room = aligned_alloc(16, (node_bytes(config) + 15) / 16 * 16);
    assert(room);
    return room;
}

struct world *world_create(const struct policy *policy, uint32_t node_count)
{
    struct world *w = allocate(1, sizeof *w);
    w->node_count = node_count;
    w->random = 1;
    w->now_us = ORIGIN_US;
    w->timed = timed_create(policy);
    w->config = node_config_default();
    w->config.seed = 1;
    w->config.policies = w->list;
    w->config.proc_max = PROCS_MAX;
    w->config.away_max = AWAYS_MAX;
    make_list(w, policy);
    draw_maps(w);
    w->nodes = allocate(node_count, sizeof *w->nodes);
    w->infos = allocate(node_count, sizeof *w->infos);
    w->left_us = allocate(SUBMITTED_MAX, sizeof *w->left_us);
    w->batch.out = allocate(1, policy_out_bytes());
    w->spare.out = allocate(1, policy_out_bytes());
    w->before = node_room(&w->config);
    w->again = node_room(&w->config);
    return w;
}

void world_start(struct world *w)
{
    for (node_id id = 1; id <= w->node_count; id++) {
        uint64_t mem_bytes = 1024 * MIB;
        size_t cluster = id > w->node_count / 2;
        w->infos[id - 1] = (struct node_info){
            .id = id,
            .cluster = (cluster_id)(cluster + 1),
            .core_count = 1,
            .speed_milli = 1000,
            .grid_guest_limit = 100,
            .mem_total_bytes = mem_bytes,
            .mem_free_bytes = mem_bytes,
            .freeze_total_bytes = FREEZE_BYTES,
            .freeze_free_bytes = FREEZE_BYTES,
        };
        w->config.id = id;
        w->nodes[id - 1] = node_init(node_room(&w->config), &w->config);
        node_silence(w->nodes[id - 1]);
        step(w, id,
             (struct event){.kind = EVENT_START,
                            .self = &w->infos[id - 1],
                            .map = w->maps[cluster],
                            .map_count = 2});
    }
}

void world_destroy(struct world *w)
{
    for (uint32_t i = 0; i < w->node_count; i++)
        free(w->nodes[i]); /* NULL before start(). */
    free(w->nodes);
    free(w->infos);
    free(w->left_us);
    free(w->arriving.all);
    free(w->sent.all);
    free(w->carries);
    free(w->batch.out);
    free(w->spare.out);
    free(w->before);
    free(w->again);
    timed_destroy(w->timed);
    free(w);
}

void world_tell_maps(struct world *w)
{
    for (node_id id = 1; id <= w->node_count; id++)
        step(w, id,
             (struct event){.kind = EVENT_MAP,
                            .map = w->maps[w->infos[id - 1].cluster - 1],
                            .map_count = 2});
}
