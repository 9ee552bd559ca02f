/* postcopy_fill.c - the host's side of postcopy.h.
 *
 * What is asked for: what the body or the guardian waits for; then what lies
 * around that; then onward from there. Of the last no more is under way than
 * comes in some milliseconds, since what is wanted comes behind it.
 *
 * While the body changes its mappings the kernel refuses to fill any
 * (UFFDIO_COPY: EAGAIN) until we have read what it does, so a page never lands
 * where another has been mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "owed.h"
#include "postcopy.h"

enum {
    PAGE_BYTES = TRACEE_PAGE_BYTES,
    ASKED_MAX = 128,
    WANTED_MAX = 32,
    AROUND_BYTES = 64 * 1024,
    PART_BYTES = 64 * 1024, /* Of what is not wanted, at a time. */
    WINDOW_LEAST = 2 * PART_BYTES,
    WINDOW_FIRST = 4 * PART_BYTES,
    WINDOW_MOST = (ASKED_MAX / 2) * PART_BYTES,
    LATE_US = 2000, /* Than the quickest answer. */
    TRIES = 64,     /* While the body changes its mappings. */
    TRY_NS = 20000,
    MESSAGES = 16,
};

#define FEATURES                                            \
    (UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE | \
     UFFD_FEATURE_EVENT_UNMAP)

/* Nothing is mapped below. */
#define ADDRESS_FIRST UINT64_C(0x10000)

/* A FETCH without its FETCHED. */
struct asked
{
    struct run runs[WIRE_FETCH_RUNS];
    size_t run_count;
    uint64_t bytes;
    uint64_t since_us;
    bool is_wanted;
};

struct fill
{
    int watcher;
    struct owed owed;
    struct asked asked[ASKED_MAX]; /* A ring, oldest first. */
    size_t asked_first;
    size_t asked_count;
    uint64_t under_way;
    struct run wanted[WANTED_MAX]; /* In the body, in this order. */
    size_t wanted_count;
    uint64_t next; /* In the body: from here on, if nothing is wanted. */
    uint64_t window;
    uint64_t quickest_us;
    bool found; /* A hole, since this was asked last. */
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- The descriptor. ----------------------------------------------------- */

int postcopy_watcher(int device)
{
    int watcher = ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
    if (watcher < 0)
        return -errno;
    struct uffdio_api api = {.api = UFFD_API, .features = FEATURES};
    if (ioctl(watcher, UFFDIO_API, &api) < 0) {
        close(watcher);
        return -ENOTSUP;
    }
    return watcher;
}

int postcopy_device(void)
{
    int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    if (device < 0)
        return -errno;
    int watcher = postcopy_watcher(device);
    int high = watcher < 0 ? watcher : fcntl(device, F_DUPFD_CLOEXEC, 3);
    int error = high < 0 && watcher >= 0 ? -errno : high;
    if (watcher >= 0)
        close(watcher);
    close(device);
    return error;
}

/* ---- Life. --------------------------------------------------------------- */

/* Each mapping in which something is owed. */
static int watch(const struct fill *f,
                 const struct maps *maps,
                 const struct runs *owed)
{
    size_t k = 0;
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *map = &maps->maps[i];
        while (k < owed->count &&
               owed->runs[k].start + owed->runs[k].bytes <= map->start)
            k++;
        if (k == owed->count || owed->runs[k].start >= map->end)
            continue;
        struct uffdio_register range = {
            .range = {map->start, map->end - map->start},
            .mode = UFFDIO_REGISTER_MODE_MISSING,
        };
        if (ioctl(f->watcher, UFFDIO_REGISTER, &range) < 0)
            return -errno;
    }
    return 0;
}

int fill_create(struct fill **ret,
                int watcher,
                const struct maps *maps,
                const struct runs *owed)
{
    struct fill *f = calloc(1, sizeof *f);
    if (!f) {
        close(watcher);
        return -ENOMEM;
    }
    f->watcher = watcher;
    f->window = WINDOW_FIRST;
    f->quickest_us = UINT64_MAX;
    int error = owed_make(&f->owed, owed);
    if (!error)
        error = watch(f, maps, owed);
    if (error)
        fill_destroy(f);
    else
        *ret = f;
    return error;
}

