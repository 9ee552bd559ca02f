/* balance_home_model - home while it is not too full, home again when it is
 * not.
 *
 * Paper: R. Lavi, A. Barak, "The Home Model and Competitive Algorithms for Load
 * Balancing in a Computing Cluster", ICDCS 2001.
 *
 * Rule:       With Lambda, the current guess of the best possible load:
 *             stay    a process stays at home while
 *                     load(home) <= alpha_milli / 1000 x Lambda;
 *             leave   else one goes to the i with the least load(i) + away, if
 *                     that is <= Lambda; if there is none Lambda is doubled;
 *             return  a guest goes home when
 *                     load(home) + 1 <= beta_milli / 1000 x Lambda, or home is
 *                     idle.
 *
 * From paper: That each process has a home which it prefers, that away it takes
 *             more (away_milli for each 1000 at home), Lambda and its doubling.
 * Ours:       The paper's algorithms could only be read in its abstract: alpha,
 *             beta and the way home are our reconstruction. Lambda begins at
 *             1 process for each core, is halved when no known load is above a
 *             quarter of it. Each node has its own Lambda. One move a sample.
 *
 * Example:    Lambda = 4, alpha 0.75: with 3 at home all stay; with 4 one goes
 *             to a node with 2, for 2 + 1.1 <= 4. It comes back when home has
 *             1, for 1 + 1 <= beta 0.5 x 4.
 */
#include "balance/moving.h"

enum { ONE_PROCESS_MILLI = 1000 };

struct params
{
    uint64_t alpha_milli;
    uint64_t beta_milli;
    uint64_t away_milli;
    uint64_t residency_us;
};

struct state
{
    uint64_t lambda_milli;
};

static const struct policy_param params[] = {
    {"alpha_milli", offsetof(struct params, alpha_milli), 0, 1000, 750,
     "of Lambda: up to this load nothing leaves home"},
    {"beta_milli", offsetof(struct params, beta_milli), 0, 1000, 500,
     "of Lambda: what home may have with it, when it comes back"},
    {"away_milli", offsetof(struct params, away_milli), 1000, 10000, 1100,
     "load of a process away, 1000 at home"},
    {"residency_us", offsetof(struct params, residency_us), 0, 3600000000,
     1000000, "that a process stays after it came"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    return p->beta_milli <= p->alpha_milli
               ? NULL
               : "beta_milli must not pass alpha_milli: it would leave again";
}

static uint32_t highest_milli(const struct policy_ctx *c)
{
    uint32_t highest = node_load_milli(c->self, 0);
    for (size_t i = 0; i < c->peer_count; i++) {
        uint32_t load = peer_load_milli(peer_at(c, i), 0);
        highest = load > highest ? load : highest;
    }
    return highest;
}

static void guess(const struct policy_ctx *c)
{
    struct state *s = c->state;
    if (s->lambda_milli == 0)
        s->lambda_milli = ONE_PROCESS_MILLI;
    if (s->lambda_milli > ONE_PROCESS_MILLI &&
        highest_milli(c) <= s->lambda_milli / 4)
        s->lambda_milli /= 2;
}

static bool may_move(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    const char *no = moving_staying(c, proc, p->residency_us);
    if (no)
        policy_stay(c, proc->id, NODE_NONE, "%s", no);
    return !no;
}

/* Send one guest home whose home has room. */
static bool return_one(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    const struct state *s = c->state;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        const struct peer_info *home = peer_find(c, proc->home);
        if (proc->home == c->self->id || !home || !may_move(c, proc))
            continue;
        uint64_t with = peer_load_milli(home, ONE_PROCESS_MILLI);
        uint64_t limit = s->lambda_milli * p->beta_milli / 1000;
        const char *no = obstacle(c, proc, home);
        if (!no && (with <= limit || peer_load_milli(home, 0) == 0)) {
            policy_move(c, proc->id, proc->home,
                        "home has %llu with it, up to %llu",
                        (unsigned long long)with, (unsigned long long)limit);
            return true;
        }
        policy_stay(c, proc->id, proc->home, "%s",
                    no ? no : "home is too full yet");
    }
    return false;
}

/* The node with the least load where it may go; NULL if there is none. */
static const struct peer_info *least_loaded(const struct policy_ctx *c,
                                            const struct proc_info *proc,
                                            uint32_t *ret_load_milli)
{
    const struct params *p = c->params;
    const struct peer_info *best = NULL;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        uint32_t load = peer_load_milli(peer, (int64_t)p->away_milli);
        if ((best && load >= *ret_load_milli) || obstacle(c, proc, peer))
            continue;
        best = peer;
        *ret_load_milli = load;
    }
    return best;
}

/* Let one of its own leave a node that is too full. */
static void leave_one(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    uint32_t here = node_load_milli(c->self, 0);
    if (here <= s->lambda_milli * p->alpha_milli / 1000)
        return;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        uint32_t there = 0;
        if (proc->home != c->self->id || !may_move(c, proc))
            continue;
        const struct peer_info *peer = least_loaded(c, proc, &there);
        if (!peer || there >= here)
            continue;
        if (there > s->lambda_milli) {
            s->lambda_milli *= 2;
            return;
        }
        policy_move(c, proc->id, peer->word.id, "home has %u, %u there", here,
                    there);
        return;
    }
}

static void sampled(const struct policy_ctx *c)
{
    guess(c);
    if (!return_one(c))
        leave_one(c);
}

const struct policy policy_balance_home_model = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_home_model",
    .summary = "leave home when it is too full, return when it is not",
    .source = "Lavi and Barak 2001",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .sampled = sampled,
};
