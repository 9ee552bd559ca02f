/* workload_mover.c - see workload_mover.h. */
#include "workload_mover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../homenode/driver/connection.h"

enum { SAID_BYTES = 256 };

struct workload_mover
{
    struct workload_mover_options options;
    const struct workload_listener *listener; /* NULL before start(). */
    struct node_mover *mover;
    uv_poll_t poll;
    bool polls;
};

/* ---- What the mover says. ------------------------------------------------ */

static void step(void *context, struct event *event)
{
    const struct workload_mover *m = context;
    const struct workload_listener *l = m->listener;
    struct proc_info info = {0};
    switch (event->kind) {
        case EVENT_SUBMIT:
            l->submit(l->user, event->procs, event->epoch);
            break;
        case EVENT_IMAGE:
            info = event->procs[0];
            info.came_from = event->peer;
            l->image(l->user, &info, event->epoch, event->peer);
            break;
        case EVENT_CARRIED:
            l->carried(l->user, event->proc, event->epoch, event->done,
                       event->frozen_us, event->copied_bytes);
            break;
        case EVENT_ENDED:
            l->ended(l->user, event->proc,
                     node_mover_cpu_us(m->mover, event->proc), 0);
            break;
        case EVENT_MOVE:
            l->move(l->user, event->proc, event->peer);
            break;
        default:
            break;
    }
}

static bool has(void *context, proc_id proc)
{
    const struct workload_mover *m = context;
    return m->listener->has(m->listener->user, proc);
}

static proc_id new_proc(void *context)
{
    const struct workload_mover *m = context;
    return m->listener ? m->listener->new_proc(m->listener->user) : 0;
}

static int send_message(void *context,
                        node_id to,
                        const uint8_t *bytes,
                        size_t count)
{
    const struct workload_mover *m = context;
    return m->listener->send(m->listener->user, to, bytes, count);
}

static void say(void *context, proc_id proc, const char *text)
{
    const struct workload_mover *m = context;
    char line[SAID_BYTES];
    snprintf(line, sizeof line, "process %" PRIu64 ": %.200s", proc, text);
    m->listener->said(m->listener->user, line);
}

/* ---- What the daemon asks. ----------------------------------------------- */

static void ready(uv_poll_t *poll, int status, int events)
{
    const struct workload_mover *m = poll->data;
    (void)status;
    (void)events;
    node_mover_step(m->mover);
}

static void start(void *user, const struct workload_listener *listener)
{
    struct workload_mover *m = user;
    m->listener = listener;
    uv_poll_init(m->options.loop, &m->poll, node_mover_wait_on(m->mover));
    m->poll.data = m;
    m->polls = true;
    uv_poll_start(&m->poll, UV_READABLE, ready);
    node_mover_start(m->mover);
}

