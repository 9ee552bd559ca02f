/* recursion.c - mean response of processor-sharing nodes by the plainest
 * recursion: between two events every job of a node loses an equal share. No
 * virtual time, no heap, nothing shared with the product.
 *
 * Usage: recursion FILE.swf [NODES [RULE]]
 */
#include "jobs.h"
#include "measure.h"

struct present
{
    double left_s;
    double submit_s;
};

struct node
{
    struct present *jobs;
    size_t count;
    size_t room;
    double now_s;
};

struct responses
{
    double sum_s;
    double sum_us; /* Ends rounded down to microseconds, as a journal has them;
                    * whole numbers, so the sum is exact. */
};

/* Serve a node until a date, adding the responses that end. */
static void serve(struct node *node, double until_s, struct responses *sums)
{
    while (0 < node->count) {
        size_t first = 0;
        for (size_t i = 1; i < node->count; i++)
            if (node->jobs[i].left_s < node->jobs[first].left_s)
                first = i;
        double share = 1 / (double)node->count;
        double end_s = node->now_s + node->jobs[first].left_s / share;
        double served_s = end_s <= until_s ? node->jobs[first].left_s
                                           : (until_s - node->now_s) * share;
        for (size_t i = 0; i < node->count; i++)
            node->jobs[i].left_s -= served_s;
        if (until_s < end_s)
            break;
        node->now_s = end_s;
        double submit_s = node->jobs[first].submit_s;
        sums->sum_s += end_s - submit_s;
        sums->sum_us += floor(end_s * 1e6 + 1e-3) - round(submit_s * 1e6);
        node->jobs[first] = node->jobs[--node->count];
    }
    node->now_s = until_s;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: recursion FILE.swf [NODES [RULE]]\n");
        return 2;
    }
    uint32_t node_count =
        argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1000;
    size_t job_count;
    struct job *jobs = jobs_read(argv[1], argc > 3 ? argv[3] : "round_robin",
                                 node_count, &job_count);
    struct node *nodes = (struct node *)calloc(node_count, sizeof *nodes);
    if (!nodes)
        return EXIT_FAILURE;
    struct responses sums = {0, 0};
    for (size_t i = 0; i < job_count; i++) {
        struct node *node = &nodes[jobs[i].node];
        serve(node, jobs[i].submit_s, &sums);
        if (node->count == node->room) {
            node->room = node->room ? 2 * node->room : 8;
            node->jobs = (struct present *)realloc(
                node->jobs, node->room * sizeof *node->jobs);
            if (!node->jobs)
                return EXIT_FAILURE;
        }
        node->jobs[node->count++] =
            (struct present){jobs[i].work_s, jobs[i].submit_s};
    }
    for (uint32_t i = 0; i < node_count; i++) {
        serve(&nodes[i], INFINITY, &sums);
        free(nodes[i].jobs);
    }
    free(nodes);
    free(jobs);
    print_figure("recursion_jobs", (double)job_count, "jobs");
    print_figure("recursion_mean_response", sums.sum_s / (double)job_count,
                 "s");
    print_figure("recursion_journal_response",
                 sums.sum_us * 1e-6 / (double)job_count, "s");
    return EXIT_SUCCESS;
}
