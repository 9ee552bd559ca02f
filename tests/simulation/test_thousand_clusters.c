/* test_thousand_clusters.c - scenarios/thousand-clusters.yaml: what its file
 * says, and its story in a short form: 20 clusters of 10 nodes, five minutes.
 */
#include "story.h"

enum { CLUSTER_NODES = 10 };

static struct scenario *read_with(const struct scenario_setting *settings,
                                  size_t count)
{
    char path[4096];
    const char *source = getenv("SOURCE");
    struct scenario *scenario = NULL;
    struct complaint complaint;
    snprintf(path, sizeof path, "%s/scenarios/thousand-clusters.yaml",
             source ? source : ".");
    if (scenario_read(path, settings, count, &scenario, &complaint) != 0)
        printf("\n%zu:%zu: %s\n", complaint.line, complaint.column,
               complaint.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
    return scenario;
}

/* The caller frees it. */
static struct story *short_form(const char *policies)
{
    const struct scenario_setting settings[] = {
        {"clusters.site.count=20"},
        {"clusters.site.nodes=10"},
        {"until=5 min"},
        {policies},
    };
    struct scenario *scenario = read_with(settings, 4);
    char *text = NULL;
    CU_ASSERT_EQUAL_FATAL(scenario_print(scenario, &text), 0);
    struct story *s = story(text, scenario->seed);
    scenario_destroy(scenario);
    free(text);
    CU_ASSERT_FATAL(s->count < STORY_RECORDS_MAX);
    return s;
}

static const char both[] = "policies=[gossip_window, balance_mosix]";

static void the_file_has_a_thousand_clusters_and_small_boards(void)
{
    struct scenario *s = read_with(NULL, 0);
    CU_ASSERT_EQUAL(s->cluster_count, 1000);
    CU_ASSERT_EQUAL(s->node_count, 100000);
    CU_ASSERT_EQUAL(s->board_max, 64);
    CU_ASSERT_EQUAL(s->until_s, 3600);
    CU_ASSERT_EQUAL_FATAL(s->policy_count, 2);
    CU_ASSERT_STRING_EQUAL(s->policies[0].policy->name, "gossip_window");
    CU_ASSERT_STRING_EQUAL(s->policies[1].policy->name, "balance_mosix");
    scenario_destroy(s);
}

/* Mean of response over work of what ended. */
static double mean_slowdown(const struct story *s)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct record *end = &s->records[i];
        if (end->kind != RECORD_ENDED)
            continue;
        for (size_t k = 0; k < i; k++) {
            const struct record *begin = &s->records[k];
            if (begin->kind != RECORD_SUBMIT || begin->proc != end->proc)
                continue;
            sum += (double)(end->at_us - begin->at_us) /
                   (double)begin->values[SUBMIT_WORK_US];
            count++;
        }
    }
    CU_ASSERT_FATAL(count > 100);
    return sum / (double)count;
}

/* Alone on its node a process shares it with others who come: the slowdown of
 * M/M/1 with processor sharing is 1 / (1 - 0.5) = 2, less at first, when all
 * nodes are empty. 200 nodes that share all their load hardly ever have more
 * processes than nodes: 1. Half of what is lost must be won back at least. */
static void sharing_wins_back_most_of_what_waiting_costs(void)
{
    struct story *home = short_form("policies=[place_home]");
    struct story *shared = short_form(both);
    double without = mean_slowdown(home);
    double with = mean_slowdown(shared);
    CU_ASSERT_TRUE(1.2 < without && without < 2);
    CU_ASSERT_TRUE(1 <= with && with < 1 + (without - 1) / 2);
    free(home);
    free(shared);
}

/* Boards are filled from the whole grid: of the 199 others 9 are in the own
 * cluster, so 190/199, 95 %, of the moves leave it, if all nodes are as likely.
 * Of some 300 moves it is within 4 standard deviations, 5 %. */
static void the_idle_are_found_in_other_clusters(void)
{
    struct story *s = short_form(both);
    size_t moves = 0;
    size_t away = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct record *r = &s->records[i];
        if (r->kind != RECORD_MOVED || r->values[MOVED_START])
            continue;
        moves++;
        away += r->node / CLUSTER_NODES != r->peer / CLUSTER_NODES;
    }
    CU_ASSERT_TRUE_FATAL(moves > 100);
    CU_ASSERT_TRUE((double)away / (double)moves > 0.90);
    free(s);
}

static void the_same_seed_gives_the_same_bytes(void)
{
    struct story *a = short_form(both);
    struct story *b = short_form(both);
    CU_ASSERT_TRUE(a->result.events > 10000);
    CU_ASSERT_EQUAL(a->hash, b->hash);
    free(a);
    free(b);
}

SUITE_MAIN("a thousand clusters",
           {"the file has a thousand clusters and small boards",
            the_file_has_a_thousand_clusters_and_small_boards},
           {"sharing wins back most of what waiting costs",
            sharing_wins_back_most_of_what_waiting_costs},
           {"the idle are found in other clusters",
            the_idle_are_found_in_other_clusters},
           {"the same seed gives the same bytes",
            the_same_seed_gives_the_same_bytes})
