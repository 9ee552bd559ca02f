/* story.h - run a scenario written in a test and keep its records. */
#ifndef TESTS_SIMULATION_STORY_H
#define TESTS_SIMULATION_STORY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/run.h"
#include "tests/suite.h"

enum { STORY_RECORDS_MAX = 16384 };

/* Records of the kinds that the tests look at. */
struct story
{
    struct record records[STORY_RECORDS_MAX];
    size_t count;
    uint64_t hash; /* Of every line of the journal. */
    struct run_result result;
    char complaint[1024]; /* Not empty: it did not run. */
    char breach[256];     /* Not empty: an invariant was broken. */
};

static void story_take(void *sink, const struct record *record)
{
    struct story *s = sink;
    char *line = malloc(RECORD_LINE_BYTES_MAX);
    size_t length = journal_format(record, line);
    for (size_t i = 0; i < length; i++)
        s->hash = (s->hash ^ (uint8_t)line[i]) * 1099511628211u;
    free(line);
    if (record->kind == RECORD_BOARD || s->count == STORY_RECORDS_MAX)
        return;
    s->records[s->count] = *record;
    s->records[s->count++].why = ""; /* It lies in the batch. */
}

/* Everything that comes before "policies:" may be in text; heads and tails that
 * most stories share are added. */
static inline void story_here(const char *text, uint64_t seed, struct story *s)
{
    struct scenario *scenario;
    struct complaint complaint = {.line = 0};
    struct world *world;
    memset(s, 0, sizeof *s);
    s->hash = 1469598103934665603u;
    if (scenario_parse(text, strlen(text), "story", NULL, 0, &scenario,
                       &complaint)) {
        snprintf(s->complaint, sizeof s->complaint, "%zu:%zu: %s",
                 complaint.line, complaint.column, complaint.text);
        return;
    }
    struct workload *traces;
    if (run_traces_read(scenario, &traces, &complaint) == 0) {
        if (world_create(scenario, traces, seed, &world, &complaint) == 0) {
            struct record_sink sink = {.take = story_take, .sink = s};
            world_check(world);
            world_run(world, &sink, NULL, &s->result);
            if (s->result.breach.name)
                snprintf(s->breach, sizeof s->breach,
                         "%s: node %u, process %llu: %s", s->result.breach.name,
                         s->result.breach.node,
                         (unsigned long long)s->result.breach.proc,
                         s->result.breach.what);
            s->result.breach.name = NULL;
            s->result.refusal = NULL;
            world_destroy(world);
        }
        run_traces_finish(scenario, traces);
    }
    if (complaint.text[0])
        snprintf(s->complaint, sizeof s->complaint, "%s", complaint.text);
    scenario_destroy(scenario);
}

/* In a process of its own: SimGrid's engine cannot be made twice. The caller
 * frees it. */
static inline struct story *story(const char *text, uint64_t seed)
{
    int ends[2];
    struct story *s = malloc(sizeof *s);
    if (!s || pipe(ends) < 0)
        abort();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        story_here(text, seed, s);
        FILE *out = fdopen(ends[1], "w");
        bool written = fwrite(s, sizeof *s, 1, out) == 1 && fclose(out) == 0;
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    if (!in || fread(s, sizeof *s, 1, in) != 1)
        snprintf(s->complaint, sizeof s->complaint, "the run crashed");
    fclose(in);
    waitpid(pid, NULL, 0);
    for (size_t i = 0; i < s->count; i++)
        s->records[i].why = "";
    if (s->complaint[0])
        printf("\n    %s\n", s->complaint);
    if (s->breach[0])
        printf("\n    %s\n", s->breach);
    CU_ASSERT_FALSE(s->breach[0]);
    return s;
}

static inline size_t story_count(const struct story *s, enum record_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        count += s->records[i].kind == kind;
    return count;
}

/* The first of this kind; NULL if there is none. */
static inline const struct record *story_find(const struct story *s,
                                              enum record_kind kind)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == kind)
            return &s->records[i];
    return NULL;
}

/* The nth of this kind, from 0; there is none: a fatal error of the test. */
static inline const struct record *story_nth(const struct story *s,
                                             enum record_kind kind,
                                             size_t nth)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == kind && nth-- == 0)
            return &s->records[i];
    CU_FAIL_FATAL("no such record");
    return NULL;
}

/* Its date, in seconds. */
static inline double story_date(const struct story *s,
                                enum record_kind kind,
                                size_t nth)
{
    return (double)story_nth(s, kind, nth)->at_us * 1e-6;
}

/* Date of the last end, in seconds. */
static inline double story_makespan_s(const struct story *s)
{
    double last = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == RECORD_ENDED)
            last = (double)s->records[i].at_us * 1e-6;
    return last;
}

#endif /* TESTS_SIMULATION_STORY_H */
