/* sandbox_filter.c - see sandbox_filter.h.
 *
 * A decision tree: six comparisons find the call among 512 numbers. Kernels
 * since 5.11 remember which numbers always pass, so that these do not run it.
 */
#include "sandbox_filter.h"

#include <asm/prctl.h>
#include <assert.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "calls.h"

enum {
    X32_BIT = 0x40000000,
    VALUES_MAX = 24,
    JUMP_MAX = 255,
    ANY = -1,          /* Of a rule: whatever its arguments are. */
    FUTEX_WAITV = 449, /* Kernel headers of 6.1 do not know the others. */
    FUTEX2_WAKE = 454,
    FUTEX2_WAIT = 455,
    FUTEX2_REQUEUE = 456,
};

/* Numbers from here on are negative: there is no such call, in any kernel. */
#define NEGATIVE UINT32_C(0x80000000)

/* Lets a call pass if one argument is among these values; or, without values,
 * has all bits of `must` and none but these and `may`. The upper half of the
 * argument must be 0. */
struct rule
{
    int number;
    int argument; /* ANY */
    uint32_t must;
    uint32_t may;
    uint32_t values[VALUES_MAX];
    size_t value_count;
};

/* By number: what may pass, if the table of calls says so too. Whatever the
 * arguments, if the call is local there; else those calls that are not to be
 * forwarded or refused, with the arguments that make them local. So a mistake
 * in one of the two places lets nothing pass.
 *
 * Not here though they are about the caller alone: a futex with priority
 * inheritance holds the process number that home has given; madvise() that the
 * kernel keeps would be lost with the next move, and some offers pages for
 * sharing, whose timing tells what others have. */
static const struct rule rules[] = {
    {.number = SYS_mmap,
     .argument = 3,
     .must = MAP_PRIVATE | MAP_ANONYMOUS,
     .may = MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_NORESERVE | MAP_STACK |
            MAP_GROWSDOWN | MAP_POPULATE | MAP_32BIT | MAP_DENYWRITE},
    {.number = SYS_mprotect, .argument = ANY},
    {.number = SYS_munmap, .argument = ANY},
    {.number = SYS_brk, .argument = ANY},
    {.number = SYS_rt_sigaction, .argument = ANY},
    {.number = SYS_rt_sigprocmask, .argument = ANY},
    {.number = SYS_rt_sigreturn, .argument = ANY},
    {.number = SYS_sched_yield, .argument = ANY},
    {.number = SYS_mremap, .argument = ANY},
    {.number = SYS_msync, .argument = ANY},
    {.number = SYS_mincore, .argument = ANY},
    {.number = SYS_madvise,
     .argument = 2,
     .values = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
                MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
                MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ,
                MADV_POPULATE_WRITE},
     .value_count = 12},
    {.number = SYS_pause, .argument = ANY},
    {.number = SYS_getitimer,
     .argument = 0,
     .values = {ITIMER_VIRTUAL, ITIMER_PROF},
     .value_count = 2},
    {.number = SYS_setitimer,
     .argument = 0,
     .values = {ITIMER_VIRTUAL, ITIMER_PROF},
     .value_count = 2},
    {.number = SYS_gettimeofday, .argument = ANY},
    {.number = SYS_rt_sigpending, .argument = ANY},
    {.number = SYS_rt_sigtimedwait, .argument = ANY},
    {.number = SYS_rt_sigsuspend, .argument = ANY},
    {.number = SYS_sigaltstack, .argument = ANY},
    {.number = SYS_munlock, .argument = ANY},
    {.number = SYS_munlockall, .argument = ANY},
    {.number = SYS_arch_prctl,
     .argument = 0,
     .values = {ARCH_SET_GS, ARCH_SET_FS, ARCH_GET_FS, ARCH_GET_GS},
     .value_count = 4},
    {.number = SYS_time, .argument = ANY},
    {.number = SYS_futex,
     .argument = 1,
     .values = {FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE,
                FUTEX_WAKE_OP, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET,
                FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE, FUTEX_REQUEUE_PRIVATE,
                FUTEX_CMP_REQUEUE_PRIVATE, FUTEX_WAKE_OP_PRIVATE,
                FUTEX_WAIT_BITSET_PRIVATE, FUTEX_WAKE_BITSET_PRIVATE,
                FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME,
                FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME},
     .value_count = 16},
    /* The kernel makes it for a wait that passed and was interrupted. */
    {.number = SYS_restart_syscall, .argument = ANY},
    {.number = SYS_clock_gettime,
     .argument = 0,
     .values = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
                CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
                CLOCK_TAI},
     .value_count = 7},
    {.number = SYS_set_robust_list, .argument = ANY},
    {.number = SYS_getcpu, .argument = ANY},
    {.number = SYS_getrandom, .argument = ANY},
    {.number = SYS_rseq, .argument = ANY},
    {.number = FUTEX_WAITV, .argument = ANY},
    {.number = FUTEX2_WAKE, .argument = ANY},
    {.number = FUTEX2_WAIT, .argument = ANY},
    {.number = FUTEX2_REQUEUE, .argument = ANY},
};

enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

/* Numbers from here up to the next leaf are treated alike. */
struct leaf
{
    uint32_t first;
    const struct rule *rule; /* NULL: told. */
    bool kills;
};

struct tree
{
    struct leaf leaves[2 * RULE_COUNT + 3];
    size_t leaf_count;
    struct sock_filter *code;
    size_t count;
};

static void emit(struct tree *t, struct sock_filter instruction)
{
    assert(t->count < SANDBOX_FILTER_MAX);
    t->code[t->count++] = instruction;
}

static void emit_load(struct tree *t, size_t offset)
{
    emit(t, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                         (uint32_t)offset));
}

/* Go `yes` or `no` instructions further on. */
static void emit_jump(struct tree *t,
                      int how,
                      uint32_t k,
                      size_t yes,
                      size_t no)
{
    assert(yes <= JUMP_MAX);
    assert(no <= JUMP_MAX);
    emit(t, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | how | BPF_K), k,
                                         (uint8_t)yes, (uint8_t)no));
}

static void emit_end(struct tree *t, uint32_t action)
{
    emit(t, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static size_t argument_at(int argument)
{
    return offsetof(struct seccomp_data, args) +
           (size_t)argument * sizeof(uint64_t);
}

static void emit_rule(struct tree *t, const struct rule *rule)
{
    if (!rule || rule->argument == ANY) {
        emit_end(t, rule ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF);
        return;
    }
    emit_load(t, argument_at(rule->argument) + sizeof(uint32_t));
    emit_jump(t, BPF_JEQ, 0, 1, 0);
    emit_end(t, SECCOMP_RET_USER_NOTIF);
    emit_load(t, argument_at(rule->argument));
    if (rule->value_count > 0) {
        for (size_t i = 0; i < rule->value_count; i++)
            emit_jump(t, BPF_JEQ, rule->values[i], rule->value_count - i, 0);
    } else {
        uint32_t known = rule->must | rule->may;
        emit_jump(t, BPF_JSET, ~known, 2, 0);
        emit(t, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
                                             rule->must));
        emit_jump(t, BPF_JEQ, rule->must, 1, 0);
    }
    emit_end(t, SECCOMP_RET_USER_NOTIF);
    emit_end(t, SECCOMP_RET_ALLOW);
}

/* Decide among leaves from `first` on, the call's number being loaded. */
static void emit_tree(struct tree *t, size_t first, size_t end)
{
    if (first + 1 == end) {
        if (t->leaves[first].kills)
            emit_end(t, SECCOMP_RET_KILL_PROCESS);
        else
            emit_rule(t, t->leaves[first].rule);
        return;
    }
    size_t middle = first + (end - first) / 2;
    size_t at = t->count;
    emit_jump(t, BPF_JGE, t->leaves[middle].first, 0, 0);
    emit_tree(t, first, middle);
    size_t left = t->count - at - 1;
    assert(left <= JUMP_MAX);
    t->code[at].jt = (uint8_t)left;
    emit_tree(t, middle, end);
}

static bool alike(const struct rule *a, const struct rule *b)
{
    return a == b || (a && b && a->argument == ANY && b->argument == ANY);
}

static void add_leaf(struct tree *t, int first, const struct rule *rule)
{
    if (t->leaf_count > 0) {
        const struct leaf *last = &t->leaves[t->leaf_count - 1];
        if (last->first == (uint32_t)first)
            t->leaf_count--; /* It had no numbers. */
        last = t->leaf_count > 0 ? &t->leaves[t->leaf_count - 1] : NULL;
        if (last && alike(last->rule, rule))
            return;
    }
    t->leaves[t->leaf_count++] = (struct leaf){(uint32_t)first, rule, false};
}

static bool may_pass(const struct rule *rule)
{
    const struct call *call = call_of(rule->number);
    if (!call || rule->argument == ANY)
        return call && call->call_class == CALL_LOCAL;
    return call->call_class != CALL_FORWARDED &&
           call->call_class != CALL_REFUSED;
}

void sandbox_filter_build(struct sock_filter ret[SANDBOX_FILTER_MAX],
                          size_t *ret_count)
{
    struct tree tree = {.code = ret};
    add_leaf(&tree, 0, NULL);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        assert(i == 0 || rules[i - 1].number < rules[i].number);
        if (!may_pass(&rules[i]))
            continue;
        add_leaf(&tree, rules[i].number, &rules[i]);
        add_leaf(&tree, rules[i].number + 1, NULL);
    }
    tree.leaves[tree.leaf_count++] = (struct leaf){X32_BIT, NULL, true};
    tree.leaves[tree.leaf_count++] = (struct leaf){NEGATIVE, NULL, false};
    emit_load(&tree, offsetof(struct seccomp_data, arch));
    emit_jump(&tree, BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
    emit_end(&tree, SECCOMP_RET_KILL_PROCESS);
    emit_load(&tree, offsetof(struct seccomp_data, nr));
    emit_tree(&tree, 0, tree.leaf_count);
    *ret_count = tree.count;
}
