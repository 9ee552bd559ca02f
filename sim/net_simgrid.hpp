/* net_simgrid.hpp - what the parts of the shim share. Only they include it. */
#ifndef SIM_NET_SIMGRID_HPP
#define SIM_NET_SIMGRID_HPP

/* version.h needs what is before it. */
/* clang-format off */
#include <simgrid/s4u.hpp>
#include <simgrid/version.h>
/* clang-format on */

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

/* The project's headers are C's, where a function may have the name of a
 * struct; C++ calls that shadowing. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "../scenarios/quantity.h"
#include "net_module.h"
}
#pragma GCC diagnostic pop

/* Flops that one second of reference work takes: 1.00 of speed is 1 Gf. */
constexpr double FLOPS_PER_WORK_S = 1e9;

/* A flow or an exec; none when activity is null. */
template <class Pointer>
struct under_way
{
    Pointer activity;
    uint32_t source; /* Of an exec: its node. */
    uint32_t target;
    double weight; /* Of an exec. */
};

/* What net_pop() and net_exec_pop() tell: by date, then by number. */
using completion = std::tuple<double, uint32_t, bool>;

struct net
{
    struct scenario *scenario;
    simgrid::s4u::Engine *engine = nullptr; /* Made at first use. */
    std::vector<simgrid::s4u::Host *> hosts;
    std::vector<uint32_t> cluster_of; /* By node. */
    std::vector<bool> off;            /* By node. */
    std::vector<bool> closed;         /* By pair of clusters. */
    std::vector<simgrid::kernel::resource::Model *> models;
    std::vector<under_way<simgrid::s4u::CommPtr>> flows;
    std::vector<under_way<simgrid::s4u::ExecPtr>> execs;
    std::vector<double> work_left; /* By task: of execs that a node took down
                                    * with it; NAN for others. */
    std::set<completion> flow_ends;
    std::set<completion> exec_ends;
    /* SimGrid touches what has ended once more: kept until its next round. */
    std::vector<simgrid::s4u::ActivityPtr> ended;
    std::vector<double> latency_s; /* By route; NAN: not asked. */
    std::vector<double> bytes_per_s;
    double next = 0; /* Date of SimGrid's next event, if that is known. */
    bool next_known = false;
    bool cancelled = false; /* Something was, since SimGrid's last round. */
};

/* Make the engine with the scenario's network model, its logs silent. */
simgrid::s4u::Engine *engine_create(const struct scenario *scenario);

/* Build the scenario's clusters and wan links, and seal; the hosts by node. */
std::vector<simgrid::s4u::Host *> platform_build(
    simgrid::s4u::Engine *engine,
    const struct scenario *scenario);

/* As net_crossing(). */
void ways_crossing(const struct scenario *scenario,
                   uint32_t a,
                   uint32_t b,
                   bool *ret_crossing);

/* Would SimGrid load the scenario's XML? 0, or negative errno and complaint. To
 * be asked before there is an engine, for it is tried in a child process: a
 * platform that is not to SimGrid's liking ends the program. */
int platform_check(const struct scenario *scenario,
                   struct complaint *ret_complaint);

/* Load and seal it, and fill the scenario's clusters from its zones. */
int platform_load(simgrid::s4u::Engine *engine,
                  struct scenario *scenario,
                  std::vector<simgrid::s4u::Host *> *ret_hosts,
                  struct complaint *ret_complaint);

/* Is there a way between the hosts of each cluster, and between clusters? Asked
 * in a child process, too. 0, or negative errno and complaint. */
int routes_check(const std::vector<std::vector<simgrid::s4u::Host *>> &clusters,
                 const char *path,
                 struct complaint *ret_complaint);

/* Do work in a child process. 0, whether it came to its end without an
 * exception, and on one line what it or the exception said; or negative errno
 * if there is no such process. */
int child_try(const std::function<void()> &work,
              bool *ret_good,
              std::string *ret_said);

#endif /* SIM_NET_SIMGRID_HPP */
