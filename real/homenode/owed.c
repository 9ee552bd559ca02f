/* owed.c - see owed.h. */
#include "owed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 4096, WORD_BITS = 64 };

/* Two areas, if more lies between two runs. */
#define GAP_BYTES (UINT64_C(1) << 20)

static size_t words_of(uint64_t pages)
{
    return (size_t)((pages + WORD_BITS - 1) / WORD_BITS);
}

static bool has(const uint64_t *bits, uint64_t page)
{
    return (bits[page / WORD_BITS] >> page % WORD_BITS & 1) != 0;
}

static void set(uint64_t *bits, uint64_t page)
{
    bits[page / WORD_BITS] |= UINT64_C(1) << page % WORD_BITS;
}

static void clear(uint64_t *bits, uint64_t page)
{
    bits[page / WORD_BITS] &= ~(UINT64_C(1) << page % WORD_BITS);
}

static uint64_t end_of(const struct owed_area *area)
{
    return area->here + area->pages * PAGE_BYTES;
}

static void free_bits(struct owed_area *area)
{
    free(area->missing);
    free(area->asked);
}

/* A new last one, with no bit set; NULL without memory. */
static struct owed_area *add_area(struct owed *o,
                                  uint64_t here,
                                  uint64_t there,
                                  uint64_t pages)
{
    if (o->count == o->room) {
        size_t room = o->room > 0 ? 2 * o->room : 16;
        struct owed_area *grown =
            reallocarray(o->areas, room, sizeof *o->areas);
        if (!grown)
            return NULL;
        o->areas = grown;
        o->room = room;
    }
    struct owed_area area = {
        .here = here,
        .there = there,
        .pages = pages,
        .missing = calloc(words_of(pages), sizeof(uint64_t)),
        .asked = calloc(words_of(pages), sizeof(uint64_t)),
    };
    if (!area.missing || !area.asked) {
        free_bits(&area);
        return NULL;
    }
    o->areas[o->count] = area;
    return &o->areas[o->count++];
}

int owed_make(struct owed *ret, const struct runs *runs)
{
    *ret = (struct owed){0};
    for (size_t i = 0; i < runs->count;) {
        uint64_t start = runs->runs[i].start;
        uint64_t end = start;
        size_t behind = i;
        for (; behind < runs->count &&
               runs->runs[behind].start - end <= GAP_BYTES;
             behind++)
            end = runs->runs[behind].start + runs->runs[behind].bytes;
        struct owed_area *area =
            add_area(ret, start, start, (end - start) / PAGE_BYTES);
        if (!area) {
            owed_finish(ret);
            return -ENOMEM;
        }
        for (; i < behind; i++) {
            uint64_t first = (runs->runs[i].start - start) / PAGE_BYTES;
            uint64_t pages = runs->runs[i].bytes / PAGE_BYTES;
            for (uint64_t page = first; page < first + pages; page++)
                set(area->missing, page);
            ret->missing_pages += pages;
        }
    }
    return 0;
}

void owed_finish(struct owed *o)
{
    for (size_t i = 0; i < o->count; i++)
        free_bits(&o->areas[i]);
    free(o->areas);
    *o = (struct owed){0};
}

