#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plots/plot.h"
#include "tests/results/figures/folder.h"

enum { SEEDS = 3, STACKS = 3 };

static char *stacks[STACKS] = {"place_home",
                               "gossip_vector:size=16,balance_mosix", ""};

struct results
{
    struct comparison comparison;
    double values[STACKS * SEEDS * METRIC_COUNT];
    double bounds[SEEDS * YARDSTICK_COUNT];
    double regrets[STACKS * SEEDS * YARDSTICK_COUNT];
};

static void fill(struct results *results, char **names, size_t seed_count)
{
    results->comparison = (struct comparison){.scenario = "lab",
                                              .commit = "1234567",
                                              .first_seed = 1,
                                              .seed_count = seed_count,
                                              .stack_count = STACKS,
                                              .stacks = names,
                                              .values = results->values,
                                              .bounds = results->bounds,
                                              .regrets = results->regrets};
    for (size_t index = 0; index < STACKS * SEEDS * METRIC_COUNT; index++)
        results->values[index] = 2 + (double)(index * 7 % 11);
    for (size_t index = 0; index < SEEDS * YARDSTICK_COUNT; index++)
        results->bounds[index] = 1.5;
}

static bool same_file(const char *one, const char *other, const char *name)
{
    size_t one_bytes;
    size_t other_bytes;
    char *a = content(one, name, &one_bytes);
    char *b = content(other, name, &other_bytes);
    bool same = one_bytes == other_bytes && memcmp(a, b, one_bytes) == 0;
    free(a);
    free(b);
    return same;
}

static bool begins(const char *folder, const char *name, const char *start)
{
    size_t bytes;
    char *text = content(folder, name, &bytes);
    bool right =
        strlen(start) < bytes && memcmp(text, start, strlen(start)) == 0;
    free(text);
    return right;
}

/* A PDF whose date is written plainly; cairo 1.18 (Debian 13) packs it, and
 * then it cannot be taken out. */
static bool has_plain_date(const char *folder, const char *name)
{
    static const char key[] = "/CreationDate (D:";
    size_t bytes;
    char *text = content(folder, name, &bytes);
    bool has = memmem(text, bytes, key, strlen(key)) != NULL;
    free(text);
    return has;
}

static int draw_both(struct results *results, const char *folder)
{
    struct complaint complaint = {0};
    struct comparison two[2] = {results->comparison, results->comparison};
    static const double loads[] = {0.5, 0.9};
    int error =
        plot_comparison(&results->comparison, folder, "bars", &complaint);
    if (error == 0)
        error = plot_load_sweep(two, loads, 2, folder, "lines", &complaint);
    if (error != 0)
        printf("\n    %s: %s", complaint.file, complaint.text);
    return error;
}

static void a_figure_is_five_whole_files(void)
{
    char folder[PATH_BYTES];
    struct results results;
    make_folder(folder);
    fill(&results, stacks, SEEDS);
    CU_ASSERT_EQUAL_FATAL(draw_both(&results, folder), 0);
    CU_ASSERT_TRUE(begins(folder, "bars.svg", "<?xml"));
    CU_ASSERT_TRUE(begins(folder, "bars.pdf", "%PDF-"));
    CU_ASSERT_TRUE(begins(folder, "bars.png", "\x89PNG"));
    CU_ASSERT_TRUE(begins(folder, "bars.gp", "# Draws bars.svg"));
    CU_ASSERT_TRUE(begins(folder, "bars.tsv", "stack\tmean_slowdown\t"));
    CU_ASSERT_TRUE(begins(folder, "lines.png", "\x89PNG"));
    CU_ASSERT_TRUE(begins(folder, "lines.tsv", "stack\tload\t"));
    CU_ASSERT_EQUAL(clear(folder), 10);
}

static void the_same_results_give_the_same_bytes(void)
{
    static const char *const names[] = {
        "bars.svg",  "bars.pdf",  "bars.png",  "bars.gp",  "bars.tsv",
        "lines.svg", "lines.pdf", "lines.png", "lines.gp", "lines.tsv"};
    char one[PATH_BYTES];
    char other[PATH_BYTES];
    struct results results;
    make_folder(one);
    make_folder(other);
    fill(&results, stacks, SEEDS);
    CU_ASSERT_EQUAL_FATAL(draw_both(&results, one), 0);
    sleep(1); /* At another date, elsewhere. */
    setenv("LC_ALL", "C", 1);
    setenv("TZ", "Asia/Tokyo", 1);
    CU_ASSERT_EQUAL_FATAL(draw_both(&results, other), 0);
    unsetenv("LC_ALL");
    unsetenv("TZ");
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        bool dated =
            strstr(names[index], ".pdf") && !has_plain_date(one, names[index]);
        if (dated)
            printf("\n    %s skipped: its date is packed by this cairo",
                   names[index]);
        else
            CU_ASSERT_TRUE(same_file(one, other, names[index]));
    }
    clear(one);
    clear(other);
}

static void the_script_draws_the_figure_again(void)
{
    char folder[PATH_BYTES];
    char alone[PATH_BYTES];
    char command[3 * PATH_BYTES];
    struct results results;
    make_folder(folder);
    make_folder(alone);
    fill(&results, stacks, SEEDS);
    CU_ASSERT_EQUAL_FATAL(draw_both(&results, folder), 0);
    snprintf(command, sizeof(command),
             "cd '%s' && cp '%s'/*.gp . && gnuplot bars.gp && gnuplot lines.gp",
             alone, folder);
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
    CU_ASSERT_TRUE(same_file(folder, alone, "bars.svg"));
    CU_ASSERT_TRUE(same_file(folder, alone, "lines.svg"));
    CU_ASSERT_TRUE(same_file(folder, alone, "bars.png"));
    clear(folder);
    clear(alone);
}

