/* trace_fit.c - vencejo-trace fit: which laws and arrivals a trace follows. */
#include <argp.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../traces/fit.h"
#include "../traces/profile.h"
#include "table.h"
#include "terminal.h"
#include "trace.h"
#include "trace_input.h"

enum { OPTION_BEGINS = 512, ROWS_MAX = 64, TEXT_BYTES = 32 };

struct request
{
    struct trace_input input;
    uint64_t begins_us; /* After midnight. */
    bool json;
};

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print JSON", 0},
    {"begins", OPTION_BEGINS, "TIME", 0,
     "How long after midnight the trace begins, for the day of the model of "
     "Lublin and Feitelson (0s)",
     0},
    {0},
};

static const char doc[] =
    "Fit arrivals and laws to a trace by maximum likelihood, with standard "
    "errors: Poisson and modulated Poisson arrivals, laws of work, the best "
    "by Akaike's criterion first, and the model of Lublin and Feitelson. "
    "`vencejo trace synth` makes the same of it."
    "\v"
    "Example:\n"
    "  vencejo trace fit traces/data/batch.swf.zst\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
        case ARGP_KEY_INIT:
            state->child_inputs[0] = &request->input;
            return 0;
        case 'j':
            request->json = true;
            return 0;
        case OPTION_BEGINS:
            request->begins_us = trace_input_us(state, argument);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

/* One line of what is printed. */
struct row
{
    const char *part;
    const char *name;
    const char *unit;
    struct fit_value value;
};

struct report
{
    struct row rows[ROWS_MAX];
    size_t count;
};

static void add(struct report *report,
                const char *part,
                const char *name,
                const char *unit,
                struct fit_value value)
{
    if (report->count < ROWS_MAX)
        report->rows[report->count++] = (struct row){part, name, unit, value};
}

static void add_plain(struct report *report,
                      const char *part,
                      const char *name,
                      const char *unit,
                      double value)
{
    add(report, part, name, unit, (struct fit_value){value, NAN});
}

/* ---- The parts. ---------------------------------------------------------- */

static void report_arrivals(const struct workload *w, struct report *report)
{
    size_t count = w->count - 1;
    double *gaps_s = calloc(w->count, sizeof *gaps_s);
    if (!gaps_s || count == 0 || w->jobs[count].submit_us == 0) {
        free(gaps_s);
        return;
    }
    for (size_t i = 0; i < count; i++)
        gaps_s[i] =
            (double)(w->jobs[i + 1].submit_us - w->jobs[i].submit_us) * 1e-6;
    struct fit_poisson poisson;
    struct fit_mmpp mmpp;
    fit_poisson(gaps_s, count, &poisson);
    fit_mmpp(gaps_s, count, &mmpp);
    free(gaps_s);
    add(report, "poisson", "rate", "1/s", poisson.rate_per_s);
    add_plain(report, "poisson", "log_likelihood", "1", poisson.log_likelihood);
    if (!mmpp.found)
        return;
    add(report, "mmpp", "rate1", "1/s", mmpp.rates_per_s[0]);
    add(report, "mmpp", "rate2", "1/s", mmpp.rates_per_s[1]);
    add(report, "mmpp", "stay1", "s", mmpp.stays_s[0]);
    add(report, "mmpp", "stay2", "s", mmpp.stays_s[1]);
    add_plain(report, "mmpp", "log_likelihood", "1", mmpp.log_likelihood);
}

static void report_law(const struct fit_law *f, struct report *report)
{
    static const struct
    {
        const char *part;
        const char *a;
        const char *b;
        const char *index;
    } names[] = {
        [LAW_EXPONENTIAL] = {"exponential", "mean", NULL, NULL},
        [LAW_LOGNORMAL] = {"lognormal", "median", NULL, "sigma"},
        [LAW_BOUNDED_PARETO] = {"pareto", "low", "high", "index"},
        [LAW_HYPEREXPONENTIAL] = {"hyperexponential", "mean1", "mean2", "p"},
    };
    if (!f->found)
        return;
    const char *part = names[f->kind].part;
    add(report, part, names[f->kind].a, "s", f->a);
    if (names[f->kind].b)
        add(report, part, names[f->kind].b, "s", f->b);
    if (names[f->kind].index)
        add(report, part, names[f->kind].index, "1", f->index);
    add_plain(report, part, "aic", "1", fit_aic(f));
    add_plain(report, part, "distance", "1", f->distance);
}