void fill_destroy(struct fill *f)
{
    if (!f)
        return;
    close(f->watcher);
    owed_finish(&f->owed);
    free(f);
}

int fill_wait_on(const struct fill *f)
{
    return f->watcher;
}

bool fill_is_whole(const struct fill *f)
{
    return f->owed.missing_pages == 0;
}

uint64_t fill_under_way(const struct fill *f)
{
    return f->under_way;
}

/* ---- What is wanted. ----------------------------------------------------- */

static void want(struct fill *f, uint64_t from, uint64_t bytes)
{
    for (size_t i = 0; i < f->wanted_count; i++)
        if (f->wanted[i].start == from && f->wanted[i].bytes == bytes)
            return;
    /* What waits longest is wanted again when it is found again. */
    if (f->wanted_count == WANTED_MAX)
        memmove(f->wanted, f->wanted + 1,
                --f->wanted_count * sizeof f->wanted[0]);
    f->wanted[f->wanted_count++] = (struct run){from, bytes};
}

static int let_go_on(const struct fill *f, uint64_t page)
{
    struct uffdio_range range = {page, PAGE_BYTES};
    return ioctl(f->watcher, UFFDIO_WAKE, &range) < 0 && errno != ESRCH ? -errno
                                                                        : 0;
}

/* A page of zeros, if there is nothing. What cannot be had so, since its
 * mapping is gone or changes, is found again. */
static int put_zero(const struct fill *f, uint64_t page)
{
    struct uffdio_zeropage zero = {.range = {page, PAGE_BYTES}};
    if (ioctl(f->watcher, UFFDIO_ZEROPAGE, &zero) == 0)
        return 0;
    return errno == ENOMEM ? -ENOMEM : let_go_on(f, page);
}

static int take_fault(struct fill *f, uint64_t address)
{
    uint64_t page = address / PAGE_BYTES * PAGE_BYTES;
    if (!owed_is_missing(&f->owed, page))
        return put_zero(f, page);
    f->found = true;
    f->next = page / AROUND_BYTES * AROUND_BYTES;
    want(f, page, PAGE_BYTES);
    want(f, f->next, AROUND_BYTES);
    f->next += AROUND_BYTES;
    return 0;
}

static int take_message(struct fill *f, const struct uffd_msg *message)
{
    switch (message->event) {
        case UFFD_EVENT_PAGEFAULT:
            return take_fault(f, message->arg.pagefault.address);
        case UFFD_EVENT_REMAP:
            return owed_move(&f->owed, message->arg.remap.from,
                             message->arg.remap.to, message->arg.remap.len);
        case UFFD_EVENT_REMOVE:
        case UFFD_EVENT_UNMAP:
            owed_forget(&f->owed, message->arg.remove.start,
                        message->arg.remove.end - message->arg.remove.start);
            return 0;
        default:
            return -EPROTO;
    }
}

int fill_look(struct fill *f)
{
    struct uffd_msg messages[MESSAGES];
    int error = 0;
    for (;;) {
        ssize_t bytes = read(f->watcher, messages, sizeof messages);
        if (bytes <= 0)
            return 0;
        for (size_t i = 0; i < (size_t)bytes / sizeof messages[0] && !error;
             i++)
            error = take_message(f, &messages[i]);
        if (error)
            return error;
    }
}

int fill_look_only(struct fill *f)
{
    f->found = false;
    int error = fill_look(f);
    return error == 0 && f->found ? -EFAULT : error;
}

bool fill_has(struct fill *f, uint64_t from, size_t bytes)
{
    uint64_t page = from / PAGE_BYTES * PAGE_BYTES;
    uint64_t end = from + bytes;
    bool has = true;
    for (uint64_t at = page; at < end && has; at += PAGE_BYTES)
        has = !owed_is_missing(&f->owed, at);
    if (!has)
        want(f, page, end - page);
    for (uint64_t at = page; at < end && has; at += PAGE_BYTES)
        (void)put_zero(f, at);
    return has;
}

