/* test_deputy.c - a home among hosts that lie, fall silent or die at every
 * step: a process that does not run there yet goes on at home, its data intact;
 * one that does is lost and told so; never are there two, and nothing is left.
 */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "real/homenode/deputy.h"
#include "real/homenode/hello.h"
#include "real/homenode/stream_socket.h"

enum {
    RIGHT = 3,
    LINES = 100,
    LEASE_US = 300 * 1000,
    LIMIT_S = 240,
};

/* Up to where a host is honest: the last message of its that is. */
enum step { NOTHING, SAID_HELLO, GOT_IMAGE, SAID_READY, GOT_GO, SAID_RUNNING };

enum evil {
    DIES,
    HANGS,
    SENDS_GARBAGE,
    SENDS_HALF_A_RECORD,
    SENDS_OTHER_KIND,
    SENDS_LATER_EPOCH,
    SAYS_ABORT,
    EVILS_OF_ALL, /* These are of any step; the rest of a body that runs. */
    ASKS_TO_TRACE = EVILS_OF_ALL,
    ASKS_TO_FORK,
    ASKS_TO_MAP,
    ASKS_NO_CALL,
    ASKS_FOR_TOO_MUCH,
    ASKS_WITH_A_POINTER,
    ASKS_TWICE,
    SENDS_MEMORY_UNANNOUNCED,
    SENDS_MEMORY_OVER_THE_WINDOW,
    SENDS_A_BROKEN_IMAGE,
    SENDS_END_ALONE,
    SAYS_DEAD_OF_NOTHING,
    SAYS_STOPPED_BY_KILL,
    FETCHES_WHAT_WAS_SENT,
    SAYS_WHOLE_OF_ALL,
    OWED_EVILS, /* From here on pages are owed. */
    FETCHES_WHAT_IS_NOT_OWED = OWED_EVILS,
    FETCHES_TOO_MUCH,
    SAYS_WHOLE_TWICE,
    COMES_HOME_INCOMPLETE,
    EVILS
};

/* ---- The host. ----------------------------------------------------------- */

struct host
{
    struct link *link;
    struct incoming incoming;
    enum evil evil;
};

static void put_head(struct host *h, enum record_kind kind, uint64_t epoch)
{
    struct wire_head head = {.epoch = epoch, .sequence = 1};
    struct iovec part = {&head, sizeof head};
    stream_put(link_stream(h->link), kind, &part, 1);
}

static void ask(struct host *h,
                int number,
                uint64_t first,
                uint64_t second,
                const struct wire_area *area)
{
    struct wire_request request = {.number = number,
                                   .area_count = area ? 1 : 0,
                                   .arguments = {first, second, 16, 0, 0, 0}};
    uint8_t data[16] = {0};
    struct iovec parts[] = {{&request, sizeof request},
                            {(void *)(uintptr_t)area, sizeof *area},
                            {data, sizeof data}};
    link_put(h->link, RECORD_REQUEST, parts, area ? 3 : 1, true);
}

static void put_raw(struct host *h,
                    enum record_kind kind,
                    const void *body,
                    size_t bytes)
{
    struct iovec part = {(void *)(uintptr_t)body, bytes};
    stream_put(link_stream(h->link), kind, &part, 1);
}

static void say_body(struct host *h)
{
    struct wire_body body = {.flags = 0};
    struct iovec part = {&body, sizeof body};
    link_put(h->link, RECORD_BODY, &part, 1, false);
}

static void fetch(struct host *h, uint64_t start, uint64_t bytes)
{
    struct wire_fetch fetch = {.run_count = 1};
    struct run run = {start, bytes};
    struct iovec parts[] = {{&fetch, sizeof fetch}, {&run, sizeof run}};
    link_put(h->link, RECORD_FETCH, parts, 2, false);
}

static void say(struct host *h, enum record_kind kind)
{
    struct wire_head head;
    struct iovec part = {&head, sizeof head};
    link_put(h->link, kind, &part, 1, true);
}

static void be_evil_with_pages(struct host *h)
{
    switch (h->evil) {
        case FETCHES_WHAT_WAS_SENT:
        case FETCHES_WHAT_IS_NOT_OWED:
            fetch(h, 0x10000, 4096);
            break;
        case FETCHES_TOO_MUCH:
            fetch(h, 0x400000, 2 * (uint64_t)WIRE_FETCH_BYTES);
            break;
        case SAYS_WHOLE_TWICE:
            say(h, RECORD_WHOLE);
            say(h, RECORD_WHOLE);
            break;
        case SAYS_WHOLE_OF_ALL:
            say(h, RECORD_WHOLE);
            break;
        default:
            say_body(h);
    }
}

