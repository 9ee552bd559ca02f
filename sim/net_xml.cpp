/* net_xml.cpp - a SimGrid platform file in place of a scenario's clusters.
 *
 * Each zone that holds hosts itself is a cluster, zones in the order of the
 * file. Its hosts must be alike; their properties `memory` and `swap` say what
 * SimGrid has no word for. Availability profiles are refused: a node that comes
 * and goes is the business of a scenario's faults.
 */
#include "net_simgrid.hpp"

#include <simgrid/kernel/routing/NetPoint.hpp>

#include <expat.h>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace s4u = simgrid::s4u;

namespace {

/* ---- Is it one file, well formed, and without profiles? ------------------ */

struct reading
{
    XML_Parser parser;
    const char *path;
    struct complaint *complaint;
    int error;
};

/* Where it is, both from 1. Expat 2.9 has wider numbers, and says so of each
 * use of the others. */
size_t line_of(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
    return XML_GetCurrentLineNumber64(parser);
#else
    return XML_GetCurrentLineNumber(parser);
#endif
}

size_t column_of(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
    return XML_GetCurrentColumnNumber64(parser) + 1;
#else
    return XML_GetCurrentColumnNumber(parser) + 1;
#endif
}

void refuse(reading *r, const char *what, const char *name)
{
    if (r->error)
        return;
    r->error = complain(r->complaint, -EINVAL, r->path, line_of(r->parser),
                        column_of(r->parser),
                        "%s '%s' is not supported, since hosts and links keep "
                        "their speed in a scenario; take it out",
                        what, name);
    XML_StopParser(r->parser, XML_FALSE);
}

void element_begins(void *data, const char *name, const char **attributes)
{
    static const char *const elements[] = {"trace", "trace_connect", "include"};
    static const char *const profiles[] = {
        "availability_file", "speed_file",   "state_file",
        "bandwidth_file",    "latency_file",
    };
    auto *r = static_cast<reading *>(data);
    for (const char *element : elements)
        if (strcmp(name, element) == 0)
            refuse(r, "the element", name);
    for (; *attributes; attributes += 2)
        for (const char *profile : profiles)
            if (strcmp(*attributes, profile) == 0)
                refuse(r, "the profile", profile);
}

int text_check(const char *path, struct complaint *ret_complaint)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file)
        return complain(ret_complaint, -ENOENT, path, 0, 0,
                        "the platform cannot be read; check `platform:`, which "
                        "is relative to the scenario's folder");
    reading r{XML_ParserCreate(nullptr), path, ret_complaint, 0};
    if (!r.parser)
        return -ENOMEM;
    XML_SetUserData(r.parser, &r);
    XML_SetStartElementHandler(r.parser, element_begins);
    if (XML_Parse(r.parser, text.data(), static_cast<int>(text.size()), 1) !=
            XML_STATUS_OK &&
        !r.error)
        r.error = complain(ret_complaint, -EINVAL, path, line_of(r.parser),
                           column_of(r.parser),
                           "the platform is not XML: %s; see SimGrid's manual",
                           XML_ErrorString(XML_GetErrorCode(r.parser)));
    XML_ParserFree(r.parser);
    return r.error;
}

/* ---- Would SimGrid load it? ---------------------------------------------- */

int trial(const struct scenario *scenario, struct complaint *ret_complaint)
{
    bool good = false;
    std::string said;
    const int error = child_try(
        [scenario] {
            auto *engine = engine_create(scenario);
            engine->load_platform(scenario->platform);
            engine->seal_platform();
        },
        &good, &said);
    if (error)
        return complain(ret_complaint, error, scenario->platform, 0, 0,
                        "no process to try the platform: %s", strerror(-error));
    if (good)
        return 0;
    return complain(ret_complaint, -EINVAL, scenario->platform, 0, 0,
                    "SimGrid does not take the platform: %s", said.c_str());
}

/* What `guests: any` means in a scenario. */
constexpr uint32_t GUESTS_ANY = 65535;

/* ---- From zones to clusters ---------------------------------------------- */

/* Hosts of a zone itself, in the order of the file. */
std::vector<s4u::Host *> hosts_of(const s4u::NetZone *zone)
{
    std::vector<s4u::Host *> hosts = zone->get_all_hosts();
    std::sort(hosts.begin(), hosts.end(), [](auto *a, auto *b) {
        return a->get_netpoint()->id() < b->get_netpoint()->id();
    });
    return hosts;
}

void zones_with_hosts(const s4u::NetZone *zone,
                      std::vector<const s4u::NetZone *> &ret_zones)
{
    if (!zone->get_all_hosts().empty())
        ret_zones.push_back(zone);
    for (const auto *child : zone->get_children())
        zones_with_hosts(child, ret_zones);
}

int bytes_of(const s4u::Host *host,
             const char *key,
             const char *fallback,
             const char *path,
             uint64_t *ret_bytes,
             struct complaint *ret_complaint)
{
    const char *text = host->get_property(key);
    if (!text)
        text = fallback;
    if (!text)
        return complain(ret_complaint, -EINVAL, path, 0, 0,
                        "host '%s' has no property '%s'; add <prop id=\"%s\" "
                        "value=\"512 MiB\"/> to it",
                        host->get_cname(), key, key);
    double bytes = 0;
    const char *what = nullptr;
    if (quantity_parse(text, QUANTITY_BYTES, &bytes, &what) < 0)
        return complain(ret_complaint, -EINVAL, path, 0, 0,
                        "property '%s' of host '%s' is '%s': %s", key,
                        host->get_cname(), text, what);
    *ret_bytes = static_cast<uint64_t>(std::llround(bytes));
    return 0;
}

