/* torture_memory.c - memory, code and registers that must arrive as they left.
 */
#include "torture.h"

#include <fenv.h>
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PAGE = 4096, MIB = 1024 * 1024 };

/* A fifth of it is written anew in each round, at other places each time. */
int torture_heap(long length, long argument)
{
    size_t words = (size_t)(argument ? argument : 64) * MIB / sizeof(uint64_t);
    size_t pages = words * sizeof(uint64_t) / PAGE, per_page = PAGE / 8;
    uint64_t *heap = malloc(words * sizeof *heap), state = 1, sum = 0;
    if (!heap)
        return torture_wrong("heap", 1, 0);
    for (size_t i = 0; i < words; i++)
        heap[i] = i;
    for (long round = 0; round < length; round++) {
        state = torture_work(state);
        for (size_t i = 0; i < pages / 5; i++) {
            size_t page = (i * 5 + (size_t)round) % pages;
            for (size_t k = 0; k < per_page; k++)
                heap[page * per_page + k] += page + k;
        }
    }
    for (size_t i = 0; i < words; i++)
        sum = torture_next(sum ^ heap[i]);
    free(heap);
    return torture_right("heap", sum ^ state);
}

/* Every frame is looked at again on the way back. */
static uint64_t descend(long depth, long work_every, uint64_t state)
{
    volatile uint64_t frame[PAGE / sizeof(uint64_t)];
    for (size_t i = 0; i < sizeof frame / sizeof *frame; i++)
        frame[i] = state + i;
    uint64_t below =
        depth ? descend(depth - 1, work_every, state ^ (uint64_t)depth) : 1;
    if (depth % work_every == 0)
        below = torture_work(below);
    for (size_t i = 0; i < sizeof frame / sizeof *frame; i++)
        below = torture_next(below ^ (frame[i] - state - i));
    return below;
}

int torture_stack(long length, long argument)
{
    long depth = (argument ? argument : 64) * MIB / (PAGE + 256);
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit))
        return torture_wrong("getrlimit", 0, -1);
    limit.rlim_cur = (rlim_t)(argument ? argument : 64) * MIB + 8 * MIB;
    if (setrlimit(RLIMIT_STACK, &limit))
        return EXIT_SKIPPED;
    return torture_right("stack", descend(depth, depth / length + 1, 3));
}

/* Pages next to each other with other rights, so that each is its own mapping;
 * some come and go, move and change in every round. */
int torture_mmaps(long length, long argument)
{
    size_t count = argument ? (size_t)argument : 10000;
    uint64_t **pages = calloc(count, sizeof *pages), sum = 0, state = 1;
    for (size_t i = 0; i < count; i++) {
        pages[i] = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages[i] == MAP_FAILED)
            return torture_wrong("mmap", (long)count, (long)i);
        pages[i][0] = pages[i][PAGE / 8] = i;
        mprotect((char *)pages[i] + PAGE, PAGE, PROT_READ);
    }
    for (long round = 0; round < length; round++) {
        state = torture_work(state);
        for (size_t i = (size_t)round; i < count; i += 17) {
            uint64_t kept = pages[i][0], second = pages[i][PAGE / 8];
            munmap(pages[i], 2 * PAGE);
            pages[i] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            pages[i] = mremap(pages[i], PAGE, 2 * PAGE, MREMAP_MAYMOVE);
            pages[i][0] = kept + 1;
            pages[i][PAGE / 8] = second;
            mprotect((char *)pages[i] + PAGE, PAGE, PROT_READ);
        }
        madvise(pages[round], PAGE, MADV_DONTNEED);
    }
    for (size_t i = 0; i < count; i++) {
        if (pages[i][PAGE / 8] != i)
            return torture_wrong("mmaps", (long)i, (long)pages[i][PAGE / 8]);
        sum = torture_next(sum ^ pages[i][0]);
    }
    return torture_right("mmaps", sum ^ state);
}

/* mov $value, %eax; ret: written, called, written again. */
int torture_code(long length, long argument)
{
    (void)argument;
    unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return torture_wrong("mmap", 0, -1);
    uint64_t sum = 0;
    for (uint32_t value = 0; value < (uint32_t)length * 100000; value++) {
        page[0] = 0xb8;
        memcpy(page + 1, &value, sizeof value);
        page[5] = 0xc3;
        uint32_t (*function)(void);
        memcpy(&function, &page, sizeof function);
        uint32_t got = function();
        if (got != value)
            return torture_wrong("code", value, got);
        sum = torture_next(sum ^ got);
        if (value % 100000 == 0)
            sum = torture_work(sum);
    }
    return torture_right("code", sum);
}

/* The values are nowhere but in zmm and mask registers while it works. */
__attribute__((target("avx512f,avx512bw"))) int torture_vectors(long length,
                                                                long argument)
{
    (void)argument;
    if (!__builtin_cpu_supports("avx512f") ||
        !__builtin_cpu_supports("avx512bw"))
        return EXIT_SKIPPED;
    __m512i sum = _mm512_set_epi64(1, 2, 3, 4, 5, 6, 7, 8), high = sum;
    const __m512i step = _mm512_set_epi64(3, 5, 7, 11, 13, 17, 19, 23);
    __mmask64 mask = 0x8000000000000001;
    for (long i = 0; i < length; i++) {
        for (int k = 0; k < 40 * 1000 * 1000; k++) {
            sum = _mm512_mask_add_epi64(sum, (__mmask8)mask, sum, step);
            high = _mm512_xor_epi64(high, sum);
            mask = _kadd_mask64(mask, 3);
            __asm__ volatile("" : "+v"(sum), "+v"(high), "+k"(mask));
        }
    }
    uint64_t parts[16], all = mask;
    memcpy(parts, &sum, sizeof sum);
    memcpy(parts + 8, &high, sizeof high);
    for (size_t i = 0; i < 16; i++)
        all = torture_next(all ^ parts[i]);
    return torture_right("vectors", all);
}

/* Rounding upwards, and exceptions that were seen, go where it goes. */
int torture_rounding(long length, long argument)
{
    (void)argument;
    uint64_t state = 1;
    volatile double third = 0;
    volatile long double extended = 0;
    for (long i = 0; i < length; i++) {
        int mode = (const int[]){FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}[i % 3];
        fesetround(mode);
        feclearexcept(FE_ALL_EXCEPT);
        third = 1.0;
        third /= 3.0;
        extended = (long double)third / 7.0L;
        state = torture_work(state);
        if (fegetround() != mode)
            return torture_wrong("rounding", mode, fegetround());
        if (!fetestexcept(FE_INEXACT))
            return torture_wrong("exceptions", FE_INEXACT, 0);
        volatile double again = 1.0;
        again /= 3.0;
        if (again != third || extended != (long double)again / 7.0L)
            return torture_wrong("third", 1, 0);
    }
    return torture_right("rounding", state);
}

int torture_shared(long length, long argument)
{
    (void)argument;
    uint64_t *shared = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return torture_wrong("mmap", 0, -1);
    shared[0] = 1;
    for (long i = 0; i < length; i++)
        shared[0] = torture_work(shared[0]);
    return torture_right("shared", shared[0]);
}
