/* freeze_marks - freeze above a red mark, thaw below a blue one.
 *
 * Source: freeze.conf of MOSIX2: one line of nine numbers for each class,
 *     class units red blue auto-home auto-cluster min max slice
 *
 * Rule:   Of the processes of one class whose home is here, with x of them
 *         running (or the load of this node, by units), at each sample one of
 *             x > red, or more than max run: one that runs is frozen
 *             x < blue, or fewer than min run: one that is frozen is thawed
 *             a slice is over: one that is frozen and one that runs change
 *         in this order, keeping at least min (with slices at least one) and at
 *         most max running. One that
 *         comes home while x of the others is above the auto mark is frozen as
 *         it comes: auto_home for those from this cluster, auto_cluster for
 *         those from another.
 *
 * From source: The nine numbers and what the marks mean.
 * Ours:   One process at a sample, so that both freezing and reactivation are
 *         gradual. Who is next goes round by number, so nobody stays frozen for
 *         more slices than there are frozen. A process that comes home counts
 *         as evacuated whatever sent it. MOSIX's -1, no mark, is the largest
 *         value here. Several classes are several of these in the list.
 *
 * Example: The sample line `1 0 6 4 0 4 0 -1 10`: class 1 by count, red 6, blue
 *         4, 10 minutes. Nine run: three are frozen in three samples, six run.
 *         Three end: three run, below blue, so one is thawed: four run, not
 *         below blue, two stay frozen and take turns, one every 10 minutes. One
 *         comes home from this cluster while others run: frozen, their count
 *         is above 0; from another cluster: runs, 4 is not above 4.
 */
#include "policy.h"

enum units { UNITS_PROCESSES, UNITS_LOAD };

#define MARK_MAX 1000000000 /* A million processes: never reached. */
#define COUNT_MAX 1000000

struct params
{
    uint64_t class_number;
    uint64_t units;
    uint64_t red_milli;
    uint64_t blue_milli;
    uint64_t auto_home_milli;
    uint64_t auto_cluster_milli;
    uint64_t running_min;
    uint64_t running_max;
    uint64_t slice_us;
};

struct state
{
    usec_t turned_us; /* Instant of the last change of turns. */
    proc_id frozen;   /* The last one that was frozen, */
    proc_id thawed;   /* and thawed: the rings go on behind them. */
};

static const struct policy_param params[] = {
    {"class_number", offsetof(struct params, class_number), 0, 65535, 1,
     "class of the processes that it is for"},
    {"units", offsetof(struct params, units), UNITS_PROCESSES, UNITS_LOAD,
     UNITS_PROCESSES, "of red, blue and auto: 0 running processes, 1 load"},
    {"red_milli", offsetof(struct params, red_milli), 0, MARK_MAX, 6000,
     "above it one is frozen"},
    {"blue_milli", offsetof(struct params, blue_milli), 0, MARK_MAX, 4000,
     "below it one is thawed"},
    {"auto_home_milli", offsetof(struct params, auto_home_milli), 0, MARK_MAX,
     MARK_MAX, "above it what comes home from this cluster is frozen"},
    {"auto_cluster_milli", offsetof(struct params, auto_cluster_milli), 0,
     MARK_MAX, MARK_MAX, "above it what comes home from another is frozen"},
    {"running_min", offsetof(struct params, running_min), 0, COUNT_MAX, 1,
     "processes that always run"},
    {"running_max", offsetof(struct params, running_max), 1, COUNT_MAX,
     COUNT_MAX, "processes that run at most"},
    {"slice_us", offsetof(struct params, slice_us), 0, 86400000000, 600000000,
     "between two changes of turns; 0: none"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    if (p->blue_milli + 1000 > p->red_milli)
        return "blue_milli must be at least a process, 1000, below red_milli";
    if (p->running_min > p->running_max)
        return "running_min must not pass running_max";
    return NULL;
}

static bool is_ours(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    return proc->home == c->self->id && proc->class_number == p->class_number;
}

static size_t count_of(const struct policy_ctx *c, enum proc_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < c->proc_count; i++)
        count += is_ours(c, &c->procs[i]) && c->procs[i].state == state &&
                 !c->procs[i].stopped;
    return count;
}

/* The first in that state behind `last`, going round, that holds no more than
 * room; NULL if there is none. */
static const struct proc_info *next_of(const struct policy_ctx *c,
                                       enum proc_state state,
                                       proc_id last,
                                       uint64_t room_bytes)
{
    const struct proc_info *first = NULL;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (!is_ours(c, proc) || proc->state != state || proc->stopped ||
            proc->mem_bytes > room_bytes)
            continue;
        if (proc->id > last)
            return proc;
        if (!first)
            first = proc;
    }
    return first;
}

