/* Clusters that leave the grid and come back, and what they allow: dates by
 * hand. */
#include "two.h"

static void a_guest_is_home_one_transfer_after_isolate(void)
{
    struct story *s = story(TWO AT_B "  - {at: 5 s, isolate: b}\n" USHER, 1);
    double home = 5 + 2 * WAY_S + CARRY_S;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_RUN, 2), home, 3 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_RUN, 2)->node, 0);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_MOVED, 1), home + WAY_S,
                           4 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_OWNER, 1)->node, 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_OWNER, 1)->values[OWNER_WISH], WISH_ISOLATE);
    free(s);
}

/* No policy: the home calls back what is away when its own cluster leaves. */
static void what_is_away_comes_back_when_its_cluster_leaves(void)
{
    struct story *s = story(TWO AT_B "  - {at: 5 s, isolate: a}\n", 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_RUN, 2), 5 + 3 * WAY_S + CARRY_S,
                           4 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_RUN, 2)->node, 0);
    free(s);
}

static void nothing_goes_to_a_cluster_that_has_left(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 1 s, isolate: b}\n  - {at: 5 s, move: "
              "0, to: 1}\n  - {at: 10 s, rejoin: b}\n  - {at: 15 s, "
              "move: 0, to: 1}\n" USHER,
              1);
    CU_ASSERT_EQUAL(refusals(s), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT(date(s, RECORD_MOVED, 0) > 15);
    free(s);
}

static void a_cluster_rejoins_with_another_limit(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 1 s, isolate: b}\n  - {at: 5 s, rejoin: "
              "b, guests: 0}\n  - {at: 15 s, move: 0, to: 1}\n" USHER,
              1);
    CU_ASSERT_EQUAL(refusals(s), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 0);
    free(s);
}

/* Its home is full from 2 s on, so the job that is at b has nowhere to go, and
 * is still there at the deadline. */
#define NO_WAY_HOME \
    HEAD "clusters:\n  a: {nodes: 1, memory: 150 MiB, swap: 0 B}\n  b: "       \
         "{nodes: 1, memory: 1 GiB}\nwan:\n" LINE("a", "b")                   \
    "workload:\n  - batch: {count: 1, cpu: 40 s, memory: 100 MiB, home: 0}\n" \
    "  - batch: {count: 1, cpu: 200 s, memory: 100 MiB, at: 2 s, home: 0}\n"  \
    "events:\n  - {at: 1 s, move: 0, to: 1}\n"

static void at_the_deadline_it_is_frozen_until_the_cluster_is_back(void)
{
    struct story *s =
        story(NO_WAY_HOME
              "  - {at: 5 s, isolate: b, deadline: 2 s, then: freeze}\n"
              "  - {at: 20 s, rejoin: b}\n" SPACE,
              1);
    const struct record *freeze = nth(s, RECORD_FREEZE, 0);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_FREEZE, 0), 7, 2 * US);
    CU_ASSERT_EQUAL(freeze->node, 1);
    CU_ASSERT_EQUAL(freeze->values[FREEZE_BY], FREEZE_BY_OWNER);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_THAW, 0), 20, 2 * US);
    double left = 40 - (7 - STOPPED_S);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 20 + 2 + left,
                           4 * DATAGRAM_S);
    free(s);
}

/* The home has room again at 15 s, when its own job ends: then the frozen guest
 * is carried home as it is, 2 s from disk and over the line, and runs there. */
static void a_frozen_guest_goes_home_when_there_is_room(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1, memory: 150 MiB, swap: 0 B}\n  b: "
             "{nodes: 1, memory: 1 GiB}\nwan:\n" LINE("a", "b")
        "workload:\n  - batch: {count: 1, cpu: 40 s, memory: 100 MiB, home: 0}"
        "\n  - batch: {count: 1, cpu: 13 s, memory: 100 MiB, at: 2 s, home: 0}"
        "\nevents:\n  - {at: 1 s, move: 0, to: 1}\n  - {at: 5 s, isolate: b, "
        "deadline: 2 s, then: freeze}\n" SPACE,
        1);
    double left = 40 - (7 - STOPPED_S);
    double asked = date(s, RECORD_ASKED, story_count(s, RECORD_ASKED) - 1);
    double home = asked + 2 * WAY_S + 2 + CARRY_S;
    size_t runs = story_count(s, RECORD_RUN);
    CU_ASSERT(asked > 15);
    CU_ASSERT_EQUAL(nth(s, RECORD_RUN, runs - 1)->node, 0);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_RUN, runs - 1), home, 4 * DATAGRAM_S);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), home + left,
                           8 * DATAGRAM_S);
    CU_ASSERT_EQUAL(story_count(s, RECORD_THAW), 0);
    free(s);
}

