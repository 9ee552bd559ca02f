/* arrivals.c - the workload of a scenario becomes jobs and processes.
 *
 * Everything random here has streams of its own, by seed alone, so that every
 * stack of policies sees the same arrivals and the same home nodes.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../algorithms/node/rng.h"
#include "../traces/pages.h"
#include "run.h"

/* The jobs of one load. */
struct draft
{
    struct workload workload; /* Owned unless it is a trace. */
    bool owned;
};

/* What the scenario says of all jobs of a load that it makes up. */
static void dress_jobs(const struct scenario_load *load,
                       struct workload *workload)
{
    for (size_t i = 0; i < workload->count; i++) {
        workload->jobs[i].width = load->width;
        if (load->user != USER_DRAWN)
            workload->jobs[i].user = load->user;
    }
}

static void draft_batch(const struct scenario_load *load,
                        uint64_t seed,
                        struct draft *ret_draft,
                        int *ret_error,
                        struct complaint *ret_complaint)
{
    struct synth what = {.count = load->count,
                         .rate_per_s = 1,
                         .cpu = load->cpu,
                         .mem = load->mem,
                         .user_count = load->user_count,
                         .seed = seed};
    *ret_error = synth(&what, &ret_draft->workload, ret_complaint);
    ret_draft->owned = true;
    if (*ret_error)
        return;
    for (size_t i = 0; i < ret_draft->workload.count; i++)
        ret_draft->workload.jobs[i].submit_us = load->at_us;
    dress_jobs(load, &ret_draft->workload);
}

static void draft_poisson(const struct world *world,
                          const struct scenario_load *load,
                          uint64_t seed,
                          struct draft *ret_draft,
                          int *ret_error,
                          struct complaint *ret_complaint)
{
    double rate = load->rate_per_s;
    if (load->load_share > 0)
        rate = load->load_share * platform_cores(world->scenario) /
               (law_mean(&load->cpu) * 1e-6 * load->width);
    struct synth what = {.count = load->count,
                         .span_us = load->span_us,
                         .rate_per_s = rate,
                         .cpu = load->cpu,
                         .mem = load->mem,
                         .user_count = load->user_count,
                         .seed = seed};
    *ret_error = synth(&what, &ret_draft->workload, ret_complaint);
    ret_draft->owned = true;
    if (!*ret_error)
        dress_jobs(load, &ret_draft->workload);
}

/* Dates of jobs that wait for others come from the run: none of the trace's can
 * be changed to any effect. */
static int check_dates(const struct scenario_load *load,
                       const struct workload *trace,
                       struct complaint *ret_complaint)
{
    if (!arrivals_closed(load, trace))
        return 0;
    const char *key = load->scale_load > 0 ? "scale-load" : "rotate";
    return complain(ret_complaint, -EINVAL, load->path, 0, 0,
                    "%s: jobs of this load wait for the ends of others, so "
                    "they do not arrive on the dates that %s makes; use "
                    "arrivals: open, or leave %s out",
                    key, key, key);
}

/* 0 <= result < below < 2^53. */
static uint64_t draw_below(struct rng *rng, uint64_t below)
{
    double high = rng_below(rng, 1u << 26);
    double low = rng_below(rng, 1u << 27);
    return (uint64_t)((high * 0x1p27 + low) * 0x1p-53 * (double)below);
}

/* Turn the dates: all are later by an offset, and those beyond the end begin
 * anew. From the last to the first there is a mean gap. The order of the jobs
 * stays, so a job has the same number and home whatever the offset. */