/* What the marks are compared with, if so many of the class run. */
static uint64_t measure_milli(const struct policy_ctx *c, size_t running)
{
    const struct params *p = c->params;
    return p->units == UNITS_LOAD ? node_load_milli(c->self, 0)
                                  : (uint64_t)running * 1000;
}

static void tell_why_running(const struct policy_ctx *c, const char *why)
{
    for (size_t i = 0; i < c->proc_count; i++)
        if (is_ours(c, &c->procs[i]) && c->procs[i].state == PROC_RUNNING)
            policy_stay(c, c->procs[i].id, NODE_NONE,
                        "%s, but freeze space is full", why);
}

/* False if there is no room for any. */
static bool freeze_next(const struct policy_ctx *c, const char *why)
{
    struct state *s = c->state;
    const struct proc_info *proc =
        next_of(c, PROC_RUNNING, s->frozen, c->self->freeze_free_bytes);
    if (!proc) {
        tell_why_running(c, why);
        return false;
    }
    policy_freeze(c, proc->id, "%s", why);
    s->frozen = proc->id;
    return true;
}

static void thaw_next(const struct policy_ctx *c, const char *why)
{
    struct state *s = c->state;
    const struct proc_info *proc =
        next_of(c, PROC_FROZEN, s->thawed, UINT64_MAX);
    policy_thaw(c, proc->id, "%s", why);
    s->thawed = proc->id;
}

/* One that is frozen and one that runs change places: what the first leaves in
 * freeze space is room for the second. Where nobody fits, the first has its
 * turn none the less. */
static void change_turns(const struct policy_ctx *c, size_t running)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    const struct proc_info *in = next_of(c, PROC_FROZEN, s->thawed, UINT64_MAX);
    const struct proc_info *out = next_of(
        c, PROC_RUNNING, s->frozen, c->self->freeze_free_bytes + in->mem_bytes);
    s->turned_us = c->now_us;
    if (out || running < p->running_max) {
        policy_thaw(c, in->id, "its turn");
        s->thawed = in->id;
    }
    if (!out) {
        tell_why_running(c, "its slice is over");
        return;
    }
    policy_freeze(c, out->id, "its slice is over");
    s->frozen = out->id;
}

static void tell_why_frozen(const struct policy_ctx *c, uint64_t now_milli)
{
    const struct params *p = c->params;
    for (size_t i = 0; i < c->proc_count; i++)
        if (is_ours(c, &c->procs[i]) && c->procs[i].state == PROC_FROZEN)
            policy_stay(c, c->procs[i].id, NODE_NONE,
                        "frozen: %u is not below blue %u", (unsigned)now_milli,
                        (unsigned)p->blue_milli);
}

static void sampled(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    size_t running = count_of(c, PROC_RUNNING);
    size_t frozen = count_of(c, PROC_FROZEN);
    uint64_t now_milli = measure_milli(c, running);
    uint64_t least = p->running_min;
    if (least == 0 && p->slice_us > 0)
        least = 1; /* So that there are turns under any load. */
    if (s->turned_us == 0 || frozen == 0)
        s->turned_us = c->now_us; /* Nobody waits for a turn. */
    if (running > p->running_max && freeze_next(c, "more run than the most"))
        return;
    if (now_milli > p->red_milli && running > least &&
        freeze_next(c, "above red"))
        return;
    if (frozen > 0 && running < least) {
        thaw_next(c, "fewer run than the least");
    } else if (frozen > 0 && now_milli < p->blue_milli &&
               running < p->running_max) {
        thaw_next(c, "below blue");
    } else if (frozen > 0 && running > 0 && p->slice_us > 0 &&
               c->now_us - s->turned_us >= p->slice_us) {
        change_turns(c, running);
    } else {
        tell_why_frozen(c, now_milli);
    }
}

static bool is_own_node(const struct policy_ctx *c, node_id node)
{
    return node - c->clusters[0].first < c->clusters[0].node_count;
}

static void arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    if (!is_ours(c, proc) || proc->came_from == NODE_NONE ||
        proc->state != PROC_RUNNING)
        return;
    size_t others = count_of(c, PROC_RUNNING) - 1;
    bool from_here = is_own_node(c, proc->came_from);
    uint64_t mark_milli =
        from_here ? p->auto_home_milli : p->auto_cluster_milli;
    if (others < p->running_min || measure_milli(c, others) <= mark_milli ||
        proc->mem_bytes > c->self->freeze_free_bytes)
        return;
    policy_freeze(c, proc->id, "it came home while others were above the mark");
    s->frozen = proc->id;
}

const struct policy policy_freeze_marks = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "freeze_marks",
    .summary = "freeze above a red mark, thaw below a blue one, in turns",
    .source = "MOSIX2 freeze.conf",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .sampled = sampled,
    .arrived = arrived,
};
