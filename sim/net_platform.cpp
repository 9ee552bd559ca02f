/* net_platform.cpp - a scenario's clusters as SimGrid zones.
 *
 * A cluster is a star: each node has a private full-duplex link to the switch;
 * a backbone, if there is one, is crossed once by all that the switch carries.
 * Clusters are joined by full-duplex wan links between their switches; where
 * none joins two clusters, their traffic takes the path of least latency.
 *
 * The clusters of one key with `count` are one star: their nodes have links to
 * one switch, which never limits. SimGrid compares each new name with those of
 * every zone, so a thousand zones would take minutes to make. A backbone stays
 * that of its cluster: between two of them both are crossed.
 */
#include <xbt/log.h>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <limits>
#include <queue>

#include "net_simgrid.hpp"

namespace s4u = simgrid::s4u;
using s4u::LinkInRoute;

#if SIMGRID_VERSION >= 40000
#define PRECISION_DATES "precision/timing"
#else
#define PRECISION_DATES "surf/precision"
#endif

namespace {

/* SimGrid catches SIGINT and SIGSEGV for itself; the program's ways with them
 * are the program's own. */
class signals_kept {
    struct sigaction interrupt;
    struct sigaction fault;

   public:
    signals_kept()
    {
        sigaction(SIGINT, nullptr, &interrupt);
        sigaction(SIGSEGV, nullptr, &fault);
    }
    ~signals_kept()
    {
        sigaction(SIGINT, &interrupt, nullptr);
        sigaction(SIGSEGV, &fault, nullptr);
    }
    signals_kept(const signals_kept &) = delete;
    signals_kept &operator=(const signals_kept &) = delete;
};

/* Flows share a link by the inverse of the latency of their routes; of a route
 * without any SimGrid would make an exception. */
double latency_of(const scenario_link &link)
{
    return std::fmax(link.latency_s, 1e-9);
}

/* ---- What 3.32 and 4.x name differently ---------------------------------- */

#if SIMGRID_VERSION >= 40000

s4u::NetZone *world_create(s4u::Engine *engine)
{
    return engine->get_netzone_root()->add_netzone_full("world");
}

s4u::NetZone *cluster_create(s4u::NetZone *world, const std::string &name)
{
    auto *zone = world->add_netzone_star(name);
    zone->set_gateway(zone->add_router(name + "/switch"));
    return zone;
}

s4u::Host *host_create(s4u::NetZone *zone,
                       const std::string &name,
                       double speed)
{
    return zone->add_host(name, speed);
}

const s4u::Link *duplex_create(s4u::NetZone *zone,
                               const std::string &name,
                               const scenario_link &link)
{
    auto *made = zone->add_split_duplex_link(name, link.bytes_per_s);
    return made->set_latency(latency_of(link))->seal();
}

const s4u::Link *shared_create(s4u::NetZone *zone,
                               const std::string &name,
                               const scenario_link &link)
{
    auto *made = zone->add_link(name, link.bytes_per_s);
    return made->set_latency(latency_of(link))->seal();
}

void attach(s4u::NetZone *zone,
            s4u::Host *host,
            const std::vector<LinkInRoute> &links)
{
    zone->add_route(host, nullptr, links, true);
}

void join(s4u::NetZone *world,
          s4u::NetZone *a,
          s4u::NetZone *b,
          const std::vector<LinkInRoute> &links)
{
    world->add_route(a, b, links, true);
}

#else

s4u::NetZone *world_create(s4u::Engine *)
{
    return s4u::create_full_zone("world");
}

s4u::NetZone *cluster_create(s4u::NetZone *world, const std::string &name)
{
    auto *zone = s4u::create_star_zone(name);
    zone->set_parent(world);
    auto *router = zone->create_router(name + "/switch");
    zone->add_route(router, nullptr, nullptr, nullptr, {}, true);
    return zone;
}

s4u::Host *host_create(s4u::NetZone *zone,
                       const std::string &name,
                       double speed)
{
    return zone->create_host(name, speed);
}

const s4u::Link *duplex_create(s4u::NetZone *zone,
                               const std::string &name,
                               const scenario_link &link)
{
    auto *made = zone->create_split_duplex_link(name, link.bytes_per_s);
    return made->set_latency(latency_of(link))->seal();
}

const s4u::Link *shared_create(s4u::NetZone *zone,
                               const std::string &name,
                               const scenario_link &link)
{
    auto *made = zone->create_link(name, link.bytes_per_s);
    return made->set_latency(latency_of(link))->seal();
}

void attach(s4u::NetZone *zone,
            s4u::Host *host,
            const std::vector<LinkInRoute> &links)
{
    zone->add_route(host->get_netpoint(), nullptr, nullptr, nullptr, links,
                    true);
}

void join(s4u::NetZone *world,
          s4u::NetZone *a,
          s4u::NetZone *b,
          const std::vector<LinkInRoute> &links)
{
    auto *engine = s4u::Engine::get_instance();
    world->add_route(a->get_netpoint(), b->get_netpoint(),
                     engine->netpoint_by_name(a->get_name() + "/switch"),
                     engine->netpoint_by_name(b->get_name() + "/switch"), links,
                     true);
}

#endif

/* ---- Clusters and the ways between them ---------------------------------- */

/* One cluster's nodes, in the zone of its switch. */
void cluster_build(s4u::NetZone *zone,
                   const scenario_cluster &cluster,
                   std::vector<s4u::Host *> &hosts)
{
    const std::string name = cluster.name;
    const s4u::Link *backbone =
        cluster.has_backbone
            ? shared_create(zone, name + "/backbone", cluster.backbone)
            : nullptr;
    const double speed = cluster.speed_milli * 1e-3 * FLOPS_PER_WORK_S;
    for (uint32_t i = 0; i < cluster.node_count; i++) {
        const std::string node = name + "/" + std::to_string(i);
        auto *host = host_create(zone, node, speed);
        host->set_core_count(static_cast<int>(cluster.core_count));
        auto *link = duplex_create(zone, node, cluster.link);
        std::vector<LinkInRoute> links{
            LinkInRoute(link, LinkInRoute::Direction::UP)};
        if (backbone)
            links.emplace_back(backbone);
        attach(zone, host, links);
        host->seal();
        hosts.push_back(host);
    }
}

/* The zones of switches, at the places of their first clusters; the others are
 * null. */
std::vector<s4u::NetZone *> switches_build(s4u::NetZone *world,
                                           const scenario *s,
                                           std::vector<s4u::Host *> &hosts)
{
    std::vector<s4u::NetZone *> zones(s->cluster_count);
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        auto *&zone = zones[scenario_switch(s, i)];
        if (!zone)
            zone = cluster_create(world, scenario_cluster_key(&s->clusters[i]));
        cluster_build(zone, s->clusters[i], hosts);
    }
    for (auto *zone : zones)
        if (zone)
            zone->seal();
    return zones;
}

