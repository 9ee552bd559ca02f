/* test_transfer.c - the memory of a process that changes it in every way while
 * it is copied is the same to the byte when it stands still. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "real/homenode/body.h"
#include "real/homenode/packer.h"
#include "real/homenode/stream_socket.h"
#include "real/homenode/transfer.h"

enum { RIGHT = 3, PATIENCE_US = 20000000, TIME_LIMIT_S = 300 };

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- The source. --------------------------------------------------------- */

struct source
{
    pid_t pid;
    struct tracee tracee;
    struct image image;
    struct pending pending;
};

/* Runs when its memory is filled. */
static pid_t launch(const char *what, int mebibytes, int rate, int seed)
{
    char program[512];
    char numbers[3][16];
    char line[8];
    int ends[2];
    snprintf(program, sizeof program, "%s/dirtier", getenv("BIN"));
    snprintf(numbers[0], sizeof numbers[0], "%d", mebibytes);
    snprintf(numbers[1], sizeof numbers[1], "%d", rate);
    snprintf(numbers[2], sizeof numbers[2], "%d", seed);
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execl(program, program, what, numbers[0], numbers[1], numbers[2], NULL);
        _exit(127);
    }
    close(ends[1]);
    CU_ASSERT_EQUAL_FATAL(read(ends[0], line, 7), 7);
    close(ends[0]);
    return pid;
}

static void seize(struct source *s, pid_t pid)
{
    s->pid = pid;
    CU_ASSERT_EQUAL_FATAL(tracee_seize(&s->tracee, pid, PTRACE_O_EXITKILL), 0);
}

/* It goes on, ends when it is told to, and finds its memory right. */
static void finds_all_right(pid_t pid)
{
    int status = 0;
    usleep(20000);
    CU_ASSERT_EQUAL(kill(pid, SIGTERM), 0);
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), RIGHT);
}

static void end_source(pid_t pid)
{
    int status;
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, __WALL) == pid && !WIFEXITED(status) &&
           !WIFSIGNALED(status))
        continue;
}

/* ---- The other side, a process of its own. ------------------------------- */

struct verdict
{
    int error;
    uint64_t compared_bytes;
    uint64_t wrong_bytes;
    uint64_t wrong_at;
    uint64_t wrong_maps;
};

struct other_side
{
    pid_t pid;
    int socket;  /* Ours. */
    int verdict; /* A pipe. */
    struct stream_socket stream_socket;
    struct stream stream;
};

static ssize_t read_page(int file, uint64_t at, uint8_t *page)
{
    memset(page, 0, TRACEE_PAGE_BYTES);
    return pread(file, page, TRACEE_PAGE_BYTES, (off_t)at);
}

static int open_memory(pid_t pid)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* All that the source can read is in the body, and the rest is zero. */
static void compare_map(const struct map *map,
                        int source_file,
                        int body_file,
                        struct verdict *v)
{
    uint8_t a[TRACEE_PAGE_BYTES];
    uint8_t b[TRACEE_PAGE_BYTES];
    for (uint64_t at = map->start; at < map->end; at += sizeof a) {
        (void)read_page(source_file, at, a);
        if (read_page(body_file, at, b) < 0 || memcmp(a, b, sizeof a) != 0) {
            v->wrong_at = at;
            v->wrong_bytes += sizeof a;
        }
        v->compared_bytes += sizeof a;
    }
}

/* Of the same extent and protection, however cut into pieces. */
static bool is_mapped_alike(const struct map *map, const struct maps *maps)
{
    uint64_t at = map->start;
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *m = &maps->maps[i];
        if (m->start <= at && m->end > at && m->protection == map->protection)
            at = m->end;
    }
    return at >= map->end;
}

/* area: of the source, the one mapping that does not come. */
static void compare(pid_t source,
                    uint64_t area,
                    struct receiver *r,
                    struct verdict *v)
{
    struct maps theirs;
    struct maps ours;
    int source_file = open_memory(source);
    int body_file = open_memory(r->tracee->pid);
    v->error = maps_read(&theirs, source);
    if (!v->error)
        v->error = maps_cut(&theirs, area, area + TRACEE_AREA_BYTES);
    if (!v->error)
        v->error = maps_read(&ours, r->tracee->pid);
    if (v->error)
        return;
    for (size_t i = 0; i < r->maps.count; i++)
        if (!is_mapped_alike(&r->maps.maps[i], &theirs) ||
            !is_mapped_alike(&r->maps.maps[i], &ours))
            v->wrong_maps++;
    for (size_t i = 0; i < theirs.count; i++)
        if (is_mapped_alike(&theirs.maps[i], &r->maps))
            compare_map(&theirs.maps[i], source_file, body_file, v);
        else
            v->wrong_maps++;
    maps_finish(&theirs);
    maps_finish(&ours);
    close(source_file);
    close(body_file);
}

