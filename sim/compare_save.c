#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../plots/plot.h"
#include "../traces/save.h"
#include "compare.h"

static int save_file(const char *folder, const char *name, const char *text)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return -ENOMEM;
    int error = save_text(path, text);
    free(path);
    return error;
}

static int save_values(const char *folder, const struct comparison *c)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out)
        return -ENOMEM;
    fputs("policies\tseed\tmetric\tvalue\tunit\n", out);
    for (size_t stack = 0; stack < c->stack_count; stack++)
        for (size_t seed = 0; seed < c->seed_count; seed++)
            for (size_t m = 0; m < metric_count(); m++) {
                double value =
                    c->values[(stack * c->seed_count + seed) * metric_count() +
                              m];
                if (!isnan(value) && comparison_shows(c, m))
                    fprintf(out, "%s\t%" PRIu64 "\t%s\t%.17g\t%s\n",
                            c->stacks[stack], c->first_seed + seed,
                            metrics[m].name, value, metrics[m].unit);
            }
    int error = fclose(out) ? -errno : save_file(folder, "values.tsv", text);
    free(text);
    return error;
}

static int save_table(const char *folder, const struct comparison *c)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out)
        return -ENOMEM;
    comparison_table(c, TABLE_TSV, false, out);
    int error = fclose(out) ? -errno : save_file(folder, "table.tsv", text);
    free(text);
    return error;
}

int compare_save(const char *folder,
                 const struct scenario *scenario,
                 const struct comparison *c,
                 const char *json,
                 struct complaint *ret_complaint)
{
    char *resolved = NULL;
    int error = save_folder(folder);
    if (!error)
        error = scenario_print_for(scenario, folder, &resolved);
    if (!error)
        error = save_file(folder, "scenario.yaml", resolved);
    if (!error)
        error = save_file(folder, "comparison.json", json);
    if (!error)
        error = save_values(folder, c);
    if (!error)
        error = save_table(folder, c);
    free(resolved);
    if (error)
        return complain(ret_complaint, error, folder, 0, 0,
                        "the results could not be written: %s",
                        strerror(-error));
    return plot_comparison(c, folder, "comparison", ret_complaint);
}
