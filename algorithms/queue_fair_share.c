/* queue_fair_share - one live queue for a cluster, in which the user who has
 * used least lately goes first.
 *
 * Paper: J. Kay, P. Lauder, "A Fair Share Scheduler", Communications of the ACM
 *        31(1), 1988. Not in MOSIX, whose sites asked for it.
 *
 * Rule:       As queue_fifo, but among equal priorities the user u with least
 *                 owed(u) = usage(u) + busy_us x busy(u)
 *             goes first; of one user, and of users that owe the same, the
 *             order is that of queue_fifo. busy(u) are u's processes that run
 *             or were granted; usage(u) the processor time that they took, of
 *             which after each half_life_us half is forgotten.
 *
 * From paper: Usage that decays, and that what a user runs now counts against
 *             the next. There it multiplies usage; here it is added, so that
 *             it also tells users apart who have used nothing yet.
 * Ours:       Equal shares. A user is a number at a home; one with two homes is
 *             two. busy(u) may be a report old. Usage is what the manager has
 *             heard since it became manager: for each process that runs
 *             refresh_us at each report, of at most 64 users. It decays in
 *             steps of a sixteenth of half_life_us.
 *
 * Example:    One core. User 1 submits A, B and C, a second later user 2
 *             submits D. A runs 10 s, then owed(1) is 10 s and owed(2) is 0:
 *             D starts, though it came last. D runs 4 s, owed(2) is 4 s: D2,
 *             also of user 2, goes before B.
 */
#include "queue/queue.h"

enum {
    STEPS_PER_HALF_LIFE = 16,
    STEP_LOSS_PPM = 42397, /* 1 - 2^(-1/16) */
    STEPS_MAX = 1024,      /* After 64 half-lives nothing is left. */
    PPM = 1000000,
};

struct params
{
    struct queue_params queue; /* First: queue/ reads it. */
    uint64_t half_life_us;
    uint64_t busy_us;
};

static const struct policy_param params[] = {
    QUEUE_PARAMS,
    {"half_life_us", offsetof(struct params, half_life_us), 16000000,
     31536000000000, 3600000000, "after which half of the usage is forgotten"},
    {"busy_us", offsetof(struct params, busy_us), 0, 86400000000, 1000000,
     "usage that each running process counts for at once"},
    {0},
};

/* Whole steps only; decayed_us then lags by what is left over. */
static void decay(const struct policy_ctx *c, struct queue_user *user)
{
    const struct params *p = c->params;
    usec_t step_us = p->half_life_us / STEPS_PER_HALF_LIFE;
    uint64_t steps = (c->now_us - user->decayed_us) / step_us;
    user->decayed_us += steps * step_us;
    if (steps > STEPS_MAX)
        user->usage_us = 0;
    for (; steps > 0 && user->usage_us > 0; steps--) {
        uint64_t loss_us = user->usage_us / PPM * STEP_LOSS_PPM +
                           user->usage_us % PPM * STEP_LOSS_PPM / PPM;
        user->usage_us -= loss_us > 0 ? loss_us : 1;
    }
}

static void charge(const struct policy_ctx *c,
                   struct queue_user *user,
                   uint32_t running_count)
{
    const struct params *p = c->params;
    decay(c, user);
    user->usage_us += running_count * p->queue.refresh_us;
}

static uint64_t owed_us(const struct policy_ctx *c,
                        const struct queue_user *user)
{
    const struct params *p = c->params;
    if (!user)
        return 0;
    struct queue_user now = *user;
    decay(c, &now);
    return now.usage_us + p->busy_us * queue_busy_count(user);
}

static bool order(const struct policy_ctx *c,
                  const struct queue_wish *a,
                  const struct queue_user *a_user,
                  const struct queue_wish *b,
                  const struct queue_user *b_user)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    uint64_t a_owes = owed_us(c, a_user);
    uint64_t b_owes = owed_us(c, b_user);
    if (a_user != b_user && a_owes != b_owes)
        return a_owes < b_owes;
    return queue_is_before(a, b);
}

static const struct queue_rules rules = {.order = order,
                                         .share_message = true,
                                         .charge = charge};

static void sampled(const struct policy_ctx *c)
{
    queue_sampled(c, &rules);
}

static void wake(const struct policy_ctx *c)
{
    queue_wake(c, &rules);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    queue_receive(c, &rules, sender, in);
}

const struct policy policy_queue_fair_share = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "queue_fair_share",
    .summary = "one live queue, where who has used least lately goes first",
    .source = "Kay and Lauder 1988; not in MOSIX",
    .params_size = sizeof(struct params),
    .params = params,
    .state_more = queue_state_bytes,
    .sampled = sampled,
    .wake = wake,
    .receive = receive,
    .place = queue_place,
    .arrived = queue_arrived,
};
