/* test_sandbox_filter.c - what the filter of a guest says of each call, by a
 * machine of classic BPF that is written here. */
#include "../suite.h"

#include <asm/prctl.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "real/homenode/calls.h"
#include "real/homenode/sandbox_filter.h"

enum {
    ARCH_OTHER = 0x40000003, /* AUDIT_ARCH_I386 */
    NUMBERS = 1024,
    STEPS_MAX = 16, /* Of a call that passes with any arguments. */
    PASS = 0,
    TOLD = 1,
    KILLED = 2,
};

struct filter
{
    struct sock_filter code[SANDBOX_FILTER_MAX];
    size_t count;
};

static struct filter filter_of(void)
{
    struct filter f;
    sandbox_filter_build(f.code, &f.count);
    return f;
}

/* 0 if the program is not valid. */
static uint32_t run(const struct filter *f,
                    const struct seccomp_data *data,
                    int *ret_steps)
{
    uint32_t a = 0;
    size_t at = 0;
    for (int steps = 1; at < f->count; steps++) {
        struct sock_filter i = f->code[at++];
        *ret_steps = steps;
        switch (i.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                if (i.k % sizeof a != 0 || i.k + sizeof a > sizeof *data)
                    return 0;
                memcpy(&a, (const char *)data + i.k, sizeof a);
                break;
            case BPF_ALU | BPF_AND | BPF_K:
                a &= i.k;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
                at += a == i.k ? i.jt : i.jf;
                break;
            case BPF_JMP | BPF_JGE | BPF_K:
                at += a >= i.k ? i.jt : i.jf;
                break;
            case BPF_JMP | BPF_JSET | BPF_K:
                at += a & i.k ? i.jt : i.jf;
                break;
            case BPF_RET | BPF_K:
                return i.k;
            default:
                return 0;
        }
    }
    return 0;
}

static int verdict(const struct filter *f,
                   uint32_t arch,
                   int number,
                   int argument,
                   uint64_t value)
{
    int steps;
    struct seccomp_data data = {.nr = number, .arch = arch};
    data.args[argument] = value;
    switch (run(f, &data, &steps)) {
        case SECCOMP_RET_ALLOW:
            return PASS;
        case SECCOMP_RET_USER_NOTIF:
            return TOLD;
        case SECCOMP_RET_KILL_PROCESS:
            return KILLED;
        default:
            CU_FAIL("the program goes astray");
            return -1;
    }
}

static int say(int number, int argument, uint64_t value)
{
    struct filter f = filter_of();
    return verdict(&f, AUDIT_ARCH_X86_64, number, argument, value);
}

/* ---- All numbers. -------------------------------------------------------- */

/* Those that are local for some of their arguments. */
static bool depends(int number)
{
    static const int numbers[] = {
        SYS_mmap,      SYS_madvise,    SYS_futex,        SYS_getitimer,
        SYS_setitimer, SYS_arch_prctl, SYS_clock_gettime};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static void local_calls_pass_and_no_others(void)
{
    struct filter f = filter_of();
    for (int number = 0; number < NUMBERS; number++) {
        const struct call *call = call_of(number);
        if (depends(number))
            continue;
        int expected = call && call->call_class == CALL_LOCAL ? PASS : TOLD;
        for (int argument = 0; argument < 6; argument++)
            for (uint64_t value = 1; value != 0; value <<= 1) {
                int got =
                    verdict(&f, AUDIT_ARCH_X86_64, number, argument, value);
                if (got != expected)
                    fprintf(stderr, "call %d ", number);
                CU_ASSERT_EQUAL_FATAL(got, expected);
            }
    }
}

static void other_kinds_are_killed(void)
{
    struct filter f = filter_of();
    for (int number = -2; number < NUMBERS; number++) {
        CU_ASSERT_EQUAL(verdict(&f, ARCH_OTHER, number, 0, 0), KILLED);
        if (number >= 0)
            CU_ASSERT_EQUAL(
                verdict(&f, AUDIT_ARCH_X86_64, number | 0x40000000, 0, 0),
                KILLED);
    }
    CU_ASSERT_EQUAL(verdict(&f, AUDIT_ARCH_X86_64, 0x7fffffff, 0, 0), KILLED);
    /* Of no kind at all; the kernel says -ENOSYS. */
    CU_ASSERT_EQUAL(verdict(&f, AUDIT_ARCH_X86_64, -1, 0, 0), TOLD);
    CU_ASSERT_EQUAL(verdict(&f, AUDIT_ARCH_X86_64, INT32_MIN, 0, 0), TOLD);
    CU_ASSERT_EQUAL(verdict(&f, AUDIT_ARCH_X86_64, 0x3fffffff, 0, 0), TOLD);
}

/* Every local call within so many instructions. */
static void the_tree_is_flat(void)
{
    struct filter f = filter_of();
    int most = 0;
    CU_ASSERT(f.count < SANDBOX_FILTER_MAX);
    for (int number = 0; number < NUMBERS; number++) {
        struct seccomp_data data = {.nr = number, .arch = AUDIT_ARCH_X86_64};
        int steps = 0;
        CU_ASSERT_NOT_EQUAL(run(&f, &data, &steps), 0);
        if (!depends(number) && steps > most)
            most = steps;
    }
    printf("%zu instructions, at most %d run ", f.count, most);
    CU_ASSERT(most <= STEPS_MAX);
}

/* ---- By argument. -------------------------------------------------------- */

static void only_plain_memory_is_mapped(void)
{
    const uint64_t plain = MAP_PRIVATE | MAP_ANONYMOUS;
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain), PASS);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_FIXED | MAP_NORESERVE), PASS);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_STACK | MAP_GROWSDOWN), PASS);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, MAP_PRIVATE), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, MAP_ANONYMOUS), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, MAP_SHARED | MAP_ANONYMOUS), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_SHARED), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_SHARED_VALIDATE), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_HUGETLB), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_LOCKED), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_SYNC), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | MAP_UNINITIALIZED), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, plain | UINT64_C(1) << 32), TOLD);
    CU_ASSERT_EQUAL(say(SYS_mmap, 3, 0), TOLD);
}

