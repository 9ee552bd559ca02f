/* body.c - see body.h. */
#include "body.h"

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RSEQ_UNREGISTER = 1,
    ROBUST_LIST_HEAD_BYTES = 24,
    OTHER_CALLS = 8, /* To empty it. */
};

/* Nothing is mapped below by anybody, or above by user space. */
#define ADDRESS_FIRST UINT64_C(0x10000)
#define ADDRESS_END UINT64_C(0x7ffffffff000)

static pid_t fork_as(pid_t pid)
{
    struct clone_args arguments = {
        .exit_signal = SIGCHLD,
        .set_tid = (uint64_t)(uintptr_t)&pid,
        .set_tid_size = pid > 0,
    };
    if (pid == 0)
        arguments.set_tid = 0;
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

_Noreturn void body_live(int (*prepare)(void *context, int *say),
                         void *context,
                         int say)
{
    int error = prepare ? prepare(context, &say) : 0;
    /* Who died before this has closed the other end. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        error = -errno;
    if (write(say, &error, sizeof error) != sizeof error)
        _exit(EXIT_FAILURE);
    close(say);
    for (;;)
        pause();
}

int body_take(struct tracee *ret_tracee, pid_t pid, int heard)
{
    int error;
    char none;
    /* And then until it has closed its end: it has no descriptor then. */
    if (read(heard, &error, sizeof error) != sizeof error ||
        read(heard, &none, 1) != 0)
        error = -ECHILD;
    if (!error)
        error = tracee_seize(ret_tracee, pid, PTRACE_O_EXITKILL);
    if (!error)
        error = tracee_stop(ret_tracee);
    if (error) {
        struct tracee dead = {.pid = pid};
        body_kill(&dead);
    }
    return error;
}

int body_create(struct tracee *ret_tracee,
                pid_t pid,
                int (*prepare)(void *context, int *say),
                void *context)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork_as(pid);
    if (child == 0) {
        close(ends[0]);
        body_live(prepare, context, ends[1]);
    }
    int error = child < 0 ? -errno : 0;
    close(ends[1]);
    if (!error)
        error = body_take(ret_tracee, child, ends[0]);
    close(ends[0]);
    return error;
}

void body_kill(struct tracee *t)
{
    int status = 0;
    pid_t got;
    kill(t->pid, SIGKILL);
    do /* A stop that nobody waited for may be told first. */
        got = waitpid(t->pid, &status, __WALL);
    while (got < 0 ? errno == EINTR : WIFSTOPPED(status));
}

/* ---- Laying out. --------------------------------------------------------- */

/* Calls in a row; owned. */
struct list
{
    struct tracee_call *calls;
    size_t count;
};

static struct tracee_call *next_call(struct list *list, int64_t number)
{
    struct tracee_call *call = &list->calls[list->count++];
    *call = (struct tracee_call){.number = number};
    return call;
}

static int run_list(const struct tracee *t, struct list *list)
{
    int error = tracee_run(t, list->calls, list->count);
    for (size_t i = 0; i < list->count && !error; i++)
        if (list->calls[i].result < 0 && list->calls[i].result > -4096)
            error = (int)list->calls[i].result;
    return error;
}

static void unmap(struct list *list, uint64_t from, uint64_t to)
{
    struct tracee_call *call = next_call(list, SYS_munmap);
    call->arguments[0] = from;
    call->arguments[1] = to - from;
}

/* What the kernel would write to when the body runs, and that the end of its
 * maker ends it: as a tracee it goes with its tracer. */
