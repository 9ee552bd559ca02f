/* owners.h - what owners and users do, as the scenario says, told to the nodes.
 *
 *   owners.c           when: dates, repeats, whose turn it is
 *   owners_random.c    owners who come and go by laws
 *   owners_clusters.c  wishes for a whole cluster: its record
 *   owners_nodes.c     wishes for nodes: what each of them is told
 *   owners_jobs.c      wishes of users for their jobs
 *   owners_words.c     a wish in words, for the journal
 *
 * An owner types at one machine of the cluster, the first that is up; a user at
 * the home of the job. Machines that are down hear nothing.
 */
#ifndef SIM_OWNERS_H
#define SIM_OWNERS_H

#include "world.h"

enum presence {
    PRESENCE_HERE,
    PRESENCE_EXPELLING, /* Until its guests are gone. */
    PRESENCE_LEAVING,   /* Until it is empty; then it goes down. */
    PRESENCE_LEFT,      /* Down. */
};

/* What an owner has said of one node, which is told again after each change and
 * when it has come up again. */
struct stance
{
    uint8_t state; /* NODE_UP or NODE_BLOCKED. */
    uint8_t flags; /* enum node_flag. */
    uint8_t presence;
    uint8_t then; /* enum leave_then; EXPELLING, LEAVING. */
    bool reserved;
    bool at_once;         /* LEAVING: what is its own does not delay it. */
    uint32_t leave_count; /* Deadlines of an earlier one are void. */
    uint64_t deadline_us; /* Date; USEC_NEVER. */
    struct reservation reservation;
};

/* A node or cluster that acts at random. */
struct turn
{
    const struct scenario_random *random;
    struct scenario_nodes nodes;
    uint32_t cluster;
    uint64_t count; /* Of what it did and undid. */
    uint64_t stream;
};

struct owners
{
    struct stance *stances; /* By node. */
    struct turn *turns;
    uint32_t turn_count;
    uint32_t rank_low;  /* Of all jobs that were ever advanced, */
    uint32_t rank_high; /* and retarded. */
};

/* ---- owners.c ------------------------------------------------------------ */

/* Can a home be up or open by that where it was not? Only then is it worth a
 * run's while to wait for it (world->plan_count). */
static inline bool owners_may_open(enum wish wish)
{
    return wish == WISH_RETURN || wish == WISH_EXPEL;
}

/* Do it now. */
void owners_act(struct world *world, const struct scenario_event *event);

/* An owner can only type where a machine is up: the first of these; NODE_NONE
 * if there is none. */
node_id owners_terminal(const struct world *world, struct scenario_nodes nodes);

/* ---- The others. --------------------------------------------------------- */

/* 0, or -ENOMEM. */
int turns_create(struct world *world);
void turns_start(struct world *world);
void turns_next(struct world *world, uint32_t index);

void owners_cluster(struct world *world, const struct scenario_event *event);
void owners_node(struct world *world,
                 node_id node,
                 const struct scenario_event *event);
void owners_limit(struct world *world,
                  struct scenario_nodes nodes,
                  uint32_t limit);

void owners_jobs(struct world *world, const struct scenario_event *event);

/* A record `owner`; the job: its number as events count them. */
void owners_record(struct world *world,
                   node_id node,
                   const struct scenario_event *event);
void owners_record_job(struct world *world,
                       node_id home,
                       uint32_t job,
                       const struct scenario_event *event);

#endif /* SIM_OWNERS_H */
