/* test_replay.c - a journal is replayed or refused with its line; whatever it
 * holds, nothing breaks. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "algorithms/node/registry.h"
#include "sim/replay.h"
#include "tests/suite.h"

enum { TEXT_BYTES = 1 << 20, CLUSTERS = 5000 };

static const char header[] =
    "# vencejo-journal\t3\n"
    "# level\tfull\n"
    "# seed\t7\n"
    "# policies\tplace_home\n"
    "# board\t8\n"
    "# board-age-us\t1000000\n";
enum { HEADER_LINES = 6 };

struct written
{
    char text[TEXT_BYTES];
    size_t length;
    uint64_t record_count;
    struct node_policy policy;
    char params[1024];
    struct node *node;
    struct batch *batch;
    struct cluster_info map[CLUSTERS];
    usec_t now_us;
};

static void put(struct written *w, const struct record *record)
{
    char *line = malloc(RECORD_LINE_BYTES_MAX);
    size_t length = journal_format(record, line);
    memcpy(w->text + w->length, line, length);
    w->length += length;
    w->record_count++;
    free(line);
}

/* The event of node 1 and, if it is to be stepped, what it did. */
static void write_event(struct written *w, struct event event, bool stepped)
{
    struct record record;
    uint8_t *bytes = malloc(RECORD_LINE_BYTES_MAX);
    event.now_us = w->now_us;
    journal_of_event(&event, event.now_us, 1, bytes, &record);
    put(w, &record);
    free(bytes);
    if (!stepped)
        return;
    node_step(w->node, &event, w->batch);
    for (size_t i = 0; i < w->batch->count; i++) {
        journal_of_any_action(&w->batch->actions[i], w->now_us, 1, &record);
        put(w, &record);
    }
}

/* The journal's last line. */
static void write_end(struct written *w)
{
    w->length += (size_t)snprintf(w->text + w->length, TEXT_BYTES - w->length,
                                  "# end\t%" PRIu64 "\n", w->record_count);
}

static struct written *begin(const char *text)
{
    struct written *w = calloc(1, sizeof *w);
    struct node_config config = node_config_default();
    w->policy = (struct node_policy){policy_find("place_home"), w->params};
    CU_ASSERT_PTR_NOT_NULL_FATAL(w->policy.policy);
    CU_ASSERT_FATAL(w->policy.policy->params_size <= sizeof w->params);
    policy_params_default(w->policy.policy, w->params);
    config.id = 1;
    config.policies = &w->policy;
    config.policy_count = 1;
    config.seed = 7;
    config.board_max = 8;
    w->node = node_init(aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16),
                        &config);
    w->batch = malloc(sizeof *w->batch);
    w->batch->out = malloc(policy_out_bytes());
    w->length = strlen(text);
    memcpy(w->text, text, w->length);
    w->now_us = 5;
    return w;
}

static void write_start(struct written *w, size_t cluster_count, bool stepped)
{
    struct node_info self = {.core_count = 1, .speed_milli = 1000};
    for (size_t i = 0; i < cluster_count; i++)
        w->map[i] = (struct cluster_info){.id = (cluster_id)i,
                                          .first = (node_id)(i + 1),
                                          .node_count = 1,
                                          .before_count = i};
    write_event(w,
                (struct event){.kind = EVENT_START,
                               .self = &self,
                               .map = w->map,
                               .map_count = cluster_count},
                stepped);
}

static void write_submit(struct written *w, bool stepped)
{
    struct proc_info proc = {
        .id = 3, .home = 1, .width = 1, .class_number = 1, .mem_bytes = 4096};
    write_event(
        w,
        (struct event){.kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1},
        stepped);
}

static void finish(struct written *w)
{
    free(w->batch->out);
    free(w->batch);
    free(w->node);
    free(w);
}

static void keep(void *who, const struct replay_difference *difference)
{
    char *text = who;
    if (!text[0])
        replay_describe(difference, text, 1024);
}

