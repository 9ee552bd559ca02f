/* homenode_transfer.c - the memory of a process over TCP on this machine,
 * beside a plain copy of as many bytes whose receiver touches fresh pages, in
 * turn.
 *
 * bench_homenode_transfer MEBIBYTES MEBIBYTES_PER_S stop|precopy [TURNS
 * [FROM TO ADDRESS]]: the process writes so much of its memory meanwhile.
 * FROM, TO: namespaces of the network, as `ip netns` names them; ADDRESS is one
 * of TO's. Medians of five turns, or so many.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../real/homenode/body.h"
#include "../real/homenode/image.h"
#include "../real/homenode/stream_socket.h"
#include "../real/homenode/transfer.h"
#include "measure.h"

enum {
    TURNS = 5,
    TURNS_MAX = 25,
    PIECE = 1024 * 1024,
    PATIENCE_US = 60 * 1000 * 1000
};

struct turn
{
    double plain_s;  /* The plain copy. */
    double total_s;  /* Ours, from the first round until all is there. */
    double freeze_s; /* Of these, the process stood still: its state is taken */
    double rest_s;   /* and the rest of the memory sent and laid. */
    double rounds;
    double sent_mib;
    /* Processor time of the two ends: on a busy machine the ratio of the larger
     * ones is the better measure. */
    double plain_send_s;
    double plain_take_s;
    double send_s;
    double take_s;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "bench_homenode_transfer: %s: %s\n", what,
            strerror(error < 0 ? -error : error));
    exit(EXIT_FAILURE);
}

/* Where the two ends are; NULL: here. */
struct way
{
    const char *from;
    const char *to;
    const char *address;
};

static void enter(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "/run/netns/%s", name);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) < 0)
        die(name, errno);
    close(space);
}

