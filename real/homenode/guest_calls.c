/* guest_calls.c - a call of the body: told by the filter, asked of home,
 * answered. While it is told the body waits in the kernel, where only SIGKILL
 * reaches it, so that a call is never begun twice.
 *
 * Restarting is left to the body's kernel: the answer is home's own -512 to
 * -516, with a stop on its heels, so that the kernel looks at signals.
 */
#include "guest_inside.h"

#include <assert.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Of the kernel's own errno.h. */
enum {
    RESTART_FIRST = 512,
    RESTART_NO_HANDLER = 514,
    RESTART_BLOCK = 516,
    RESTART_LAST = 516,
};

static bool is_restart(int64_t result)
{
    return result <= -RESTART_FIRST && result >= -RESTART_LAST;
}

/* ---- Answers. ------------------------------------------------------------ */

static int send_answer(struct guest *g, int64_t value, uint32_t flags)
{
    struct seccomp_notif_resp answer = {
        .id = g->call.id, .val = value, .flags = flags};
    assert(g->call.told);
    g->call.told = false;
    /* Not there any more: it died, which is seen as such. */
    if (ioctl(g->sandbox.listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0 &&
        errno != ENOENT)
        return -errno;
    return 0;
}

int guest_answer(struct guest *g, int64_t result)
{
    if (g->wants)
        return guest_park(g);
    bool stops = is_restart(result) || g->arrived.count > 0 || g->frozen ||
                 g->still || g->wanted != WANTED_HERE;
    g->call.refused = 0;
    g->call.interrupted = is_restart(result);
    if (is_restart(result))
        guest_wait_restart(g);
    /* What this kernel keeps of the call to begin it again is nothing. */
    if (result == -RESTART_BLOCK)
        result = -RESTART_NO_HANDLER;
    if (stops && ptrace(PTRACE_INTERRUPT, g->body.pid, NULL, NULL) < 0 &&
        errno != ESRCH)
        return -errno;
    return send_answer(g, result, 0);
}

/* The kernel says of a call that it would tell, when a stop comes first, that a
 * signal interrupted it: a handler would make EINTR of that, also for calls
 * that know none. It is to be begun, whatever runs before. */
int guest_begin_call(struct guest *g)
{
    enum { RESTART_SYS = 512, RESTART_NO_INTERRUPT = 513 };
    struct user_regs_struct r;
    int error = tracee_registers(&g->body, &r);
    int64_t number = (int64_t)r.orig_rax;
    if (error || number < 0 || (int64_t)r.rax != -RESTART_SYS ||
        g->call.interrupted)
        return error;
    const uint64_t arguments[] = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};
    const struct call *row = call_of(number);
    if (!row || row->call_class == CALL_LOCAL ||
        call_is_local(number, arguments))
        return 0;
    r.rax = (unsigned long long)-RESTART_NO_INTERRUPT;
    return ptrace(PTRACE_SETREGS, g->body.pid, NULL, &r) < 0 ? -errno : 0;
}

