/* body.c - see body.h. */
#include "body.h"

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RSEQ_UNREGISTER = 1,
    ROBUST_LIST_HEAD_BYTES = 24,
    OTHER_CALLS = 8, /* To lay out, beside one for each mapping. */
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

static _Noreturn void live(int (*prepare)(void *context, int *say),
                           void *context,
                           int say)
{
    int error = prepare ? prepare(context, &say) : 0;
    if (write(say, &error, sizeof error) != sizeof error)
        _exit(EXIT_FAILURE);
    close(say);
    for (;;)
        pause();
}

int body_create(struct tracee *ret_tracee,
                pid_t pid,
                int (*prepare)(void *context, int *say),
                void *context)
{
    int ends[2];
    int error = 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork_as(pid);
    if (child == 0) {
        close(ends[0]);
        live(prepare, context, ends[1]);
    }
    int fork_error = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return -fork_error;
    }
    if (read(ends[0], &error, sizeof error) != sizeof error)
        error = -ECHILD;
    close(ends[0]);
    if (!error)
        error = tracee_seize(ret_tracee, child, PTRACE_O_EXITKILL);
    if (!error)
        error = tracee_stop(ret_tracee);
    if (error) {
        struct tracee dead = {.pid = child};
        body_kill(&dead);
    }
    return error;
}

void body_kill(struct tracee *t)
{
    kill(t->pid, SIGKILL);
    while (waitpid(t->pid, NULL, __WALL) < 0 && errno == EINTR)
        continue;
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

static void map(struct list *list, const struct map *map)
{
    struct tracee_call *call = next_call(list, SYS_mmap);
    call->arguments[0] = map->start;
    call->arguments[1] = map->end - map->start;
    call->arguments[2] = PROT_READ | PROT_WRITE;
    call->arguments[3] =
        (uint64_t)(MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE |
                   (map->grows_down ? MAP_GROWSDOWN : 0));
    call->arguments[4] = UINT64_MAX;
}

/* What the kernel would write to when the body runs. */
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
    return 0;
}

static int lay_out(struct tracee *t,
                   const struct maps *maps,
                   const struct image *image,
                   struct list *list)
{
    int error = forget_thread(t, list);
    if (error)
        return error;
    unmap(list, ADDRESS_FIRST, t->area_at);
    unmap(list,
          (t->area_at + TRACEE_AREA_BYTES + TRACEE_PAGE_BYTES - 1) /
              TRACEE_PAGE_BYTES * TRACEE_PAGE_BYTES,
          ADDRESS_END);
    for (size_t i = 0; i < maps->count; i++)
        map(list, &maps->maps[i]);
    if (image->vdso_end > 0) {
        struct tracee_call *call = next_call(list, SYS_arch_prctl);
        call->arguments[0] = ARCH_MAP_VDSO_64;
        call->arguments[1] = image->vvar_start;
    }
    return run_list(t, list);
}

int body_lay_out(struct tracee *t,
                 const struct maps *maps,
                 const struct image *image)
{
    struct maps own;
    struct maps wanted = *maps;
    int error = maps_read(&own, t->pid);
    if (error)
        return error;
    wanted.vvar_start = image->vvar_start;
    wanted.vdso_end = image->vdso_end;
    uint64_t hole = maps_hole(&own, &wanted, TRACEE_AREA_BYTES);
    uint64_t syscall_offset = t->syscall_at - own.vdso_start;
    maps_finish(&own);
    struct list list = {
        .calls = calloc(maps->count + OTHER_CALLS, sizeof *list.calls)};
    error = !list.calls ? -ENOMEM : hole == 0 ? -EADDRNOTAVAIL : 0;
    if (!error)
        error = image_same_vdso(t, image);
    if (!error)
        error = tracee_set_signal_mask(t, UINT64_MAX);
    if (!error)
        error = tracee_map_area(t, hole);
    if (!error)
        error = lay_out(t, maps, image, &list);
    if (!error)
        t->syscall_at = image->vdso_start + syscall_offset;
    free(list.calls);
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