static int forget_thread(const struct tracee *t, struct list *list)
{
    struct __ptrace_rseq_configuration rseq = {0};
    if (ptrace(PTRACE_GET_RSEQ_CONFIGURATION, t->pid, sizeof rseq, &rseq) < 0)
        return -errno;
    if (rseq.rseq_abi_pointer != 0) {
        struct tracee_call *call = next_call(list, SYS_rseq);
        call->arguments[0] = rseq.rseq_abi_pointer;
        call->arguments[1] = rseq.rseq_abi_size;
        call->arguments[2] = RSEQ_UNREGISTER;
        call->arguments[3] = rseq.signature;
    }
    struct tracee_call *call = next_call(list, SYS_set_robust_list);
    call->arguments[1] = ROBUST_LIST_HEAD_BYTES;
    call = next_call(list, SYS_prctl);
    call->arguments[0] = PR_SET_PDEATHSIG;
    return 0;
}

static void map_vdso(struct list *list, uint64_t at)
{
    struct tracee_call *call = next_call(list, SYS_arch_prctl);
    call->arguments[0] = ARCH_MAP_VDSO_64;
    call->arguments[1] = at;
}

/* There may be one only: the old one goes first. */
static int move_vdso(struct tracee *t, const struct maps *own, uint64_t to)
{
    struct tracee_call calls[OTHER_CALLS];
    struct list list = {.calls = calls};
    unmap(&list, own->vvar_start, own->vdso_end);
    map_vdso(&list, to);
    int error = run_list(t, &list);
    if (!error)
        t->syscall_at += to - own->vvar_start;
    return error;
}

int body_empty(struct tracee *t)
{
    struct maps own;
    struct tracee_call calls[OTHER_CALLS];
    struct list list = {.calls = calls};
    int error = maps_read(&own, t->pid);
    if (error)
        return error;
    uint64_t vdso_bytes = own.vdso_end - own.vvar_start;
    uint64_t hole = maps_hole(&own, NULL, TRACEE_AREA_BYTES + vdso_bytes);
    if (hole == 0)
        error = -EADDRNOTAVAIL;
    if (!error)
        error = tracee_set_signal_mask(t, UINT64_MAX);
    if (!error)
        error = tracee_map_area(t, hole);
    if (!error)
        error = forget_thread(t, &list);
    if (!error) {
        unmap(&list, ADDRESS_FIRST, hole);
        unmap(&list, hole + TRACEE_AREA_BYTES, ADDRESS_END);
        map_vdso(&list, hole + TRACEE_AREA_BYTES);
        error = run_list(t, &list);
    }
    if (!error)
        t->syscall_at += hole + TRACEE_AREA_BYTES - own.vvar_start;
    maps_finish(&own);
    return error;
}

int body_make_way(struct tracee *t, const struct maps *maps)
{
    struct maps own;
    int error = maps_read(&own, t->pid);
    if (error)
        return error;
    uint64_t vdso_bytes = own.vdso_end - own.vvar_start;
    uint64_t hole = maps_hole(&own, maps, TRACEE_AREA_BYTES + vdso_bytes);
    error = hole == 0 ? -EADDRNOTAVAIL : tracee_unmap_area(t);
    if (!error)
        error = tracee_map_area(t, hole);
    if (!error)
        error = move_vdso(t, &own, hole + TRACEE_AREA_BYTES);
    maps_finish(&own);
    return error;
}

int body_place_vdso(struct tracee *t, const struct image *image)
{
    struct maps own;
    int error = image_same_vdso(t, image);
    if (!error)
        error = maps_read(&own, t->pid);
    if (error)
        return error;
    if (own.vvar_start != image->vvar_start)
        error = move_vdso(t, &own, image->vvar_start);
    maps_finish(&own);
    return error;
}

int body_protect(const struct tracee *t, const struct maps *maps)
{
    struct list list = {.calls = calloc(maps->count + 1, sizeof *list.calls)};
    if (!list.calls)
        return -ENOMEM;
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *map = &maps->maps[i];
        if (map->protection == (PROT_READ | PROT_WRITE))
            continue;
        struct tracee_call *call = next_call(&list, SYS_mprotect);
        call->arguments[0] = map->start;
        call->arguments[1] = map->end - map->start;
        call->arguments[2] = map->protection;
    }
    int error = run_list(t, &list);
    free(list.calls);
    return error;
}
