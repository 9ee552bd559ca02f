/* net_simgrid.cpp - flows and execs, and the one clock that drives them.
 *
 * Everything is started by SimGrid's maestro, without any actor: completions
 * come by callback in 3.32 and in 4.x. The clock goes from date to date by
 * run_until(), only where SimGrid has something to do.
 */
#include "net_simgrid.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cmath>
#include <limits>

namespace s4u = simgrid::s4u;

namespace {

constexpr double NEVER = std::numeric_limits<double>::infinity();

/* A task that runs for ever: more than any clock can reach. */
constexpr double FLOPS_MAX = 1e300;

/* TCP's window of 4 MiB bounds a flow to window / (2 x latency); factors of
 * LV08 (Velho and Legrand 2009). Both are SimGrid's defaults. */
constexpr double TCP_WINDOW_BYTES = 4194304;
constexpr double LV08_LATENCY_FACTOR = 13.01;
constexpr double LV08_BANDWIDTH_FACTOR = 0.97;

/* ---- The clock ----------------------------------------------------------- */

/* What is cancelled holds its share until SimGrid's next round: have one that
 * takes no time. */
void give_back_shares(net &n)
{
    if (!n.cancelled)
        return;
    n.cancelled = false;
    n.engine->run_until(s4u::Engine::get_clock());
    n.ended.clear();
}

double next_event(net &n)
{
    if (!n.engine)
        return NEVER;
    if (!n.next_known) {
        give_back_shares(n);
        const double now = s4u::Engine::get_clock();
        n.next = NEVER;
        for (auto *model : n.models) {
            const double wait_s = model->next_occurring_event(now);
            if (0 <= wait_s)
                n.next = std::fmin(n.next, now + wait_s);
        }
        n.next_known = true;
    }
    return n.next;
}

/* Everything that is due at or before date happens, and it is date. */
void run_to(net &n, double date)
{
    give_back_shares(n);
    /* now + (date - now) is date to the last bit if now is at least half of
     * it; SimGrid misses events that it oversteps by a bit. */
    if (s4u::Engine::get_clock() < date / 2)
        n.engine->run_until(date * 0.75);
    do
        n.engine->run_until(date);
    while (s4u::Engine::get_clock() < date);
    n.ended.clear();
    n.next_known = false;
}

/* Be at now, before something is started or changed there. */
void reach(net &n, double now)
{
    if (s4u::Engine::get_clock() < now)
        run_to(n, now);
    n.next_known = false;
}

/* ---- Completions --------------------------------------------------------- */

/* What ends is found by the number that is its user data. */
void *number_as_data(uint32_t number)
{
    return reinterpret_cast<void *>(static_cast<uintptr_t>(number));
}

uint32_t number_of(const s4u::Activity &activity)
{
    return static_cast<uint32_t>(
        reinterpret_cast<uintptr_t>(activity.get_data<void>()));
}

template <class Pointer>
void take_end(net &n,
              std::vector<under_way<Pointer>> &table,
              std::set<completion> &ends,
              const s4u::Activity &activity)
{
    const uint32_t number = number_of(activity);
    if (table.size() <= number || table[number].activity.get() != &activity)
        return; /* Cancelled before. */
    const bool failed = activity.get_state() != s4u::Activity::State::FINISHED;
    n.ended.push_back(table[number].activity);
    table[number].activity = nullptr;
    ends.emplace(s4u::Engine::get_clock(), number, failed);
}

void listen(net *n)
{
#if SIMGRID_VERSION >= 40000
    s4u::Comm::on_completion_cb([n](const s4u::Comm &comm) {
        take_end(*n, n->flows, n->flow_ends, comm);
    });
    s4u::Exec::on_completion_cb([n](const s4u::Exec &exec) {
        take_end(*n, n->execs, n->exec_ends, exec);
    });
#else
    s4u::Activity::on_completion_cb([n](const s4u::Activity &activity) {
        if (dynamic_cast<const s4u::Comm *>(&activity))
            take_end(*n, n->flows, n->flow_ends, activity);
        else
            take_end(*n, n->execs, n->exec_ends, activity);
    });
#endif
}

bool pop(std::set<completion> &ends, uint32_t *ret_number, bool *ret_failed)
{
    if (ends.empty())
        return false;
    const auto [date, number, failed] = *ends.begin();
    ends.erase(ends.begin());
    *ret_number = number;
    if (ret_failed)
        *ret_failed = failed;
    return true;
}

std::set<completion>::iterator find_end(std::set<completion> &ends,
                                        uint32_t number)
{
    return std::find_if(
        ends.begin(), ends.end(),
        [number](const completion &c) { return std::get<1>(c) == number; });
}

/* A completion that nobody wants any more. Was there one? */
bool forget(std::set<completion> &ends, uint32_t number)
{
    const auto end = find_end(ends, number);
    if (end == ends.end())
        return false;
    ends.erase(end);
    return true;
}

template <class Pointer>
under_way<Pointer> &place_for(std::vector<under_way<Pointer>> &table,
                              uint32_t number)
{
    if (table.size() <= number)
        table.resize(number + size_t{1});
    assert(!table[number].activity);
    return table[number];
}

template <class Pointer>
void cancel(net &n, under_way<Pointer> &what)
{
    const Pointer activity = what.activity;
    what.activity = nullptr;
    n.ended.push_back(activity);
    activity->cancel();
    n.cancelled = true;
    n.next_known = false;
}

template <class Hit>
void fail_flows(net &n, double now, Hit is_hit)
{
    for (uint32_t i = 0; i < n.flows.size(); i++) {
        auto &flow = n.flows[i];
        if (flow.activity && is_hit(flow)) {
            cancel(n, flow);
            n.flow_ends.emplace(now, i, true);
        }
    }
}

/* What is left of an exec. */
double work_of(const s4u::Exec &exec)
{
    const double flops = exec.get_remaining();
    return FLOPS_MAX / 2 < flops ? NEVER : flops / FLOPS_PER_WORK_S;
}

/* ---- Platform ------------------------------------------------------------ */

void nodes_count(net &n)
{
    const scenario &s = *n.scenario;
    n.cluster_of.clear();
    for (uint32_t i = 0; i < s.cluster_count; i++)
        n.cluster_of.insert(n.cluster_of.end(), s.clusters[i].node_count, i);
    n.off.assign(n.cluster_of.size(), false);
    const size_t pair_count = s.cluster_count * s.cluster_count;
    n.closed.assign(pair_count, false);
    n.latency_s.assign(pair_count, NAN);
    n.bytes_per_s.assign(pair_count, NAN);
}

void platform_ready(net &n)
{
    n.models = n.engine->get_all_models();
    listen(&n);
}

void need_engine(net &n)
{
    if (n.engine)
        return;
    n.engine = engine_create(n.scenario);
    n.hosts = platform_build(n.engine, n.scenario);
    platform_ready(n);
}

size_t pair_of(const net &n, uint32_t source, uint32_t target)
{
    return n.cluster_of[source] * n.scenario->cluster_count +
           n.cluster_of[target];
}

/* Where the route between two nodes is kept. Clusters at one switch are alike:
 * one route for all, and within and between them one each. */
size_t route_of(const net &n, uint32_t source, uint32_t target)
{
    const scenario &s = *n.scenario;
    const uint32_t here = n.cluster_of[source];
    const uint32_t there = n.cluster_of[target];
    const size_t from = scenario_switch(&s, here);
    const size_t to = scenario_switch(&s, there);
    /* The pair of the first two stands for all at that switch. */
    return from * s.cluster_count + to + (from == to && here != there ? 1 : 0);
}

/* Route between the clusters of two nodes, by any two of their nodes. */
size_t route(net &n, uint32_t source, uint32_t target)
{
    const scenario &s = *n.scenario;
    const size_t pair = route_of(n, source, target);
    if (!std::isnan(n.latency_s[pair]))
        return pair;
    need_engine(n);
    n.latency_s[pair] = NEVER;
    n.bytes_per_s[pair] = 0;
    std::vector<s4u::Link *> links;
    double latency_s = 0;
    try {
        n.hosts[source]->route_to(n.hosts[target], links, &latency_s);
    } catch (const std::exception &) {
        return pair; /* Its way of saying that there is none. */
    }
    if (links.empty())
        return pair;
    double bytes_per_s = TCP_WINDOW_BYTES / (2 * latency_s);
    for (const auto *link : links)
        bytes_per_s = std::fmin(bytes_per_s, link->get_bandwidth());
    const bool lv08 = s.network == NETWORK_LV08;
    n.latency_s[pair] = latency_s * (lv08 ? LV08_LATENCY_FACTOR : 1);
    n.bytes_per_s[pair] = bytes_per_s * (lv08 ? LV08_BANDWIDTH_FACTOR : 1);
    return pair;
}

}  // namespace

