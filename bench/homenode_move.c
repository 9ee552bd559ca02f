/* homenode_move.c - what it costs a process to be away from home: each call
 * that is made there, against TCP ping-pong on the same path; the freeze of a
 * move; memory that stays. Home, host and body on one processor, over TCP on
 * this machine.
 *
 * Usage: homenode_move [--long]
 */
#include "measure.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "real/homenode/deputy.h"
#include "real/homenode/guest.h"
#include "real/homenode/postcopy.h"
#include "real/homenode/stream_socket.h"

enum {
    BATCHES = 21,
    PING_BYTES = 64,
    MOVES = 5,
    PATIENCE_US = 10 * 1000 * 1000,
};

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

static void die(const char *what)
{
    fprintf(stderr, "homenode_move: %s\n", what);
    exit(EXIT_FAILURE);
}

static void pin(bool to_one)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t i = 0; i < (to_one ? 1 : CPU_SETSIZE); i++)
        CPU_SET(i, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* ---- TCP alone. ---------------------------------------------------------- */

static int listen_here(struct sockaddr_in *ret_address)
{
    socklen_t bytes = sizeof *ret_address;
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET};
    ret_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s, (struct sockaddr *)ret_address, bytes) < 0 ||
        listen(s, 4) < 0 ||
        getsockname(s, (struct sockaddr *)ret_address, &bytes) < 0)
        die("cannot listen");
    return s;
}

static int connect_here(const struct sockaddr_in *address)
{
    const int on = 1;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(s, (const struct sockaddr *)address, sizeof *address) < 0)
        die("cannot connect");
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return s;
}

static double ping_us(void)
{
    enum { PINGS = 500 };
    struct sockaddr_in address;
    double batches[BATCHES];
    char bytes[PING_BYTES] = {0};
    int listener = listen_here(&address);
    pid_t pid = fork();
    if (pid == 0) {
        int s = accept(listener, NULL, NULL);
        const int on = 1;
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        while (recv(s, bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes)
            if (send(s, bytes, sizeof bytes, MSG_NOSIGNAL) < 0)
                break;
        _exit(0);
    }
    int s = connect_here(&address);
    close(listener);
    for (int b = 0; b < BATCHES; b++) {
        double start = now_us();
        for (int i = 0; i < PINGS; i++)
            if (send(s, bytes, sizeof bytes, 0) < 0 ||
                recv(s, bytes, sizeof bytes, MSG_WAITALL) < 0)
                die("no ping");
        batches[b] = (now_us() - start) / PINGS;
    }
    close(s);
    waitpid(pid, NULL, 0);
    return median(batches, BATCHES);
}

/* ---- The process that moves. --------------------------------------------- */

/* What it is told to do, and what it says. */
struct order
{
    char what; /* n: null calls, l: local ones, r, w: of so many bytes; d: write
                  so many a second until the next order, which is no answer. */
    size_t bytes;
};

static double do_batch(const struct order *o, char *room, int file)
{
    int count = o->what == 'l' ? 20000 : o->bytes > 65536 ? 20 : 200;
    double start = now_us();
    for (int i = 0; i < count; i++) {
        ssize_t done = 0;
        if (o->what == 'n')
            done = getppid();
        else if (o->what == 'l')
            done = sched_yield();
        else if (o->what == 'r')
            done = pread(file, room, o->bytes, 0);
        else
            done = pwrite(file, room, o->bytes, 0);
        if (done < 0)
            return -1;
    }
    return (now_us() - start) / count;
}

static void dirty(char *memory, size_t bytes, size_t rate, int orders)
{
    enum { PAGE = 4096, LOOK_US = 20000 };
    uint64_t random = 1;
    struct pollfd next = {.fd = orders, .events = POLLIN};
    while (poll(&next, 1, 0) == 0) {
        double start = now_us();
        double done = 0;
        for (double us = 0; us < LOOK_US; us = now_us() - start)
            for (; done < us * (double)rate / 1e6; done += PAGE)
                memory[random_bits(&random) % (bytes / PAGE) * PAGE]++;
    }
}

static _Noreturn void live(int orders, int answers, int file, size_t bytes)
{
    struct order o;
    char *room = malloc(1 << 20);
    char *memory = malloc(bytes);
    if (!room || !memory)
        _exit(1);
    memset(room, 1, 1 << 20);
    for (size_t i = 0; i < bytes; i += 8)
        memcpy(memory + i, &i, 8); /* No two pages alike. */
    while (read(orders, &o, sizeof o) == sizeof o) {
        double batches[BATCHES];
        if (o.what == 'd') {
            dirty(memory, bytes, o.bytes, orders);
            continue;
        }
        for (int b = 0; b < BATCHES; b++)
            batches[b] = do_batch(&o, room, file);
        double middle = median(batches, BATCHES);
        if (write(answers, &middle, sizeof middle) != sizeof middle)
            break;
    }
    _exit(0);
}

/* ---- Home and host. ------------------------------------------------------ */

struct home
{
    pid_t process;
    int orders;
    int answers;
    struct deputy *deputy;
    struct sockaddr_in host;
    pid_t hosts;
    int socket;
    struct stream_socket buffered;
    struct stream stream;
};

static _Noreturn void be_host(int listener, enum transfer_mode mode)
{
    int device = postcopy_device();
    const struct guest_options options = {
        .transfer = transfer_limits_usual(
            transfer_has_rounds(mode) ? TRANSFER_PRECOPY : TRANSFER_STOP),
        .fault_device = device > 0 ? device : 0,
        .lease_us = PATIENCE_US};
    for (;;) {
        struct stream_socket buffered;
        struct guest *guest;
        struct complaint complaint = {0};
        enum guest_event event = GUEST_WOKEN;
        int s = accept(listener, NULL, NULL);
        stream_socket_keep_alive(s, PATIENCE_US);
        stream_socket_init(&buffered, s, PATIENCE_US);
        struct stream stream = stream_socket_of(&buffered);
        if (guest_create(&guest, &stream, NULL, &options, &complaint) < 0) {
            fprintf(stderr, "%s: %s\n", complaint.file, complaint.text);
            _exit(1);
        }
        while (guest_serve(guest, -1, &event) == 0 && event == GUEST_WOKEN)
            continue;
        guest_destroy(guest);
        stream_socket_finish(&buffered);
        close(s);
    }
}

static void begin(struct home *h, size_t bytes, enum transfer_mode mode)
{
    int orders[2];
    int answers[2];
    struct complaint complaint;
    const struct deputy_options options = {
        .transfer = transfer_limits_usual(mode), .lease_us = PATIENCE_US};
    if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
        die("no pipe");
    int file = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, 1 << 20) < 0)
        die("no file in /dev/shm");
    h->process = fork();
    if (h->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(orders[1]);
        close(answers[0]);
        live(orders[0], answers[1], file, bytes);
    }
    close(file);
    int listener = listen_here(&h->host);
    h->hosts = fork();
    if (h->hosts == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        be_host(listener, mode);
    }
    close(listener);
    close(orders[0]);
    close(answers[1]);
    h->orders = orders[1];
    h->answers = answers[0];
    h->socket = -1;
    if (deputy_create(&h->deputy, h->process, &options, &complaint) < 0)
        die(complaint.text);
}

