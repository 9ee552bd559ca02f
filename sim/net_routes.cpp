/* net_routes.cpp - is there a way between the nodes of a platform file?
 *
 * A zone whose routes are listed one by one may lack some. SimGrid says so in
 * many ways: with a route of no link, an exception, or the end of the program.
 */
#include "net_simgrid.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>

namespace s4u = simgrid::s4u;

namespace {

/* Inside a cluster each node is asked for the ways to so many next ones and
 * back: every pair of up to 33, where routes are written by hand, and not for
 * long in large ones. */
constexpr size_t NEXT_MAX = 16;

/* The route that is asked, in memory that outlives the child. */
struct asked
{
    char source[64];
    char target[64];
};

using zone_hosts = std::vector<s4u::Host *>;

void ask_one(asked *pair, const s4u::Host *source, const s4u::Host *target)
{
    snprintf(pair->source, sizeof pair->source, "%s", source->get_cname());
    snprintf(pair->target, sizeof pair->target, "%s", target->get_cname());
    std::vector<s4u::Link *> links;
    double latency_s = 0;
    source->route_to(target, links, &latency_s);
    if (links.empty())
        throw std::runtime_error("the route has no link");
}

void ask(asked *pair, const s4u::Host *a, const s4u::Host *b)
{
    ask_one(pair, a, b);
    ask_one(pair, b, a);
}

void ask_all(asked *pair, const std::vector<zone_hosts> &clusters)
{
    for (const zone_hosts &hosts : clusters) {
        const size_t next_count = std::min(hosts.size() / 2, NEXT_MAX);
        for (size_t i = 0; i < hosts.size(); i++)
            for (size_t next = 1; next <= next_count; next++)
                ask(pair, hosts[i], hosts[(i + next) % hosts.size()]);
    }
    for (size_t a = 0; a < clusters.size(); a++)
        for (size_t b = a + 1; b < clusters.size(); b++)
            ask(pair, clusters[a][0], clusters[b][0]);
    /* Has each node a way to the gateway of its cluster? */
    for (size_t a = 0; 1 < clusters.size() && a < clusters.size(); a++)
        for (const auto *host : clusters[a])
            ask(pair, host, clusters[(a + 1) % clusters.size()][0]);
}

}  // namespace

int routes_check(const std::vector<zone_hosts> &clusters,
                 const char *path,
                 struct complaint *ret_complaint)
{
    void *memory = mmap(nullptr, sizeof(asked), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return complain(ret_complaint, -errno, path, 0, 0,
                        "no memory to ask for routes: %s", strerror(errno));
    auto *pair = new (memory) asked{};
    bool good = false;
    std::string said;
    int error =
        child_try([pair, &clusters] { ask_all(pair, clusters); }, &good, &said);
    if (error)
        complain(ret_complaint, error, path, 0, 0,
                 "no process to ask for routes: %s", strerror(-error));
    else if (!good)
        error = complain(ret_complaint, -EINVAL, path, 0, 0,
                         "no route from %s to %s, and a process may go from "
                         "any node to any other; add a <route> of some "
                         "<link_ctn> in their zone, or a <zoneRoute> between "
                         "their zones (SimGrid: %s)",
                         pair->source, pair->target,
                         said.empty() ? "nothing said" : said.c_str());
    munmap(memory, sizeof(asked));
    return error;
}
