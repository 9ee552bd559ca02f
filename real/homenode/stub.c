/* stub.c - see stub.h. */
#include "stub.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>

enum { ROBUST_LIST_HEAD_BYTES = 24 };

#define ADDRESS_END UINT64_C(0x7ffffffff000)

static uint64_t page_of(uint64_t address)
{
    return address / TRACEE_PAGE_BYTES * TRACEE_PAGE_BYTES;
}

/* The pages of arguments and environment, cut to the mapping they begin in: a
 * process may say they are anywhere, by PR_SET_MM. */
static int keep_strings(struct stub *s,
                        const struct maps *maps,
                        const struct image_addresses *a)
{
    uint64_t start = page_of(a->start_arguments);
    uint64_t end = page_of(a->end_environment + TRACEE_PAGE_BYTES - 1);
    s->strings = (struct maps){0};
    for (size_t i = 0; i < maps->count; i++) {
        struct map map = maps->maps[i];
        if (map.kind != MAP_ANONYMOUS_PRIVATE || map.start > start ||
            map.end <= start || end <= start)
            continue;
        s->strings.maps = calloc(1, sizeof map);
        if (!s->strings.maps)
            return -ENOMEM;
        map.end = map.end < end ? map.end : end;
        map.start = start;
        s->strings.maps[0] = map;
        s->strings.count = 1;
    }
    return 0;
}

int stub_prepare(struct stub *s,
                 struct tracee *t,
                 const struct maps *maps,
                 const struct image *image)
{
    *s = (struct stub){.held = true};
    int error = keep_strings(s, maps, &image->addresses);
    if (!error)
        error = window_create(&s->window, t, maps);
    if (error)
        maps_finish(&s->strings);
    return error;
}

void stub_cancel(struct stub *s, const struct tracee *t)
{
    if (s->window.bytes)
        window_destroy(&s->window, t);
    maps_finish(&s->strings);
    *s = (struct stub){0};
}

/* ---- Throwing away. ------------------------------------------------------ */

struct range
{
    uint64_t start;
    uint64_t end;
};

enum { KEPT_MAX = 4 };

static int by_start(const void *a, const void *b)
{
    const struct range *left = a;
    const struct range *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static size_t kept_ranges(const struct stub *s,
                          const struct tracee *t,
                          const struct maps *maps,
                          struct range ret[KEPT_MAX])
{
    size_t count = 0;
    ret[count++] = (struct range){s->window.at, window_end(&s->window)};
    ret[count++] =
        (struct range){t->area_at, page_of(t->area_at + TRACEE_AREA_BYTES - 1) +
                                       TRACEE_PAGE_BYTES};
    if (maps->vdso_end > 0)
        ret[count++] = (struct range){maps->vvar_start, maps->vdso_end};
    if (s->strings.count > 0)
        ret[count++] =
            (struct range){s->strings.maps[0].start, s->strings.maps[0].end};
    qsort(ret, count, sizeof ret[0], by_start);
    return count;
}

int stub_empty(const struct stub *s,
               const struct tracee *t,
               const struct maps *maps)
{
    struct range kept[KEPT_MAX];
    struct tracee_call calls[KEPT_MAX + 1];
    size_t kept_count = kept_ranges(s, t, maps, kept);
    size_t count = 0;
    uint64_t at = 0;
    for (size_t i = 0; i <= kept_count; i++) {
        uint64_t to = i < kept_count ? kept[i].start : ADDRESS_END;
        if (to > at)
            calls[count++] =
                (struct tracee_call){SYS_munmap, {at, to - at, 0, 0, 0, 0}, 0};
        at = i < kept_count ? kept[i].end : at;
    }
    int error = tracee_run(t, calls, count);
    for (size_t i = 0; i < count && !error; i++)
        error = (int)calls[i].result;
    return error;
}

/* What the kernel would do for the body, and does where that is. ITIMER_REAL
 * rings at home and is sent after it. */
static int forget(const struct tracee *t)
{
    struct itimerval none = {0};
    struct tracee_call calls[] = {
        {SYS_set_tid_address, {0}, 0},
        {SYS_set_robust_list, {0, ROBUST_LIST_HEAD_BYTES, 0, 0, 0, 0}, 0},
        {SYS_setitimer, {ITIMER_VIRTUAL, tracee_room(t), 0, 0, 0, 0}, 0},
        {SYS_setitimer, {ITIMER_PROF, tracee_room(t), 0, 0, 0, 0}, 0},
        {SYS_sigaltstack, {tracee_room(t) + sizeof none, 0, 0, 0, 0, 0}, 0},
    };
    struct
    {
        struct itimerval none;
        uint64_t stack[3];
    } room = {.stack = {0, SS_DISABLE, 0}};
    int error = tracee_write(t, tracee_room(t), &room, sizeof room);
    return error ? error : tracee_run(t, calls, sizeof calls / sizeof calls[0]);
}

int stub_start(struct stub *s,
               struct tracee *t,
               const struct image *image,
               bool keeps_memory)
{
    struct maps vdso = {.vvar_start = image->vvar_start,
                        .vdso_end = image->vdso_end};
    int error = forget(t);
    if (!error && !keeps_memory)
        error = stub_empty(s, t, &vdso);
    if (!error && ptrace(PTRACE_SETOPTIONS, t->pid, NULL,
                         PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC) < 0)
        error = -errno;
    s->registers = image->registers;
    window_enter(&s->window, &s->registers);
    s->mask = 0;
    return error ? error : stub_go_on(s, t);
}

int stub_hold(struct stub *s, struct tracee *t)
{
    if (s->held)
        return 0;
    int error = tracee_stop(t);
    if (!error)
        error = tracee_registers(t, &s->registers);
    if (!error)
        error = tracee_signal_mask(t, &s->mask);
    if (!error)
        error = tracee_set_signal_mask(t, UINT64_MAX);
    s->held = !error;
    return error;
}

int stub_go_on(struct stub *s, const struct tracee *t)
{
    if (!s->held)
        return 0;
    s->held = false;
    int error = tracee_set_registers(t, &s->registers);
    if (!error)
        error = tracee_set_signal_mask(t, s->mask);
    if (!error && ptrace(PTRACE_CONT, t->pid, NULL, 0UL) < 0)
        error = -errno;
    return error;
}

int stub_finish(struct stub *s, const struct tracee *t)
{
    int error = window_destroy(&s->window, t);
    maps_finish(&s->strings);
    *s = (struct stub){0};
    return error;
}
