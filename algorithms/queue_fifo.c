/* queue_fifo - one live queue for a cluster: who came first starts first.
 *
 * Source: the live queue of MOSIX2 (mosrun -q, queue.conf): a job that waits is
 *         a process already.
 *
 * Rule:       The head of the queue is the first by
 *                 (priority, queue_rank, age, id), lower and older first.
 *             It starts when the places it needs (its width) are free on the
 *             nodes that are known, and one of these has the memory it needs.
 *             Nobody overtakes it but
 *                 Z  the first first_free of priority 0,
 *                 N  of each user the first user_first of at most
 *                    user_first_up_to_bytes,
 *             which start whatever the load; and, with backfill_small, what
 *             fits now. Where it starts, the policies behind this one say.
 *
 * From MOSIX: Live entries, priorities, ranks (advance and retard), the lines Z
 *             and N, jobs per processor, memory, width, that it starts more
 *             when resources are there and none when clusters leave.
 * Ours:       How a manager is found and what it knows (queue/queue.h). The
 *             processes of one job that is wider than 1 start together. FIFO
 *             holds among what the manager has heard; while managers change it
 *             does not.
 *
 * Example:    Two nodes of one core, nothing else runs. A and B start at once.
 *             C (width 2), D and E (priority 0 below the others' 50) wait. A
 *             ends: E starts. B ends: one place, C needs two, D may not
 *             overtake it; with backfill_small D starts. E ends: C starts, on
 *             both.
 */
#include "queue/queue.h"

static const struct policy_param params[] = {QUEUE_PARAMS, {0}};

static bool order(const struct policy_ctx *c,
                  const struct queue_wish *a,
                  const struct queue_user *a_user,
                  const struct queue_wish *b,
                  const struct queue_user *b_user)
{
    (void)c;
    (void)a_user;
    (void)b_user;
    return queue_is_before(a, b);
}

static const struct queue_rules rules = {.order = order};

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

const struct policy policy_queue_fifo = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "queue_fifo",
    .summary = "one live queue for a cluster, first come, first started",
    .source = "MOSIX2 live queue",
    .params_size = sizeof(struct queue_params),
    .params = params,
    .state_more = queue_state_bytes,
    .sampled = sampled,
    .wake = wake,
    .receive = receive,
    .place = queue_place,
    .arrived = queue_arrived,
};