static void receive(int socket,
                    pid_t source,
                    bool compressed,
                    struct verdict *v)
{
    struct tracee body;
    struct receiver r = {0};
    struct incoming incoming = {0};
    struct stream_socket s;
    v->error = stream_socket_init(&s, socket, PATIENCE_US);
    struct stream stream = stream_socket_of(&s);
    if (!v->error)
        v->error = body_create(&body, 0, NULL, NULL);
    if (v->error)
        return;
    v->error = body_empty(&body);
    if (!v->error)
        v->error = receiver_init(&r, &body, compressed);
    while (!v->error) {
        v->error = stream_get(&stream, &incoming);
        if (v->error || incoming.kind == RECORD_END)
            break;
        v->error = receiver_take(&r, &incoming);
    }
    if (!v->error)
        v->error = body_protect(&body, &r.maps);
    uint64_t area = 0;
    if (!v->error && incoming.bytes == sizeof area)
        memcpy(&area, incoming.body, sizeof area);
    if (!v->error)
        compare(source, area, &r, v);
    receiver_finish(&r);
    incoming_finish(&incoming);
    stream_socket_finish(&s);
    body_kill(&body);
}

static struct other_side start_other_side(pid_t source, bool compressed)
{
    struct other_side o;
    int sockets[2];
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    o.pid = fork();
    if (o.pid == 0) {
        struct verdict v = {0};
        alarm(TIME_LIMIT_S);
        close(sockets[0]);
        receive(sockets[1], source, compressed, &v);
        _exit(write(ends[1], &v, sizeof v) == sizeof v ? 0 : 1);
    }
    close(sockets[1]);
    close(ends[1]);
    o.socket = sockets[0];
    o.verdict = ends[0];
    return o;
}

static void connect_other_side(struct other_side *o)
{
    CU_ASSERT_EQUAL_FATAL(
        stream_socket_init(&o->stream_socket, o->socket, PATIENCE_US), 0);
    o->stream = stream_socket_of(&o->stream_socket);
}

static struct verdict verdict_of(struct other_side *o)
{
    struct verdict v = {.error = -ECHILD};
    int status;
    stream_socket_finish(&o->stream_socket);
    CU_ASSERT_EQUAL(read(o->verdict, &v, sizeof v), sizeof v);
    close(o->socket);
    close(o->verdict);
    CU_ASSERT_EQUAL(waitpid(o->pid, &status, 0), o->pid);
    return v;
}

static void is_right(struct verdict v)
{
    CU_ASSERT_EQUAL(v.error, 0);
    CU_ASSERT_EQUAL(v.wrong_bytes, 0);
    CU_ASSERT_EQUAL(v.wrong_maps, 0);
    CU_ASSERT(v.compared_bytes > 0);
    if (v.error || v.wrong_bytes || v.wrong_maps)
        fprintf(stderr, "error %d, %ju of %ju bytes wrong (%#jx), %ju maps\n",
                v.error, (uintmax_t)v.wrong_bytes, (uintmax_t)v.compared_bytes,
                (uintmax_t)v.wrong_at, (uintmax_t)v.wrong_maps);
}

/* ---- One transfer. ------------------------------------------------------- */

struct between
{
    uint64_t last_us;
    uint64_t gap_us; /* The longest. */
    unsigned calls;
    unsigned kill_after; /* So many calls; 0: never. */
    pid_t pid;
};

static int between(void *context)
{
    struct between *b = context;
    uint64_t now = now_us();
    if (b->last_us > 0 && now - b->last_us > b->gap_us)
        b->gap_us = now - b->last_us;
    b->last_us = now;
    b->calls++;
    if (b->calls == b->kill_after)
        kill(b->pid, SIGKILL);
    return 0;
}