/* 0 and no differences. */
static void replays(struct written *w, uint64_t event_count)
{
    struct replay_counts counts = {0};
    struct complaint complaint = {.line = 0};
    int error = replay_text(w->text, w->length, "j", NULL, &counts, &complaint);
    if (error)
        printf("\n    line %zu: %s\n", complaint.line, complaint.text);
    CU_ASSERT_EQUAL(error, 0);
    CU_ASSERT_EQUAL(counts.events, event_count);
    CU_ASSERT_EQUAL(counts.differences, 0);
}

static void refused(const char *text, int error, size_t line, const char *what)
{
    char *copy = strdup(text);
    struct replay_counts counts;
    struct complaint complaint = {.line = 0};
    CU_ASSERT_EQUAL(
        replay_text(copy, strlen(copy), "j", NULL, &counts, &complaint), error);
    CU_ASSERT_STRING_EQUAL(complaint.file, "j");
    CU_ASSERT_EQUAL(complaint.line, line);
    bool said = strstr(complaint.text, what) != NULL;
    CU_ASSERT(said);
    if (!said || complaint.line != line)
        printf("\n    line %zu: %s\n", complaint.line, complaint.text);
    free(copy);
}

/* The header with this line for the one of that key. */
static void refused_with(const char *key, const char *line, const char *what)
{
    char text[1024];
    const char *at = strstr(header, key) - 2;
    const char *behind = strchr(at, '\n') + 1;
    size_t number = 1;
    for (const char *c = header; c < at; c++)
        number += *c == '\n';
    snprintf(text, sizeof text, "%.*s%s%s# end\t0\n", (int)(at - header),
             header, line, behind);
    refused(text, -EINVAL, line[0] ? number : HEADER_LINES, what);
}

static void a_run_is_repeated(void)
{
    struct written *w = begin(header);
    write_start(w, 1, true);
    w->now_us = 9;
    write_submit(w, true);
    write_end(w);
    replays(w, 2);
    finish(w);
}

static void five_thousand_clusters_are_repeated(void)
{
    struct written *w = begin(header);
    write_start(w, CLUSTERS, true);
    write_end(w);
    replays(w, 1);
    finish(w);
}

static void a_header_must_be_whole_and_in_range(void)
{
    refused_with("level", "", "without: level;");
    refused_with("seed", "", "without: seed;");
    refused_with("policies", "", "without: policies;");
    refused_with("board\t", "", "without: board;");
    refused_with("board-age-us", "", "without: board-age-us;");
    refused_with("board\t", "# board\t0\n", "1 to 1000000");
    refused_with("board\t", "# board\t4294967295\n", "1 to 1000000");
    refused_with("board\t", "# board\t-1\n", "1 to 1000000");
    refused_with("level", "# level\tfool\n", "`decisions` or `full`");
    refused_with("seed", "# seed\tx\n", "whole number");
    refused_with("policies", "# policies\tnone_such\n", "none_such");
    refused("# vencejo-journal\t3\n# end\t0\n", -EINVAL, 2,
            "level, seed, policies, board, board-age-us; the file is "
            "truncated");
}

/* The header, and this behind it. */
static void refused_behind_header(const char *rest,
                                  int error,
                                  size_t line,
                                  const char *what)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s", header, rest);
    refused(text, error, line, what);
}

static void a_journal_without_events_is_refused(void)
{
    refused_behind_header("# end\t0\n", -EINVAL, HEADER_LINES + 1,
                          "without any");
    refused(
        "# vencejo-journal\t3\n# level\tdecisions\n# seed\t7\n"
        "# policies\tplace_home\n# board\t8\n# board-age-us\t9\n# end\t0\n",
        -ENOTSUP, 7, "decisions only");
}

static void a_journal_cut_between_two_lines_is_refused(void)
{
    struct written *w = begin(header);
    write_start(w, 1, true);
    w->now_us = 9;
    write_submit(w, true);
    size_t line = 0;
    for (const char *at = w->text; (at = strchr(at, '\n')); at++) {
        size_t length = (size_t)(at + 1 - w->text);
        char *cut = strndup(w->text, length);
        refused(cut, -EINVAL, ++line, "without the line `# end`");
        free(cut);
    }
    CU_ASSERT_EQUAL(line, HEADER_LINES + w->record_count);
    write_end(w);
    replays(w, 2);
    finish(w);
}

