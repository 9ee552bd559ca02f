#include "pages.h"

#include <stdint.h>
#include <sys/mman.h>

enum { HUGE_BYTES = 2 << 20 };

static size_t rounded(size_t bytes)
{
    return (bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
}

/* Huge pages lie at multiples of their size, so one more is mapped and what
 * stands out at both ends is given back. */
void *pages_take(size_t bytes)
{
    size_t whole = rounded(bytes);
    char *mapped = mmap(NULL, whole + HUGE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    size_t before = (HUGE_BYTES - (uintptr_t)mapped % HUGE_BYTES) % HUGE_BYTES;
    if (before > 0)
        munmap(mapped, before);
    munmap(mapped + before + whole, HUGE_BYTES - before);
    madvise(mapped + before, whole, MADV_HUGEPAGE);
    return mapped + before;
}

void pages_give(void *pages, size_t bytes)
{
    if (pages)
        munmap(pages, rounded(bytes));
}

void pages_advise(const void *memory, size_t bytes)
{
    uintptr_t first = rounded((uintptr_t)memory);
    uintptr_t end = ((uintptr_t)memory + bytes) / HUGE_BYTES * HUGE_BYTES;
    if (first < end)
        madvise((void *)first, end - first, MADV_HUGEPAGE);
}
