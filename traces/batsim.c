/* batsim.c - workloads of Batsim (Dutot, Mercier, Poquet and Richard, JSSPP
 * 2016): JSON with jobs, and profiles that say what they do.
 *
 * A job waits for its profile's delay on each of its processors, or computes.
 * Profiles that communicate, replay or read files are not modelled: their jobs
 * are bad rows, as others are.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "formats.h"
#include "json_place.h"

enum { DEPTH_MAX = 16, REPEAT_MAX = 1000000, STEPS_MAX = 10000 };
static const double SECONDS_MAX = 9e12;

struct batsim
{
    struct reader *reader;
    const char *text;
    json_t *profiles;
    uint64_t first_us;
};

/* What a profile takes on each processor. */
struct need
{
    double wait_s; /* Delays; */
    double flops;  /* and work of one. */
};

/* Why a job cannot be run, and which profile's key says so. */
struct fault
{
    size_t steps; /* Profiles looked at so far. */
    const char *profile;
    const char *key;
    char why[200];
};

static int blame(struct fault *fault,
                 const char *profile,
                 const char *key,
                 const char *why,
                 const char *what)
{
    fault->profile = profile;
    fault->key = key;
    snprintf(fault->why, sizeof fault->why, why, what);
    return -EINVAL;
}

/* A number of at least 0; fallback if it is not there (NAN: it must be). */
static int amount(json_t *profile,
                  const char *name,
                  const char *key,
                  double fallback,
                  double *ret_amount,
                  struct fault *fault)
{
    json_t *value = json_object_get(profile, key);
    *ret_amount = fallback;
    if (!value && !isnan(fallback))
        return 0;
    if (!json_is_number(value) || json_number_value(value) < 0 ||
        json_number_value(value) > 1e300)
        return blame(fault, name, key, "%s is no number from 0 on", key);
    *ret_amount = json_number_value(value);
    return 0;
}

static int need_of(const struct batsim *b,
                   const char *name,
                   double width,
                   size_t depth,
                   struct need *need,
                   struct fault *fault);

/* A sequence of profiles, run over and over. */
static int need_of_sequence(const struct batsim *b,
                            json_t *profile,
                            const char *name,
                            double width,
                            size_t depth,
                            struct need *need,
                            struct fault *fault)
{
    json_t *list = json_object_get(profile, "seq");
    const char *key = json_object_get(profile, "repeat") ? "repeat" : "nb";
    double times;
    int error = amount(profile, name, key, 1, &times, fault);
    if (error)
        return error;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return blame(fault, name, "seq", "%s is no list of profiles", "seq");
    if (times > REPEAT_MAX)
        return blame(fault, name, key, "%s is above 1,000,000", key);
    struct need once = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *part = json_string_value(json_array_get(list, i));
        if (!part)
            return blame(fault, name, "seq", "%s is no list of profiles",
                         "seq");
        error = need_of(b, part, width, depth + 1, &once, fault);
        if (error)
            return error;
    }
    need->wait_s += times * once.wait_s;
    need->flops += times * once.flops;
    return 0;
}

static int need_of_work(const struct batsim *b,
                        json_t *profile,
                        const char *name,
                        bool total,
                        double width,
                        struct need *need,
                        struct fault *fault)
{
    double flops;
    double bytes;
    int error = amount(profile, name, "cpu", NAN, &flops, fault);
    if (!error)
        error = amount(profile, name, "com", 0, &bytes, fault);
    if (error)
        return error;
    if (bytes > 0)
        return blame(fault, name, "com",
                     "%s: processes that send each other data are not modelled",
                     "com");
    if (!(b->reader->options->flops_per_s > 0))
        return blame(fault, name, "cpu",
                     "%s is in operations; say how many a reference core does "
                     "in a second: vencejo trace convert --flops 1e9",
                     "cpu");
    need->flops += total ? flops / width : flops;
    return 0;
}

/* Added to need. */
static int need_of(const struct batsim *b,
                   const char *name,
                   double width,
                   size_t depth,
                   struct need *need,
                   struct fault *fault)
{
    json_t *profile = json_object_get(b->profiles, name);
    const char *type = json_string_value(json_object_get(profile, "type"));
    double delay;
    if (!json_is_object(profile))
        return blame(fault, NULL, "profile", "there is no profile %.60s", name);
    if (!type)
        return blame(fault, name, "type", "a profile needs a %s", "type");
    if (++fault->steps > STEPS_MAX)
        return blame(fault, name, "seq",
                     "%.60s: with what stands in it, more than 10,000 profiles",
                     name);
    if (depth == DEPTH_MAX)
        return blame(fault, name, "seq",
                     "%.60s: sequences stand in each other more than 16 deep, "
                     "or one in itself",
                     name);
    if (strcmp(type, "delay") == 0) {
        int error = amount(profile, name, "delay", NAN, &delay, fault);
        need->wait_s += error ? 0 : delay;
        return error;
    }
    if (strcmp(type, "parallel_homogeneous") == 0)
        return need_of_work(b, profile, name, false, width, need, fault);
    if (strcmp(type, "parallel_homogeneous_total") == 0)
        return need_of_work(b, profile, name, true, width, need, fault);
    if (strcmp(type, "composed") == 0 || strcmp(type, "sequence") == 0)
        return need_of_sequence(b, profile, name, width, depth, need, fault);
    return blame(fault, name, "type",
                 "profiles of type %.40s are not modelled; delay, "
                 "parallel_homogeneous, parallel_homogeneous_total and "
                 "composed are",
                 type);
}