/* The last step of the best way from one switch to each of the others. A switch
 * is known by its first cluster. */
struct step
{
    double latency_s = std::numeric_limits<double>::infinity();
    size_t wan = SIZE_MAX; /* Index of the link; SIZE_MAX: no way. */
    uint32_t before = 0;   /* Switch on its near side. */
};

/* Dijkstra's shortest paths by latency; equal ones by the lowest switch. */
std::vector<step> ways_from(const scenario *s, uint32_t start)
{
    using reached = std::pair<double, uint32_t>;
    std::vector<step> steps(s->cluster_count);
    std::priority_queue<reached, std::vector<reached>, std::greater<reached>>
        open;
    steps[start].latency_s = 0;
    open.emplace(0, start);
    while (!open.empty()) {
        auto [latency_s, here] = open.top();
        open.pop();
        if (steps[here].latency_s < latency_s)
            continue;
        for (size_t i = 0; i < s->wan_count; i++) {
            const scenario_wan &wan = s->wans[i];
            if (wan.a != here && wan.b != here)
                continue;
            uint32_t there = wan.a == here ? wan.b : wan.a;
            double there_s = latency_s + latency_of(wan.link);
            if (there_s < steps[there].latency_s) {
                steps[there] = {there_s, i, here};
                open.emplace(there_s, there);
            }
        }
    }
    return steps;
}

