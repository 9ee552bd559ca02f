/* away.c - see away.h. */
#include "away.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../real/homenode/guest.h"
#include "../real/homenode/postcopy.h"
#include "../real/net/stream_tls.h"

enum { PATIENCE_US = 10 * 1000 * 1000, ROOM_BYTES = 1 << 20, PAGE = 4096 };

static const uint8_t seeds[2][NODE_KEY_BYTES] = {{1}, {2}};

/* ---- The process. -------------------------------------------------------- */

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double compute(size_t steps)
{
    double start = cpu_us();
    volatile double sum = 0;
    double x = 1;
    for (size_t i = 0; i < steps; i++)
        x = x * 1.0000001 + 1e-9 / x;
    sum = x;
    (void)sum;
    return (cpu_us() - start) / (double)steps;
}

/* For ever. */
static _Noreturn void dirty(char *memory, size_t bytes, double bytes_per_s)
{
    enum { STEP_PAGES = 16 };
    uint64_t state = 2;
    double start = now_us();
    for (double written = 0;; written += STEP_PAGES * PAGE) {
        while (written > (now_us() - start) * bytes_per_s / 1e6)
            continue;
        for (int i = 0; i < STEP_PAGES; i++) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            memory[(state >> 20) % (bytes / PAGE) * PAGE]++;
        }
    }
}

static ssize_t do_once(const struct order *o, char *room, int file)
{
    struct timespec now;
    switch (o->what) {
        case ORDER_NULL:
            return getppid();
        case ORDER_IDENTITY:
            return syscall(SYS_getpid);
        case ORDER_LOCAL:
            return syscall(SYS_brk, 0) > 0 ? 0 : -1;
        case ORDER_CLOCK:
            return clock_gettime(CLOCK_MONOTONIC, &now);
        case ORDER_READ:
            return pread(file, room, o->bytes, 0);
        case ORDER_WRITE:
            return pwrite(file, room, o->bytes, 0);
        default:
            return -1;
    }
}

/* The median of so many rows of so many calls. */
static double obey(const struct order *o, char *room, int file)
{
    enum { ROW = 100 };
    bool quick = o->what == ORDER_LOCAL || o->what == ORDER_CLOCK;
    size_t row = quick ? ROW : 1;
    double times[TIMES_MAX];
    if (o->what == ORDER_COMPUTE)
        return compute(o->count);
    for (size_t i = 0; i < o->count; i++) {
        double start = now_us();
        for (size_t j = 0; j < row; j++)
            if (do_once(o, room, file) < 0)
                return -1;
        times[i] = (now_us() - start) / (double)row;
    }
    return median(times, o->count);
}

static _Noreturn void live(int orders, int answers, int file, size_t bytes)
{
    struct order o;
    char *room = malloc(ROOM_BYTES);
    char *memory = malloc(bytes);
    if (!room || !memory)
        _exit(EXIT_FAILURE);
    memset(room, 1, ROOM_BYTES);
    for (size_t i = 0; i < bytes; i += 8)
        memcpy(memory + i, &i, 8); /* No two pages alike. */
    while (read(orders, &o, sizeof o) == sizeof o) {
        double answer = o.what == ORDER_DIRTY ? 0 : obey(&o, room, file);
        if (write(answers, &answer, sizeof answer) != sizeof answer)
            break;
        if (o.what == ORDER_DIRTY)
            dirty(memory, bytes, (double)o.bytes);
    }
    _exit(EXIT_SUCCESS);
}

/* ---- Both streams. ------------------------------------------------------- */

static bool knows_other(void *context, const struct node_key *other)
{
    (void)context;
    (void)other;
    return true; /* What it costs to look is not in a call. */
}

static void open_stream(struct away *a, enum tls_side side)
{
    const struct tls_trust trust = {NULL, knows_other};
    struct complaint complaint = {0};
    stream_socket_keep_alive(a->socket, PATIENCE_US);
    if (!a->options.tls) {
        if (stream_socket_init(&a->plain, a->socket, PATIENCE_US) < 0)
            die("no stream");
        a->stream = stream_socket_of(&a->plain);
        return;
    }
    if (stream_tls_create(&a->tls, a->socket, side, seeds[side], &trust,
                          PATIENCE_US, &complaint) < 0)
        die(complaint.text);
    a->stream = stream_tls_of(a->tls);
}

static void close_stream(struct away *a)
{
    if (a->options.tls)
        stream_tls_destroy(a->tls);
    else
        stream_socket_finish(&a->plain);
    close(a->socket);
}