/* Looking for it takes a walk through the text, so only if it is shown. */
static bool shows(const struct batsim *b)
{
    return !b->reader->options->lenient || b->reader->workload->bad_count < 5;
}

static int bad_profile(const struct batsim *b,
                       size_t index,
                       const struct fault *fault)
{
    struct place place = {.line = 0};
    if (shows(b))
        place = json_place_in(b->text, "profiles", fault->profile, fault->key);
    return reader_bad(b->reader, place, "%s (job %zu of the list)", fault->why,
                      index + 1);
}

static int bad_job(const struct batsim *b,
                   size_t index,
                   const char *key,
                   const char *why)
{
    struct place place = {.line = 0};
    if (shows(b))
        place = json_place_of(b->text, "jobs", index, key);
    return reader_bad(b->reader, place, "%s", why);
}

/* Batsim kills a job at its walltime; -1, or none: never. */
static double limit_of(json_t *job)
{
    json_t *limit = json_object_get(job, "walltime");
    return json_is_number(limit) && json_number_value(limit) >= 0
               ? json_number_value(limit)
               : INFINITY;
}

static int add_job(struct batsim *b, size_t index, json_t *source)
{
    json_t *id = json_object_get(source, "id");
    json_t *submit = json_object_get(source, "subtime");
    json_t *width = json_object_get(source, "res");
    const char *profile = json_string_value(json_object_get(source, "profile"));
    struct need need = {0};
    struct fault fault = {.steps = 0};
    if (!json_is_number(submit) || json_number_value(submit) < 0 ||
        json_number_value(submit) > SECONDS_MAX)
        return bad_job(b, index, "subtime",
                       "a job needs a subtime, in seconds from 0 on");
    if (!json_is_integer(width) || json_integer_value(width) < 1 ||
        json_integer_value(width) > UINT32_MAX)
        return bad_job(b, index, "res",
                       "a job needs res, a whole number of processors from 1 "
                       "on");
    if (!profile)
        return bad_job(b, index, "profile",
                       "a job needs a profile, the name of one");
    uint64_t submit_us = (uint64_t)llround(json_number_value(submit) * 1e6);
    if (submit_us < b->first_us)
        b->first_us = submit_us;
    if (need_of(b, profile, (double)json_integer_value(width), 0, &need,
                &fault))
        return fault.profile ? bad_profile(b, index, &fault)
                             : bad_job(b, index, fault.key, fault.why);
    double cpu_s =
        need.flops > 0 ? need.flops / b->reader->options->flops_per_s : 0;
    double run_s = fmin(need.wait_s + cpu_s, limit_of(source));
    if (run_s > SECONDS_MAX)
        return bad_job(b, index, "profile", "it runs longer than any trace");
    uint64_t run_us = (uint64_t)llround(run_s * 1e6);
    if (run_us == 0) {
        b->reader->workload->skipped_count++;
        return 0;
    }
    struct job job = {
        .number = json_is_integer(id) && json_integer_value(id) >= 0
                      ? (uint64_t)json_integer_value(id)
                      : index + 1,
        .submit_us = submit_us,
        .runtime_us = run_us,
        .cpu_us = JOB_UNKNOWN,
        .mem_bytes = JOB_UNKNOWN,
        .read_bytes = JOB_UNKNOWN,
        .write_bytes = JOB_UNKNOWN,
        .width = (uint32_t)json_integer_value(width),
        .after = JOB_NONE,
    };
    struct place place = {.line = 0};
    if (job.width > 1 && b->reader->options->parallel == PARALLEL_REFUSE)
        place = json_place_of(b->text, "jobs", index, "res");
    return reader_add(b->reader, &job, place);
}

static int add_jobs(struct batsim *b, json_t *root)
{
    struct reader *reader = b->reader;
    json_t *jobs = json_object_get(root, "jobs");
    b->profiles = json_object_get(root, "profiles");
    if (!json_is_array(jobs) || !json_is_object(b->profiles))
        return complain(reader->complaint, -EINVAL, reader->name, 1, 1,
                        "a workload of Batsim is an object with a list `jobs` "
                        "and an object `profiles`; this has no %s",
                        json_is_array(jobs) ? "profiles" : "jobs");
    int error = reader_expect(reader, json_array_size(jobs) + 1);
    for (size_t i = 0; i < json_array_size(jobs) && !error; i++) {
        json_t *job = json_array_get(jobs, i);
        error = json_is_object(job) ? add_job(b, i, job)
                                    : bad_job(b, i, NULL, "a job is an object");
    }
    return error;
}

int batsim_read(const char *text, size_t text_bytes, struct reader *reader)
{
    struct batsim b = {.reader = reader, .text = text, .first_us = UINT64_MAX};
    json_error_t wrong;
    json_t *root = json_loadb(text, text_bytes, JSON_REJECT_DUPLICATES, &wrong);
    if (!root)
        return complain(reader->complaint, -EINVAL, reader->name,
                        wrong.line > 0 ? (size_t)wrong.line : 1,
                        wrong.column > 0 ? (size_t)wrong.column : 1,
                        "not JSON: %s", wrong.text);
    int error = add_jobs(&b, root);
    if (!error)
        error = reader_finish(reader, b.first_us);
    json_decref(root);
    return error;
}
