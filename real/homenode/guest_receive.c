/* guest_receive.c - from HELLO to RUNNING: a body comes into its sandbox.
 *
 * It is thrown away whatever goes wrong, and home is told if it can be told:
 * until RUNNING nothing of it has been seen by anybody.
 */
#include "guest_inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>

#include "body.h"
#include "hello.h"

#define NS_PER_S INT64_C(1000000000)

enum { ANSWER_STEP_US = 100 * 1000 };

/* What has come of an image. */
struct coming
{
    struct guest *g;
    const struct stream *image; /* NULL: on the link. */
    struct complaint *complaint;
    struct receiver receiver;
    uint64_t free_bytes; /* Of this machine, when it began. */
    bool has_maps;
    bool has_image;
    bool has_end;
};

static int refuse(struct coming *c, int error, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
static int refuse(struct coming *c, int error, const char *text, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(line, sizeof line, text, arguments);
    va_end(arguments);
    guest_put_abort(c->g, error);
    return complain(c->complaint, error, "guest", 0, 0, "%s", line);
}

/* What the link says, in words; nothing is to be said to home any more. */
static int lost(struct coming *c, int error)
{
    const char *text = error == -EPIPE       ? "the stream of its home broke"
                       : error == -ETIMEDOUT ? "its home fell silent"
                       : error == -EBADMSG   ? "what its home sent is damaged"
                                             : strerror(-error);
    return complain(c->complaint, error, "guest", 0, 0, "%s", text);
}

static int out_of_place(struct coming *c)
{
    return refuse(c, -EBADMSG, "its home sent a record out of place (%d)",
                  (int)c->g->incoming.kind);
}

/* Home does not want any more. */
static int taken_back(struct coming *c)
{
    struct wire_abort message;
    if (wire_take(&c->g->incoming, &message, sizeof message) != 0)
        return refuse(c, -EBADMSG, "its home sent a damaged ABORT");
    return complain(c->complaint, -ECANCELED, "guest", 0, 0,
                    "its home took it back: %s",
                    message.error < 0 ? strerror(-message.error) : "no reason");
}

/* The next message, which is of that kind and size. */
static int expect(struct coming *c,
                  enum record_kind kind,
                  void *ret,
                  size_t bytes)
{
    struct guest *g = c->g;
    int error = link_get(g->link, &g->incoming, UINT64_MAX, -1, NULL);
    if (error)
        return lost(c, error);
    if (g->incoming.kind == RECORD_ABORT)
        return taken_back(c);
    if (g->incoming.kind != kind || wire_take(&g->incoming, ret, bytes) != 0)
        return out_of_place(c);
    return 0;
}

static int greet(struct coming *c)
{
    struct guest *g = c->g;
    struct wire_hello home;
    struct wire_hello own;
    int error = expect(c, RECORD_HELLO, &home, sizeof home);
    if (error)
        return error;
    const char *wrong = hello_wrong(&home);
    if (wrong)
        return refuse(c, -EPROTO, "%s", wrong);
    error = hello_make(&own);
    if (error)
        return refuse(c, error, "nothing is known of this machine: %s",
                      strerror(-error));
    c->free_bytes = own.free_bytes;
    if (g->options.fault_device > 0)
        own.facilities |= FACILITY_POSTCOPY;
    struct iovec part = {&own, sizeof own};
    error = link_put(g->link, RECORD_HELLO, &part, 1, false);
    if (error)
        return lost(c, error);
    error = expect(c, RECORD_BODY, &g->about, sizeof g->about);
    if (error)
        return error;
    wrong = hello_misfit(&home, &own);
    return wrong ? refuse(c, -EXDEV, "of this host and that home, %s", wrong)
                 : 0;
}

static int check_body(struct coming *c)
{
    const struct guest *g = c->g;
    uint64_t most = g->options.limits.memory_bytes;
    const uint32_t known = BODY_ELSEWHERE | BODY_ZSTD | BODY_POSTCOPY;
    bool behind = (g->about.flags & BODY_POSTCOPY) != 0;
    if ((g->about.flags & ~known) != 0)
        return refuse(c, -EBADMSG, "its home asks for what nobody knows");
    if (behind && (c->image || g->options.fault_device <= 0))
        return refuse(c, -EOPNOTSUPP, "it cannot run here without all pages");
    if (((g->about.flags & BODY_ELSEWHERE) != 0) != (c->image != NULL))
        return refuse(c, -EPROTO, "its image comes on another stream");
    if (most > 0 && g->about.memory_bytes > most)
        return refuse(c, -ENOMEM, "it has more memory than a guest may");
    return 0;
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* A hostile home may say anything; it means a clock of 64 bits. */
static int64_t difference(int64_t a, int64_t b)
{
    int64_t result;
    return __builtin_sub_overflow(a, b, &result) ? 0 : result;
}

static int refuse_missing(struct coming *c)
{
    const struct guest *g = c->g;
    uint32_t missing = g->sandbox.missing & g->options.parts_needed;
    for (int part = 0; part < SANDBOX_PARTS; part++)
        if (missing & UINT32_C(1) << part)
            return refuse(c, -EPERM, "this host cannot give it %s",
                          sandbox_missing((enum sandbox_part)part));
    return 0;
}

static int make_body(struct coming *c)
{
    struct guest *g = c->g;
    g->monotonic_offset_ns =
        difference(g->about.monotonic_ns, clock_ns(CLOCK_MONOTONIC));
    g->boot_offset_ns = difference(g->about.boot_ns, clock_ns(CLOCK_BOOTTIME));
    struct sandbox_limits limits = g->options.limits;
    limits.fault_device =
        (g->about.flags & BODY_POSTCOPY) != 0 ? g->options.fault_device : 0;
    int error = sandbox_create(&g->sandbox, &g->body, &limits,
                               g->monotonic_offset_ns, g->boot_offset_ns);
    if (error)
        return refuse(c, error, "no sandbox could be made: %s",
                      strerror(-error));
    g->sandbox.missing &= ~(UINT32_C(1) << SANDBOX_FILTER); /* Not yet. */
    if (refuse_missing(c) != 0)
        return -EPERM;
    error = body_empty(&g->body);
    if (!error)
        error = receiver_init(&c->receiver, &g->body,
                              (g->about.flags & BODY_ZSTD) != 0);
    return error ? refuse(c, error, "its memory cannot be emptied: %s",
                          strerror(-error))
                 : 0;
}

/* ---- The image. ---------------------------------------------------------- */

static int take_pending(struct coming *c)
{
    struct guest *g = c->g;
    if (!c->has_maps || c->has_image || g->image_pending.count > 0)
        return out_of_place(c);
    int error = pending_take(&g->image_pending, &g->incoming);
    return error ? refuse(c, error, "its signals cannot be had: %s",
                          strerror(-error))
                 : 0;
}

static int take_image(struct coming *c)
{
    struct guest *g = c->g;
    if (g->incoming.bytes != sizeof g->image || !c->has_maps || c->has_image)
        return out_of_place(c);
    memcpy(&g->image, g->incoming.body, sizeof g->image);
    const char *wrong = image_check(&g->image);
    c->has_image = true;
    return wrong ? refuse(c, -EBADMSG, "%s", wrong) : 0;
}

static int take_end(struct coming *c)
{
    struct guest *g = c->g;
    if (!c->has_image || g->incoming.bytes != sizeof g->earlier)
        return out_of_place(c);
    memcpy(&g->earlier, g->incoming.body, sizeof g->earlier);
    c->has_end = true;
    return 0;
}

static int take_record(struct coming *c)
{
    struct guest *g = c->g;
    int error;
    switch (g->incoming.kind) {
        case RECORD_MAPS:
        case RECORD_PAGES:
        case RECORD_DROPPED:
        case RECORD_OWED:
            if (c->has_image)
                return out_of_place(c);
            c->has_maps |= g->incoming.kind == RECORD_MAPS;
            error = receiver_take(&c->receiver, &g->incoming);
            return error ? refuse(c, error, "its memory cannot be had: %s",
                                  strerror(-error))
                         : 0;
        case RECORD_PENDING:
            return take_pending(c);
        case RECORD_IMAGE:
            return take_image(c);
        case RECORD_END:
            return take_end(c);
        case RECORD_ABORT:
            return taken_back(c);
        default:
            return out_of_place(c);
    }
}

/* One of the link; or, if the image comes on another stream, -EAGAIN when that
 * has something. */
static int next_of_link(struct coming *c)
{
    struct guest *g = c->g;
    int also = c->image ? c->image->wait_on : -1;
    int error = link_get(g->link, &g->incoming, UINT64_MAX, also, NULL);
    if (error)
        return error;
    if (c->image && g->incoming.kind != RECORD_ABORT)
        return -EPROTO;
    return 0;
}

static int next_record(struct coming *c)
{
    struct guest *g = c->g;
    bool holds =
        c->image && c->image->holds && c->image->holds(c->image->context);
    int error = holds ? -EAGAIN : next_of_link(c);
    if (error == -EPROTO)
        return out_of_place(c);
    if (c->image && error == -EAGAIN) {
        error = stream_get(c->image, &g->incoming);
        link_beat(g->link);
        return error ? refuse(c, error, "the host it comes from broke off: %s",
                              strerror(-error))
                     : 0;
    }
    return error ? lost(c, error) : 0;
}

static int receive_image(struct coming *c)
{
    int error = 0;
    while (!error && !c->has_end) {
        error = next_record(c);
        if (!error)
            error = take_record(c);
    }
    incoming_finish(&c->g->incoming); /* Of the size of its largest record. */
    return error;
}

/* ---- Whole, it gets its filter and waits for the word. ------------------- */

static int install(struct coming *c)
{
    struct guest *g = c->g;
    int error = body_place_vdso(&g->body, &g->image);
    if (error)
        return refuse(c, error, "its vDSO cannot be had here: %s",
                      strerror(-error));
    error = body_protect(&g->body, &c->receiver.maps);
    if (!error)
        error = image_put(&g->body, &g->image, &g->image_pending);
    if (error)
        return refuse(c, error, "its registers cannot be had here: %s",
                      strerror(-error));
    error = sandbox_filter(&g->sandbox, &g->body);
    if (error)
        return refuse(c, error, "no filter: %s", strerror(-error));
    if (refuse_missing(c) != 0)
        return -EPERM;
    struct receiver *r = &c->receiver;
    if (runs_bytes(&r->owed) > c->free_bytes)
        return refuse(c, -ENOMEM, "its pages would not fit here");
    error = receiver_empty_owed(r);
    if (!error)
        error = image_ready(&g->body, &g->image);
    if (!error && r->owed.count > 0)
        error = guest_pages_begin(g, &r->maps, &r->owed);
    return error
               ? refuse(c, error, "it cannot be started: %s", strerror(-error))
               : 0;
}

static int open_status(struct guest *g)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/status", g->body.pid);
    g->status_file = open(path, O_RDONLY | O_CLOEXEC);
    return g->status_file < 0 ? -errno : 0;
}

/* Whether it may run is not for home alone to say. */
static int await_permission(struct coming *c)
{
    struct guest *g = c->g;
    const struct overseer *o = g->options.overseer;
    if (!o)
        return 0;
    uint64_t end_us = guest_now_us() + o->patience_us;
    o->whole(o->context);
    int answer = o->answer(o->context);
    while (answer == -EAGAIN && guest_now_us() < end_us) {
        int error =
            link_get(g->link, &g->incoming, ANSWER_STEP_US, o->wait_on, NULL);
        if (error == 0)
            return g->incoming.kind == RECORD_ABORT ? taken_back(c)
                                                    : out_of_place(c);
        if (error != -EAGAIN)
            return lost(c, error);
        answer = o->answer(o->context);
    }
    if (answer == -EAGAIN)
        return refuse(c, -ETIMEDOUT, "its node did not say whether it may run");
    return answer ? refuse(c, answer, "its node does not let it run: %s",
                           strerror(-answer))
                  : 0;
}

static int start(struct coming *c)
{
    struct guest *g = c->g;
    struct wire_go go;
    int error = await_permission(c);
    if (error)
        return error;
    error = open_status(g);
    if (!error)
        error = guest_put_head(g, RECORD_READY);
    if (error)
        return refuse(c, error, "%s", strerror(-error));
    error = expect(c, RECORD_GO, &go, sizeof go);
    if (error)
        return error;
    error = guest_put_head(g, RECORD_RUNNING);
    if (error)
        return lost(c, error);
    guest_account_start(g);
    guest_take_limits(g, &go);
    guest_wait_take(g);
    g->phase = PHASE_RUNNING;
    if (g->fill)
        fill_ask(g->fill, g->link, false);
    if (g->image.stopped && kill(g->body.pid, SIGSTOP) < 0)
        return refuse(c, -errno, "%s", strerror(errno));
    error = guest_continue(g, 0);
    return error < 0 ? refuse(c, error, "%s", strerror(-error)) : 0;
}

int guest_receive(struct guest *g,
                  const struct stream *image,
                  struct complaint *ret_complaint)
{
    struct coming c = {.g = g, .image = image, .complaint = ret_complaint};
    int error = greet(&c);
    if (!error)
        error = check_body(&c);
    if (!error)
        error = make_body(&c);
    if (error)
        return error;
    error = receive_image(&c);
    if (!error)
        error = install(&c);
    receiver_finish(&c.receiver);
    return error ? error : start(&c);
}
