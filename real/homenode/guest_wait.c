/* guest_wait.c - sleeps and poll(2) of a body: when they will be over, so that
 * they last as long as was asked however often they are begun again.
 */
#include "guest_inside.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define SLEEP_S_MAX INT64_C(1000000000)

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* How long the call asks for; 0: it is no such call. */
static int64_t asked_ns(struct guest *g)
{
    const struct guest_call *call = &g->call;
    const uint64_t *arguments = call->arguments;
    uint64_t at = 0;
    struct timespec time;
    if (call->number == SYS_poll && (int)arguments[2] > 0)
        return (int)arguments[2] * NS_PER_MS;
    if (call->number == SYS_nanosleep)
        at = arguments[0];
    else if (call->number == SYS_clock_nanosleep &&
             (arguments[1] & TIMER_ABSTIME) == 0)
        at = arguments[2];
    if (at == 0 || g->body_memory.read(g, at, &time, sizeof time) != 0 ||
        time.tv_sec < 0 || time.tv_sec > SLEEP_S_MAX)
        return 0;
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

void guest_wait_begin(struct guest *g)
{
    struct guest_wait *wait = &g->wait;
    const struct guest_call *call = &g->call;
    bool again =
        wait->restarts && wait->number == call->number &&
        memcmp(wait->arguments, call->arguments, sizeof wait->arguments) == 0;
    int64_t asked = asked_ns(g);
    if (g->wants)
        return; /* It is begun again. */
    wait->restarts = false;
    if (again || asked == 0)
        return;
    wait->number = call->number;
    memcpy(wait->arguments, call->arguments, sizeof wait->arguments);
    wait->until_ns = now_ns() + asked;
}

void guest_wait_restart(struct guest *g)
{
    g->wait.restarts = g->wait.number == g->call.number;
}

static int64_t rest_ns(const struct guest *g)
{
    int64_t rest = g->wait.until_ns - now_ns();
    return rest > 0 ? rest : 1;
}

void guest_wait_take(struct guest *g)
{
    const struct user_regs_struct *registers = &g->image.registers;
    if (g->image.rest_ns <= 0)
        return;
    g->wait = (struct guest_wait){
        .number = (int64_t)registers->rax,
        .arguments = {registers->rdi, registers->rsi, registers->rdx,
                      registers->r10, registers->r8, registers->r9},
        .until_ns = now_ns() + g->image.rest_ns,
        .restarts = true,
    };
}

void guest_wait_put(struct guest *g)
{
    bool it = g->wait.number == (int64_t)g->image.registers.rax;
    bool polls = it && g->wait.number == SYS_poll && g->wait.restarts;
    if (polls || (it && g->image.rest_ns == -1))
        g->image.rest_ns = rest_ns(g);
}

uint64_t guest_wait_poll_ms(const struct guest *g)
{
    if (g->wait.number != SYS_poll || (int)g->call.arguments[2] <= 0)
        return g->call.arguments[2];
    return (uint64_t)(rest_ns(g) / NS_PER_MS);
}