void switches_join(s4u::NetZone *world,
                   const scenario *s,
                   const std::vector<s4u::NetZone *> &zones)
{
    std::vector<const s4u::Link *> links;
    for (size_t i = 0; i < s->wan_count; i++) {
        const scenario_wan &wan = s->wans[i];
        links.push_back(duplex_create(world,
                                      zones[wan.a]->get_name() + "//" +
                                          zones[wan.b]->get_name() + "/" +
                                          std::to_string(i),
                                      wan.link));
    }
    for (uint32_t a = 0; a < s->cluster_count; a++) {
        if (!zones[a])
            continue;
        const std::vector<step> steps = ways_from(s, a);
        for (uint32_t b = a + 1; b < s->cluster_count; b++) {
            if (!zones[b] || steps[b].wan == SIZE_MAX)
                continue;
            std::vector<LinkInRoute> way;
            for (uint32_t at = b; at != a; at = steps[at].before) {
                const scenario_wan &wan = s->wans[steps[at].wan];
                way.emplace_back(links[steps[at].wan],
                                 wan.b == at ? LinkInRoute::Direction::UP
                                             : LinkInRoute::Direction::DOWN);
            }
            join(world, zones[a], zones[b], {way.rbegin(), way.rend()});
        }
    }
}

}  // namespace

s4u::Engine *engine_create(const struct scenario *scenario)
{
    const signals_kept keep;
    xbt_log_control_set("root.thresh:critical");
    auto *engine = new s4u::Engine("vencejo");
    s4u::Engine::set_config(scenario->network == NETWORK_LV08
                                ? "network/model:LV08"
                                : "network/model:CM02");
    s4u::Engine::set_config("network/crosstraffic:0");
    /* SimGrid takes events as one that are nearer than this, in seconds; its
     * default, 1e-9, would show in the dates of short transfers. */
    s4u::Engine::set_config(PRECISION_DATES ":1e-12");
    return engine;
}

std::vector<s4u::Host *> platform_build(s4u::Engine *engine,
                                        const struct scenario *scenario)
{
    auto *world = world_create(engine);
    std::vector<s4u::Host *> hosts;
    switches_join(world, scenario, switches_build(world, scenario, hosts));
    world->seal();
    engine->seal_platform();
    return hosts;
}

void ways_crossing(const struct scenario *scenario,
                   uint32_t a,
                   uint32_t b,
                   bool *ret_crossing)
{
    const size_t count = scenario->cluster_count;
    std::fill_n(ret_crossing, count * count, false);
    std::vector<step> steps;
    for (uint32_t x = 0; x < count; x++) {
        const uint32_t from = scenario_switch(scenario, x);
        if (from == x)
            steps = ways_from(scenario, x);
        for (uint32_t y = x + 1; y < count; y++) {
            const uint32_t to = scenario_switch(scenario, y);
            if (steps[to].wan == SIZE_MAX)
                continue; /* No way, or the same switch. */
            bool crosses = false;
            for (uint32_t at = to; at != from; at = steps[at].before) {
                const scenario_wan &wan = scenario->wans[steps[at].wan];
                crosses |=
                    (wan.a == a && wan.b == b) || (wan.a == b && wan.b == a);
            }
            ret_crossing[x * count + y] = crosses;
            ret_crossing[y * count + x] = crosses;
        }
    }
}
