/* sandbox_inside.c - see sandbox_inside.h. */
#include "sandbox_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "body.h"
#include "postcopy.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

enum {
    CAPABILITIES_MAX = 64,
    FILES_MAX = 16, /* For what the tracer opens in it for a moment. */
    NS_PER_S = 1000000000,
};

pid_t sandbox_clone(uint64_t flags)
{
    struct clone_args arguments = {
        .flags = flags,
        .exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
    };
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* ---- The body and the first process. ---- ----------------------------- */

static void drop_rights(void)
{
    struct __user_cap_header_struct head = {.version =
                                                _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    for (int i = 0; i < CAPABILITIES_MAX; i++)
        prctl(PR_CAPBSET_DROP, i, 0, 0, 0); /* The last ones do not exist. */
    if (syscall(SYS_capset, &head, none) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        _exit(EXIT_FAILURE);
}

static void limit(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) < 0)
        return;
    if (most < now.rlim_max)
        now.rlim_max = most;
    if (now.rlim_max < now.rlim_cur)
        now.rlim_cur = now.rlim_max;
    setrlimit(resource, &now);
}

/* What the process may have of its own, such as a stack, is not for here. */
static void limit_resources(uint32_t pid_count)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, FILES_MAX);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_MSGQUEUE, 0);
    limit(RLIMIT_NICE, 0);
    limit(RLIMIT_RTPRIO, 0);
    if (pid_count > 0)
        limit(RLIMIT_NPROC, (rlim_t)pid_count + 1); /* And the first one. */
}

/* End with the guardian, who may have ended already: then nobody reads. */
static void end_with_guardian(int says)
{
    struct pollfd reader = {.fd = says};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
        poll(&reader, 1, 0) < 0 || (reader.revents & POLLERR))
        _exit(EXIT_FAILURE);
}

static void close_all_but(int file)
{
    if (file > 0)
        close_range(0, (unsigned)file - 1, 0);
    close_range((unsigned)file + 1, ~0U, 0);
}

/* The two are all that it has. */
static int make_watcher(int device, int *say)
{
    enum { ABOVE = 64 };
    int watcher = postcopy_watcher(device);
    if (watcher < 0)
        return watcher;
    watcher = fcntl(watcher, F_DUPFD, ABOVE);
    int high = fcntl(*say, F_DUPFD, ABOVE);
    if (watcher < 0 || high < 0 || dup2(watcher, SANDBOX_WATCHER) < 0 ||
        dup2(high, 0) < 0)
        return -errno;
    *say = 0;
    close_range(SANDBOX_WATCHER + 1, ~0U, 0);
    return 0;
}

static int become_body(void *context, int *say)
{
    const struct sandbox_plan *plan = context;
    int device = plan->limits->fault_device;
    int error = device > 0 ? make_watcher(device, say) : 0;
    if (error)
        return error;
    if (device <= 0)
        close_all_but(*say);
    limit_resources(plan->limits->pid_count);
    drop_rights();
    /* Last, since the kernel forgets it when rights change. Dumpable, so that
     * a guardian without rights can trace it. */
    if (setsid() < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
        return -errno;
    end_with_guardian(*say);
    return 0;
}

/* ready: the helper waits there, and the guardian for the helper. */
static _Noreturn void be_first(const struct sandbox_plan *plan, int ready)
{
    char byte = 0;
    limit_resources(0);
    drop_rights();
    signal(SIGCHLD, SIG_IGN); /* Orphans are buried by the kernel. */
    prctl(PR_SET_NAME, "guest-first", 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setsid();
    end_with_guardian(plan->body_says[1]);
    if (write(ready, &byte, 1) != 1)
        _exit(EXIT_FAILURE);
    close_range(0, ~0U, 0);
    for (;;)
        pause();
}

/* ---- The helper. --------------------------------------------------------- */

int sandbox_write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    int error = write(file, text, strlen(text)) < 0 ? -errno : 0;
    close(file);
    return error;
}

static int set_clocks(const struct sandbox_plan *plan)
{
    const int64_t offsets[] = {plan->monotonic_offset_ns, plan->boot_offset_ns};
    const char *const names[] = {"monotonic", "boottime"};
    char text[128];
    int length = 0;
    for (int i = 0; i < 2; i++) {
        int64_t s = offsets[i] / NS_PER_S;
        int64_t ns = offsets[i] % NS_PER_S;
        if (ns < 0) {
            ns += NS_PER_S;
            s--;
        }
        length += snprintf(text + length, sizeof text - (size_t)length,
                           "%s %" PRId64 " %" PRId64 "\n", names[i], s, ns);
    }
    if (unshare(CLONE_NEWTIME) < 0)
        return -errno;
    return sandbox_write_text("/proc/self/timens_offsets", text);
}

/* An empty folder that nobody can write to is all there is. A root on rootfs,
 * as in a machine that runs from its first memory disk, cannot be exchanged:
 * without rights and open folders nobody leaves that of chroot(2) either. */
static int empty_root(void)
{
    const char *place = "/proc"; /* Is there, and is a folder. */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("empty", place, "tmpfs",
              MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
              "size=4k,nr_inodes=2,mode=555") < 0 ||
        chdir(place) < 0)
        return -errno;
    if (syscall(SYS_pivot_root, ".", ".") == 0) {
        if (umount2(".", MNT_DETACH) < 0)
            return -errno;
    } else if (errno != EINVAL || chroot(".") < 0) {
        return -errno;
    }
    return chdir("/") < 0 ? -errno : 0;
}