static int rotate_dates(const struct scenario_load *load,
                        struct workload *workload,
                        struct rng *rng,
                        struct complaint *ret_complaint)
{
    size_t count = workload->count;
    uint64_t first_us = count > 0 ? workload->jobs[0].submit_us : 0;
    uint64_t last_us = count > 0 ? workload->jobs[count - 1].submit_us : 0;
    if (last_us == first_us)
        return complain(ret_complaint, -EINVAL, load->path, 0, 0,
                        "rotate: the trace has no span to turn, its jobs have "
                        "one date; leave rotate out");
    uint64_t span_us = last_us - first_us;
    span_us += span_us / (count - 1);
    uint64_t offset_us = draw_below(rng, span_us);
    for (size_t i = 0; i < count; i++) {
        struct job *job = &workload->jobs[i];
        job->submit_us =
            first_us + (job->submit_us - first_us + offset_us) % span_us;
    }
    return 0;
}

/* A trace, its dates stretched or squeezed to the wanted load, and turned. The
 * offset is the same share of the span at every load, so a seed begins at the
 * same job, and the factor is that of the trace as recorded. */
static void draft_trace(const struct world *world,
                        size_t load_index,
                        const struct workload *trace,
                        struct draft *ret_draft,
                        int *ret_error,
                        struct complaint *ret_complaint)
{
    const struct scenario_load *load = &world->scenario->loads[load_index];
    ret_draft->workload = *trace;
    if (load->scale_load <= 0 && !load->rotate)
        return;
    *ret_error = check_dates(load, trace, ret_complaint);
    if (*ret_error)
        return;
    struct workload *w = &ret_draft->workload;
    w->origin = NULL;
    w->jobs = malloc((trace->count + 1) * sizeof *w->jobs);
    ret_draft->owned = true;
    if (!w->jobs) {
        *ret_error = -ENOMEM;
        return;
    }
    memcpy(w->jobs, trace->jobs, trace->count * sizeof *w->jobs);
    double factor;
    if (load->scale_load > 0 &&
        workload_scale_load(w, load->scale_load,
                            platform_cores(world->scenario), &factor)) {
        *ret_error = complain(ret_complaint, -EINVAL, load->path, 0, 0,
                              "scale-load: the trace has no span or no work "
                              "to scale; leave scale-load out");
        return;
    }
    if (!load->rotate)
        return;
    struct rng rng = rng_stream(world->seed, (uint32_t)load_index, "rotation");
    *ret_error = rotate_dates(load, w, &rng, ret_complaint);
}

/* Machines that may be home by a rule: of all clusters, or of one; those that
 * come later are nobody's. */
static uint32_t home_count(const struct scenario *s,
                           const struct scenario_load *load)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->cluster_count; i++)
        if (load->home_cluster == UINT32_MAX || load->home_cluster == i)
            count += s->clusters[i].node_count - s->clusters[i].later_count;
    return count;
}

/* The one of that number among these, count in all. */
static node_id home_at(const struct scenario *s,
                       const struct scenario_load *load,
                       uint32_t count,
                       uint32_t index)
{
    if (count == s->node_count)
        return index;
    uint32_t i = load->home_cluster == UINT32_MAX ? 0 : load->home_cluster;
    for (;; i++) {
        const struct scenario_cluster *c = &s->clusters[i];
        uint32_t here = c->node_count - c->later_count;
        if (index < here)
            return c->first + index;
        index -= here;
    }
}

static int refuse_home(const struct world *world,
                       const struct scenario_load *load,
                       const struct job *job,
                       unsigned count,
                       struct complaint *ret_complaint)
{
    unsigned long long number = job->number;
    if (load->home.rule == HOME_NODE)
        return complain(ret_complaint, -EINVAL, world->scenario->path, 0, 0,
                        "home: there is no node %u, the platform has nodes 0 "
                        "to %u; name one of these, or choose random",
                        load->home.node, count - 1);
    if (load->home.rule == HOME_USER)
        return complain(ret_complaint, -EINVAL, load->path, 0, 0,
                        "home: user: job %llu has no user; choose home: "
                        "round-robin or random",
                        number);
    if (job->partition == 0)
        return complain(ret_complaint, -EINVAL, load->path, 0, 0,
                        "home: partition: job %llu has no partition; choose "
                        "home: user, round-robin or random",
                        number);
    return complain(ret_complaint, -EINVAL, load->path, 0, 0,
                    "home: partition: job %llu is of partition %u, the "
                    "platform has %u nodes, and partition 1 is the first; "
                    "choose home: user, round-robin or random, or add nodes",
                    number, job->partition, count);
}

