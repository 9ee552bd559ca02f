/* net_flows.c - bulk transfers per CPU second through sim/net.h.
 *
 * Usage: net_flows [CLUSTERS [NODES [UNDER_WAY [FAR_SHARE [FLOWS]]]]]. So many
 * flows of exponential size (mean 100 MB) are always under way; a share of them
 * goes to any node, the others stay in their cluster. Clusters form a ring.
 */
#include <stdlib.h>
#include <string.h>

#include "../sim/net.h"
#include "measure.h"

struct load
{
    struct net *net;
    uint32_t node_count;
    uint32_t cluster_nodes;
    double far_share;
    uint64_t seed;
};

static void start(struct load *load, double now, uint32_t flow)
{
    uint32_t nodes = load->node_count;
    uint32_t source = (uint32_t)(random_bits(&load->seed) % nodes);
    uint32_t first = source - source % load->cluster_nodes;
    uint32_t span = load->cluster_nodes;
    if (random_unit(&load->seed) <= load->far_share) {
        first = 0;
        span = nodes;
    }
    uint32_t step = 1 + (uint32_t)(random_bits(&load->seed) % (span - 1));
    uint32_t target = first + (source - first + step) % span;
    net_start(load->net, now, flow, source, target,
              random_exponential(&load->seed, 1e8));
}

static void clusters_fill(struct scenario *s, uint32_t nodes)
{
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%u", i);
        s->clusters[i] = (struct scenario_cluster){
            .name = strdup(name),
            .node_count = nodes,
            .core_count = 1,
            .speed_milli = 1000,
            .link = {.bytes_per_s = 125e6, .latency_s = 50e-6}};
        s->wans[i] = (struct scenario_wan){
            .a = i,
            .b = (uint32_t)((i + 1) % s->cluster_count),
            .link = {.bytes_per_s = 1.25e9, .latency_s = 1e-3}};
    }
}

static uint32_t argument(int argc, char **argv, int at, uint32_t otherwise)
{
    return at < argc ? (uint32_t)strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    uint32_t cluster_count = argument(argc, argv, 1, 10);
    struct load load = {.cluster_nodes = argument(argc, argv, 2, 100),
                        .far_share = argc > 4 ? strtod(argv[4], NULL) : 0.2,
                        .seed = 1};
    uint32_t under_way = argument(argc, argv, 3, 100);
    uint32_t flow_count = argument(argc, argv, 5, 5000);
    load.node_count = cluster_count * load.cluster_nodes;
    struct scenario s = {.path = "net_flows",
                         .cluster_count = cluster_count,
                         .node_count = load.node_count,
                         .wan_count = cluster_count > 1 ? cluster_count : 0};
    s.clusters =
        (struct scenario_cluster *)calloc(cluster_count, sizeof *s.clusters);
    s.wans = (struct scenario_wan *)calloc(cluster_count, sizeof *s.wans);
    struct complaint complaint;
    if (!s.clusters || !s.wans)
        return EXIT_FAILURE;
    clusters_fill(&s, load.cluster_nodes);
    if (net_create(&s, &load.net, &complaint) < 0)
        return EXIT_FAILURE;
    double begun_s = cpu_seconds();
    net_latency_s(load.net, 0, 1);
    print_figure("net_platform", cpu_seconds() - begun_s, "CPU seconds");
    begun_s = cpu_seconds();
    for (uint32_t i = 0; i < under_way; i++)
        start(&load, 0, i);
    double date = 0;
    for (uint32_t ended = 0; ended < flow_count;) {
        date = net_next(load.net);
        net_advance(load.net, date);
        uint32_t flow;
        bool failed;
        for (; net_pop(load.net, &flow, &failed); ended++)
            start(&load, date, flow);
    }
    print_figure("net_flows_per_s", flow_count / (cpu_seconds() - begun_s),
                 "flows per CPU second");
    print_figure("net_flows_last_date", date, "simulated seconds");
    print_figure("net_flows_memory", peak_mebibytes(), "MiB");
    net_destroy(load.net);
    for (uint32_t i = 0; i < cluster_count; i++)
        free(s.clusters[i].name);
    free(s.clusters);
    free(s.wans);
    return EXIT_SUCCESS;
}
