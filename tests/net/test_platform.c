/* Scenarios that name a SimGrid platform file. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/net.h"
#include "tests/net/child.h"
#include "tests/suite.h"

#define HEAD                                 \
    "<?xml version='1.0'?>\n"                \
    "<!DOCTYPE platform SYSTEM "             \
    "\"https://simgrid.org/simgrid.dtd\">\n" \
    "<platform version=\"4.1\">\n"
#define HOST(id, more)                                   \
    "<host id=\"" id "\" speed=\"2Gf\" core=\"4\" " more \
    ">"                                                  \
    "<prop id=\"memory\" value=\"2 GiB\"/>"              \
    "<prop id=\"swap\" value=\"512 MiB\"/></host>\n"

/* Two zones of hosts; names that sort otherwise than they stand. */
static const char GOOD[] = HEAD
    "<zone id=\"world\" routing=\"Full\">\n"
    "<zone id=\"west\" routing=\"Full\">\n" HOST("w9", "") HOST("w10", "")
    "<link id=\"lw\" bandwidth=\"100MBps\" latency=\"1ms\"/>\n"
    "<route src=\"w9\" dst=\"w10\"><link_ctn id=\"lw\"/></route>\n"
    "</zone>\n"
    "<zone id=\"east\" routing=\"Full\">\n" HOST("e1", "") "</zone>\n"
    "<link id=\"lwe\" bandwidth=\"10MBps\" latency=\"20ms\"/>\n"
    "<zoneRoute src=\"west\" dst=\"east\" gw_src=\"w9\" gw_dst=\"e1\">"
    "<link_ctn id=\"lwe\"/></zoneRoute>\n"
    "</zone>\n</platform>\n";

struct seen
{
    const char *text;
    int error;
    struct complaint complaint;
    size_t cluster_count;
    uint32_t node_count;
    struct scenario_cluster clusters[4];
    char names[4][16];
    double latency_s;
    double bytes_per_s;
    double end;
    bool failed;
};

static void load_child(void *data)
{
    struct seen *seen = data;
    char path[] = "/tmp/platform-XXXXXX";
    int file = mkstemp(path);
    size_t length = strlen(seen->text);
    if (file < 0 || write(file, seen->text, length) != (ssize_t)length)
        exit(EXIT_FAILURE);
    close(file);
    struct scenario s = {.path = "scenario", .platform = path};
    struct net *net;
    seen->error = net_create(&s, &net, &seen->complaint);
    unlink(path);
    if (seen->error)
        return;
    seen->cluster_count = s.cluster_count;
    seen->node_count = s.node_count;
    for (size_t i = 0; i < s.cluster_count && i < 4; i++) {
        seen->clusters[i] = s.clusters[i];
        snprintf(seen->names[i], sizeof seen->names[i], "%s",
                 s.clusters[i].name);
        free(s.clusters[i].name);
    }
    seen->latency_s = net_latency_s(net, 1, 2);
    seen->bytes_per_s = net_bytes_per_s(net, 1, 2);
    net_start(net, 0, 0, 0, 2, 1e7);
    while (net_next(net) < INFINITY) {
        seen->end = net_next(net);
        net_advance(net, seen->end);
        uint32_t flow;
        bool failed;
        while (net_pop(net, &flow, &failed))
            seen->failed = failed;
    }
    net_destroy(net);
    free(s.clusters);
}

static struct seen load(const char *text)
{
    struct seen *shared = child_seen_new(sizeof *shared);
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    shared->text = text;
    CU_ASSERT_FATAL(child_run(load_child, shared));
    struct seen seen = *shared;
    munmap(shared, sizeof *shared);
    return seen;
}

static bool says(const struct seen *seen, const char *part)
{
    return strstr(seen->complaint.text, part) != NULL;
}

static void test_zones_become_clusters(void)
{
    struct seen seen = load(GOOD);
    CU_ASSERT_FATAL(seen.error == 0);
    CU_ASSERT_FATAL(seen.cluster_count == 2);
    CU_ASSERT(seen.node_count == 3);
    const struct scenario_cluster *west = &seen.clusters[0];
    CU_ASSERT_STRING_EQUAL(seen.names[0], "west");
    CU_ASSERT_STRING_EQUAL(seen.names[1], "east");
    CU_ASSERT(west->node_count == 2 && west->core_count == 4);
    CU_ASSERT(west->speed_milli == 2000);
    CU_ASSERT(west->mem_bytes == UINT64_C(2) << 30);
    CU_ASSERT(west->swap_bytes == UINT64_C(512) << 20);
    CU_ASSERT(west->first == 0 && seen.clusters[1].first == 2);
}

/* Node 0 is w9, the gateway: its way east is the one link. Node 1 is w10: one
 * link more. */
static void test_nodes_are_hosts_in_the_order_of_the_file(void)
{
    struct seen seen = load(GOOD);
    CU_ASSERT(fabs(seen.latency_s - 21e-3) < 1e-12);
    CU_ASSERT(fabs(seen.bytes_per_s - 1e7) < 1e-3);
    CU_ASSERT(!seen.failed && fabs(seen.end - 1.020) < 1e-9);
}

static void test_profiles_are_refused_with_their_line(void)
{
    struct seen seen =
        load(HEAD
             "<zone id=\"z\" routing=\"Full\">\n"
             "<!-- speed_file=\"no\" -->\n" HOST(
                 "a", "speed_file=\"a.txt\"") "</zone>\n</platform>\n");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(seen.complaint.line == 6);
    CU_ASSERT(says(&seen, "speed_file"));
}

static void test_what_is_not_xml_is_refused_with_its_line(void)
{
    struct seen seen =
        load(HEAD "<zone id=\"z\" routing=\"Full\">\n</platform>");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(seen.complaint.line == 5);
    CU_ASSERT(load("").error == -EINVAL);
}

