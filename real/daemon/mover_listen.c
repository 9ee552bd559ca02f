/* mover_listen.c - who connects to the mover: programs that are begun here, by
 * the mover's socket, and deputies and guardians of other nodes, which are
 * heard for one line only (connection.h) and given to the guardian of its
 * token. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../homenode/driver/pass.h"
#include "mover_inside.h"

enum { GUARDIAN_HOME = 3, GUARDIAN_LISTENER = 4, ABOVE = 10, LOCAL_MS = 1000 };

/* ---- Programs that are begun here. --------------------------------------- */

/* Who may kill a process may move it. */
static bool may_move(const struct ucred *caller, pid_t pid, uid_t *ret_user)
{
    char path[32];
    struct stat process;
    snprintf(path, sizeof path, "/proc/%d", pid);
    if (pid <= 1 || stat(path, &process) < 0)
        return false;
    *ret_user = process.st_uid;
    return caller->uid == 0 || caller->uid == process.st_uid;
}

static struct row *take_program(struct node_mover *m, pid_t pid, uid_t user)
{
    proc_id proc = m->options.daemon.new_proc(m->options.daemon.context);
    struct row *row = proc ? mover_add(m, false, proc) : NULL;
    if (!row)
        return NULL;
    row->saved.home = row->saved.place = m->options.self;
    row->saved.pid = pid;
    row->saved.lease_ms = (uint32_t)(m->options.lease_us / 1000);
    row->saved.info = (struct proc_info){.id = proc,
                                         .home = m->options.self,
                                         .came_from = NODE_NONE,
                                         .home_cluster = m->options.cluster,
                                         .user = user,
                                         .width = 1,
                                         .sibling_node = NODE_NONE};
    return row;
}

static const char *submit(struct node_mover *m, int socket, pid_t pid)
{
    struct ucred caller;
    socklen_t bytes = sizeof caller;
    uid_t user;
    char line[LINE_BYTES];
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &caller, &bytes) < 0 ||
        !may_move(&caller, pid, &user))
        return "refused: only who may kill a process may move it";
    struct row *row = take_program(m, pid, user);
    int station = row ? mover_station(m, row) : -ENOMEM;
    if (station < 0) {
        if (row)
            row->state = ROW_OVER;
        return "refused: no socket for its deputy";
    }
    snprintf(line, sizeof line, "welcome %u", row->saved.lease_ms);
    if (mover_save(m, row) < 0 || mover_connect(m, row) < 0 ||
        pass_put(socket, station, line) < 0) {
        close(station);
        mover_unwatch(m, &row->connection);
        row->state = ROW_OVER;
        mover_forget(m, row);
        return "refused: its deputy cannot be reached";
    }
    close(station);
    return NULL;
}

void mover_accept_local(struct node_mover *m)
{
    char line[LINE_BYTES];
    int descriptor = -1;
    int pid;
    int socket = accept4(m->local, NULL, NULL, SOCK_CLOEXEC);
    if (socket < 0)
        return;
    /* It is on this machine, and says its line as it connects. */
    const char *refused = "refused: say submit PID";
    if (pass_await(socket, &descriptor, line, LOCAL_MS) == 0 &&
        sscanf(line, "submit %d", &pid) == 1)
        refused = submit(m, socket, pid);
    if (descriptor >= 0)
        close(descriptor);
    if (refused)
        pass_put(socket, -1, refused);
    close(socket);
}

/* ---- Guardians. ---------------------------------------------------------- */

static _Noreturn void become_guardian(const struct node_mover *m,
                                      int home,
                                      int station,
                                      bool elsewhere)
{
    char lease[24];
    sigset_t none;
    snprintf(lease, sizeof lease, "%llu",
             (unsigned long long)(m->options.lease_us / 1000));
    int high_home = fcntl(home, F_DUPFD, ABOVE);
    int high_station = fcntl(station, F_DUPFD, ABOVE);
    if (dup2(high_home, GUARDIAN_HOME) < 0 ||
        dup2(high_station, GUARDIAN_LISTENER) < 0)
        _exit(EXIT_FAILURE);
    close_range(GUARDIAN_LISTENER + 1, ~0U, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execl(m->guardian, m->guardian, "guardian", "3", "4",
          elsewhere ? "elsewhere" : "here", lease, (char *)NULL);
    _exit(EXIT_FAILURE);
}

static void begin_guardian(struct node_mover *m,
                           struct row *row,
                           int home,
                           bool elsewhere)
{
    int station = mover_station(m, row);
    if (station < 0)
        return;
    row->state = ROW_COMING;
    int error = mover_save(m, row);
    pid_t pid = error ? -1 : fork();
    if (pid == 0)
        become_guardian(m, home, station, elsewhere);
    close(station);
    row->worker = pid > 0 ? pid : 0;
    if (pid < 0 || mover_connect(m, row) < 0) {
        row->state = ROW_OVER;
        mover_forget(m, row);
    }
}

static void take_line(struct node_mover *m, int socket, const char *line)
{
    char verb[16];
    char token[TOKEN_BYTES];
    char where[16] = "";
    if (sscanf(line, "vencejo %15s %32s %15s", verb, token, where) < 2)
        return;
    struct row *row = mover_find_token(m, token);
    if (strcmp(verb, "HOME") == 0) {
        if (row && row->state == ROW_EXPECTED)
            begin_guardian(m, row, socket, strcmp(where, "elsewhere") == 0);
        return;
    }
    int error = row && row->connection >= 0
                    ? pass_put(row->connection, socket, line)
                    : -ENOENT;
    if (error && error != -EAGAIN)
        line_put(socket, "UNKNOWN");
}

/* ---- Callers. ------------------------------------------------------------ */

void mover_hear_caller(struct node_mover *m, struct mover_caller *caller)
{
    char line[LINE_BYTES];
    if (caller->socket < 0)
        return;
    int error = line_get(caller->socket, line);
    if (error == -EAGAIN)
        return; /* Edge-triggered: woken by the rest. */
    if (!error)
        take_line(m, caller->socket, line);
    mover_unwatch(m, &caller->socket);
}

void mover_accept(struct node_mover *m)
{
    for (size_t i = 0; i < MOVER_CALLERS_MAX; i++) {
        struct mover_caller *caller = &m->callers[i];
        if (caller->socket >= 0)
            continue;
        int socket = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC);
        if (socket < 0)
            return;
        *caller = (struct mover_caller){socket, mover_now_us()};
        if (mover_watch(m, socket, caller, EPOLLET) < 0)
            mover_unwatch(m, &caller->socket);
        else
            mover_hear_caller(m, caller);
    }
}

void mover_sweep_callers(struct node_mover *m, usec_t now_us)
{
    for (size_t i = 0; i < MOVER_CALLERS_MAX; i++)
        if (m->callers[i].socket >= 0 &&
            now_us - m->callers[i].since_us > MOVER_CALLER_US)
            mover_unwatch(m, &m->callers[i].socket);
}

bool mover_has_callers(const struct node_mover *m)
{
    for (size_t i = 0; i < MOVER_CALLERS_MAX; i++)
        if (m->callers[i].socket >= 0)
            return true;
    return false;
}
