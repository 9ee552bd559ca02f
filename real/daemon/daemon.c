/* daemon.c - see daemon.h: its begin, its timers, its end. */
#include "daemon.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon_inside.h"

static const struct
{
    uint32_t bit;
    const char *name;
} guesses[] = {
    {GUESS_CPU, " cpu_milli"},
    {GUESS_DIRTY, " dirty_bytes_per_s"},
    {GUESS_HOME_CALLS, " home_calls_per_s"},
    {GUESS_HOME_BYTES, " home_bytes_per_s"},
    {GUESS_SIBLINGS, " sibling_node sibling_bytes_per_s"},
    {GUESS_MEM, " mem_bytes"},
};

const struct member *daemon_member(const struct config *config,
                                   const struct roster *roster)
{
    for (size_t i = 0; i < roster->member_count; i++)
        if (strcmp(roster->members[i].name, config->node) == 0)
            return &roster->members[i];
    char *end;
    unsigned long id = strtoul(config->node, &end, 10);
    return *end || end == config->node || id >= NODE_NONE
               ? NULL
               : roster_member(roster, (node_id)id);
}

/* ---- Measuring. ---------------------------------------------------------- */

/* Looks at uneven distances, so that programs that wake by the clock are met
 * as often as others. */
static void on_look(uv_timer_t *timer);
static void look_later(struct daemon *d)
{
    uint64_t look_ms = d->parts.config->look_us / 1000;
    uint64_t wait_ms = look_ms / 2 + randombytes_uniform((uint32_t)look_ms + 1);
    uv_timer_start(&d->look, on_look, wait_ms, 0);
}

static void on_look(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    int error = sampler_look(&d->sampler, uv_hrtime() / 1000);
    if (error && d->sampled_once) {
        say(d->parts.said, SAID_ERROR,
            "runnable processes cannot be counted: %s; the load that others "
            "hear is the last that was measured",
            strerror(-error));
        d->sampled_once = false;
    }
    look_later(d);
}

/* All that the workload runs; it is asked again if there was no room. */
static size_t sample_processes(struct daemon *d)
{
    const struct node_workload *w = d->parts.workload;
    usec_t now_us = uv_hrtime() / 1000;
    size_t count = w->sample(w->user, now_us, d->procs, d->procs_max);
    while (count > d->procs_max) {
        struct proc_info *procs = realloc(d->procs, 2 * count * sizeof *procs);
        if (!procs)
            return d->procs_max;
        d->procs = procs;
        d->procs_max = 2 * count;
        count = w->sample(w->user, now_us, d->procs, d->procs_max);
    }
    return count;
}

static void fill_self(struct daemon *d)
{
    const struct node_workload *w = d->parts.workload;
    const struct config *config = d->parts.config;
    d->self.id = d->id;
    d->self.cluster = d->parts.roster->cluster.id;
    d->self.grid_guest_limit =
        d->word.has_guest_limit ? d->word.guest_limit : config->guest_limit;
    w->freeze_space(w->user, &d->self.freeze_total_bytes,
                    &d->self.freeze_free_bytes);
}

static void on_sample(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    int error =
        sampler_take(&d->sampler, uv_hrtime() / 1000, &d->self, &d->alarms);
    if (error == 0)
        d->sampled_once = true;
    else
        return; /* No look since the last: the node keeps what it knows. */
    fill_self(d);
    size_t count = sample_processes(d);
    struct event event = {.kind = EVENT_SAMPLED,
                          .self = &d->self,
                          .procs = d->procs,
                          .proc_count = count};
    daemon_happens(d, &event);
    int failed = d->journal ? journal_log_flush(d->journal) : 0;
    if (failed)
        say(d->parts.said, SAID_ERROR, "the journal cannot be written: %s",
            strerror(-failed));
}

/* ---- Datagrams. ---------------------------------------------------------- */

static void heard(void *user, node_id from, const uint8_t *bytes, size_t count)
{
    struct daemon *d = user;
    const struct node_workload *w = d->parts.workload;
    if (count > 0 && bytes[0] == WORKLOAD_MARK) {
        w->heard(w->user, from, bytes + 1, count - 1);
        return;
    }
    struct event event = {
        .kind = EVENT_FRAME, .peer = from, .bytes = bytes, .byte_count = count};
    daemon_happens(d, &event);
}

/* Once for each who and why, however often it comes. */
static void refused(void *user, node_id from, int error)
{
    struct daemon *d = user;
    for (size_t i = 0; i < d->refusal_count; i++)
        if (d->refusals[i].from == from && d->refusals[i].error == error)
            return;
    if (d->refusal_count == REFUSALS_KEPT)
        return; /* Somebody makes up senders: enough was said. */
    d->refusals[d->refusal_count++] = (struct refusal){from, error};
    if (from == NODE_NONE)
        say(d->parts.said, SAID_WARNING, "datagrams of nobody are refused: %s",
            strerror(-error));
    else
        say(d->parts.said, SAID_WARNING,
            "datagrams that say to be of node %u are refused: %s", from,
            strerror(-error));
}

/* ---- Begin and end. ------------------------------------------------------ */

static struct node_config node_config_for(struct daemon *d)
{
    const struct config *config = d->parts.config;
    struct node_config n = node_config_default();
    n.id = d->id;
    n.seed = d->seed;
    n.policies = d->policies;
    n.policy_count = config_policies(config, d->policies);
    n.board_max = config->board_max;
    n.board_age_us = config->board_age_us;
    n.lost_after_us = config->lost_after_us;
    n.home_lost_after_us = config->home_lost_after_us;
    n.owner_first = config->owner_first;
    return n;
}

