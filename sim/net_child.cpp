/* net_child.cpp - what SimGrid may not like is tried in a child process: it
 * ends the program where others would return an error.
 */
#include "net_simgrid.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace {

/* Its words, on one line. */
std::string one_line(const std::string &said)
{
    std::string words = said.substr(0, 300);
    for (char &c : words)
        if (c < ' ')
            c = ' ';
    while (!words.empty() && words.back() == ' ')
        words.pop_back();
    return words;
}

[[noreturn]] void child(const std::function<void()> &work, int out)
{
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    int status = 1;
    try {
        work();
        status = 0;
    } catch (const std::exception &e) {
        dprintf(out, "%s\n", e.what());
    }
    _exit(status);
}

}  // namespace

int child_try(const std::function<void()> &work,
              bool *ret_good,
              std::string *ret_said)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    const pid_t pid = fork();
    if (pid == 0)
        child(work, ends[1]);
    const int fork_error = errno;
    close(ends[1]);
    std::string said;
    char some[512];
    for (ssize_t got; 0 < (got = read(ends[0], some, sizeof some));)
        said.append(some, static_cast<size_t>(got));
    close(ends[0]);
    if (pid < 0)
        return -fork_error;
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *ret_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    *ret_said = one_line(said);
    return 0;
}