/* All of it: rounds, the rest, and the source goes on. */
static struct transfer_cost copy(pid_t pid,
                                 const struct transfer_limits *limits,
                                 struct between *b)
{
    static struct source s; /* An image is large. */
    struct transfer *x = NULL;
    struct transfer_cost cost = {0};
    struct other_side o = start_other_side(pid, limits->compress);
    connect_other_side(&o);
    seize(&s, pid);
    CU_ASSERT_EQUAL_FATAL(transfer_create(&x, &s.tracee, limits), 0);
    CU_ASSERT_EQUAL(transfer_rounds(x, &o.stream, b ? between : NULL, b), 0);
    CU_ASSERT_EQUAL(tracee_stop(&s.tracee), 0);
    CU_ASSERT_EQUAL(image_take(&s.tracee, &s.image, &s.pending), 0);
    CU_ASSERT_EQUAL(transfer_rest(x, &o.stream), 0);
    struct iovec area = {&s.tracee.area_at, sizeof s.tracee.area_at};
    CU_ASSERT_EQUAL(stream_put(&o.stream, RECORD_END, &area, 1), 0);
    is_right(verdict_of(&o));
    transfer_cost_of(x, &cost);
    transfer_destroy(x);
    CU_ASSERT_EQUAL(image_resume(&s.tracee, &s.image), 0);
    return cost;
}

static void stopped_and_copied(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_STOP);
    pid_t pid = launch("wild", 48, 100, 1);
    struct transfer_cost cost = copy(pid, &limits, NULL);
    CU_ASSERT_EQUAL(cost.rounds, 0);
    CU_ASSERT_EQUAL(cost.end, TRANSFER_NO_ROUNDS);
    CU_ASSERT(cost.rest_bytes > 48 << 20);
    finds_all_right(pid);
}

/* Every way to know dirty pages that there is here. */
static void by_every_method(void (*with)(enum dirty_method method))
{
    unsigned methods = dirty_methods();
    unsigned tried = 0;
    for (int i = DIRTY_BY_PROTECTION; i < DIRTY_METHODS; i++)
        if (methods & (1U << i)) {
            with((enum dirty_method)i);
            tried++;
        }
    if (tried == 0)
        fprintf(stderr, "skipped: this kernel cannot tell dirty pages\n");
}

static void at_rates(enum dirty_method method)
{
    static const int rates[] = {0, 20, 100, 300};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
        limits.methods = 1U << method;
        pid_t pid = launch("plain", 128, rates[i], 7);
        struct transfer_cost cost = copy(pid, &limits, NULL);
        CU_ASSERT_EQUAL(cost.method, method);
        CU_ASSERT(cost.rounds >= 1);
        CU_ASSERT(cost.rounds <= limits.rounds_max);
        CU_ASSERT_NOT_EQUAL(cost.end, TRANSFER_NO_ROUNDS);
        CU_ASSERT(rates[i] > 0 || cost.end == TRANSFER_CONVERGED);
        /* An idle one has nothing left but what the stop itself wrote. */
        CU_ASSERT(rates[i] > 0 || cost.rest_bytes < 1 << 20);
        finds_all_right(pid);
    }
}

static void while_it_writes(void)
{
    by_every_method(at_rates);
}

static void wildly(enum dirty_method method)
{
    const char *more = getenv("SEEDS"); /* By hand: a hundred. */
    int seeds = more ? atoi(more) : 8;
    for (int seed = 1; seed <= seeds; seed++) {
        struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
        limits.methods = 1U << method;
        limits.rest_bytes = 0;
        limits.rounds_max = 10;
        limits.rate_bytes_per_s = 150 << 20;
        limits.shrink_permille = 1000000000;
        pid_t pid = launch("wild", 24, 200, seed);
        struct transfer_cost cost = copy(pid, &limits, NULL);
        CU_ASSERT(cost.end == TRANSFER_ROUNDS_MAX ||
                  cost.end == TRANSFER_CONVERGED);
        CU_ASSERT(cost.rounds <= limits.rounds_max);
        finds_all_right(pid);
    }
}

static void while_all_changes(void)
{
    by_every_method(wildly);
}

static void a_pause(enum dirty_method method)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
    limits.methods = 1U << method;
    for (int i = 0; i < 20; i++) {
        pid_t pid = launch("waits", 1, 0, i);
        struct source s;
        struct transfer *x = NULL;
        usleep((useconds_t)(i * 3000));
        seize(&s, pid);
        CU_ASSERT_EQUAL_FATAL(transfer_create(&x, &s.tracee, &limits), 0);
        transfer_destroy(x);
        CU_ASSERT_EQUAL(tracee_stop(&s.tracee), 0);
        CU_ASSERT_EQUAL(tracee_let_go(&s.tracee), 0);
        finds_all_right(pid);
    }
}

static void its_calls_go_on(void)
{
    by_every_method(a_pause);
}

/* ---- Limits. ------------------------------------------------------------- */

static bool can_watch(void)
{
    return (dirty_methods() & ~(1U << DIRTY_NONE)) != 0;
}

