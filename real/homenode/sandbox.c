/* sandbox.c - see sandbox.h.
 *
 * Two processes are made by a third, the helper, which has the rights that a
 * new user namespace gives inside it, and ends:
 *
 *   guardian --- helper       in new user, mount, net, ipc, uts namespaces;
 *          |                  makes pid, cgroup and time namespaces, the root
 *          +--- first process number 1 of the pid namespace, only waits: the
 *          |                  kernel ignores signals for a number 1 that has no
 *          |                  handler, so the body cannot be it
 *          +--- body          number 2
 *
 * All are children of the guardian, and end with it.
 */
#include "sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "sandbox_filter.h"
#include "sandbox_inside.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum {
    OUTSIDE = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
              CLONE_NEWUTS,
};

int sandbox_become(uid_t uid, gid_t gid, const char *cgroup)
{
    if (cgroup)
        cgroup_give(cgroup, uid, gid); /* Else sandbox_missing() says it. */
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
        setresuid(uid, uid, uid) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    return 0;
}

/* ---- The guardian. ------------------------------------------------------- */

static int map_users(pid_t helper)
{
    char path[40];
    char text[40];
    snprintf(path, sizeof path, "/proc/%d/gid_map", helper);
    snprintf(text, sizeof text, "%d %d 1", SANDBOX_NOBODY, SANDBOX_NOBODY);
    int error = geteuid() == 0 ? sandbox_write_text(path, text) : -EPERM;
    bool nobody = !error;
    if (!nobody) {
        char groups[40];
        snprintf(groups, sizeof groups, "/proc/%d/setgroups", helper);
        snprintf(text, sizeof text, "%d %u 1", SANDBOX_NOBODY, getegid());
        error = sandbox_write_text(groups, "deny");
        if (!error)
            error = sandbox_write_text(path, text);
        snprintf(text, sizeof text, "%d %u 1", SANDBOX_NOBODY, geteuid());
    }
    snprintf(path, sizeof path, "/proc/%d/uid_map", helper);
    return error ? error : sandbox_write_text(path, text);
}

static void put_into_group(struct sandbox *s,
                           const struct sandbox_limits *limits,
                           pid_t helper)
{
    if (!limits->cgroup || cgroup_create(&s->cgroup, limits->cgroup, helper)) {
        s->missing |= sandbox_bit(SANDBOX_CGROUP);
        return;
    }
    int error = cgroup_add(&s->cgroup, helper);
    if (!error && limits->memory_bytes > 0)
        error = cgroup_limit_memory(&s->cgroup, limits->memory_bytes);
    if (!error && limits->cpu_milli > 0)
        error = cgroup_limit_cpu(&s->cgroup, limits->cpu_milli);
    if (error)
        s->missing |= sandbox_bit(SANDBOX_CGROUP);
}

static void bury(pid_t pid)
{
    int status = 0;
    pid_t got = waitpid(pid, &status, __WALL | WNOHANG);
    if (got < 0 || (got == pid && !WIFSTOPPED(status)))
        return; /* Buried before, or now. */
    struct tracee dead = {.pid = pid};
    body_kill(&dead);
}

/* Let the helper work and hear what came of it. */
static int direct(struct sandbox *s,
                  const struct sandbox_plan *plan,
                  pid_t helper,
                  struct sandbox_report *ret)
{
    char byte = 0;
    *ret = (struct sandbox_report){0};
    if (read(plan->said[0], &byte, 1) != 1)
        return -ECHILD;
    int error = plan->apart ? map_users(helper) : 0;
    if (error)
        return error;
    put_into_group(s, plan->limits, helper);
    if (write(plan->go[1], &byte, 1) != 1)
        return -errno;
    if (read(plan->said[0], ret, sizeof *ret) != sizeof *ret)
        return -ECHILD;
    s->missing |= ret->missing;
    s->first = ret->first > 0 ? ret->first : 0;
    return ret->error;
}

static void close_if_open(int *file)
{
    if (*file >= 0)
        close(*file);
    *file = -1;
}

static int open_pipes(struct sandbox_plan *plan)
{
    if (pipe2(plan->go, O_CLOEXEC) < 0 || pipe2(plan->said, O_CLOEXEC) < 0 ||
        pipe2(plan->body_says, O_CLOEXEC) < 0)
        return -errno;
    return 0;
}

static void close_pipes(struct sandbox_plan *plan)
{
    for (int i = 0; i < 2; i++) {
        close_if_open(&plan->go[i]);
        close_if_open(&plan->said[i]);
        close_if_open(&plan->body_says[i]);
    }
}

static pid_t make_helper(struct sandbox_plan *plan)
{
    plan->apart = true;
    pid_t helper = sandbox_clone(OUTSIDE);
    if (helper < 0) {
        plan->apart = false;
        helper = sandbox_clone(0);
    }
    if (helper == 0)
        sandbox_help(plan);
    return helper;
}

static int take_file(pid_t pid, int number)
{
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0)
        return -errno;
    int file = (int)syscall(SYS_pidfd_getfd, process, number, 0);
    int error = errno;
    close(process);
    return file < 0 ? -error : file;
}

