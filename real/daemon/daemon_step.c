/* daemon_step.c - happenings become events of the node, its actions happen. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/file.h"
#include "../../traces/save.h"
#include "daemon_inside.h"

/* ---- The node's memory. -------------------------------------------------- */

static void *block_of(const struct node_config *config)
{
    return aligned_alloc(16, (node_bytes(config) + 15) / 16 * 16);
}

int daemon_make_node(struct daemon *d, const struct node_config *config)
{
    void *block = block_of(config);
    if (!block)
        return -ENOMEM;
    d->node = node_init(block, config);
    return 0;
}

/* False: no memory; the node then refuses what it has no room for. */
static bool make_room(struct daemon *d)
{
    if (!node_crowded(d->node))
        return true;
    struct node_config config = node_config_of(d->node);
    config.proc_max *= 2;
    config.away_max *= 2;
    void *block = block_of(&config);
    if (!block)
        return false;
    struct node *larger = node_copy(block, &config, d->node);
    free(d->node);
    d->node = larger;
    return true;
}

/* ---- The journal. -------------------------------------------------------- */

static void journal_failed(struct daemon *d, int error)
{
    if (error == -EFBIG)
        say(d->parts.said, SAID_WARNING,
            "the journal has reached its limit and ends here");
    else if (error) {
        say(d->parts.said, SAID_ERROR, "the journal cannot be written: %s",
            strerror(-error));
        journal_log_close(d->journal);
        d->journal = NULL;
    }
}

void daemon_record(struct daemon *d, struct record *record)
{
    if (!d->journal)
        return;
    record->at_us = d->now_us - d->started_us;
    record->node = d->id;
    journal_failed(d, journal_log_write(d->journal, record));
}

static void record_event(struct daemon *d, const struct event *event)
{
    if (d->journal && journal_log_is_full(d->journal))
        journal_failed(d, journal_log_event(d->journal, event,
                                            d->now_us - d->started_us, d->id));
}

static void record_action(struct daemon *d, const struct action *a)
{
    struct record record;
    if (d->journal && journal_log_is_full(d->journal)) {
        journal_of_any_action(a, d->now_us - d->started_us, d->id, &record);
        daemon_record(d, &record);
    }
    if (!journal_of_action(a, d->now_us - d->started_us, d->id, &record))
        return;
    daemon_record(d, &record);
    say_quietly(d->parts.said, "%s %" PRIu64 " node %" PRId64 ": %s",
                journal_kinds[record.kind].name, a->proc,
                a->peer == NODE_NONE ? -1 : (int64_t)a->peer, a->why);
}

/* ---- Actions. ------------------------------------------------------------ */

static const struct proc_info *find_proc(const struct daemon *d, proc_id proc)
{
    size_t count;
    const struct proc_info *procs = node_procs(d->node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == proc)
            return &procs[i];
    return NULL;
}

static void carry(struct daemon *d, const struct action *a)
{
    const struct node_workload *w = d->parts.workload;
    const struct proc_info *proc = find_proc(d, a->proc);
    /* What has left meanwhile, in the same batch, needs no carrying. */
    if (proc)
        w->carry(w->user, proc, a->epoch, a->peer, a->start);
}

static void act_on_process(struct daemon *d, const struct action *a)
{
    const struct node_workload *w = d->parts.workload;
    switch (a->kind) {
        case ACTION_CARRY:
            carry(d, a);
            break;
        case ACTION_CANCEL:
            w->cancel(w->user, a->proc);
            break;
        case ACTION_RUN:
            w->run(w->user, a->proc);
            break;
        case ACTION_DROP:
            w->drop(w->user, a->proc);
            break;
        case ACTION_FREEZE:
            w->freeze(w->user, a->proc, a->epoch);
            break;
        case ACTION_THAW:
            w->thaw(w->user, a->proc);
            break;
        case ACTION_KILL:
            w->kill(w->user, a->proc);
            break;
        case ACTION_ENDED:
            w->ended_away(w->user, a->proc);
            break;
        case ACTION_LOST:
            w->lost(w->user, a->proc, a->peer);
            break;
        case ACTION_MOVED:
            w->moved(w->user, a->proc, a->peer, a->epoch);
            break;
        default:
            break; /* For the journal only. */
    }
}