/* Which machine is home to job number `ordinal` of a load, count as
 * home_count().
 */
static int home_of(const struct world *world,
                   const struct scenario_load *load,
                   const struct job *job,
                   uint64_t ordinal,
                   uint32_t count,
                   struct rng *rng,
                   node_id *ret_home,
                   struct complaint *ret_complaint)
{
    uint32_t index = count;
    switch (load->home.rule) {
        case HOME_ROUND_ROBIN:
            index = (uint32_t)(ordinal % count);
            break;
        case HOME_RANDOM:
            index = rng_below(rng, count);
            break;
        case HOME_USER:
            index = job->has_user ? job->user % count : count;
            break;
        case HOME_NODE:
            *ret_home = load->home.node;
            return load->home.node < world->machine_count
                       ? 0
                       : refuse_home(world, load, job, world->machine_count,
                                     ret_complaint);
        case HOME_PARTITION:
            index = job->partition - 1; /* 0 becomes more than any. */
            break;
    }
    if (count <= index)
        return refuse_home(world, load, job, count, ret_complaint);
    *ret_home = home_at(world->scenario, load, count, index);
    return 0;
}

static uint64_t known(uint64_t value, uint64_t otherwise)
{
    return value == JOB_UNKNOWN ? otherwise : value;
}

static void fill_process(const struct world *world,
                         const struct job *job,
                         struct process *p)
{
    const struct scenario_process *assumed = &world->scenario->process;
    p->work_us = job_work_us(job);
    if (p->work_us == 0)
        p->work_us = 1;
    p->left_s = (double)p->work_us * 1e-6;
    p->mem_bytes = known(job->mem_bytes, assumed->mem_bytes);
    double calls_per_s = assumed->home_calls_per_s;
    double data = assumed->home_bytes_per_s;
    if (assumed->io_from_trace && job->read_bytes != JOB_UNKNOWN)
        data =
            (double)(job->read_bytes + known(job->write_bytes, 0)) / p->left_s;
    p->call_bytes = calls_per_s > 0 ? data / calls_per_s : 0;
    p->next = p->previous = PROCESS_NONE;
}

static void link_after(struct world *world, uint32_t job, uint32_t after)
{
    world->links[job].next_after = world->links[after].first_after;
    world->links[after].first_after = job;
    world->jobs[job].submit = INFINITY;
}

bool arrivals_closed(const struct scenario_load *load,
                     const struct workload *workload)
{
    if (load->kind != LOAD_TRACE)
        return false;
    if (load->arrivals_given)
        return load->arrivals == ARRIVALS_CLOSED;
    return workload->has_after;
}

bool arrivals_vary(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->load_count; i++) {
        const struct scenario_load *load = &scenario->loads[i];
        bool drawn = load->kind == LOAD_POISSON;
        if (load->kind == LOAD_BATCH)
            drawn = load->cpu.kind != LAW_FIXED || load->mem.kind != LAW_FIXED;
        if (load->kind == LOAD_TRACE)
            drawn = load->rotate;
        if (drawn || load->home.rule == HOME_RANDOM)
            return true;
    }
    return false;
}

