/* window.c - see window.h. */
#include "window.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How the deputy waits, so how it is to be told. */
enum { WAITS_AWAKE, WAITS_ASLEEP, WAITS_FOR_STOP };

/* The first page of the window; the code below knows this layout. */
struct control
{
    _Atomic uint32_t asked; /*  0: count of calls begun, */
    _Atomic uint32_t made;  /*  4: and made. */
    _Atomic uint32_t waits; /*  8 */
    uint32_t masked;        /* 12: mask is not empty. */
    uint64_t mask;          /* 16 */
    uint64_t no_mask;       /* 24: 0 */
    int64_t number;         /* 32 */
    int64_t result;         /* 40 */
    uint64_t arguments[6];  /* 48 */
};

_Static_assert(offsetof(struct control, arguments) == 48, "as the code has it");

/* r12: the window; r13: the count of calls it has made. It has no stack. */
__asm__(
    ".pushsection .rodata\n"
    ".globl window_code, window_code_end, window_code_returns\n"
    ".globl window_code_told\n"
    "window_code:\n"
    "1:  mov (%r12), %eax\n"
    "    cmp %r13d, %eax\n"
    "    jne 2f\n"
    "    mov %r12, %rdi\n"
    "    xor %esi, %esi\n" /* FUTEX_WAIT */
    "    mov %r13d, %edx\n"
    "    xor %r10d, %r10d\n"
    "    mov $202, %eax\n"
    "    syscall\n"
    "    jmp 1b\n"
    "2:  mov %eax, %r13d\n"
    "    cmpl $0, 12(%r12)\n"
    "    je 3f\n"
    "    lea 16(%r12), %rsi\n"
    "    mov $2, %edi\n" /* SIG_SETMASK */
    "    xor %edx, %edx\n"
    "    mov $8, %r10d\n"
    "    mov $14, %eax\n" /* rt_sigprocmask */
    "    syscall\n"
    "3:  mov 32(%r12), %rax\n"
    "    mov 48(%r12), %rdi\n"
    "    mov 56(%r12), %rsi\n"
    "    mov 64(%r12), %rdx\n"
    "    mov 72(%r12), %r10\n"
    "    mov 80(%r12), %r8\n"
    "    mov 88(%r12), %r9\n"
    "    syscall\n"
    "window_code_returns:\n"
    "    mov %rax, 40(%r12)\n"
    "    cmpl $0, 12(%r12)\n"
    "    je 4f\n"
    "    lea 24(%r12), %rsi\n"
    "    mov $2, %edi\n"
    "    xor %edx, %edx\n"
    "    mov $8, %r10d\n"
    "    mov $14, %eax\n"
    "    syscall\n"
    "4:  mov %r13d, %eax\n"
    "    xchg %eax, 4(%r12)\n" /* Before waits is looked at. */
    "    mov 8(%r12), %eax\n"
    "    test %eax, %eax\n"
    "    jz 1b\n"
    "    cmp $2, %eax\n"
    "    je 5f\n"
    "    lea 4(%r12), %rdi\n"
    "    mov $1, %esi\n" /* FUTEX_WAKE */
    "    mov $1, %edx\n"
    "    mov $202, %eax\n"
    "    syscall\n"
    "    jmp 1b\n"
    "5:  int3\n"
    "window_code_told:\n"
    "    jmp 1b\n"
    "window_code_end:\n"
    ".popsection\n");
extern const char window_code[];
extern const char window_code_end[];
extern const char window_code_returns[];
extern const char window_code_told[];

static uint64_t pages(uint64_t bytes)
{
    return (bytes + TRACEE_PAGE_BYTES - 1) / TRACEE_PAGE_BYTES *
           TRACEE_PAGE_BYTES;
}

static struct control *control_of(const struct window *w)
{
    return (struct control *)(void *)w->bytes;
}

static uint64_t control_at(const struct window *w)
{
    return w->at + TRACEE_PAGE_BYTES;
}

static uint64_t area_at(const struct window *w)
{
    return control_at(w) + WINDOW_BYTES;
}

uint64_t window_end(const struct window *w)
{
    return area_at(w);
}

uint8_t *window_room(const struct window *w)
{
    return w->bytes + WINDOW_CONTROL_BYTES;
}

uint64_t window_room_at(const struct window *w)
{
    return control_at(w) + WINDOW_CONTROL_BYTES;
}

/* ---- Making it. ---------------------------------------------------------- */

static int run_well(const struct tracee *t, struct tracee_call *call)
{
    int error = tracee_run(t, call, 1);
    if (!error && call->result < 0 && call->result > -4096)
        error = (int)call->result;
    return error;
}

/* Memory of the process's own making, since it may not open what is ours; its
 * descriptor number is free again afterwards. */
static int share(const struct tracee *t, int *ret_theirs, int *ret_ours)
{
    static const char name[] = "vencejo-window";
    struct tracee_call make = {
        SYS_memfd_create, {tracee_room(t), MFD_CLOEXEC, 0, 0, 0, 0}, 0};
    int error = tracee_write(t, tracee_room(t), name, sizeof name);
    if (!error)
        error = run_well(t, &make);
    if (error)
        return error;
    *ret_theirs = (int)make.result;
    int process = (int)syscall(SYS_pidfd_open, t->pid, 0);
    if (process < 0)
        return -errno;
    *ret_ours = (int)syscall(SYS_pidfd_getfd, process, *ret_theirs, 0);
    error = *ret_ours < 0 ? -errno : 0;
    close(process);
    if (!error && ftruncate(*ret_ours, WINDOW_BYTES) < 0)
        error = -errno;
    return error;
}