static void the_rate_holds(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
    struct between b = {0};
    if (!can_watch())
        return;
    limits.rate_bytes_per_s = 64 << 20;
    pid_t pid = launch("plain", 64, 0, 1);
    struct transfer_cost cost = copy(pid, &limits, &b);
    CU_ASSERT(cost.rounds_us >= 1000000 - 20000);
    /* 5 ms are promised; this machine may be busy, or an emulated one. */
    CU_ASSERT(b.gap_us < 500000);
    CU_ASSERT(b.calls >= 100);
    finds_all_right(pid);
}

static void no_more_rounds_than_said(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
    if (!can_watch())
        return;
    limits.rounds_max = 1;
    limits.rest_bytes = 0;
    pid_t pid = launch("plain", 32, 100, 1);
    struct transfer_cost cost = copy(pid, &limits, NULL);
    CU_ASSERT_EQUAL(cost.rounds, 1);
    CU_ASSERT_EQUAL(cost.end, TRANSFER_ROUNDS_MAX);
    finds_all_right(pid);
}

/* It writes 200 MiB/s of 64, and 20 go away: what is written in a round is
 * nearly all, and no round can be smaller. */
static void who_writes_faster_is_stopped(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
    if (!can_watch())
        return;
    limits.rate_bytes_per_s = 20 << 20;
    pid_t pid = launch("plain", 64, 200, 1);
    struct transfer_cost cost = copy(pid, &limits, NULL);
    CU_ASSERT_EQUAL(cost.end, TRANSFER_SHRINKS_NO);
    CU_ASSERT_EQUAL(cost.rounds, 1);
    finds_all_right(pid);
}

static void zeros_are_not_sent(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_STOP);
    pid_t pid = launch("zeros", 64, 0, 1);
    struct transfer_cost cost = copy(pid, &limits, NULL);
    CU_ASSERT(cost.memory_bytes < 8 << 20);
    CU_ASSERT(cost.zero_bytes >= 63 << 20);
    finds_all_right(pid);
}

/* 8 MiB/s are slower than zstd on any machine. Its pages are one word's
 * multiples: they shrink well. */
static void a_slow_link_is_helped(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
    if (!can_watch())
        return;
    limits.rate_bytes_per_s = 8 << 20;
    limits.compress = true;
    pid_t pid = launch("wild", 24, 5, 1);
    struct transfer_cost cost = copy(pid, &limits, NULL);
    CU_ASSERT(cost.packed_bytes > cost.memory_bytes / 2);
    CU_ASSERT(cost.sent_bytes < cost.memory_bytes / 2);
    finds_all_right(pid);
}

/* Of 16 MiB on a link that takes so long for each. */
static size_t packed_at(uint64_t us_for_mebibyte, bool shrinks)
{
    enum { LEARNED = 16, PIECE = 1024 * 1024 };
    struct packer *p = NULL;
    const void *frame;
    uint8_t *bytes = malloc(PIECE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_EQUAL_FATAL(packer_create(&p, 0), 0);
    uint32_t state = 1;
    for (size_t i = 0; i < PIECE; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = shrinks ? (uint8_t)(i / 64) : (uint8_t)(state >> 24);
    }
    for (int i = 0; i < LEARNED; i++)
        packer_learn(p, PIECE, us_for_mebibyte);
    size_t packed = packer_pack(p, bytes, PIECE, &frame);
    packer_destroy(p);
    free(bytes);
    return packed;
}

static void only_what_shrinks_on_a_slow_link(void)
{
    enum { SECOND_US = 1000000 };
    CU_ASSERT(packed_at(SECOND_US, true) > 0);
    CU_ASSERT(packed_at(SECOND_US, true) < 1024 * 1024 / 10);
    CU_ASSERT_EQUAL(packed_at(SECOND_US, false), 0);
    CU_ASSERT_EQUAL(packed_at(0, true), 0);
}

/* ---- Ends. --------------------------------------------------------------- */

static void it_dies_in_a_round(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_PRECOPY);
    if (!can_watch())
        return;
    for (unsigned after = 1; after < 40; after += 6) {
        struct source s;
        struct transfer *x = NULL;
        pid_t pid = launch("wild", 32, 100, 1);
        struct other_side o = start_other_side(pid, false);
        struct between b = {.kill_after = after, .pid = pid};
        limits.rest_bytes = 0;
        limits.shrink_permille = 1000000;
        connect_other_side(&o);
        seize(&s, pid);
        CU_ASSERT_EQUAL_FATAL(transfer_create(&x, &s.tracee, &limits), 0);
        CU_ASSERT_EQUAL(transfer_rounds(x, &o.stream, between, &b), -ESRCH);
        transfer_destroy(x);
        shutdown(o.socket, SHUT_RDWR);
        CU_ASSERT_EQUAL(verdict_of(&o).error, -ENODATA);
        end_source(pid);
    }
}

