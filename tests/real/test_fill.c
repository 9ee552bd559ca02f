/* test_fill.c - the parts of post-copy: what is owed and asked for, what fills
 * the holes of a process from another one, and what a home may not answer. */
#include "../suite.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "real/homenode/owed.h"
#include "real/homenode/postcopy.h"
#include "real/homenode/stream_socket.h"

enum { PAGE = 4096, PAGES = 300, PATIENCE_US = 5000000 };

/* ---- What is owed. ------------------------------------------------------- */

static struct owed owed_of(const struct run *runs, size_t count)
{
    struct owed o;
    struct runs all = {0};
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL_FATAL(runs_add(&all, runs[i]), 0);
    CU_ASSERT_EQUAL_FATAL(owed_make(&o, &all), 0);
    runs_finish(&all);
    return o;
}

/* Two that lie close together, and one far away. */
static struct owed some_owed(void)
{
    const struct run runs[] = {
        {0x100000, 4 * PAGE}, {0x110000, 2 * PAGE}, {0x70000000, 3 * PAGE}};
    return owed_of(runs, 3);
}

static void each_page_is_owed_once(void)
{
    struct owed o = some_owed();
    CU_ASSERT_EQUAL(o.missing_pages, 9);
    CU_ASSERT(owed_is_missing(&o, 0x100000));
    CU_ASSERT(owed_is_missing(&o, 0x103000));
    CU_ASSERT(!owed_is_missing(&o, 0x104000));
    CU_ASSERT(owed_is_missing(&o, 0x111000));
    CU_ASSERT(!owed_is_missing(&o, 0xff000));
    owed_forget(&o, 0x103000, 0xe000); /* The last of one, one of the next. */
    CU_ASSERT_EQUAL(o.missing_pages, 7);
    owed_forget(&o, 0x103000, 0xe000);
    CU_ASSERT_EQUAL(o.missing_pages, 7);
    CU_ASSERT_EQUAL(owed_here(&o, 0x103000), 0);
    CU_ASSERT_EQUAL(owed_here(&o, 0x102000), 0x102000);
    owed_finish(&o);
}

static void questions_are_asked_once(void)
{
    struct owed o = some_owed();
    struct run asked[4];
    uint64_t next;
    CU_ASSERT_EQUAL_FATAL(
        owed_ask(&o, 0x101000, UINT64_MAX, asked, 4, 4 * PAGE, &next), 2);
    CU_ASSERT_EQUAL(asked[0].start, 0x101000);
    CU_ASSERT_EQUAL(asked[0].bytes, 3 * PAGE);
    CU_ASSERT_EQUAL(asked[1].start, 0x110000);
    CU_ASSERT_EQUAL(asked[1].bytes, PAGE);
    CU_ASSERT_EQUAL(next, 0x111000);
    CU_ASSERT_EQUAL_FATAL(
        owed_ask(&o, 0x100000, 0x112000, asked, 4, 64 * PAGE, &next), 2);
    CU_ASSERT_EQUAL(asked[0].start, 0x100000);
    CU_ASSERT_EQUAL(asked[0].bytes, PAGE);
    CU_ASSERT_EQUAL(asked[1].start, 0x111000);
    CU_ASSERT_EQUAL(owed_ask(&o, 0, 0x70000000, asked, 4, 64 * PAGE, &next), 0);
    owed_ask_again(&o);
    CU_ASSERT_EQUAL(owed_ask(&o, 0, UINT64_MAX, asked, 1, 64 * PAGE, &next), 1);
    CU_ASSERT_EQUAL(asked[0].bytes, 4 * PAGE);
    owed_finish(&o);
}

/* mremap(2) of the middle of the first: it is owed at the new place, from the
 * old one at home. What was owed at the new place is forgotten. */
