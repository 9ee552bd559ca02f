/* jobs_parts.c - what a run of independent jobs costs at least: its trace read,
 * and its processors alone, with no nodes, policies, records or metrics.
 *
 * Usage: jobs_parts FILE.swf [NODES]. The node of a job is its user. Both parts
 * are the product's own.
 */
#include <stdlib.h>

#include "../sim/cpu.h"
#include "../traces/workload.h"
#include "measure.h"

struct sums
{
    const struct workload *workload;
    double response_s;
};

/* All ends up to a date. */
static void serve(struct cpu *cpu, double until_s, struct sums *sums)
{
    for (double end_s; end_s = cpu_next(cpu), end_s <= until_s;) {
        if (!isfinite(end_s))
            return;
        const struct job *job = &sums->workload->jobs[cpu_pop(cpu, NULL)];
        sums->response_s += end_s - (double)job->submit_us * 1e-6;
    }
}

static double run(const struct workload *workload, uint32_t node_count)
{
    struct cpu *cpu = cpu_create(node_count);
    struct sums sums = {.workload = workload};
    cpu_expect(cpu, (uint32_t)workload->count);
    for (uint32_t i = 0; i < workload->count; i++) {
        const struct job *job = &workload->jobs[i];
        double submit_s = (double)job->submit_us * 1e-6;
        serve(cpu, submit_s, &sums);
        cpu_add(cpu, submit_s, job->user % node_count, i,
                (double)job_work_us(job) * 1e-6, 1, 1);
    }
    serve(cpu, INFINITY, &sums);
    cpu_destroy(cpu);
    return sums.response_s / (double)workload->count;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: jobs_parts FILE.swf [NODES]\n");
        return 2;
    }
    uint32_t node_count =
        argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1000;
    struct workload workload;
    struct complaint complaint;
    double begun_s = cpu_seconds();
    struct workload_options options = workload_options_default();
    if (workload_read(argv[1], &options, &workload, &complaint)) {
        fprintf(stderr, "%s\n", complaint.text);
        return EXIT_FAILURE;
    }
    double read_s = cpu_seconds();
    double response_s = run(&workload, node_count);
    double run_s = cpu_seconds();
    workload_finish(&workload);
    print_figure("parts_reading", read_s - begun_s, "CPU seconds");
    print_figure("parts_processors", run_s - read_s, "CPU seconds");
    print_figure("parts_mean_response", response_s, "s");
    return EXIT_SUCCESS;
}
