/* stage.h - a world that a test drives itself: its nodes are started, frames
 * and alarms come until a date, and the test does in between what it likes. In
 * a process of its own, since SimGrid's engine cannot be made twice; only bytes
 * come back. */
#ifndef TESTS_SIMULATION_STAGE_H
#define TESTS_SIMULATION_STAGE_H

#include <math.h>

#include "story.h"

typedef void (*stage_fn)(struct world *world, void *seen);

static inline bool stage_play(const char *text,
                              const struct record_sink *sink,
                              stage_fn play,
                              void *seen)
{
    struct scenario *scenario;
    struct complaint complaint = {.line = 0};
    struct world *world;
    struct workload *traces;
    if (scenario_parse(text, strlen(text), "stage", NULL, 0, &scenario,
                       &complaint) != 0 ||
        run_traces_read(scenario, &traces, &complaint) != 0 ||
        world_create(scenario, traces, 1, &world, &complaint) != 0) {
        printf("\n  %zu:%zu: %s\n", complaint.line, complaint.column,
               complaint.text);
        fflush(stdout);
        return false;
    }
    world->sink = *sink;
    for (node_id i = 0; i < world->machine_count; i++)
        adapter_start(world, i);
    play(world, seen);
    world_destroy(world);
    run_traces_finish(scenario, traces);
    scenario_destroy(scenario);
    return true;
}

/* False, and that is an error of the test, if it did not get to the end. */
static inline bool stage(const char *text,
                         const struct record_sink *sink,
                         stage_fn play,
                         void *ret_seen,
                         size_t seen_bytes)
{
    int ends[2];
    if (pipe(ends) < 0)
        abort();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        bool played =
            stage_play(text, sink, play, ret_seen) &&
            write(ends[1], ret_seen, seen_bytes) == (ssize_t)seen_bytes;
        _exit(played ? 0 : 1);
    }
    close(ends[1]);
    bool whole = read(ends[0], ret_seen, seen_bytes) == (ssize_t)seen_bytes;
    close(ends[0]);
    waitpid(pid, NULL, 0);
    CU_ASSERT_TRUE(whole);
    return whole;
}

/* Frames and alarms up to that date; the first of what happens at one. */
static inline bool stage_next(struct world *world, double until)
{
    double frame = heap_date(&world->heap);
    double alarm = alarms_date(&world->alarms);
    if (fmin(frame, alarm) > until) {
        world->now = until;
        return false;
    }
    world->now = fmin(frame, alarm);
    if (frame <= alarm) {
        struct happening h = heap_pop(&world->heap);
        adapter_frame(world, (uint32_t)h.what);
    } else {
        adapter_alarm(world, alarms_index(&world->alarms));
    }
    return true;
}

static inline void stage_run(struct world *world, double until)
{
    while (stage_next(world, until))
        continue;
}

#endif /* TESTS_SIMULATION_STAGE_H */
