/* world.c - everything before the first event, and its end. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../algorithms/node/rng.h"
#include "../traces/pages.h"
#include "run.h"

double platform_cores(const struct scenario *scenario)
{
    double sum = 0;
    for (size_t i = 0; i < scenario->cluster_count; i++) {
        const struct scenario_cluster *c = &scenario->clusters[i];
        sum += (double)c->node_count * c->core_count * c->speed_milli / 1000.0;
    }
    return sum;
}

double platform_speed_max(const struct scenario *scenario)
{
    uint32_t best_milli = 0;
    for (size_t i = 0; i < scenario->cluster_count; i++)
        if (scenario->clusters[i].speed_milli > best_milli)
            best_milli = scenario->clusters[i].speed_milli;
    return best_milli / 1000.0;
}

int run_traces_read(const struct scenario *scenario,
                    struct workload **ret_traces,
                    struct complaint *ret_complaint)
{
    struct workload *traces = calloc(scenario->load_count + 1, sizeof *traces);
    if (!traces)
        return -ENOMEM;
    for (size_t i = 0; i < scenario->load_count; i++) {
        const struct scenario_load *load = &scenario->loads[i];
        if (load->kind != LOAD_TRACE)
            continue;
        int error = workload_read(load->path, &load->options, &traces[i],
                                  ret_complaint);
        if (error) {
            run_traces_finish(scenario, traces);
            return error;
        }
    }
    *ret_traces = traces;
    return 0;
}

void run_traces_finish(const struct scenario *scenario, struct workload *traces)
{
    for (size_t i = 0; traces && i < scenario->load_count; i++)
        workload_finish(&traces[i]);
    free(traces);
}

/* Policies that only place at home never look at routes: then SimGrid need not
 * be woken at all, unless somebody else moves processes. */
static bool needs_routes(const struct scenario *scenario)
{
    if (scenario->grid.event_count + scenario->grid.random_count > 0)
        return true;
    for (size_t i = 0; i < scenario->policy_count; i++)
        if (strcmp(scenario->policies[i].policy->name, "place_home") != 0)
            return true;
    return false;
}

static bool needs_network(const struct scenario *scenario)
{
    return needs_routes(scenario) || scenario->platform ||
           scenario->engine == ENGINE_SIMGRID;
}

static struct node_config config_of(const struct world *world,
                                    uint32_t board_max)
{
    const struct scenario *s = world->scenario;
    struct node_config config = node_config_default();
    config.seed = world->seed;
    config.policies = world->policies;
    config.policy_count = s->policy_count;
    config.board_max = board_max;
    config.board_age_us = s->board_age_us;
    config.lost_after_us = s->grid.faults.lost_after_us;
    config.home_lost_after_us = s->grid.faults.home_lost_after_us;
    config.flood_burst = s->grid.freeze.flood_burst;
    config.flood_per_s_milli =
        (uint32_t)lround(s->grid.freeze.flood_per_s * 1000);
    return config;
}

/* Whole cache lines, so that no two nodes share one. */
static size_t block_bytes(const struct node_config *config)
{
    return (node_bytes(config) + 63) / 64 * 64;
}

static int make_machines(struct world *world)
{
    const struct scenario *s = world->scenario;
    world->machine_count = s->node_count;
    world->machines_bytes = (s->node_count + 1u) * sizeof *world->machines;
    world->machines = pages_take(world->machines_bytes);
    if (!world->machines)
        return -ENOMEM;
    /* Where nothing is ever sent, no board is ever written. */
    uint32_t board_max = world->routed ? s->board_max : 1;
    if (world->perfect && board_max < s->node_count)
        board_max = s->node_count;
    world->ages = calloc(board_max, sizeof *world->ages);
    struct node_config config = config_of(world, board_max);
    size_t block = block_bytes(&config);
    world->node_blocks_bytes = block * s->node_count;
    world->node_blocks = pages_take(world->node_blocks_bytes);
    if (!world->ages || !world->node_blocks)
        return -ENOMEM;
    for (uint32_t k = 0; k < s->cluster_count; k++)
        for (uint32_t i = 0; i < s->clusters[k].node_count; i++) {
            node_id id = s->clusters[k].first + i;
            struct machine *m = &world->machines[id];
            m->cluster = k;
            m->mem_bytes = s->clusters[k].mem_bytes;
            m->process_list = PROCESS_NONE;
            m->submit_list = PROCESS_NONE;
            m->guest_limit = s->clusters[k].guest_limit;
            m->thrash_since = NAN;
            m->down =
                i >= s->clusters[k].node_count - s->clusters[k].later_count;
            m->down_since = m->down ? 0 : NAN;
            world->later_count += m->down;
            m->factor = 1;
            if (world->cpu)
                cpu_host(world->cpu, id, s->clusters[k].core_count,
                         s->clusters[k].speed_milli / 1000.0);
            config.id = id;
            config.owner_first = s->clusters[k].owner_first;
            m->node = node_init(world->node_blocks + id * block, &config);
        }
    return 0;
}

struct phase
{
    uint64_t phase_us;
    uint32_t node;
};

