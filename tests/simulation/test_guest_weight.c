/* test_guest_weight.c - what a guest gets of a core beside an own process. */
#include "two.h"

/* The guest comes to node 1 when its own job has run alone until then; from
 * then on that one gets 1 / (1 + w) of the core and the guest w / (1 + w). At
 * home the guest has run for 1 s and until node 1 had said yes. */
static void shares_are(const char *weight, double w)
{
    char text[1024];
    snprintf(text, sizeof text,
             HEAD "clusters:\n  a: {nodes: 1, memory: 1 GiB}\n  b: {nodes: 1, "
                  "memory: 1 GiB, guest-weight: %s}\nwan:\n" LINE("a", "b")
                      "workload:\n"
                      "  - batch: {count: 1, cpu: 40 s, memory: 100 MiB, "
                      "home: 0}\n"
                      "  - batch: {count: 1, cpu: 40 s, memory: 1 MiB, "
                      "home: 1}\n"
                      "events:\n  - {at: 1 s, move: 0, to: 1}\n",
             weight);
    struct story *s = story(text, 1);
    double came = date(s, RECORD_RUN, 2);
    double own_end = came + (40 - came) * (1 + w);
    double guest_done = 1 + 2 * WAY_S + (own_end - came) * w / (1 + w);
    CU_ASSERT_EQUAL(nth(s, RECORD_RUN, 2)->node, 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), own_end, 3 * US);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), own_end + 40 - guest_done,
                           4 * DATAGRAM_S);
    free(s);
}

static void a_guest_of_weight_a_quarter_gets_a_fifth(void)
{
    shares_are("0.25", 0.25);
}

static void by_default_a_guest_gets_a_half(void)
{
    shares_are("1", 1);
}

/* A thousandth beside an own process, yet a whole core alone. */
static void a_guest_of_little_weight_waits_and_is_not_starved(void)
{
    shares_are("0.001", 0.001);
}

SUITE_MAIN("guest_weight",
           {"a guest of weight 0.25 gets a fifth of a core",
            a_guest_of_weight_a_quarter_gets_a_fifth},
           {"by default a guest gets a half", by_default_a_guest_gets_a_half},
           {"a guest of little weight waits and is not starved",
            a_guest_of_little_weight_waits_and_is_not_starved})
