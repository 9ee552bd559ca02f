/* ranks.c - what it costs the ranks of a parallel job to be apart.
 *
 * For a second of work each of the w ranks of a job sends its traffic B to the
 * others, B / (w - 1) to each, in messages of m bytes, and waits for each of
 * these. To a rank on the same node they cost nothing. Else a message takes
 *     direct:       latency(i, j) + m / bandwidth(i, j)
 *     through home: the same from i to home and then from home to j,
 * so for a second of work a rank waits the sum of
 *     B / (w - 1) x (latency / m + 1 / bandwidth)
 * over the others that have started and are not over. That is wall clock, and
 * is added to what it waits for calls (forwarding.c).
 */
#include "run.h"

static bool takes_part(const struct process *p)
{
    return p->phase != PROCESS_COMING && p->phase != PROCESS_WAITING &&
           p->phase != PROCESS_VANISHED && p->phase != PROCESS_GONE;
}

static const struct scenario_load *load_of(const struct world *world,
                                           uint32_t index)
{
    return &world->scenario
                ->loads[world->jobs[world->processes[index].job].load];
}

bool ranks_talk(const struct world *world, uint32_t index)
{
    return world->ranks_talk && load_of(world, index)->traffic_bytes_per_s > 0;
}

/* For each byte sent. */
static double way_s(const struct world *world,
                    node_id source,
                    node_id target,
                    double message_bytes)
{
    if (source == target)
        return 0;
    return net_latency_s(world->net, source, target) / message_bytes +
           1 / net_bytes_per_s(world->net, source, target);
}

static double byte_s(const struct world *world,
                     const struct scenario_load *load,
                     const struct process *from,
                     const struct process *to)
{
    double message_bytes = (double)load->message_bytes;
    if (from->place == to->place)
        return 0;
    if (load->traffic_way == TRAFFIC_DIRECT)
        return way_s(world, from->place, to->place, message_bytes);
    return way_s(world, from->place, from->home, message_bytes) +
           way_s(world, from->home, to->place, message_bytes);
}

double ranks_wait_s(const struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    const struct scenario_load *load = load_of(world, index);
    const struct job_state *job = &world->jobs[p->job];
    double sum_s = 0;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t other = process_current(world, job->first + i);
        const struct process *to = &world->processes[other];
        if (other != index && takes_part(to))
            sum_s += byte_s(world, load, p, to);
    }
    return job->count > 1 ? load->traffic_bytes_per_s / (job->count - 1) * sum_s
                          : 0;
}

void ranks_changed(struct world *world, uint32_t index)
{
    const struct job_state *job = &world->jobs[world->processes[index].job];
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t other = process_current(world, job->first + i);
        if (other != index)
            process_changed(world, other);
    }
}

static uint32_t count_at(const struct world *world,
                         const struct job_state *job,
                         uint32_t index,
                         node_id node)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t other = process_current(world, job->first + i);
        const struct process *p = &world->processes[other];
        count += other != index && takes_part(p) && p->place == node;
    }
    return count;
}

/* Of nodes with equally many the one of the first rank. */
void ranks_describe(const struct world *world,
                    uint32_t index,
                    struct proc_info *ret_info)
{
    const struct job_state *job = &world->jobs[world->processes[index].job];
    uint32_t most = 0, talking = 0;
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t other = process_current(world, job->first + i);
        const struct process *p = &world->processes[other];
        if (other == index || !takes_part(p))
            continue;
        talking++;
        uint32_t count = count_at(world, job, index, p->place);
        if (count > most) {
            most = count;
            ret_info->sibling_node = p->place;
        }
    }
    if (talking > 0)
        ret_info->sibling_bytes_per_s =
            (uint64_t)(load_of(world, index)->traffic_bytes_per_s * talking /
                       (job->count - 1));
}
