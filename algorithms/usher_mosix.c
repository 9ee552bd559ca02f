/* usher_mosix - move processes out of nodes that run out of memory.
 *
 * Paper: A. Barak, A. Braverman, "Memory Ushering in a Scalable Computing
 * Cluster", Microprocessors and Microsystems 22(3-4), 1998.
 *
 * Rule:       When less than the low mark of memory is free, memory overrides
 *             load: with
 *                 need = low + what does not fit - free - what is leaving
 *             the smallest process of at least `need` goes to a node with room
 *             for it; if there is none so large the largest goes, and again
 *             until need is 0. Nothing comes in that would leave less than the
 *             high mark free; others hear of that much less.
 *
 * From paper: The trigger, and that it overrides load balancing. The marks and
 *             the choice of the smallest that repairs are how it is commonly
 *             described; the paper's own thresholds are not known to us.
 * Ours:       The gap between the marks, which keeps balancers from undoing it,
 *             and all that usher/usher.h says beside. The target is drawn among
 *             the best fits: those that would have left over at most near_milli
 *             of our memory more than the tightest has, so that not everybody
 *             goes to the tightest. `victim` and `target` put other rules in
 *             place of these two.
 *
 * Example:    1000 MB, low mark 62, 20 MB free: 42 MB are needed. Of processes
 *             with 30, 50 and 400 MB the second goes; of the first alone, the
 *             first. Targets with 60, 200 and 900 MB of room, near 250 MB: to
 *             the first or the second.
 */
#include "usher/usher.h"

struct params
{
    struct usher_marks marks;
    uint64_t near_milli;
    uint64_t target;
};

static const struct policy_param params[] = {
    USHER_PARAMS,
    {"near_milli", offsetof(struct params, near_milli), 0, 1000, 250,
     "of memory; what a target may have left over more than the tightest"},
    {"target", offsetof(struct params, target), USHER_NEAR, USHER_CHEAPEST,
     USHER_NEAR,
     "0 a good fit, 1 the tightest, 2 the loosest, 3 the idlest, 4 the "
     "cheapest"},
    {0},
};

static struct usher usher_of(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    return (struct usher){.target = (enum usher_target)p->target,
                          .near_milli = p->near_milli};
}

static void sampled(const struct policy_ctx *c)
{
    struct usher usher = usher_of(c);
    usher_sampled(c, &usher);
}

static void wake(const struct policy_ctx *c)
{
    struct usher usher = usher_of(c);
    usher_wake(c, &usher);
}

const struct policy policy_usher_mosix = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "usher_mosix",
    .summary = "move processes out of nodes that run out of memory",
    .source = "Barak and Braverman 1998",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct usher_state),
    .check = usher_check,
    .sampled = sampled,
    .wake = wake,
    .changed = wake,
    .admit = usher_admit,
};