int guest_let_pass(struct guest *g)
{
    if (g->wants)
        return guest_park(g);
    return send_answer(g, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int guest_go_home_for(struct guest *g)
{
    if (g->wants)
        return guest_park(g);
    /* Home had no place for it: then nobody can make this call. */
    if (g->call.refused >= 2)
        return guest_answer(g, -ENOSYS);
    g->call.refused++;
    return guest_wish_home(g);
}

/* ---- Requests. ----------------------------------------------------------- */

bool guest_is_result(int error)
{
    return error == -EFAULT || error == -EINVAL || error == -ENAMETOOLONG ||
           error == -E2BIG || error == -EMSGSIZE;
}

int guest_send_request(struct guest *g)
{
    struct call_packed *packed = &g->call.packed;
    struct guest_masks masks = {0};
    struct iovec parts[] = {
        {&packed->request, sizeof packed->request},
        {packed->areas, packed->request.area_count * sizeof packed->areas[0]},
        {packed->data, packed->data_bytes},
    };
    if (g->call.waits) {
        int error = guest_masks_of(g, &masks);
        if (error)
            return error;
    }
    g->call.held_back = false;
    packed->request.signal_mask = masks.blocked;
    g->calls_forwarded++;
    return guest_put(g, RECORD_REQUEST, parts, 3);
}

/* What is large, while home may be writing pages that we do not read, waits
 * until it is not. */
static int put_request(struct guest *g)
{
    enum { LARGE_BYTES = 32 * 1024 };
    if (g->wants)
        return guest_park(g);
    g->call.asked = true;
    g->call.held_back = g->fill && fill_under_way(g->fill) > 0 &&
                        g->call.packed.data_bytes > LARGE_BYTES;
    return g->call.held_back ? 0 : guest_send_request(g);
}

/* Of a call that is told; done: bytes that earlier requests of it moved. */
static int ask(struct guest *g,
               int64_t number,
               const uint64_t arguments[6],
               const struct call_memory *memory,
               uint64_t done,
               int (*then)(struct guest *g, int64_t result))
{
    struct guest_call *call = &g->call;
    assert(!call->asked);
    call->packed.pid = g->about.home_pid;
    call->packed.done = done;
    int error = call_pack(number, arguments, memory, &call->packed);
    if (error)
        return error;
    call->memory = memory;
    call->then = then;
    error = put_request(g);
    return guest_is_result(error) ? -EIO : error;
}

int guest_ask(struct guest *g,
              int64_t number,
              const uint64_t arguments[6],
              const struct call_memory *memory,
              int (*then)(struct guest *g, int64_t result))
{
    return ask(g, number, arguments, memory, 0, then);
}

static int use_result(struct guest *g)
{
    int error = g->call.then(g, g->call.result);
    return error ? error : guest_may_leave(g);
}

/* Before anything is written all of it can be, or the call is parked. */
static int use_reply(struct guest *g)
{
    struct guest_call *call = &g->call;
    int error = 0;
    if (g->fill && call->memory == &g->body_memory)
        error = call_unpack(&call->packed, &call->reply, &g->touched_memory,
                            &call->result);
    if (g->wants)
        return guest_park(g);
    if (!error || error == -EFAULT)
        error = call_unpack(&call->packed, &call->reply, call->memory,
                            &call->result);
    if (error == -EFAULT)
        call->result = -EFAULT;
    else if (error)
        return error;
    call->asked = false;
    if (g->body.pid == 0)
        return 0; /* It died meanwhile. */
    call->again = use_result;
    return use_result(g);
}

int guest_replied(struct guest *g)
{
    struct guest_call *call = &g->call;
    struct wire_head head;
    /* One that home said before it heard the request answers another. */
    if (!call->asked || call->held_back || call->parked ||
        wire_take_front(&g->incoming, &head, sizeof head) != 0 ||
        head.seen < call->packed.request.head.sequence)
        return -EBADMSG;
    struct incoming reply = g->incoming;
    g->incoming = call->reply;
    call->reply = reply;
    call->again = use_reply;
    return use_reply(g);
}

/* ---- Forwarding. --------------------------------------------------------- */

static int forwarded(struct guest *g, int64_t result);

/* The rest of a read or write that did not fit into one request. */
static int ask_for_rest(struct guest *g)
{
    struct guest_call *call = &g->call;
    uint64_t done = call->packed.done;
    call->again = ask_for_rest;
    int error =
        ask(g, call->number, call->arguments, &g->body_memory, done, forwarded);
    if (error == -ENOTSUP || guest_is_result(error))
        return guest_answer(g, (int64_t)done);
    return error;
}

static int regular(struct guest *g, int64_t result)
{
    struct stat status;
    memcpy(&status, g->scratch, sizeof status);
    uint64_t done = g->call.packed.done;
    if (result == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)))
        return ask_for_rest(g);
    return guest_answer(g, (int64_t)done);
}

static int ask_if_regular(struct guest *g)
{
    _Static_assert(sizeof(struct stat) <= sizeof g->scratch, "room for it");
    uint64_t arguments[6] = {g->call.arguments[0],
                             (uint64_t)(uintptr_t)g->scratch};
    return ask(g, SYS_fstat, arguments, &g->own_memory, g->call.packed.done,
               regular);
}