static void what_moves_is_owed_elsewhere(void)
{
    struct owed o = some_owed();
    struct run asked[4];
    uint64_t next;
    CU_ASSERT_EQUAL(owed_move(&o, 0x101000, 0x70001000, 2 * PAGE), 0);
    CU_ASSERT_EQUAL(o.missing_pages, 7);
    CU_ASSERT(owed_is_missing(&o, 0x100000));
    CU_ASSERT(!owed_is_missing(&o, 0x101000));
    CU_ASSERT(owed_is_missing(&o, 0x103000));
    CU_ASSERT(owed_is_missing(&o, 0x70002000));
    CU_ASSERT_EQUAL(owed_here(&o, 0x101000), 0x70001000);
    CU_ASSERT_EQUAL(owed_here(&o, 0x70001000), 0);
    CU_ASSERT_EQUAL(owed_here(&o, 0x70000000), 0x70000000);
    /* One question is in ascending order there. */
    CU_ASSERT_EQUAL(
        owed_ask(&o, 0x70000000, UINT64_MAX, asked, 4, 64 * PAGE, &next), 1);
    CU_ASSERT_EQUAL(asked[0].start, 0x70000000);
    CU_ASSERT_EQUAL(owed_ask(&o, next, UINT64_MAX, asked, 4, 64 * PAGE, &next),
                    1);
    CU_ASSERT_EQUAL(asked[0].start, 0x101000);
    CU_ASSERT_EQUAL(asked[0].bytes, 2 * PAGE);
    owed_finish(&o);
}

/* ---- Home and host, both in this process. -------------------------------- */

/* Memory of this process without its pages, which a child has. */
struct pair
{
    uint8_t *memory;
    pid_t source;
    int ends[2];
    struct stream_socket buffered[2];
    struct stream streams[2];
    struct link *host;
    struct link *home;
    struct fill *fill;
    struct served served;
    struct incoming at_home;
    struct incoming at_host;
};

static uint8_t byte_of(size_t page)
{
    return (uint8_t)(page % 7 == 3 ? 0 : page % 251 + 1);
}

/* As many pages; some are zero, and the last of all is not there. */
static void fill_memory(struct pair *p)
{
    p->memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_FATAL(p->memory != MAP_FAILED);
    for (size_t i = 0; i < PAGES; i++)
        memset(p->memory + i * PAGE, byte_of(i), PAGE);
    p->source = fork();
    if (p->source == 0) {
        munmap(p->memory + (size_t)(PAGES - 1) * PAGE, PAGE);
        for (;;)
            pause();
    }
    CU_ASSERT_EQUAL(madvise(p->memory, (size_t)PAGES * PAGE, MADV_DONTNEED), 0);
}

/* False: there is no device. */
static bool begin(struct pair *p)
{
    *p = (struct pair){.source = -1};
    int device = postcopy_device();
    if (device < 0) {
        fprintf(stderr, "not tried: /dev/userfaultfd: %s\n", strerror(-device));
        return false;
    }
    fill_memory(p);
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->ends), 0);
    for (size_t i = 0; i < 2; i++) {
        stream_socket_init(&p->buffered[i], p->ends[i], PATIENCE_US);
        p->streams[i] = stream_socket_of(&p->buffered[i]);
    }
    CU_ASSERT_EQUAL_FATAL(link_create(&p->host, &p->streams[0], LINK_AT_HOST),
                          0);
    CU_ASSERT_EQUAL_FATAL(link_create(&p->home, &p->streams[1], LINK_AT_HOME),
                          0);
    uint64_t start = (uint64_t)(uintptr_t)p->memory;
    struct map map = {.start = start, .end = start + (uint64_t)PAGES * PAGE};
    struct maps maps = {.maps = &map, .count = 1};
    struct run all = {start, (uint64_t)PAGES * PAGE};
    struct runs owed = {0};
    CU_ASSERT_EQUAL_FATAL(runs_add(&owed, all), 0);
    int watcher = postcopy_watcher(device);
    CU_ASSERT_FATAL(watcher >= 0);
    CU_ASSERT_EQUAL_FATAL(fill_create(&p->fill, watcher, &maps, &owed), 0);
    CU_ASSERT_EQUAL_FATAL(served_begin(&p->served, p->source, &owed), 0);
    close(device);
    return true;
}

