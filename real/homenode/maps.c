/* maps.c - see maps.h. */
#include "maps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Holes are looked for from here on, a GiB apart. */
#define HOLE_FIRST UINT64_C(0x10000000000)
#define HOLE_STEP (UINT64_C(1) << 30)
#define HOLE_END UINT64_C(0x7ff000000000)

static int add(struct maps *maps, const struct map *map)
{
    if ((maps->count & (maps->count - 1)) == 0) {
        size_t room = maps->count > 0 ? 2 * maps->count : 1;
        struct map *grown = reallocarray(maps->maps, room, sizeof *grown);
        if (!grown)
            return -ENOMEM;
        maps->maps = grown;
    }
    maps->maps[maps->count++] = *map;
    return 0;
}

/* Of a process that runs, a mapping that grows while the list is read comes
 * twice: what of it is new is taken. */
static int add_behind(struct maps *maps, struct map *map)
{
    uint64_t end = maps->count > 0 ? maps->maps[maps->count - 1].end : 0;
    if (map->start < end) {
        if (map->end <= end)
            return 0;
        map->file_start += map->inode != 0 ? end - map->start : 0;
        map->start = end;
    }
    return add(maps, map);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static enum map_kind kind_of(bool shared,
                             bool writable,
                             uint64_t inode,
                             const char *name)
{
    bool device = begins(name, "/dev/") && !begins(name, "/dev/shm/") &&
                  !begins(name, "/dev/zero");
    if (device || begins(name, "anon_inode:"))
        return MAP_DEVICE;
    if (shared)
        return writable ? MAP_SHARED_WRITABLE : MAP_SHARED_READ_ONLY;
    return inode != 0 ? MAP_FILE_PRIVATE : MAP_ANONYMOUS_PRIVATE;
}

static int read_line(struct maps *maps, const char *line)
{
    struct map map = {0};
    char flags[5];
    int name_at = 0;
    if (sscanf(line,
               "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %" SCNu64 " %n",
               &map.start, &map.end, flags, &map.file_start, &map.inode,
               &name_at) < 5)
        return -EPROTO;
    const char *name = line + name_at;
    if (begins(name, "[vsyscall]"))
        return 0;
    if (begins(name, "[vvar") || begins(name, "[vdso]")) {
        if (maps->vvar_start == 0)
            maps->vvar_start = map.start;
        if (begins(name, "[vdso]")) {
            maps->vdso_start = map.start;
            maps->vdso_end = map.end;
        }
        return 0;
    }
    bool writable = flags[1] == 'w';
    map.protection = (uint8_t)((flags[0] == 'r' ? 1 : 0) | (writable ? 2 : 0) |
                               (flags[2] == 'x' ? 4 : 0));
    map.kind = (uint8_t)kind_of(flags[3] == 's', writable, map.inode, name);
    map.grows_down = begins(name, "[stack]");
    return add_behind(maps, &map);
}

int maps_read(struct maps *ret_maps, pid_t pid)
{
    char path[32];
    struct maps maps = {0};
    char *line = NULL;
    size_t room = 0;
    int error = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? -ESRCH : -errno;
    while (!error && getline(&line, &room, file) > 0)
        error = read_line(&maps, line);
    free(line);
    fclose(file);
    if (error)
        maps_finish(&maps);
    else
        *ret_maps = maps;
    return error;
}

void maps_finish(struct maps *maps)
{
    free(maps->maps);
    *maps = (struct maps){0};
}

int maps_cut(struct maps *maps, uint64_t start, uint64_t end)
{
    struct maps cut = *maps;
    int error = 0;
    cut.maps = NULL;
    cut.count = 0;
    for (size_t i = 0; i < maps->count && !error; i++) {
        struct map before = maps->maps[i];
        struct map behind = before;
        if (before.end > start)
            before.end = start;
        if (behind.start < end) {
            behind.file_start += end - behind.start;
            behind.start = end;
        }
        if (before.start < before.end)
            error = add(&cut, &before);
        if (!error && behind.start < behind.end)
            error = add(&cut, &behind);
    }
    if (error) {
        free(cut.maps);
        return error;
    }
    free(maps->maps);
    *maps = cut;
    return 0;
}

static bool is_free(const struct maps *maps, uint64_t start, uint64_t end)
{
    if (!maps)
        return true;
    for (size_t i = 0; i < maps->count; i++)
        if (maps->maps[i].start < end && maps->maps[i].end > start)
            return false;
    return maps->vdso_end <= start || maps->vvar_start >= end;
}

uint64_t maps_hole(const struct maps *a, const struct maps *b, uint64_t bytes)
{
    for (uint64_t at = HOLE_FIRST; at < HOLE_END - bytes; at += HOLE_STEP)
        if (is_free(a, at, at + bytes) && is_free(b, at, at + bytes))
            return at;
    return 0;
}
