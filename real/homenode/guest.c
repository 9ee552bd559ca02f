/* guest.c - a guest from its beginning to its end, and the loop between. See
 * guest.h.
 *
 * Four things are waited for: the link, calls that the filter tells, stops of
 * the body, and what the caller waits for. A call that is forwarded is a state
 * and not a place in the code: all the others are heard while home makes it.
 */
#include "guest_inside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"

enum {
    USAGE_US = 1000000,
    HEARD_MAX = 64,   /* Before other things are looked at. */
    TICK_US = 100000, /* The link is looked at so often, for its beats. */
    NS_PER_US = 1000,
    US_PER_S = 1000000,
};

/* ---- Memory of calls. ---------------------------------------------------- */

static int read_body(void *context, uint64_t from, void *to, size_t bytes)
{
    struct guest *g = context;
    if (!guest_pages_has(g, from, bytes))
        return -EFAULT;
    return tracee_read(&g->body, from, to, bytes) ? -EFAULT : 0;
}

static int write_body(void *context,
                      uint64_t to,
                      const void *from,
                      size_t bytes)
{
    struct guest *g = context;
    if (!guest_pages_has(g, to, bytes))
        return -EFAULT;
    struct iovec here = {(void *)(uintptr_t)from, bytes};
    struct iovec there = {(void *)(uintptr_t)to, bytes};
    ssize_t put = process_vm_writev(g->body.pid, &here, 1, &there, 1, 0);
    return put == (ssize_t)bytes ? 0 : -EFAULT;
}

/* As if it were written. */
static int touch_body(void *context,
                      uint64_t to,
                      const void *from,
                      size_t bytes)
{
    struct guest *g = context;
    (void)from;
    return guest_pages_has(g, to, bytes) ? 0 : -EFAULT;
}

/* What the guardian asks for itself lies in its own memory. */
static int read_own(void *context, uint64_t from, void *to, size_t bytes)
{
    (void)context;
    memcpy(to, (const void *)(uintptr_t)from, bytes);
    return 0;
}

static int write_own(void *context, uint64_t to, const void *from, size_t bytes)
{
    (void)context;
    memcpy((void *)(uintptr_t)to, from, bytes);
    return 0;
}

/* ---- Messages. ----------------------------------------------------------- */

int guest_put(struct guest *g,
              enum record_kind kind,
              const struct iovec *parts,
              size_t part_count)
{
    int error = link_put(g->link, kind, parts, part_count, true);
    return error == -EPIPE ? 0 : error;
}

int guest_put_head(struct guest *g, enum record_kind kind)
{
    struct wire_head head;
    struct iovec part = {&head, sizeof head};
    return guest_put(g, kind, &part, 1);
}

int guest_put_abort(struct guest *g, int error)
{
    struct wire_abort message = {.error = error};
    struct iovec part = {&message, sizeof message};
    return guest_put(g, RECORD_ABORT, &part, 1);
}

/* ---- The end. ------------------------------------------------------------ */

int guest_end(struct guest *g, enum guest_event event)
{
    guest_pages_end(g);
    sandbox_destroy(&g->sandbox, &g->body);
    g->phase = PHASE_OVER;
    g->event = event;
    return 1;
}

int guest_fail(struct guest *g, int error)
{
    guest_put_abort(g, error);
    return guest_end(g, GUEST_ABORTED);
}

/* ---- What home says. ----------------------------------------------------- */

static int told_gone(struct guest *g)
{
    bool left = g->phase == PHASE_STANDING;
    return guest_end(g, left ? GUEST_LEFT : GUEST_ENDED);
}

/* Home keeps it here: it hears that this was heard, and only then wants it
 * elsewhere again. */
static int stay(struct guest *g)
{
    int error = 0;
    g->wanted = WANTED_HERE;
    if (g->phase == PHASE_STANDING) {
        error = guest_back(g);
        if (g->options.overseer)
            g->options.overseer->stays(g->options.overseer->context);
    } else if (g->leaving)
        g->abandoned = true;
    if (!error)
        error = guest_put_head(g, RECORD_RUNNING);
    /* It was on its way for a call that home alone can make. */
    if (!error && g->call.told && !g->call.asked && !g->call.parked &&
        !g->leaving && g->phase == PHASE_RUNNING)
        error = guest_go_home_for(g);
    return error;
}

