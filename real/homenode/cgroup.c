/* cgroup.c - see cgroup.h. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PERIOD_US = 100000, /* Over which a share of the CPU is counted. */
    QUOTA_MIN_US = 1000,
    GONE_TRIES = 200, /* A group is busy until its dead are buried. */
    GONE_WAIT_US = 1000,
};

static const struct
{
    const char *name; /* As version 1 calls it. */
    const char *limit_1;
    const char *limit_2;
} controllers[CGROUP_CONTROLLERS] = {
    [CGROUP_CPU] = {"cpu", "cpu.cfs_quota_us", "cpu.max"},
    [CGROUP_MEMORY] = {"memory", "memory.limit_in_bytes", "memory.max"},
    [CGROUP_PIDS] = {"pids", "pids.max", "pids.max"},
    [CGROUP_FREEZER] = {"freezer", "freezer.state", "cgroup.freeze"},
};

static int put(const char *folder, const char *name, const char *text)
{
    char path[CGROUP_PATH_BYTES];
    if (!cgroup_join(path, folder, name))
        return -ENAMETOOLONG;
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    int error = write(file, text, strlen(text)) < 0 ? -errno : 0;
    close(file);
    return error;
}

static int put_number(const char *folder, const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return put(folder, name, text);
}

/* ---- Making. ------------------------------------------------------------- */

/* In version 2 each folder says which controllers those below it have; what
 * fails here is seen when the limit is not there. */
static void enable(const char *folder)
{
    put(folder, "cgroup.subtree_control", "+cpu");
    put(folder, "cgroup.subtree_control", "+memory");
    put(folder, "cgroup.subtree_control", "+pids");
}

static int make_folders(const struct cgroup_hierarchy *h, char *folder)
{
    size_t from = strlen(h->mounted);
    for (char *at = folder + from; at; at = strchr(at + 1, '/')) {
        char kept = *at;
        *at = 0;
        int error = mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
        if (!error && h->unified)
            enable(folder);
        *at = kept;
        if (error)
            return error;
    }
    int error = mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
    if (!error && h->unified)
        enable(folder);
    return error;
}

/* Groups of makers that did not live to remove them. */
static void remove_leftovers(const char *folder)
{
    DIR *list = opendir(folder);
    const struct dirent *entry;
    char path[CGROUP_PATH_BYTES];
    while (list && (entry = readdir(list))) {
        int maker;
        int number;
        if (sscanf(entry->d_name, "guest-%d-%d", &maker, &number) == 2 &&
            kill(maker, 0) < 0 && errno == ESRCH &&
            cgroup_join(path, folder, entry->d_name))
            rmdir(path); /* Fails if it is not empty: a later one's work. */
    }
    if (list)
        closedir(list);
}