static int compare_phases(const void *a, const void *b)
{
    const struct phase *x = a, *y = b;
    if (x->phase_us != y->phase_us)
        return x->phase_us < y->phase_us ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

/* Every node is sampled once in a period, at a phase of its own: the order is
 * the same in every period, so no queue is needed. */
static int make_samples(struct world *world)
{
    uint32_t count = world->machine_count;
    if (count == 0 || !node_wants_samples(world->machines[0].node))
        return 0;
    struct phase *phases = calloc(count, sizeof *phases);
    world->sample_order = calloc(count, sizeof *world->sample_order);
    world->sample_phase_us = calloc(count, sizeof *world->sample_phase_us);
    if (!phases || !world->sample_order || !world->sample_phase_us) {
        free(phases);
        return -ENOMEM;
    }
    struct rng rng = rng_stream(world->seed, 0, "samples");
    for (uint32_t i = 0; i < count; i++)
        phases[i] = (struct phase){
            rng_below(&rng, (uint32_t)world->scenario->sample_us), i};
    qsort(phases, count, sizeof *phases, compare_phases);
    for (uint32_t i = 0; i < count; i++) {
        world->sample_order[i] = phases[i].node;
        world->sample_phase_us[i] = phases[i].phase_us;
    }
    world->sample_count = count;
    free(phases);
    return 0;
}

static void make_ages(struct world *world)
{
    bool gossips = world->scenario->policy_count > 0 &&
                   world->scenario->age_every_us > 0 && world->routed;
    world->age_next =
        gossips ? (double)world->scenario->age_every_us * 1e-6 : INFINITY;
}

static int fill(struct world *world,
                const struct workload *traces,
                struct complaint *ret_complaint)
{
    struct scenario *s = world->scenario;
    int error = 0;
    if (needs_network(s))
        error = net_create(s, &world->net, ret_complaint);
    if (error)
        return error;
    for (size_t i = 0; i < s->policy_count; i++)
        world->policies[i] =
            (struct node_policy){s->policies[i].policy, s->policies[i].params};
    if (s->engine == ENGINE_VENCEJO)
        world->cpu = cpu_create(s->node_count);
    world->batch = malloc(sizeof *world->batch);
    world->out = malloc(policy_out_bytes());
    world->encoded = malloc(RECORD_LINE_BYTES_MAX);
    if (!world->batch || !world->out || !world->encoded)
        return -ENOMEM;
    world->batch->out = world->out;
    world->routed = needs_routes(s);
    error = maps_create(world);
    if (!error)
        error = make_machines(world);
    if (error)
        return error;
    clocks_make(world);
    world->down_count = world->later_count;
    alarms_init(&world->alarms, world->machine_count);
    error = make_samples(world);
    if (!error)
        error = arrivals_make(world, traces, ret_complaint);
    if (!error && world->cpu)
        cpu_expect(world->cpu, world->process_count);
    if (!error && s->engine == ENGINE_SIMGRID && memory_is_short(world))
        error = complain(ret_complaint, -ENOTSUP, s->path, 0, 0,
                         "engine: simgrid does not model memory pressure, and "
                         "a process is larger than the memory of every node; "
                         "use engine: vencejo");
    make_ages(world);
    if (!error)
        error = owners_create(world);
    if (!error)
        error = checkpoints_create(world);
    return error ? error : faults_create(world, ret_complaint);
}

/* A key that is passed over would give the results of another scenario. */
int run_refuse_keys(const struct scenario *s, struct complaint *ret_complaint)
{
    const char *key =
        s->engine == ENGINE_SIMGRID ? scenario_beyond_simgrid(s) : NULL;
    if (key)
        return complain(ret_complaint, -ENOTSUP, s->path, 0, 0,
                        "engine: simgrid does not model %s; use engine: "
                        "vencejo",
                        key);
    return 0;
}

int world_create(struct scenario *scenario,
                 const struct workload *traces,
                 uint64_t seed,
                 struct world **ret_world,
                 struct complaint *ret_complaint)
{
    int error = run_refuse_keys(scenario, ret_complaint);
    if (error)
        return error;
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return -ENOMEM;
    world->scenario = scenario;
    world->seed = seed;
    world->frame_free = UINT32_MAX;
    world->vanished_list = PROCESS_NONE;
    world->perfect = scenario->information == INFORMATION_PERFECT;
    error = fill(world, traces, ret_complaint);
    if (error) {
        if (error == -ENOMEM)
            complain(ret_complaint, error, scenario->path, 0, 0,
                     "not enough memory for this platform; use fewer nodes");
        world_destroy(world);
        return error;
    }
    *ret_world = world;
    return 0;
}

void world_destroy(struct world *world)
{
    if (!world)
        return;
    for (uint32_t i = 0; world->machines && i < world->machine_count; i++)
        if (world->machines[i].node_owned)
            free(world->machines[i].node);
    maps_destroy(world);
    owners_destroy(world);
    faults_destroy(world);
    checkpoints_destroy(world);
    discovery_finish(world);
    heap_finish(&world->heap);
    alarms_finish(&world->alarms);
    cpu_destroy(world->cpu);
    net_destroy(world->net);
    pages_give(world->node_blocks, world->node_blocks_bytes);
    pages_give(world->machines, world->machines_bytes);
    for (struct mover *mover = world->movers, *next; mover; mover = next) {
        next = mover->next;
        free(mover);
    }
    pages_give(world->processes, world->process_room * sizeof(struct process));
    pages_give(world->jobs, world->job_room * sizeof(struct job_state));
    free(world->links);
    free(world->due);
    free(world->sample_order);
    free(world->sample_phase_us);
    free(world->frames);
    free(world->batch);
    free(world->out);
    free(world->sampled);
    free(world->encoded);
    free(world->ages);
    free(world->isolations);
    free(world);
}
