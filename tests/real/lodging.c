/* lodging.c - see lodging.h. */
#include "lodging.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "real/homenode/body.h"
#include "real/homenode/transfer.h"

/* So that it hurts nobody even where there are no cgroups. */
#define ADDRESS_SPACE_MAX (UINT64_C(1) << 30)

enum { WAKE_MS = 5, STUCK_MS = 1000, BEGIN_MS = 5000 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static pid_t begin(char *const arguments[])
{
    pid_t pid = fork();
    if (pid == 0) {
        close_range(3, ~0U, 0);
        execv(arguments[0], arguments);
        _exit(127);
    }
    return pid;
}

/* It has made its page. */
static int wait_for_page(pid_t pid)
{
    struct tracee process = {.pid = pid};
    struct hostile_page page;
    for (int64_t until = now_ms() + BEGIN_MS; now_ms() < until; usleep(1000))
        if (tracee_read(&process, HOSTILE_PAGE, &page, sizeof page) == 0)
            return 0;
    return -ETIMEDOUT;
}

static int take(pid_t pid,
                struct image *image,
                struct pending *pending,
                const struct stream *stream)
{
    const struct transfer_limits limits = {.mode = TRANSFER_STOP};
    struct tracee source;
    struct transfer *transfer = NULL;
    int error = tracee_seize(&source, pid, PTRACE_O_EXITKILL);
    if (!error)
        error = transfer_create(&transfer, &source, &limits);
    if (!error)
        error = tracee_stop(&source);
    if (!error)
        error = image_take(&source, image, pending);
    if (!error)
        error = transfer_rest(transfer, stream);
    transfer_destroy(transfer);
    return error ? error : stream_put(stream, RECORD_END, NULL, 0);
}

static int put(struct tracee *body,
               const struct image *image,
               const struct pending *pending,
               const struct stream *stream)
{
    struct receiver receiver;
    struct incoming incoming = {0};
    int error = body_empty(body);
    if (!error)
        error = receiver_init(&receiver, body, false);
    if (error)
        return error;
    while (!error) {
        error = stream_get(stream, &incoming);
        if (!error && incoming.kind == RECORD_END)
            break;
        if (!error)
            error = receiver_take(&receiver, &incoming);
    }
    incoming_finish(&incoming);
    if (!error)
        error = body_place_vdso(body, image);
    if (!error)
        error = body_protect(body, &receiver.maps);
    receiver_finish(&receiver);
    return error ? error : image_put(body, image, pending);
}

static int move_in(struct lodging *l,
                   const struct lodging_rules *rules,
                   pid_t pid)
{
    struct image image;
    struct pending pending = {0};
    int file = memfd_create("image", MFD_CLOEXEC);
    struct stream stream = stream_of(&file);
    int error = take(pid, &image, &pending, &stream);
    lseek(file, 0, SEEK_SET);
    if (!error)
        error =
            sandbox_create(&l->sandbox, &l->body, &rules->limits,
                           rules->monotonic_offset_ns, rules->boot_offset_ns);
    if (!error)
        error = put(&l->body, &image, &pending, &stream);
    if (!error && !rules->unfiltered)
        error = sandbox_filter(&l->sandbox, &l->body);
    if (!error)
        error = image_ready(&l->body, &image);
    struct rlimit most = {ADDRESS_SPACE_MAX, ADDRESS_SPACE_MAX};
    if (!error && prlimit(l->body.pid, RLIMIT_AS, &most, NULL) < 0)
        error = -errno;
    if (!error && ptrace(PTRACE_CONT, l->body.pid, NULL, 0UL) < 0)
        error = -errno;
    pending_finish(&pending);
    close(file);
    return error;
}

int lodge(struct lodging *l,
          const struct lodging_rules *rules,
          char *const arguments[])
{
    *l = (struct lodging){.sandbox.listener = -1};
    pid_t pid = begin(arguments);
    if (pid < 0)
        return -errno;
    int error = wait_for_page(pid);
    if (!error)
        error = move_in(l, rules, pid);
    struct tracee source = {.pid = pid};
    body_kill(&source);
    if (error)
        lodging_end(l);
    return error;
}

bool lodging_look(const struct lodging *l, struct hostile_page *ret)
{
    return l->body.pid > 0 &&
           tracee_read(&l->body, HOSTILE_PAGE, ret, sizeof *ret) == 0;
}

int lodging_go(struct lodging *l)
{
    uint64_t go = 1;
    return tracee_write(&l->body,
                        HOSTILE_PAGE + offsetof(struct hostile_page, go), &go,
                        sizeof go);
}

static void answer(struct lodging *l)
{
    struct seccomp_notif asked = {0};
    if (ioctl(l->sandbox.listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
        return;
    struct seccomp_notif_resp reply = {.id = asked.id, .error = -ENOSYS};
    unsigned number = (unsigned)asked.data.nr;
    if (number >= LODGING_NUMBERS) {
        l->told_other++;
    } else {
        l->told[number]++;
        if (l->passes[number]) {
            reply.error = 0;
            reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        }
    }
    ioctl(l->sandbox.listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

/* True if it ended. */
static bool let_go_on(struct lodging *l, int *ret_signal)
{
    int status;
    if (waitpid(l->body.pid, &status, __WALL | WNOHANG) != l->body.pid)
        return false;
    if (WIFSTOPPED(status)) {
        int signal = status >> 16 == 0 ? WSTOPSIG(status) : 0;
        ptrace(PTRACE_CONT, l->body.pid, NULL, (unsigned long)signal);
        return false;
    }
    *ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    l->body.pid = 0;
    return true;
}

/* What it does outside of system calls is seen by its page. */
static bool moves(struct lodging *l)
{
    struct hostile_page page;
    if (!lodging_look(l, &page))
        return false;
    bool same = memcmp(&page, &l->seen, sizeof page) == 0;
    l->seen = page;
    return !same;
}

enum lodging_end lodging_guard(struct lodging *l, int most_ms, int *ret_signal)
{
    int64_t end = now_ms() + most_ms;
    if (l->moved_ms == 0)
        l->moved_ms = now_ms();
    while (now_ms() < end) {
        struct pollfd asks = {l->sandbox.listener, POLLIN, 0};
        bool asked = poll(&asks, 1, 1) > 0 && (asks.revents & POLLIN);
        if (asked)
            answer(l);
        if (let_go_on(l, ret_signal))
            return LODGING_DIED;
        if (moves(l) || asked)
            l->moved_ms = now_ms();
        if (l->seen.done)
            return LODGING_DONE;
        if (now_ms() - l->moved_ms > STUCK_MS)
            return LODGING_STUCK;
        if (now_ms() - l->moved_ms > WAKE_MS)
            kill(l->body.pid, SIGUSR1);
    }
    return LODGING_LATE;
}

void lodging_end(struct lodging *l)
{
    sandbox_destroy(&l->sandbox, &l->body);
}