static void test_what_simgrid_refuses_is_told_in_its_words(void)
{
    struct seen seen = load(HEAD "<zone id=\"z\" routing=\"Full\">\n" HOST(
        "a", "") HOST("a", "") "</zone>\n</platform>\n");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(says(&seen, "Refusing to create a second"));
    seen = load(HEAD "<zone id=\"z\" routing=\"Sideways\"/>\n</platform>\n");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(says(&seen, "SimGrid"));
}

static void test_hosts_without_memory_or_unlike_are_refused(void)
{
    struct seen seen = load(HEAD
                            "<zone id=\"z\" routing=\"Full\">\n"
                            "<host id=\"a\" speed=\"1Gf\"/>\n"
                            "</zone>\n</platform>\n");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(says(&seen, "memory"));
    seen = load(HEAD "<zone id=\"z\" routing=\"Full\">\n" HOST(
        "a", "") "<host id=\"b\" speed=\"1Gf\"><prop id=\"memory\" "
                 "value=\"2 GiB\"/></host>\n</zone>\n</platform>\n");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(says(&seen, "differ"));
    seen = load(HEAD
                "<zone id=\"z\" routing=\"Full\">\n"
                "<host id=\"b\" speed=\"1Gf\"><prop id=\"memory\" "
                "value=\"2 lumps\"/></host>\n</zone>\n</platform>\n");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(says(&seen, "2 lumps"));
    seen =
        load(HEAD "<zone id=\"z\" routing=\"Full\">\n</zone>\n</platform>\n");
    CU_ASSERT(seen.error == -EINVAL);
    CU_ASSERT(says(&seen, "no host"));
}

#define LINK "<link id=\"l\" bandwidth=\"100MBps\" latency=\"1ms\"/>\n"
#define ROUTE(from, to, more)                      \
    "<route src=\"" from "\" dst=\"" to "\" " more \
    "><link_ctn id=\"l\"/></route>\n"
#define ZONE(id, routing, inside) \
    "<zone id=\"" id "\" routing=\"" routing "\">\n" inside "</zone>\n"
#define PLATFORM(routing, inside) \
    HEAD ZONE("z", routing, inside) "</platform>\n"
#define TWO HOST("e1", "") HOST("e2", "")
#define THREE TWO HOST("e3", "")

/* Two hosts alone, where SimGrid has no link, an exception or an end for them;
 * one way only; two of three hosts forgotten; two zones. */
static void test_a_missing_route_is_told_by_its_ends(void)
{
    static const char *const cases[][2] = {
        {PLATFORM("Full", TWO), "no route from e1 to e2, "},
        {PLATFORM("Floyd", TWO), "no route from e1 to e2, "},
        {PLATFORM("Dijkstra", TWO), "no route from e1 to e2, "},
        {PLATFORM("None", TWO), "no route from e1 to e2, "},
        {PLATFORM("Full", TWO LINK ROUTE("e1", "e2", "symmetrical=\"NO\"")),
         "no route from e2 to e1, "},
        {PLATFORM("Full",
                  THREE LINK ROUTE("e1", "e2", "") ROUTE("e1", "e3", "")),
         "no route from e2 to e3, "},
        {PLATFORM("Full", ZONE("a", "Full", HOST("a1", ""))
                              ZONE("b", "Full", HOST("b1", ""))),
         "no route from a1 to b1, "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = load(cases[i][0]);
        CU_ASSERT(seen.error == -EINVAL);
        CU_ASSERT(says(&seen, cases[i][1]));
        CU_ASSERT(strncmp(seen.complaint.file, "/tmp/platform-", 14) == 0);
    }
}

/* In a zone of shortest paths there is no route before all is read. */
static void test_the_link_of_a_cluster_is_half_the_way(void)
{
    struct seen seen = load(PLATFORM(
        "Floyd", THREE LINK ROUTE("e1", "e3", "") ROUTE("e3", "e2", "")));
    CU_ASSERT_FATAL(seen.error == 0);
    CU_ASSERT(fabs(seen.clusters[0].link.latency_s - 1e-3) < 1e-12);
    CU_ASSERT(fabs(seen.clusters[0].link.bytes_per_s - 1e8) < 1e-3);
}

static void missing_child(void *data)
{
    struct seen *seen = data;
    struct scenario s = {.path = "scenario",
                         .platform = (char[]){"no/such/platform.xml"}};
    struct net *net;
    seen->error = net_create(&s, &net, &seen->complaint);
}

static void test_a_missing_file_is_told(void)
{
    struct seen *seen = child_seen_new(sizeof *seen);
    CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
    CU_ASSERT_FATAL(child_run(missing_child, seen));
    CU_ASSERT(seen->error == -ENOENT);
    munmap(seen, sizeof *seen);
}

SUITE_MAIN("platform",
           {"zones become clusters", test_zones_become_clusters},
           {"nodes are hosts in the order of the file",
            test_nodes_are_hosts_in_the_order_of_the_file},
           {"profiles are refused, with their line",
            test_profiles_are_refused_with_their_line},
           {"what is not XML is refused, with its line",
            test_what_is_not_xml_is_refused_with_its_line},
           {"what SimGrid refuses is told in its words",
            test_what_simgrid_refuses_is_told_in_its_words},
           {"hosts that are unlike or without memory are refused",
            test_hosts_without_memory_or_unlike_are_refused},
           {"a missing route is told by its ends",
            test_a_missing_route_is_told_by_its_ends},
           {"the link of a cluster is half the way to the next node",
            test_the_link_of_a_cluster_is_half_the_way},
           {"a missing file is told", test_a_missing_file_is_told})