/* ---- The C face ---------------------------------------------------------- */

int net_create(struct scenario *scenario,
               struct net **ret_net,
               struct complaint *ret_complaint)
try {
    if (s4u::Engine::has_instance())
        return complain(ret_complaint, -EBUSY, scenario->path, 0, 0,
                        "SimGrid runs one simulation in a program, and one is "
                        "there already; run the next one in a process of its "
                        "own");
    auto *n = new net{};
    n->scenario = scenario;
    int error = 0;
    if (scenario->platform) {
        error = platform_check(scenario, ret_complaint);
        if (!error) {
            n->engine = engine_create(scenario);
            error =
                platform_load(n->engine, scenario, &n->hosts, ret_complaint);
        }
        if (!error)
            platform_ready(*n);
    }
    if (error) {
        delete n;
        return error;
    }
    nodes_count(*n);
    *ret_net = n;
    return 0;
} catch (const std::exception &e) {
    return complain(ret_complaint, -EINVAL, scenario->path, 0, 0,
                    "SimGrid cannot build the platform: %s", e.what());
}

void net_destroy(struct net *n)
{
    if (!n)
        return;
    if (n->engine) {
        /* SimGrid ends badly with anything under way. */
        for (auto &flow : n->flows)
            if (flow.activity)
                cancel(*n, flow);
        for (auto &exec : n->execs)
            if (exec.activity)
                cancel(*n, exec);
        give_back_shares(*n);
    }
    delete n;
}

