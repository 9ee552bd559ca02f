#include <stdio.h>
#include <string.h>

#include "results/metrics.h"
#include "tests/suite.h"

/* Rows of the page are "| `name` | unit | definition |". */
static void for_each_row(void (*take)(char *name, char *unit, char *definition))
{
    char path[4096];
    const char *source = getenv("SOURCE");
    CU_ASSERT_PTR_NOT_NULL_FATAL(source);
    snprintf(path, sizeof(path), "%s/docs/metrics.md", source);
    FILE *page = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(page);
    char line[2048];
    while (fgets(line, sizeof(line), page) != NULL) {
        if (strncmp(line, "| `", 3) != 0)
            continue;
        char *rest = line + 3;
        char *name = strsep(&rest, "`");
        CU_ASSERT_PTR_NOT_NULL_FATAL(rest);
        CU_ASSERT_EQUAL_FATAL(strncmp(rest, " | ", 3), 0);
        rest += 3;
        char *unit = strsep(&rest, " ");
        CU_ASSERT_PTR_NOT_NULL_FATAL(rest);
        CU_ASSERT_EQUAL_FATAL(strncmp(rest, "| ", 2), 0);
        take(name, unit, rest + 2);
    }
    fclose(page);
}

static int rows_of[METRIC_COUNT];

static void check_row(char *name, char *unit, char *definition)
{
    size_t metric = metric_index(name);
    if (metric == SIZE_MAX) {
        printf("\n    %s is no metric", name);
        CU_FAIL("the page has a metric that the code has not");
        return;
    }
    rows_of[metric]++;
    CU_ASSERT_STRING_EQUAL(unit, metrics[metric].unit);
    CU_ASSERT(10 < strlen(definition));
}

static void page_and_code_agree(void)
{
    memset(rows_of, 0, sizeof(rows_of));
    for_each_row(check_row);
    for (size_t metric = 0; metric < metric_count(); metric++) {
        if (rows_of[metric] != 1)
            printf("\n    %s: %d rows", metrics[metric].name, rows_of[metric]);
        CU_ASSERT_EQUAL(rows_of[metric], 1);
    }
}

static void names_are_found_and_others_are_not(void)
{
    for (size_t metric = 0; metric < metric_count(); metric++)
        CU_ASSERT_EQUAL(metric_index(metrics[metric].name), metric);
    CU_ASSERT_EQUAL(metric_index("mean_speedup"), SIZE_MAX);
    CU_ASSERT_EQUAL(metric_index(""), SIZE_MAX);
    CU_ASSERT_PTR_NULL(metrics[metric_count()].name);
}

/* Units last: scripts read a unit off the name. */
static void names_end_in_their_unit(void)
{
    static const char *const endings[][2] = {{"s", "_s"},
                                             {"bytes", "_bytes"},
                                             {"1/s", "_per_s"},
                                             {"bytes/s", "_per_s"}};
    for (size_t metric = 0; metric < metric_count(); metric++) {
        const char *name = metrics[metric].name;
        for (size_t row = 0; row < sizeof(endings) / sizeof(endings[0]);
             row++) {
            const char *ending = endings[row][1];
            if (strcmp(metrics[metric].unit, endings[row][0]) == 0)
                CU_ASSERT_STRING_EQUAL(name + strlen(name) - strlen(ending),
                                       ending);
        }
    }
}

SUITE_MAIN("metrics page",
           {"The page and the code have the same metrics and units",
            page_and_code_agree},
           {"Names are found and others are not",
            names_are_found_and_others_are_not},
           {"Names end in their unit", names_end_in_their_unit})
