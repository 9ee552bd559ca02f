/* members.h - who is believed alive, suspected or dead, and what of it has not
 * been told often enough: the membership table of gossip_swim.
 *
 * Paper: A. Das, I. Gupta, A. Motivala, "SWIM: Scalable Weakly-consistent
 * Infection-style Process Group Membership Protocol", DSN 2002, sections 4.1
 * (piggybacking) and 4.2 (suspicion, incarnation numbers).
 *
 * Who is not in the table is alive in incarnation 0. It holds MEMBERS_MAX; when
 * it is full the news that was told most often makes room, but no suspect.
 */
#ifndef ALGORITHMS_GOSSIP_MEMBERS_H
#define ALGORITHMS_GOSSIP_MEMBERS_H

#include "../policy.h"

enum {
    MEMBERS_MAX = 48,
    UPDATES_MAX = 8, /* Of one message. */
    UPDATE_WIRE_BYTES = 9,
};

enum member_kind { MEMBER_ALIVE, MEMBER_SUSPECT, MEMBER_DEAD, MEMBER_KINDS };

/* What is told of a node. */
struct update
{
    node_id node;
    uint32_t incarnation;
    enum member_kind kind;
};

struct member
{
    struct update last;
    uint32_t told;   /* Messages that carried it. */
    usec_t until_us; /* Its owner's: when a suspect is given up. */
};

struct members
{
    uint32_t count;
    struct member all[MEMBERS_MAX];
};

/* NULL: alive, in incarnation 0. */
const struct member *members_find(const struct members *members, node_id node);

/* The entry, untold, if that is news; NULL if the table knows better:
 *   alive, i    beats all of incarnations below i
 *   suspect, i  beats alive up to i, the others below i
 *   dead, i     beats alive and suspect up to i, dead below i
 * NULL too if there is no room. */
struct member *members_apply(struct members *members, struct update update);

/* Append a count and as many updates as were told less than told_max times, the
 * least told first; but that on `about`, unless it is alive, before all. */
void members_put(struct members *members,
                 struct writer *w,
                 uint32_t told_max,
                 node_id about);

/* Their number, into ret_updates with room for UPDATES_MAX; 0 and r->bad if
 * they are no updates. */
size_t members_get(struct reader *r, struct update *ret_updates);

#endif /* ALGORITHMS_GOSSIP_MEMBERS_H */
