/* usher_worst_fit - move out what does not fit, to the roomiest place.
 *
 * Sources: worst fit of D. E. Knuth, The Art of Computer Programming 1, section
 * 2.5, over nodes instead of holes; among what is compared in A. Barak, A.
 * Braverman, "Memory Ushering in a Scalable Computing Cluster", Microprocessors
 * and Microsystems 22(3-4), 1998.
 *
 * Rule:       left(i) = room at i - what the victim needs; it goes to the i
 * with the most left(i) >= 0. So it is the last to be ushered again.
 *
 * From paper: The rule. Trigger, victim and marks: usher/usher.h.
 * Ours:       Room is what is free less what was sent there and less the high
 *             mark.
 *
 * Example:    1000 MB, low mark 62, 20 MB free: 42 MB are needed. Of processes
 *             with 30, 50 and 400 MB the second goes. Of targets with 60, 200
 *             and 900 MB of room it goes to the third.
 */
#include "usher/usher.h"

static const struct usher usher = {.target = USHER_LOOSEST};

static void sampled(const struct policy_ctx *c)
{
    usher_sampled(c, &usher);
}

static void wake(const struct policy_ctx *c)
{
    usher_wake(c, &usher);
}

const struct policy policy_usher_worst_fit = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "usher_worst_fit",
    .summary = "move what does not fit into memory to the roomiest place",
    .source = "worst fit; Barak and Braverman 1998",
    .params_size = sizeof(struct usher_marks),
    .params = usher_marks_params,
    .state_size = sizeof(struct usher_state),
    .check = usher_check,
    .sampled = sampled,
    .wake = wake,
    .changed = wake,
    .admit = usher_admit,
};
