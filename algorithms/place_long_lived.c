/* place_long_lived - start elsewhere what ran long before.
 *
 * Paper: M. Harchol-Balter, A. B. Downey, "Exploiting Process Lifetime
 * Distributions for Dynamic Load Balancing", ACM Transactions on Computer
 * Systems 15(3), 1997: the name-based non-preemptive policy that migration is
 * compared with there, after A. Svensson, "History, an Intelligent Load Sharing
 * Filter", ICDCS 1990.
 *
 * Rule:       mean(g) is the CPU time of the last `memory` or so runs of
 * program g. A process of g starts on the node with the least load, if mean(g)
 * >= long_us  and  load there < load at home, both with the process; else at
 * home. Nothing moves once it runs.
 *
 * From paper: Long is 0.5 s, about the mean there; the target is the node with
 *             the fewest processes. Its list of names was made from the traces
 *             beforehand.
 * Ours:       The list is learned: mean(g) <- mean(g) + (L - mean(g)) / k at
 * the end of the k-th run of length L, k at most `memory`. A node sees at its
 * samples who has ended, so L lacks what was used after the last of them: a
 * process that no sample saw counts 0. The host of a guest tells its home. What
 * another policy moves away counts as ended. SEEN_MAX running processes are
 * watched, PROGRAMS_MAX programs remembered, those that ran last. Loads are for
 * each core of the reference speed. A program never seen starts at home, and so
 * does one without a number.
 *
 * Example:    At home programs 7 ran 3 s and 1 s, program 8 0.2 s, which no
 *             sample saw: mean(7) = 3 + (1 - 3)/2 = 2 s, mean(8) = 0. One
 *             process runs at home, none at A: the next of 7 starts at A, of 8
 *             at home. That of 7 runs 20 s: mean(7) = 2 + (20 - 2)/3 = 8 s.
 */
#include "policy.h"

enum {
    PROGRAMS_MAX = 64,
    SEEN_MAX = 64,
    REPORTS_MAX = 32, /* In one sample. */
    ONE_PROCESS_MILLI = 1000,
};

struct params
{
    uint64_t long_us;
    uint64_t memory;
};

struct program
{
    uint32_t number; /* 0: a free entry. */
    uint32_t run_count;
    usec_t mean_us;
    uint64_t when; /* The larger, the later it ended. */
};

/* One that runs here. */
struct seen
{
    proc_id proc;
    node_id home;
    uint32_t program; /* 0: a free entry. */
    usec_t cpu_us;
};

struct state
{
    struct program programs[PROGRAMS_MAX];
    struct seen seen[SEEN_MAX];
    uint64_t last;
};

static const struct policy_param params[] = {
    {"long_us", offsetof(struct params, long_us), 0, 3600000000, 500000,
     "mean CPU time from which a program is long-lived"},
    {"memory", offsetof(struct params, memory), 1, 1000, 16,
     "runs of a program over which its mean is taken, about"},
    {0},
};

/* ---- What ran how long. -------------------------------------------------- */

static struct program *find_program(struct state *s, uint32_t number)
{
    for (size_t i = 0; i < PROGRAMS_MAX; i++)
        if (s->programs[i].number == number)
            return &s->programs[i];
    return NULL;
}

static struct program *oldest_program(struct state *s)
{
    struct program *oldest = &s->programs[0];
    for (size_t i = 1; i < PROGRAMS_MAX; i++)
        if (s->programs[i].when < oldest->when)
            oldest = &s->programs[i];
    return oldest;
}

static void learn(const struct policy_ctx *c, uint32_t number, usec_t cpu_us)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    struct program *program = find_program(s, number);
    if (!program) {
        program = oldest_program(s);
        *program = (struct program){.number = number};
    }
    program->when = ++s->last;
    program->run_count += program->run_count < p->memory;
    if (cpu_us >= program->mean_us)
        program->mean_us += (cpu_us - program->mean_us) / program->run_count;
    else
        program->mean_us -= (program->mean_us - cpu_us) / program->run_count;
}

static void report(const struct policy_ctx *c, const struct seen *seen)
{
    struct writer w = {.count = 0};
    put_u32(&w, seen->program);
    put_u64(&w, seen->cpu_us);
    policy_send(c, seen->home, &w);
}

/* ---- Handlers. ----------------------------------------------------------- */

static void arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    struct state *s = c->state;
    for (size_t i = 0; i < SEEN_MAX && proc->program != 0; i++) {
        if (s->seen[i].program != 0)
            continue;
        s->seen[i] = (struct seen){proc->id, proc->home, proc->program,
                                   proc->cpu_used_us};
        return;
    }
}

static void sampled(const struct policy_ctx *c)
{
    struct state *s = c->state;
    size_t reports = 0;
    for (size_t i = 0; i < SEEN_MAX && !c->explaining; i++) {
        struct seen *seen = &s->seen[i];
        const struct proc_info *proc =
            seen->program != 0 ? proc_find(c, seen->proc) : NULL;
        if (proc)
            seen->cpu_us = proc->cpu_used_us;
        if (seen->program == 0 || proc || reports == REPORTS_MAX)
            continue;
        if (seen->home == c->self->id) {
            learn(c, seen->program, seen->cpu_us);
        } else if (cluster_of(c, seen->home)) {
            report(c, seen);
            reports++;
        }
        seen->program = 0;
    }
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    (void)sender;
    uint32_t number = get_u32(in);
    usec_t cpu_us = get_u64(in);
    if (!in->bad && number != 0)
        learn(c, number, cpu_us);
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    const struct program *program =
        proc->program != 0 ? find_program(c->state, proc->program) : NULL;
    if (!program || program->mean_us < p->long_us) {
        policy_start(c, proc->id, c->self->id,
                     program ? "its program ran %llu us before"
                             : "its program is not known here",
                     program ? (unsigned long long)program->mean_us : 0);
        return;
    }
    uint32_t here = node_load_milli(c->self, ONE_PROCESS_MILLI);
    uint32_t least = here;
    node_id chosen = c->self->id;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        uint32_t there = peer_load_milli(peer, ONE_PROCESS_MILLI);
        const char *no = obstacle(c, proc, peer);
        if (no) {
            policy_stay(c, proc->id, peer->word.id, "%s", no);
        } else if (there >= least) {
            policy_stay(c, proc->id, peer->word.id,
                        "load %u there with it, the least is %u", there, least);
        } else {
            least = there;
            chosen = peer->word.id;
        }
    }
    policy_start(c, proc->id, chosen,
                 "its program ran %llu us before; load %u there with it, %u "
                 "here",
                 (unsigned long long)program->mean_us, least, here);
}

const struct policy policy_place_long_lived = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_long_lived",
    .summary = "start elsewhere what ran long before, by its program",
    .source = "Harchol-Balter and Downey 1997; Svensson 1990",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .sampled = sampled,
    .receive = receive,
    .place = place,
    .arrived = arrived,
};
