/* worker.c - vencejo-worker, what the mover's processes are: `guardian`, which
 * the daemon begins for each guest, and `run`, the deputy of a program that it
 * begins. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../homenode/driver/child.h"
#include "../homenode/driver/guardian.h"
#include "../homenode/driver/pass.h"
#include "../homenode/driver/say.h"
#include "../homenode/postcopy.h"
#include "deputize.h"

enum {
    USAGE = 2,
    REFUSED = 3,
    GUARDIAN_USERS_FIRST = 0x70000000, /* Of no human, no daemon. */
};

/* ---- guardian HOME LISTENER here|elsewhere LEASE_MS: descriptors. -------- */

static int drop_rights(void)
{
    uid_t user = GUARDIAN_USERS_FIRST + (uid_t)getpid();
    return geteuid() == 0 ? sandbox_become(user, user, NULL) : 0;
}

static int guard(char **words)
{
    struct station station;
    struct guardian g = {
        .home = atoi(words[0]),
        .elsewhere = strcmp(words[2], "elsewhere") == 0,
        .pass = -1,
        .station = &station,
        .options = {.parts_needed = 1U << SANDBOX_FILTER,
                    .transfer = transfer_limits_usual(TRANSFER_STOP),
                    .lease_us = strtoull(words[3], NULL, 10) * 1000}};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    int device = postcopy_device();
    g.options.fault_device = device > 0 ? device : 0;
    int error = drop_rights();
    if (!error)
        error = station_begin(&station, atoi(words[1]));
    if (error) {
        say("a guardian cannot begin: %s", strerror(-error));
        return EXIT_FAILURE;
    }
    station_stands(&station, "coming");
    int status = guardian_run(&g);
    station_end(&station);
    return status;
}

/* ---- run SOCKET -- COMMAND. ---------------------------------------------- */

/* A child that begins its program when a byte comes; errors of that come back
 * by its exit status. */
static pid_t begin_held(char **command, const sigset_t *mask, int *ret_gate)
{
    int ends[2];
    char byte;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (read(ends[0], &byte, 1) != 1)
            _exit(REFUSED);
        prctl(PR_SET_PDEATHSIG, 0);
        sigprocmask(SIG_SETMASK, mask, NULL);
        execvp(command[0], command);
        say("%s: %s", command[0], strerror(errno));
        _exit(errno == ENOENT ? 127 : 126);
    }
    int error = errno;
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return -error;
    }
    *ret_gate = ends[1];
    return pid;
}

/* The station of a process that the daemon has taken. */
static int submit(const char *path, pid_t pid, int *ret, uint64_t *ret_lease_us)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char line[LINE_BYTES];
    unsigned long lease_ms;
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path));
    int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (s < 0)
        return -errno;
    snprintf(line, sizeof line, "submit %d", pid);
    int error = 0;
    if (connect(s, (struct sockaddr *)&address, sizeof address) < 0)
        error = -errno;
    if (!error)
        error = pass_put(s, -1, line);
    if (!error)
        error = pass_await(s, ret, line, 5000);
    close(s);
    if (!error && (*ret < 0 || sscanf(line, "welcome %lu", &lease_ms) != 1)) {
        say("%s", line);
        error = -EPERM;
    }
    if (!error)
        *ret_lease_us = lease_ms * 1000;
    return error;
}

static int run_command(const char *path, char **command)
{
    struct deputize_options options = {.is_child = true};
    struct complaint complaint = {0};
    sigset_t child;
    sigset_t before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    options.pid = begin_held(command, &before, &options.gate);
    if (options.pid < 0) {
        say("%s: %s", command[0], strerror(-options.pid));
        return EXIT_FAILURE;
    }
    int error = submit(path, options.pid, &options.listener, &options.lease_us);
    if (error) {
        say("%s: the daemon does not take it: %s", path, strerror(-error));
        close(options.gate);
        waitpid(options.pid, NULL, 0);
        return REFUSED;
    }
    if (deputize(&options, &complaint) < 0)
        say_complaint(&complaint);
    return child_status(options.pid);
}

int main(int count, char **arguments)
{
    if (count == 6 && strcmp(arguments[1], "guardian") == 0)
        return guard(arguments + 2);
    if (count >= 5 && strcmp(arguments[1], "run") == 0 &&
        strcmp(arguments[3], "--") == 0)
        return run_command(arguments[2], arguments + 4);
    say("vencejo-worker run SOCKET -- COMMAND");
    return USAGE;
}
