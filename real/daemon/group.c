/* group.c - see group.h. */
#include "group.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A part is in the hierarchy whose groups have such a file; NULL: in none of
 * that version. */
static const struct
{
    const char *controller; /* As version 1 calls it. */
    const char *file_1;
    const char *file_2;
    bool from_above; /* A group above may have the file alone. */
} parts[GROUP_PARTS] = {
    [GROUP_THREADS] = {"cpu", "tasks", "cgroup.threads", false},
    [GROUP_QUOTA] = {"cpu", "cpu.cfs_quota_us", "cpu.max", true},
    [GROUP_CPU_USED] = {"cpuacct", "cpuacct.usage", "cpu.stat", false},
    [GROUP_CORES] = {"cpuset", "cpuset.effective_cpus", "cpuset.cpus.effective",
                     true},
    [GROUP_MEMORY] = {"memory", "memory.usage_in_bytes", "memory.current",
                      true},
    [GROUP_PRESSURE] = {"cpu", NULL, "memory.pressure", false},
};

/* ---- Where it is. -------------------------------------------------------- */

/* From a folder to the one above it; false: that was the highest. */
static bool go_up(const struct group_place *place,
                  char folder[CGROUP_PATH_BYTES])
{
    char *last = strrchr(folder, '/');
    if (!last || strlen(folder) <= strlen(place->top))
        return false;
    *last = '\0';
    return true;
}

static bool has_file(const char *folder, const char *name)
{
    char path[CGROUP_PATH_BYTES];
    return cgroup_join(path, folder, name) && access(path, R_OK) == 0;
}

static bool find_place(struct group_place *ret,
                       const char *proc,
                       const char *folder,
                       enum group_part part,
                       bool unified)
{
    struct cgroup_hierarchy h;
    struct group_place place = {.found = true, .unified = unified};
    const char *file = unified ? parts[part].file_2 : parts[part].file_1;
    if (!file || !cgroup_find(proc, parts[part].controller, unified, &h) ||
        !cgroup_place(&h, folder, place.folder))
        return false;
    size_t length = strlen(place.folder);
    if (length > 2 && strcmp(place.folder + length - 2, "/.") == 0)
        place.folder[length - 2] = '\0';
    memcpy(place.top, h.mounted, sizeof place.top);
    if (access(place.folder, F_OK) < 0)
        return false;
    char at[CGROUP_PATH_BYTES];
    memcpy(at, place.folder, sizeof at);
    bool found = has_file(at, file);
    while (!found && parts[part].from_above && go_up(&place, at))
        found = has_file(at, file);
    if (found)
        *ret = place;
    return found;
}

int group_find(struct group *ret, const char *proc, const char *folder)
{
    struct group group = {0};
    for (enum group_part i = 0; i < GROUP_PARTS; i++)
        if (!find_place(&group.places[i], proc, folder, i, false))
            find_place(&group.places[i], proc, folder, i, true);
    if (!group.places[GROUP_THREADS].found)
        return -ENOENT;
    *ret = group;
    return 0;
}

/* ---- Limits. ------------------------------------------------------------- */

static uint64_t min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t quota_here(const char *folder, bool unified)
{
    char text[64];
    uint64_t milli;
    uint64_t quota;
    uint64_t period;
    if (unified)
        return kernel_read(folder, "cpu.max", text, sizeof text) > 0 &&
                       kernel_quota_parse(text, &milli)
                   ? milli
                   : KERNEL_NO_LIMIT;
    if (!kernel_read_number(folder, "cpu.cfs_quota_us", &quota) ||
        !kernel_read_number(folder, "cpu.cfs_period_us", &period) ||
        period == 0 || __builtin_mul_overflow(quota, 1000, &quota))
        return KERNEL_NO_LIMIT;
    return quota / period;
}

