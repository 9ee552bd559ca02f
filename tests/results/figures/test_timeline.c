/* test_timeline.c - the figure has what the journal says, at its place, and its
 * files are whole and repeat. What it looks like was looked at. */
#include "plots/plot.h"
#include "results/colour.h"
#include "tests/results/figures/folder.h"
#include "tests/results/lines.h"

static const struct grid_cluster clusters[] = {
    {.name = "lab", .first = 0, .node_count = 2, .core_count = 1},
    {.name = "field", .first = 2, .node_count = 3, .core_count = 1},
};
static const struct grid small = {clusters, 2};

static const char *const story[] = {
    "0|0|submit|1|7|1|0|10000000|1|",
    "0|0|run|1|1|",
    "2000000|0|moved|1|2|1|0|500000|100|4096|1000|",
    "2000000|2|run|1|0|it came",
    "3000000|2|freeze|1|4096|0|0|",
    "4000000|2|thaw|1|4096|",
    "4000000|0|submit|2|7|2|0|10000000|1|",
    "4000000|0|moved|2|3|1|1|100|0|4096|0|", /* A start elsewhere. */
    "4000000|3|run|2|1|",
    "5000000|2|owner|2|0|isolate", /* Told to two nodes: one mark. */
    "5000000|4|owner|2|0|isolate",
    "5500000|3|owner|2|2|block",
    "6000000|-|owner|2|1|rejoin",
    "6000000|4|down|crash",
    "7000000|4|up|",
    "8000000|-|fault|-|loss: 1 %",
    "10000000|0|tally|0|0|0|0|0|0|0|0|",
};
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static struct history_run run = {.scenario = "campus",
                                 .policies = "gossip_window,balance_mosix",
                                 .commit = "1234567",
                                 .seed = 3};

static char *text_of(const char *folder, const char *name)
{
    size_t bytes;
    return content(folder, name, &bytes);
}

static struct history *begin(const struct grid *grid,
                             struct timeline **ret_timeline)
{
    *ret_timeline = timeline_create(grid, &run);
    return history_create(grid, timeline_take, *ret_timeline);
}

static void end(struct history *history,
                struct timeline *timeline,
                const char *folder)
{
    struct complaint complaint = {0};
    history_end(history);
    int error = plot_timeline(timeline, folder, "timeline", &complaint);
    if (error != 0)
        printf("\n    %s: %s", complaint.file, complaint.text);
    CU_ASSERT_EQUAL(error, 0);
    history_destroy(history);
    timeline_destroy(timeline);
}

static void add(struct history *history, const char *text)
{
    char line[LINE_BYTES];
    struct record record = record_of(text, line);
    CU_ASSERT_EQUAL(history_add(history, &record), 0);
}

static void draw(const struct grid *grid,
                 const char *const *lines,
                 size_t count,
                 const char *folder)
{
    struct timeline *timeline;
    struct history *history = begin(grid, &timeline);
    for (size_t i = 0; i < count; i++)
        add(history, lines[i]);
    end(history, timeline, folder);
}