double net_latency_s(struct net *n, uint32_t source, uint32_t target)
{
    return source == target ? 0 : n->latency_s[route(*n, source, target)];
}

double net_bytes_per_s(struct net *n, uint32_t source, uint32_t target)
{
    if (source == target)
        return NEVER;
    return n->bytes_per_s[route(*n, source, target)];
}

void net_start(struct net *n,
               double now,
               uint32_t flow,
               uint32_t source,
               uint32_t target,
               double bytes)
{
    assert(source < n->cluster_of.size());
    assert(target < n->cluster_of.size());
    assert(0 <= bytes && bytes < 0x1p63);
    need_engine(*n);
    reach(*n, now);
    auto &place = place_for(n->flows, flow);
    if (n->off[source] || n->off[target] ||
        n->closed[pair_of(*n, source, target)] ||
        net_latency_s(n, source, target) == NEVER) {
        n->flow_ends.emplace(now, flow, true);
        return;
    }
    if (source == target) {
        n->flow_ends.emplace(now, flow, false);
        return;
    }
    auto comm = s4u::Comm::sendto_init();
    comm->set_data(number_as_data(flow));
    comm->set_payload_size(static_cast<uint64_t>(std::llround(bytes)));
    place = {comm, source, target, 1};
    comm->set_source(n->hosts[source]);
    comm->set_destination(n->hosts[target]);
    /* With some bytes to carry it is under way now; with none it waits for the
     * word. */
    if (comm->get_state() == s4u::Activity::State::STARTING)
        comm->start();
}

void net_cancel(struct net *n, double now, uint32_t flow)
{
    reach(*n, now);
    if (flow < n->flows.size() && n->flows[flow].activity) {
        cancel(*n, n->flows[flow]);
        return;
    }
    forget(n->flow_ends, flow);
}

void net_switch(struct net *n, double now, uint32_t node, bool on)
{
    assert(node < n->off.size());
    if (n->off[node] == !on)
        return;
    n->off[node] = !on;
    if (!n->engine)
        return;
    reach(*n, now);
    if (on) {
        n->hosts[node]->turn_on();
        return;
    }
    fail_flows(*n, now, [node](const auto &flow) {
        return flow.source == node || flow.target == node;
    });
    for (uint32_t i = 0; i < n->execs.size(); i++) {
        auto &exec = n->execs[i];
        if (exec.activity && exec.source == node) {
            n->work_left[i] = work_of(*exec.activity);
            cancel(*n, exec);
        }
    }
    give_back_shares(*n);
    n->hosts[node]->turn_off();
}

