/* guardian.c - see guardian.h. */
#include "guardian.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "pass.h"
#include "say.h"

struct guarding
{
    const struct guardian *g;
    struct guest *guest;
    struct connection home;
    struct connection image; /* Of a body that comes from another host. */
    struct connection onward;
    int next_home; /* A new stream for a broken one; -1. */
    int verdict;   /* -EAGAIN: it has not been said. */
    struct overseer overseer;
    bool is_over;
};

static struct guarding guarding_of(const struct guardian *g)
{
    return (struct guarding){.g = g,
                             .home = {.socket = -1},
                             .image = {.socket = -1},
                             .onward = {.socket = -1},
                             .next_home = -1,
                             .verdict = -EAGAIN};
}

static uint64_t silence_us(const struct guarding *w)
{
    return w->g->options.lease_us;
}

/* ---- What else connects. ------------------------------------------------- */

static void prepare_onward(struct guarding *w, int asker, const char *line)
{
    char address[ADDRESS_BYTES];
    char token[TOKEN_BYTES];
    struct complaint complaint = {0};
    int socket = -1;
    int error =
        sscanf(line, "vencejo ONWARD %*32s %127s %32s", address, token) == 2
            ? 0
            : complain(&complaint, -EBADMSG, NULL, 0, 0, "no host");
    connection_close(&w->onward);
    if (!error)
        error = address_connect(address, &socket, &complaint);
    if (!error)
        error = line_put(socket, "vencejo IMAGE %s", token);
    if (!error)
        error = connection_open(&w->onward, socket, silence_us(w));
    if (error)
        line_put(asker, "%s: %s", complaint.file, complaint.text);
    else
        line_put(asker, "OK");
}

/* The old stream may be half dead still: it is ended, so that the guest sees
 * it. */
static void take_new_home(struct guarding *w, int socket)
{
    if (w->next_home >= 0)
        close(w->next_home);
    w->next_home = socket;
    shutdown(w->home.socket, SHUT_RDWR);
}

static int wait_on(const struct guarding *w)
{
    return w->g->station ? w->g->station->wait_on : w->g->pass;
}

/* Who commands the guardian, not who connects to it. */
static void take_command(struct guarding *w, const char *line)
{
    if (strcmp(line, "run") == 0)
        w->verdict = 0;
    else if (strcmp(line, "drop") == 0)
        w->verdict = -EPERM;
    else if (w->guest && strcmp(line, "kill") == 0)
        guest_kill(w->guest);
    else if (w->guest)
        guest_freeze(w->guest, strcmp(line, "freeze") == 0);
}

/* 0, or -EAGAIN: there was nothing. */
static int take_passed(struct guarding *w)
{
    char line[LINE_BYTES];
    int socket;
    int error = w->g->station ? station_next(w->g->station, &socket, line)
                              : pass_get(w->g->pass, &socket, line);
    if (error == -EAGAIN)
        return error;
    if (error) {
        w->is_over = true;
        return -EAGAIN;
    }
    if (strncmp(line, "vencejo ", 8) != 0 || socket < 0) {
        take_command(w, line);
        if (socket >= 0)
            close(socket);
    } else if (strncmp(line, "vencejo RESUME ", 15) == 0) {
        take_new_home(w, socket);
    } else if (strncmp(line, "vencejo IMAGE ", 14) == 0 &&
               w->image.socket < 0) {
        connection_open(&w->image, socket, silence_us(w));
    } else {
        if (strncmp(line, "vencejo ONWARD ", 15) == 0)
            prepare_onward(w, socket, line);
        close(socket);
    }
    return 0;
}

/* One more look at what is passed, so long at most. */
static void await_passed(struct guarding *w, uint64_t wait_us)
{
    struct pollfd ready = {.fd = wait_on(w), .events = POLLIN};
    if (poll(&ready, 1, (int)(wait_us / 1000)) > 0)
        take_passed(w);
    else
        w->is_over = true;
}

/* ---- Under a daemon. ----------------------------------------------------- */

static void stands(const struct guarding *w, const char *how)
{
    if (w->g->station)
        station_stands(w->g->station, "%s", how);
}