/* Jobs and processes of one load; base: its first job. */
static int add_load(struct world *world,
                    size_t load_index,
                    const struct workload *workload,
                    uint32_t base,
                    struct complaint *ret_complaint)
{
    const struct scenario_load *load = &world->scenario->loads[load_index];
    struct rng rng = rng_stream(world->seed, (uint32_t)load_index, "homes");
    uint32_t count = home_count(world->scenario, load);
    bool closed = arrivals_closed(load, workload);
    world->ranks_talk |= load->traffic_bytes_per_s > 0;
    for (size_t i = 0; i < workload->count; i++) {
        const struct job *job = &workload->jobs[i];
        node_id home = 0;
        int error =
            home_of(world, load, job, i, count, &rng, &home, ret_complaint);
        if (error)
            return error;
        uint32_t number = base + (uint32_t)i;
        struct job_state *j = &world->jobs[number];
        *j = (struct job_state){.submit = (double)job->submit_us * 1e-6,
                                .first = world->process_count,
                                .count = job->width,
                                .user = job->user,
                                .program = job->program,
                                .load = (uint32_t)load_index,
                                .priority = load->priority,
                                .locked = load->native,
                                .held = load->held,
                                .queue_rank = QUEUE_RANK_MIDDLE};
        if (world->links)
            world->links[number] =
                (struct job_link){.think_s = (double)job->think_us * 1e-6,
                                  .left = job->width,
                                  .first_after = JOB_NONE,
                                  .next_after = JOB_NONE};
        if (closed && job->after != JOB_NONE)
            link_after(world, number, base + job->after);
        for (uint32_t k = 0; k < job->width; k++) {
            struct process *p = &world->processes[world->process_count++];
            fill_process(world, job, p);
            p->home = p->place = home;
            p->job = number;
        }
    }
    return 0;
}

static int compare_due(const void *a, const void *b, void *jobs)
{
    const struct job_state *all = jobs;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (all[x].submit != all[y].submit)
        return all[x].submit < all[y].submit ? -1 : 1;
    return x < y ? -1 : 1;
}

static int sort_due(struct world *world)
{
    world->due = malloc(((size_t)world->job_count + 1) * sizeof *world->due);
    if (!world->due)
        return -ENOMEM;
    bool sorted = true;
    for (uint32_t i = 0; i < world->job_count; i++) {
        if (!isfinite(world->jobs[i].submit))
            continue;
        uint32_t n = world->due_count;
        sorted &= n == 0 || world->jobs[world->due[n - 1]].submit <=
                                world->jobs[i].submit;
        world->due[world->due_count++] = i;
    }
    if (!sorted)
        qsort_r(world->due, world->due_count, sizeof *world->due, compare_due,
                world->jobs);
    return 0;
}

static int make_drafts(struct world *world,
                       const struct workload *traces,
                       struct draft *drafts,
                       struct complaint *ret_complaint)
{
    for (size_t i = 0; i < world->scenario->load_count; i++) {
        const struct scenario_load *load = &world->scenario->loads[i];
        struct rng rng = rng_stream(world->seed, (uint32_t)i, "arrivals");
        uint64_t seed = (uint64_t)rng_below(&rng, UINT32_MAX) << 32;
        seed |= rng_below(&rng, UINT32_MAX);
        int error = 0;
        if (load->kind == LOAD_BATCH)
            draft_batch(load, seed, &drafts[i], &error, ret_complaint);
        else if (load->kind == LOAD_POISSON)
            draft_poisson(world, load, seed, &drafts[i], &error, ret_complaint);
        else
            draft_trace(world, i, &traces[i], &drafts[i], &error,
                        ret_complaint);
        if (error)
            return error;
    }
    return 0;
}

static int refuse_count(const struct scenario *scenario,
                        const struct scenario_load *load,
                        uint64_t process_count,
                        struct complaint *ret_complaint)
{
    bool trace = load->kind == LOAD_TRACE;
    return complain(ret_complaint, -E2BIG, trace ? load->path : scenario->path,
                    0, 0, "workload: %llu processes, a run has room for %d; %s",
                    (unsigned long long)process_count, SCENARIO_PROCESSES_MAX,
                    trace ? "cut the trace, or leave parallel jobs out by "
                            "parallel: serial-only"
                          : "give a smaller count or a shorter span");
}

