/* test_conformance.c - the second host of the node core does as the first: what
 * daemons decided, the simulator's replay decides again from their journals.
 *
 * The processes are rows, all else is real: clocks, datagrams, samples.
 */
#include "../suite.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cluster_here.h"

#define POLICIES                                                   \
    "  - gossip_vector: {period: 100 ms}\n  - place_round_robin\n" \
    "  - balance_mosix\n"

enum { PROCS = 6 };

static struct fake_world world;

static bool all_run(struct cluster_here *k)
{
    size_t count = 0;
    fake_carry_all(&world);
    for (size_t i = 0; i < k->count; i++)
        count += fake_running(&world, i);
    return count == PROCS;
}

static bool all_are_heard_of(struct cluster_here *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (node_peer_count(daemon_node(k->nodes[i].daemon)) + 1 < k->count)
            return false;
    return true;
}

static bool home_has_none_away(struct cluster_here *k)
{
    size_t count;
    node_away(daemon_node(k->nodes[0].daemon), &count);
    return count == 0;
}

static bool all_is_home(struct cluster_here *k)
{
    fake_carry_all(&world);
    return home_has_none_away(k) && fake_running(&world, 0) == PROCS;
}

static size_t away_count(struct cluster_here *k)
{
    size_t count;
    node_away(daemon_node(k->nodes[0].daemon), &count);
    return count;
}

static void replay(const struct cluster_here *k, size_t place)
{
    char command[256];
    snprintf(command, sizeof command, "\"$BIN/vencejo-sim\" replay %s",
             k->nodes[place].journal);
    fflush(stdout);
    int status = system(command);
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

/* Six processes of one home: two of three start elsewhere, all are brought
 * home, spread by order, and end. */
static void what_daemons_decided_is_decided_again(void)
{
    struct cluster_here k;
    memset(&world, 0, sizeof world);
    cluster_raise_with(&k, &world, 3, POLICIES);
    CU_ASSERT_TRUE_FATAL(cluster_until(&k, all_are_heard_of, 10000));
    for (int i = 0; i < PROCS; i++)
        fake_submit(&world, 0);
    CU_ASSERT_TRUE(cluster_until(&k, all_run, 10000));
    CU_ASSERT_EQUAL(away_count(&k), 4);
    json_decref(cluster_ask(&k, 0, "\"do\":\"lstay\""));
    json_decref(cluster_ask(&k, 0, "\"do\":\"bring\""));
    CU_ASSERT_TRUE(cluster_until(&k, all_is_home, 10000));
    json_decref(cluster_ask(&k, 0, "\"do\":\"nolstay\""));
    json_t *answer =
        cluster_ask(&k, 0, "\"do\":\"migrate\",\"pid\":1,\"to\":\"bob\"");
    CU_ASSERT_TRUE(json_is_true(json_object_get(answer, "ok")));
    json_decref(answer);
    cluster_run(&k, 300);
    CU_ASSERT_TRUE(cluster_until(&k, all_run, 10000));
    CU_ASSERT_EQUAL(fake_running(&world, 1), 1);
    for (size_t i = 0; i < 3; i++)
        fake_end_all(&world, i);
    CU_ASSERT_TRUE(cluster_until(&k, home_has_none_away, 10000));
    CU_ASSERT_EQUAL(world.nodes[0].ended_away_count, 1);
    CU_ASSERT_EQUAL(world.nodes[0].lost_count, 0);
    for (size_t i = 0; i < 3; i++)
        cluster_kill(&k, i);
    cluster_run(&k, 20);
    for (size_t i = 0; i < 3; i++)
        replay(&k, i);
    cluster_close(&k);
}

SUITE_MAIN("conformance",
           {"what daemons decided is decided again",
            what_daemons_decided_is_decided_again})