static int make_group(const struct cgroup_hierarchy *h,
                      char *below,
                      pid_t number,
                      char *ret)
{
    char name[40];
    int error = make_folders(h, below);
    if (error)
        return error;
    remove_leftovers(below);
    snprintf(name, sizeof name, "guest-%d-%d", getpid(), number);
    if (!cgroup_join(ret, below, name))
        return -ENAMETOOLONG;
    return mkdir(ret, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static bool has_limit(const char *folder,
                      enum cgroup_controller which,
                      bool two)
{
    char path[CGROUP_PATH_BYTES];
    const char *name =
        two ? controllers[which].limit_2 : controllers[which].limit_1;
    return cgroup_join(path, folder, name) && access(path, W_OK) == 0;
}

static bool uses(const struct cgroup *cgroup, const char *folder)
{
    for (size_t i = 0; i < CGROUP_CONTROLLERS; i++)
        if (strcmp(cgroup->folders[i], folder) == 0)
            return true;
    return false;
}

/* Where the caller's folder is for a controller, in one version. */
static bool find_folder(enum cgroup_controller which,
                        bool unified,
                        const char *folder,
                        struct cgroup_hierarchy *ret_hierarchy,
                        char *ret)
{
    return cgroup_find("/proc", controllers[which].name, unified,
                       ret_hierarchy) &&
           cgroup_place(ret_hierarchy, folder, ret);
}

static void try_controller(struct cgroup *cgroup,
                           const char *folder,
                           pid_t number,
                           enum cgroup_controller which,
                           bool unified)
{
    struct cgroup_hierarchy h;
    char below[CGROUP_PATH_BYTES];
    char path[CGROUP_PATH_BYTES];
    if (cgroup_has(cgroup, which) ||
        !find_folder(which, unified, folder, &h, below) ||
        make_group(&h, below, number, path) != 0)
        return;
    if (has_limit(path, which, unified)) {
        memcpy(cgroup->folders[which], path, sizeof path);
        cgroup->unified[which] = unified;
    } else if (!uses(cgroup, path)) {
        rmdir(path);
    }
}

static bool has_any(const struct cgroup *cgroup)
{
    for (size_t i = 0; i < CGROUP_CONTROLLERS; i++)
        if (cgroup->folders[i][0] != 0)
            return true;
    return false;
}

int cgroup_create(struct cgroup *ret, const char *folder, pid_t number)
{
    *ret = (struct cgroup){0};
    for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
        try_controller(ret, folder, number, i, true);
        try_controller(ret, folder, number, i, false);
    }
    return has_any(ret) ? 0 : -ENOTSUP;
}

bool cgroup_has(const struct cgroup *cgroup, enum cgroup_controller which)
{
    return cgroup->folders[which][0] != 0;
}

/* Each folder once. */
static bool first_use(const struct cgroup *cgroup, size_t which)
{
    const char *folder = cgroup->folders[which];
    for (size_t i = 0; i < which; i++)
        if (strcmp(cgroup->folders[i], folder) == 0)
            return false;
    return *folder != 0;
}

/* ---- A folder for another user. ------------------------------------------ */

static int chown_in(const char *folder, const char *name, uid_t uid, gid_t gid)
{
    char path[CGROUP_PATH_BYTES];
    if (!cgroup_join(path, folder, name))
        return -ENAMETOOLONG;
    return chown(path, uid, gid) < 0 ? -errno : 0;
}

static int give(const struct cgroup_hierarchy *h,
                char *folder,
                uid_t uid,
                gid_t gid)
{
    char path[CGROUP_PATH_BYTES];
    int error = make_folders(h, folder);
    if (!error && chown(folder, uid, gid) < 0)
        error = -errno;
    if (!error)
        error = chown_in(folder, "cgroup.procs", uid, gid);
    if (error || !h->unified)
        return error;
    error = chown_in(folder, "cgroup.subtree_control", uid, gid);
    if (!error && !cgroup_join(path, folder, "guardians"))
        error = -ENAMETOOLONG;
    if (!error && mkdir(path, 0755) < 0 && errno != EEXIST)
        error = -errno;
    if (!error)
        error = chown_in(path, "cgroup.procs", uid, gid);
    return error ? error : put_number(path, "cgroup.procs", (uint64_t)getpid());
}

int cgroup_give(const char *folder, uid_t uid, gid_t gid)
{
    bool any = false;
    for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
        struct cgroup_hierarchy h;
        char path[CGROUP_PATH_BYTES];
        if (find_folder(i, false, folder, &h, path))
            any = give(&h, path, uid, gid) == 0 || any;
    }
    struct cgroup_hierarchy two;
    char path[CGROUP_PATH_BYTES];
    if (find_folder(CGROUP_CPU, true, folder, &two, path))
        any = give(&two, path, uid, gid) == 0 || any;
    return any ? 0 : -ENOTSUP;
}

/* In all hierarchies: the leftovers, and the folder itself if it is to go. */
static void clear(const char *folder, bool with_folder)
{
    for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
        for (int unified = 0; unified < 2; unified++) {
            struct cgroup_hierarchy h;
            char path[CGROUP_PATH_BYTES];
            char guardians[CGROUP_PATH_BYTES];
            if (!find_folder(i, unified, folder, &h, path))
                continue;
            remove_leftovers(path);
            if (!with_folder)
                continue;
            if (unified && cgroup_join(guardians, path, "guardians"))
                rmdir(guardians);
            rmdir(path);
        }
    }
}

