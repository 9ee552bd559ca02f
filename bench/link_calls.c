/* link_calls.c - a REQUEST and its REPLY over loopback TCP, beside the same
 * bytes sent and received bare, both ends on one core: what a link costs. Told:
 * medians of single exchanges, for an answer waited for in recv(2) as soon as
 * it comes, and in ppoll(2) as among other descriptors.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../real/homenode/link.h"
#include "../real/homenode/stream_socket.h"
#include "measure.h"

enum { EXCHANGES = 30000, PATIENCE_US = 10 * 1000 * 1000 };
enum how { BARE, DIRECT, POLLED, WAYS };

struct end
{
    int socket;
    bool home;
    struct stream_socket buffered;
    struct stream stream;
    struct link *link;
    struct incoming incoming;
    union {
        struct wire_request request;
        struct wire_reply reply;
        uint8_t bytes[RECORD_HEAD_BYTES + sizeof(struct wire_request)];
    } message;
};

static void check(bool good)
{
    if (!good)
        _exit(EXIT_FAILURE);
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t message_bytes(bool of_home)
{
    return of_home ? sizeof(struct wire_reply) : sizeof(struct wire_request);
}

static void say(struct end *end, enum how how)
{
    size_t bytes = message_bytes(end->home);
    struct iovec part = {&end->message, bytes};
    if (how == BARE) {
        bytes += RECORD_HEAD_BYTES;
        check(send(end->socket, end->message.bytes, bytes, 0) ==
              (ssize_t)bytes);
    } else {
        enum record_kind kind = end->home ? RECORD_REPLY : RECORD_REQUEST;
        check(link_put(end->link, kind, &part, 1, true) == 0);
    }
}

static void hear(struct end *end, enum how how)
{
    size_t bytes = RECORD_HEAD_BYTES + message_bytes(!end->home);
    sigset_t none;
    sigemptyset(&none);
    if (how == BARE) {
        check(recv(end->socket, end->message.bytes, bytes, MSG_WAITALL) ==
              (ssize_t)bytes);
        return;
    }
    int error;
    do
        error = link_get(end->link, &end->incoming, PATIENCE_US, -1,
                         how == POLLED ? &none : NULL);
    while (error == -EAGAIN);
    check(error == 0);
}

static void begin(struct end *end)
{
    check(stream_socket_keep_alive(end->socket, PATIENCE_US) == 0);
    check(stream_socket_init(&end->buffered, end->socket, PATIENCE_US) == 0);
    end->stream = stream_socket_of(&end->buffered);
    check(link_create(&end->link, &end->stream,
                      end->home ? LINK_AT_HOME : LINK_AT_HOST) == 0);
}

static int compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static double median_us(struct end *host, enum how how)
{
    static double times[EXCHANGES];
    for (size_t i = 0; i < EXCHANGES; i++) {
        double start = now_us();
        say(host, how);
        hear(host, how);
        times[i] = now_us() - start;
    }
    qsort(times, EXCHANGES, sizeof times[0], compare);
    return times[EXCHANGES / 2];
}

static void answer_all(struct end *home)
{
    for (int how = BARE; how < WAYS; how++)
        for (size_t i = 0; i < EXCHANGES; i++) {
            hear(home, (enum how)how);
            say(home, (enum how)how);
        }
    _exit(EXIT_SUCCESS);
}

static void join(struct end *host, struct end *home)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    host->socket = socket(AF_INET, SOCK_STREAM, 0);
    check(bind(listener, (struct sockaddr *)&address, bytes) == 0);
    check(listen(listener, 1) == 0);
    check(getsockname(listener, (struct sockaddr *)&address, &bytes) == 0);
    check(connect(host->socket, (struct sockaddr *)&address, bytes) == 0);
    home->socket = accept(listener, NULL, NULL);
    check(home->socket >= 0);
    close(listener);
}

int main(void)
{
    static struct end host;
    static struct end home = {.home = true};
    cpu_set_t here;
    CPU_ZERO(&here);
    int core = sched_getcpu();
    check(core >= 0);
    CPU_SET((size_t)core, &here);
    check(sched_setaffinity(0, sizeof here, &here) == 0);
    join(&host, &home);
    pid_t child = fork();
    check(child >= 0);
    begin(child == 0 ? &home : &host);
    if (child == 0)
        answer_all(&home);
    print_figure("tcp_exchange_us", median_us(&host, BARE), "us");
    print_figure("link_exchange_us", median_us(&host, DIRECT), "us");
    print_figure("link_polled_exchange_us", median_us(&host, POLLED), "us");
    link_destroy(host.link);
    stream_socket_finish(&host.buffered);
    incoming_finish(&host.incoming);
    int status;
    check(waitpid(child, &status, 0) == child);
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
