/* place_home - start where the user submitted.
 *
 * Source: the home model of MOSIX; also the base line of every comparison.
 *
 * Rule:       place(p) = home(p).
 *
 * Ours:       What no policy places starts at home anyway. This file exists so
 *             that a list can say it, and end the search there.
 *
 * Example:    Submitted at node 3, whose load is 9.000 while node 4 is idle, a
 *             process starts at node 3.
 */
#include "policy.h"

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    policy_start(c, proc->id, c->self->id, "submitted here");
}

const struct policy policy_place_home = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_home",
    .summary = "start where the user submitted",
    .source = "ours: the home model without placement",
    .place = place,
};