/* One user is known inside, who is not root outside if that can be helped. */
static int become_nobody(void)
{
    setgroups(0, NULL); /* Not allowed to whom has no rights himself. */
    if (setresgid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) < 0 ||
        setresuid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) < 0)
        return -errno;
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int set_apart(const struct sandbox_plan *plan, uint32_t *missing)
{
    int error = become_nobody();
    if (!error && unshare(CLONE_NEWPID | CLONE_NEWCGROUP) < 0)
        error = -errno;
    if (!error && sethostname("guest", strlen("guest")) < 0)
        error = -errno;
    if (error)
        return error;
    if (set_clocks(plan) != 0)
        *missing |= sandbox_bit(SANDBOX_TIME);
    if (empty_root() != 0)
        *missing |= sandbox_bit(SANDBOX_ROOT);
    return 0;
}

static int make_first(const struct sandbox_plan *plan, pid_t *ret)
{
    int ready[2];
    char byte;
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -errno;
    pid_t first = sandbox_clone(CLONE_PARENT);
    if (first == 0)
        be_first(plan, ready[1]);
    int error = first < 0 ? -errno : 0;
    close(ready[1]);
    if (!error) {
        *ret = first;
        error = read(ready[0], &byte, 1) == 1 ? 0 : -ECHILD;
    }
    close(ready[0]);
    return error;
}

/* As children of the guardian. */
static void make_children(struct sandbox_plan *plan,
                          struct sandbox_report *report)
{
    if (plan->apart)
        report->error = make_first(plan, &report->first);
    if (report->error)
        return;
    pid_t body = sandbox_clone(CLONE_PARENT);
    if (body == 0)
        body_live(become_body, plan, plan->body_says[1]);
    if (body < 0)
        report->error = -errno;
    else
        report->body = body;
}

_Noreturn void sandbox_help(struct sandbox_plan *plan)
{
    char byte = 0;
    struct sandbox_report report = {
        .missing = plan->apart ? 0
                               : sandbox_bit(SANDBOX_NAMESPACES) |
                                     sandbox_bit(SANDBOX_ROOT) |
                                     sandbox_bit(SANDBOX_TIME)};
    close(plan->go[1]);
    close(plan->said[0]);
    close(plan->body_says[0]);
    /* Its files in /proc are then its own user's. */
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ||
        write(plan->said[1], &byte, 1) != 1 || read(plan->go[0], &byte, 1) != 1)
        _exit(EXIT_FAILURE);
    if (plan->apart)
        report.error = set_apart(plan, &report.missing);
    if (!report.error)
        make_children(plan, &report);
    if (write(plan->said[1], &report, sizeof report) != sizeof report)
        _exit(EXIT_FAILURE);
    _exit(EXIT_SUCCESS);
}
