/* swf_write.c - a workload as SWF, and beside it what SWF has no field for. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "sidecar.h"
#include "workload.h"

/* Seconds with as many decimals as there are, -1 for unknown. */
static void print_seconds(FILE *out, uint64_t us)
{
    if (us == JOB_UNKNOWN)
        fputs(" -1", out);
    else if (us % 1000000 == 0)
        fprintf(out, " %" PRIu64, us / 1000000);
    else
        fprintf(out, " %" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

/* KiB; four decimals give each byte back exactly. */
static void print_memory(FILE *out, uint64_t bytes)
{
    if (bytes == JOB_UNKNOWN)
        fputs(" -1", out);
    else if (bytes % 1024 == 0)
        fprintf(out, " %" PRIu64, bytes / 1024);
    else
        fprintf(out, " %" PRIu64 ".%04" PRIu64, bytes / 1024,
                bytes % 1024 * 10000 / 1024);
}

static void print_id(FILE *out, uint32_t id, bool known)
{
    if (!known)
        fputs(" -1", out);
    else
        fprintf(out, " %" PRIu32, id);
}

/* Each line of a note becomes a line of the header. */
static void print_note(FILE *out, const char *note)
{
    while (*note) {
        size_t length = strcspn(note, "\n");
        fprintf(out, "; Note: %.*s\n", (int)length, note);
        note += length + (note[length] == '\n');
    }
}

static void print_row(FILE *out, const struct workload *workload, size_t index)
{
    const struct job *job = &workload->jobs[index];
    fprintf(out, "%" PRIu64, job->number);
    print_seconds(out, job->submit_us);
    fputs(" -1", out);
    /* A row without a run time counts as one that never ran. */
    print_seconds(
        out, job->runtime_us != JOB_UNKNOWN ? job->runtime_us : job->cpu_us);
    fprintf(out, " %" PRIu32, job->width);
    print_seconds(out, job->cpu_us);
    print_memory(out, job->mem_bytes);
    fprintf(out, " %" PRIu32 " -1 -1 1", job->width);
    print_id(out, job->user, job->has_user);
    fputs(" -1", out);
    print_id(out, job->program, job->program > 0);
    fputs(" -1", out);
    print_id(out, job->partition, job->partition > 0);
    if (job->after == JOB_NONE) {
        fputs(" -1 -1\n", out);
        return;
    }
    fprintf(out, " %" PRIu64, workload->jobs[job->after].number);
    print_seconds(out, job->think_us);
    fputc('\n', out);
}

static void print_swf(FILE *out,
                      const struct workload *workload,
                      const char *note)
{
    fprintf(out,
            "; Version: 2.2\n"
            "; MaxJobs: %zu\n"
            "; MaxRecords: %zu\n"
            "; Note: from %s\n",
            workload->count, workload->count, workload->origin);
    print_note(out, note);
    for (size_t i = 0; i < workload->count; i++)
        print_row(out, workload, i);
}

static void print_known(FILE *out, uint64_t value)
{
    if (value == JOB_UNKNOWN)
        fputs("\t-1", out);
    else
        fprintf(out, "\t%" PRIu64, value);
}

static void print_tsv(FILE *out, const struct workload *workload)
{
    fputs("job\tread_bytes\twrite_bytes\n", out);
    for (size_t i = 0; i < workload->count; i++) {
        const struct job *job = &workload->jobs[i];
        fprintf(out, "%" PRIu64, job->number);
        print_known(out, job->read_bytes);
        print_known(out, job->write_bytes);
        fputc('\n', out);
    }
}

/* The TSV first: an SWF without its TSV is a whole trace, not the reverse. */
static int write_sidecar(const struct workload *workload,
                         const char *path,
                         struct complaint *ret_complaint)
{
    if (!workload->has_io)
        return 0;
    char *name = sidecar_name(path);
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    int error = 0;
    if (out)
        print_tsv(out, workload);
    if (!name || !out || fclose(out))
        error = complain(ret_complaint, -ENOMEM, path, 0, 0, "no memory left");
    else
        error = file_write(name, text, text_bytes, ret_complaint);
    free(text);
    free(name);
    return error;
}

int workload_write_swf(const struct workload *workload,
                       const char *path,
                       const char *note,
                       struct complaint *ret_complaint)
{
    int error = write_sidecar(workload, path, ret_complaint);
    if (error)
        return error;
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    if (out)
        print_swf(out, workload, note ? note : "");
    if (!out || fclose(out))
        error = complain(ret_complaint, -ENOMEM, path, 0, 0, "no memory left");
    else
        error = file_write(path, text, text_bytes, ret_complaint);
    free(text);
    return error;
}
