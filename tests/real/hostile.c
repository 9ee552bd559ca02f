/* hostile.c - a guest that does what it can to its host.
 *
 * hostile WHAT [SEED FIRST LAST | FOLDER CANARY GUARDIAN]; a last argument
 * `now` begins without being told to.
 *   numbers   each system call from FIRST to LAST with arguments of the seed
 *   x32, old  one call of another kind: of x32, by int 0x80
 *   jumps     into its own code and the kernel's, at any place
 *   attempts  what one would try by hand, hostile.h
 *   memory, processes, spin, clocks: what limits and clocks are for
 *
 * System calls are instructions here: no library stands between. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

enum {
    SCRATCH_BYTES = 64 * 1024,
    MEGABYTE = 1024 * 1024,
    JUMPS = 3000,
    X32_BIT = 0x40000000,
    CLONES_MAX = 64,
};

static struct hostile_page *page(void)
{
    return (struct hostile_page *)HOSTILE_PAGE;
}

static long call(long number,
                 uint64_t a,
                 uint64_t b,
                 uint64_t c,
                 uint64_t d,
                 uint64_t e,
                 uint64_t f)
{
    long result;
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static long call3(long number, uint64_t a, uint64_t b, uint64_t c)
{
    return call(number, a, b, c, 0, 0, 0);
}

static uint64_t at(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

static uint64_t next(uint64_t *state) /* xorshift64* */
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

/* ---- Every number. ------------------------------------------------------- */

static void woken(int signal)
{
    (void)signal;
}