static void advice_that_stays_is_told(void)
{
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_DONTNEED), PASS);
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_FREE), PASS);
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_HUGEPAGE), PASS);
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_MERGEABLE), TOLD);
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_HWPOISON), TOLD);
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_WIPEONFORK), TOLD);
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_DONTFORK), TOLD);
    CU_ASSERT_EQUAL(say(SYS_madvise, 2, MADV_REMOVE), TOLD);
}

static void futexes_without_owner_pass(void)
{
    CU_ASSERT_EQUAL(say(SYS_futex, 1, FUTEX_WAIT), PASS);
    CU_ASSERT_EQUAL(say(SYS_futex, 1, FUTEX_WAKE_PRIVATE), PASS);
    CU_ASSERT_EQUAL(
        say(SYS_futex, 1, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME),
        PASS);
    CU_ASSERT_EQUAL(say(SYS_futex, 1, FUTEX_LOCK_PI), TOLD);
    CU_ASSERT_EQUAL(say(SYS_futex, 1, FUTEX_LOCK_PI_PRIVATE), TOLD);
    CU_ASSERT_EQUAL(say(SYS_futex, 1, FUTEX_CMP_REQUEUE_PI_PRIVATE), TOLD);
    CU_ASSERT_EQUAL(say(SYS_futex, 1, FUTEX_FD), TOLD);
}

static void clocks_of_nobody_pass(void)
{
    CU_ASSERT_EQUAL(say(SYS_clock_gettime, 0, CLOCK_REALTIME), PASS);
    CU_ASSERT_EQUAL(say(SYS_clock_gettime, 0, CLOCK_MONOTONIC), PASS);
    CU_ASSERT_EQUAL(say(SYS_clock_gettime, 0, CLOCK_BOOTTIME), PASS);
    CU_ASSERT_EQUAL(say(SYS_clock_gettime, 0, CLOCK_PROCESS_CPUTIME_ID), TOLD);
    CU_ASSERT_EQUAL(say(SYS_clock_gettime, 0, CLOCK_THREAD_CPUTIME_ID), TOLD);
    CU_ASSERT_EQUAL(say(SYS_clock_gettime, 0, (uint64_t)-6), TOLD);
    CU_ASSERT_EQUAL(say(SYS_setitimer, 0, ITIMER_REAL), TOLD);
    CU_ASSERT_EQUAL(say(SYS_setitimer, 0, ITIMER_VIRTUAL), PASS);
    CU_ASSERT_EQUAL(say(SYS_getitimer, 0, ITIMER_PROF), PASS);
    CU_ASSERT_EQUAL(say(SYS_getitimer, 0, 3), TOLD);
}

static void segment_bases_pass(void)
{
    CU_ASSERT_EQUAL(say(SYS_arch_prctl, 0, ARCH_SET_FS), PASS);
    CU_ASSERT_EQUAL(say(SYS_arch_prctl, 0, ARCH_GET_GS), PASS);
    CU_ASSERT_EQUAL(say(SYS_arch_prctl, 0, ARCH_MAP_VDSO_64), TOLD);
    CU_ASSERT_EQUAL(say(SYS_arch_prctl, 0, ARCH_SET_CPUID), TOLD);
}

SUITE_MAIN("filter of a sandbox",
           {"local calls pass, and no others", local_calls_pass_and_no_others},
           {"calls of other kinds are killed", other_kinds_are_killed},
           {"sixteen instructions decide", the_tree_is_flat},
           {"only plain memory is mapped", only_plain_memory_is_mapped},
           {"advice that the kernel keeps is told", advice_that_stays_is_told},
           {"futexes without an owner pass", futexes_without_owner_pass},
           {"clocks and timers of nobody pass", clocks_of_nobody_pass},
           {"segment bases pass", segment_bases_pass})