static void the_last_line_counts_the_records_and_is_the_last(void)
{
    refused_behind_header("# end\t1\n", -EINVAL, HEADER_LINES + 1,
                          "counts other records");
    refused_behind_header("# end\tx\n", -EINVAL, HEADER_LINES + 1,
                          "counts other records");
    refused_behind_header("# end\t0\n# end\t0\n", -EINVAL, HEADER_LINES + 2,
                          "behind the end");
}

static void an_empty_file_is_no_journal(void)
{
    char path[] = "replay-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    struct replay_counts counts;
    struct complaint complaint = {.line = 0};
    CU_ASSERT_EQUAL(replay_file(path, NULL, &counts, &complaint), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 1);
    CU_ASSERT_PTR_NULL(strstr(complaint.text, "trace"));
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "the file is empty"));
    close(fd);
    unlink(path);
}

static void what_no_host_says_is_refused_with_its_line(void)
{
    struct written *w = begin(header);
    write_event(w, (struct event){.kind = EVENT_ALARM}, false);
    refused(w->text, -EINVAL, HEADER_LINES + 1, "before its start");
    finish(w);
    w = begin(header);
    write_start(w, 1, false);
    write_start(w, 1, false);
    refused(w->text, -EINVAL, HEADER_LINES + 2, "a second start");
    finish(w);
    w = begin(header);
    write_start(w, 1, false);
    w->now_us = 4;
    write_event(w, (struct event){.kind = EVENT_ALARM}, false);
    refused(w->text, -EINVAL, HEADER_LINES + 2, "goes back");
    finish(w);
    w = begin(header);
    write_start(w, 1, false);
    write_submit(w, false);
    write_submit(w, false);
    refused(w->text, -EINVAL, HEADER_LINES + 3, "submitted before");
    finish(w);
}

static void a_difference_names_the_action_and_the_fields(void)
{
    struct written *w = begin(header);
    write_start(w, 1, true);
    w->now_us = 9;
    write_submit(w, true);
    struct replay_counts counts = {0};
    struct complaint complaint = {.line = 0};
    char text[1024] = "";
    const struct replay_listener listener = {keep, text};
    w->text[w->length - 2] ^= 1; /* The last letter of the reason. */
    write_end(w);
    CU_ASSERT_EQUAL(
        replay_text(w->text, w->length, "j", &listener, &counts, &complaint),
        0);
    CU_ASSERT_EQUAL(counts.differences, 1);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text,
               "node 1, 9 us: differs in reason\n  journal: run, process "
               "3, node -: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  now:     run, process 3, node -"));
    if (counts.differences != 1 || !strstr(text, "run"))
        printf("\n%s", text);
    finish(w);
}

static void an_action_left_out_is_a_difference(void)
{
    struct written *w = begin(header);
    write_start(w, 1, true);
    write_submit(w, false);
    write_end(w);
    struct replay_counts counts = {0};
    struct complaint complaint = {.line = 0};
    char text[1024] = "";
    const struct replay_listener listener = {keep, text};
    CU_ASSERT_EQUAL(
        replay_text(w->text, w->length, "j", &listener, &counts, &complaint),
        0);
    CU_ASSERT(counts.differences > 0);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "node 1, 5 us:\n  journal: nothing\n  now:     run, "));
    finish(w);
}

SUITE_MAIN("replay",
           {"a run is repeated", a_run_is_repeated},
           {"five thousand clusters are repeated",
            five_thousand_clusters_are_repeated},
           {"a header must be whole and in range",
            a_header_must_be_whole_and_in_range},
           {"a journal without events is refused",
            a_journal_without_events_is_refused},
           {"a journal cut between two lines is refused",
            a_journal_cut_between_two_lines_is_refused},
           {"the last line counts the records and is the last",
            the_last_line_counts_the_records_and_is_the_last},
           {"an empty file is no journal", an_empty_file_is_no_journal},
           {"what no host says is refused with its line",
            what_no_host_says_is_refused_with_its_line},
           {"a difference names the action and the fields",
            a_difference_names_the_action_and_the_fields},
           {"an action left out is a difference",
            an_action_left_out_is_a_difference})