static _Noreturn void be_host(struct away *a, int listener)
{
    int device = postcopy_device();
    bool rounds = transfer_has_rounds(a->options.mode);
    const struct guest_options options = {
        .transfer =
            transfer_limits_usual(rounds ? TRANSFER_PRECOPY : TRANSFER_STOP),
        .fault_device = device > 0 ? device : 0,
        .lease_us = PATIENCE_US};
    for (;;) {
        struct guest *guest;
        struct complaint complaint = {0};
        enum guest_event event = GUEST_WOKEN;
        a->socket = accept(listener, NULL, NULL);
        open_stream(a, TLS_ACCEPTS);
        if (guest_create(&guest, &a->stream, NULL, &options, &complaint) < 0)
            die(complaint.text);
        while (guest_serve(guest, -1, &event) == 0 && event == GUEST_WOKEN)
            continue;
        guest_destroy(guest);
        close_stream(a);
    }
}

/* ---- Home. --------------------------------------------------------------- */

static pid_t start_process(const struct away_options *options,
                           int orders[2],
                           int answers[2])
{
    int file = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, ROOM_BYTES) < 0)
        die("no file in /dev/shm");
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (options->home_processor >= 0)
            pin(options->home_processor);
        close(orders[1]);
        close(answers[0]);
        live(orders[0], answers[1], file, options->memory_bytes);
    }
    close(file);
    return pid;
}

void away_begin(struct away *a, const struct away_options *options)
{
    int orders[2];
    int answers[2];
    struct complaint complaint;
    const struct deputy_options deputy = {
        .transfer = transfer_limits_usual(options->mode),
        .lease_us = PATIENCE_US};
    *a = (struct away){.options = *options, .socket = -1};
    if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
        die("no pipe");
    a->process = start_process(options, orders, answers);
    int listener = listen_here(&a->host);
    a->guardian = fork();
    if (a->guardian == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (options->host_processor >= 0)
            pin(options->host_processor);
        be_host(a, listener);
    }
    close(listener);
    close(orders[0]);
    close(answers[1]);
    a->orders = orders[1];
    a->answers = answers[0];
    if (deputy_create(&a->deputy, a->process, &deputy, &complaint) < 0)
        die(complaint.text);
}

void away_go(struct away *a, struct deputy_cost *ret_cost)
{
    struct complaint complaint = {0};
    a->socket = connect_here(&a->host);
    open_stream(a, TLS_CONNECTS);
    if (deputy_send(a->deputy, &a->stream, ret_cost, &complaint) < 0)
        die(complaint.text);
}

void away_come_home(struct away *a, struct deputy_cost *ret_cost)
{
    enum deputy_event event = DEPUTY_WOKEN;
    deputy_recall(a->deputy);
    while (event != DEPUTY_CAME_HOME)
        if (deputy_serve(a->deputy, -1, &event) < 0 || event == DEPUTY_LOST)
            die(deputy_why(a->deputy)->text);
    deputy_cost_home(a->deputy, ret_cost);
    close_stream(a);
}

double away_await_whole(struct away *a, const struct deputy_cost *cost)
{
    struct deputy_account account;
    enum deputy_event event;
    struct itimerspec soon = {.it_value.tv_nsec = 1000000};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    while (deputy_owes(a->deputy)) {
        timerfd_settime(timer, 0, &soon, NULL);
        if (deputy_serve(a->deputy, timer, &event) < 0 || event != DEPUTY_WOKEN)
            die(deputy_why(a->deputy)->text);
    }
    close(timer);
    deputy_account_of(a->deputy, &account);
    return cost->transfer.owed_bytes > 0 ? (double)account.whole_us
                                         : (double)cost->freeze_us;
}

double away_order(struct away *a,
                  enum order_kind what,
                  size_t bytes,
                  size_t count)
{
    const struct order o = {what, bytes, count};
    enum deputy_event event;
    double answer = 0;
    if (write(a->orders, &o, sizeof o) != sizeof o)
        die("it does not hear");
    struct pollfd ready = {.fd = a->answers, .events = POLLIN};
    while (deputy_state_of(a->deputy) == DEPUTY_AWAY && poll(&ready, 1, 0) == 0)
        if (deputy_serve(a->deputy, a->answers, &event) < 0 ||
            event == DEPUTY_LOST)
            die(deputy_why(a->deputy)->text);
    if (read(a->answers, &answer, sizeof answer) != sizeof answer)
        die("it does not answer");
    return answer;
}

void away_end(struct away *a)
{
    kill(a->process, SIGKILL);
    waitpid(a->process, NULL, 0);
    deputy_destroy(a->deputy);
    kill(a->guardian, SIGKILL);
    waitpid(a->guardian, NULL, 0);
    close(a->orders);
    close(a->answers);
}