void net_close(struct net *n, double now, uint32_t a, uint32_t b, bool closed)
{
    const size_t count = n->scenario->cluster_count;
    const size_t there = a * count + b;
    const size_t back = b * count + a;
    n->closed[there] = n->closed[back] = closed;
    if (!closed || !n->engine)
        return;
    reach(*n, now);
    fail_flows(*n, now, [n, there, back](const auto &flow) {
        const size_t pair = pair_of(*n, flow.source, flow.target);
        return pair == there || pair == back;
    });
    give_back_shares(*n);
}

void net_crossing(struct net *n, uint32_t a, uint32_t b, bool *ret_crossing)
{
    ways_crossing(n->scenario, a, b, ret_crossing);
}

double net_next(const struct net *n)
{
    double date = NEVER;
    if (!n->flow_ends.empty())
        date = std::get<0>(*n->flow_ends.begin());
    if (!n->exec_ends.empty())
        date = std::fmin(date, std::get<0>(*n->exec_ends.begin()));
    return std::fmin(date, next_event(*const_cast<struct net *>(n)));
}

void net_advance(struct net *n, double date)
{
    if (n->engine && next_event(*n) <= date)
        run_to(*n, date);
}

bool net_pop(struct net *n, uint32_t *ret_flow, bool *ret_failed)
{
    return pop(n->flow_ends, ret_flow, ret_failed);
}

/* ---- Execs --------------------------------------------------------------- */

void net_exec_start(struct net *n,
                    double now,
                    uint32_t task,
                    uint32_t node,
                    double work,
                    double weight,
                    double bound)
{
    assert(node < n->cluster_of.size() && !n->off[node]);
    assert(0 < work && 0 < weight);
    assert(0 < bound && bound <= 1);
    need_engine(*n);
    reach(*n, now);
    auto &place = place_for(n->execs, task);
    n->work_left.resize(n->execs.size(), NAN);
    n->work_left[task] = NAN;
    auto *host = n->hosts[node];
    auto exec = s4u::Exec::init();
    exec->set_data(number_as_data(task));
    exec->set_flops_amount(std::fmin(work * FLOPS_PER_WORK_S, FLOPS_MAX));
    exec->set_priority(weight);
    if (bound < 1)
        exec->set_bound(bound * host->get_speed());
    place = {exec, node, node, weight};
    exec->set_host(host);
    if (exec->get_state() != s4u::Activity::State::STARTED)
        exec->start();
}

double net_exec_left(struct net *n, double now, uint32_t task)
{
    reach(*n, now);
    assert(task < n->execs.size());
    const auto &exec = n->execs[task];
    if (exec.activity)
        return work_of(*exec.activity);
    /* It ended at this very date, or it went down with its node. */
    if (find_end(n->exec_ends, task) != n->exec_ends.end())
        return 0;
    const double left_s = n->work_left[task];
    assert(!std::isnan(left_s));
    return left_s;
}

double net_exec_cancel(struct net *n, double now, uint32_t task)
{
    const double left_s = net_exec_left(n, now, task);
    auto &exec = n->execs[task];
    if (exec.activity)
        cancel(*n, exec);
    else if (!forget(n->exec_ends, task))
        n->work_left[task] = NAN;
    return left_s;
}

void net_exec_weight(struct net *n, double now, uint32_t task, double weight)
{
    assert(task < n->execs.size() && n->execs[task].activity);
    assert(0 < weight);
    reach(*n, now);
    auto &exec = n->execs[task];
    /* SimGrid forgets when an exec ends that is given the weight it has. */
    if (!exec.activity || exec.weight == weight)
        return;
    exec.weight = weight;
    exec.activity->update_priority(weight);
}

bool net_exec_pop(struct net *n, uint32_t *ret_task)
{
    return pop(n->exec_ends, ret_task, nullptr);
}

const struct net_calls net_module_calls = {
    net_create,     net_destroy,     net_latency_s, net_bytes_per_s,
    net_start,      net_cancel,      net_switch,    net_close,
    net_crossing,   net_next,        net_advance,   net_pop,
    net_exec_start, net_exec_cancel, net_exec_left, net_exec_weight,
    net_exec_pop,
};