static void be_evil_with_memory(struct host *h)
{
    /* All that there can be, the window as well. */
    const struct memory_map everything = {0x10000, 0x7fffffff0000, 3, 0};
    static struct image image;
    switch (h->evil) {
        case SENDS_MEMORY_UNANNOUNCED:
            put_raw(h, RECORD_MAPS, &everything, sizeof everything);
            break;
        case SENDS_MEMORY_OVER_THE_WINDOW:
            say_body(h);
            put_raw(h, RECORD_MAPS, &everything, sizeof everything);
            memset(&image, 0x5a, sizeof image);
            put_raw(h, RECORD_IMAGE, &image, sizeof image);
            break;
        case SENDS_A_BROKEN_IMAGE:
            say_body(h);
            memset(&image, 0xff, sizeof image);
            put_raw(h, RECORD_IMAGE, &image, sizeof image);
            break;
        default:
            say_body(h);
            put_raw(h, RECORD_END, "12345678", 8);
    }
}

static void be_evil_as_a_body(struct host *h)
{
    const struct wire_area huge = {.in_bytes = 16, .out_bytes = 0x7fffffff};
    struct wire_dead dead = {.signal = 0};
    struct wire_signal stop = {.info = {SIGKILL}};
    struct iovec died = {&dead, sizeof dead};
    struct iovec stopped = {&stop, sizeof stop};
    switch (h->evil) {
        case ASKS_TO_TRACE:
            ask(h, SYS_ptrace, 16, (uint64_t)getppid(), NULL);
            break;
        case ASKS_TO_FORK:
            ask(h, SYS_fork, 0, 0, NULL);
            break;
        case ASKS_TO_MAP:
            ask(h, SYS_mmap, 0, 4096, NULL);
            break;
        case ASKS_NO_CALL:
            ask(h, 100000, 0, 0, NULL);
            break;
        case ASKS_FOR_TOO_MUCH:
            ask(h, SYS_write, 1, 0, &huge);
            break;
        case ASKS_WITH_A_POINTER:
            ask(h, SYS_read, 0, 0x10000001000, NULL);
            break;
        case ASKS_TWICE:
            ask(h, SYS_pause, 0, 0, NULL);
            ask(h, SYS_getppid, 0, 0, NULL);
            break;
        case SAYS_DEAD_OF_NOTHING:
            link_put(h->link, RECORD_DEAD, &died, 1, true);
            break;
        case SAYS_STOPPED_BY_KILL:
            link_put(h->link, RECORD_SIGNAL, &stopped, 1, true);
            break;
        case SENDS_MEMORY_UNANNOUNCED:
        case SENDS_MEMORY_OVER_THE_WINDOW:
        case SENDS_A_BROKEN_IMAGE:
        case SENDS_END_ALONE:
            be_evil_with_memory(h);
            break;
        default:
            be_evil_with_pages(h);
    }
}

static _Noreturn void be_evil(struct host *h)
{
    static const uint8_t garbage[300] = {0xde, 0xad, 0xbe, 0xef};
    struct wire_abort refusal = {.error = -ENOMEM};
    struct iovec refused = {&refusal, sizeof refusal};
    const struct stream *stream = link_stream(h->link);
    switch (h->evil) {
        case DIES:
            _exit(0);
        case HANGS:
            break;
        case SENDS_GARBAGE:
            stream->write(stream->context, garbage, sizeof garbage);
            break;
        case SENDS_HALF_A_RECORD:
            put_head(h, RECORD_LEASE, 0);
            stream->write(stream->context, "\x0d\0\0\0\x20\0\0\0", 8);
            _exit(0);
        case SENDS_OTHER_KIND:
            put_head(h, RECORD_GONE, link_epoch(h->link));
            break;
        case SENDS_LATER_EPOCH:
            put_head(h, RECORD_READY, link_epoch(h->link) + 7);
            break;
        case SAYS_ABORT:
            refusal.error = -ESTALE;
            link_put(h->link, RECORD_ABORT, &refused, 1, true);
            break;
        default:
            be_evil_as_a_body(h);
    }
    for (;;)
        pause();
}

static void await(struct host *h, enum record_kind kind)
{
    do {
        int error = link_get(h->link, &h->incoming, 5 * 1000 * 1000, -1, NULL);
        if (error)
            _exit(1);
    } while (h->incoming.kind != kind);
}

