/* serve.c - see serve.h.
 *
 * Who connects is heard for one line only, and given to the guardian of its
 * token; all else is between that guardian and its home.
 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../postcopy.h"
#include "connection.h"
#include "control.h"
#include "guardian.h"
#include "pass.h"
#include "say.h"

enum {
    GUESTS_MAX = 1024,
    CALLERS_MAX = 64,      /* Who have not yet said their line, */
    CALLER_PATIENCE_S = 5, /* and may take so long. */
    END_PATIENCE_MS = 5000,
    CALLER_LOOK_MS = 1000,
    SWEEPS = 30,
    SWEEP_MS = 50,
    GUARDIAN_USERS_FIRST = 0x70000000, /* Of no human, no daemon. */
};

struct guest_entry
{
    pid_t guardian;
    int pass;
    char token[TOKEN_BYTES];
};

struct caller
{
    int socket;
    time_t since;
};

struct server
{
    const struct serve_options *options;
    int listener;
    int signals;
    int fault_device; /* 0: none. */
    int control;      /* -1: none. */
    struct guest_entry guests[GUESTS_MAX];
    size_t guest_count;
    struct caller callers[CALLERS_MAX];
    size_t caller_count;
    unsigned sweeps; /* Still to be made. */
    bool is_over;
};

static time_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* ---- Guardians. ---------------------------------------------------------- */

/* Where the groups of one guardian are, so that it can be given to its user. */
static bool folder_of(const struct serve_options *o,
                      pid_t guardian,
                      char ret[CGROUP_PATH_BYTES])
{
    const char *all = o->guest.limits.cgroup;
    if (!all || geteuid() != 0)
        return false;
    int length = snprintf(ret, CGROUP_PATH_BYTES, "%s/%d", all, guardian);
    return length < CGROUP_PATH_BYTES;
}

/* A user of its own, whom nobody else is, without any right. */
static int drop_rights(const struct serve_options *o,
                       struct guardian *g,
                       char folder[CGROUP_PATH_BYTES])
{
    uid_t user = GUARDIAN_USERS_FIRST + (uid_t)getpid();
    if (folder_of(o, getpid(), folder))
        g->options.limits.cgroup = folder;
    if (geteuid() != 0)
        return 0;
    return sandbox_become(user, user, g->options.limits.cgroup);
}

/* In the child: nothing of the server's is left to it. */
static _Noreturn void live(struct server *s, struct guardian *g)
{
    sigset_t signals;
    char folder[CGROUP_PATH_BYTES];
    int error = drop_rights(s->options, g, folder);
    if (error) {
        say("a guardian cannot drop its rights: %s", strerror(-error));
        _exit(EXIT_FAILURE);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* Forgotten with another user. */
    close(s->listener);
    close(s->signals);
    if (s->control >= 0)
        close(s->control);
    for (size_t i = 0; i < s->guest_count; i++)
        close(s->guests[i].pass);
    for (size_t i = 0; i < s->caller_count; i++)
        if (s->callers[i].socket != g->home)
            close(s->callers[i].socket);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    _exit(guardian_run(g));
}

static void begin_guest(struct server *s,
                        int socket,
                        const char *token,
                        bool elsewhere)
{
    int ends[2];
    struct guardian g = {
        .home = socket, .elsewhere = elsewhere, .options = s->options->guest};
    g.options.fault_device = s->fault_device;
    if (s->guest_count == GUESTS_MAX ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return;
    g.pass = ends[1];
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        live(s, &g);
    }
    close(ends[1]);
    if (pid < 0) {
        say("no guardian for a guest: %s", strerror(errno));
        close(ends[0]);
        return;
    }
    struct guest_entry *entry = &s->guests[s->guest_count++];
    *entry = (struct guest_entry){.guardian = pid, .pass = ends[0]};
    snprintf(entry->token, sizeof entry->token, "%s", token);
}

static struct guest_entry *find_guest(struct server *s, const char *token)
{
    for (size_t i = 0; i < s->guest_count; i++)
        if (strcmp(s->guests[i].token, token) == 0)
            return &s->guests[i];
    return NULL;
}

static void reap(struct server *s)
{
    pid_t pid;
    char folder[CGROUP_PATH_BYTES];
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        if (folder_of(s->options, pid, folder))
            cgroup_take_away(folder);
        for (size_t i = 0; i < s->guest_count; i++)
            if (s->guests[i].guardian == pid) {
                close(s->guests[i].pass);
                s->guests[i] = s->guests[--s->guest_count];
                s->sweeps = SWEEPS;
                break;
            }
    }
}

/* What a guardian had its guest in goes when the last of it has died, which may
 * be a moment after the guardian. */
static void sweep(struct server *s)
{
    if (s->sweeps == 0)
        return;
    s->sweeps--;
    if (s->options->guest.limits.cgroup)
        cgroup_sweep(s->options->guest.limits.cgroup);
}

/* ---- Callers. ------------------------------------------------------------ */

static void take_line(struct server *s, int socket, const char *line)
{
    char verb[16];
    char token[TOKEN_BYTES];
    char where[16] = "";
    if (sscanf(line, "vencejo %15s %32s %15s", verb, token, where) < 2)
        return;
    struct guest_entry *guest = find_guest(s, token);
    if (strcmp(verb, "HOME") == 0) {
        if (!guest && strlen(token) == TOKEN_BYTES - 1)
            begin_guest(s, socket, token, strcmp(where, "elsewhere") == 0);
    } else {
        int error = guest ? pass_put(guest->pass, socket, line) : -ENOENT;
        /* A guardian that has died is not always buried yet. */
        if (error && error != -EAGAIN)
            line_put(socket, "UNKNOWN");
    }
}

