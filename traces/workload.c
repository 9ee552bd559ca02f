/* workload.c - a trace as a list of jobs: from a file, scaled, let go. */
#include "workload.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "formats.h"

struct workload_options workload_options_default(void)
{
    return (struct workload_options){
        .format = FORMAT_BY_NAME,
        .parallel = PARALLEL_PROCESSES,
        .cut_until_us = UINT64_MAX,
    };
}

void workload_finish(struct workload *workload)
{
    free(workload->jobs);
    free(workload->origin);
    *workload = (struct workload){0};
}

static int parse(const char *text,
                 size_t text_bytes,
                 const char *name,
                 const struct sidecar *sidecar,
                 const struct workload_options *options,
                 struct workload *ret_workload,
                 struct complaint *ret_complaint)
{
    assert(options->format != FORMAT_BY_NAME);
    assert(text[text_bytes] == '\0');
    struct workload workload = {.origin = strdup(name)};
    struct reader reader = {.name = name,
                            .options = options,
                            .workload = &workload,
                            .complaint = ret_complaint};
    int error = 0;
    const char *zero = memchr(text, '\0', text_bytes);
    if (!workload.origin)
        error = complain(ret_complaint, -ENOMEM, name, 0, 0, "no memory left");
    else if (zero)
        error = complain(ret_complaint, -EINVAL, name, 0, 0,
                         "binary: byte %zu is a NUL; a trace is text, plain or "
                         "in .gz or .zst",
                         (size_t)(zero - text) + 1);
    else if (options->format == FORMAT_SWF)
        error = swf_read(text, text_bytes, sidecar, &reader);
    else if (options->format == FORMAT_GWF)
        error = gwf_read(text, text_bytes, &reader);
    else if (options->format == FORMAT_BATSIM)
        error = batsim_read(text, text_bytes, &reader);
    else
        error = csv_read(text, text_bytes, &reader);
    free(reader.links);
    if (error)
        workload_finish(&workload);
    else
        *ret_workload = workload;
    return error;
}

int workload_parse(const char *text,
                   size_t text_bytes,
                   const char *name,
                   const struct workload_options *options,
                   struct workload *ret_workload,
                   struct complaint *ret_complaint)
{
    return parse(text, text_bytes, name, NULL, options, ret_workload,
                 ret_complaint);
}

static int format_of(const char *path,
                     enum workload_format wanted,
                     enum workload_format *ret_format,
                     struct complaint *ret_complaint)
{
    if (wanted != FORMAT_BY_NAME)
        *ret_format = wanted;
    else if (file_name_ends(path, ".swf", NULL))
        *ret_format = FORMAT_SWF;
    else if (file_name_ends(path, ".csv", NULL))
        *ret_format = FORMAT_CSV;
    else if (file_name_ends(path, ".gwf", NULL))
        *ret_format = FORMAT_GWF;
    else if (file_name_ends(path, ".json", NULL))
        *ret_format = FORMAT_BATSIM;
    else
        return complain(ret_complaint, -EINVAL, path, 0, 0,
                        "its name does not say its format; end it in .swf, "
                        ".csv, .gwf or .json (before .gz or .zst), or name the "
                        "format");
    return 0;
}

int workload_read(const char *path,
                  const struct workload_options *options,
                  struct workload *ret_workload,
                  struct complaint *ret_complaint)
{
    struct workload_options chosen = *options;
    int error = format_of(path, options->format, &chosen.format, ret_complaint);
    if (error)
        return error;

    struct file_text text;
    error = file_open(path, &text, ret_complaint);
    if (error)
        return error;
    struct sidecar sidecar = {0};
    if (chosen.format == FORMAT_SWF)
        error = sidecar_read(path, &sidecar, ret_complaint);
    if (!error)
        error = parse(text.start, text.byte_count, path,
                      sidecar.path ? &sidecar : NULL, &chosen, ret_workload,
                      ret_complaint);
    sidecar_finish(&sidecar);
    file_close(&text);
    return error;
}

uint64_t job_work_us(const struct job *job)
{
    return job->cpu_us != JOB_UNKNOWN ? job->cpu_us : job->runtime_us;
}

int workload_scale_load(struct workload *workload,
                        double share,
                        double core_count,
                        double *ret_factor)
{
    if (!(share > 0) || !(core_count > 0) || workload->count == 0)
        return -EINVAL;
    struct job *jobs = workload->jobs;
    uint64_t first_us = jobs[0].submit_us;
    double span_us = (double)(jobs[workload->count - 1].submit_us - first_us);
    double work_us = 0;
    for (size_t i = 0; i < workload->count; i++)
        if (job_work_us(&jobs[i]) != JOB_UNKNOWN)
            work_us += (double)job_work_us(&jobs[i]) * jobs[i].width;
    if (!(span_us > 0) || !(work_us > 0))
        return -EINVAL;

    double factor = work_us / (span_us * share * core_count);
    for (size_t i = 0; i < workload->count; i++) {
        jobs[i].submit_us =
            (uint64_t)llround((double)jobs[i].submit_us * factor);
        jobs[i].think_us = (uint64_t)llround((double)jobs[i].think_us * factor);
    }
    *ret_factor = factor;
    return 0;
}
