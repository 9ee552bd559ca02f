/* movable.c - see movable.h. */
#include "movable.h"

#include <assert.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STRICT = 1 }; /* Of seccomp: read, write, exit and no more. */

static uint32_t bit(bool holds, enum obstacle obstacle)
{
    return holds ? UINT32_C(1) << obstacle : 0;
}

/* All its memory is another process's, too, as between vfork(2) and exec:
 * taking it away would take it from both. */
static bool shares_all(pid_t pid, pid_t other)
{
    return other > 0 && syscall(SYS_kcmp, pid, other, KCMP_VM, 0, 0) == 0;
}

static bool shares_all_with_child(pid_t pid)
{
    char path[48];
    int child;
    bool shares = false;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "re");
    while (file && !shares && fscanf(file, "%d", &child) == 1)
        shares = shares_all(pid, child);
    if (file)
        fclose(file);
    return shares;
}

static int read_status(pid_t pid, long filter_count, uint32_t *obstacles)
{
    char path[32];
    char line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? -ESRCH : -errno;
    while (fgets(line, sizeof line, file)) {
        long value = strtol(line + strcspn(line, "\t"), NULL, 10);
        if (strncmp(line, "PPid:", 5) == 0)
            *obstacles |=
                bit(shares_all(pid, (pid_t)value), OBSTACLE_SHARED_MEMORY);
        else if (strncmp(line, "Threads:", 8) == 0)
            *obstacles |= bit(value > 1, OBSTACLE_THREADS);
        else if (strncmp(line, "TracerPid:", 10) == 0)
            *obstacles |= bit(value != 0, OBSTACLE_TRACED);
        else if (strncmp(line, "Seccomp_filters:", 16) == 0)
            *obstacles |= bit(value != filter_count, OBSTACLE_FILTER);
        else if (strncmp(line, "Seccomp:", 8) == 0)
            *obstacles |= bit(value == STRICT, OBSTACLE_FILTER);
    }
    fclose(file);
    return 0;
}

static int read_timers(pid_t pid, uint32_t *obstacles)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/timers", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    *obstacles |= bit(fgetc(file) != EOF, OBSTACLE_TIMERS);
    fclose(file);
    return 0;
}

int movable_obstacles(pid_t pid,
                      const struct maps *maps,
                      uint32_t filter_count,
                      uint32_t *ret_obstacles)
{
    uint32_t obstacles = 0;
    int error = read_status(pid, filter_count, &obstacles);
    if (!error)
        error = read_timers(pid, &obstacles);
    obstacles |= bit(shares_all_with_child(pid), OBSTACLE_SHARED_MEMORY);
    for (size_t i = 0; i < maps->count; i++) {
        enum map_kind kind = (enum map_kind)maps->maps[i].kind;
        obstacles |= bit(kind == MAP_SHARED_WRITABLE, OBSTACLE_SHARED_MEMORY);
        obstacles |= bit(kind == MAP_DEVICE, OBSTACLE_DEVICE);
    }
    if (!error)
        *ret_obstacles = obstacles;
    return error;
}

const char *movable_text(enum obstacle obstacle)
{
    static const char *const texts[] = {
        [OBSTACLE_THREADS] = "it has more than one thread, wait until they end",
        [OBSTACLE_SHARED_MEMORY] =
            "it writes memory that it shares, which cannot be in two places",
        [OBSTACLE_DEVICE] = "it maps a device of this machine",
        [OBSTACLE_TRACED] = "a debugger or tracer has it, end that first",
        [OBSTACLE_FILTER] = "it has a seccomp filter of its own",
        [OBSTACLE_TIMERS] =
            "it has timers of timer_create(2), wait until they are deleted",
    };
    assert(obstacle < OBSTACLE_KINDS);
    return texts[obstacle];
}
