/* exchange.h - what the cost of calls is held against, over TCP on this
 * machine: bytes there and back, and the bare kernel calls of a call that is
 * made at home, each in its process, without anything that Vencejo does in
 * between.
 */
#ifndef BENCH_EXCHANGE_H
#define BENCH_EXCHANGE_H

#include <netinet/in.h>
#include <stddef.h>

enum { TIMES_MAX = 4096 };

double now_us(void);
double median(double *values, size_t count);
_Noreturn void die(const char *what);

/* This process, and what it starts from here on, on one processor. */
void pin(int processor);

int listen_here(struct sockaddr_in *ret_address);
int connect_here(const struct sockaddr_in *address);

/* Another process, on that processor, that answers so many bytes by so many. */
struct exchange
{
    int socket;
    int pid;
    size_t out_bytes;
    size_t back_bytes;
    char *bytes;
};
void exchange_begin(struct exchange *e,
                    size_t out_bytes,
                    size_t back_bytes,
                    int processor);
void exchange_end(struct exchange *e);

/* The median of so many single ones: what others have of the processor does not
 * count while it is less than half. */
double exchange_us(struct exchange *e, size_t count);

/* Four processes: one whose getppid(2) is told by seccomp(2) to the second,
 * which sends 100 bytes to the third, which lets the fourth make the call, by
 * futex(2), and sends 44 bytes back. The median of single calls. */
double bare_call_us(void);

#endif /* BENCH_EXCHANGE_H */
