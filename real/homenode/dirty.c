/* dirty.c - see dirty.h. */
#include "dirty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tracee.h"

/* Of <linux/fs.h> from 6.7 on, which Debian 12 has not yet. */
enum { PAGE_PRESENT = 1 << 3, PAGE_SWAPPED = 1 << 4, PAGE_ZERO = 1 << 5 };
struct scan_region
{
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};
struct scan
{
    uint64_t size;
    uint64_t flags;
    uint64_t start;
    uint64_t end;
    uint64_t walk_end;
    uint64_t regions;
    uint64_t region_count;
    uint64_t pages_max;
    uint64_t category_inverted;
    uint64_t category_mask;
    uint64_t category_any_of;
    uint64_t return_mask;
};
#define SCAN _IOWR('f', 16, struct scan)

enum { REGIONS_MAX = 512, ENTRIES_MAX = 512 };
#define ENTRY_IN_MEMORY (UINT64_C(1) << 63)
#define ENTRY_IN_SWAP (UINT64_C(1) << 62)

static int scan(int file,
                uint64_t from,
                uint64_t to,
                struct scan_region *regions,
                size_t room,
                uint64_t *ret_next)
{
    struct scan scan = {
        .size = sizeof scan,
        .start = from,
        .end = to,
        .regions = (uint64_t)(uintptr_t)regions,
        .region_count = room,
        .category_inverted = PAGE_ZERO,
        .category_mask = PAGE_ZERO,
        .category_any_of = PAGE_PRESENT | PAGE_SWAPPED,
        .return_mask = PAGE_PRESENT | PAGE_SWAPPED,
    };
    int count = ioctl(file, SCAN, &scan);
    if (count < 0)
        return -errno;
    *ret_next = scan.walk_end;
    return count;
}

int dirty_open(struct dirty *ret_dirty, pid_t pid)
{
    char path[40];
    struct scan_region none;
    uint64_t next;
    snprintf(path, sizeof path, "/proc/%d/pagemap", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    *ret_dirty = (struct dirty){
        .file = file, .has_scan = scan(file, 0, 0, &none, 1, &next) >= 0};
    return 0;
}

void dirty_close(struct dirty *dirty)
{
    close(dirty->file);
}

static int present_by_scan(const struct dirty *dirty,
                           uint64_t from,
                           uint64_t to,
                           struct run *ret_runs,
                           size_t room,
                           size_t *ret_count,
                           uint64_t *ret_next)
{
    struct scan_region regions[REGIONS_MAX];
    int count = scan(dirty->file, from, to, regions,
                     room < REGIONS_MAX ? room : REGIONS_MAX, ret_next);
    if (count < 0)
        return count;
    for (int i = 0; i < count; i++)
        ret_runs[i] =
            (struct run){regions[i].start, regions[i].end - regions[i].start};
    *ret_count = (size_t)count;
    return 0;
}

static int present_by_entries(const struct dirty *dirty,
                              uint64_t from,
                              uint64_t to,
                              struct run *ret_runs,
                              size_t room,
                              size_t *ret_count,
                              uint64_t *ret_next)
{
    uint64_t entries[ENTRIES_MAX];
    size_t count = 0;
    while (from < to) {
        uint64_t pages = (to - from) / TRACEE_PAGE_BYTES;
        size_t some = pages < ENTRIES_MAX ? (size_t)pages : ENTRIES_MAX;
        ssize_t got =
            pread(dirty->file, entries, some * sizeof entries[0],
                  (off_t)(from / TRACEE_PAGE_BYTES * sizeof entries[0]));
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        for (size_t i = 0; i < (size_t)got / sizeof entries[0];
             i++, from += TRACEE_PAGE_BYTES) {
            if (!(entries[i] & (ENTRY_IN_MEMORY | ENTRY_IN_SWAP)))
                continue;
            bool goes_on =
                count > 0 &&
                ret_runs[count - 1].start + ret_runs[count - 1].bytes == from;
            if (!goes_on && count == room) {
                *ret_count = count;
                *ret_next = from;
                return 0;
            }
            if (!goes_on)
                ret_runs[count++] = (struct run){from, 0};
            ret_runs[count - 1].bytes += TRACEE_PAGE_BYTES;
        }
    }
    *ret_count = count;
    *ret_next = to;
    return 0;
}

int dirty_present(const struct dirty *dirty,
                  uint64_t from,
                  uint64_t to,
                  struct run *ret_runs,
                  size_t room,
                  size_t *ret_count,
                  uint64_t *ret_next)
{
    return (dirty->has_scan ? present_by_scan : present_by_entries)(
        dirty, from, to, ret_runs, room, ret_count, ret_next);
}
