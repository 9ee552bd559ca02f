/* test_calls_rows.c - the table of calls is sound, and as the kernel has it. */
#include "../suite.h"

#include <stdio.h>
#include <sys/syscall.h>

#include "real/homenode/calls.h"

/* Names and numbers as the kernel's own header has them. */
static void test_rows_against_header(void)
{
    FILE *file = fopen("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "re");
    char line[256];
    int seen = 0;
    if (!file)
        file = fopen("/usr/include/asm/unistd_64.h", "re");
    if (!file) {
        puts("skipped: asm/unistd_64.h is not installed");
        return;
    }
    while (fgets(line, sizeof line, file)) {
        char name[128];
        int number;
        if (sscanf(line, "#define __NR_%127s %d", name, &number) != 2)
            continue;
        const struct call *row = call_of(number);
        if (!row && number > 469)
            continue; /* Newer than this table. */
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        CU_ASSERT_STRING_EQUAL(row->name, name);
        seen++;
    }
    fclose(file);
    CU_ASSERT(seen > 350);
}

static void check_argument(const struct call *row, unsigned index)
{
    const struct call_argument *a = &row->arguments[index];
    CU_ASSERT(a->shape < SHAPE_KINDS);
    CU_ASSERT(a->counted <= COUNT_POINTED);
    CU_ASSERT(a->count < 6);
    if (a->counted == COUNT_POINTED) {
        CU_ASSERT(row->arguments[a->count].shape == SHAPE_BOTH &&
                  row->arguments[a->count].bytes == 4);
    } else if (a->counted != COUNT_FIXED || a->shape == SHAPE_COMMAND) {
        CU_ASSERT_EQUAL(row->arguments[a->count].shape, SHAPE_VALUE);
    }
    if (a->counted == COUNT_FIXED &&
        (a->shape == SHAPE_IN || a->shape == SHAPE_OUT ||
         a->shape == SHAPE_BOTH))
        CU_ASSERT(a->bytes > 0);
    if (a->shape == SHAPE_READ || a->shape == SHAPE_WRITE)
        CU_ASSERT(a->bytes > 0 && a->counted != COUNT_FIXED);
    /* Arguments have no gaps. */
    if (index > 0 && a->shape != SHAPE_NONE)
        CU_ASSERT_NOT_EQUAL(row->arguments[index - 1].shape, SHAPE_NONE);
}

static void test_rows(void)
{
    size_t count;
    const struct call *rows = calls_all(&count);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_PTR_EQUAL(call_of(rows[i].number), &rows[i]);
        CU_ASSERT(i == 0 || rows[i - 1].number < rows[i].number);
        CU_ASSERT(rows[i].call_class < CALL_CLASSES);
        CU_ASSERT_EQUAL(rows[i].call_class == CALL_SPECIAL,
                        rows[i].special != SPECIAL_NONE);
        CU_ASSERT(rows[i].call_class == CALL_FORWARDED || rows[i].why);
        CU_ASSERT_PTR_NOT_NULL(call_why_home(rows[i].number));
        for (unsigned k = 0; k < 6; k++)
            check_argument(&rows[i], k);
    }
    CU_ASSERT_PTR_NULL(call_of(-1));
    CU_ASSERT_PTR_NULL(call_of(336));
    CU_ASSERT_PTR_NULL(call_of(423));
    CU_ASSERT_PTR_NULL(call_of(100000));
    CU_ASSERT_PTR_NULL(call_of(INT64_MIN));
    CU_ASSERT_PTR_NOT_NULL(call_why_home(100000));
    const struct call_local *locals = calls_local(&count);
    for (size_t i = 0; i < count; i++) {
        const struct call *row = call_of(locals[i].number);
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        CU_ASSERT_NOT_EQUAL(row->call_class, CALL_LOCAL);
        CU_ASSERT(locals[i].argument < 6);
        CU_ASSERT_EQUAL(locals[i].value & ~locals[i].mask, 0);
    }
}

/* What passes the filter takes no path, no descriptor and no other process: of
 * those that do, none is local, whatever the arguments. */
static void test_locals(void)
{
    uint64_t map[6] = {0, 4096, 3, 0x22, UINT64_MAX, 0};
    CU_ASSERT(call_is_local(SYS_mmap, map));
    static const uint64_t flags[] = {0x21,
                                     0x02,
                                     0x32 & 0x12,
                                     0x40022 /* MAP_HUGETLB */,
                                     0x2022 /* MAP_LOCKED */,
                                     0x28 /* MAP_DROPPABLE */,
                                     0x80022 /* SYNC */};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        map[3] = flags[i];
        CU_ASSERT_FALSE(call_is_local(SYS_mmap, map));
    }
    uint64_t futex[6] = {0, 128 | 9 | 256};
    CU_ASSERT(call_is_local(SYS_futex, futex));
    futex[1] = 128 | 6; /* FUTEX_LOCK_PI */
    CU_ASSERT_FALSE(call_is_local(SYS_futex, futex));
    uint64_t clock[6] = {1};
    CU_ASSERT(call_is_local(SYS_clock_gettime, clock));
    clock[0] = 2; /* CLOCK_PROCESS_CPUTIME_ID */
    CU_ASSERT_FALSE(call_is_local(SYS_clock_gettime, clock));
    clock[0] = UINT64_C(0xffffffffffffffea); /* CPU time of another. */
    CU_ASSERT_FALSE(call_is_local(SYS_clock_gettime, clock));
    uint64_t advice[6] = {0, 4096, 12}; /* MADV_MERGEABLE */
    CU_ASSERT_FALSE(call_is_local(SYS_madvise, advice));
    size_t count;
    const struct call *rows = calls_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].call_class != CALL_LOCAL)
            continue;
        for (unsigned k = 0; k < 6; k++)
            CU_ASSERT_EQUAL(rows[i].arguments[k].shape, SHAPE_NONE);
    }
}

SUITE_MAIN("calls, rows",
           {"rows are as in the kernel's header", test_rows_against_header},
           {"rows are sound", test_rows},
           {"what passes the filter is the process's own", test_locals})