/* True: it is done with. */
static bool hear(struct server *s, struct caller *caller)
{
    char line[LINE_BYTES];
    int error = line_get(caller->socket, line);
    if (error == -EAGAIN && now_s() - caller->since < CALLER_PATIENCE_S)
        return false;
    if (!error)
        take_line(s, caller->socket, line);
    close(caller->socket);
    return true;
}

static void hear_all(struct server *s)
{
    for (size_t i = 0; i < s->caller_count;)
        if (hear(s, &s->callers[i]))
            s->callers[i] = s->callers[--s->caller_count];
        else
            i++;
}

static void accept_all(struct server *s)
{
    while (s->caller_count < CALLERS_MAX) {
        int socket = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (socket < 0)
            return;
        s->callers[s->caller_count++] =
            (struct caller){.socket = socket, .since = now_s()};
    }
}

static void take_signals(struct server *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD)
            s->is_over = true;
    reap(s);
}

/* ---- Commands. ----------------------------------------------------------- */

static void command(struct server *s, int socket, const char *line)
{
    int error = 0;
    if (strcmp(line, "freeze") != 0 && strcmp(line, "thaw") != 0) {
        control_answer(socket, "error no such command, say freeze or thaw\n");
        return;
    }
    for (size_t i = 0; i < s->guest_count; i++) {
        int put_error = pass_put(s->guests[i].pass, socket, line);
        if (put_error == -EAGAIN) /* The others have died. */
            error = put_error;
    }
    control_answer(socket,
                   error ? "error a guardian is busy, say it again\n" : "ok\n");
}

static void take_commands(struct server *s)
{
    char line[LINE_BYTES];
    int socket;
    while (s->control >= 0 && control_take(s->control, &socket, line) == 0)
        command(s, socket, line);
}

/* ---- The loop. ----------------------------------------------------------- */

static void step(struct server *s)
{
    struct pollfd files[3 + CALLERS_MAX];
    size_t count = 3;
    files[0] = (struct pollfd){.fd = s->signals, .events = POLLIN};
    files[1] =
        (struct pollfd){.fd = s->caller_count < CALLERS_MAX ? s->listener : -1,
                        .events = POLLIN};
    files[2] = (struct pollfd){.fd = s->control, .events = POLLIN};
    for (size_t i = 0; i < s->caller_count; i++)
        files[count++] =
            (struct pollfd){.fd = s->callers[i].socket, .events = POLLIN};
    poll(files, count,
         s->sweeps > 0         ? SWEEP_MS
         : s->caller_count > 0 ? CALLER_LOOK_MS
                               : -1);
    take_signals(s);
    sweep(s);
    take_commands(s);
    hear_all(s);
    /* Half a line can be read over and over: wait for the rest. */
    if (s->caller_count > 0)
        poll(NULL, 0, 2);
    accept_all(s);
}

/* Guardians end when their end of the pair is closed; what does not is killed,
 * and its body with it. */
static void end_all(struct server *s)
{
    for (size_t i = 0; i < s->guest_count; i++)
        shutdown(s->guests[i].pass, SHUT_RDWR);
    for (int ms = 0; s->guest_count > 0 && ms < END_PATIENCE_MS; ms += 10) {
        poll(NULL, 0, 10);
        reap(s);
    }
    for (size_t i = 0; i < s->guest_count; i++)
        kill(s->guests[i].guardian, SIGKILL);
    while (s->guest_count > 0) {
        poll(NULL, 0, 10);
        reap(s);
    }
    for (size_t i = 0; i < s->caller_count; i++)
        close(s->callers[i].socket);
}

static int catch_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Limits that were asked for can be kept, or nobody is let in. */
static int try_cgroup(const char *folder)
{
    struct cgroup cgroup;
    int error = folder ? cgroup_create(&cgroup, folder, getpid()) : 0;
    if (error)
        say("--cgroup %s: no group can be made there, which would limit guests",
            folder);
    else if (folder)
        cgroup_destroy(&cgroup);
    return error;
}

/* Before the guardians drop their rights. Without it home is told so. */
static int open_fault_device(void)
{
    int device = postcopy_device();
    if (device < 0)
        say("no guest can come by post-copy: /dev/userfaultfd: %s",
            strerror(-device));
    return device > 0 ? device : 0;
}

int serve(const struct serve_options *options)
{
    struct complaint complaint = {0};
    char name[ADDRESS_BYTES];
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return EXIT_FAILURE;
    s->options = options;
    s->signals = catch_signals();
    s->fault_device = open_fault_device();
    if (try_cgroup(options->guest.limits.cgroup) < 0) {
        free(s);
        return 2;
    }
    s->control = -1;
    if ((options->control &&
         control_listen(options->control, &s->control, &complaint) < 0) ||
        address_listen(options->listen, &s->listener, name, &complaint) < 0) {
        say_complaint(&complaint);
        free(s);
        return 2;
    }
    printf("listening %s\n", name);
    fflush(stdout);
    while (!s->is_over)
        step(s);
    close(s->listener);
    end_all(s);
    if (options->guest.limits.cgroup)
        cgroup_take_away(options->guest.limits.cgroup);
    if (s->control >= 0) {
        close(s->control);
        unlink(options->control);
    }
    close(s->signals);
    if (s->fault_device > 0)
        close(s->fault_device);
    free(s);
    return EXIT_SUCCESS;
}
