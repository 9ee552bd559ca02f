/* command.c - see command.h. */
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../calls.h"
#include "../checkpoint.h"
#include "../movable.h"
#include "control.h"

struct answer
{
    char text[ANSWER_BYTES];
    size_t bytes;
};

static void add(struct answer *a, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct answer *a, const char *text, ...)
{
    va_list list;
    va_start(list, text);
    int put =
        vsnprintf(a->text + a->bytes, sizeof a->text - a->bytes, text, list);
    va_end(list);
    if (put > 0 && a->bytes + (size_t)put < sizeof a->text)
        a->bytes += (size_t)put;
}

static void add_complaint(struct answer *a, const struct complaint *c)
{
    add(a, "error %s%s%s\n", c->file, c->file[0] ? ": " : "", c->text);
}

/* Serve it until it is home. */
static int come_home(struct mover *m, struct complaint *c)
{
    enum deputy_event event;
    int error = mover_go(m, AT_HOME, c);
    while (!error && deputy_state_of(m->deputy) == DEPUTY_AWAY) {
        error = mover_serve(m, -1, &event);
        if (!error && deputy_state_of(m->deputy) == DEPUTY_AWAY &&
            !deputy_is_coming(m->deputy)) {
            *c = *deputy_why(m->deputy);
            return -ECANCELED;
        }
    }
    if (!error && deputy_state_of(m->deputy) != DEPUTY_HOME)
        error = complain(c, -ESRCH, NULL, 0, 0, "it has ended");
    return error;
}

static void move(struct mover *m, const char *where, struct answer *a)
{
    struct complaint c = {0};
    char *end;
    long place = strtol(where, &end, 10);
    int error;
    if (strcmp(where, "home") == 0)
        error = come_home(m, &c);
    else if (*end != 0 || end == where || place < 0 ||
             (size_t)place >= m->host_count)
        error = complain(&c, -EINVAL, where, 0, 0,
                         "no such host, say home or 0 to %zu",
                         m->host_count > 0 ? m->host_count - 1 : 0);
    else
        error = mover_go(m, (int)place, &c);
    if (error)
        add_complaint(a, &c);
    else
        add(a, "ok\n");
}

static void send_signal(struct mover *m, int number, struct answer *a)
{
    m->frozen = number == SIGSTOP;
    if (kill(deputy_pid(m->deputy), number) < 0)
        add(a, "error %s\n", strerror(errno));
    else
        add(a, "ok\n");
}

static void explain(struct mover *m, struct answer *a)
{
    struct deputy_account account;
    uint32_t obstacles = 0;
    const char *why = deputy_why(m->deputy)->text;
    deputy_account_of(m->deputy, &account);
    add(a, "ok\n");
    if (m->place != AT_HOME) {
        add(a, "it is at %s\n", m->hosts[m->place]);
        return;
    }
    deputy_obstacles(m->deputy, &obstacles);
    for (int i = 0; i < OBSTACLE_KINDS; i++)
        if (obstacles & (UINT32_C(1) << i))
            add(a, "it is at home: %s\n", movable_text((enum obstacle)i));
    if (obstacles == 0)
        add(a, "it is at home, and nothing holds it\n");
    if (account.home_call >= 0)
        add(a, "it came home last because %s\n",
            call_why_home(account.home_call));
    if (why[0])
        add(a, "%s\n", why);
    for (size_t i = 0; i < m->tally.reason_count; i++)
        add(a, "it was refused: %s\n", m->tally.reasons[i]);
}

static void status(struct mover *m, struct answer *a)
{
    struct deputy_account account;
    deputy_account_of(m->deputy, &account);
    add(a, "ok\npid %d\nplace %s\nmoves %llu\nrefused %llu\ncalls %llu\n",
        deputy_pid(m->deputy),
        m->place == AT_HOME ? "home" : m->hosts[m->place],
        (unsigned long long)m->tally.move_count,
        (unsigned long long)m->tally.refused_count,
        (unsigned long long)account.calls);
    add(a, "epoch %llu\naway_cpu_us %llu\n", (unsigned long long)account.epoch,
        (unsigned long long)(account.usage.user_us + account.usage.system_us));
}

/* It comes home for that, and goes back. */
static void checkpoint(struct mover *m, const char *path, struct answer *a)
{
    struct complaint c = {0};
    struct checkpoint_cost cost;
    int place = m->place;
    int error = come_home(m, &c);
    if (!error)
        error =
            checkpoint_save(deputy_pid(m->deputy), path, NULL, 0, &cost, &c);
    if (error)
        add_complaint(a, &c);
    else
        add(a, "ok\nbytes %llu\nfreeze_us %llu\n",
            (unsigned long long)cost.bytes, (unsigned long long)cost.freeze_us);
    if (place != AT_HOME && deputy_state_of(m->deputy) == DEPUTY_HOME)
        mover_go(m, place, &c);
}

void command_do(struct mover *m, const char *line, int socket)
{
    struct answer a = {0};
    if (strncmp(line, "move ", 5) == 0)
        move(m, line + 5, &a);
    else if (strcmp(line, "freeze") == 0)
        send_signal(m, SIGSTOP, &a);
    else if (strcmp(line, "thaw") == 0)
        send_signal(m, SIGCONT, &a);
    else if (strcmp(line, "explain") == 0)
        explain(m, &a);
    else if (strcmp(line, "status") == 0)
        status(m, &a);
    else if (strncmp(line, "checkpoint ", 11) == 0)
        checkpoint(m, line + 11, &a);
    else
        add(&a,
            "error no such command, say move N|home, freeze, thaw, "
            "explain, status or checkpoint FILE\n");
    control_answer(socket, a.text);
}