/* It had been given to another host, and is taken back. */
static int told_go(struct guest *g)
{
    struct wire_go go;
    if (g->phase != PHASE_STANDING ||
        wire_take(&g->incoming, &go, sizeof go) != 0)
        return -EBADMSG;
    guest_take_limits(g, &go);
    return stay(g);
}

static int told_abort(struct guest *g)
{
    struct wire_abort message;
    if (wire_take(&g->incoming, &message, sizeof message) != 0)
        return -EBADMSG;
    if (message.error == -ESTALE || g->phase == PHASE_DEAD)
        return guest_end(g, GUEST_ABORTED);
    return stay(g);
}

static int told_wanted(struct guest *g, enum guest_wanted wanted)
{
    if (g->phase != PHASE_RUNNING)
        return 0; /* It is on its way. */
    g->wanted = wanted;
    g->wished_until_us = 0;
    return guest_may_leave(g);
}

static int take_message(struct guest *g)
{
    bool over =
        g->incoming.kind == RECORD_GONE || g->incoming.kind == RECORD_ABORT;
    if (g->phase == PHASE_DEAD && !over)
        return 0; /* It crossed DEAD. */
    switch (g->incoming.kind) {
        case RECORD_FETCHED:
            return guest_pages_came(g);
        case RECORD_REPLY:
            return guest_replied(g);
        case RECORD_SIGNAL:
            return guest_arrived(g);
        case RECORD_RECALL:
            return told_wanted(g, WANTED_HOME);
        case RECORD_MOVE:
            return told_wanted(g, WANTED_ONWARD);
        case RECORD_GONE:
            return told_gone(g);
        case RECORD_ABORT:
            return told_abort(g);
        case RECORD_GO:
            return told_go(g);
        default:
            return -EBADMSG;
    }
}

int guest_hear(struct guest *g, uint64_t wait_us)
{
    int error = link_get(g->link, &g->incoming, wait_us, -1, NULL);
    switch (error) {
        case 0:
            return take_message(g);
        case -EAGAIN:
            return 0;
        case -EPIPE:
            if (g->cut)
                return 0;
            g->cut = true;
            g->event = GUEST_CUT;
            return 1;
        case -ETIMEDOUT:
            return guest_end(g, GUEST_LOST);
        default:
            return error;
    }
}

/* ---- The loop. ----------------------------------------------------------- */

static bool link_holds(const struct guest *g)
{
    const struct stream *stream = link_stream(g->link);
    return !g->cut && stream->holds && stream->holds(stream->context);
}

static int tick(struct guest *g)
{
    if (g->phase == PHASE_RUNNING && !g->cut &&
        guest_now_us() - g->usage_us >= USAGE_US) {
        int error = guest_put_usage(g);
        if (error)
            return error;
        guest_follow(g);
    }
    if (g->sends_again && !g->cut) {
        g->sends_again = false;
        return guest_send_again(g);
    }
    int error = g->cut ? 0 : guest_may_leave(g);
    return error ? error : guest_hear(g, 0);
}

static void drain(int children)
{
    struct signalfd_siginfo info;
    while (read(children, &info, sizeof info) > 0)
        continue;
}

static int look(struct guest *g, uint64_t wait_us, int wake)
{
    bool listens = g->phase == PHASE_RUNNING && !g->call.told && !g->held;
    bool holds = link_holds(g);
    struct pollfd on[] = {
        {g->cut ? -1 : link_stream(g->link)->wait_on, POLLIN, 0},
        {listens ? g->sandbox.listener : -1, POLLIN, 0},
        {g->children, POLLIN, 0},
        {wake, POLLIN, 0},
        {g->fill ? fill_wait_on(g->fill) : -1, POLLIN, 0},
    };
    if (wait_us > TICK_US)
        wait_us = TICK_US;
    struct timespec time = {0, holds ? 0 : (long)wait_us * NS_PER_US};
    int ready = ppoll(on, sizeof on / sizeof on[0], &time, NULL);
    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    if (ready == 0 && !holds)
        return tick(g);
    int error = 0;
    if (on[2].revents) {
        drain(g->children);
        error = guest_stops(g);
    }
    if (!error && on[4].revents && g->fill)
        error = guest_pages_look(g);
    if (!error && on[1].revents && g->phase == PHASE_RUNNING)
        error = guest_told(g);
    /* All that has come: of many signals alike one is given. */
    bool hears = on[0].revents || holds;
    for (int i = 0; !error && hears && i < HEARD_MAX; i++) {
        error = g->phase != PHASE_OVER ? guest_hear(g, 0) : 0;
        hears = link_holds(g);
    }
    if (!error && on[3].revents) {
        g->event = GUEST_WOKEN;
        return 1;
    }
    if (!error && guest_now_us() - g->usage_us >= USAGE_US)
        error = tick(g);
    return error;
}

