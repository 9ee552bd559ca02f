/* jobs.h - a plain SWF file as the baselines read it: submit time, work (CPU
 * time where known, else run time) and node, by a rule of homes. Written apart
 * from the product's readers on purpose: the baselines check them too. */
#ifndef BENCH_JOBS_H
#define BENCH_JOBS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job
{
    double submit_s;
    double work_s;
    uint32_t node;
};

/* The node of row `row`, counted from 0: "round_robin", "user" (field 12 modulo
 * nodes) or "partition" (field 16 is the node, counted from 1). */
static inline uint32_t job_node(const char *rule,
                                size_t row,
                                const double *fields,
                                uint32_t node_count)
{
    if (strcmp(rule, "user") == 0)
        return (uint32_t)fields[11] % node_count;
    if (strcmp(rule, "partition") == 0)
        return ((uint32_t)fields[15] - 1) % node_count;
    return (uint32_t)(row % node_count);
}

/* All rows of the file, in its order; the caller frees them. Ends the program
 * if the file cannot be read. */
static inline struct job *jobs_read(const char *path,
                                    const char *rule,
                                    uint32_t node_count,
                                    size_t *ret_count)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    struct job *jobs = NULL;
    size_t room = 0;
    size_t count = 0;
    char line[1024];
    while (fgets(line, sizeof line, file)) {
        double fields[18] = {0};
        char *at = line;
        int field = 0;
        for (char *end; field < 18; field++, at = end) {
            fields[field] = strtod(at, &end);
            if (end == at)
                break;
        }
        if (line[0] == ';' || field < 18)
            continue;
        if (count == room) {
            room = room ? 2 * room : 1024;
            jobs = (struct job *)realloc(jobs, room * sizeof *jobs);
            if (!jobs)
                abort();
        }
        jobs[count].submit_s = fields[1];
        jobs[count].work_s = 0 < fields[5] ? fields[5] : fields[3];
        jobs[count].node = job_node(rule, count, fields, node_count);
        count++;
    }
    fclose(file);
    *ret_count = count;
    return jobs;
}

#endif /* BENCH_JOBS_H */