/* The first that ends behind the address. */
static size_t find(const struct owed *o, uint64_t here)
{
    size_t low = 0;
    size_t high = o->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (end_of(&o->areas[middle]) <= here)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool owed_is_missing(const struct owed *o, uint64_t here)
{
    size_t i = find(o, here);
    return i < o->count && o->areas[i].here <= here &&
           has(o->areas[i].missing, (here - o->areas[i].here) / PAGE_BYTES);
}

void owed_forget(struct owed *o, uint64_t here, uint64_t bytes)
{
    uint64_t end = here + bytes;
    for (size_t i = find(o, here); i < o->count && o->areas[i].here < end;
         i++) {
        struct owed_area *area = &o->areas[i];
        uint64_t from = here > area->here ? here : area->here;
        uint64_t to = end < end_of(area) ? end : end_of(area);
        for (uint64_t at = from; at < to; at += PAGE_BYTES) {
            uint64_t page = (at - area->here) / PAGE_BYTES;
            o->missing_pages -= has(area->missing, page);
            clear(area->missing, page);
            clear(area->asked, page);
        }
    }
}

static int by_here(const void *a, const void *b)
{
    const struct owed_area *left = a;
    const struct owed_area *right = b;
    return (left->here > right->here) - (left->here < right->here);
}

static void sort(struct owed *o)
{
    if (o->count > 0)
        qsort(o->areas, o->count, sizeof *o->areas, by_here);
}

/* No area lies on both sides of the address. */
static int cut(struct owed *o, uint64_t here)
{
    size_t i = find(o, here);
    if (i == o->count || o->areas[i].here >= here)
        return 0;
    uint64_t first = (here - o->areas[i].here) / PAGE_BYTES;
    struct owed_area *tail =
        add_area(o, here, o->areas[i].there + first * PAGE_BYTES,
                 o->areas[i].pages - first);
    if (!tail)
        return -ENOMEM;
    struct owed_area *head = &o->areas[i];
    for (uint64_t page = 0; page < tail->pages; page++) {
        if (has(head->missing, first + page))
            set(tail->missing, page);
        if (has(head->asked, first + page))
            set(tail->asked, page);
    }
    head->pages = first;
    sort(o);
    return 0;
}

static void drop_areas(struct owed *o, uint64_t here, uint64_t end)
{
    size_t kept = 0;
    owed_forget(o, here, end - here);
    for (size_t i = 0; i < o->count; i++) {
        struct owed_area *area = &o->areas[i];
        if (area->here >= here && end_of(area) <= end)
            free_bits(area);
        else
            o->areas[kept++] = *area;
    }
    o->count = kept;
}

int owed_move(struct owed *o, uint64_t from, uint64_t to, uint64_t bytes)
{
    const uint64_t cuts[] = {from, from + bytes, to, to + bytes};
    int error = 0;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0] && !error; i++)
        error = cut(o, cuts[i]);
    if (error)
        return error;
    drop_areas(o, to, to + bytes);
    for (size_t i = 0; i < o->count; i++) {
        struct owed_area *area = &o->areas[i];
        if (area->here >= from && area->here < from + bytes)
            area->here = area->here - from + to;
    }
    sort(o);
    return 0;
}

/* Bits of one word, from that page on, of what may be asked for. */
static uint64_t askable(const struct owed_area *area, uint64_t page)
{
    size_t word = page / WORD_BITS;
    unsigned before = page % WORD_BITS;
    return (area->missing[word] & ~area->asked[word]) >> before << before;
}

/* The first page from there on; area->pages: none. */
static uint64_t next_page(const struct owed_area *area, uint64_t page)
{
    while (page < area->pages) {
        uint64_t bits = askable(area, page);
        uint64_t first = page / WORD_BITS * WORD_BITS;
        if (bits)
            return first + (uint64_t)__builtin_ctzll(bits);
        page = first + WORD_BITS;
    }
    return area->pages;
}

size_t owed_ask(struct owed *o,
                uint64_t here,
                uint64_t end,
                struct run *ret,
                size_t runs_max,
                uint64_t bytes_max,
                uint64_t *ret_here)
{
    size_t count = 0;
    uint64_t bytes = 0;
    *ret_here = here;
    for (size_t i = find(o, here); i < o->count && o->areas[i].here < end;
         i++) {
        struct owed_area *area = &o->areas[i];
        uint64_t page =
            here > area->here ? (here - area->here) / PAGE_BYTES : 0;
        for (page = next_page(area, page);
             page < area->pages && area->here + page * PAGE_BYTES < end &&
             bytes < bytes_max;
             page = next_page(area, page + 1)) {
            uint64_t there = area->there + page * PAGE_BYTES;
            bool joins = count > 0 &&
                         ret[count - 1].start + ret[count - 1].bytes == there;
            /* One record is in ascending order there, too. */
            bool descends = count > 0 && there < ret[count - 1].start;
            if (!joins && (count == runs_max || descends))
                return count;
            if (joins)
                ret[count - 1].bytes += PAGE_BYTES;
            else
                ret[count++] = (struct run){there, PAGE_BYTES};
            set(area->asked, page);
            bytes += PAGE_BYTES;
            *ret_here = area->here + (page + 1) * PAGE_BYTES;
        }
        if (bytes >= bytes_max)
            return count;
    }
    return count;
}

void owed_ask_again(struct owed *o)
{
    for (size_t i = 0; i < o->count; i++)
        memset(o->areas[i].asked, 0,
               words_of(o->areas[i].pages) * sizeof(uint64_t));
}

uint64_t owed_here(const struct owed *o, uint64_t there)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct owed_area *area = &o->areas[i];
        uint64_t page = (there - area->there) / PAGE_BYTES;
        if (there >= area->there && page < area->pages)
            return has(area->missing, page) ? area->here + page * PAGE_BYTES
                                            : 0;
    }
    return 0;
}