static void at_the_deadline_it_is_killed(void)
{
    struct story *s = story(
        NO_WAY_HOME "  - {at: 5 s, isolate: b, deadline: 2 s, then: kill}\n",
        1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_KILLED, 0), 7, 2 * US);
    CU_ASSERT_EQUAL(nth(s, RECORD_KILLED, 0)->node, 1);
    CU_ASSERT_EQUAL(number_of(nth(s, RECORD_KILLED, 0)), 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_KILLED, 0)->values[KILLED_BY],
                    KILLED_BY_OWNER);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    free(s);
}

static void after_the_deadline_it_may_wait(void)
{
    struct story *s =
        story(NO_WAY_HOME "  - {at: 5 s, isolate: b, deadline: 2 s}\n", 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 40 + STOPPED_S,
                           4 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 1);
    free(s);
}

/* Where nothing can freeze, it goes on. */
static void without_space_the_deadline_freezes_nothing(void)
{
    struct story *s = story(
        NO_WAY_HOME "  - {at: 5 s, isolate: b, deadline: 2 s, then: freeze}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FREEZE), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 2);
    free(s);
}

/* Expelled at 5 s and told by the node when the last guest is gone, its owner
 * lets guests in again. */
static void an_expelled_node_takes_guests_again(void)
{
    struct story *s =
        story(TWO AT_B
              "  - {at: 5 s, expel: b}\n  - {at: 5.1 s, move: 0, to: 1}\n"
              "  - {at: 15 s, move: 0, to: 1}\n" USHER,
              1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_RUN, 2), 5 + 2 * WAY_S + CARRY_S,
                           3 * DATAGRAM_S);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 3);
    CU_ASSERT(date(s, RECORD_MOVED, 2) > 15);
    free(s);
}

static void an_expelled_guest_is_killed_at_the_deadline(void)
{
    struct story *s = story(
        NO_WAY_HOME "  - {at: 5 s, expel: b, deadline: 3 s, then: kill}\n", 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_KILLED, 0), 8, 2 * US);
    free(s);
}

/* The guest is killed, what is b's own dies with b; nothing is lost. */
static void a_node_that_leaves_kills_its_guest_at_the_deadline(void)
{
    struct story *s = story(
        NO_WAY_HOME "  - {at: 5 s, leave: b, deadline: 3 s, then: kill}\n", 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_KILLED, 0), 8, 2 * US);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_DOWN, 0), 8, 2 * US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 0);
    free(s);
}

/* Two aways: their images share the line back, so the last is home after both
 * have crossed it. */
static void bring_calls_all_of_a_home_back(void)
{
    struct story *s = story(
        TWO
        "workload:\n  batch: {count: 2, cpu: 40 s, memory: 100 MiB, home: "
        "0}\nevents:\n  - {at: 1 s, move: [0, 1], to: 1}\n  - {at: 10 s, "
        "bring: a}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 4);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_RUN, 5),
                           10 + 4 * WAY_S + 2 * IMAGE_S + 0.01,
                           10 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_RUN, 5)->node, 0);
    free(s);
}

/* Three clusters of one node; c takes one guest, and prefers b's. */
#define THREE \
    HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1}\n  c: {nodes: 1, " \
         "guests: 1}\nwan:\n" LINE("a", "c") LINE("b", "c")              \
    "workload:\n  - batch: {count: 1, cpu: 40 s, home: 0}\n  - batch: "  \
    "{count: 1, cpu: 40 s, home: 1}\n"

/* At 5 s both are worth the same, and c is full. From 6 s on b's is better: it
 * comes in at 7 s, and a's goes. */
static void a_better_partner_displaces_at_once(void)
{
    struct story *s =
        story(THREE
              "events:\n  - {at: 1 s, move: 0, to: 2}\n  - {at: 5 s, move: 1, "
              "to: 2}\n  - {at: 6 s, partner: c, of: b, priority: 10}\n  - "
              "{at: 7 s, move: 1, to: 2}\n" USHER,
              1);
    CU_ASSERT_EQUAL(refusals(s), 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 1)->peer, 2);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 1)->node, 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 2)->node, 2);
    CU_ASSERT_EQUAL(number_of(nth(s, RECORD_MOVED, 2)), 1);
    CU_ASSERT(date(s, RECORD_MOVED, 2) < 10);
    free(s);
}

/* c takes nothing of a's, though a's may go there; b's may come. */
static void partners_are_not_symmetric(void)
{
    struct story *s =
        story(THREE
              "partners:\n  c: {a: {take: false}}\nevents:\n  - {at: 1 s, move:"
              " 0, to: 2}\n  - {at: 5 s, move: 1, to: 2}\n",
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT_EQUAL(number_of(nth(s, RECORD_MOVED, 0)), 2);
    free(s);
}

/* Two guests of a on b; from 5 s on only one of them may be there. */
static void a_cap_that_falls_drives_one_out(void)
{
    struct story *s = story(
        TWO
        "workload:\n  batch: {count: 2, cpu: 40 s, home: 0}\nevents:\n  - "
        "{at: 1 s, move: [0, 1], to: 1}\n  - {at: 5 s, partner: b, of: a, "
        "cap: 1}\n" USHER,
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 3);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 2)->node, 1);
    CU_ASSERT(date(s, RECORD_MOVED, 2) > 5);
    CU_ASSERT(date(s, RECORD_MOVED, 2) < 7);
    free(s);
}