static void it_dies_before_the_rest(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_STOP);
    static struct source s;
    struct transfer *x = NULL;
    pid_t pid = launch("plain", 8, 0, 1);
    struct other_side o = start_other_side(pid, false);
    connect_other_side(&o);
    seize(&s, pid);
    CU_ASSERT_EQUAL_FATAL(transfer_create(&x, &s.tracee, &limits), 0);
    CU_ASSERT_EQUAL(tracee_stop(&s.tracee), 0);
    kill(pid, SIGKILL);
    usleep(50000);
    CU_ASSERT_EQUAL(transfer_rest(x, &o.stream), -ESRCH);
    transfer_destroy(x);
    shutdown(o.socket, SHUT_RDWR);
    CU_ASSERT_EQUAL(verdict_of(&o).error, -ENODATA);
    end_source(pid);
}

static void the_other_side_goes(void)
{
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_STOP);
    static struct source s;
    struct transfer *x = NULL;
    pid_t pid = launch("plain", 32, 50, 1);
    struct other_side o = start_other_side(pid, false);
    connect_other_side(&o);
    seize(&s, pid);
    CU_ASSERT_EQUAL_FATAL(transfer_create(&x, &s.tracee, &limits), 0);
    CU_ASSERT_EQUAL(tracee_stop(&s.tracee), 0);
    CU_ASSERT_EQUAL(image_take(&s.tracee, &s.image, &s.pending), 0);
    kill(o.pid, SIGKILL);
    waitpid(o.pid, NULL, 0);
    int error = transfer_rest(x, &o.stream);
    CU_ASSERT(error == -EPIPE || error == -ECONNRESET);
    transfer_destroy(x);
    stream_socket_finish(&o.stream_socket);
    close(o.socket);
    close(o.verdict);
    CU_ASSERT_EQUAL(image_resume(&s.tracee, &s.image), 0);
    finds_all_right(pid);
}

/* ---- Records of somebody who lies. --------------------------------------- */

struct victim
{
    struct tracee body;
    struct receiver receiver;
};