static void connect_two(const struct way *way, int ret_ends[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    if (inet_pton(AF_INET, way->address, &address.sin_addr) != 1)
        die(way->address, EINVAL);
    if (way->to)
        enter(way->to);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        die("listen", errno);
    if (way->from)
        enter(way->from);
    ret_ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (ret_ends[0] < 0 ||
        connect(ret_ends[0], (struct sockaddr *)&address, length) < 0)
        die("connect", errno);
    ret_ends[1] = accept(listener, NULL, NULL);
    close(listener);
}

static char *fresh(size_t bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap", errno);
    return memory;
}

/* Nothing of it can be left out or shrinks. */
static void fill(char *memory, size_t bytes)
{
    uint64_t state = 1;
    for (size_t i = 0; i < bytes; i += sizeof state) {
        uint64_t word = random_bits(&state);
        memcpy(memory + i, &word, sizeof word);
    }
}

/* In a virtual machine memory that was never used has to be supplied first, by
 * the host, which takes several times as long as all that is measured here; and
 * ours needs once more of it than the plain copy, the source and the body. */
static void warm(size_t bytes)
{
    pid_t pid = fork();
    if (pid == 0) {
        memset(fresh(bytes), 1, bytes);
        _exit(EXIT_SUCCESS);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* A child that does the one or the other, and tells by a byte. */
static pid_t start(void (*work)(int socket, size_t bytes, double rate),
                   int socket,
                   size_t bytes,
                   double rate)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work(socket, bytes, rate);
        _exit(EXIT_SUCCESS);
    }
    return pid;
}

static void say(int socket)
{
    if (write(socket, "", 1) != 1)
        _exit(EXIT_FAILURE);
}

/* Wait for it; the processor time that it used. */
static double end_of(pid_t pid)
{
    struct rusage usage;
    int status;
    while (wait4(pid, &status, __WALL, &usage) != pid ||
           !(WIFEXITED(status) || WIFSIGNALED(status)))
        continue;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void hear(int socket)
{
    char byte;
    if (read(socket, &byte, 1) != 1)
        die("the other side is gone", EPIPE);
}

/* ---- The plain copy. ----------------------------------------------------- */

static void take_plain(int socket, size_t bytes, double rate)
{
    char *memory = fresh(bytes);
    (void)rate;
    for (size_t at = 0; at < bytes;) {
        size_t some = bytes - at < PIECE ? bytes - at : PIECE;
        ssize_t got = recv(socket, memory + at, some, MSG_WAITALL);
        if (got <= 0)
            _exit(EXIT_FAILURE);
        at += (size_t)got;
    }
    say(socket);
}

static void copy_plainly(const struct way *way,
                         const char *memory,
                         size_t bytes,
                         struct turn *turn)
{
    int ends[2];
    connect_two(way, ends);
    pid_t pid = start(take_plain, ends[1], bytes, 0);
    double cpu_from = cpu_seconds();
    double from = now_s();
    for (size_t at = 0; at < bytes;) {
        size_t some = bytes - at < PIECE ? bytes - at : PIECE;
        ssize_t put = send(ends[0], memory + at, some, MSG_NOSIGNAL);
        if (put <= 0)
            die("send", errno);
        at += (size_t)put;
    }
    hear(ends[0]);
    turn->plain_s = now_s() - from;
    turn->plain_send_s = cpu_seconds() - cpu_from;
    turn->plain_take_s = end_of(pid);
    close(ends[0]);
    close(ends[1]);
}

/* ---- Ours. --------------------------------------------------------------- */

/* The process that moves: fills its memory, then writes pages at that rate. */
static void live(int socket, size_t bytes, double rate)
{
    enum { STEP = 16, PAGE = 4096 };
    char *memory = fresh(bytes);
    uint64_t state = 2;
    fill(memory, bytes);
    say(socket);
    double from = now_s();
    for (double written = 0;;) {
        if (written >= (now_s() - from) * rate) {
            usleep(rate > 0 ? 500 : 100000);
            continue;
        }
        for (int i = 0; i < STEP; i++)
            memory[random_bits(&state) % (bytes / PAGE) * PAGE]++;
        written += STEP * PAGE;
    }
}

/* The body: takes all records, and says so whenever the sender asks by END. */
static void take_body(int socket, size_t bytes, double rate)
{
    struct tracee body;
    struct receiver r;
    struct incoming incoming = {0};
    struct stream_socket s;
    (void)bytes;
    (void)rate;
    int error = stream_socket_init(&s, socket, PATIENCE_US);
    struct stream stream = stream_socket_of(&s);
    if (!error)
        error = body_create(&body, 0, NULL, NULL);
    if (!error)
        error = body_empty(&body);
    if (!error)
        error = receiver_init(&r, &body, false);
    say(socket);
    while (!error) {
        error = stream_get(&stream, &incoming);
        if (!error && incoming.kind == RECORD_END)
            break;
        if (!error)
            error = receiver_take(&r, &incoming);
    }
    if (error)
        die("receiver", error);
    say(socket);
    body_kill(&body);
}

static void freeze(struct transfer *x,
                   struct tracee *t,
                   const struct stream *stream,
                   int socket,
                   struct turn *turn)
{
    static struct image image;
    static struct pending pending; /* None: it takes no signals. */
    double from = now_s();
    int error = tracee_stop(t);
    if (!error)
        error = image_take(t, &image, &pending);
    double taken = now_s();
    if (!error)
        error = transfer_rest(x, stream);
    if (!error)
        error = stream_put(stream, RECORD_END, NULL, 0);
    if (error)
        die("the rest", error);
    hear(socket);
    turn->freeze_s = now_s() - from;
    turn->rest_s = now_s() - taken;
}

static void move(const struct way *way,
                 size_t bytes,
                 double rate,
                 enum transfer_mode mode,
                 struct turn *turn)
{
    int ends[2];
    int source_ends[2];
    struct tracee t;
    struct transfer *x;
    struct transfer_cost cost;
    struct stream_socket s;
    struct transfer_limits limits = transfer_limits_usual(mode);
    connect_two(way, ends);
    connect_two(way, source_ends);
    pid_t source = start(live, source_ends[1], bytes, rate);
    pid_t other = start(take_body, ends[1], 0, 0);
    hear(source_ends[0]);
    hear(ends[0]);
    int error = stream_socket_init(&s, ends[0], PATIENCE_US);
    struct stream stream = stream_socket_of(&s);
    if (!error)
        error = tracee_seize(&t, source, PTRACE_O_EXITKILL);
    double cpu_from = cpu_seconds();
    double from = now_s();
    if (!error)
        error = transfer_create(&x, &t, &limits);
    if (!error)
        error = transfer_rounds(x, &stream, NULL, NULL);
    if (error)
        die("rounds", error);
    freeze(x, &t, &stream, ends[0], turn);
    turn->total_s = now_s() - from;
    turn->send_s = cpu_seconds() - cpu_from;
    transfer_cost_of(x, &cost);
    transfer_destroy(x);
    turn->rounds = cost.rounds;
    turn->sent_mib = (double)cost.memory_bytes / PIECE;
    kill(source, SIGKILL);
    (void)end_of(source);
    turn->take_s = end_of(other);
    stream_socket_finish(&s);
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(source_ends[i]);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(const struct turn *turns, int count, size_t offset)
{
    double values[TURNS_MAX];
    for (int i = 0; i < count; i++)
        memcpy(&values[i], (const char *)&turns[i] + offset, sizeof values[i]);
    qsort(values, (size_t)count, sizeof values[0], compare);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    struct turn turns[TURNS_MAX] = {0};
    struct way way = {NULL, NULL, "127.0.0.1"};
    if (argc < 4 || (argc > 5 && argc < 8)) {
        fprintf(stderr,
                "usage: %s MEBIBYTES MEBIBYTES_PER_S stop|precopy [TURNS "
                "[FROM TO ADDRESS]]\n",
                argv[0]);
        return EXIT_FAILURE;
    }
    size_t bytes = (size_t)atol(argv[1]) * PIECE;
    double rate = atof(argv[2]) * PIECE;
    bool stop = strcmp(argv[3], "stop") == 0;
    enum transfer_mode mode = stop ? TRANSFER_STOP : TRANSFER_PRECOPY;
    int count = argc > 4 ? atoi(argv[4]) : TURNS;
    if (count < 1 || count > TURNS_MAX)
        die("turns", EINVAL);
    if (argc > 7)
        way = (struct way){argv[5], argv[6], argv[7]};
    warm(3 * bytes);
    char *memory = fresh(bytes);
    fill(memory, bytes);
    madvise(memory, bytes, MADV_DONTFORK); /* What moves has its own. */
    for (int i = 0; i < count; i++) {
        copy_plainly(&way, memory, bytes, &turns[i]);
        move(&way, bytes, rate, mode, &turns[i]);
    }
    const struct
    {
        const char *name;
        size_t offset;
        double scale;
        const char *unit;
    } figures[] = {
        {"plain_s", offsetof(struct turn, plain_s), 1, "s"},
        {"total_s", offsetof(struct turn, total_s), 1, "s"},
        {"freeze_ms", offsetof(struct turn, freeze_s), 1e3, "ms"},
        {"rest_ms", offsetof(struct turn, rest_s), 1e3, "ms"},
        {"rounds", offsetof(struct turn, rounds), 1, ""},
        {"sent_mib", offsetof(struct turn, sent_mib), 1, "MiB"},
        {"plain_send_cpu_s", offsetof(struct turn, plain_send_s), 1, "s"},
        {"plain_take_cpu_s", offsetof(struct turn, plain_take_s), 1, "s"},
        {"send_cpu_s", offsetof(struct turn, send_s), 1, "s"},
        {"take_cpu_s", offsetof(struct turn, take_s), 1, "s"},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        print_figure(
            figures[i].name,
            figures[i].scale * median_of(turns, count, figures[i].offset),
            figures[i].unit);
    return EXIT_SUCCESS;
}