static bool has(const char *text, const char *part)
{
    bool found = strstr(text, part) != NULL;
    if (!found)
        printf("\n    `%s` is not there", part);
    return found;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* Rows are 30 pixels high, and 6 are between clusters: node 0 is at 0, node 2
 * at 66; a process alone has its row but for a line above and two below. */
static void the_data_are_those_of_the_journal(void)
{
    char folder[PATH_BYTES];
    make_folder(folder);
    draw(&small, story, COUNT(story), folder);
    char *data = text_of(folder, "timeline.tsv");
    CU_ASSERT(has(data, "what\tfrom_s\tto_s\ttop\tbottom\tcolour\ttext\n"));
    CU_ASSERT(has(data, "running\t0\t2\t1\t28\t0072B2\t\n"));
    CU_ASSERT(has(data, "running\t2\t3\t67\t94\t0072B2\t\n"));
    CU_ASSERT(has(data, "frozen\t3\t4\t67\t94\t0072B2\t\n"));
    CU_ASSERT(has(data, "running\t4\t10\t67\t94\t0072B2\t\n"));
    CU_ASSERT(has(data, "running\t4\t10\t97\t124\t0072B2\t\n"));
    CU_ASSERT(has(data, "isolated\t5\t6\t66\t156\t"));
    CU_ASSERT(has(data, "down\t6\t7\t126\t155\t"));
    CU_ASSERT(has(data, "move\t2\t2\t14.5\t80.5\t"));
    CU_ASSERT(has(data, "wish\t5\t5\t66\t156\t\tisolate\n"));
    CU_ASSERT(has(data, "wish\t5.5\t5.5\t96\t126\t\tblock\n"));
    CU_ASSERT(has(data, "\tloss: 1 %\n"));
    CU_ASSERT_EQUAL(count_of(data, "\n"), 1 + 4 + 1 + 1 + 1 + 1 + 3 + 1);
    char *script = text_of(folder, "timeline.gp");
    CU_ASSERT(has(script, "each stripe in it a process"));
    CU_ASSERT(has(script, "1 first starts elsewhere are not"));
    CU_ASSERT(has(script, "time (s)"));
    free(script);
    free(data);
    CU_ASSERT_EQUAL(clear(folder), 5);
}

static bool same_file(const char *one, const char *other, const char *name)
{
    char *a = text_of(one, name), *b = text_of(other, name);
    bool same = strcmp(a, b) == 0;
    free(a);
    free(b);
    return same;
}

static void the_script_draws_it_again(void)
{
    char folder[PATH_BYTES], alone[PATH_BYTES], command[3 * PATH_BYTES];
    make_folder(folder);
    make_folder(alone);
    draw(&small, story, COUNT(story), folder);
    snprintf(command, sizeof(command),
             "cd '%s' && cp '%s'/timeline.gp . && gnuplot timeline.gp", alone,
             folder);
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
    CU_ASSERT_TRUE(same_file(folder, alone, "timeline.svg"));
    CU_ASSERT_EQUAL(clear(folder), 5);
    CU_ASSERT_EQUAL(clear(alone), 4);
}

/* One process for the whole run on the first node of a cluster: how much is
 * drawn, and how it is explained. A lane of 30 clusters is 1.4 x 640 / 30 =
 * 29.8667 high, and a twentieth of that is 1.5 in halves of a pixel. */
static char *drawn_at(uint32_t node_count,
                      size_t cluster_count,
                      char **ret_data)
{
    char folder[PATH_BYTES];
    struct grid_cluster *many = calloc(cluster_count, sizeof(*many));
    for (size_t i = 0; i < cluster_count; i++)
        many[i] = (struct grid_cluster){.name = "lab",
                                        .first = (node_id)i * node_count,
                                        .node_count = node_count,
                                        .core_count = 1};
    static const char *const lines[] = {
        "0|0|submit|1|7|1|0|10000000|1|",
        "0|0|run|1|1|",
        "10000000|0|ended|1|1|",
    };
    const struct grid grid = {many, cluster_count};
    make_folder(folder);
    draw(&grid, lines, COUNT(lines), folder);
    char *script = text_of(folder, "timeline.gp");
    *ret_data = text_of(folder, "timeline.tsv");
    CU_ASSERT_EQUAL(clear(folder), 5);
    free(many);
    return script;
}

static void the_look_follows_the_size(void)
{
    static const struct
    {
        uint32_t node_count;
        size_t cluster_count;
        const char *caption;
        const char *box; /* Merged, wherever time is cut. */
    } sizes[] = {
        {48, 1, "each stripe in it a process", "running\t0\t10\t1\t"},
        {49, 1, "A row is a node", "running\t0\t10\t0\t"},
        {125, 4, "A row is a node", "running\t0\t10\t0\t"},
        {501, 1, "A lane is a cluster", NULL}, /* 1/501 is not to be seen. */
        {20, 30, "A lane is a cluster",
         "running\t0\t10\t28.3667\t29.8667\t56B4E9\t\n"},
        {1, 501, "A row is a cluster", "running\t0\t10\t0\t"},
    };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char *data;
        char *script =
            drawn_at(sizes[i].node_count, sizes[i].cluster_count, &data);
        CU_ASSERT(has(script, sizes[i].caption));
        CU_ASSERT_EQUAL(count_of(data, "running\t"), sizes[i].box != NULL);
        if (sizes[i].box != NULL)
            CU_ASSERT(has(data, sizes[i].box));
        free(script);
        free(data);
    }
}

/* Half of the time own, then two guests: the row has the colour of the home of
 * most; a fifth of a process is pale: (2 x colour + 3 x white) / 5. */
