/* workload.h - what arrives: the jobs of a trace.
 *
 * Readers (swf.c, csv.c, gwf.c, batsim.c) and generators (synth.c) fill a
 * workload; writers turn one into a file. No random numbers but from the seed
 * given.
 */
#ifndef TRACES_WORKLOAD_H
#define TRACES_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "complaint.h"

/* A row: width processes with the same needs. UNKNOWN where a trace is silent.
 */
#define JOB_UNKNOWN UINT64_MAX
#define JOB_NONE UINT32_MAX

struct job
{
    uint64_t number;     /* As in the trace. */
    uint64_t submit_us;  /* Since the first moment of the trace. */
    uint64_t runtime_us; /* Wall clock on its first machine; or UNKNOWN. */
    uint64_t cpu_us;     /* Of each process, on a reference core; or UNKNOWN. */
    uint64_t mem_bytes;  /* Resident, of each process; or UNKNOWN. */
    uint64_t read_bytes; /* Of each process, over its life; or UNKNOWN. */
    uint64_t write_bytes; /* As read_bytes. */
    uint32_t width;       /* Processes; at least 1. */
    uint32_t user;        /* 0 is a user too, if has_user. */
    uint32_t program;     /* 0 if unknown. */
    uint32_t partition;   /* From 1; 0 if unknown. */
    bool has_user;        /* The trace says whose it is; else user is 0. */
    uint32_t after;       /* Index of the job that it waits for; or JOB_NONE. */
    uint64_t think_us;    /* From the end of that one to its submission. */
};

struct workload
{
    struct job *jobs; /* By submit_us, then number; owned by this. */
    size_t count;
    char *origin;         /* Where it came from, for people; owned by this. */
    size_t bad_count;     /* Lenient reading: lines left out, */
    size_t skipped_count; /* and rows that cannot run: no time, cancelled. */
    struct complaint bad[5]; /* the first of the bad. */
    bool has_cpu;            /* What was measured, in at least one row. */
    bool has_mem;
    bool has_io;
    bool has_after;
};

void workload_finish(struct workload *workload); /* Leaves it empty. */

enum workload_format {
    FORMAT_BY_NAME,
    FORMAT_SWF,
    FORMAT_CSV,
    FORMAT_GWF,
    FORMAT_BATSIM
};
enum parallel_rule {
    PARALLEL_PROCESSES,
    PARALLEL_SERIAL_ONLY,
    PARALLEL_REFUSE
};

struct workload_options
{
    enum workload_format format; /* BY_NAME: .swf, .csv, .gwf, .json. */
    bool lenient; /* Leave bad lines out and count them; else refuse. */
    enum parallel_rule parallel;
    uint64_t cut_from_us;  /* Rows submitted in [from, until), dates moved so */
    uint64_t cut_until_us; /* that from is 0; UINT64_MAX: to the end. */
    size_t max_count;      /* The first so many rows; 0: all. */
    /* CSV: names of its columns; NULL: submit, runtime, cpu, memory, user, ...
     * as docs/traces.md says. "submit=submission_time:ms,cpu=duration:ms". */
    const char *columns;
    double flops_per_s; /* Batsim: of a reference core; 0: not said. */
};
struct workload_options workload_options_default(void);

/* Read a whole file, plain, .gz or .zst. 0, or negative errno and complaint. */
int workload_read(const char *path,
                  const struct workload_options *options,
                  struct workload *ret_workload,
                  struct complaint *ret_complaint);

/* The same from memory, format given; for tests and fuzzers. text[text_bytes]
 * is 0. */
int workload_parse(const char *text,
                   size_t text_bytes,
                   const char *name,
                   const struct workload_options *options,
                   struct workload *ret_workload,
                   struct complaint *ret_complaint);

/* Write as SWF (temporary file, sync, rename); .gz and .zst by name. */
int workload_write_swf(const struct workload *workload,
                       const char *path,
                       const char *note,
                       struct complaint *ret_complaint);

/* CPU time of one process of the job: cpu_us where known, else runtime_us. */
uint64_t job_work_us(const struct job *job);

/* Divide all dates and think times so that the work of the trace over its span
 * is share of what core_count reference cores give. 0, or -EINVAL if the trace
 * has no span or no work. Returns the factor that dates were multiplied by. */
int workload_scale_load(struct workload *workload,
                        double share,
                        double core_count,
                        double *ret_factor);

#endif /* TRACES_WORKLOAD_H */
