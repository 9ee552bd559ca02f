/* usher_opportunity_cost - move out what does not fit, where it costs least.
 *
 * Paper: Y. Amir, B. Awerbuch, A. Barak, R. S. Borgstrom, A. Keren, IEEE
 * Transactions on Parallel and Distributed Systems 11(7), 2000
 * (opportunity/cost.h).
 *
 * Rule:       The victim goes to the i with room for it that has the least
 *                 n^((load(i) + 1)/L) - n^(load(i)/L)
 *                 + n^(used(i) + need) - n^(used(i)),
 *             used and need as shares of the memory of i.
 *
 * From paper: The cost; that CPU and memory are one currency, so that a roomy
 *             node that is busy may lose to a tight one that is idle.
 * Ours:       That ushering asks for it, when memory is short (usher/usher.h):
 *             the paper weighs both whenever it moves.
 *
 * Example:    n = 4 machines of 1000 MB, low mark 62; 20 MB are free here, so
 *             of 30, 50 and 400 MB the second goes. A has 60 MB free and no
 *             load, B 200 and none, C 900 and 2 processes: L = 4. A costs
 *             4^(1/4) - 1 + 4^0.99 - 4^0.94 = 0.414 + 0.264, B 0.414 + 0.218, C
 *             4^(3/4) - 4^(2/4) + 4^0.15 - 4^0.10 = 0.828 + 0.082: to B.
 */
#include "usher/usher.h"

struct params
{
    struct usher_marks marks;
    uint64_t base;
};

static const struct policy_param params[] = {
    USHER_PARAMS,
    {"base", offsetof(struct params, base), 0, 1000000, 0,
     "n of the cost; 0 for the number of nodes"},
    {0},
};

static struct usher usher_of(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    return (struct usher){.target = USHER_CHEAPEST, .base = p->base};
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

const struct policy policy_usher_opportunity_cost = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "usher_opportunity_cost",
    .summary = "move what does not fit into memory to where it costs the least",
    .source = "Amir, Awerbuch, Barak, Borgstrom and Keren 2000",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct usher_state),
    .check = usher_check,
    .sampled = sampled,
    .wake = wake,
    .changed = wake,
    .admit = usher_admit,
};
