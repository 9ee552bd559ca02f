/* dirty.c - see dirty.h. */
#include "dirty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of <linux/userfaultfd.h> from 6.7 on. */
#define FEATURE_WP_ASYNC (UINT64_C(1) << 15)

static bool can_protect(int watcher)
{
    struct uffdio_api api = {.api = UFFD_API, .features = FEATURE_WP_ASYNC};
    return ioctl(watcher, UFFDIO_API, &api) == 0;
}

unsigned dirty_methods(void)
{
    unsigned methods = 1U << DIRTY_NONE;
    struct pagemap p;
    int watcher =
        (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
    if (watcher >= 0) {
        if (can_protect(watcher) && pagemap_open(&p, getpid()) == 0) {
            methods |= (unsigned)p.has_scan << DIRTY_BY_PROTECTION;
            pagemap_close(&p);
        }
        close(watcher);
    }
    return methods | (unsigned)pagemap_has_soft_bits() << DIRTY_BY_SOFT_BITS;
}

int dirty_open(struct dirty *ret, pid_t pid)
{
    *ret = (struct dirty){.watcher = -1};
    return pagemap_open(&ret->pagemap, pid);
}

void dirty_close(struct dirty *d)
{
    if (d->watcher >= 0)
        close(d->watcher);
    runs_finish(&d->changed);
    pagemap_close(&d->pagemap);
}

static int read_maps(const struct tracee *t, struct maps *ret_maps)
{
    int error = maps_read(ret_maps, t->pid);
    if (!error && ret_maps->count == 0)
        error = -ESRCH; /* It is dead and not waited for. */
    if (!error && t->area_at != 0)
        error = maps_cut(ret_maps, t->area_at, t->area_at + TRACEE_AREA_BYTES);
    return error;
}

/* ---- By write protection. ------------------------------------------------ */

/* A copy of the descriptor that the process has. */
static int take_descriptor(pid_t pid, int number)
{
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0)
        return -errno;
    int copy = (int)syscall(SYS_pidfd_getfd, process, number, 0);
    int error = copy < 0 ? -errno : 0;
    close(process);
    return error ? error : copy;
}

/* It makes the descriptor, since that is about the memory of who makes it, and
 * closes it at once. */
static int make_watcher(struct tracee *t, int *ret_watcher)
{
    struct tracee_call make = {
        SYS_userfaultfd, {O_CLOEXEC | UFFD_USER_MODE_ONLY, 0, 0, 0, 0, 0}, 0};
    int error = tracee_run_one(t, &make);
    if (error)
        return error;
    if (make.result < 0)
        return make.result == -EMFILE ? -EMFILE : -ENOTSUP;
    int copy = take_descriptor(t->pid, (int)make.result);
    struct tracee_call shut = {
        SYS_close, {(uint64_t)make.result, 0, 0, 0, 0, 0}, 0};
    error = tracee_run_one(t, &shut);
    if (!error && copy < 0)
        error = copy;
    if (!error && !can_protect(copy))
        error = -ENOTSUP;
    if (error && copy >= 0)
        close(copy);
    if (!error)
        *ret_watcher = copy;
    return error;
}

/* Of a file that it cannot write nothing is watched. */
static bool is_watchable(const struct map *map)
{
    return map->kind == MAP_ANONYMOUS_PRIVATE || map->kind == MAP_FILE_PRIVATE;
}

static void register_map(const struct dirty *d, struct map *map)
{
    struct uffdio_register range = {
        .range = {map->start, map->end - map->start},
        .mode = UFFDIO_REGISTER_MODE_WP,
    };
    map->watched = ioctl(d->watcher, UFFDIO_REGISTER, &range) == 0;
}

static int turn_protection(struct dirty *d, struct maps *maps, bool last)
{
    struct runs unwatched = {0};
    size_t k = 0;
    int error =
        maps->count == 0
            ? 0
            : pagemap_unwatched(&d->pagemap, maps->maps[0].start,
                                maps->maps[maps->count - 1].end, &unwatched);
    for (size_t i = 0; i < maps->count && !error; i++) {
        struct map *map = &maps->maps[i];
        while (k < unwatched.count &&
               unwatched.runs[k].start + unwatched.runs[k].bytes <= map->start)
            k++;
        map->fresh = k < unwatched.count && unwatched.runs[k].start < map->end;
        map->watched = !map->fresh;
        if (map->fresh && !last && is_watchable(map))
            register_map(d, map);
    }
    runs_finish(&unwatched);
    return error;
}

/* ---- By soft bits. ------------------------------------------------------- */

static int clear_soft_bits(pid_t pid)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/clear_refs", pid);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    int error = write(file, "4", 1) == 1 ? 0 : -errno;
    close(file);
    return error;
}

static int read_soft_bits(struct dirty *d, const struct maps *maps)
{
    int error = 0;
    d->changed.count = 0;
    d->given = 0;
    for (size_t i = 0; i < maps->count && !error; i++) {
        const struct map *map = &maps->maps[i];
        unsigned files =
            map->kind == MAP_ANONYMOUS_PRIVATE ? 0U : (unsigned)PAGEMAP_FILES;
        error = pagemap_find(&d->pagemap, map->start, map->end,
                             PAGEMAP_SOFT | files, &d->changed);
    }
    return error;
}