static void act(struct daemon *d, const struct action *a)
{
    d->action_counts[a->kind]++;
    record_action(d, a);
    if (a->kind == ACTION_SEND)
        transport_send(d->transport, a->peer, a->bytes, a->byte_count);
    else if (a->kind == ACTION_RECORD)
        daemon_hear_record(d, a);
    else
        act_on_process(d, a);
    if (a->kind == ACTION_DENIED)
        snprintf(d->why_denied, sizeof d->why_denied, "%s", a->why);
}

/* ---- Events. ------------------------------------------------------------- */

static void step(struct daemon *d, struct event *event)
{
    usec_t now_us = uv_hrtime() / 1000;
    d->now_us = now_us > d->now_us ? now_us : d->now_us;
    event->now_us = d->now_us;
    d->event_count++;
    if (event->kind == EVENT_SUBMIT && !make_room(d)) {
        say(d->parts.said, SAID_ERROR, "no memory for one process more");
        return;
    }
    if (event->kind != EVENT_START)
        make_room(d);
    record_event(d, event);
    d->why_denied[0] = '\0';
    d->stepping = true;
    node_step(d->node, event, &d->batch);
    for (size_t i = 0; i < d->batch.count; i++)
        act(d, &d->batch.actions[i]);
    d->stepping = false;
}

/* The loop counts whole ms, and may ring early: then it is set again. */
static void on_alarm(uv_timer_t *timer)
{
    struct event event = {.kind = EVENT_ALARM};
    daemon_happens(timer->data, &event);
}

static void set_alarm(struct daemon *d)
{
    usec_t at_us = node_deadline(d->node);
    if (at_us == USEC_NEVER) {
        uv_timer_stop(&d->alarm);
        return;
    }
    usec_t now_us = uv_hrtime() / 1000;
    uint64_t wait_ms = at_us > now_us ? (at_us - now_us + 999) / 1000 : 0;
    uv_update_time(d->parts.loop);
    uv_timer_start(&d->alarm, on_alarm, wait_ms, 0);
}

static void put_off(struct daemon *d, const struct event *event)
{
    struct queued *q = calloc(1, sizeof *q);
    assert(q);
    assert(event->proc_count <= 1);
    q->event = *event;
    if (event->proc_count == 1) {
        q->proc = event->procs[0];
        q->event.procs = &q->proc;
    }
    *d->queue_end = q;
    d->queue_end = &q->next;
}

static void take_up(struct daemon *d)
{
    while (d->queue) {
        struct queued *q = d->queue;
        d->queue = q->next;
        if (!d->queue)
            d->queue_end = &d->queue;
        step(d, &q->event);
        free(q);
    }
}

void daemon_happens(struct daemon *d, struct event *event)
{
    if (d->stopped)
        return;
    if (d->stepping) {
        put_off(d, event);
        return;
    }
    step(d, event);
    take_up(d);
    daemon_tell_map(d); /* Comes back here, once for all that was heard. */
    set_alarm(d);
}

/* ---- What the workload tells. -------------------------------------------- */

/* The counter is on disk before a number of it is used. */
static bool take_numbers(struct daemon *d)
{
    char text[32];
    char *path = daemon_state_file(d, "next-process");
    char *read = NULL;
    size_t bytes;
    struct complaint c = {.line = 0};
    int error = path ? file_read(path, &read, &bytes, &c) : -ENOMEM;
    unsigned long long next = 1;
    if (!error)
        next = strtoull(read, NULL, 10);
    free(read);
    if (error == -ENOENT)
        error = 0;
    if (!error && (next == 0 || next > UINT32_MAX - PROC_BLOCK))
        error = -ERANGE;
    if (!error) {
        snprintf(text, sizeof text, "%llu\n", next + PROC_BLOCK);
        error = save_text(path, text);
    }
    free(path);
    if (error) {
        say(d->parts.said, SAID_ERROR,
            "no process may start, %s/next-process cannot be used: %s",
            d->parts.config->state, strerror(-error));
        return false;
    }
    d->proc_next = next;
    d->proc_end = next + PROC_BLOCK;
    return true;
}

