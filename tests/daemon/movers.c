/* movers.c - see movers.h. */
#include "movers.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { PROCESSES = 16, WAIT_US = 30000000 };

/* A frame, or an event of a mover, that has not been taken. */
struct happening
{
    struct happening *next;
    struct machine *machine;
    struct event event;
    struct proc_info info;
    bool is_message;
    node_id from;
    size_t count;
    uint8_t bytes[2048];
};

static usec_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (usec_t)now.tv_sec * 1000000 + (usec_t)now.tv_nsec / 1000;
}

static struct happening *push(struct machine *m)
{
    struct happening *h = calloc(1, sizeof *h);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    h->machine = m;
    *m->all->last = h;
    m->all->last = &h->next;
    return h;
}

static struct machine *machine_of(struct movers *w, node_id id)
{
    return &w->machines[id - 1];
}

/* ---- What a mover says. -------------------------------------------------- */

static void later(void *context, struct event *event)
{
    struct happening *h = push(context);
    h->event = *event;
    if (event->proc_count > 0) {
        h->info = event->procs[0];
        h->event.procs = &h->info;
    }
}

static bool has(void *context, proc_id proc)
{
    const struct machine *m = context;
    size_t count;
    const struct proc_info *procs = node_procs(m->node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == proc)
            return true;
    return false;
}

static proc_id new_proc(void *context)
{
    struct machine *m = context;
    return (proc_id)m->id << 32 | ++m->proc_count;
}

static int send_message(void *context,
                        node_id to,
                        const uint8_t *bytes,
                        size_t count)
{
    struct machine *m = context;
    struct machine *target = machine_of(m->all, to);
    if (!target->mover || target->deaf)
        return -ENETUNREACH;
    struct happening *h = push(target);
    h->is_message = true;
    h->from = m->id;
    h->count = count;
    memcpy(h->bytes, bytes, count);
    return 0;
}

static void say(void *context, proc_id proc, const char *text)
{
    const struct machine *m = context;
    if (getenv("MOVERS_SAY"))
        fprintf(stderr, "node %u: process %llx %s\n", m->id,
                (unsigned long long)proc, text);
}

/* ---- What a node decides. ------------------------------------------------ */

static const struct proc_info *info_of(const struct machine *m, proc_id proc)
{
    size_t count;
    const struct proc_info *procs = node_procs(m->node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == proc)
            return &procs[i];
    return NULL;
}

static void send_frame(struct machine *m, const struct action *action)
{
    struct happening *h = push(machine_of(m->all, action->peer));
    h->event = (struct event){
        .kind = EVENT_FRAME, .peer = m->id, .byte_count = action->byte_count};
    memcpy(h->bytes, action->bytes, action->byte_count);
    h->event.bytes = h->bytes;
}

static void carry_out(struct machine *m, const struct action *action)
{
    m->all->actions[action->kind]++;
    if (getenv("MOVERS_SAY") && action->kind != ACTION_SEND)
        fprintf(stderr, "node %u: action %d of %llx, peer %d epoch %u: %s\n",
                m->id, (int)action->kind, (unsigned long long)action->proc,
                (int)action->peer, action->epoch, action->why);
    switch (action->kind) {
        case ACTION_SEND:
            send_frame(m, action);
            break;
        case ACTION_CARRY:
            node_mover_carry(m->mover, action->proc, action->epoch,
                             action->peer, info_of(m, action->proc));
            break;
        case ACTION_CANCEL:
            node_mover_cancel(m->mover, action->proc);
            break;
        case ACTION_RUN:
            if (m->drops)
                node_mover_drop(m->mover, action->proc);
            else
                node_mover_run(m->mover, action->proc);
            break;
        case ACTION_DROP:
            node_mover_drop(m->mover, action->proc);
            break;
        case ACTION_FREEZE:
        case ACTION_THAW:
            node_mover_freeze(m->mover, action->proc,
                              action->kind == ACTION_FREEZE);
            break;
        case ACTION_LOST:
            node_mover_lost(m->mover, action->proc);
            break;
        case ACTION_KILL:
            node_mover_kill(m->mover, action->proc);
            break;
        default:
            break;
    }
}

