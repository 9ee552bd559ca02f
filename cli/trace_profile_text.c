/* trace_profile_text.c - a profile for people and for pipes. */
#include <math.h>
#include <string.h>

#include "trace_profile.h"

enum { BAR_WIDTH = 40 };

static const double bytes_per_mib = 1048576;

static void print_spread(FILE *out,
                         const char *name,
                         const struct spread *spread,
                         double unit)
{
    if (spread->count == 0) {
        fprintf(out, "%-12s unknown\n", name);
        return;
    }
    fprintf(out, "%-12s %7zu %9.4g %6.3g", name, spread->count,
            spread->mean / unit, spread->cv);
    for (size_t i = 0; i < PROFILE_QUANTILES; i++)
        fprintf(out, " %8.3g", spread->quantiles[i] / unit);
    fputc('\n', out);
}

static void print_ages(FILE *out, const struct profile *profile)
{
    fputs(
        "\nDoes age t predict remaining life?\n"
        "     age t s   alive  P(T>2t|T>t)  median remaining s  / t\n",
        out);
    for (size_t i = 0; i < profile->age_count; i++) {
        const struct age *age = &profile->ages[i];
        fprintf(out, "  %10.4g %7zu  %11.3f  %18.4g  %.3g\n", age->age_s,
                age->alive_count, age->survival, age->median_remaining_s,
                age->median_remaining_s / age->age_s);
    }
    if (!isnan(profile->age_slope))
        fprintf(out,
                "Median remaining life grows as age to the power %.2f (1: in "
                "proportion,\nas a Pareto law; 0: age says nothing, as an "
                "exponential law).\n",
                profile->age_slope);
}

static void print_histogram(FILE *out, const struct profile *profile)
{
    static const char bar[] = "########################################";
    size_t most = 1;
    for (size_t i = 0; i < profile->bin_count; i++)
        if (most < profile->bins[i])
            most = profile->bins[i];
    fputs("\nWork of a process, s\n", out);
    double low_s = profile->bin_low_s;
    for (size_t i = 0; i < profile->bin_count; i++, low_s *= 2) {
        int length = (int)(profile->bins[i] * BAR_WIDTH / most);
        /* What is there is seen. */
        if (length == 0 && profile->bins[i] > 0)
            length = 1;
        fprintf(out, "  from %10.4g %7zu %.*s\n", low_s, profile->bins[i],
                length, bar);
    }
}

void profile_print_text(FILE *out,
                        const struct workload *workload,
                        const struct profile *profile)
{
    fprintf(out, "%s\n", workload->origin);
    fprintf(out,
            "rows         %zu, %zu parallel, %llu processes; left out: "
            "%zu that never ran, %zu bad\n",
            profile->row_count, profile->parallel_count,
            (unsigned long long)profile->process_count, workload->skipped_count,
            workload->bad_count);
    fprintf(out,
            "arrivals     over %.6g s, %.4g per hour, CV of the gaps %.3g "
            "(Poisson: 1)\n",
            profile->span_s, profile->arrivals_per_h, profile->gap_cv);
    fprintf(out, "load         %.4g s of work: %.4g reference cores\n",
            profile->work_total_s, profile->load_in_cores);
    fprintf(out, "also known   %s%s%s\n",
            workload->has_io ? "bytes read and written; " : "",
            workload->has_after ? "who waits for whom; " : "",
            workload->has_cpu ? "CPU time" : "no CPU time: run time is work");
    fputs(
        "\n               count      mean     CV       5%      25%      50%  "
        "    75%      95%      99%      max\n",
        out);
    print_spread(out, "run time s", &profile->runtime_s, 1);
    print_spread(out, "CPU time s", &profile->cpu_s, 1);
    print_spread(out, "memory MiB", &profile->mem_bytes, bytes_per_mib);

    const struct tail *tail = &profile->work_tail;
    if (tail->count > 0)
        fprintf(out,
                "\nTail index of work (Hill, largest %zu): %.3f, 95 %% in "
                "%.3f .. %.3f\n",
                tail->count, tail->index, tail->low, tail->high);
    print_ages(out, profile);
    print_histogram(out, profile);
}

static void tsv_spread(FILE *out, const char *name, const struct spread *spread)
{
    fprintf(out, "%s\tcount\t%zu\n", name, spread->count);
    fprintf(out, "%s\tmean\t%.17g\n", name, spread->mean);
    fprintf(out, "%s\tcv\t%.17g\n", name, spread->cv);
    for (size_t i = 0; i < PROFILE_QUANTILES; i++)
        fprintf(out, "%s\tq%g\t%.17g\n", name, profile_shares[i],
                spread->quantiles[i]);
}

void profile_print_tsv(FILE *out,
                       const struct workload *workload,
                       const struct profile *profile)
{
    fputs("quantity\tstatistic\tvalue\n", out);
    fprintf(out, "rows\tcount\t%zu\n", profile->row_count);
    fprintf(out, "rows\tskipped\t%zu\n", workload->skipped_count);
    fprintf(out, "rows\tbad\t%zu\n", workload->bad_count);
    fprintf(out, "rows\tparallel\t%zu\n", profile->parallel_count);
    fprintf(out, "rows\tprocesses\t%llu\n",
            (unsigned long long)profile->process_count);
    fprintf(out, "arrivals\tspan_s\t%.17g\n", profile->span_s);
    fprintf(out, "arrivals\tper_h\t%.17g\n", profile->arrivals_per_h);
    fprintf(out, "arrivals\tgap_cv\t%.17g\n", profile->gap_cv);
    fprintf(out, "load\twork_s\t%.17g\n", profile->work_total_s);
    fprintf(out, "load\tcores\t%.17g\n", profile->load_in_cores);
    tsv_spread(out, "runtime_s", &profile->runtime_s);
    tsv_spread(out, "cpu_s", &profile->cpu_s);
    tsv_spread(out, "mem_bytes", &profile->mem_bytes);
    tsv_spread(out, "work_s", &profile->work_s);
    fprintf(out, "tail\tcount\t%zu\n", profile->work_tail.count);
    fprintf(out, "tail\tindex\t%.17g\n", profile->work_tail.index);
    fprintf(out, "tail\tlow\t%.17g\n", profile->work_tail.low);
    fprintf(out, "tail\thigh\t%.17g\n", profile->work_tail.high);
    fprintf(out, "age\tslope\t%.17g\n", profile->age_slope);
    for (size_t i = 0; i < profile->age_count; i++) {
        const struct age *age = &profile->ages[i];
        fprintf(out, "age_%g_s\talive\t%zu\n", age->age_s, age->alive_count);
        fprintf(out, "age_%g_s\tsurvival\t%.17g\n", age->age_s, age->survival);
        fprintf(out, "age_%g_s\tmedian_remaining_s\t%.17g\n", age->age_s,
                age->median_remaining_s);
    }
}