static void say_hello(struct host *h)
{
    struct wire_hello hello;
    struct iovec part = {&hello, sizeof hello};
    hello_make(&hello);
    hello.facilities |= FACILITY_POSTCOPY;
    link_put(h->link, RECORD_HELLO, &part, 1, false);
}

static _Noreturn void host(int socket, enum step honest, enum evil evil)
{
    static struct host h;
    struct stream_socket buffered;
    alarm(60);
    stream_socket_init(&buffered, socket, 10 * LEASE_US);
    struct stream stream = stream_socket_of(&buffered);
    h.evil = evil;
    link_create(&h.link, &stream, LINK_AT_HOST);
    link_set_lease(h.link, 10 * LEASE_US);
    await(&h, RECORD_HELLO);
    if (honest == NOTHING)
        be_evil(&h);
    say_hello(&h);
    if (honest == SAID_HELLO)
        be_evil(&h);
    await(&h, RECORD_END);
    if (honest == GOT_IMAGE)
        be_evil(&h);
    say(&h, RECORD_READY);
    if (honest == SAID_READY)
        be_evil(&h);
    await(&h, RECORD_GO);
    if (honest == GOT_GO)
        be_evil(&h);
    say(&h, RECORD_RUNNING);
    be_evil(&h);
}

/* ---- The process. -------------------------------------------------------- */

struct world
{
    char folder[64];
    char out[96];
    pid_t process;
    pid_t host;
    int socket;
    struct stream_socket buffered;
    struct stream stream;
    struct deputy *deputy;
};

static pid_t launch(const char *out)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    char program[512];
    char lines[16];
    snprintf(program, sizeof program, "%s/subject", getenv("BIN"));
    snprintf(lines, sizeof lines, "%d", LINES);
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i <= STDERR_FILENO; i++)
        dup2(null, i);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execl(program, program, "compute", lines, out, (char *)NULL);
    _exit(127);
}

static size_t file_bytes(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

static void begin(struct world *w, enum step honest, enum evil evil)
{
    int ends[2];
    const char *base = getenv("TMPDIR");
    struct complaint complaint = {0};
    struct deputy_options options = {
        .transfer = transfer_limits_usual(
            evil < OWED_EVILS ? TRANSFER_STOP : TRANSFER_POSTCOPY),
        .lease_us = LEASE_US};
    *w = (struct world){0};
    snprintf(w->folder, sizeof w->folder, "%s/vencejo-test-XXXXXX",
             base && strlen(base) < 24 ? base : "/tmp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(w->folder));
    snprintf(w->out, sizeof w->out, "%s/out", w->folder);
    w->process = launch(w->out);
    for (int ms = 0; file_bytes(w->out) == 0 && ms < 20000; ms++)
        usleep(1000);
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    w->host = fork();
    if (w->host == 0) {
        close(ends[0]);
        host(ends[1], honest, evil);
    }
    close(ends[1]);
    w->socket = ends[0];
    stream_socket_init(&w->buffered, w->socket, LEASE_US);
    w->stream = stream_socket_of(&w->buffered);
    CU_ASSERT_EQUAL_FATAL(
        deputy_create(&w->deputy, w->process, &options, &complaint), 0);
}

static void end(struct world *w)
{
    deputy_destroy(w->deputy);
    stream_socket_finish(&w->buffered);
    close(w->socket);
    kill(w->host, SIGKILL);
    waitpid(w->host, NULL, 0);
    unlink(w->out);
    CU_ASSERT_EQUAL(rmdir(w->folder), 0);
}

/* ---- What is left. ------------------------------------------------------- */

static bool file_has(pid_t pid, const char *name, const char *text)
{
    char path[64];
    char *line = NULL;
    size_t room = 0;
    bool has = false;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    FILE *file = fopen(path, "re");
    while (file && !has && getline(&line, &room, file) > 0)
        has = strstr(line, text) != NULL;
    free(line);
    if (file)
        fclose(file);
    return has;
}

static int count_open(pid_t pid)
{
    char path[64];
    int count = 0;
    for (int i = 0; i < 64; i++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, i);
        char target[64];
        count += readlink(path, target, sizeof target) > 0;
    }
    return count;
}

static uint64_t checksum(const char *path)
{
    uint64_t hash = 1469598103934665603U;
    FILE *file = fopen(path, "re");
    for (int c = file ? fgetc(file) : EOF; c != EOF; c = fgetc(file))
        hash = (hash ^ (uint64_t)c) * 1099511628211U;
    if (file)
        fclose(file);
    return hash;
}

/* What it writes when nobody moves it. */
static uint64_t undisturbed(void)
{
    char folder[] = "/tmp/vencejo-test-XXXXXX";
    char out[64];
    int status = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(out, sizeof out, "%s/out", folder);
    pid_t pid = launch(out);
    waitpid(pid, &status, 0);
    CU_ASSERT_EQUAL(WEXITSTATUS(status), RIGHT);
    uint64_t hash = checksum(out);
    unlink(out);
    rmdir(folder);
    return hash;
}

/* ---- The tests. ---------------------------------------------------------- */

static void goes_on_at_home(enum step honest, enum evil evil, uint64_t right)
{
    struct world w;
    struct deputy_cost cost;
    struct complaint complaint = {0};
    int status = -1;
    begin(&w, honest, evil);
    int open_before = count_open(w.process);
    int error = deputy_send(w.deputy, &w.stream, &cost, &complaint);
    CU_ASSERT(error < 0);
    CU_ASSERT(strlen(complaint.text) > 0);
    CU_ASSERT_EQUAL(deputy_state_of(w.deputy), DEPUTY_HOME);
    CU_ASSERT(file_has(w.process, "status", "TracerPid:\t0"));
    CU_ASSERT(!file_has(w.process, "maps", "vencejo-window"));
    int left = count_open(w.process);
    CU_ASSERT(left == open_before || left == 0); /* It may have ended. */
    CU_ASSERT_EQUAL(waitpid(w.process, &status, 0), w.process);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), RIGHT);
    CU_ASSERT_EQUAL(checksum(w.out), right);
    if (error >= 0 || status != RIGHT << 8)
        fprintf(stderr, "step %d, evil %d: %d, status %x, %s\n", honest, evil,
                error, status, complaint.text);
    end(&w);
}