static int begin_sampler(struct daemon *d, struct complaint *c)
{
    const struct sampler_config config = {
        .proc = d->parts.proc,
        .group = d->parts.config->group,
        .core_speed_milli = d->parts.core_speed_milli};
    usec_t now_us = uv_hrtime() / 1000;
    int error = sampler_init(&d->sampler, &config, now_us, c);
    if (error)
        return error;
    /* The first word must not be without cores. */
    error = sampler_look(&d->sampler, now_us + 1);
    if (!error)
        error = sampler_take(&d->sampler, now_us + 2, &d->self, &d->alarms);
    if (error)
        complain(c, error, NULL, 0, 0, "this node cannot be measured: %s",
                 strerror(-error));
    return error;
}

static int begin_journal(struct daemon *d,
                         const struct node_config *n,
                         struct complaint *c)
{
    char guessed[512] = "latency_us bytes_per_s mem_declared_bytes";
    if (!d->parts.config->journal.file)
        return 0;
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
        if (d->parts.workload->guesses & guesses[i].bit)
            strncat(guessed, guesses[i].name,
                    sizeof guessed - strlen(guessed) - 1);
    if (d->alarms.lacks & SAMPLER_NO_UTILISATION)
        strcat(guessed, " utilisation_milli");
    if (d->alarms.lacks & (SAMPLER_NO_PAGING | SAMPLER_NO_PAGE_OUTS))
        strcat(guessed, " paging_bytes_per_s");
    return journal_log_create(&d->journal, d->parts.config, d->parts.roster, n,
                              &d->self, guessed, c);
}

static void begin_timer(struct daemon *d, uv_timer_t *timer)
{
    uv_timer_init(d->parts.loop, timer);
    timer->data = d;
    d->timers_open++;
}

static int read_word(struct daemon *d, struct complaint *c)
{
    char *path = daemon_state_file(d, "owner.json");
    int error = path ? owner_word_read(path, &d->word, c) : -ENOMEM;
    free(path);
    return error;
}

static void begin_node(struct daemon *d)
{
    const struct config *config = d->parts.config;
    struct event start = {.kind = EVENT_START, .self = &d->self};
    begin_timer(d, &d->look);
    begin_timer(d, &d->sample);
    begin_timer(d, &d->alarm);
    fill_self(d);
    d->self.state = d->parts.workload->moves ? NODE_UP : NODE_BLOCKED;
    daemon_show_map(d, &start);
    daemon_happens(d, &start);
    if (d->word.state != NODE_UP || d->word.flags || d->word.has_reservation)
        daemon_tell_word(d);
    look_later(d);
    uv_timer_start(&d->sample, on_sample, config->sample_us / 1000,
                   config->sample_us / 1000);
    d->parts.workload->start(d->parts.workload->user, &d->listener);
}

static int begin(struct daemon *d, struct complaint *c)
{
    const struct daemon_parts *p = &d->parts;
    const struct member *self = daemon_member(p->config, p->roster);
    if (!self)
        return complain(c, -ENOENT, p->config->roster, 0, 0,
                        "has no member '%s', which node: of the configuration "
                        "names; add it and sign the roster again",
                        p->config->node);
    d->id = self->id;
    int error = begin_sampler(d, c);
    if (!error)
        error = read_word(d, c);
    if (!error)
        error = daemon_load_records(d, c);
    struct node_config n = node_config_for(d);
    if (!error && daemon_make_node(d, &n) != 0)
        error = complain(c, -ENOMEM, NULL, 0, 0, "no memory");
    if (!error)
        error = begin_journal(d, &n, c);
    const struct transport_listener listener = {d, heard, refused};
    if (!error)
        error = transport_create(&d->transport, p->loop, p->identity, d->id,
                                 p->roster, &listener, c);
    return error;
}

static void release(struct daemon *d)
{
    sampler_finish(&d->sampler);
    free(d->batch.out);
    free(d->node);
    free(d->procs);
    while (d->queue) {
        struct queued *next = d->queue->next;
        free(d->queue);
        d->queue = next;
    }
    free(d);
}

int daemon_create(struct daemon **ret,
                  const struct daemon_parts *parts,
                  struct complaint *c)
{
    struct daemon *d = calloc(1, sizeof *d);
    if (!d)
        return complain(c, -ENOMEM, NULL, 0, 0, "no memory");
    d->parts = *parts;
    d->queue_end = &d->queue;
    d->started_us = d->now_us = uv_hrtime() / 1000;
    d->procs = calloc(PROCS_FIRST, sizeof *d->procs);
    d->procs_max = PROCS_FIRST;
    d->batch.out = malloc(policy_out_bytes());
    d->seed = parts->config->seed;
    if (!parts->config->has_seed)
        randombytes_buf(&d->seed, sizeof d->seed);
    int error = d->procs && d->batch.out ? begin(d, c) : -ENOMEM;
    if (error) {
        transport_destroy(d->transport);
        journal_log_close(d->journal);
        release(d);
        return error;
    }
    daemon_fill_listener(d, &d->listener);
    begin_node(d);
    *ret = d;
    return 0;
}

static void closed(uv_handle_t *handle)
{
    struct daemon *d = handle->data;
    if (--d->timers_open == 0)
        release(d);
}

void daemon_destroy(struct daemon *d)
{
    if (!d)
        return;
    d->parts.workload->stop(d->parts.workload->user);
    d->stopped = true;
    int error = journal_log_close(d->journal);
    if (error)
        say(d->parts.said, SAID_ERROR, "the journal is not whole: %s",
            strerror(-error));
    d->journal = NULL;
    transport_destroy(d->transport);
    uv_close((uv_handle_t *)&d->look, closed);
    uv_close((uv_handle_t *)&d->sample, closed);
    uv_close((uv_handle_t *)&d->alarm, closed);
}
