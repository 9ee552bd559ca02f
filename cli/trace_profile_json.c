/* trace_profile_json.c - a profile as JSON. */
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "trace_profile.h"

/* JSON has no NAN. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *spread_json(const struct spread *spread)
{
    json_t *quantiles = json_object();
    for (size_t i = 0; i < PROFILE_QUANTILES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%g", profile_shares[i]);
        json_object_set_new(quantiles, name, number(spread->quantiles[i]));
    }
    return json_pack("{s:I, s:o, s:o, s:o}", "count", (json_int_t)spread->count,
                     "mean", number(spread->mean), "cv", number(spread->cv),
                     "quantiles", quantiles);
}

static json_t *tail_json(const struct tail *tail)
{
    return json_pack("{s:I, s:o, s:o, s:o}", "count", (json_int_t)tail->count,
                     "index", number(tail->index), "low", number(tail->low),
                     "high", number(tail->high));
}

static json_t *ages_json(const struct profile *profile)
{
    json_t *ages = json_array();
    for (size_t i = 0; i < profile->age_count; i++) {
        const struct age *age = &profile->ages[i];
        json_array_append_new(
            ages,
            json_pack("{s:f, s:I, s:f, s:f}", "age_s", age->age_s, "alive",
                      (json_int_t)age->alive_count, "survival", age->survival,
                      "median_remaining_s", age->median_remaining_s));
    }
    return ages;
}

int profile_print_json(FILE *out,
                       const struct workload *workload,
                       const struct profile *profile)
{
    json_t *value = json_pack(
        "{s:s, s:{s:I, s:I, s:I, s:I, s:I}, s:{s:o, s:o, s:o}, s:{s:o, s:o}, "
        "s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "trace", workload->origin, "rows", "count",
        (json_int_t)profile->row_count, "skipped",
        (json_int_t)workload->skipped_count, "bad",
        (json_int_t)workload->bad_count, "parallel",
        (json_int_t)profile->parallel_count, "processes",
        (json_int_t)profile->process_count, "arrivals", "span_s",
        number(profile->span_s), "per_h", number(profile->arrivals_per_h),
        "gap_cv", number(profile->gap_cv), "load", "work_s",
        number(profile->work_total_s), "cores", number(profile->load_in_cores),
        "has_io", workload->has_io, "has_after", workload->has_after,
        "runtime_s", spread_json(&profile->runtime_s), "cpu_s",
        spread_json(&profile->cpu_s), "work_s", spread_json(&profile->work_s),
        "mem_bytes", spread_json(&profile->mem_bytes), "work_tail",
        tail_json(&profile->work_tail), "ages", ages_json(profile), "age_slope",
        number(profile->age_slope));
    if (!value)
        return -ENOMEM;
    int failed = json_dumpf(value, out, JSON_INDENT(2));
    json_decref(value);
    fputc('\n', out);
    return failed ? -EIO : 0;
}