static void go_away(struct home *h, struct deputy_cost *ret_cost)
{
    struct complaint complaint = {0};
    h->socket = connect_here(&h->host);
    stream_socket_keep_alive(h->socket, PATIENCE_US);
    stream_socket_init(&h->buffered, h->socket, PATIENCE_US);
    h->stream = stream_socket_of(&h->buffered);
    if (deputy_send(h->deputy, &h->stream, ret_cost, &complaint) < 0)
        die(complaint.text);
}

static void come_home(struct home *h, struct deputy_cost *ret_cost)
{
    enum deputy_event event = DEPUTY_WOKEN;
    deputy_recall(h->deputy);
    while (event != DEPUTY_CAME_HOME)
        if (deputy_serve(h->deputy, -1, &event) < 0 || event == DEPUTY_LOST)
            die(deputy_why(h->deputy)->text);
    deputy_cost_home(h->deputy, ret_cost);
    stream_socket_finish(&h->buffered);
    close(h->socket);
}

/* Microseconds of one call. */
static double order(struct home *h, char what, size_t bytes)
{
    const struct order o = {what, bytes};
    enum deputy_event event;
    double answer = 0;
    if (write(h->orders, &o, sizeof o) != sizeof o)
        die("it does not hear");
    struct pollfd ready = {.fd = h->answers, .events = POLLIN};
    while (deputy_state_of(h->deputy) == DEPUTY_AWAY && poll(&ready, 1, 0) == 0)
        if (deputy_serve(h->deputy, h->answers, &event) < 0 ||
            event == DEPUTY_LOST)
            die(deputy_why(h->deputy)->text);
    if (read(h->answers, &answer, sizeof answer) != sizeof answer)
        die("it does not answer");
    return answer;
}

static void end(struct home *h)
{
    kill(h->process, SIGKILL);
    waitpid(h->process, NULL, 0);
    deputy_destroy(h->deputy);
    kill(h->hosts, SIGKILL);
    waitpid(h->hosts, NULL, 0);
    close(h->orders);
    close(h->answers);
}

static double resident_kib(pid_t pid)
{
    char path[64];
    char line[128];
    double kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtod(line + 6, NULL);
    if (file)
        fclose(file);
    return kib;
}

/* ---- Figures. ------------------------------------------------------------ */