static void end(struct pair *p)
{
    fill_destroy(p->fill);
    served_end(&p->served);
    link_destroy(p->host);
    link_destroy(p->home);
    incoming_finish(&p->at_home);
    incoming_finish(&p->at_host);
    for (size_t i = 0; i < 2; i++) {
        stream_socket_finish(&p->buffered[i]);
        close(p->ends[i]);
    }
    kill(p->source, SIGKILL);
    waitpid(p->source, NULL, 0);
    munmap(p->memory, (size_t)PAGES * PAGE);
}

/* Home hears one question. */
static bool hear(struct pair *p)
{
    int error = link_get(p->home, &p->at_home, 0, -1, NULL);
    CU_ASSERT(error == 0 || error == -EAGAIN);
    return error == 0 && p->at_home.kind == RECORD_FETCH;
}

static int answered(struct pair *p)
{
    CU_ASSERT_EQUAL(link_get(p->host, &p->at_host, PATIENCE_US, -1, NULL), 0);
    CU_ASSERT_EQUAL(p->at_host.kind, RECORD_FETCHED);
    return fill_take(p->fill, &p->at_host);
}

static void answer_honestly(struct pair *p)
{
    CU_ASSERT_EQUAL(served_fetch(&p->served, p->source, &p->at_home, p->home),
                    0);
    CU_ASSERT_EQUAL(answered(p), 0);
}

