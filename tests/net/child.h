/* child.h - SimGrid runs once in a program: each test runs in a child, and
 * tells what it saw through shared memory. */
#ifndef TESTS_NET_CHILD_H
#define TESTS_NET_CHILD_H

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared with the children that are to come; zero at first. NULL if there is no
 * memory. */
static inline void *child_seen_new(size_t seen_bytes)
{
    void *seen = mmap(NULL, seen_bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return seen == MAP_FAILED ? NULL : seen;
}

/* Run work(seen) in a child. Did it end well? */
static inline bool child_run(void (*work)(void *seen), void *seen)
{
    pid_t child = fork();
    if (child == 0) {
        work(seen);
        exit(EXIT_SUCCESS);
    }
    int status = 0;
    return 0 < child && waitpid(child, &status, 0) == child &&
           WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

#endif /* TESTS_NET_CHILD_H */
