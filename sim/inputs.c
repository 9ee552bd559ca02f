#include "inputs.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "../scenarios/quantity.h"

static void say(struct inputs *inputs, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct inputs *inputs, const char *text, ...)
{
    if (inputs->count == INPUTS_MAX)
        return;
    char *line = inputs->texts[inputs->count];
    va_list rest;
    va_start(rest, text);
    vsnprintf(line, INPUT_BYTES_MAX, text, rest);
    va_end(rest);
    inputs->list[inputs->count++] = line;
    inputs->list[inputs->count] = NULL;
}

/* How many of the rows say what they read and wrote. */
enum share { NONE, SOME, ALL };

static enum share share_with_io(const struct scenario *scenario,
                                const struct workload *trace)
{
    if (!scenario->process.io_from_trace || !trace->has_io)
        return NONE;
    for (size_t i = 0; i < trace->count; i++)
        if (trace->jobs[i].read_bytes == JOB_UNKNOWN)
            return SOME;
    return ALL;
}

static enum share share_of_all_with_io(const struct scenario *scenario,
                                       const struct workload *traces)
{
    size_t counts[] = {[NONE] = 0, [SOME] = 0, [ALL] = 0};
    for (size_t i = 0; i < scenario->load_count; i++)
        counts[share_with_io(scenario, &traces[i])]++;
    if (counts[NONE] == scenario->load_count)
        return NONE;
    return counts[ALL] == scenario->load_count ? ALL : SOME;
}

static void say_trace(const struct scenario *scenario,
                      const struct scenario_load *load,
                      const struct workload *trace,
                      struct inputs *inputs)
{
    say(inputs, "measured: arrivals%s, %s%s of %s",
        trace->has_after &&
                !(load->arrivals_given && load->arrivals == ARRIVALS_OPEN)
            ? " and dependencies"
            : "",
        trace->has_cpu ? "CPU time" : "run time (taken as CPU time)",
        trace->has_mem ? ", memory" : "", load->path_written);
    if (share_with_io(scenario, trace) != NONE)
        say(inputs, "measured: bytes read and written of %s",
            load->path_written);
    if (load->scale_load > 0)
        say(inputs, "assumed: dates scaled to a load of %g", load->scale_load);
    char memory[64];
    quantity_print(QUANTITY_BYTES, (double)scenario->process.mem_bytes, memory);
    if (!trace->has_mem)
        say(inputs, "assumed: memory of a process %s (process: memory)",
            memory);
}

/* What goes home from a process away. */
static void say_forwarded(const struct scenario *scenario,
                          enum share with_io,
                          struct inputs *inputs)
{
    char data[64];
    quantity_print(QUANTITY_RATE, scenario->process.home_bytes_per_s, data);
    double calls = scenario->process.home_calls_per_s;
    if (with_io == ALL)
        say(inputs,
            "assumed: a process away makes %g calls/s of CPU (process: calls)",
            calls);
    else
        say(inputs,
            "assumed: a process away makes %g calls/s of CPU with %s%s "
            "(process: calls, call-bytes)",
            calls, data,
            with_io == SOME ? " where no bytes were measured" : "");
}

static void say_assumed(const struct scenario *scenario,
                        enum share with_io,
                        struct inputs *inputs)
{
    char dirty[64], fixed[64];
    quantity_print(QUANTITY_RATE, scenario->process.dirty_bytes_per_s, dirty);
    quantity_print(QUANTITY_DURATION, scenario->migration.fixed_s, fixed);
    if (scenario->migration.mode == MOVE_PRECOPY)
        say(inputs, "assumed: a process dirties %s (process: dirty)", dirty);
    say_forwarded(scenario, with_io, inputs);
    say(inputs,
        "assumed: a migration costs %s and its bytes "
        "(migration: fixed)",
        fixed);
    char start[64], carried[64];
    quantity_print(QUANTITY_DURATION, scenario->migration.start_fixed_s, start);
    quantity_print(QUANTITY_BYTES, (double)scenario->migration.start_bytes,
                   carried);
    say(inputs,
        "assumed: starting elsewhere costs %s and %s (migration: "
        "start-fixed, start-bytes)",
        start, carried);
    say(inputs, "assumed: users declare the memory that their processes need");
    static const char *const models[] = {"factor", "linear", "paging"};
    say(inputs, "assumed: thrashing by model %s (memory: model)",
        models[scenario->memory.model]);
    if (scenario->information == INFORMATION_PERFECT)
        say(inputs,
            "yardstick: every node knows all others at once "
            "(information: perfect)");
}

void inputs_of(const struct scenario *scenario,
               const struct workload *traces,
               struct inputs *ret_inputs)
{
    ret_inputs->count = 0;
    ret_inputs->list[0] = NULL;
    for (size_t i = 0; i < scenario->load_count; i++) {
        const struct scenario_load *load = &scenario->loads[i];
        if (load->kind == LOAD_TRACE)
            say_trace(scenario, load, &traces[i], ret_inputs);
        else
            say(ret_inputs,
                "drawn: arrivals, CPU time and memory of workload "
                "%zu (%s), by seed",
                i + 1, load->kind == LOAD_BATCH ? "batch" : "poisson");
    }
    say_assumed(scenario, share_of_all_with_io(scenario, traces), ret_inputs);
}
