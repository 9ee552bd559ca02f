/* child.c - see child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int child_begin(char *const command[],
                const sigset_t *mask,
                const struct rule *rule,
                pid_t *ret_pid)
{
    int ends[2];
    int error = 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        signal(SIGPIPE, SIG_DFL);
        size_t failed;
        error = rule ? rule_enter(rule, &failed) : 0;
        if (!error && execvp(command[0], command) < 0)
            error = -errno;
        if (write(ends[1], &error, sizeof error) != sizeof error)
            abort();
        _exit(127);
    }
    int fork_error = -errno;
    close(ends[1]);
    if (pid > 0 && read(ends[0], &error, sizeof error) == sizeof error)
        waitpid(pid, NULL, 0);
    close(ends[0]);
    if (pid < 0)
        return fork_error;
    *ret_pid = pid;
    return error;
}

/* What a terminal sends to the whole group, as it will SIGCONT. What somebody
 * sends to the process alone is no matter of ours: we should never go on. */
static bool is_of_terminal(int signal)
{
    return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

void child_stop_alike(pid_t pid)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) == 0 &&
        info.si_pid == pid && info.si_code == CLD_STOPPED &&
        is_of_terminal(info.si_status))
        kill(getpid(), SIGSTOP);
}

int child_status(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return EXIT_FAILURE;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
