/* validate.c - does the simulator agree with theory and with the papers?
 *
 *   validate [TEXT]
 *
 * Prints a table, claim by claim, with fixed seeds, or only of the rows whose
 * claim contains TEXT; exit 1 if a row fails. Each
 * row runs in a process of its own, since SimGrid's engine cannot be made
 * twice. `./dev validate` writes the table to docs/validation.md.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../results/metrics.h"
#include "../../results/statistics.h"
#include "../../sim/pool.h"
#include "../../sim/run.h"
#include "rows.h"

struct measured
{
    double value;
    char text[256]; /* Not empty: why there is no value. */
};

/* The rows that are asked for. */
struct selection
{
    const struct row **rows;
    size_t count;
};

static void measure(void *who, size_t index, void *ret_result)
{
    const struct row *row = ((const struct selection *)who)->rows[index];
    struct measured *m = ret_result;
    const char *why = NULL;
    m->value = row->measure(row, &why);
    if (why)
        snprintf(m->text, sizeof m->text, "%s", why);
}

static void died(void *who, size_t index, const char *why, void *ret_result)
{
    struct measured *m = ret_result;
    (void)who;
    (void)index;
    snprintf(m->text, sizeof m->text, "%s", why);
}

static void show(void *who, size_t done)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%zu of %zu rows ", done,
                ((const struct selection *)who)->count);
}

static bool is_informational(const struct row *row)
{
    return isinf(row->low) && isinf(row->high);
}

static bool holds(const struct row *row, const struct measured *m)
{
    return !m->text[0] && (is_informational(row) ||
                           (m->value >= row->low && m->value <= row->high));
}

static const char *verdict(const struct row *row, const struct measured *m)
{
    return !holds(row, m)          ? "**FAILS**"
           : is_informational(row) ? "informational"
                                   : "holds";
}

static void print_row(const struct row *row, const struct measured *m)
{
    char tolerance[64] = "-";
    if (!is_informational(row))
        snprintf(tolerance, sizeof tolerance, "%.4g to %.4g", row->low,
                 row->high);
    printf("| %s | %s | %.5g | ", row->claim, row->source, row->expected);
    if (m->text[0])
        printf("%s", m->text);
    else
        printf("%.5g", m->value);
    printf(" | %s | %s |\n", tolerance, verdict(row, m));
}

int main(int argc, char **argv)
{
    struct selection selection = {
        .rows = calloc(row_count(), sizeof *selection.rows)};
    struct measured *all = calloc(row_count(), sizeof *all);
    if (!all || !selection.rows)
        return 1;
    for (size_t i = 0; i < row_count(); i++)
        if (argc < 2 || strstr(rows[i].claim, argv[1]))
            selection.rows[selection.count++] = &rows[i];
    size_t count = selection.count;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct pool pool = {.count = count,
                        .at_once = processors > 0 ? (size_t)processors : 1,
                        .result_bytes = sizeof *all,
                        .work = measure,
                        .died = died,
                        .progress = show,
                        .who = &selection};
    if (pool_run(&pool, all))
        return 1;
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    size_t failures = 0;
    size_t judged = 0;
    puts("# Validation\n");
    puts(
        "Written by `./dev validate`, with fixed seeds: every row is run "
        "again each time. A row that\nfails makes the command fail; one that "
        "is informational is "
        "compared with a paper\nthat does not say all that it assumed.\n");
    puts("| claim | source | expected | measured | tolerance | verdict |");
    puts("|---|---|---|---|---|---|");
    for (size_t i = 0; i < count; i++) {
        print_row(selection.rows[i], &all[i]);
        failures += !holds(selection.rows[i], &all[i]);
        judged += !is_informational(selection.rows[i]);
    }
    printf("\n%zu of %zu rows hold, %zu are informational.\n",
           judged - failures, judged, count - judged);
    free(all);
    free(selection.rows);
    return failures > 0;
}