static void stands_running(const struct guarding *w)
{
    if (w->g->station)
        station_stands(w->g->station, "running %d", guest_body(w->guest));
}

static void whole(void *context)
{
    stands(context, "whole");
}

static int answer(void *context)
{
    struct guarding *w = context;
    while (take_passed(w) == 0)
        continue;
    return w->is_over ? -ECANCELED : w->verdict;
}

static void carried(void *context)
{
    stands(context, "standing");
}

/* Home says that. */
static bool is_cancelled(void *context)
{
    (void)context;
    return false;
}

static void stays(void *context)
{
    stands_running(context);
}

static void wish_home(void *context)
{
    const struct guarding *w = context;
    station_say(w->g->station, "wish");
}

static void oversee(struct guarding *w)
{
    w->overseer = (struct overseer){.context = w,
                                    .wait_on = w->g->station->wait_on,
                                    .patience_us = silence_us(w),
                                    .whole = whole,
                                    .answer = answer,
                                    .carried = carried,
                                    .is_cancelled = is_cancelled,
                                    .wish_home = wish_home,
                                    .stays = stays};
}

/* ---- The guest. ---------------------------------------------------------- */

static void move_on(struct guarding *w)
{
    struct complaint complaint = {0};
    int error = -ENOTCONN;
    if (w->onward.socket >= 0)
        error = guest_onward(w->guest, &w->onward.stream, &complaint);
    if (error) {
        if (complaint.text[0])
            say_complaint(&complaint);
        connection_close(&w->onward);
        if (guest_stay(w->guest, error) < 0)
            w->is_over = true;
        stands_running(w);
    }
}

/* Its home comes again, or not, and then the lease ends it. */
static void mend(struct guarding *w)
{
    while (!w->is_over && w->next_home < 0)
        await_passed(w, silence_us(w));
    if (w->is_over)
        return;
    connection_close(&w->home);
    int error = line_put(w->next_home, "OK") == 0 ? 0 : -EPIPE;
    if (error)
        close(w->next_home);
    else
        error = connection_open(&w->home, w->next_home, silence_us(w));
    w->next_home = -1;
    if (!error)
        error = guest_resume(w->guest, &w->home.stream);
    if (error && error != -EPIPE)
        w->is_over = true;
    else if (error)
        mend(w);
}

static void serve(struct guarding *w)
{
    while (!w->is_over) {
        enum guest_event event;
        if (guest_serve(w->guest, wait_on(w), &event) < 0)
            return;
        switch (event) {
            case GUEST_WOKEN:
                take_passed(w);
                break;
            case GUEST_MOVE:
                move_on(w);
                break;
            case GUEST_CUT:
                mend(w);
                break;
            default:
                if (w->g->station)
                    station_stands(w->g->station, "over %d", (int)event);
                return;
        }
    }
}

static int begin(struct guarding *w)
{
    struct complaint complaint = {0};
    int error = connection_open(&w->home, w->g->home, silence_us(w));
    while (!error && w->g->elsewhere && w->image.socket < 0 && !w->is_over)
        await_passed(w, silence_us(w));
    if (!error && w->is_over)
        error = -ETIMEDOUT;
    if (error) {
        say("a guest that did not come: %s", strerror(-error));
        return error;
    }
    struct guest_options options = w->g->options;
    if (w->g->station) {
        oversee(w);
        options.overseer = &w->overseer;
    }
    error = guest_create(&w->guest, &w->home.stream,
                         w->g->elsewhere ? &w->image.stream : NULL, &options,
                         &complaint);
    connection_close(&w->image);
    if (error)
        say_complaint(&complaint);
    else
        stands_running(w);
    return error;
}

int guardian_run(const struct guardian *g)
{
    struct guarding w = guarding_of(g);
    int error = begin(&w);
    if (!error)
        serve(&w);
    guest_destroy(w.guest);
    connection_close(&w.home);
    connection_close(&w.image);
    connection_close(&w.onward);
    if (w.next_home >= 0)
        close(w.next_home);
    return error ? 1 : 0;
}
