/* away.h - a process, its home and its host over TCP on this machine, as the
 * programs here need them: the process does what it is ordered to.
 */
#ifndef BENCH_AWAY_H
#define BENCH_AWAY_H

#include "../real/homenode/deputy.h"
#include "../real/homenode/stream_socket.h"
#include "exchange.h"

struct stream_tls;

/* What the process is told to do. */
enum order_kind {
    ORDER_NULL = 'n',     /* getppid(2) */
    ORDER_IDENTITY = 'i', /* getpid(2), which its host knows. */
    ORDER_LOCAL = 'l',    /* brk(2), which its host's kernel makes. */
    ORDER_CLOCK = 'c',    /* clock_gettime(2), by the vDSO. */
    ORDER_READ = 'r',     /* pread(2) of so many bytes, */
    ORDER_WRITE = 'w',    /* pwrite(2). */
    ORDER_COMPUTE = 'f',  /* So many steps; the answer is in CPU time. */
    ORDER_DIRTY = 'd',    /* Write so many bytes a second from now on, a byte of
                             each page, without any call but the vDSO's; the
                             answer comes at once. */
};

struct order
{
    enum order_kind what;
    size_t bytes;
    size_t count;
};

struct away_options
{
    size_t memory_bytes;
    enum transfer_mode mode;
    bool tls;
    int home_processor; /* -1: any. */
    int host_processor;
};

struct away
{
    struct away_options options;
    pid_t process;
    int orders;
    int answers;
    struct deputy *deputy;
    struct sockaddr_in host;
    pid_t guardian;
    int socket;
    struct stream_socket plain;
    struct stream_tls *tls;
    struct stream stream;
};

/* It is at home. SIGCHLD is blocked. Before any other goes: what is started
 * later inherits memory that is shared, and cannot be moved. */
void away_begin(struct away *a, const struct away_options *options);
void away_end(struct away *a);

void away_go(struct away *a, struct deputy_cost *ret_cost);
void away_come_home(struct away *a, struct deputy_cost *ret_cost);

/* Until all its pages are where it is; microseconds since it was stopped. */
double away_await_whole(struct away *a, const struct deputy_cost *cost);

/* Microseconds of one: the median of `count`, TIMES_MAX at most. */
double away_order(struct away *a,
                  enum order_kind what,
                  size_t bytes,
                  size_t count);

#endif /* BENCH_AWAY_H */
