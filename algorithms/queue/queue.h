/* queue.h - the live queue of a cluster: what the queue_ policies share.
 *
 * A waiting process lives at its home, and only its home starts it. Homes
 * repeat their best wishes each refresh_us to a manager, the first node of
 * their cluster's map that answers; the manager grants in order. All that it
 * knows is soft state: a wish that is not repeated for three refreshes is
 * forgotten, and another manager, or the same after a crash, learns it all
 * again. The order survives, because ages travel and not instants. Two managers
 * for a moment may grant too much, never the same process twice.
 *
 * Places. A node has per_core_milli places for each 1000 of its cores, less the
 * processes that run there or come, less the load that these do not explain.
 * The manager asks nodes for their word, its own cluster in turn and those of
 * others that the board shows; who was asked speaks after each sample for
 * SUBSCRIBED_US. A grant counts against all places until the node where the
 * process starts speaks of it, or GRANT_US. A node that left the map or is
 * silent has no places: so a queue slows down when clusters leave.
 *
 * Liveness. Who needs more places than there are needs all of them; who needs
 * more memory than any node has needs none. A home whose owner takes no guests
 * serves its own.
 */
#ifndef ALGORITHMS_QUEUE_QUEUE_H
#define ALGORITHMS_QUEUE_QUEUE_H

#include "../policy.h"

struct queue_params
{
    uint64_t per_core_milli;
    uint64_t max_jobs; /* Running in the cluster and granted; 0: no limit. */
    uint64_t first_free;
    uint64_t user_first;
    uint64_t user_first_up_to_bytes; /* 0: of any size. */
    uint64_t backfill_small;
    uint64_t refresh_us;
    uint64_t wishes_max; /* What a manager remembers. */
};

/* Their table, but the ending row; for the table of a policy whose params
 * begin with struct queue_params. */
#define QUEUE_PARAM(field) #field, offsetof(struct queue_params, field)
#define QUEUE_PARAMS                                            \
    {QUEUE_PARAM(per_core_milli), 1, 1000000, 1000,             \
     "processes that each core has places for"},                \
        {QUEUE_PARAM(max_jobs), 0, UINT32_MAX, 0,               \
         "run at once in the cluster; 0: no limit"},            \
        {QUEUE_PARAM(first_free), 0, UINT32_MAX, 0,             \
         "so many of priority 0 start whatever the load (Z)"},  \
        {QUEUE_PARAM(user_first), 0, UINT32_MAX, 0,             \
         "so many of each user start whatever the load (N)"},   \
        {QUEUE_PARAM(user_first_up_to_bytes), 0, UINT64_MAX, 0, \
         "these only up to so much memory; 0: any"},            \
        {QUEUE_PARAM(backfill_small), 0, 1, 0,                  \
         "1: what fits may overtake a head that does not"},     \
        {QUEUE_PARAM(refresh_us), 100000, 60000000, 1000000,    \
         "between two repeats of what waits"},                  \
    {                                                           \
        QUEUE_PARAM(wishes_max), 1, 65536, 128,                 \
            "that a manager remembers; 56 bytes of each node"   \
    }

/* What a home wants started. */
struct queue_wish
{
    proc_id proc; /* Of a job that starts together, any. */
    uint64_t need_bytes;
    usec_t since_us; /* On the manager's clock. */
    usec_t heard_us;
    node_id home;
    uint32_t priority;
    uint32_t rank;
    uint32_t width;
    uint32_t user;
    uint32_t job; /* 0: it starts alone. */
};

/* What the manager knows of one user of one home. */
struct queue_user
{
    usec_t usage_us; /* Processor time, decayed by the policy. */
    usec_t decayed_us;
    node_id home;
    uint32_t user;
    uint32_t running_count; /* As of the last full round of reports; */
    uint32_t counted;       /* what this round has brought; */
    uint32_t granted_count; /* on the way. */
    uint32_t unused;
};

/* What a policy adds: may be NULL but order. */
struct queue_rules
{
    /* True if a goes first; the users are theirs, NULL at the home. */
    bool (*order)(const struct policy_ctx *c,
                  const struct queue_wish *a,
                  const struct queue_user *a_user,
                  const struct queue_wish *b,
                  const struct queue_user *b_user);
    /* Each user's share of what a home may say is equal. */
    bool share_message;
    /* A sample period of so many processes of that user was reported. */
    void (*charge)(const struct policy_ctx *c,
                   struct queue_user *user,
                   uint32_t running_count);
};

/* By priority, rank, age and id. */
bool queue_is_before(const struct queue_wish *a, const struct queue_wish *b);

/* Processes of that user that run or were granted. */
uint64_t queue_busy_count(const struct queue_user *user);

/* For .state_more, with state_size 0; and the handlers. */
size_t queue_state_bytes(const void *params);
void queue_sampled(const struct policy_ctx *c, const struct queue_rules *rules);
void queue_wake(const struct policy_ctx *c, const struct queue_rules *rules);
void queue_receive(const struct policy_ctx *c,
                   const struct queue_rules *rules,
                   node_id sender,
                   struct reader *in);
void queue_place(const struct policy_ctx *c, const struct proc_info *proc);
void queue_arrived(const struct policy_ctx *c, const struct proc_info *proc);

#endif /* ALGORITHMS_QUEUE_QUEUE_H */
