/* transfer.c - the sending side of transfer.h; receive.c is the other. */
#include "transfer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "round.h"

enum { BETWEEN_US = 5000 };

struct transfer
{
    struct tracee *tracee;
    struct transfer_limits limits;
    struct transfer_cost cost;
    struct dirty dirty;
    struct rounds rounds;
    struct memory_writer *writer; /* NULL before the first record. */
    int (*between)(void *context);
    void *context;
    bool running; /* In rounds, while the process runs. */
    bool hurries; /* This round is the last while it runs. */
    uint64_t start_us;
    uint64_t paced_bytes; /* On the stream, since then. */
};

struct transfer_limits transfer_limits_usual(enum transfer_mode mode)
{
    return (struct transfer_limits){
        .mode = mode,
        .rounds_max = 8,
        .rest_bytes = 2 * 1024 * 1024,
        .shrink_permille = 900,
    };
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int watch(struct transfer *x)
{
    static const enum dirty_method best_first[] = {DIRTY_BY_PROTECTION,
                                                   DIRTY_BY_SOFT_BITS};
    int error = -ENOTSUP;
    for (size_t i = 0; i < 2 && error == -ENOTSUP; i++)
        if (x->limits.methods == 0 || x->limits.methods & (1U << best_first[i]))
            error = dirty_watch(&x->dirty, x->tracee, best_first[i]);
    return error;
}

int transfer_create(struct transfer **ret,
                    struct tracee *t,
                    const struct transfer_limits *limits)
{
    struct transfer *x = calloc(1, sizeof *x);
    if (!x)
        return -ENOMEM;
    x->tracee = t;
    x->limits = *limits;
    int error = dirty_open(&x->dirty, t->pid);
    if (error) {
        free(x);
        return error;
    }
    if (transfer_has_rounds(limits->mode))
        error = watch(x);
    if (error)
        transfer_destroy(x);
    else
        *ret = x;
    return error;
}

void transfer_destroy(struct transfer *x)
{
    if (!x)
        return;
    if (x->writer)
        memory_writer_destroy(x->writer);
    rounds_finish(&x->rounds);
    dirty_close(&x->dirty);
    free(x);
}

/* No faster than the rate, unless the rounds are to end; the caller is heard
 * meanwhile. */
static int pace(struct transfer *x)
{
    int error = x->between ? x->between(x->context) : 0;
    if (x->limits.rate_bytes_per_s == 0 || x->hurries)
        return error;
    uint64_t due_us =
        x->start_us + (uint64_t)((double)x->paced_bytes * 1e6 /
                                 (double)x->limits.rate_bytes_per_s);
    for (uint64_t now = now_us(); now < due_us && !error; now = now_us()) {
        uint64_t us = due_us - now < BETWEEN_US ? due_us - now : BETWEEN_US;
        struct timespec nap = {0, (long)us * 1000};
        ppoll(NULL, 0, &nap, NULL);
        error = x->between ? x->between(x->context) : 0;
    }
    return error;
}

/* -EINTR ends the rounds, but not in the middle of one: pages that it has
 * looked at and protected would not be found by the next, and be lost. */
static int after_record(void *context, uint64_t bytes)
{
    struct transfer *x = context;
    x->paced_bytes += bytes;
    int error = x->running ? pace(x) : 0;
    if (error != -EINTR)
        return error;
    x->hurries = true;
    return 0;
}

static int put_round(struct transfer *x, const struct stream *stream, bool last)
{
    struct memory_options options = {
        .compress = x->limits.compress,
        .rate_bytes_per_s = x->limits.rate_bytes_per_s,
        .after = after_record,
        .context = x,
    };
    int error = 0;
    if (!x->writer)
        error =
            memory_writer_create(&x->writer, x->tracee->pid, stream, &options);
    if (!error)
        error = rounds_put(&x->rounds, &x->dirty, x->tracee, x->writer, stream,
                           last);
    /* Its files in /proc fail in other ways. */
    return error && tracee_died(x->tracee->pid) ? -ESRCH : error;
}

static uint64_t sent_pages(const struct transfer *x)
{
    struct memory_count count = {0};
    if (x->writer)
        memory_writer_count(x->writer, &count);
    return count.page_bytes;
}

/* After a round that sent so much: is it time to stop the process? */
static int decide(struct transfer *x, uint64_t sent, bool *ret_more)
{
    uint64_t left;
    int error = dirty_left(&x->dirty, &x->rounds.maps, &left);
    *ret_more = false;
    if (left <= x->limits.rest_bytes)
        x->cost.end = TRANSFER_CONVERGED;
    else if (x->cost.rounds >= x->limits.rounds_max)
        x->cost.end = TRANSFER_ROUNDS_MAX;
    else if ((double)left * 1000 > (double)sent * x->limits.shrink_permille)
        x->cost.end = TRANSFER_SHRINKS_NO;
    else
        *ret_more = true;
    return error;
}

int transfer_rounds(struct transfer *x,
                    const struct stream *stream,
                    int (*between)(void *context),
                    void *context)
{
    int error = 0;
    bool more = x->dirty.method != DIRTY_NONE;
    x->between = between;
    x->context = context;
    x->running = true;
    x->start_us = now_us();
    while (more && !error) {
        uint64_t before = sent_pages(x);
        error = between ? between(context) : 0;
        if (!error)
            error = put_round(x, stream, false);
        x->cost.rounds++;
        if (!error && x->hurries)
            error = -EINTR;
        if (!error)
            error = decide(x, sent_pages(x) - before, &more);
    }
    x->running = false;
    x->cost.rounds_us = now_us() - x->start_us;
    return error;
}

int transfer_rest(struct transfer *x, const struct stream *stream)
{
    uint64_t before = sent_pages(x);
    int error = put_round(x, stream, true);
    x->cost.rest_bytes = sent_pages(x) - before;
    return error;
}

/* ---- What is owed. ------------------------------------------------------- */

static int put_owed(const struct stream *stream, const struct runs *owed)
{
    int error = 0;
    for (size_t at = 0; at < owed->count && !error;) {
        uint64_t count = owed->count - at;
        if (count > MEMORY_OWED_RUNS)
            count = MEMORY_OWED_RUNS;
        struct iovec parts[] = {
            {&count, sizeof count},
            {owed->runs + at, (size_t)count * sizeof owed->runs[0]}};
        error = stream_put(stream, RECORD_OWED, parts, 2);
        at += (size_t)count;
    }
    return error;
}

/* Now, after all. */
static int send_runs(struct transfer *x, const struct runs *runs)
{
    int error = 0;
    for (size_t i = 0; i < runs->count && !error; i++)
        error = memory_writer_add(x->writer, runs->runs[i], true);
    return error ? error : memory_writer_flush(x->writer);
}

int transfer_rest_owed(struct transfer *x,
                       const struct stream *stream,
                       const struct runs *hot,
                       struct runs *ret_owed)
{
    struct runs late = {0};
    struct runs now = {0};
    uint64_t before = sent_pages(x);
    ret_owed->count = 0;
    x->rounds.late = &late;
    int error = put_round(x, stream, true);
    x->rounds.late = NULL;
    if (!error)
        error = runs_intersect(&now, &late, hot);
    if (!error)
        error = runs_subtract(ret_owed, &late, &now);
    if (!error && (runs_bytes(ret_owed) <= x->limits.rest_bytes ||
                   ret_owed->count > MEMORY_OWED_RUNS_MAX)) {
        ret_owed->count = 0;
        error = send_runs(x, &late);
    } else if (!error) {
        error = send_runs(x, &now);
    }
    if (!error)
        error = put_owed(stream, ret_owed);
    x->cost.rest_bytes = sent_pages(x) - before;
    x->cost.owed_bytes = runs_bytes(ret_owed);
    runs_finish(&late);
    runs_finish(&now);
    return error;
}

void transfer_cost_of(const struct transfer *x, struct transfer_cost *ret)
{
    struct memory_count count = {0};
    if (x->writer)
        memory_writer_count(x->writer, &count);
    *ret = x->cost;
    ret->method = x->dirty.method;
    ret->sent_bytes = count.stream_bytes;
    ret->memory_bytes = count.page_bytes;
    ret->packed_bytes = count.packed_bytes;
    ret->zero_bytes = count.zero_bytes;
}