/* As they were before a call that may have changed them. */
static void restore_signals(void)
{
    sigset_t none;
    /* Not -EINTR for a call that the guardian has not heard of yet. */
    struct sigaction action = {.sa_handler = woken, .sa_flags = SA_RESTART};
    sigemptyset(&none);
    sigaction(SIGUSR1, &action, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Something that a call could make something of. */
static uint64_t random_argument(uint64_t *state, char *scratch)
{
    static const uint64_t special[] = {0,
                                       1,
                                       2,
                                       3,
                                       4,
                                       6,
                                       7,
                                       8,
                                       0x20,
                                       0x22,
                                       0x1000,
                                       0x10000,
                                       0xffffffff,
                                       UINT64_MAX,
                                       0xffffff9c /* AT_FDCWD */,
                                       0x7fffffffffff,
                                       UINT64_C(0xffff888000000000),
                                       UINT64_C(0xffffffffff600000)};
    uint64_t r = next(state);
    switch (r % 5) {
        case 0:
            return special[(r >> 8) % (sizeof special / sizeof special[0])];
        case 1:
            return at(scratch + (r >> 8) % SCRATCH_BYTES);
        case 2:
            return at(scratch + ((r >> 8) % SCRATCH_BYTES & ~UINT64_C(4095)));
        case 3:
            return (r >> 8) % 4096;
        default:
            return r;
    }
}

static void fill(char *scratch, uint64_t *state)
{
    const char path[] = "/proc/self/mem";
    for (size_t i = 0; i < SCRATCH_BYTES; i += sizeof *state) {
        uint64_t r = next(state);
        memcpy(scratch + i, &r, sizeof r);
    }
    for (size_t i = 0; i < SCRATCH_BYTES; i += 4096)
        memcpy(scratch + i, path, sizeof path);
}

static void numbers(uint64_t seed, long first, long last)
{
    char *scratch = mmap(NULL, SCRATCH_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long number = first; number <= last; number++) {
        page()->step = number;
        for (int i = 0; i < HOSTILE_TRIES; i++) {
            uint64_t state = seed * 1000003 + (uint64_t)(number * 101 + i) + 1;
            uint64_t a[6];
            mmap(scratch, SCRATCH_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
            fill(scratch, &state);
            for (int k = 0; k < 6; k++)
                a[k] = random_argument(&state, scratch);
            call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
            restore_signals();
        }
    }
}

/* getpid() of 32-bit programs. */
static void old_call(void)
{
    long result = 20;
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     :
                     : "memory", "r8", "r9", "r10", "r11");
    page()->values[0] = result;
}

static void x32_call(void)
{
    page()->values[0] = call(X32_BIT | SYS_getpid, 0, 0, 0, 0, 0, 0);
}

/* ---- Anywhere. ----------------------------------------------------------- */

static sigjmp_buf back;

static void fell(int signal)
{
    siglongjmp(back, signal);
}

static void jump(uint64_t *state)
{
    static char argument[SCRATCH_BYTES];
    uint64_t r = next(state);
    uint64_t bases[] = {at((void *)(uintptr_t)jump), getauxval(AT_SYSINFO_EHDR),
                        at((void *)(uintptr_t)sigaction)};
    uint64_t to = bases[r % 3] + (r >> 8) % 4096;
    if (sigsetjmp(back, 1) == 0)
        ((long (*)(uint64_t, uint64_t, uint64_t))(uintptr_t)to)(
            r >> 20 & 511, r >> 32 & 4095, at(argument));
}

static void jumps(uint64_t seed)
{
    static char stack[SCRATCH_BYTES];
    static uint64_t state; /* Not in registers: these are lost. */
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGUSR1};
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = fell, .sa_flags = SA_ONSTACK};
    state = seed;
    sigaltstack(&other, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
    while (page()->step < JUMPS) {
        page()->step++;
        jump(&state);
    }
}

/* ---- By hand. ------------------------------------------------------------ */

static void try_files(const char *folder)
{
    volatile int64_t *values = page()->values;
    /* Of 8 bytes, of the type with an inode number. */
    const uint32_t handle[] = {8, 1, 2, 0};
    char path[256];
    size_t length = strlen(folder);
    memcpy(path, folder, length);
    memcpy(path + length, "/new", sizeof "/new");
    values[ATTEMPT_OPEN_PASSWD] = call3(SYS_open, at("/etc/passwd"), 0, 0);
    values[ATTEMPT_CREATE_FILE] =
        call3(SYS_open, at(path), O_CREAT | O_WRONLY, 0666);
    memcpy(path + length, "/canary", sizeof "/canary");
    values[ATTEMPT_OPEN_CANARY] = call3(SYS_open, at(path), O_RDWR, 0);
    values[ATTEMPT_UNLINK_CANARY] = call3(SYS_unlink, at(path), 0, 0);
    values[ATTEMPT_LIST_ROOT] = call3(SYS_open, at("/usr"), O_DIRECTORY, 0);
    values[ATTEMPT_HANDLE] =
        call3(SYS_open_by_handle_at, (uint64_t)AT_FDCWD, at(handle), O_RDONLY);
    values[ATTEMPT_MEMFD] = call3(SYS_memfd_create, at("x"), MFD_CLOEXEC, 0);
}

static void try_processes(uint64_t canary, uint64_t guardian)
{
    volatile int64_t *values = page()->values;
    char bytes[16] = {0};
    siginfo_t info = {.si_code = SI_QUEUE};
    struct iovec here = {bytes, sizeof bytes};
    struct iovec there = {(void *)HOSTILE_PAGE, sizeof bytes};
    values[ATTEMPT_TRACE_CANARY] = call3(SYS_ptrace, PTRACE_ATTACH, canary, 0);
    if (values[ATTEMPT_TRACE_CANARY] == 0)
        call3(SYS_ptrace, PTRACE_DETACH, canary, 0);
    values[ATTEMPT_READ_CANARY] =
        call(SYS_process_vm_readv, canary, at(&here), 1, at(&there), 1, 0);
    values[ATTEMPT_WRITE_GUARDIAN] =
        call(SYS_process_vm_writev, guardian, at(&here), 1, at(&there), 1, 0);
    values[ATTEMPT_QUEUE_SIGNAL] =
        call3(SYS_rt_sigqueueinfo, canary, SIGUSR2, at(&info));
    values[ATTEMPT_KILL_PARENT] = call3(SYS_kill, guardian, SIGUSR2, 0);
    values[ATTEMPT_KILL_CANARY] = call3(SYS_kill, canary, SIGKILL, 0);
}

static void try_kernel(void)
{
    volatile int64_t *values = page()->values;
    char attribute[128] = {0};
    values[ATTEMPT_SOCKET_INET] = call3(SYS_socket, AF_INET, SOCK_DGRAM, 0);
    values[ATTEMPT_SOCKET_UNIX] = call3(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    values[ATTEMPT_MOUNT] =
        call(SYS_mount, at("x"), at("/"), at("tmpfs"), 0, 0, 0);
    values[ATTEMPT_SETNS] = call3(SYS_setns, 0, 0, 0);
    values[ATTEMPT_HOSTNAME] = call3(SYS_sethostname, at("hostile"), 7, 0);
    values[ATTEMPT_USERFAULT] = call3(SYS_userfaultfd, 0, 0, 0);
    values[ATTEMPT_URING] = call3(SYS_io_uring_setup, 8, at(attribute), 0);
    values[ATTEMPT_BPF] = call3(SYS_bpf, 0, at(attribute), sizeof attribute);
    values[ATTEMPT_PERF] = call(SYS_perf_event_open, at(attribute), 0,
                                UINT64_MAX, UINT64_MAX, 0, 0);
    values[ATTEMPT_KEYRING] = call3(SYS_keyctl, 1, 0, 0);
    values[ATTEMPT_ROOT] = call3(SYS_setuid, 0, 0, 0);
    long child = call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child == 0)
        call3(SYS_exit_group, 0, 0, 0);
    values[ATTEMPT_FORK] = child;
    values[ATTEMPT_UNSHARE] = call3(SYS_unshare, CLONE_NEWUSER, 0, 0);
    values[ATTEMPT_UNDUMPABLE] = call3(SYS_prctl, PR_SET_DUMPABLE, 0, 0);
    values[ATTEMPT_OWN_FILTER] = call3(SYS_seccomp, 2, 0, 0);
}

static void attempts(char **arguments)
{
    for (size_t i = 0; i < ATTEMPT_COUNT; i++)
        page()->values[i] = HOSTILE_UNTRIED;
    try_files(arguments[2]);
    try_processes(strtoul(arguments[3], NULL, 10),
                  strtoul(arguments[4], NULL, 10));
    try_kernel();
}

/* ---- Too much. ----------------------------------------------------------- */

static void memory(void)
{
    for (;;) {
        char *more = mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED)
            return;
        for (size_t i = 0; i < MEGABYTE; i += 4096)
            more[i] = 1;
        page()->step++;
    }
}