static void a_process_that_did_not_leave_goes_on(void)
{
    uint64_t right = undisturbed();
    for (enum step step = NOTHING; step < SAID_RUNNING; step++)
        for (enum evil evil = DIES; evil < EVILS_OF_ALL; evil++)
            goes_on_at_home(step, evil, right);
}

static void is_lost(enum evil evil)
{
    struct world w;
    struct deputy_cost cost;
    struct complaint complaint = {0};
    enum deputy_event event = DEPUTY_WOKEN;
    int status = -1;
    begin(&w, SAID_RUNNING, evil);
    int error = deputy_send(w.deputy, &w.stream, &cost, &complaint);
    CU_ASSERT_EQUAL(error, 0);
    size_t bytes = file_bytes(w.out);
    do /* Home may decline what comes, and hear no more: WOKEN. */
        error = deputy_serve(w.deputy, -1, &event);
    while (!error && (event == DEPUTY_CUT || event == DEPUTY_WOKEN));
    CU_ASSERT_EQUAL(error, 0);
    CU_ASSERT_EQUAL(event, DEPUTY_LOST);
    CU_ASSERT(strlen(deputy_why(w.deputy)->text) > 0);
    CU_ASSERT_EQUAL(deputy_state_of(w.deputy), DEPUTY_ENDED);
    CU_ASSERT_EQUAL(waitpid(w.process, &status, 0), w.process);
    CU_ASSERT(WIFSIGNALED(status));
    CU_ASSERT_EQUAL(WTERMSIG(status), SIGKILL);
    CU_ASSERT_EQUAL(file_bytes(w.out), bytes);
    if (event != DEPUTY_LOST)
        fprintf(stderr, "evil %d: event %d\n", evil, event);
    end(&w);
}

static void one_that_did_is_lost(void)
{
    for (enum evil evil = DIES; evil < EVILS; evil++)
        is_lost(evil);
}

static void its_own_descriptors_are_all_that_is_left(void)
{
    int before = count_open(getpid());
    goes_on_at_home(GOT_GO, DIES, undisturbed());
    is_lost(ASKS_TO_TRACE);
    CU_ASSERT_EQUAL(count_open(getpid()), before);
    CU_ASSERT(!file_has(getpid(), "maps", "vencejo-window"));
}

static int begin_suite(void)
{
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    alarm(LIMIT_S);
    return sigprocmask(SIG_BLOCK, &children, NULL);
}

static void signals_are_set(void)
{
    CU_ASSERT_EQUAL(begin_suite(), 0);
}

SUITE_MAIN("deputy",
           {"its caller blocks SIGCHLD", signals_are_set},
           {"a process that did not run elsewhere goes on at home, whatever "
            "the host does",
            a_process_that_did_not_leave_goes_on},
           {"one whose host lies is lost, and told so", one_that_did_is_lost},
           {"nothing is left of either",
            its_own_descriptors_are_all_that_is_left})
