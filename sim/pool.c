#include "pool.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct child
{
    pid_t pid; /* 0: free. */
    int fd;
    size_t index;
};

static void write_whole(int fd, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;
    while (count > 0) {
        ssize_t written = write(fd, at, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(1);
        at += written;
        count -= (size_t)written;
    }
}

static size_t read_whole(int fd, void *bytes, size_t count)
{
    size_t got = 0;
    while (got < count) {
        ssize_t n = read(fd, (uint8_t *)bytes + got, count - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    return got;
}

/* Nobody waits for the results of a program that was ended. */
static void end_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent)
        _exit(1);
}

static int start(const struct pool *pool, size_t index, struct child *child)
{
    int ends[2];
    if (pipe(ends) < 0)
        return -errno;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        int error = -errno;
        close(ends[0]);
        close(ends[1]);
        return error;
    }
    if (pid == 0) {
        end_with(parent);
        close(ends[0]);
        void *result = calloc(1, pool->result_bytes);
        if (!result)
            _exit(1);
        pool->work(pool->who, index, result);
        write_whole(ends[1], result, pool->result_bytes);
        _exit(0);
    }
    close(ends[1]);
    *child = (struct child){.pid = pid, .fd = ends[0], .index = index};
    return 0;
}

static void finish(const struct pool *pool,
                   struct child *child,
                   int status,
                   void *results)
{
    uint8_t *result = (uint8_t *)results + child->index * pool->result_bytes;
    size_t got = read_whole(child->fd, result, pool->result_bytes);
    close(child->fd);
    child->pid = 0;
    if (got == pool->result_bytes)
        return;
    char why[96];
    if (WIFSIGNALED(status))
        snprintf(why, sizeof why, "the run was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(why, sizeof why, "the run ended with status %d",
                 WEXITSTATUS(status));
    memset(result, 0, pool->result_bytes);
    pool->died(pool->who, child->index, why, result);
}

static void wait_for_one(const struct pool *pool,
                         struct child *children,
                         void *results)
{
    int status;
    pid_t pid;
    do
        pid = waitpid(-1, &status, 0);
    while (pid < 0 && errno == EINTR);
    assert(pid > 0);
    for (size_t i = 0; i < pool->at_once; i++)
        if (children[i].pid == pid)
            finish(pool, &children[i], status, results);
}

int pool_run(const struct pool *pool, void *ret_results)
{
    assert(pool->at_once > 0);
    assert(pool->result_bytes <= 4096);
    struct child *children = calloc(pool->at_once, sizeof *children);
    if (!children)
        return -ENOMEM;
    fflush(NULL);
    size_t next = 0, done = 0, running = 0;
    int error = 0;
    while (running > 0 || (next < pool->count && !error)) {
        if (running < pool->at_once && next < pool->count && !error) {
            size_t slot = 0;
            while (children[slot].pid)
                slot++;
            error = start(pool, next, &children[slot]);
            if (!error) {
                next++;
                running++;
            }
            continue;
        }
        wait_for_one(pool, children, ret_results);
        running--;
        done++;
        if (pool->progress)
            pool->progress(pool->who, done);
    }
    free(children);
    return error;
}