static proc_id new_proc(void *user)
{
    struct daemon *d = user;
    if (d->proc_next == d->proc_end && !take_numbers(d))
        return 0;
    return (proc_id)d->id << 32 | d->proc_next++;
}

static bool submit(void *user, const struct proc_info *proc, uint32_t epoch)
{
    struct daemon *d = user;
    struct proc_info info = *proc;
    if (d->stopped)
        return false;
    info.home = d->id;
    info.home_cluster = d->parts.roster->cluster.id;
    info.came_from = NODE_NONE;
    info.state = PROC_WAITING;
    info.submitted_us = info.arrived_us = uv_hrtime() / 1000;
    if (info.width == 0)
        info.width = 1;
    struct record r = {.kind = RECORD_SUBMIT, .proc = info.id, .why = ""};
    r.values[SUBMIT_USER] = info.user;
    r.values[SUBMIT_JOB] = info.job;
    r.values[SUBMIT_PROGRAM] = info.program;
    r.values[SUBMIT_WORK_US] = info.cpu_declared_us;
    r.values[SUBMIT_MEM_BYTES] = info.mem_bytes;
    daemon_record(d, &r);
    struct event event = {
        .kind = EVENT_SUBMIT, .procs = &info, .proc_count = 1, .epoch = epoch};
    daemon_happens(d, &event);
    return true;
}

static void image(void *user,
                  const struct proc_info *proc,
                  uint32_t epoch,
                  node_id from)
{
    struct event event = {.kind = EVENT_IMAGE,
                          .procs = proc,
                          .proc_count = 1,
                          .epoch = epoch,
                          .peer = from};
    daemon_happens(user, &event);
}

static void carried(void *user,
                    proc_id proc,
                    uint32_t epoch,
                    bool done,
                    usec_t frozen_us,
                    uint64_t copied_bytes)
{
    struct event event = {.kind = EVENT_CARRIED,
                          .proc = proc,
                          .epoch = epoch,
                          .done = done,
                          .frozen_us = frozen_us,
                          .copied_bytes = copied_bytes};
    daemon_happens(user, &event);
}

static void ended(void *user, proc_id proc, uint64_t cpu_us, int status)
{
    struct daemon *d = user;
    struct record r = {.kind = RECORD_ENDED, .proc = proc, .why = ""};
    r.values[ENDED_CPU_US] = cpu_us;
    daemon_record(d, &r);
    say_quietly(d->parts.said, "ended %" PRIu64 ": status %d", proc, status);
    struct event event = {.kind = EVENT_ENDED, .proc = proc};
    daemon_happens(d, &event);
}

static void move(void *user, proc_id proc, node_id to)
{
    struct event event = {.kind = EVENT_MOVE, .proc = proc, .peer = to};
    daemon_happens(user, &event);
}

static void changed(void *user, const struct proc_info *proc)
{
    struct event event = {
        .kind = EVENT_CHANGED, .procs = proc, .proc_count = 1};
    daemon_happens(user, &event);
}

static bool has(void *user, proc_id proc)
{
    return find_proc(user, proc) != NULL;
}

static int send_message(void *user,
                        node_id to,
                        const uint8_t *bytes,
                        size_t count)
{
    struct daemon *d = user;
    uint8_t message[WORKLOAD_MESSAGE_BYTES_MAX + 1] = {WORKLOAD_MARK};
    if (count > WORKLOAD_MESSAGE_BYTES_MAX)
        return -EMSGSIZE;
    memcpy(message + 1, bytes, count);
    return transport_send(d->transport, to, message, count + 1);
}

static void said(void *user, const char *text)
{
    struct daemon *d = user;
    say(d->parts.said, SAID_NOTE, "%s", text);
}

void daemon_fill_listener(struct daemon *d, struct workload_listener *ret)
{
    *ret = (struct workload_listener){.user = d,
                                      .new_proc = new_proc,
                                      .submit = submit,
                                      .image = image,
                                      .carried = carried,
                                      .ended = ended,
                                      .move = move,
                                      .changed = changed,
                                      .has = has,
                                      .send = send_message,
                                      .said = said};
}
