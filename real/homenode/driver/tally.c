/* tally.c - see tally.h. */
#include "tally.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../calls.h"

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void tally_begin(struct tally *t)
{
    *t = (struct tally){.start_us = now_us()};
}

void tally_finish(struct tally *t)
{
    for (size_t i = 0; i < t->reason_count; i++)
        free(t->reasons[i]);
    free(t->moves);
    *t = (struct tally){0};
}

static void list(struct tally *t, const struct move *move)
{
    size_t count = t->listed_count;
    if (count == MOVES_LISTED_MAX)
        return;
    if ((count & (count - 1)) == 0) {
        struct move *grown =
            reallocarray(t->moves, count ? 2 * count : 1, sizeof *grown);
        if (!grown)
            return;
        t->moves = grown;
    }
    t->moves[t->listed_count++] = *move;
}

void tally_move(struct tally *t,
                int place,
                int64_t call,
                const struct deputy_cost *cost)
{
    struct move move = {.at_us = now_us() - t->start_us,
                        .place = place,
                        .call = (int)call,
                        .cost = *cost};
    t->move_count++;
    if (call >= 0 && call < DEPUTY_CALLS_MAX)
        t->came_home[call]++;
    list(t, &move);
}

void tally_refusal(struct tally *t, const struct complaint *why)
{
    t->refused_count++;
    for (size_t i = 0; i < t->reason_count; i++)
        if (strcmp(t->reasons[i], why->text) == 0)
            return;
    if (t->reason_count < REASONS_MAX)
        t->reasons[t->reason_count] = strdup(why->text);
    if (t->reason_count < REASONS_MAX && t->reasons[t->reason_count])
        t->reason_count++;
}

/* Nanoseconds on a processor, from /proc: there to the end of a zombie. */
void tally_cpu(struct tally *t, pid_t pid)
{
    char path[48];
    unsigned long long ran_ns;
    snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    if (fscanf(file, "%llu", &ran_ns) == 1)
        t->cpu_us = ran_ns / 1000;
    fclose(file);
}

/* ---- JSON. --------------------------------------------------------------- */

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static void put_call(json_t *object, int64_t call, uint64_t count)
{
    char unnamed[32];
    const struct call *row = call_of(call);
    snprintf(unnamed, sizeof unnamed, "call %d", (int)call);
    json_object_set_new(object, row ? row->name : unnamed, number(count));
}

static json_t *by_call(const uint64_t counts[DEPUTY_CALLS_MAX])
{
    json_t *object = json_object();
    for (int64_t i = 0; i < DEPUTY_CALLS_MAX; i++)
        if (counts[i] > 0)
            put_call(object, i, counts[i]);
    return object;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static json_t *freezes(const struct tally *t)
{
    json_t *object = json_object();
    uint64_t *all = calloc(t->listed_count + 1, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; all && i < t->listed_count; i++)
        if (t->moves[i].cost.freeze_us > 0)
            all[count++] = t->moves[i].cost.freeze_us;
    if (count > 0)
        qsort(all, count, sizeof *all, by_size);
    json_object_set_new(object, "median", number(count ? all[count / 2] : 0));
    json_object_set_new(object, "max", number(count ? all[count - 1] : 0));
    free(all);
    return object;
}

static json_t *one_move(const struct move *m)
{
    const struct deputy_cost *c = &m->cost;
    const struct call *row = m->call >= 0 ? call_of(m->call) : NULL;
    json_t *object = json_object();
    json_object_set_new(object, "at_us", number(m->at_us));
    json_object_set_new(object, "to", json_integer(m->place));
    if (row)
        json_object_set_new(object, "for", json_string(row->name));
    json_object_set_new(object, "freeze_us", number(c->freeze_us));
    json_object_set_new(object, "total_us", number(c->total_us));
    json_object_set_new(object, "take_us", number(c->take_us));
    json_object_set_new(object, "memory_us", number(c->memory_us));
    json_object_set_new(object, "ready_us", number(c->ready_us));
    json_object_set_new(object, "bytes", number(c->transfer.sent_bytes));
    json_object_set_new(object, "rounds", number(c->transfer.rounds));
    json_object_set_new(object, "owed_bytes", number(c->transfer.owed_bytes));
    return object;
}

static json_t *to_json(const struct tally *t,
                       const struct deputy_account *account,
                       int status)
{
    json_t *object = json_object();
    json_t *reasons = json_array();
    json_t *each = json_array();
    for (size_t i = 0; i < t->reason_count; i++)
        json_array_append_new(reasons, json_string(t->reasons[i]));
    for (size_t i = 0; i < t->listed_count; i++)
        json_array_append_new(each, one_move(&t->moves[i]));
    json_object_set_new(object, "exit", json_integer(status));
    json_object_set_new(object, "moves", number(t->move_count));
    json_object_set_new(object, "refused", number(t->refused_count));
    json_object_set_new(object, "reasons", reasons);
    json_object_set_new(object, "calls", number(account->calls));
    json_object_set_new(object, "calls_by_name",
                        by_call(account->calls_by_number));
    json_object_set_new(object, "came_home", by_call(t->came_home));
    json_object_set_new(object, "home_cpu_us", number(t->cpu_us));
    json_object_set_new(
        object, "away_cpu_us",
        number(account->usage.user_us + account->usage.system_us));
    json_object_set_new(object, "wall_us", number(now_us() - t->start_us));
    json_object_set_new(object, "freeze_us", freezes(t));
    json_object_set_new(object, "whole_us", number(account->whole_us));
    json_object_set_new(object, "each", each);
    return object;
}

int tally_write(const struct tally *t,
                const struct deputy_account *account,
                int status,
                const char *path,
                struct complaint *c)
{
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.partial", path) >=
        (int)sizeof beside)
        return complain(c, -ENAMETOOLONG, path, 0, 0, "its name is too long");
    json_t *object = to_json(t, account, status);
    int error = json_dump_file(object, beside, JSON_INDENT(2)) == 0 ? 0 : -EIO;
    json_decref(object);
    if (!error && rename(beside, path) < 0)
        error = -errno;
    if (error)
        unlink(beside);
    return error ? complain(c, error, path, 0, 0, "cannot be written: %s",
                            strerror(-error))
                 : 0;
}