/* ---- Asking. ------------------------------------------------------------- */

/* One FETCH of what lies there; false: nothing is left to be asked for, or the
 * stream broke, and then all of it is asked for again. */
static bool ask_once(struct fill *f,
                     struct link *link,
                     uint64_t from,
                     uint64_t end,
                     bool is_wanted,
                     uint64_t *ret_next)
{
    struct asked *asked =
        &f->asked[(f->asked_first + f->asked_count) % ASKED_MAX];
    struct wire_fetch message = {0};
    asked->run_count =
        owed_ask(&f->owed, from, end, asked->runs, WIRE_FETCH_RUNS,
                 is_wanted ? WIRE_FETCH_BYTES : PART_BYTES, ret_next);
    if (asked->run_count == 0)
        return false;
    asked->bytes = 0;
    for (size_t i = 0; i < asked->run_count; i++)
        asked->bytes += asked->runs[i].bytes;
    asked->since_us = now_us();
    asked->is_wanted = is_wanted;
    message.run_count = (uint32_t)asked->run_count;
    struct iovec parts[] = {
        {&message, sizeof message},
        {asked->runs, asked->run_count * sizeof asked->runs[0]}};
    f->asked_count++;
    f->under_way += asked->bytes;
    return link_put(link, RECORD_FETCH, parts, 2, false) == 0;
}

static void ask_wanted(struct fill *f, struct link *link)
{
    while (f->wanted_count > 0 && f->asked_count < ASKED_MAX) {
        struct run *first = &f->wanted[0];
        uint64_t end = first->start + first->bytes;
        uint64_t next;
        if (ask_once(f, link, first->start, end, true, &next)) {
            first->start = next;
            first->bytes = end - next;
        } else {
            memmove(first, first + 1, --f->wanted_count * sizeof *first);
        }
    }
}

void fill_ask(struct fill *f, struct link *link, bool only_wanted)
{
    ask_wanted(f, link);
    while (!only_wanted && f->under_way < f->window &&
           f->asked_count < ASKED_MAX / 2) {
        uint64_t next;
        if (ask_once(f, link, f->next, UINT64_MAX, false, &next))
            f->next = next;
        else if (f->next > 0)
            f->next = 0;
        else
            break;
    }
}

void fill_resume(struct fill *f)
{
    f->asked_first = f->asked_count = 0;
    f->under_way = 0;
    owed_ask_again(&f->owed);
    /* What waits finds it anew, and is heard again. */
    struct uffdio_range all = {ADDRESS_FIRST, MEMORY_END - ADDRESS_FIRST};
    (void)ioctl(f->watcher, UFFDIO_WAKE, &all);
}

/* ---- Filling. ------------------------------------------------------------ */

/* Pages in a row that are there in a row, and missing in one here. */
static uint64_t row_of(const struct fill *f,
                       uint64_t there,
                       uint64_t bytes,
                       uint64_t *ret_here)
{
    uint64_t row = PAGE_BYTES;
    *ret_here = owed_here(&f->owed, there);
    while (row < bytes && *ret_here != 0 &&
           owed_here(&f->owed, there + row) == *ret_here + row)
        row += PAGE_BYTES;
    return row;
}

/* As many bytes as went in at once; pages NULL: zeros. -EAGAIN: it changes. */
static int64_t put_row(const struct fill *f,
                       uint64_t here,
                       const uint8_t *pages,
                       uint64_t bytes)
{
    struct uffdio_copy copy = {
        .dst = here, .src = (uint64_t)(uintptr_t)pages, .len = bytes};
    struct uffdio_zeropage zero = {.range = {here, bytes}};
    int done = pages ? ioctl(f->watcher, UFFDIO_COPY, &copy)
                     : ioctl(f->watcher, UFFDIO_ZEROPAGE, &zero);
    int64_t put = pages ? copy.copy : zero.zeropage;
    if (done == 0)
        return (int64_t)bytes;
    return put > 0 ? put : -errno;
}

