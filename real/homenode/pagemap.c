/* pagemap.c - see pagemap.h. */
#include "pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tracee.h"

/* Of <linux/fs.h> from 6.7 on, which Debian 12 has not yet. */
enum {
    PAGE_WATCHED = 1 << 0,
    PAGE_WRITTEN = 1 << 1,
    PAGE_FILE = 1 << 2,
    PAGE_PRESENT = 1 << 3,
    PAGE_SWAPPED = 1 << 4,
    PAGE_ZERO = 1 << 5,
};
enum { SCAN_PROTECT = 1 << 0, SCAN_CHECK = 1 << 1 };
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
#define ENTRY_OF_FILE (UINT64_C(1) << 61)
#define ENTRY_SOFT_DIRTY (UINT64_C(1) << 55)
#define ENTRY_FRAME ((UINT64_C(1) << 55) - 1)

/* All regions that the scan, begun at its start, finds. */
static int scan_all(int file, struct scan *scan, struct runs *runs)
{
    struct scan_region regions[REGIONS_MAX];
    uint64_t end = scan->end;
    scan->size = sizeof *scan;
    scan->regions = (uint64_t)(uintptr_t)regions;
    scan->region_count = REGIONS_MAX;
    while (scan->start < end) {
        int count = ioctl(file, SCAN, scan);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        for (int i = 0; i < count; i++) {
            int error =
                runs_add(runs, (struct run){regions[i].start,
                                            regions[i].end - regions[i].start});
            if (error)
                return error;
        }
        if (scan->walk_end <= scan->start)
            return -EIO;
        scan->start = scan->walk_end;
    }
    return 0;
}

/* That of a page of this process that was only read. */
static uint64_t find_zero_frame(void)
{
    uint64_t entry = 0;
    volatile char *page = mmap(NULL, TRACEE_PAGE_BYTES, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return 0;
    int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (file >= 0 && page[0] == 0) {
        off_t at = (off_t)((uint64_t)(uintptr_t)page / TRACEE_PAGE_BYTES *
                           sizeof entry);
        if (pread(file, &entry, sizeof entry, at) != sizeof entry)
            entry = 0;
    }
    if (file >= 0)
        close(file);
    munmap((void *)(uintptr_t)page, TRACEE_PAGE_BYTES);
    return entry & ENTRY_IN_MEMORY ? entry & ENTRY_FRAME : 0;
}

int pagemap_open(struct pagemap *ret, pid_t pid)
{
    char path[40];
    struct scan none = {.size = sizeof none, .return_mask = PAGE_PRESENT};
    snprintf(path, sizeof path, "/proc/%d/pagemap", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    *ret = (struct pagemap){.file = file,
                            .has_scan = ioctl(file, SCAN, &none) >= 0};
    if (!ret->has_scan)
        ret->zero_frame = find_zero_frame();
    return 0;
}

void pagemap_close(struct pagemap *p)
{
    close(p->file);
}

static int find_by_scan(const struct pagemap *p,
                        uint64_t from,
                        uint64_t to,
                        unsigned which,
                        struct runs *runs)
{
    bool watched = which & (PAGEMAP_WRITTEN | PAGEMAP_PROTECT);
    struct scan scan = {
        .flags = (which & PAGEMAP_PROTECT ? (uint64_t)SCAN_PROTECT : 0) |
                 (watched ? (uint64_t)SCAN_CHECK : 0),
        .start = from,
        .end = to,
        .category_inverted = PAGE_ZERO | PAGE_FILE,
        .category_mask = PAGE_ZERO | PAGE_FILE |
                         (which & PAGEMAP_WRITTEN ? (uint64_t)PAGE_WRITTEN : 0),
        .category_any_of =
            PAGE_PRESENT |
            (which & PAGEMAP_IN_MEMORY ? 0 : (uint64_t)PAGE_SWAPPED),
        .return_mask = PAGE_PRESENT | PAGE_SWAPPED,
    };
    return scan_all(p->file, &scan, runs);
}

static bool is_zero(const struct pagemap *p, uint64_t entry)
{
    return p->zero_frame != 0 && (entry & ENTRY_IN_MEMORY) != 0 &&
           (entry & ENTRY_FRAME) == p->zero_frame;
}

static bool is_found(const struct pagemap *p, uint64_t entry, unsigned which)
{
    if ((which & PAGEMAP_SOFT) && !(entry & ENTRY_SOFT_DIRTY))
        return false;
    if (which & PAGEMAP_FILES)
        return true;
    uint64_t where = which & PAGEMAP_IN_MEMORY
                         ? ENTRY_IN_MEMORY
                         : ENTRY_IN_MEMORY | ENTRY_IN_SWAP;
    return (entry & where) != 0 && (entry & ENTRY_OF_FILE) == 0 &&
           !is_zero(p, entry);
}

static int find_by_entries(const struct pagemap *p,
                           uint64_t from,
                           uint64_t to,
                           unsigned which,
                           struct runs *runs)
{
    uint64_t entries[ENTRIES_MAX];
    int error = 0;
    while (from < to && !error) {
        uint64_t pages = (to - from) / TRACEE_PAGE_BYTES;
        size_t some = pages < ENTRIES_MAX ? (size_t)pages : ENTRIES_MAX;
        ssize_t got =
            pread(p->file, entries, some * sizeof entries[0],
                  (off_t)(from / TRACEE_PAGE_BYTES * sizeof entries[0]));
        if (got <= 0)
            return got < 0 ? -errno : -ESRCH;
        for (size_t i = 0; i < (size_t)got / sizeof entries[0] && !error;
             i++, from += TRACEE_PAGE_BYTES)
            if (is_found(p, entries[i], which))
                error = runs_add(runs, (struct run){from, TRACEE_PAGE_BYTES});
    }
    return error;
}

int pagemap_find(const struct pagemap *p,
                 uint64_t from,
                 uint64_t to,
                 unsigned which,
                 struct runs *runs)
{
    if (p->has_scan && !(which & PAGEMAP_SOFT))
        return find_by_scan(p, from, to, which, runs);
    return find_by_entries(p, from, to, which, runs);
}

int pagemap_unwatched(const struct pagemap *p,
                      uint64_t from,
                      uint64_t to,
                      struct runs *runs)
{
    struct scan scan = {
        .start = from,
        .end = to,
        .category_inverted = PAGE_WATCHED,
        .category_mask = PAGE_WATCHED,
        .return_mask = PAGE_WATCHED,
    };
    return scan_all(p->file, &scan, runs);
}

/* Where there are such bits, a new mapping has them. */
bool pagemap_has_soft_bits(void)
{
    struct pagemap p = {.file = -1};
    struct runs runs = {0};
    char *page = mmap(NULL, TRACEE_PAGE_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    *(volatile char *)page = 1;
    uint64_t from = (uint64_t)(uintptr_t)page;
    bool has = false;
    if (find_zero_frame() != 0 && pagemap_open(&p, getpid()) == 0) {
        has = pagemap_find(&p, from, from + TRACEE_PAGE_BYTES, PAGEMAP_SOFT,
                           &runs) == 0 &&
              runs.count > 0;
        pagemap_close(&p);
    }
    runs_finish(&runs);
    munmap(page, TRACEE_PAGE_BYTES);
    return has;
}