/* Mappings and bits must be read and cleared in one moment, or what is mapped
 * or written in between is lost. */
static int turn_soft_bits(struct dirty *d,
                          struct tracee *t,
                          bool last,
                          struct maps *maps)
{
    struct tracee_pause pause;
    int error = last ? 0 : tracee_pause(t, &pause);
    if (error)
        return error;
    error = read_maps(t, maps);
    if (!error)
        error = read_soft_bits(d, maps);
    if (!error && !last)
        error = clear_soft_bits(t->pid);
    int go_on_error = last ? 0 : tracee_go_on(t, &pause);
    for (size_t i = 0; i < maps->count; i++) {
        maps->maps[i].fresh = !d->turned;
        maps->maps[i].watched = true;
    }
    return error ? error : go_on_error;
}

/* What of the part the last turn found. */
static int give_changed(struct dirty *d,
                        uint64_t from,
                        uint64_t to,
                        struct runs *runs)
{
    int error = 0;
    for (; d->given < d->changed.count && !error; d->given++) {
        struct run run = d->changed.runs[d->given];
        uint64_t end = run.start + run.bytes;
        uint64_t start = run.start > from ? run.start : from;
        if (start >= to)
            break;
        if (end > start)
            error = runs_add(
                runs, (struct run){start, (end < to ? end : to) - start});
        if (end > to)
            break;
    }
    return error;
}

/* ---- Both. --------------------------------------------------------------- */

int dirty_watch(struct dirty *d, struct tracee *t, enum dirty_method method)
{
    struct tracee_pause pause;
    if (method == DIRTY_BY_SOFT_BITS && !pagemap_has_soft_bits())
        return -ENOTSUP;
    if (method == DIRTY_BY_PROTECTION && !d->pagemap.has_scan)
        return -ENOTSUP;
    int error = 0;
    if (method == DIRTY_BY_PROTECTION) {
        error = tracee_pause(t, &pause);
        if (error)
            return error;
        error = make_watcher(t, &d->watcher);
        int go_on_error = tracee_go_on(t, &pause);
        error = error ? error : go_on_error;
    }
    if (!error)
        d->method = method;
    return error;
}

int dirty_turn(struct dirty *d,
               struct tracee *t,
               bool last,
               struct maps *ret_maps)
{
    struct maps maps = {0};
    int error = d->method == DIRTY_BY_SOFT_BITS
                    ? turn_soft_bits(d, t, last, &maps)
                    : read_maps(t, &maps);
    if (!error && d->method == DIRTY_BY_PROTECTION)
        error = turn_protection(d, &maps, last);
    for (size_t i = 0; i < maps.count && d->method == DIRTY_NONE; i++)
        maps.maps[i].fresh = true;
    d->turned = true;
    if (error)
        maps_finish(&maps);
    else
        *ret_maps = maps;
    return error;
}

/* Where a protected page of a file's mapping was given back, a mark stays that
 * looks as if it were in swap: there only what is in memory is sure. */
int dirty_own(const struct dirty *d, const struct map *map, struct runs *runs)
{
    unsigned which = map->kind == MAP_ANONYMOUS_PRIVATE
                         ? (unsigned)PAGEMAP_ALL
                         : (unsigned)PAGEMAP_IN_MEMORY;
    return pagemap_find(&d->pagemap, map->start, map->end, which, runs);
}

int dirty_changed(struct dirty *d,
                  const struct map *map,
                  uint64_t from,
                  uint64_t to,
                  bool last,
                  struct runs *runs)
{
    if (d->method == DIRTY_BY_SOFT_BITS && !map->fresh)
        return give_changed(d, from, to, runs);
    unsigned which = PAGEMAP_ALL;
    if (!map->fresh && d->method == DIRTY_BY_PROTECTION)
        which |= PAGEMAP_WRITTEN;
    if (!last && map->watched && d->method == DIRTY_BY_PROTECTION)
        which |= PAGEMAP_PROTECT;
    return pagemap_find(&d->pagemap, from, to, which, runs);
}

int dirty_left(const struct dirty *d,
               const struct maps *maps,
               uint64_t *ret_bytes)
{
    unsigned which =
        d->method == DIRTY_BY_SOFT_BITS ? PAGEMAP_SOFT : PAGEMAP_WRITTEN;
    struct runs runs = {0};
    int error = 0;
    for (size_t i = 0; i < maps->count && !error; i++) {
        if (!maps->maps[i].watched)
            continue;
        error = pagemap_find(&d->pagemap, maps->maps[i].start,
                             maps->maps[i].end, which, &runs);
        if (error == -EPERM)
            error = 0; /* Replaced meanwhile. */
    }
    *ret_bytes = runs_bytes(&runs);
    runs_finish(&runs);
    return error;
}