/* Gnuplot gives backquotes to a shell, and @ and quotes mean something to it.
 */
static void names_are_text_and_nothing_else(void)
{
    char folder[PATH_BYTES];
    char mark[PATH_BYTES];
    char shell[2 * PATH_BYTES];
    make_folder(folder);
    snprintf(mark, sizeof(mark), "%.400s.ran", folder);
    snprintf(shell, sizeof(shell), "`touch %s`", mark);
    char *hostile[STACKS] = {shell, "it's \"100 %\"\n\\@x $(y) {/Bold z}_a^b",
                             "\xff\xfe#\t;!exit"};
    struct results results;
    fill(&results, hostile, SEEDS);
    results.comparison.scenario = shell;
    results.comparison.commit = hostile[1];
    CU_ASSERT_EQUAL(draw_both(&results, folder), 0);
    CU_ASSERT_NOT_EQUAL(access(mark, F_OK), 0);
    CU_ASSERT_EQUAL(clear(folder), 10);
}

static void what_was_not_measured_is_not_drawn(void)
{
    char folder[PATH_BYTES];
    struct results results;
    make_folder(folder);
    fill(&results, stacks, 1);                     /* No intervals, */
    results.bounds[YARDSTICK_MEAN_RESPONSE] = NAN; /* no bound, */
    for (size_t metric = 0; metric < metric_count(); metric++)
        results.values[metric] = NAN; /* and a run that failed. */
    CU_ASSERT_EQUAL(draw_both(&results, folder), 0);
    size_t bytes;
    char *script = content(folder, "bars.gp", &bytes);
    CU_ASSERT_PTR_NULL(strstr(script, "clairvoyant"));
    free(script);
    for (size_t index = 0; index < STACKS * SEEDS * METRIC_COUNT; index++)
        results.values[index] = NAN;
    CU_ASSERT_EQUAL(draw_both(&results, folder), 0);
    CU_ASSERT_EQUAL(clear(folder), 10);
}

/* Draws with this PATH; returns the error, fills the complaint. */
static int draw_with_path(const char *path,
                          const char *folder,
                          struct complaint *ret_complaint)
{
    struct results results;
    char *before = strdup(getenv("PATH"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    fill(&results, stacks, SEEDS);
    setenv("PATH", path, 1);
    int error =
        plot_comparison(&results.comparison, folder, "bars", ret_complaint);
    setenv("PATH", before, 1);
    free(before);
    return error;
}

static void without_gnuplot_it_says_what_to_install(void)
{
    char folder[PATH_BYTES];
    struct complaint complaint = {0};
    make_folder(folder);
    CU_ASSERT_EQUAL(draw_with_path(folder, folder, &complaint), -ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "gnuplot-nox"));
    CU_ASSERT_EQUAL(clear(folder), 0);
}

static void gnuplots_own_words_are_passed_on(void)
{
    char folder[PATH_BYTES];
    char fake[2 * PATH_BYTES];
    struct complaint complaint = {0};
    make_folder(folder);
    snprintf(fake, sizeof(fake), "%s/gnuplot", folder);
    FILE *program = fopen(fake, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(program);
    fputs(
        "#!/bin/sh\necho 'plot $data'\necho 'line 7: no such thing' >&2\n"
        "echo\nexit 1\n",
        program);
    fclose(program);
    CU_ASSERT_EQUAL_FATAL(chmod(fake, 0700), 0);
    CU_ASSERT_EQUAL(draw_with_path(folder, folder, &complaint), -EIO);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "line 7: no such thing"));
    CU_ASSERT_STRING_EQUAL(complaint.file, "bars.gp");
    CU_ASSERT_EQUAL(clear(folder), 1);
}

static void a_failure_leaves_the_old_figure(void)
{
    char folder[PATH_BYTES];
    char none[PATH_BYTES];
    struct results results;
    struct complaint complaint = {0};
    make_folder(folder);
    make_folder(none);
    fill(&results, stacks, SEEDS);
    CU_ASSERT_EQUAL_FATAL(draw_both(&results, folder), 0);
    CU_ASSERT_EQUAL(draw_with_path(none, folder, &complaint), -ENOENT);
    CU_ASSERT_TRUE(begins(folder, "bars.svg", "<?xml"));
    CU_ASSERT_EQUAL(clear(folder), 10);
    CU_ASSERT_EQUAL(clear(none), 0);
}

static void a_folder_that_is_not_there_is_named(void)
{
    struct results results;
    struct complaint complaint = {0};
    fill(&results, stacks, SEEDS);
    CU_ASSERT_EQUAL(plot_comparison(&results.comparison, "/nowhere/at/all",
                                    "bars", &complaint),
                    -ENOENT);
    CU_ASSERT_STRING_EQUAL(complaint.file, "/nowhere/at/all");
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "cannot write a figure"));
}

SUITE_MAIN(
    "figures",
    {"A figure is five whole files", a_figure_is_five_whole_files},
    {"The same results give the same bytes",
     the_same_results_give_the_same_bytes},
    {"The script draws the figure again", the_script_draws_the_figure_again},
    {"Names are text and nothing else", names_are_text_and_nothing_else},
    {"What was not measured is not drawn", what_was_not_measured_is_not_drawn},
    {"Without gnuplot it says what to install",
     without_gnuplot_it_says_what_to_install},
    {"Gnuplot's own words are passed on", gnuplots_own_words_are_passed_on},
    {"A failure leaves the old figure", a_failure_leaves_the_old_figure},
    {"A folder that is not there is named",
     a_folder_that_is_not_there_is_named})
