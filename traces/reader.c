/* reader.c - rows in, a workload out. */
#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"

enum { FIRST_ROOM = 1024, BAD_KEPT_MAX = 5 };

static int complain_of_memory(struct reader *reader)
{
    return complain(reader->complaint, -ENOMEM, reader->name, 0, 0,
                    "not enough memory for its rows; cut it into parts");
}

int reader_bad(struct reader *reader, struct place place, const char *text, ...)
{
    char line[sizeof reader->complaint->text];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(line, sizeof line, text, arguments);
    va_end(arguments);

    if (!reader->options->lenient)
        return complain(reader->complaint, -EINVAL, reader->name, place.line,
                        place.column, "%s", line);
    struct workload *workload = reader->workload;
    if (workload->bad_count < BAD_KEPT_MAX)
        complain(&workload->bad[workload->bad_count], -EINVAL, reader->name,
                 place.line, place.column, "%s", line);
    workload->bad_count++;
    return 0;
}

int reader_expect(struct reader *reader, size_t count)
{
    struct workload *workload = reader->workload;
    if (count <= reader->room - workload->count)
        return 0;
    size_t room = workload->count + count;
    struct job *jobs = reallocarray(workload->jobs, room, sizeof *jobs);
    if (!jobs)
        return complain_of_memory(reader);
    pages_advise(jobs + workload->count, count * sizeof *jobs);
    workload->jobs = jobs;
    reader->room = room;
    return 0;
}

static void note_what_is_known(struct workload *workload, const struct job *job)
{
    workload->has_cpu |= job->cpu_us != JOB_UNKNOWN;
    workload->has_mem |= job->mem_bytes != JOB_UNKNOWN;
    workload->has_io |=
        job->read_bytes != JOB_UNKNOWN || job->write_bytes != JOB_UNKNOWN;
}

int reader_add(struct reader *reader, const struct job *job, struct place place)
{
    struct workload *workload = reader->workload;
    if (job->width > 1) {
        switch (reader->options->parallel) {
            case PARALLEL_PROCESSES:
                break;
            case PARALLEL_SERIAL_ONLY:
                workload->skipped_count++;
                return 0;
            case PARALLEL_REFUSE:
                return complain(
                    reader->complaint, -EINVAL, reader->name, place.line,
                    place.column,
                    "a parallel job of %" PRIu32
                    " processors, which was to be refused; read it as "
                    "processes or leave parallel jobs out",
                    job->width);
        }
    }
    if (workload->count == UINT32_MAX - 1)
        return complain(reader->complaint, -EFBIG, reader->name, place.line, 0,
                        "more rows than can be numbered; cut it into parts");
    size_t more = reader->room ? reader->room : FIRST_ROOM;
    int error =
        workload->count == reader->room ? reader_expect(reader, more) : 0;
    if (error)
        return error;
    workload->jobs[workload->count++] = *job;
    note_what_is_known(workload, job);
    return 0;
}

int reader_link(struct reader *reader,
                uint64_t number,
                uint64_t preceding,
                struct place place)
{
    if (reader->link_count == reader->link_room) {
        size_t room = reader->link_room ? reader->link_room * 2 : FIRST_ROOM;
        struct link *links = reallocarray(reader->links, room, sizeof *links);
        if (!links)
            return complain_of_memory(reader);
        reader->links = links;
        reader->link_room = room;
    }
    reader->links[reader->link_count++] =
        (struct link){.number = number, .preceding = preceding, .place = place};
    return 0;
}