void movers_event(struct movers *w, node_id id, struct event event)
{
    struct machine *m = machine_of(w, id);
    event.now_us = now_us();
    w->events[event.kind]++;
    if (getenv("MOVERS_SAY") && event.kind != EVENT_FRAME &&
        event.kind != EVENT_ALARM)
        fprintf(stderr, "node %u: event %d of %llx done %d epoch %u\n", id,
                (int)event.kind,
                (unsigned long long)(event.proc_count ? event.procs[0].id
                                                      : event.proc),
                (int)event.done, event.epoch);
    node_step(m->node, &event, w->batch);
    for (size_t i = 0; i < w->batch->count; i++)
        carry_out(m, &w->batch->actions[i]);
}

/* ---- The loop. ----------------------------------------------------------- */

static void take(struct movers *w, struct happening *h)
{
    struct machine *m = h->machine;
    if (!m->node)
        return;
    if (h->is_message)
        node_mover_heard(m->mover, h->from, h->bytes, h->count);
    else
        movers_event(w, m->id, h->event);
}

static void take_all(struct movers *w)
{
    while (w->first) {
        struct happening *h = w->first;
        w->first = h->next;
        if (!w->first)
            w->last = &w->first;
        take(w, h);
        free(h);
    }
}

static void turn(struct movers *w)
{
    struct pollfd files[NODES];
    for (int i = 0; i < NODES; i++)
        files[i] =
            (struct pollfd){.fd = w->machines[i].mover
                                      ? node_mover_wait_on(w->machines[i].mover)
                                      : -1,
                            .events = POLLIN};
    poll(files, NODES, 5);
    for (int i = 0; i < NODES; i++) {
        struct machine *m = &w->machines[i];
        if (!m->node)
            continue;
        node_mover_step(m->mover);
        if (now_us() >= node_deadline(m->node))
            movers_event(w, m->id, (struct event){.kind = EVENT_ALARM});
        take_all(w);
    }
}

void movers_pass(struct movers *w, usec_t span_us)
{
    for (usec_t end = now_us() + span_us; now_us() < end;)
        turn(w);
}

static bool is_so(const struct machine *m, const char *state, proc_id *proc)
{
    struct node_mover_process list[PROCESSES];
    size_t count = m->mover ? node_mover_list(m->mover, list, PROCESSES) : 0;
    for (size_t i = 0; i < count; i++)
        if ((*proc == 0 || *proc == list[i].proc) &&
            strcmp(list[i].state, state) == 0) {
            *proc = list[i].proc;
            return true;
        }
    return false;
}

static void tell_states(struct movers *w)
{
    struct node_mover_process list[PROCESSES];
    for (node_id id = 1; id <= NODES; id++) {
        const struct machine *m = machine_of(w, id);
        size_t count =
            m->mover ? node_mover_list(m->mover, list, PROCESSES) : 0;
        for (size_t i = 0; i < count; i++)
            fprintf(stderr, "node %u: %llx %s\n", id,
                    (unsigned long long)list[i].proc, list[i].state);
    }
}

bool movers_await(struct movers *w,
                  node_id id,
                  const char *state,
                  proc_id *proc)
{
    for (usec_t end = now_us() + WAIT_US; now_us() < end; turn(w))
        if (is_so(machine_of(w, id), state, proc))
            return true;
    fprintf(stderr, "no process is %s at node %u\n", state, id);
    tell_states(w);
    return false;
}

bool movers_await_count(struct movers *w, const size_t *count, size_t least)
{
    for (usec_t end = now_us() + WAIT_US; now_us() < end; turn(w))
        if (*count >= least)
            return true;
    return false;
}

int movers_end(struct movers *w, pid_t pid)
{
    int status;
    for (usec_t end = now_us() + 2 * WAIT_US; now_us() < end; turn(w))
        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status)
                                     : 128 + WTERMSIG(status);
    tell_states(w);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return -1;
}

size_t movers_left(const struct movers *w)
{
    struct node_mover_process list[PROCESSES];
    size_t left = 0;
    for (int i = 0; i < NODES; i++)
        if (w->machines[i].mover)
            left += node_mover_list(w->machines[i].mover, list, PROCESSES);
    return left;
}