static int by_id(const void *a, const void *b)
{
    const struct proc_info *x = a;
    const struct proc_info *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static size_t sample(void *user,
                     usec_t now_us,
                     struct proc_info *ret,
                     size_t max)
{
    const struct workload_mover *m = user;
    size_t all = node_mover_list(m->mover, NULL, 0);
    if (all > max)
        return all;
    size_t count = node_mover_sample(m->mover, now_us,
                                     m->options.core_speed_milli, ret, max);
    qsort(ret, count, sizeof *ret, by_id);
    return count;
}

static void freeze_space(void *user, uint64_t *ret_total, uint64_t *ret_free)
{
    (void)user; /* Nothing is put there. */
    *ret_total = 0;
    *ret_free = 0;
}

static void carry(void *user,
                  const struct proc_info *proc,
                  uint32_t epoch,
                  node_id target,
                  bool first)
{
    const struct workload_mover *m = user;
    (void)first;
    node_mover_carry(m->mover, proc->id, epoch, target, proc);
}

static void cancel(void *user, proc_id proc)
{
    const struct workload_mover *m = user;
    node_mover_cancel(m->mover, proc);
}

static void run(void *user, proc_id proc)
{
    const struct workload_mover *m = user;
    node_mover_run(m->mover, proc);
}

static void drop(void *user, proc_id proc)
{
    const struct workload_mover *m = user;
    node_mover_drop(m->mover, proc);
}

static void freeze(void *user, proc_id proc, uint32_t epoch)
{
    const struct workload_mover *m = user;
    (void)epoch;
    node_mover_freeze(m->mover, proc, true);
}

static void thaw(void *user, proc_id proc)
{
    const struct workload_mover *m = user;
    node_mover_freeze(m->mover, proc, false);
}

static void end_it(void *user, proc_id proc)
{
    const struct workload_mover *m = user;
    node_mover_kill(m->mover, proc);
}

static void ended_away(void *user, proc_id proc)
{
    (void)user; /* Its deputy has ended as it did. */
    (void)proc;
}

static void lost(void *user, proc_id proc, node_id with)
{
    const struct workload_mover *m = user;
    (void)with;
    node_mover_lost(m->mover, proc);
}

static void moved(void *user, proc_id proc, node_id place, uint32_t epoch)
{
    (void)user; /* Home's mover knows by its deputy. */
    (void)proc;
    (void)place;
    (void)epoch;
}

static void heard(void *user, node_id from, const uint8_t *bytes, size_t count)
{
    const struct workload_mover *m = user;
    node_mover_heard(m->mover, from, bytes, count);
}

static void roster(void *user, const struct roster *roster)
{
    (void)user; /* The daemon has the keys and addresses. */
    (void)roster;
}

/* The process of that number, here or of this home; by proc, or by pid. */
static bool find(const struct workload_mover *m,
                 proc_id proc,
                 pid_t pid,
                 struct node_mover_process *ret)
{
    size_t room = node_mover_list(m->mover, NULL, 0);
    struct node_mover_process *list = calloc(room + 1, sizeof *list);
    bool found = false;
    if (!list)
        return false;
    node_mover_list(m->mover, list, room);
    for (size_t i = 0; i < room && !found; i++) {
        found = proc ? list[i].proc == proc : list[i].pid == pid;
        if (found)
            *ret = list[i];
    }
    free(list);
    return found;
}

static bool whose(void *user, proc_id proc, uid_t *ret_uid, pid_t *ret_pid)
{
    struct node_mover_process p;
    if (!find(user, proc, 0, &p))
        return false;
    *ret_uid = p.user;
    *ret_pid = p.pid;
    return true;
}

static proc_id proc_of(void *user, pid_t pid)
{
    struct node_mover_process p;
    return pid > 0 && find(user, 0, pid, &p) ? p.proc : 0;
}

static void stop(void *user)
{
    struct workload_mover *m = user;
    if (m->polls)
        uv_close((uv_handle_t *)&m->poll, NULL);
    m->polls = false;
    node_mover_destroy(m->mover);
    m->mover = NULL;
}

struct node_workload workload_mover_of(struct workload_mover *m)
{
    return (struct node_workload){
        .user = m,
        .moves = true,
        .guesses =
            GUESS_DIRTY | GUESS_HOME_CALLS | GUESS_HOME_BYTES | GUESS_SIBLINGS,
        .start = start,
        .sample = sample,
        .freeze_space = freeze_space,
        .carry = carry,
        .cancel = cancel,
        .run = run,
        .drop = drop,
        .freeze = freeze,
        .thaw = thaw,
        .kill = end_it,
        .ended_away = ended_away,
        .lost = lost,
        .moved = moved,
        .heard = heard,
        .roster = roster,
        .whose = whose,
        .proc_of = proc_of,
        .stop = stop,
    };
}

/* ---- Life. --------------------------------------------------------------- */

/* The same host, any port. */
static int any_port(const char *address, char ret[ADDRESS_BYTES])
{
    const char *colon = strrchr(address, ':');
    int host = colon ? (int)(colon - address) : (int)strlen(address);
    return snprintf(ret, ADDRESS_BYTES, "%.*s:0", host, address) < ADDRESS_BYTES
               ? 0
               : -ENAMETOOLONG;
}

int workload_mover_create(struct workload_mover **ret,
                          const struct workload_mover_options *options,
                          struct complaint *c)
{
    char listen[ADDRESS_BYTES];
    struct workload_mover *m = calloc(1, sizeof *m);
    if (!m)
        return complain(c, -ENOMEM, NULL, 0, 0, "no memory");
    m->options = *options;
    int error = any_port(options->address, listen);
    if (error)
        complain(c, error, options->address, 0, 0, "the address is too long");
    const struct mover_options mover = {
        .self = options->self,
        .cluster = options->cluster,
        .folder = options->state,
        .socket = options->socket,
        .listen = listen,
        .guardian = options->worker,
        .lease_us = LINK_LEASE_US,
        .daemon = {m, step, has, new_proc, send_message, say}};
    if (!error)
        error = node_mover_create(&m->mover, &mover, c);
    if (error)
        free(m);
    else
        *ret = m;
    return error;
}

void workload_mover_destroy(struct workload_mover *m)
{
    if (!m)
        return;
    node_mover_destroy(m->mover);
    free(m);
}