static void calls(void)
{
    struct home h;
    struct deputy_cost cost;
    char name[64];
    begin(&h, 1 << 20, TRANSFER_STOP);
    double local_at_home = order(&h, 'l', 0);
    double null_at_home = order(&h, 'n', 0);
    go_away(&h, &cost);
    print_figure("memory at home of one that is away", resident_kib(h.process),
                 "KiB");
    double ping = ping_us();
    double null = order(&h, 'n', 0);
    print_figure("TCP ping-pong", ping, "us");
    print_figure("null call at home", null_at_home, "us");
    print_figure("null call away", null, "us");
    print_figure("null call away / ping-pong", null / ping, "");
    print_figure("local call at home", local_at_home, "us");
    print_figure("local call away", order(&h, 'l', 0), "us");
    for (size_t bytes = 4096; bytes <= 1 << 20; bytes *= 16) {
        snprintf(name, sizeof name, "read away, %zu KiB", bytes / 1024);
        print_figure(name, (double)bytes / order(&h, 'r', bytes), "MB/s");
        snprintf(name, sizeof name, "write away, %zu KiB", bytes / 1024);
        print_figure(name, (double)bytes / order(&h, 'w', bytes), "MB/s");
    }
    /* Large calls give their memory back after a second without any. */
    for (int i = 0; i < 12; i++) {
        usleep(100000);
        order(&h, 'l', 0);
    }
    print_figure("memory at home after large calls", resident_kib(h.process),
                 "KiB");
    end(&h);
}

/* All its pages are where it is. Returns how long that took, from the stop. */
static double await_whole(struct home *h, const struct deputy_cost *cost)
{
    struct deputy_account account;
    enum deputy_event event;
    struct itimerspec soon = {.it_value.tv_nsec = 1000000};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    while (deputy_owes(h->deputy)) {
        timerfd_settime(timer, 0, &soon, NULL);
        if (deputy_serve(h->deputy, timer, &event) < 0 || event != DEPUTY_WOKEN)
            die(deputy_why(h->deputy)->text);
    }
    close(timer);
    deputy_account_of(h->deputy, &account);
    return cost->transfer.owed_bytes > 0 ? (double)account.whole_us
                                         : (double)cost->freeze_us;
}

/* A process with so much memory, which writes so much of it in a second. */
struct trial
{
    size_t mebibytes;
    size_t rate;
    enum transfer_mode mode;
};

static void moves(const struct trial *t)
{
    static const char *const names[TRANSFER_MODES] = {"stop", "precopy",
                                                      "postcopy", "hybrid"};
    struct home h;
    enum { FREEZE, WHOLE, MOVE, BACK, FIGURES };
    static const char *const figures[FIGURES] = {"freeze", "stop to last page",
                                                 "move", "freeze home"};
    double values[FIGURES][MOVES];
    char how[48] = "idle";
    char name[96];
    begin(&h, t->mebibytes << 20, t->mode);
    order(&h, 'l', 0); /* Its memory is touched. */
    if (t->rate > 0)
        snprintf(how, sizeof how, "%zu MB/s", t->rate / 1000000);
    const struct order o = {'d', t->rate};
    if (t->rate > 0 && write(h.orders, &o, sizeof o) != sizeof o)
        die("it does not hear");
    for (int i = 0; i < MOVES; i++) {
        struct deputy_cost cost;
        usleep(100000);
        go_away(&h, &cost);
        values[FREEZE][i] = (double)cost.freeze_us / 1e3;
        values[MOVE][i] = (double)cost.total_us / 1e3;
        values[WHOLE][i] = await_whole(&h, &cost) / 1e3;
        come_home(&h, &cost);
        values[BACK][i] = (double)cost.freeze_us / 1e3;
    }
    for (int f = 0; f < FIGURES; f++) {
        snprintf(name, sizeof name, "%s, %zu MiB %s, %s", figures[f],
                 t->mebibytes, how, names[t->mode]);
        print_figure(name, median(values[f], MOVES), "ms");
    }
    end(&h);
}

int main(int argc, char **argv)
{
    sigset_t children;
    bool is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    pin(true);
    calls();
    pin(false);
    const size_t sizes[] = {1, 64, 512, 2048};
    int device = postcopy_device(); /* Else these two are no figures. */
    if (device > 0)
        close(device);
    for (size_t i = 0; i < (is_long ? 4 : 3); i++)
        for (int mode = 0; mode < TRANSFER_MODES; mode++) {
            struct trial t = {sizes[i], 0, (enum transfer_mode)mode};
            if (transfer_may_owe(t.mode) && device <= 0)
                continue;
            if (t.mode != TRANSFER_HYBRID) /* Pre-copy, if it is idle. */
                moves(&t);
            t.rate = 300000000;
            if (is_long && sizes[i] >= 512)
                moves(&t);
        }
    return EXIT_SUCCESS;
}