void cgroup_sweep(const char *folder)
{
    clear(folder, false);
}

void cgroup_take_away(const char *folder)
{
    clear(folder, true);
}

/* ---- Processes. ---------------------------------------------------------- */

/* Not ours after all. */
static void give_up(struct cgroup *cgroup, size_t which)
{
    char folder[CGROUP_PATH_BYTES];
    memcpy(folder, cgroup->folders[which], sizeof folder);
    rmdir(folder);
    for (size_t i = 0; i < CGROUP_CONTROLLERS; i++)
        if (strcmp(cgroup->folders[i], folder) == 0)
            cgroup->folders[i][0] = 0;
}

int cgroup_add(struct cgroup *cgroup, pid_t pid)
{
    int error = 0;
    for (size_t i = 0; i < CGROUP_CONTROLLERS; i++) {
        if (!first_use(cgroup, i))
            continue;
        int one = put_number(cgroup->folders[i], "cgroup.procs", (uint64_t)pid);
        if (one)
            give_up(cgroup, i);
        error = error ? error : one;
    }
    return error;
}

/* ---- Limits. ------------------------------------------------------------- */

int cgroup_limit_memory(const struct cgroup *cgroup, uint64_t bytes)
{
    const char *folder = cgroup->folders[CGROUP_MEMORY];
    if (*folder == 0)
        return -ENOTSUP;
    bool two = cgroup->unified[CGROUP_MEMORY];
    int error =
        put_number(folder, two ? "memory.max" : "memory.limit_in_bytes", bytes);
    /* Not instead on disk either; a kernel without swap has no such file. */
    int swap = two ? put_number(folder, "memory.swap.max", 0)
                   : put_number(folder, "memory.memsw.limit_in_bytes", bytes);
    return error ? error : swap == -ENOENT ? 0 : swap;
}

int cgroup_limit_cpu(const struct cgroup *cgroup, uint32_t milli)
{
    const char *folder = cgroup->folders[CGROUP_CPU];
    uint64_t quota_us = (uint64_t)milli * PERIOD_US / 1000;
    char text[48];
    if (*folder == 0)
        return -ENOTSUP;
    if (quota_us < QUOTA_MIN_US)
        quota_us = QUOTA_MIN_US;
    if (cgroup->unified[CGROUP_CPU]) {
        snprintf(text, sizeof text, "%" PRIu64 " %d", quota_us, PERIOD_US);
        return put(folder, "cpu.max", text);
    }
    int error = put_number(folder, "cpu.cfs_period_us", PERIOD_US);
    return error ? error : put_number(folder, "cpu.cfs_quota_us", quota_us);
}

int cgroup_limit_pids(const struct cgroup *cgroup, uint32_t count)
{
    const char *folder = cgroup->folders[CGROUP_PIDS];
    return *folder == 0 ? -ENOTSUP : put_number(folder, "pids.max", count);
}

int cgroup_freeze(const struct cgroup *cgroup, bool frozen)
{
    const char *folder = cgroup->folders[CGROUP_FREEZER];
    if (*folder == 0)
        return -ENOTSUP;
    return cgroup->unified[CGROUP_FREEZER]
               ? put(folder, "cgroup.freeze", frozen ? "1" : "0")
               : put(folder, "freezer.state", frozen ? "FROZEN" : "THAWED");
}

void cgroup_destroy(struct cgroup *cgroup)
{
    for (size_t i = 0; i < CGROUP_CONTROLLERS; i++) {
        if (!first_use(cgroup, i))
            continue;
        for (int tries = 0; tries < GONE_TRIES; tries++) {
            if (rmdir(cgroup->folders[i]) == 0 || errno != EBUSY)
                break;
            usleep(GONE_WAIT_US);
        }
    }
    *cgroup = (struct cgroup){0};
}
