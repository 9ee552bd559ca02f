/* balance_mosix - the load balancer of MOSIX, with its 130 % stability rule.
 *
 * Papers: A. Barak, S. Guday, R. Wheeler, "The MOSIX Distributed Operating
 * System", LNCS 672, 1993; A. Barak, O. La'adan, Future Generation Computer
 * Systems 13(4-5), 1998. The constants are those of MOSIX as ported to
 * Kerrighed (mosix_probe.c, mosix_load_balancer.c).
 *
 * Rule:       Every second the load V, the time average of runnable processes,
 *             goes through two filters that are uneven on purpose:
 *                 mean  <- (5 mean + 3 V) / 8  if V > mean,   else V
 *                 upper <- (7 upper + V) / 8   if V < upper,  else V
 *             mean is compared here; upper is what others hear. A process moves
 *             to the i with the least load among those where
 *                 mean > upper(i) + 1.3 x load of one process on i.
 *             The one that moves takes the second most CPU.
 *
 * From MOSIX: A burst of two seconds moves nothing, since mean lags; who has
 *             just received looks loaded for a while, since upper lags: so
 *             nobody is flooded. One move for each sample. A newcomer stays for
 *             residency_us. Loads are for each core of the reference speed.
 * Ours:       The CPU share of a process is what the host measures, without the
 *             5:3 filter of the port. What is on its way counts where it goes
 *             and no longer here, from the moment of the decision. While each
 *             process has a core to itself, only a faster core attracts it: on
 *             nodes of one core and one speed this changes nothing. Of
 *             targets that are equally loaded the youngest word is believed.
 *
 * Example:    3 processes here, none on an equal node that is idle. mean is
 *             1.125, 1.828, 2.268: after the 2nd second 1.828 > 0 + 1.3, one
 *             moves. 2 against 1 then is stable, since 2 < 1 + 1.3; and 1
 *             against 0 too, since 1 < 0 + 1.3.
 */
#include "balance/moving.h"

enum { ONE_PROCESS_MILLI = 1000 };

struct params
{
    uint64_t margin_milli;
    uint64_t residency_us;
};

struct state
{
    uint32_t mean_milli;
    uint32_t upper_milli;
};

static const struct policy_param params[] = {
    {"margin_milli", offsetof(struct params, margin_milli), 0, 10000, 1300,
     "processes that must fit between the load there and the load here"},
    {"residency_us", offsetof(struct params, residency_us), 0, 3600000000,
     1000000, "that a process stays after it came"},
    {0},
};

/* Each rounds towards the new value, so that it is reached. */
static uint32_t risen_milli(uint32_t old, uint32_t new)
{
    return (uint32_t)((5ULL * old + 3ULL * new + 7) / 8);
}

static uint32_t fallen_milli(uint32_t old, uint32_t new)
{
    return (uint32_t)((7ULL * old + new) / 8);
}

static void filter(struct state *s, uint32_t load_milli)
{
    s->mean_milli = load_milli > s->mean_milli
                        ? risen_milli(s->mean_milli, load_milli)
                        : load_milli;
    s->upper_milli = load_milli < s->upper_milli
                         ? fallen_milli(s->upper_milli, load_milli)
                         : load_milli;
}

/* NULL if this process may be the one that moves. */
static const char *staying(const struct policy_ctx *c,
                           const struct proc_info *proc)
{
    const struct params *p = c->params;
    const char *no = moving_staying(c, proc, p->residency_us);
    return !no && proc->cpu_milli == 0 ? "it takes no CPU" : no;
}

static const struct proc_info *second_highest(const struct policy_ctx *c)
{
    const struct proc_info *first = NULL;
    const struct proc_info *second = NULL;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        const char *no = staying(c, proc);
        if (no) {
            policy_stay(c, proc->id, NODE_NONE, "%s", no);
        } else if (!first || proc->cpu_milli > first->cpu_milli) {
            second = first;
            first = proc;
        } else if (!second || proc->cpu_milli > second->cpu_milli) {
            second = proc;
        }
    }
    return second ? second : first;
}

static void balance(const struct policy_ctx *c,
                    const struct proc_info *proc,
                    uint32_t mean_milli)
{
    const struct params *p = c->params;
    bool crowded = mean_milli > c->self->core_count * ONE_PROCESS_MILLI;
    uint32_t here =
        node_load_milli(c->self, (int64_t)mean_milli - c->self->load_milli);
    uint32_t least = here;
    const struct peer_info *best = NULL;
    /* Most often so, and then the board need not be looked through. */
    if (!crowded && c->peer_speed_max_milli <= c->self->speed_milli &&
        !c->explaining)
        return;
    /* Youngest first, so of equals the youngest stays the best. */
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        uint32_t there = peer_load_milli(peer, (int64_t)p->margin_milli);
        if (there >= least && !c->explaining)
            continue;
        const char *no = obstacle(c, proc, peer);
        if (!no && !crowded && peer->word.speed_milli <= c->self->speed_milli)
            no = "it has a core to itself, and that one is not faster";
        if (no) {
            policy_stay(c, proc->id, peer->word.id, "%s", no);
        } else if (there >= least) {
            policy_stay(c, proc->id, peer->word.id,
                        "load %u there with the margin, %u here, best %u",
                        there, here, least);
        } else {
            least = there;
            best = peer;
        }
    }
    if (best)
        policy_move(c, proc->id, best->word.id,
                    "load %u here, %u there with the margin", here, least);
}

static void sampled(const struct policy_ctx *c)
{
    struct state *s = c->state;
    filter(s, c->self->load_milli);
    policy_publish_load(c, s->upper_milli);
    const struct proc_info *proc = second_highest(c);
    if (proc)
        balance(c, proc, s->mean_milli);
}

const struct policy policy_balance_mosix = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_mosix",
    .summary = "move one process past a margin of 130 % of a process",
    .source = "Barak, Guday and Wheeler 1993; Barak and La'adan 1998",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .sampled = sampled,
};