static void report_laws(const struct workload *w, struct report *report)
{
    struct fit_law fits[FIT_LAWS];
    size_t count;
    double *values = sorted_work(w, &count);
    size_t first = 0;
    while (values && first < count && !(values[first] > 0))
        first++;
    if (values && first < count) {
        fit_laws(values + first, count - first, fits);
        for (size_t i = 0; i < FIT_LAWS; i++)
            report_law(&fits[i], report);
    }
    free(values);
}

static void report_lublin(const struct workload *w, struct report *report)
{
    struct fit_lublin f;
    fit_lublin(w, &f);
    if (!f.found)
        return;
    const struct lublin *m = &f.model;
    const struct lublin *e = &f.errors;
#define ADD(name) \
    add(report, "lublin", #name, "1", (struct fit_value){m->name, e->name})
    ADD(serial);
    ADD(pow2);
    ADD(first);
    ADD(a1);
    ADD(b1);
    ADD(a2);
    ADD(b2);
    ADD(pa);
    ADD(pb);
    ADD(arrival);
    ADD(arrival_scale);
    ADD(day);
    ADD(day_scale);
#undef ADD
    add_plain(report, "lublin", "middle", "1", m->middle);
    add_plain(report, "lublin", "high", "1", m->high);
}

/* ---- Printing. ----------------------------------------------------------- */

static void print_rows(const struct report *report)
{
    puts("part\tparameter\tvalue\terror\tunit");
    for (size_t i = 0; i < report->count; i++) {
        const struct row *r = &report->rows[i];
        printf("%s\t%s\t%.10g\t%.10g\t%s\n", r->part, r->name, r->value.value,
               r->value.error, r->unit);
    }
}

static int print_table(const struct report *report)
{
    enum { COLUMN_COUNT = 5 };
    char(*texts)[2][TEXT_BYTES] = calloc(report->count + 1, sizeof *texts);
    const char **cells =
        calloc((report->count + 1) * COLUMN_COUNT, sizeof *cells);
    if (!texts || !cells) {
        free(texts);
        free(cells);
        return EXIT_FAILED;
    }
    const char **cell = cells;
    *cell++ = "PART";
    *cell++ = "PARAMETER";
    *cell++ = "VALUE";
    *cell++ = "ERROR";
    *cell++ = "UNIT";
    for (size_t i = 0; i < report->count; i++) {
        const struct row *r = &report->rows[i];
        bool same = i > 0 && report->rows[i - 1].part == r->part;
        snprintf(texts[i][0], TEXT_BYTES, "%.6g", r->value.value);
        snprintf(texts[i][1], TEXT_BYTES, isnan(r->value.error) ? "-" : "%.2g",
                 r->value.error);
        *cell++ = same ? "" : r->part;
        *cell++ = r->name;
        *cell++ = texts[i][0];
        *cell++ = texts[i][1];
        *cell++ = r->unit[0] == '1' && !r->unit[1] ? "" : r->unit;
    }
    table_print(stdout, terminal_width(stdout), cells, report->count + 1,
                COLUMN_COUNT);
    free(cells);
    free(texts);
    return EXIT_RAN;
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static int print_json(const struct report *report)
{
    json_t *root = json_object();
    for (size_t i = 0; i < report->count; i++) {
        const struct row *r = &report->rows[i];
        json_t *part = json_object_get(root, r->part);
        if (!part) {
            part = json_object();
            json_object_set_new(root, r->part, part);
        }
        json_t *value = json_object();
        json_object_set_new(value, "value", number(r->value.value));
        json_object_set_new(value, "error", number(r->value.error));
        json_object_set_new(value, "unit", json_string(r->unit));
        json_object_set_new(part, r->name, value);
    }
    int failed = json_dumpf(root, stdout, JSON_INDENT(2));
    json_decref(root);
    putchar('\n');
    return failed ? EXIT_FAILED : EXIT_RAN;
}

int trace_fit(int argc, char **argv)
{
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "TRACE",
                                     .doc = doc,
                                     .children = trace_input_children};
    struct request request = {.input = trace_input_default()};
    struct workload workload = {0};
    struct report report = {.count = 0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &request))
        return EXIT_BAD_INPUT;
    int code = trace_input_read(&request.input, &workload);
    if (code)
        return code;
    report_arrivals(&workload, &report);
    report_laws(&workload, &report);
    for (size_t i = 0; i < workload.count; i++)
        workload.jobs[i].submit_us += request.begins_us;
    report_lublin(&workload, &report);
    workload_finish(&workload);
    if (report.count == 0) {
        fprintf(stderr, "%s: too few rows to fit anything\n",
                request.input.path);
        return EXIT_BAD_INPUT;
    }
    if (request.json)
        return print_json(&report);
    if (terminal_is_human(stdout))
        return print_table(&report);
    print_rows(&report);
    return EXIT_RAN;
}