static void processes(void)
{
    for (int i = 0; i < CLONES_MAX; i++) {
        long child = call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
        if (child == 0)
            for (;;)
                call3(SYS_pause, 0, 0, 0);
        if (child > 0)
            page()->step++;
        page()->values[0] = child;
    }
}

static void spin(void)
{
    for (;;)
        page()->turns++;
}

static int64_t now_ns(clockid_t clock, bool by_vdso)
{
    struct timespec now = {0};
    if (by_vdso)
        clock_gettime(clock, &now);
    else
        call3(SYS_clock_gettime, (uint64_t)clock, at(&now), 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void clocks(void)
{
    page()->values[0] = now_ns(CLOCK_MONOTONIC, false);
    page()->values[1] = now_ns(CLOCK_MONOTONIC, true);
    page()->values[2] = now_ns(CLOCK_BOOTTIME, false);
    page()->values[3] = now_ns(CLOCK_BOOTTIME, true);
    page()->values[4] = now_ns(CLOCK_REALTIME, false);
}

static void run(int count, char **arguments)
{
    const char *what = arguments[1];
    if (strcmp(what, "numbers") == 0 && count > 4)
        numbers(strtoull(arguments[2], NULL, 10), atol(arguments[3]),
                atol(arguments[4]));
    else if (strcmp(what, "x32") == 0)
        x32_call();
    else if (strcmp(what, "old") == 0)
        old_call();
    else if (strcmp(what, "jumps") == 0 && count > 2)
        jumps(strtoull(arguments[2], NULL, 10));
    else if (strcmp(what, "attempts") == 0 && count > 4)
        attempts(arguments);
    else if (strcmp(what, "memory") == 0)
        memory();
    else if (strcmp(what, "processes") == 0)
        processes();
    else if (strcmp(what, "spin") == 0)
        spin();
    else if (strcmp(what, "clocks") == 0)
        clocks();
}

int main(int count, char **arguments)
{
    void *at_page = (void *)HOSTILE_PAGE;
    if (count < 2 ||
        mmap(at_page, sizeof(struct hostile_page), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
             0) != at_page)
        return EXIT_FAILURE;
    page()->go = strcmp(arguments[count - 1], "now") == 0;
    while (!page()->go)
        sched_yield();
    restore_signals();
    run(count, arguments);
    page()->done = 1;
    if (strcmp(arguments[count - 1], "now") == 0)
        return EXIT_SUCCESS;
    for (;;)
        sched_yield();
}
