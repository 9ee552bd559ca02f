/* forwarding.c - what system calls cost a process that is away from home.
 *
 * A process that is away waits for each call: one round trip to its home, and
 * the data over the route. For a second of work it makes calls_per_s calls, so
 * it waits w = calls x (2 latency + bytes / bandwidth) and computes
 * 1 + calls x host_cpu_s: it can use no more of a core than the share that it
 * does not wait. Waiting of one process overlaps with the work of others. Its
 * home pays home_cpu_s for each call, counted at the rate that the process has
 * when it is alone on its host: an upper bound, and no feedback loop between
 * machines. It never takes more than nine tenths of a machine (memory.c).
 */
#include "run.h"

static double speed_at(const struct world *world, node_id node)
{
    uint32_t cluster = world->machines[node].cluster;
    return world->scenario->clusters[cluster].speed_milli / 1000.0;
}

struct forwarding forwarding_of(const struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    struct forwarding costs = {.bound = 1, .inflation = 1, .home_tax = 0};
    double calls_per_s = world->scenario->process.home_calls_per_s;
    double messages_s =
        ranks_talk(world, index) ? ranks_wait_s(world, index) : 0;
    bool calls_home = p->place != p->home && calls_per_s > 0;
    if (!calls_home && messages_s > 0)
        costs.bound = 1 / (1 + messages_s * speed_at(world, p->place));
    if (!calls_home)
        return costs;
    const struct scenario_forwarding *f = &world->scenario->forwarding;
    double host_speed = speed_at(world, p->place);
    double home_speed = speed_at(world, p->home);
    double call_s =
        2 * net_latency_s(world->net, p->place, p->home) +
        p->call_bytes / net_bytes_per_s(world->net, p->place, p->home);
    /* For one second of work: waiting is wall clock, so on a fast core there
     * is more of it for a second of CPU. */
    double wait_s = calls_per_s * call_s + messages_s;
    double cpu_s = (1 + calls_per_s * f->host_cpu_s) / host_speed;
    costs.inflation = 1 + calls_per_s * f->host_cpu_s;
    costs.bound = cpu_s / (cpu_s + wait_s);
    costs.home_tax =
        calls_per_s * f->home_cpu_s / home_speed / (cpu_s + wait_s);
    return costs;
}