uint64_t group_quota_milli(const struct group *group)
{
    const struct group_place *place = &group->places[GROUP_QUOTA];
    uint64_t milli = KERNEL_NO_LIMIT;
    char at[CGROUP_PATH_BYTES];
    if (!place->found)
        return milli;
    memcpy(at, place->folder, sizeof at);
    do
        milli = min(milli, quota_here(at, place->unified));
    while (go_up(place, at));
    return milli;
}

uint64_t group_core_count(const struct group *group)
{
    const struct group_place *place = &group->places[GROUP_CORES];
    const char *file =
        place->unified ? parts[GROUP_CORES].file_2 : parts[GROUP_CORES].file_1;
    char at[CGROUP_PATH_BYTES];
    char text[KERNEL_TEXT_BYTES];
    uint64_t count = 0;
    if (!place->found)
        return 0;
    memcpy(at, place->folder, sizeof at);
    do
        if (kernel_read(at, file, text, sizeof text) > 0 &&
            kernel_list_count(text, &count))
            return count;
    while (go_up(place, at));
    return 0;
}

/* Page cache and slabs that it can give back. */
static uint64_t reclaimable_bytes(const char *folder, bool unified)
{
    static const char *const keys[2][3] = {
        {"total_active_file", "total_inactive_file", "total_slab_reclaimable"},
        {"active_file", "inactive_file", "slab_reclaimable"},
    };
    char text[KERNEL_TEXT_BYTES];
    uint64_t sum = 0;
    uint64_t bytes;
    if (kernel_read(folder, "memory.stat", text, sizeof text) < 0)
        return 0;
    for (size_t i = 0; i < sizeof keys[0] / sizeof keys[0][0]; i++)
        if (kernel_field(text, keys[unified][i], &bytes) &&
            __builtin_add_overflow(sum, bytes, &sum))
            return 0;
    return sum;
}

static void limit_memory(const char *folder,
                         bool unified,
                         struct group_memory *memory)
{
    uint64_t limit = KERNEL_NO_LIMIT;
    uint64_t high = KERNEL_NO_LIMIT;
    uint64_t used = 0;
    kernel_read_number(folder, unified ? "memory.max" : "memory.limit_in_bytes",
                       &limit);
    if (unified) /* Above it the kernel takes pages away, too. */
        kernel_read_number(folder, "memory.high", &high);
    limit = min(limit, high);
    if (limit == KERNEL_NO_LIMIT ||
        !kernel_read_number(
            folder, unified ? "memory.current" : "memory.usage_in_bytes",
            &used))
        return;
    used = less(used, reclaimable_bytes(folder, unified));
    memory->total_bytes = min(memory->total_bytes, limit);
    memory->free_bytes = min(memory->free_bytes, less(limit, used));
}

/* Version 1 limits memory and swap together. */
static void limit_swap(const char *folder,
                       bool unified,
                       struct group_memory *memory)
{
    uint64_t limit = KERNEL_NO_LIMIT;
    uint64_t used = 0;
    uint64_t part;
    if (!kernel_read_number(
            folder, unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes",
            &limit) ||
        !kernel_read_number(
            folder,
            unified ? "memory.swap.current" : "memory.memsw.usage_in_bytes",
            &used) ||
        limit == KERNEL_NO_LIMIT)
        return;
    if (!unified) {
        if (!kernel_read_number(folder, "memory.limit_in_bytes", &part))
            return;
        limit = less(limit, part);
        if (!kernel_read_number(folder, "memory.usage_in_bytes", &part))
            return;
        used = less(used, part);
    }
    memory->swap_total_bytes = min(memory->swap_total_bytes, limit);
    memory->swap_free_bytes = min(memory->swap_free_bytes, less(limit, used));
}

void group_limit_memory(const struct group *group, struct group_memory *memory)
{
    const struct group_place *place = &group->places[GROUP_MEMORY];
    char at[CGROUP_PATH_BYTES];
    if (!place->found)
        return;
    memcpy(at, place->folder, sizeof at);
    do {
        limit_memory(at, place->unified, memory);
        limit_swap(at, place->unified, memory);
    } while (go_up(place, at));
}