static int map_here(struct window *w, int file)
{
    void *bytes =
        mmap(NULL, WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    w->bytes = bytes;
    return 0;
}

static int map_there(const struct window *w, const struct tracee *t, int file)
{
    struct tracee_call calls[] = {
        {SYS_mmap,
         {control_at(w), WINDOW_BYTES, PROT_READ | PROT_WRITE,
          MAP_SHARED | MAP_FIXED_NOREPLACE, (uint64_t)file, 0},
         0},
        {SYS_mmap,
         {w->at, TRACEE_PAGE_BYTES, PROT_READ | PROT_WRITE,
          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, UINT64_MAX, 0},
         0},
    };
    struct tracee_call protect = {
        SYS_mprotect,
        {w->at, TRACEE_PAGE_BYTES, PROT_READ | PROT_EXEC, 0, 0, 0},
        0};
    int error = 0;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0] && !error; i++)
        error = run_well(t, &calls[i]);
    if (!error)
        error = tracee_write(t, w->at, window_code,
                             (size_t)(window_code_end - window_code));
    return error ? error : run_well(t, &protect);
}

int window_create(struct window *w, struct tracee *t, const struct maps *maps)
{
    int theirs = -1;
    int ours = -1;
    uint64_t bytes =
        TRACEE_PAGE_BYTES + WINDOW_BYTES + pages(TRACEE_AREA_BYTES);
    *w = (struct window){.at = maps_hole(maps, NULL, bytes)};
    if (w->at == 0)
        return -EADDRNOTAVAIL;
    int error = share(t, &theirs, &ours);
    if (!error)
        error = map_here(w, ours);
    if (!error)
        error = map_there(w, t, theirs);
    if (ours >= 0)
        close(ours);
    if (theirs >= 0) {
        struct tracee_call shut = {
            SYS_close, {(uint64_t)theirs, 0, 0, 0, 0, 0}, 0};
        int close_error = tracee_run(t, &shut, 1);
        error = error ? error : close_error;
    }
    if (!error)
        error = tracee_unmap_area(t);
    if (!error)
        error = tracee_map_area(t, area_at(w));
    if (t->area_at == 0)
        tracee_map_area(t, 0);
    if (error && w->bytes)
        window_destroy(w, t->area_at != 0 ? t : NULL);
    return error;
}

int window_destroy(struct window *w, const struct tracee *t)
{
    struct tracee_call calls[] = {
        {SYS_munmap, {w->at, TRACEE_PAGE_BYTES, 0, 0, 0, 0}, 0},
        {SYS_munmap, {control_at(w), WINDOW_BYTES, 0, 0, 0, 0}, 0},
    };
    int error = t ? tracee_run(t, calls, sizeof calls / sizeof calls[0]) : 0;
    if (w->bytes)
        munmap(w->bytes, WINDOW_BYTES);
    *w = (struct window){0};
    return error;
}

void window_enter(const struct window *w, struct user_regs_struct *registers)
{
    registers->rip = w->at;
    registers->r12 = control_at(w);
    registers->r13 = atomic_load(&control_of(w)->asked);
    registers->rsp = control_at(w) + WINDOW_CONTROL_BYTES;
    registers->eflags = 0x202;
}

/* ---- Calls. -------------------------------------------------------------- */

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void window_begin(const struct window *w,
                  int64_t number,
                  const uint64_t arguments[6],
                  uint64_t mask)
{
    struct control *c = control_of(w);
    assert(atomic_load(&c->asked) == atomic_load(&c->made));
    c->number = number;
    c->mask = mask;
    c->masked = mask != 0;
    memcpy(c->arguments, arguments, sizeof c->arguments);
    atomic_store(&c->waits, WAITS_ASLEEP);
    atomic_fetch_add(&c->asked, 1);
    syscall(SYS_futex, &c->asked, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool window_done(const struct window *w, int64_t *ret_result)
{
    const struct control *c = control_of(w);
    if (atomic_load(&c->asked) != atomic_load(&c->made))
        return false;
    *ret_result = c->result;
    return true;
}

static bool is_made(const struct control *c)
{
    return atomic_load(&c->asked) == atomic_load(&c->made);
}

bool window_wait(const struct window *w, uint32_t spin_us, uint32_t sleep_us)
{
    struct control *c = control_of(w);
    if (spin_us > 0) {
        atomic_store(&c->waits, WAITS_AWAKE);
        for (uint64_t end = now_us() + spin_us; !is_made(c) && now_us() < end;)
            __builtin_ia32_pause();
        atomic_store(&c->waits, WAITS_ASLEEP);
    }
    uint32_t before = atomic_load(&c->asked) - 1;
    struct timespec most = {.tv_nsec = (long)sleep_us * 1000};
    while (!is_made(c))
        if (syscall(SYS_futex, &c->made, FUTEX_WAIT, before, &most, NULL, 0) <
                0 &&
            errno == ETIMEDOUT)
            break;
    if (!is_made(c))
        atomic_store(&c->waits, WAITS_FOR_STOP);
    return is_made(c);
}

bool window_told(const struct window *w, const struct user_regs_struct *r)
{
    return r->rip == w->at + (uint64_t)(window_code_told - window_code);
}

bool window_interrupted(const struct window *w,
                        const struct user_regs_struct *r)
{
    int64_t result = (int64_t)r->rax;
    return r->rip == w->at + (uint64_t)(window_code_returns - window_code) &&
           (int64_t)r->orig_rax >= 0 && result <= -512 && result >= -516;
}

void window_trim(const struct window *w)
{
    madvise(window_room(w) + TRACEE_PAGE_BYTES,
            WINDOW_ROOM_BYTES - TRACEE_PAGE_BYTES, MADV_REMOVE);
}