/* How its nodes are joined: half the way from one to the next; of a lone node,
 * as if it had no way to go. */
scenario_link link_of(const std::vector<s4u::Host *> &hosts)
{
    scenario_link link = {1e9, 0};
    if (hosts.size() < 2)
        return link;
    std::vector<s4u::Link *> links;
    double latency_s = 0;
    hosts[0]->route_to(hosts[1], links, &latency_s);
    link.latency_s = latency_s / 2;
    if (!links.empty())
        link.bytes_per_s = links[0]->get_bandwidth();
    for (const auto *l : links)
        link.bytes_per_s = std::fmin(link.bytes_per_s, l->get_bandwidth());
    return link;
}

/* All but its link. */
int cluster_fill(const s4u::NetZone *zone,
                 const std::vector<s4u::Host *> &hosts,
                 const char *path,
                 node_id first,
                 scenario_cluster *cluster,
                 struct complaint *ret_complaint)
{
    const s4u::Host *model = hosts[0];
    uint64_t mem_bytes = 0;
    uint64_t swap_bytes = 0;
    for (const auto *host : hosts) {
        int error =
            bytes_of(host, "memory", nullptr, path, &mem_bytes, ret_complaint);
        if (!error)
            error =
                bytes_of(host, "swap", "0 B", path, &swap_bytes, ret_complaint);
        if (error)
            return error;
        if (host == model) {
            cluster->mem_bytes = mem_bytes;
            cluster->swap_bytes = swap_bytes;
        }
        if (host->get_speed() != model->get_speed() ||
            host->get_core_count() != model->get_core_count() ||
            mem_bytes != cluster->mem_bytes ||
            swap_bytes != cluster->swap_bytes)
            return complain(ret_complaint, -EINVAL, path, 0, 0,
                            "hosts '%s' and '%s' of zone '%s' differ in speed, "
                            "cores, memory or swap; give each kind a zone",
                            model->get_cname(), host->get_cname(),
                            zone->get_cname());
    }
    const double speed_milli = model->get_speed() / FLOPS_PER_WORK_S * 1000;
    if (speed_milli < 0.5 || UINT32_MAX < speed_milli)
        return complain(ret_complaint, -EINVAL, path, 0, 0,
                        "host '%s' does %g flops, and the reference core "
                        "1Gf: its speed would be %g; set it near 1Gf",
                        model->get_cname(), model->get_speed(),
                        speed_milli / 1000);
    cluster->name = strdup(zone->get_cname());
    cluster->node_count = static_cast<uint32_t>(hosts.size());
    cluster->core_count = static_cast<uint32_t>(model->get_core_count());
    cluster->speed_milli = static_cast<uint32_t>(std::lround(speed_milli));
    cluster->guest_limit = GUESTS_ANY;
    cluster->guest_weight_milli = 1000;
    cluster->first = first;
    return 0;
}

}  // namespace

int platform_check(const struct scenario *scenario,
                   struct complaint *ret_complaint)
{
    const int error = text_check(scenario->platform, ret_complaint);
    return error ? error : trial(scenario, ret_complaint);
}

int platform_load(s4u::Engine *engine,
                  struct scenario *scenario,
                  std::vector<s4u::Host *> *ret_hosts,
                  struct complaint *ret_complaint)
{
    engine->load_platform(scenario->platform);
    engine->seal_platform(); /* Until then there are no routes. */
    std::vector<const s4u::NetZone *> zones;
    zones_with_hosts(engine->get_netzone_root(), zones);
    if (zones.empty())
        return complain(ret_complaint, -EINVAL, scenario->platform, 0, 0,
                        "the platform has no host; put some into its zones");
    std::vector<std::vector<s4u::Host *>> hosts;
    for (const auto *zone : zones)
        hosts.push_back(hosts_of(zone));
    std::vector<scenario_cluster> clusters(zones.size());
    node_id first = 0;
    int error = 0;
    for (size_t i = 0; i < zones.size() && !error; i++) {
        error = cluster_fill(zones[i], hosts[i], scenario->platform, first,
                             &clusters[i], ret_complaint);
        first += clusters[i].node_count;
    }
    if (!error)
        error = routes_check(hosts, scenario->platform, ret_complaint);
    for (size_t i = 0; i < zones.size() && !error; i++)
        clusters[i].link = link_of(hosts[i]);
    auto *kept = static_cast<scenario_cluster *>(
        calloc(zones.size() + 1, sizeof(scenario_cluster)));
    if (error || !kept) {
        for (auto &cluster : clusters)
            free(cluster.name);
        free(kept);
        return error ? error : -ENOMEM;
    }
    std::copy(clusters.begin(), clusters.end(), kept);
    for (const auto &some : hosts)
        ret_hosts->insert(ret_hosts->end(), some.begin(), some.end());
    scenario->clusters = kept;
    scenario->cluster_count = clusters.size();
    scenario->node_count = first;
    return 0;
}