#define RANDOM \
    HEAD "clusters:\n  a: {nodes: 4}\n  b: {nodes: 4}\nwan:\n" LINE("a", "b") \
    "workload:\n  poisson: {rate: 0.3 /s, count: 60, cpu: {exponential: 10 "  \
    "s}, home: random}\nevents:\n  - random: {do: isolate, clusters: b, "      \
    "after: {exponential: 30 s}, for: {uniform: [5 s, 20 s]}}\n  - random: "  \
    "{do: leave, nodes: a, after: {exponential: 60 s}, for: 10 s}\n  - "      \
    "random: {do: expel, nodes: b, after: {exponential: 60 s}, for: 10 s}\n"

static void the_same_seed_gives_the_same_owners(void)
{
    struct story *one = story(RANDOM USHER, 1);
    struct story *two = story(RANDOM USHER, 1);
    struct story *other = story(RANDOM USHER, 2);
    CU_ASSERT(story_count(one, RECORD_OWNER) > 20);
    CU_ASSERT(story_count(one, RECORD_DOWN) > 2);
    CU_ASSERT_EQUAL(one->hash, two->hash);
    CU_ASSERT_NOT_EQUAL(one->hash, other->hash);
    CU_ASSERT_EQUAL(story_count(one, RECORD_LOST), 0);
    CU_ASSERT_EQUAL(story_count(one, RECORD_KILLED), 0);
    free(one);
    free(two);
    free(other);
}

/* Owners see no policy: of those that never go down, all wishes have the same
 * dates in every stack. */
static void owners_do_not_depend_on_policies(void)
{
    struct story *one = story(RANDOM USHER, 3);
    struct story *two = story(RANDOM BALANCE, 3);
    size_t at = 0, compared = 0;
    for (size_t i = 0; i < one->count; i++) {
        const struct record *a = &one->records[i];
        if (a->kind != RECORD_OWNER || a->values[OWNER_CLUSTER] != 2)
            continue;
        while (at < two->count && (two->records[at].kind != RECORD_OWNER ||
                                   two->records[at].values[OWNER_CLUSTER] != 2))
            at++;
        if (at == two->count)
            break; /* It ended earlier. */
        CU_ASSERT_EQUAL(a->at_us, two->records[at].at_us);
        CU_ASSERT_EQUAL(a->node, two->records[at].node);
        CU_ASSERT_EQUAL(a->values[OWNER_WISH],
                        two->records[at].values[OWNER_WISH]);
        at++;
        compared++;
    }
    CU_ASSERT(compared > 10);
    free(one);
    free(two);
}

SUITE_MAIN("owners of clusters",
           {"a guest is home one transfer after isolate",
            a_guest_is_home_one_transfer_after_isolate},
           {"what is away comes back when its cluster leaves",
            what_is_away_comes_back_when_its_cluster_leaves},
           {"nothing goes to a cluster that has left",
            nothing_goes_to_a_cluster_that_has_left},
           {"a cluster rejoins with another limit",
            a_cluster_rejoins_with_another_limit},
           {"at the deadline it is frozen until the cluster is back",
            at_the_deadline_it_is_frozen_until_the_cluster_is_back},
           {"a frozen guest goes home when there is room",
            a_frozen_guest_goes_home_when_there_is_room},
           {"at the deadline it is killed", at_the_deadline_it_is_killed},
           {"after the deadline it may wait", after_the_deadline_it_may_wait},
           {"without space the deadline freezes nothing",
            without_space_the_deadline_freezes_nothing},
           {"an expelled node takes guests again",
            an_expelled_node_takes_guests_again},
           {"an expelled guest is killed at the deadline",
            an_expelled_guest_is_killed_at_the_deadline},
           {"a node that leaves kills its guest at the deadline",
            a_node_that_leaves_kills_its_guest_at_the_deadline},
           {"bring calls all of a home back", bring_calls_all_of_a_home_back},
           {"a better partner displaces at once",
            a_better_partner_displaces_at_once},
           {"partners are not symmetric", partners_are_not_symmetric},
           {"a cap that falls drives one out", a_cap_that_falls_drives_one_out},
           {"the same seed gives the same owners",
            the_same_seed_gives_the_same_owners},
           {"owners do not depend on policies",
            owners_do_not_depend_on_policies})