/* The body made it; it closes its own descriptor. */
static int take_watcher(struct sandbox *s, const struct tracee *body)
{
    struct tracee_call close_own = {
        SYS_close, {SANDBOX_WATCHER, 0, 0, 0, 0, 0}, 0};
    int watcher = take_file(body->pid, SANDBOX_WATCHER);
    if (watcher < 0)
        return watcher;
    s->watcher = watcher;
    int error = tracee_run_one(body, &close_own);
    return error ? error : (int)close_own.result;
}

static int build(struct sandbox *s,
                 struct tracee *body,
                 struct sandbox_plan *plan)
{
    struct sandbox_report report;
    pid_t helper = make_helper(plan);
    if (helper < 0)
        return -errno;
    close_if_open(&plan->go[0]);
    close_if_open(&plan->said[1]);
    close_if_open(&plan->body_says[1]);
    int error = direct(s, plan, helper, &report);
    close_if_open(&plan->go[1]);
    bury(helper);
    if (report.body > 0) {
        body->pid = report.body;
        if (!error)
            error = body_take(body, report.body, plan->body_says[0]);
        if (!error && plan->limits->fault_device > 0)
            error = take_watcher(s, body);
    }
    /* Not before, as the helper counts too. */
    if (!error && plan->limits->pid_count > 0 &&
        cgroup_limit_pids(&s->cgroup, plan->limits->pid_count + 1) != 0)
        s->missing |= sandbox_bit(SANDBOX_CGROUP);
    return error;
}

int sandbox_create(struct sandbox *ret,
                   struct tracee *ret_body,
                   const struct sandbox_limits *limits,
                   int64_t monotonic_offset_ns,
                   int64_t boot_offset_ns)
{
    struct sandbox_plan plan = {
        .limits = limits,
        .monotonic_offset_ns = monotonic_offset_ns,
        .boot_offset_ns = boot_offset_ns,
        .go = {-1, -1},
        .said = {-1, -1},
        .body_says = {-1, -1},
    };
    *ret = (struct sandbox){
        .missing = sandbox_bit(SANDBOX_FILTER), .listener = -1, .watcher = -1};
    *ret_body = (struct tracee){0};
    int error = open_pipes(&plan);
    if (!error)
        error = build(ret, ret_body, &plan);
    close_pipes(&plan);
    if (error)
        sandbox_destroy(ret, ret_body);
    return error;
}

/* ---- The filter. --------------------------------------------------------- */

/* The listener of a filter that the body gives itself, a number of its own. */
static int install(const struct tracee *body, uint64_t flags)
{
    struct sock_filter code[SANDBOX_FILTER_MAX];
    size_t count;
    sandbox_filter_build(code, &count);
    uint64_t at = tracee_room(body);
    uint64_t code_at = at + sizeof(struct sock_fprog);
    struct sock_fprog program = {
        .len = (unsigned short)count,
        .filter = (struct sock_filter *)(uintptr_t)code_at,
    };
    int error = tracee_write(body, at, &program, sizeof program);
    if (!error)
        error = tracee_write(body, code_at, code, count * sizeof code[0]);
    struct tracee_call calls[] = {
        {SYS_prctl, {PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0}, 0},
        {SYS_seccomp, {SECCOMP_SET_MODE_FILTER, flags, at, 0, 0, 0}, 0}};
    if (!error)
        error = tracee_run(body, calls, 2);
    return error ? error : (int)calls[1].result;
}

int sandbox_filter(struct sandbox *s, struct tracee *body)
{
    assert(s->listener < 0);
    uint64_t flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    int number = install(body, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
    if (number == -EINVAL)
        number = install(body, flags); /* Before 5.19. */
    if (number < 0)
        return number;
    int listener = take_file(body->pid, number);
    if (listener < 0)
        return listener;
    s->listener = listener;
    s->missing &= ~sandbox_bit(SANDBOX_FILTER);
    body->listener = listener;
    body->filtered = true;
    /* Before 6.6 there is no such wish, and nothing is lost without. */
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
          SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
    struct tracee_call close_own = {
        SYS_close, {(uint64_t)number, 0, 0, 0, 0, 0}, 0};
    int error = tracee_run(body, &close_own, 1);
    return error ? error : (int)close_own.result;
}

void sandbox_destroy(struct sandbox *s, struct tracee *body)
{
    cgroup_freeze(&s->cgroup, false); /* Version 1 cannot kill the frozen. */
    /* The first process ends after all others are buried. */
    if (s->first > 0)
        kill(s->first, SIGKILL);
    if (body->pid > 0)
        bury(body->pid);
    if (s->first > 0)
        bury(s->first);
    close_if_open(&s->listener);
    close_if_open(&s->watcher);
    cgroup_destroy(&s->cgroup);
    *s = (struct sandbox){.listener = -1, .watcher = -1};
    *body = (struct tracee){0};
}

const char *sandbox_missing(enum sandbox_part part)
{
    static const char *const texts[SANDBOX_PARTS] = {
        [SANDBOX_NAMESPACES] =
            "namespaces: this kernel or user may not make user namespaces",
        [SANDBOX_ROOT] = "an empty root folder: mounting is not allowed",
        [SANDBOX_FILTER] = "a filter of system calls: not installed",
        [SANDBOX_CGROUP] =
            ("a cgroup with all limits: no folder was named, its controllers "
             "are not mounted, or it is not writable"),
        [SANDBOX_TIME] = "clocks of its own: the kernel has no time namespaces",
    };
    assert(part < SANDBOX_PARTS);
    return texts[part];
}