static pid_t launch_there(struct movers *w,
                          node_id home,
                          const struct words *command)
{
    struct words words = {.count = 0};
    char worker[512];
    add(&words, program("vencejo-worker", worker));
    add(&words, "run");
    add(&words, machine_of(w, home)->socket);
    add(&words, "--");
    for (size_t i = 0; i < command->count; i++)
        add(&words, command->words[i]);
    return launch(&words, -1, NULL);
}

pid_t movers_launch(struct movers *w,
                    node_id home,
                    const char *what,
                    const char *lines)
{
    struct words words = {.count = 0};
    char room[512];
    add_subject(&words, room, what, lines, w->place.out);
    return launch_there(w, home, &words);
}

pid_t movers_shell(struct movers *w, node_id home, const char *script)
{
    struct words words = {.count = 0};
    add(&words, "sh");
    add(&words, "-c");
    add(&words, script);
    add(&words, w->place.out);
    return launch_there(w, home, &words);
}

/* ---- Life. --------------------------------------------------------------- */

void movers_begin(struct movers *w, node_id id)
{
    struct machine *m = machine_of(w, id);
    struct complaint complaint = {0};
    char worker[512];
    struct node_config config = node_config_default();
    config.id = id;
    config.seed = id;
    config.retry_us = 300000;
    config.word_us = 1000000;
    void *block = aligned_alloc(16, node_bytes(&config));
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    m->node = node_init(block, &config);
    struct mover_options options = {
        .self = id,
        .cluster = 1,
        .folder = m->folder,
        .socket = m->socket,
        .listen = m->listen,
        .guardian = program("vencejo-worker", worker),
        .lease_us = LEASE_US,
        .daemon = {m, later, has, new_proc, send_message, say}};
    int error = node_mover_create(&m->mover, &options, &complaint);
    if (error)
        fprintf(stderr, "%s\n", complaint.text);
    CU_ASSERT_EQUAL_FATAL(error, 0);
    snprintf(m->listen, sizeof m->listen, "%s", node_mover_address(m->mover));
    movers_event(w, id,
                 (struct event){.kind = EVENT_START,
                                .self = &w->self,
                                .map = &w->map,
                                .map_count = 1});
    node_mover_start(m->mover);
}

void movers_kill(struct movers *w, node_id id)
{
    struct machine *m = machine_of(w, id);
    node_mover_destroy(m->mover);
    free(m->node);
    m->mover = NULL;
    m->node = NULL;
}

struct movers *movers_create(void)
{
    struct movers *w = calloc(1, sizeof *w);
    CU_ASSERT_PTR_NOT_NULL_FATAL(w);
    w->last = &w->first;
    w->place = make_place();
    w->batch = calloc(1, sizeof *w->batch);
    w->batch->out = malloc(policy_out_bytes());
    w->self = (struct node_info){.core_count = 1,
                                 .speed_milli = 1000,
                                 .mem_total_bytes = UINT64_C(1) << 30,
                                 .mem_free_bytes = UINT64_C(1) << 30,
                                 .freeze_total_bytes = UINT64_C(1) << 30,
                                 .freeze_free_bytes = UINT64_C(1) << 30};
    w->map = (struct cluster_info){
        .id = 1, .send = true, .take = true, .first = 1, .node_count = NODES};
    for (node_id id = 1; id <= NODES; id++) {
        struct machine *m = machine_of(w, id);
        m->all = w;
        m->id = id;
        snprintf(m->folder, sizeof m->folder, "%s/%u", w->place.folder, id);
        snprintf(m->socket, sizeof m->socket, "%s/mover.sock", m->folder);
        snprintf(m->listen, sizeof m->listen, "127.0.0.1:0");
        CU_ASSERT_EQUAL_FATAL(mkdir(m->folder, 0755), 0);
        movers_begin(w, id);
    }
    return w;
}

void movers_destroy(struct movers *w)
{
    for (node_id id = 1; id <= NODES; id++) {
        struct machine *m = machine_of(w, id);
        movers_kill(w, id);
        unlink(m->socket);
        CU_ASSERT_EQUAL(rmdir(m->folder), 0); /* Nothing is left there. */
    }
    while (w->first) {
        struct happening *h = w->first;
        w->first = h->next;
        free(h);
    }
    remove_place(&w->place);
    free(w->batch->out);
    free(w->batch);
    free(w);
}