static int count_jobs(const struct world *world,
                      const struct draft *drafts,
                      uint64_t *ret_jobs,
                      uint64_t *ret_processes,
                      struct complaint *ret_complaint)
{
    const struct scenario *s = world->scenario;
    *ret_jobs = *ret_processes = 0;
    for (size_t i = 0; i < s->load_count; i++) {
        const struct workload *w = &drafts[i].workload;
        *ret_jobs += w->count;
        for (size_t k = 0; k < w->count; k++)
            *ret_processes += w->jobs[k].width;
        if (*ret_processes > SCENARIO_PROCESSES_MAX)
            return refuse_count(s, &s->loads[i], *ret_processes, ret_complaint);
    }
    return 0;
}

/* It is the workload that does not fit, so the error is not -ENOMEM, which the
 * caller tells of the platform. */
static int refuse_memory(const struct world *world,
                         uint64_t process_count,
                         struct complaint *ret_complaint)
{
    if (process_count == 0)
        return complain(ret_complaint, -E2BIG, world->scenario->path, 0, 0,
                        "workload: not enough memory for its jobs; use fewer");
    return complain(ret_complaint, -E2BIG, world->scenario->path, 0, 0,
                    "workload: not enough memory for %llu processes; use "
                    "fewer, or a machine with more memory",
                    (unsigned long long)process_count);
}

static int make_room(struct world *world,
                     const struct draft *drafts,
                     uint64_t job_count,
                     uint64_t process_count)
{
    bool any_waits = false;
    for (size_t i = 0; i < world->scenario->load_count; i++)
        any_waits |=
            arrivals_closed(&world->scenario->loads[i], &drafts[i].workload);
    world->job_room = job_count + 1;
    world->process_room = process_count + 1;
    world->jobs = pages_take(world->job_room * sizeof *world->jobs);
    world->processes =
        pages_take(world->process_room * sizeof *world->processes);
    if (any_waits)
        world->links = calloc(world->job_room, sizeof *world->links);
    bool made = world->jobs && world->processes && (!any_waits || world->links);
    return made ? 0 : -ENOMEM;
}

int arrivals_make(struct world *world,
                  const struct workload *traces,
                  struct complaint *ret_complaint)
{
    size_t load_count = world->scenario->load_count;
    struct draft *drafts = calloc(load_count + 1, sizeof *drafts);
    uint64_t job_count = 0, process_count = 0;
    int error = drafts ? 0 : -ENOMEM;
    if (!error)
        error = make_drafts(world, traces, drafts, ret_complaint);
    if (!error)
        error = count_jobs(world, drafts, &job_count, &process_count,
                           ret_complaint);
    if (!error)
        error = make_room(world, drafts, job_count, process_count);
    for (size_t i = 0; !error && i < load_count; i++) {
        uint32_t base = world->job_count;
        world->job_count += (uint32_t)drafts[i].workload.count;
        error = add_load(world, i, &drafts[i].workload, base, ret_complaint);
    }
    if (!error)
        error = sort_due(world);
    for (size_t i = 0; drafts && i < load_count; i++)
        if (drafts[i].owned)
            workload_finish(&drafts[i].workload);
    free(drafts);
    if (error == -ENOMEM)
        return refuse_memory(world, process_count, ret_complaint);
    return error;
}

/* One process of the job is gone; with the last, those that wait for it get
 * their date. */
void arrivals_job_over(struct world *world, uint32_t job)
{
    if (!world->links)
        return;
    struct job_link *link = &world->links[job];
    assert(link->left > 0);
    if (--link->left > 0)
        return;
    for (uint32_t k = link->first_after; k != JOB_NONE;
         k = world->links[k].next_after) {
        const struct job_state *waiter = &world->jobs[k];
        for (uint32_t i = 0; i < waiter->count; i++) {
            uint32_t process = waiter->first + i;
            heap_push(&world->heap, world->now + world->links[k].think_s,
                      HAPPENS_SUBMIT, world->processes[process].home, process);
        }
    }
}