int guest_step(struct guest *g, uint64_t wait_us, int wake)
{
    int error = look(g, wait_us, wake);
    return error < 0 ? guest_fail(g, error) : error;
}

int guest_serve(struct guest *g, int wake, enum guest_event *ret_event)
{
    if (g->phase == PHASE_OVER)
        return -EINVAL;
    int got = g->cut ? 0 : guest_may_leave(g);
    if (got < 0)
        got = guest_fail(g, got);
    while (got == 0)
        got = guest_step(g, UINT64_MAX, wake);
    *ret_event = g->event;
    return 0;
}

int guest_resume(struct guest *g, const struct stream *stream)
{
    if (g->phase == PHASE_OVER)
        return -EINVAL;
    int error = link_resume(g->link, stream);
    if (error)
        return error;
    g->cut = false;
    g->sends_again = g->phase == PHASE_STANDING && g->to_home;
    error = guest_pages_resume(g);
    return error < 0 ? guest_fail(g, error) : 0;
}

/* By the tracer: in a frozen group of cgroup v1 it would hear of nothing that
 * is done to it, and it has one thread. */
int guest_freeze(struct guest *g, bool frozen)
{
    if (g->phase == PHASE_OVER)
        return -EINVAL;
    if (g->frozen == frozen)
        return 0;
    g->frozen = frozen;
    if (!frozen)
        return guest_release(g);
    /* guest_stops() holds it; one that waits for an answer, guest_answer(). */
    if (g->phase != PHASE_RUNNING || g->call.told || g->mapping.is || g->held)
        return 0;
    return ptrace(PTRACE_INTERRUPT, g->body.pid, NULL, NULL) < 0 &&
                   errno != ESRCH
               ? -errno
               : 0;
}

void guest_kill(struct guest *g)
{
    if (g->phase == PHASE_RUNNING)
        kill(g->body.pid, SIGKILL);
}

pid_t guest_body(const struct guest *g)
{
    return g->phase == PHASE_OVER ? 0 : g->body.pid;
}

/* ---- Beginning. ---------------------------------------------------------- */

static int watch_children(struct guest *g)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    g->children = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return g->children < 0 ? -errno : 0;
}

static int make_guest(struct guest *g,
                      const struct stream *home,
                      const struct guest_options *options)
{
    *g = (struct guest){
        .options = *options,
        .sandbox = {.listener = -1, .watcher = -1},
        .children = -1,
        .status_file = -1,
        .core = -1,
        .body_memory = {g, read_body, write_body},
        .touched_memory = {g, read_body, touch_body},
        .own_memory = {g, read_own, write_own},
    };
    g->call.packed.data = malloc(WIRE_DATA_BYTES);
    g->piece = malloc(CALL_PART_BYTES);
    if (!g->call.packed.data || !g->piece)
        return -ENOMEM;
    int error = watch_children(g);
    if (!error)
        error = link_create(&g->link, home, LINK_AT_HOST);
    if (!error && options->lease_us > 0)
        link_set_lease(g->link, options->lease_us);
    return error;
}

int guest_create(struct guest **ret,
                 const struct stream *home,
                 const struct stream *image,
                 const struct guest_options *options,
                 struct complaint *ret_complaint)
{
    struct guest *g = malloc(sizeof *g);
    if (!g)
        return complain(ret_complaint, -ENOMEM, "guest", 0, 0, "no memory");
    int error = make_guest(g, home, options);
    if (error)
        complain(ret_complaint, error, "guest", 0, 0, "%s", strerror(-error));
    else
        error = guest_receive(g, image, ret_complaint);
    if (error)
        guest_destroy(g);
    else
        *ret = g;
    return error;
}

void guest_destroy(struct guest *g)
{
    if (!g)
        return;
    guest_pages_end(g);
    if (g->body.pid > 0 || g->sandbox.first > 0)
        sandbox_destroy(&g->sandbox, &g->body);
    if (g->children >= 0)
        close(g->children);
    if (g->status_file >= 0)
        close(g->status_file);
    link_destroy(g->link);
    incoming_finish(&g->incoming);
    pending_finish(&g->arrived);
    pending_finish(&g->image_pending);
    incoming_finish(&g->call.reply);
    free(g->call.packed.data);
    free(g->piece);
    free(g);
}