static int compare_jobs(const void *left, const void *right)
{
    const struct job *a = left;
    const struct job *b = right;
    if (a->submit_us != b->submit_us)
        return a->submit_us < b->submit_us ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* Dates from the first moment on, rows in their order: one walk through them
 * all where they are in order, as they nearly always are. */
static void order(struct workload *workload, uint64_t first_us)
{
    struct job *jobs = workload->jobs;
    bool ordered = true;
    for (size_t i = 0; i < workload->count; i++) {
        assert(first_us <= jobs[i].submit_us);
        jobs[i].submit_us -= first_us;
        ordered =
            ordered && (i == 0 || compare_jobs(&jobs[i - 1], &jobs[i]) <= 0);
    }
    if (!ordered)
        qsort(jobs, workload->count, sizeof *jobs, compare_jobs);
}

/* Where each number is in the workload. */
struct numbered
{
    uint64_t number;
    uint32_t index;
};

static int compare_numbered(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static struct numbered *number_rows(const struct workload *workload)
{
    struct numbered *rows = calloc(workload->count + 1, sizeof *rows);
    if (!rows)
        return NULL;
    for (size_t i = 0; i < workload->count; i++)
        rows[i] = (struct numbered){.number = workload->jobs[i].number,
                                    .index = (uint32_t)i};
    qsort(rows, workload->count, sizeof *rows, compare_numbered);
    return rows;
}

/* The one row with this number; JOB_NONE, with ret_count 0 or many, if not. */
static uint32_t find_row(const struct numbered *rows,
                         size_t count,
                         uint64_t number,
                         size_t *ret_count)
{
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    size_t found = 0;
    while (low + found < count && rows[low + found].number == number)
        found++;
    *ret_count = found;
    return found == 1 ? rows[low].index : JOB_NONE;
}

static int tie(struct reader *reader,
               const struct link *link,
               const struct numbered *rows)
{
    struct workload *workload = reader->workload;
    size_t own_count;
    size_t preceding_count;
    uint32_t own = find_row(rows, workload->count, link->number, &own_count);
    uint32_t preceding =
        find_row(rows, workload->count, link->preceding, &preceding_count);
    if (own_count > 1 || preceding_count > 1)
        return complain(reader->complaint, -EINVAL, reader->name,
                        link->place.line, link->place.column,
                        "waits for job %" PRIu64
                        ", but a number of the two names several rows; give "
                        "each row a number of its own",
                        link->preceding);
    /* One that never ran, or was left out, cannot be waited for: the row then
     * comes at its date. */
    if (own == JOB_NONE || preceding == JOB_NONE)
        return 0;
    if (own <= preceding) {
        workload->jobs[own].width = 0; /* For cut() to leave it out. */
        return reader_bad(reader, link->place,
                          "waits for job %" PRIu64
                          ", which is not submitted before it; a row can "
                          "only wait for an earlier one",
                          link->preceding);
    }
    workload->jobs[own].after = preceding;
    return 0;
}

static int tie_all(struct reader *reader)
{
    if (reader->link_count == 0)
        return 0;
    struct numbered *rows = number_rows(reader->workload);
    if (!rows)
        return complain_of_memory(reader);
    int error = 0;
    for (size_t i = 0; i < reader->link_count && !error; i++)
        error = tie(reader, &reader->links[i], rows);
    free(rows);
    return error;
}

/* Without links or limits every row stays as it is. */
static bool cuts(const struct reader *reader)
{
    const struct workload_options *options = reader->options;
    return reader->link_count > 0 || options->cut_from_us > 0 ||
           options->cut_until_us < UINT64_MAX || options->max_count > 0;
}

static bool is_kept(const struct job *job,
                    const struct workload_options *options)
{
    return job->width > 0 && options->cut_from_us <= job->submit_us &&
           job->submit_us < options->cut_until_us;
}

/* Leave out bad rows, those outside [from, until) and all beyond max_count.
 * Rows that wait for one that is left out come at their dates. */
static int cut(struct reader *reader)
{
    const struct workload_options *options = reader->options;
    struct workload *workload = reader->workload;
    uint32_t *new_index = calloc(workload->count + 1, sizeof *new_index);
    if (!new_index)
        return complain_of_memory(reader);
    size_t limit = options->max_count > 0 ? options->max_count : SIZE_MAX;
    size_t kept = 0;
    workload->has_cpu = workload->has_mem = workload->has_io = false;
    for (size_t i = 0; i < workload->count; i++) {
        struct job job = workload->jobs[i];
        new_index[i] = JOB_NONE;
        if (kept == limit || !is_kept(&job, options))
            continue;
        if (job.after != JOB_NONE)
            job.after = new_index[job.after];
        if (job.after == JOB_NONE)
            job.think_us = 0;
        job.submit_us -= options->cut_from_us;
        new_index[i] = (uint32_t)kept;
        workload->jobs[kept++] = job;
        note_what_is_known(workload, &job);
        workload->has_after |= job.after != JOB_NONE;
    }
    workload->count = kept;
    free(new_index);
    return 0;
}

int reader_finish(struct reader *reader, uint64_t first_us)
{
    struct workload *workload = reader->workload;
    order(workload, first_us);
    int error = tie_all(reader);
    if (error)
        return error;
    error = cuts(reader) ? cut(reader) : 0;
    if (error)
        return error;
    if (workload->count == 0)
        return complain(reader->complaint, -EINVAL, reader->name, 0, 0,
                        "no row is left: %zu never ran or were left out, %zu "
                        "lines are bad, the rest is cut off; look at the "
                        "format and at the cut",
                        workload->skipped_count, workload->bad_count);
    return 0;
}