static void make_victim(struct victim *v, bool compressed)
{
    CU_ASSERT_EQUAL_FATAL(body_create(&v->body, 0, NULL, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(body_empty(&v->body), 0);
    CU_ASSERT_EQUAL_FATAL(receiver_init(&v->receiver, &v->body, compressed), 0);
}

static void end_victim(struct victim *v)
{
    receiver_finish(&v->receiver);
    body_kill(&v->body);
}

static int give(struct victim *v,
                enum record_kind kind,
                void *body,
                size_t bytes)
{
    /* Exactly as long, so that a sanitizer sees what reads on. */
    uint8_t *copy = malloc(bytes > 0 ? bytes : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, body, bytes);
    struct incoming incoming = {kind, bytes, copy, bytes};
    int error = receiver_take(&v->receiver, &incoming);
    free(copy);
    return error;
}

static int give_maps(struct victim *v, struct memory_map *maps, size_t count)
{
    return give(v, RECORD_MAPS, maps, count * sizeof *maps);
}

static int give_run(struct victim *v,
                    enum record_kind kind,
                    uint64_t count,
                    uint64_t start,
                    uint64_t bytes,
                    size_t page_bytes)
{
    enum { PAGES = 4 };
    static uint8_t body[8 + 16 + PAGES * TRACEE_PAGE_BYTES];
    struct run run = {start, bytes};
    memcpy(body, &count, 8);
    memcpy(body + 8, &run, 16);
    memset(body + 24, 0xab, PAGES * TRACEE_PAGE_BYTES);
    return give(v, kind, body, 24 + page_bytes);
}

static void maps_that_cannot_be(void)
{
    struct victim v;
    struct memory_map lies[][2] = {
        {{0x10001, 0x20000, 3, 0}, {0x30000, 0x40000, 3, 0}},
        {{0x10000, 0x20000, 3, 0}, {0x1f000, 0x40000, 3, 0}},
        {{0x30000, 0x40000, 3, 0}, {0x10000, 0x20000, 3, 0}},
        {{0x10000, 0x10000, 3, 0}, {0x30000, 0x40000, 3, 0}},
        {{0, 0x1000, 3, 0}, {0x30000, 0x40000, 3, 0}},
        {{0x10000, 0x20000, 8, 0}, {0x30000, 0x40000, 3, 0}},
        {{0x10000, 0x20000, 3, 4}, {0x30000, 0x40000, 3, 0}},
        {{0x10000, 0x20000, 3, 0}, {0x30000, UINT64_MAX & ~4095UL, 3, 0}},
        {{0x10000, 0x20000, 3, 0}, {0x7fffffffe000, 0x800000000000, 3, 0}},
    };
    make_victim(&v, false);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        CU_ASSERT_EQUAL(give_maps(&v, lies[i], 2), -EBADMSG);
    CU_ASSERT_EQUAL(give(&v, RECORD_MAPS, lies, 0), -EBADMSG);
    CU_ASSERT_EQUAL(give(&v, RECORD_MAPS, lies, 25), -EBADMSG);
    CU_ASSERT_EQUAL(give(&v, RECORD_IMAGE, lies, 24), -EBADMSG);
    end_victim(&v);
}

static void pages_that_lie_elsewhere(void)
{
    struct victim v;
    struct memory_map map = {0x100000, 0x104000, 3, 0};
    make_victim(&v, true);
    uint64_t area = v.body.area_at;
    CU_ASSERT_EQUAL(give_maps(&v, &map, 1), 0);
    CU_ASSERT_EQUAL(give_run(&v, RECORD_PAGES, 1, 0x101000, 0x2000, 0x2000), 0);
    const struct
    {
        uint64_t count, start, bytes;
        size_t page_bytes;
    } lies[] = {
        {1, 0x101000, 0x2000, 0x1000}, /* Too few bytes, */
        {1, 0x101000, 0x1000, 0x2000}, /* too many, */
        {1, 0x101001, 0x1000, 0x1000}, /* not a page, */
        {1, 0x101000, 0x800, 0x800},   /* less than one, */
        {1, 0x101000, 0, 0},           /* none, */
        {1, 0x103000, 0x2000, 0x2000}, /* behind the end, */
        {1, 0xff000, 0x2000, 0x2000},  /* before the start, */
        {1, area, 0x1000, 0x1000},     /* our own code, */
        {1, 0x101000, UINT64_MAX - 0xfff, 0x1000},
        {2, 0x101000, 0x1000, 0x1000}, /* more runs than there are. */
        {513, 0x101000, 0x1000, 0x1000},
        {UINT64_MAX >> 1, 0x101000, 0x1000, 0x1000},
        {MEMORY_PACKED | 1, 0x101000, 0x1000, 0x1000}, /* No frame. */
        {MEMORY_PACKED | 1, 0x101000, 0x1000, 0},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        CU_ASSERT_EQUAL(give_run(&v, RECORD_PAGES, lies[i].count, lies[i].start,
                                 lies[i].bytes, lies[i].page_bytes),
                        -EBADMSG);
    CU_ASSERT_EQUAL(give_run(&v, RECORD_DROPPED, 1, 0x103000, 0x2000, 0),
                    -EBADMSG);
    CU_ASSERT_EQUAL(give_run(&v, RECORD_DROPPED, 1, 0x103000, 0x1000, 8),
                    -EBADMSG);
    CU_ASSERT_EQUAL(give_run(&v, RECORD_DROPPED, 1, area, 0x1000, 0), -EBADMSG);
    CU_ASSERT_EQUAL(give_run(&v, RECORD_DROPPED, 1, 0x103000, 0x1000, 0), 0);
    uint64_t none = 0;
    CU_ASSERT_EQUAL(give(&v, RECORD_DROPPED, &none, sizeof none), 0);
    CU_ASSERT_EQUAL(give(&v, RECORD_DROPPED, &none, 7), -EBADMSG);
    end_victim(&v);
}

/* A frame that unpacks to a gigabyte fills no memory. */
static void a_bomb(void)
{
    static const uint8_t bomb[] = {
        /* Magic, a window of 128 KiB without size, blocks of one byte again
         * and again: 131,072 x 0xab each. */
        0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38};
    enum { BLOCKS = 200 };
    struct victim v;
    struct memory_map map = {0x100000, 0x40100000, 3, 0};
    uint8_t body[24 + sizeof bomb + 4 * BLOCKS];
    uint64_t count = MEMORY_PACKED | 1;
    struct run run = {0x100000, 0x1000000};
    memcpy(body, &count, 8);
    memcpy(body + 8, &run, 16);
    memcpy(body + 24, bomb, sizeof bomb);
    for (size_t i = 0; i < BLOCKS; i++) {
        uint32_t head = 131072U << 3 | 1U << 1 | (i + 1 == BLOCKS);
        memcpy(body + 24 + sizeof bomb + 4 * i, &head, 3);
        body[24 + sizeof bomb + 4 * i + 3] = 0xab;
    }
    make_victim(&v, true);
    CU_ASSERT_EQUAL(give_maps(&v, &map, 1), 0);
    CU_ASSERT_EQUAL(give(&v, RECORD_PAGES, body, sizeof body), -EBADMSG);
    end_victim(&v);
    make_victim(&v, false); /* Who did not ask for frames takes none. */
    CU_ASSERT_EQUAL(give_maps(&v, &map, 1), 0);
    CU_ASSERT_EQUAL(give(&v, RECORD_PAGES, body, sizeof body), -EBADMSG);
    end_victim(&v);
}

static void the_area_makes_way(void)
{
    struct victim v;
    make_victim(&v, false);
    for (int i = 0; i < 3; i++) {
        uint64_t area = v.body.area_at;
        struct memory_map map = {area - 0x10000, area + 0x100000, 3, 0};
        CU_ASSERT_EQUAL(give_maps(&v, &map, 1), 0);
        CU_ASSERT_NOT_EQUAL(v.body.area_at, area);
        CU_ASSERT_EQUAL(give_run(&v, RECORD_PAGES, 1, area, 0x4000, 0x4000), 0);
        uint64_t word = 0;
        CU_ASSERT_EQUAL(tracee_read(&v.body, area + 0x3ff8, &word, 8), 0);
        CU_ASSERT_EQUAL(word, UINT64_C(0xabababababababab));
    }
    end_victim(&v);
}

static void what_is_kept_is_not_touched(void)
{
    enum { KEPT = 0x500000, KEPT_BYTES = 0x4000 };
    struct victim v;
    make_victim(&v, false);
    struct tracee_call call = {
        SYS_mmap,
        {KEPT, KEPT_BYTES, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, UINT64_MAX, 0},
        0};
    CU_ASSERT_EQUAL(tracee_run(&v.body, &call, 1), 0);
    CU_ASSERT_EQUAL(call.result, KEPT);
    CU_ASSERT_EQUAL(tracee_write(&v.body, KEPT, "kept", 5), 0);
    struct map map = {.start = KEPT, .end = KEPT + KEPT_BYTES};
    struct maps kept = {.maps = &map, .count = 1};
    v.receiver.kept = &kept;
    struct memory_map lies[] = {
        {KEPT - 0x1000, KEPT + 0x1000, 3, 0},
        {KEPT + 0x3000, KEPT + 0x5000, 3, 0},
        {KEPT + 0x1000, KEPT + 0x2000, 3, 0},
        {KEPT - 0x1000, KEPT + 0x5000, 3, MEMORY_FRESH},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        CU_ASSERT_EQUAL(give_maps(&v, &lies[i], 1), -EADDRINUSE);
    struct memory_map beside[] = {{KEPT - 0x2000, KEPT, 3, 0},
                                  {KEPT + 0x4000, KEPT + 0x6000, 3, 0}};
    CU_ASSERT_EQUAL(give_maps(&v, beside, 2), 0);
    CU_ASSERT_EQUAL(
        give_run(&v, RECORD_PAGES, 1, KEPT - 0x1000, 0x2000, 0x2000), -EBADMSG);
    struct memory_map away = {0x700000, 0x701000, 3, 0};
    CU_ASSERT_EQUAL(give_maps(&v, &away, 1), 0);
    char text[5] = {0};
    CU_ASSERT_EQUAL(tracee_read(&v.body, KEPT, text, 5), 0);
    CU_ASSERT_STRING_EQUAL(text, "kept");
    end_victim(&v);
}

/* A mapping that grows keeps what it has; a fresh one does not. */
static void mappings_change(void)
{
    struct victim v;
    uint64_t word = 0;
    make_victim(&v, false);
    struct memory_map first = {0x100000, 0x104000, 3, 0};
    struct memory_map grown = {0xff000, 0x108000, 3, 0};
    struct memory_map cut[] = {{0x100000, 0x102000, 1, 0},
                               {0x103000, 0x104000, 5, 0}};
    struct memory_map fresh = {0x100000, 0x104000, 3, MEMORY_FRESH};
    CU_ASSERT_EQUAL(give_maps(&v, &first, 1), 0);
    CU_ASSERT_EQUAL(give_run(&v, RECORD_PAGES, 1, 0x100000, 0x4000, 0x4000), 0);
    CU_ASSERT_EQUAL(give_maps(&v, &grown, 1), 0);
    CU_ASSERT_EQUAL(tracee_read(&v.body, 0x103ff8, &word, 8), 0);
    CU_ASSERT_EQUAL(word, UINT64_C(0xabababababababab));
    CU_ASSERT_EQUAL(tracee_read(&v.body, 0xff000, &word, 8), 0);
    CU_ASSERT_EQUAL(word, 0);
    CU_ASSERT_EQUAL(give_maps(&v, cut, 2), 0);
    CU_ASSERT_EQUAL(tracee_read(&v.body, 0x102000, &word, 8), -EFAULT);
    CU_ASSERT_EQUAL(give_maps(&v, &first, 1), 0);
    CU_ASSERT_EQUAL(tracee_read(&v.body, 0x102000, &word, 8), 0);
    CU_ASSERT_EQUAL(word, 0);
    CU_ASSERT_EQUAL(tracee_read(&v.body, 0x103000, &word, 8), 0);
    CU_ASSERT_EQUAL(word, UINT64_C(0xabababababababab));
    CU_ASSERT_EQUAL(give_run(&v, RECORD_DROPPED, 1, 0x103000, 0x1000, 0), 0);
    CU_ASSERT_EQUAL(tracee_read(&v.body, 0x103000, &word, 8), 0);
    CU_ASSERT_EQUAL(word, 0);
    CU_ASSERT_EQUAL(give_maps(&v, &fresh, 1), 0);
    CU_ASSERT_EQUAL(tracee_read(&v.body, 0x100000, &word, 8), 0);
    CU_ASSERT_EQUAL(word, 0);
    end_victim(&v);
}

static void ten_thousand_mappings(void)
{
    enum { COUNT = 20000 };
    struct memory_map *maps = calloc(COUNT, sizeof *maps);
    struct victim v;
    make_victim(&v, false);
    for (size_t i = 0; i < COUNT; i++)
        maps[i] = (struct memory_map){0x100000 + i * 0x2000,
                                      0x101000 + i * 0x2000, i % 2 ? 1 : 3, 0};
    uint64_t start = now_us();
    CU_ASSERT_EQUAL(give_maps(&v, maps, COUNT), 0);
    uint64_t first_us = now_us() - start;
    maps[77].end += 0x1000;
    start = now_us();
    CU_ASSERT_EQUAL(give_maps(&v, maps, COUNT), 0);
    uint64_t second_us = now_us() - start;
    CU_ASSERT(first_us < 2000000);
    CU_ASSERT(second_us < first_us);
    CU_ASSERT_EQUAL(body_protect(&v.body, &v.receiver.maps), 0);
    end_victim(&v);
    /* More than the kernel lets one have is an error and no crash. */
    make_victim(&v, false);
    struct memory_map *more = calloc(MEMORY_MAPS_MAX, sizeof *more);
    for (size_t i = 0; i < MEMORY_MAPS_MAX; i++)
        more[i] = (struct memory_map){0x100000 + i * 0x2000,
                                      0x101000 + i * 0x2000, 3, 0};
    CU_ASSERT(give_maps(&v, more, MEMORY_MAPS_MAX) <= 0);
    end_victim(&v);
    free(more);
    free(maps);
}

SUITE_MAIN(
    "transfer",
    {"who is stopped is copied whole", stopped_and_copied},
    {"who writes at 0, 20, 100, 300 MiB/s is copied meanwhile",
     while_it_writes},
    {"who gives back, maps, moves and replaces likewise", while_all_changes},
    {"a call that a pause interrupts goes on", its_calls_go_on},
    {"the rate holds, and the caller is heard", the_rate_holds},
    {"there are no more rounds than said", no_more_rounds_than_said},
    {"who writes faster than the stream is stopped",
     who_writes_faster_is_stopped},
    {"pages of zeros are not sent", zeros_are_not_sent},
    {"a slow link is helped by zstd", a_slow_link_is_helped},
    {"only what shrinks is packed, on a slow link",
     only_what_shrinks_on_a_slow_link},
    {"a source that dies in a round is told", it_dies_in_a_round},
    {"and one that dies before the rest", it_dies_before_the_rest},
    {"if the other side goes, the source goes on", the_other_side_goes},
    {"mappings that cannot be are refused", maps_that_cannot_be},
    {"pages outside of the mappings are refused", pages_that_lie_elsewhere},
    {"a frame that unpacks to too much is refused", a_bomb},
    {"the area makes way", the_area_makes_way},
    {"what is kept is not touched", what_is_kept_is_not_touched},
    {"a mapping keeps what it has unless it is fresh", mappings_change},
    {"twenty thousand mappings are laid out at once", ten_thousand_mappings})