/* The body is given the time to end what it does. */
static int wait_a_little(struct fill *f)
{
    const struct timespec nap = {0, TRY_NS};
    int error = fill_look(f);
    nanosleep(&nap, NULL);
    return error;
}

/* Fill one run of an answer. A row may lie in several mappings, which are
 * filled one by one. */
static int put_run(struct fill *f,
                   uint64_t there,
                   const uint8_t *pages,
                   uint64_t bytes)
{
    unsigned tries = 0;
    uint64_t most = bytes;
    for (uint64_t at = 0; at < bytes;) {
        uint64_t here;
        uint64_t row = row_of(f, there + at, bytes - at, &here);
        if (here == 0) {
            at += row;
            continue;
        }
        row = row < most ? row : most;
        int64_t put = put_row(f, here, pages ? pages + at : NULL, row);
        int error = 0;
        if (put == -EAGAIN && ++tries < TRIES) {
            error = wait_a_little(f);
            put = 0;
        } else if (put == -ENOENT && row > PAGE_BYTES) {
            most = row / PAGE_BYTES / 2 * PAGE_BYTES;
            put = 0;
        } else if (put == -ENOENT || put == -EEXIST) {
            error = let_go_on(f, here); /* Not there any more, or there. */
            put = PAGE_BYTES;
        } else if (put == -EAGAIN) {
            return 0; /* It comes again: see fill_take(). */
        } else if (put == -ESRCH) {
            return 0; /* It died, which others see. */
        } else if (put > 0) {
            most = bytes;
        }
        if (error || put < 0)
            return error ? error : (int)put;
        owed_forget(&f->owed, here, (uint64_t)put);
        at += (uint64_t)put;
    }
    return 0;
}

/* The oldest question is what this answers, page by page. */
static bool answers(const struct asked *asked,
                    const struct wire_fetched *fetched)
{
    size_t k = 0;
    uint64_t at = asked->runs[0].start;
    for (size_t i = 0; i < fetched->fetch.run_count; i++) {
        const struct wire_fetched_run *run = &fetched->runs[i];
        if (k < asked->run_count &&
            at == asked->runs[k].start + asked->runs[k].bytes &&
            ++k < asked->run_count)
            at = asked->runs[k].start;
        if (k == asked->run_count || run->start != at ||
            at + run->bytes > asked->runs[k].start + asked->runs[k].bytes)
            return false;
        at += run->bytes;
    }
    return k + 1 == asked->run_count &&
           at == asked->runs[k].start + asked->runs[k].bytes;
}

/* So much may be under way as comes soon. */
static void fit_window(struct fill *f, const struct asked *asked)
{
    uint64_t us = now_us() - asked->since_us;
    if (us < f->quickest_us)
        f->quickest_us = us;
    if (us < 2 * f->quickest_us + LATE_US / 2)
        f->window += f->window < WINDOW_MOST ? PART_BYTES / 4 : 0;
    else if (us > 2 * f->quickest_us + LATE_US && f->window > WINDOW_LEAST)
        f->window -= PART_BYTES / 2;
}

int fill_take(struct fill *f, const struct incoming *incoming)
{
    struct wire_fetched fetched;
    const struct asked *asked = &f->asked[f->asked_first];
    int error = wire_take_fetched(incoming, &fetched);
    if (error)
        return error;
    if (f->asked_count == 0 || !answers(asked, &fetched))
        return -EBADMSG;
    if (!asked->is_wanted)
        fit_window(f, asked);
    f->asked_first = (f->asked_first + 1) % ASKED_MAX;
    f->asked_count--;
    f->under_way -= asked->bytes;
    const uint8_t *pages = fetched.pages;
    for (size_t i = 0; i < fetched.fetch.run_count && !error; i++) {
        const struct wire_fetched_run *run = &fetched.runs[i];
        error = put_run(f, run->start, run->is_zero ? NULL : pages, run->bytes);
        pages += run->is_zero ? 0 : run->bytes;
    }
    /* What could not be put in now. */
    if (!error && f->asked_count == 0)
        owed_ask_again(&f->owed);
    return error;
}