static void all_pages_come(void)
{
    struct pair p;
    if (!begin(&p))
        return;
    uint64_t start = (uint64_t)(uintptr_t)p.memory;
    /* What the guardian needs comes first, and then it is there. */
    CU_ASSERT(!fill_has(p.fill, start + 200 * PAGE + 8, 2 * PAGE));
    fill_ask(p.fill, p.host, true);
    CU_ASSERT_FATAL(hear(&p));
    struct wire_fetch_asked asked;
    CU_ASSERT_EQUAL(wire_take_fetch(&p.at_home, &asked), 0);
    CU_ASSERT_EQUAL(asked.runs[0].start, start + 200 * PAGE);
    CU_ASSERT_EQUAL(asked.runs[0].bytes, 3 * PAGE);
    answer_honestly(&p);
    CU_ASSERT(fill_has(p.fill, start + 200 * PAGE + 8, 2 * PAGE));
    CU_ASSERT(!fill_is_whole(p.fill));
    for (int rounds = 0; !fill_is_whole(p.fill) && rounds < PAGES; rounds++) {
        fill_ask(p.fill, p.host, false);
        while (hear(&p))
            answer_honestly(&p);
    }
    CU_ASSERT(fill_is_whole(p.fill));
    CU_ASSERT_EQUAL(fill_under_way(p.fill), 0);
    size_t wrong = 0;
    for (size_t i = 0; i < PAGES; i++) {
        uint8_t right = i == PAGES - 1 ? 0 : byte_of(i);
        wrong += p.memory[i * PAGE] != right ||
                 p.memory[i * PAGE + PAGE - 1] != right;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    end(&p);
}

/* All that was under way is asked for again, once. */
static void a_cut_loses_no_page(void)
{
    struct pair p;
    if (!begin(&p))
        return;
    uint64_t under_way = 0;
    fill_ask(p.fill, p.host, false);
    uint64_t before = fill_under_way(p.fill);
    CU_ASSERT(before > 0);
    while (hear(&p))
        continue;
    fill_resume(p.fill);
    CU_ASSERT_EQUAL(fill_under_way(p.fill), 0);
    fill_ask(p.fill, p.host, false);
    while (hear(&p)) {
        struct wire_fetch_asked asked;
        CU_ASSERT_EQUAL(wire_take_fetch(&p.at_home, &asked), 0);
        for (size_t i = 0; i < asked.fetch.run_count; i++)
            under_way += asked.runs[i].bytes;
    }
    CU_ASSERT_EQUAL(under_way, fill_under_way(p.fill));
    CU_ASSERT_EQUAL(under_way, before);
    end(&p);
}

/* ---- Answers to nothing. ------------------------------------------------- */

enum lie {
    UNASKED,
    OTHER_PAGE,
    TOO_FEW,
    TOO_MANY,
    TWO_OF_ONE,
    HALF_A_PAGE,
    SHORT_OF_BYTES,
    NO_RUN,
    LIES
};

static void lie(struct pair *p, enum lie lie)
{
    static uint8_t pages[3 * PAGE];
    struct
    {
        struct wire_fetch fetch;
        struct wire_fetched_run runs[2];
    } m = {.fetch = {.run_count = lie == TWO_OF_ONE ? 2
                                  : lie == NO_RUN   ? 0
                                                    : 1}};
    uint64_t start = (uint64_t)(uintptr_t)p->memory;
    uint32_t bytes = lie == TOO_FEW       ? PAGE
                     : lie == TOO_MANY    ? 3 * PAGE
                     : lie == HALF_A_PAGE ? 2 * PAGE - 8
                     : lie == NO_RUN      ? 0
                                          : 2 * PAGE;
    m.runs[0] = m.runs[1] = (struct wire_fetched_run){
        start + (lie == OTHER_PAGE ? PAGE : 0), bytes, 0};
    struct iovec parts[] = {
        {&m, sizeof m.fetch + m.fetch.run_count * sizeof m.runs[0]},
        {pages, lie == SHORT_OF_BYTES ? bytes - 1 : bytes}};
    link_put(p->home, RECORD_FETCHED, parts, parts[1].iov_len > 0 ? 2 : 1,
             false);
}

static void lies_are_noticed(void)
{
    for (enum lie which = UNASKED; which < LIES; which++) {
        struct pair p;
        if (!begin(&p))
            return;
        uint64_t start = (uint64_t)(uintptr_t)p.memory;
        if (which != UNASKED) {
            CU_ASSERT(!fill_has(p.fill, start, 2 * PAGE));
            fill_ask(p.fill, p.host, true);
            CU_ASSERT(hear(&p));
        }
        lie(&p, which);
        CU_ASSERT_EQUAL(answered(&p), -EBADMSG);
        end(&p);
    }
}

/* A host asks for what is not owed, or not in order. */
static void questions_are_checked(void)
{
    const struct run questions[][2] = {
        {{0, PAGE}, {0, 0}},                   /* Somewhere else. */
        {{0, (uint64_t)PAGES * PAGE}, {0, 0}}, /* Too much at once. */
        {{0, PAGE - 8}, {0, 0}},
        {{8, PAGE}, {0, 0}},
        {{PAGE, PAGE}, {0, PAGE}}, /* Not in order. */
        {{0, 0}, {0, 0}},
    };
    struct pair p;
    if (!begin(&p))
        return;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        struct wire_fetch fetch = {.run_count =
                                       questions[i][1].bytes > 0 ? 2 : 1};
        struct run runs[2];
        memcpy(runs, questions[i], sizeof runs);
        uint64_t start = (uint64_t)(uintptr_t)p.memory;
        for (size_t k = 0; k < 2; k++)
            runs[k].start += i == 0 ? start - PAGE : start;
        struct iovec parts[] = {{&fetch, sizeof fetch},
                                {runs, fetch.run_count * sizeof runs[0]}};
        link_put(p.host, RECORD_FETCH, parts, 2, false);
        CU_ASSERT_FATAL(hear(&p));
        CU_ASSERT_EQUAL(served_fetch(&p.served, p.source, &p.at_home, p.home),
                        -EBADMSG);
    }
    end(&p);
}

static void time_is_limited(void)
{
    CU_ASSERT_EQUAL(alarm(120), 0);
}

SUITE_MAIN("fill",
           {"it ends in time", time_is_limited},
           {"each page is owed once", each_page_is_owed_once},
           {"questions are asked once", questions_are_asked_once},
           {"what moves is owed elsewhere", what_moves_is_owed_elsewhere},
           {"all pages come", all_pages_come},
           {"a cut loses no page", a_cut_loses_no_page},
           {"lies are noticed", lies_are_noticed},
           {"questions are checked", questions_are_checked})
