/* timed.c - see timed.h. */
#include "timed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../algorithms/node/out.h"
#include "../algorithms/node/registry.h"
#include "../algorithms/node/rng.h"
#include "measure.h"

/* One call, of any handler: what it was given, and its answer. */
struct call
{
    enum timed_handler handler;
    const struct policy_ctx *c;
    node_id sender;
    struct reader *in;
    const struct proc_info *proc;
    const struct move_result *result;
    const char *answer;
};

double timed_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

const char *timed_name(enum timed_handler handler)
{
    static const char *const names[TIMED_HANDLERS] = {
        "start", "sampled", "wake",  "changed", "receive",
        "place", "arrived", "moved", "admit",
    };
    return names[handler];
}

static struct timed *timed_of(const struct policy_ctx *c)
{
    return (struct timed *)((uintptr_t)c->params -
                            offsetof(struct timed, params));
}

static void call_original(const struct policy *policy, struct call *call)
{
    const struct policy_ctx *c = call->c;
    switch (call->handler) {
        case TIMED_START:
            policy->start(c);
            break;
        case TIMED_SAMPLED:
            policy->sampled(c);
            break;
        case TIMED_WAKE:
            policy->wake(c);
            break;
        case TIMED_CHANGED:
            policy->changed(c);
            break;
        case TIMED_RECEIVE:
            policy->receive(c, call->sender, call->in);
            break;
        case TIMED_PLACE:
            policy->place(c, call->proc);
            break;
        case TIMED_ARRIVED:
            policy->arrived(c, call->proc);
            break;
        case TIMED_MOVED:
            policy->moved(c, call->result);
            break;
        case TIMED_ADMIT:
            call->answer = policy->admit(c, call->sender, call->proc);
            break;
        case TIMED_HANDLERS:
            assert(false);
    }
}

static size_t state_bytes(const struct policy *policy, const void *params)
{
    return policy->state_size +
           (policy->state_more ? policy->state_more(params) : 0);
}

static void call_timed(struct timed *t, struct call *call)
{
    const struct policy_ctx *c = call->c;
    size_t bytes = state_bytes(t->original, c->params);
    struct rng rng = *c->rng;
    struct reader in = call->in ? *call->in : (struct reader){0};
    memcpy(t->state, c->state, bytes);
    double least_ns = 0;
    for (int i = 0; i < TIMED_REPEATS; i++) {
        if (i > 0) {
            memcpy(c->state, t->state, bytes);
            *c->rng = rng;
            if (call->in)
                *call->in = in;
            out_clear(c->out);
        }
        double begun_ns = timed_now_ns();
        call_original(t->original, call);
        double spent_ns = timed_now_ns() - begun_ns - t->clock_ns;
        if (i == 0 || spent_ns < least_ns)
            least_ns = spent_ns;
    }
    struct timed_cost *cost = &t->costs[call->handler];
    cost->timed++;
    cost->ns += least_ns > 0 ? least_ns : 0;
    cost->listed += c->peer_count;
    cost->procs += c->proc_count;
}

static void count_sent(struct timed *t, const struct policy_out *out)
{
    for (size_t i = 0; i < out->item_count; i++)
        if (out->items[i].kind == ITEM_SEND) {
            t->messages++;
            t->bytes +=
                FRAME_HEAD_BYTES + POLICY_HEAD_BYTES + out->items[i].byte_count;
        }
}

static const char *run(struct call call)
{
    struct timed *t = timed_of(call.c);
    struct timed_cost *cost = &t->costs[call.handler];
    if (!t->off && timed_draw(t))
        call_timed(t, &call);
    else
        call_original(t->original, &call);
    if (!t->off) {
        cost->calls++;
        count_sent(t, call.c->out);
        t->received |= call.handler == TIMED_RECEIVE;
        if (call.handler == TIMED_RECEIVE)
            t->learned = call.c->out->learned_count;
    }
    return call.answer;
}

static void run_start(const struct policy_ctx *c)
{
    run((struct call){.handler = TIMED_START, .c = c});
}

static void run_sampled(const struct policy_ctx *c)
{
    run((struct call){.handler = TIMED_SAMPLED, .c = c});
}

static void run_wake(const struct policy_ctx *c)
{
    run((struct call){.handler = TIMED_WAKE, .c = c});
}

static void run_changed(const struct policy_ctx *c)
{
    run((struct call){.handler = TIMED_CHANGED, .c = c});
}

static void run_receive(const struct policy_ctx *c,
                        node_id sender,
                        struct reader *in)
{
    run((struct call){
        .handler = TIMED_RECEIVE, .c = c, .sender = sender, .in = in});
}

static void run_place(const struct policy_ctx *c, const struct proc_info *proc)
{
    run((struct call){.handler = TIMED_PLACE, .c = c, .proc = proc});
}

static void run_arrived(const struct policy_ctx *c,
                        const struct proc_info *proc)
{
    run((struct call){.handler = TIMED_ARRIVED, .c = c, .proc = proc});
}

static void run_moved(const struct policy_ctx *c,
                      const struct move_result *result)
{
    run((struct call){.handler = TIMED_MOVED, .c = c, .result = result});
}

static const char *run_admit(const struct policy_ctx *c,
                             node_id sender,
                             const struct proc_info *proc)
{
    return run((struct call){
        .handler = TIMED_ADMIT, .c = c, .sender = sender, .proc = proc});
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double clock_ns(void)
{
    enum { LOOKS = 1001 };
    double all[LOOKS];
    for (size_t i = 0; i < LOOKS; i++) {
        double begun_ns = timed_now_ns();
        all[i] = timed_now_ns() - begun_ns;
    }
    qsort(all, LOOKS, sizeof *all, by_value);
    return all[LOOKS / 2];
}

struct timed *timed_create(const struct policy *original)
{
    struct timed *t = calloc(1, sizeof *t);
    assert(t);
    assert(original->params_size <= sizeof t->params);
    if (original->params)
        policy_params_default(original, t->params);
    t->original = original;
    t->policy = *original;
    t->policy.start = original->start ? run_start : NULL;
    t->policy.sampled = original->sampled ? run_sampled : NULL;
    t->policy.wake = original->wake ? run_wake : NULL;
    t->policy.changed = original->changed ? run_changed : NULL;
    t->policy.receive = original->receive ? run_receive : NULL;
    t->policy.place = original->place ? run_place : NULL;
    t->policy.arrived = original->arrived ? run_arrived : NULL;
    t->policy.moved = original->moved ? run_moved : NULL;
    t->policy.admit = original->admit ? run_admit : NULL;
    t->stride = 1;
    t->clock_ns = clock_ns();
    t->state = malloc(state_bytes(original, t->params) + 1);
    assert(t->state);
    return t;
}

void timed_destroy(struct timed *timed)
{
    if (timed)
        free(timed->state);
    free(timed);
}

bool timed_draw(struct timed *timed)
{
    return random_bits(&timed->random) % timed->stride == 0;
}

void timed_clear(struct timed *timed)
{
    struct timed_cost start = timed->costs[TIMED_START];
    memset(timed->costs, 0, sizeof timed->costs);
    timed->costs[TIMED_START] = start;
    timed->messages = 0;
    timed->bytes = 0;
}

double timed_ns(const struct timed *timed, enum timed_handler handler)
{
    const struct timed_cost *cost = &timed->costs[handler];
    return cost->timed ? cost->ns / (double)cost->timed : 0;
}