static int forwarded(struct guest *g, int64_t result)
{
    struct guest_call *call = &g->call;
    uint64_t done = call->packed.done;
    enum call_rest rest = call_rest(&call->packed, result);
    if (result < 0 && done > 0)
        return guest_answer(g, (int64_t)done);
    if (result > 0)
        done += (uint64_t)result;
    if (rest == REST_NONE || g->wanted != WANTED_HERE || g->arrived.count > 0)
        return guest_answer(g, done > 0 ? (int64_t)done : result);
    call->packed.done = done;
    return rest == REST_ASK ? ask_for_rest(g) : ask_if_regular(g);
}

/* Where the mask lies that a call has for itself; 0: it has none. */
static uint64_t own_mask_at(const struct guest *g)
{
    const struct guest_call *call = &g->call;
    uint64_t pair = call->arguments[5];
    uint64_t at = 0;
    switch (call->number) {
        case SYS_ppoll:
            return call->arguments[3];
        case SYS_epoll_pwait:
        case SYS_epoll_pwait2:
            return call->arguments[4];
        case SYS_pselect6:
            if (pair != 0)
                g->body_memory.read(g->body_memory.context, pair, &at,
                                    sizeof at);
            return at;
        default:
            return 0;
    }
}

/* Its mask lets through signals that the body blocks: whether one waits already
 * or comes, and its handler before the mask is as it was, is for a kernel that
 * has both. What cannot be read is the call's own error. */
static bool unblocks(const struct guest *g)
{
    uint64_t at = own_mask_at(g);
    uint64_t mask;
    struct guest_masks masks;
    return at != 0 &&
           g->body_memory.read(g->body_memory.context, at, &mask,
                               sizeof mask) == 0 &&
           guest_masks_of(g, &masks) == 0 && (masks.blocked & ~mask) != 0;
}

int guest_forward(struct guest *g)
{
    uint64_t arguments[6];
    if (unblocks(g))
        return guest_go_home_for(g);
    memcpy(arguments, g->call.arguments, sizeof arguments);
    if (g->call.number == SYS_poll)
        arguments[2] = guest_wait_poll_ms(g);
    int error =
        guest_ask(g, g->call.number, arguments, &g->body_memory, forwarded);
    if (error == -ENOTSUP)
        return guest_go_home_for(g);
    return guest_is_result(error) ? guest_answer(g, error) : error;
}

/* ---- From the filter. ---------------------------------------------------- */

static int begin(struct guest *g, const struct call *row)
{
    if (call_is_local(g->call.number, g->call.arguments))
        return guest_let_pass(g);
    switch (row ? (enum call_class)row->call_class : CALL_GO_HOME) {
        case CALL_LOCAL:
            return guest_let_pass(g);
        case CALL_FORWARDED:
            return guest_forward(g);
        case CALL_SPECIAL:
            return guest_special(g, (enum call_special)row->special);
        default:
            return guest_go_home_for(g);
    }
}

/* The call that is told, from its beginning. */
static int begin_told(struct guest *g)
{
    struct guest_call *call = &g->call;
    const struct call *row = call_of((int)call->number);
    if (call->waits || !row || row->special == SPECIAL_SLEEP)
        guest_wait_begin(g);
    if (g->wants)
        return guest_park(g);
    /* Nothing would let home give back a call that waits there. */
    if (g->leaving && !g->to_home && call->waits) {
        g->hurries = true;
        return 0;
    }
    return begin(g, row);
}

int guest_told(struct guest *g)
{
    struct guest_call *call = &g->call;
    struct seccomp_notif asked = {0};
    if (ioctl(g->sandbox.listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
        return errno == ENOENT || errno == EINTR ? 0 : -errno;
    const struct call *row = call_of(asked.data.nr);
    call->told = true;
    call->interrupted = false;
    call->id = asked.id;
    call->number = asked.data.nr;
    call->waits = row && row->waits;
    call->again = begin_told;
    for (int i = 0; i < 6; i++)
        call->arguments[i] = asked.data.args[i];
    int error = begin_told(g);
    if (error || !call->asked || call->held_back)
        return error;
    return guest_hear(g, GUEST_QUICK_US);
}
