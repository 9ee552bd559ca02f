/* grid.hpp - one switched cluster for the SimGrid baselines, in either of
 * SimGrid's tongues. */
#ifndef BENCH_GRID_HPP
#define BENCH_GRID_HPP

/* version.h needs what is before it. */
/* clang-format off */
#include <simgrid/s4u.hpp>
#include <simgrid/version.h>
/* clang-format on */

#include <xbt/log.h>

#include <functional>
#include <string>
#include <vector>

/* Small stacks without guard pages: what makes thousands of actors cheap. */
inline simgrid::s4u::Engine *grid_engine()
{
    xbt_log_control_set("root.thresh:critical");
    auto *engine = new simgrid::s4u::Engine("bench");
    simgrid::s4u::Engine::set_config("network/model:CM02");
    simgrid::s4u::Engine::set_config("network/crosstraffic:0");
    simgrid::s4u::Engine::set_config("contexts/stack-size:16");
    simgrid::s4u::Engine::set_config("contexts/guard-size:0");
    return engine;
}

/* So many single cores of 1 Gf, each with 1 Gbps and 50 us to the switch. */
inline std::vector<simgrid::s4u::Host *> grid_hosts(
    simgrid::s4u::Engine *engine,
    unsigned host_count)
{
    namespace s4u = simgrid::s4u;
    std::vector<s4u::Host *> hosts;
#if SIMGRID_VERSION >= 40000
    auto *zone = engine->get_netzone_root()->add_netzone_star("lab");
#else
    auto *zone = s4u::create_star_zone("lab");
#endif
    for (unsigned i = 0; i < host_count; i++) {
        const std::string name = "n" + std::to_string(i);
#if SIMGRID_VERSION >= 40000
        auto *host = zone->add_host(name, 1e9);
        auto *link = zone->add_split_duplex_link(name, 125e6);
#else
        auto *host = zone->create_host(name, 1e9);
        auto *link = zone->create_split_duplex_link(name, 125e6);
#endif
        link->set_latency(50e-6)->seal();
        const std::vector<s4u::LinkInRoute> way{
            s4u::LinkInRoute(link, s4u::LinkInRoute::Direction::UP)};
#if SIMGRID_VERSION >= 40000
        zone->add_route(host, nullptr, way, true);
#else
        zone->add_route(host->get_netpoint(), nullptr, nullptr, nullptr, way,
                        true);
#endif
        host->seal();
        hosts.push_back(host);
    }
    zone->seal();
    engine->seal_platform();
    return hosts;
}

inline simgrid::s4u::ActorPtr grid_actor(simgrid::s4u::Host *host,
                                         const std::function<void()> &code)
{
#if SIMGRID_VERSION >= 40100
    return host->add_actor("a", code);
#elif SIMGRID_VERSION >= 40000
    return simgrid::s4u::Engine::get_instance()->add_actor("a", host, code);
#else
    return simgrid::s4u::Actor::create("a", host, code);
#endif
}

#endif /* BENCH_GRID_HPP */
