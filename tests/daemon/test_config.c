/* test_config.c - the configuration of a node: what is silent has a default,
 * what is wrong is said with its place. */
#include "../suite.h"

#include <errno.h>
#include <string.h>

#include "../../real/daemon/config.h"

#define KEY "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define HEAD \
    "node: pc1\nroster: /etc/vencejo/roster.yaml\nadministrator: " KEY "\n"
#define POLICIES "policies:\n  - gossip_vector: {period: 2 s}\n"

static int parse(const char *text, struct config *ret, struct complaint *c)
{
    *c = (struct complaint){.line = 0};
    return config_parse(text, strlen(text), "node.yaml", ret, c);
}

static void what_is_silent_has_a_default(void)
{
    struct config config;
    struct complaint c;
    struct node_policy list[NODE_POLICIES_MAX];
    CU_ASSERT_EQUAL_FATAL(parse(HEAD POLICIES, &config, &c), 0);
    CU_ASSERT_STRING_EQUAL(config.node, "pc1");
    CU_ASSERT_STRING_EQUAL(config.state, "/var/lib/vencejo");
    CU_ASSERT_STRING_EQUAL(config.socket, "/run/vencejo/control");
    CU_ASSERT_EQUAL(config.sample_us, 1000000);
    CU_ASSERT_EQUAL(config.look_us, 50000);
    CU_ASSERT_EQUAL(config.board_max, 128);
    CU_ASSERT_EQUAL(config.board_age_us, 60000000);
    CU_ASSERT_EQUAL(config.lost_after_us, USEC_NEVER);
    CU_ASSERT_EQUAL(config.home_lost_after_us, USEC_NEVER);
    CU_ASSERT_EQUAL(config.bytes_per_s, 125e6); /* 1 Gbps. */
    CU_ASSERT_PTR_NULL(config.journal.file);
    CU_ASSERT_PTR_NULL(config.group);
    CU_ASSERT_FALSE(config.has_seed);
    CU_ASSERT_EQUAL(config.administrator[0], 0xd7);
    CU_ASSERT_EQUAL_FATAL(config_policies(&config, list), 1);
    CU_ASSERT_STRING_EQUAL(list[0].policy->name, "gossip_vector");
    config_finish(&config);
}

static void what_is_said_holds(void)
{
    struct config config;
    struct complaint c;
    CU_ASSERT_EQUAL_FATAL(
        parse(HEAD POLICIES
              "journal: {file: /tmp/j.tsv, level: full, limit: 1 MiB}\n"
              "sample: 500 ms\nlook: 20 ms\nlost-after: 30 s\nguests: 3\n"
              "owner-first: yes\nseed: 7\ngroup: /vencejo\n",
              &config, &c),
        0);
    CU_ASSERT_STRING_EQUAL(config.journal.file, "/tmp/j.tsv");
    CU_ASSERT_EQUAL(config.journal.level, 1);
    CU_ASSERT_EQUAL(config.journal.limit_bytes, 1 << 20);
    CU_ASSERT_EQUAL(config.sample_us, 500000);
    CU_ASSERT_EQUAL(config.lost_after_us, 30000000);
    CU_ASSERT_EQUAL(config.guest_limit, 3);
    CU_ASSERT_TRUE(config.owner_first);
    CU_ASSERT_TRUE(config.has_seed);
    CU_ASSERT_EQUAL(config.seed, 7);
    config_finish(&config);
}

struct wrong
{
    const char *text;
    size_t line;
    size_t column;
    const char *says;
};

/* Lines 1 to 3 are the head. */
static const struct wrong wrongs[] = {
    {HEAD, 1, 1, "policies"},
    {HEAD "policies: []\n", 4, 11, "empty"},
    {HEAD "policies: [gosip_vector]\n", 4, 12, "gossip_vector"},
    {HEAD POLICIES "sampel: 1 s\n", 6, 1, "sample"},
    {HEAD POLICIES "state: var/lib\n", 6, 8, "absolute"},
    {HEAD POLICIES "look: 2 s\n", 6, 7, "sample"},
    {HEAD POLICIES "sample: 1 ms\n", 6, 9, "sample"},
    {"node: a\nroster: /r\nadministrator: abc\n" POLICIES, 3, 16, "64"},
    {HEAD POLICIES "journal: {level: full}\n", 6, 1, "add file:"},
    {HEAD POLICIES "node: pc2\n", 6, 1, "node"},
};

static void what_is_wrong_is_said_with_its_place(void)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct config config;
        struct complaint c;
        CU_ASSERT_EQUAL(parse(wrongs[i].text, &config, &c), -EINVAL);
        CU_ASSERT_STRING_EQUAL(c.file, "node.yaml");
        CU_ASSERT_EQUAL(c.line, wrongs[i].line);
        CU_ASSERT_EQUAL(c.column, wrongs[i].column);
        CU_ASSERT_PTR_NOT_NULL(strstr(c.text, wrongs[i].says));
        if (c.line != wrongs[i].line || c.column != wrongs[i].column ||
            !strstr(c.text, wrongs[i].says))
            printf("\n%zu: %zu:%zu: %s\n", i, c.line, c.column, c.text);
    }
}

SUITE_MAIN("config",
           {"what is silent has a default", what_is_silent_has_a_default},
           {"what is said holds", what_is_said_holds},
           {"what is wrong is said with its place",
            what_is_wrong_is_said_with_its_place})