static void a_row_has_the_colour_of_most(void)
{
    static const struct grid_cluster two[] = {
        {.name = "a", .first = 0, .node_count = 30, .core_count = 1},
        {.name = "b", .first = 30, .node_count = 30, .core_count = 1},
    };
    static const char *const lines[] = {
        "0|0|submit|1|7|1|0|1|1|",
        "0|0|run|1|1|",
        "0|30|submit|2|7|1|0|1|1|",
        "0|30|submit|3|7|1|0|1|1|",
        "5000000|0|run|2|1|",
        "5000000|0|run|3|1|",
        "8000000|0|ended|2|1|",
        "8000000|0|ended|3|1|",
        "9000000|0|ended|1|1|",
        "9000000|1|submit|4|7|1|0|1|1|",
        "9000000|1|run|4|1|",
        "9004000|1|ended|4|1|",
        "10000000|0|tally|0|0|0|0|0|0|0|0|",
    };
    const struct grid grid = {two, 2};
    char folder[PATH_BYTES];
    make_folder(folder);
    draw(&grid, lines, COUNT(lines), folder);
    char *data = text_of(folder, "timeline.tsv");
    CU_ASSERT(has(data, "running\t0\t5\t0\t8\t0072B2\t\n"));
    CU_ASSERT(has(data, "running\t5\t8\t0\t8\tE69F00\t\n"));
    CU_ASSERT(has(data, "running\t8\t9\t0\t8\t0072B2\t\n"));
    CU_ASSERT(has(data, "running\t9\t9.02\t9\t17\t99C6E0\t\n"));
    CU_ASSERT_EQUAL(count_of(data, "running\t"), 4);
    free(data);
    clear(folder);
}

static void clusters_have_colours_of_their_own(void)
{
    for (size_t i = 0; i < COLOUR_CLUSTERS; i++)
        for (size_t k = 0; k < i; k++)
            CU_ASSERT_NOT_EQUAL(colour_of_cluster(i), colour_of_cluster(k));
    CU_ASSERT_EQUAL(colour_of_cluster(COLOUR_CLUSTERS), colour_of_cluster(0));
}

static void an_empty_run_is_a_figure_too(void)
{
    char folder[PATH_BYTES];
    make_folder(folder);
    draw(&small, NULL, 0, folder);
    CU_ASSERT_EQUAL(clear(folder), 5);
}

/* Gnuplot gives backquotes to a shell. */
static void names_are_text_and_nothing_else(void)
{
    char folder[PATH_BYTES], mark[PATH_BYTES + 8], shell[2 * PATH_BYTES];
    char line[LINE_BYTES];
    make_folder(folder);
    snprintf(mark, sizeof(mark), "%s.ran", folder);
    snprintf(shell, sizeof(shell), "`touch %s`'\"$(x)\\n@y", mark);
    struct grid_cluster hostile[2] = {clusters[0], clusters[1]};
    snprintf(hostile[0].name, sizeof(hostile[0].name), "`>%.40s`", mark);
    snprintf(hostile[1].name, sizeof(hostile[1].name), "it's\t\"a\"\n");
    struct history_run before = run;
    run = (struct history_run){shell, shell, shell, 3};
    const struct grid grid = {hostile, 2};
    struct timeline *timeline;
    struct history *history = begin(&grid, &timeline);
    snprintf(line, sizeof(line), "1|-|fault|-|`>%.60s` \xC3\xA9\xC3", mark);
    add(history, "0|0|submit|1|7|1|0|1|1|");
    add(history, "0|0|run|1|1|");
    add(history, line);
    end(history, timeline, folder);
    run = before;
    CU_ASSERT_NOT_EQUAL(access(mark, F_OK), 0);
    CU_ASSERT_EQUAL(clear(folder), 5);
}

SUITE_MAIN("timeline",
           {"The data are those of the journal",
            the_data_are_those_of_the_journal},
           {"The script draws it again", the_script_draws_it_again},
           {"The look follows the size", the_look_follows_the_size},
           {"A row has the colour of most", a_row_has_the_colour_of_most},
           {"Clusters have colours of their own",
            clusters_have_colours_of_their_own},
           {"An empty run is a figure too", an_empty_run_is_a_figure_too},
           {"Names are text and nothing else", names_are_text_and_nothing_else})
