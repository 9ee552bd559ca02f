/* test_body.c - an empty process that waits to become a body does not outlive
 * who made it, whenever that one dies. */
#include "../suite.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../real/homenode/body.h"

enum { PATIENCE_MS = 5000, PREPARE_US = 200000 };

/* What the maker does with its body, until it dies of it. */
enum way { DIES_WHILE_IT_PREPARES, DIES_BEFORE_IT_IS_TAKEN, DIES_LATER };

static int dawdle(void *context, int *say)
{
    (void)context;
    (void)say;
    usleep(PREPARE_US);
    return 0;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
}

static void make(enum way way)
{
    struct tracee body;
    int ends[2];
    char bytes[sizeof(int)];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        body_live(way == DIES_WHILE_IT_PREPARES ? dawdle : NULL, NULL, ends[1]);
    }
    close(ends[1]);
    if (way == DIES_WHILE_IT_PREPARES)
        die();
    if (way == DIES_BEFORE_IT_IS_TAKEN) {
        if (read(ends[0], bytes, sizeof bytes) == sizeof bytes)
            die();
        return;
    }
    if (body_take(&body, pid, ends[0]) == 0 && body_empty(&body) == 0)
        die();
}

/* Its memory is thrown away, but a pipe that it holds tells of its end. */
static void it_goes_too(enum way way)
{
    int held[2];
    int status;
    CU_ASSERT_EQUAL_FATAL(pipe2(held, O_CLOEXEC), 0);
    pid_t maker = fork();
    if (maker == 0) {
        close(held[0]);
        make(way);
        _exit(EXIT_FAILURE);
    }
    close(held[1]);
    CU_ASSERT_EQUAL(waitpid(maker, &status, 0), maker);
    CU_ASSERT(WIFSIGNALED(status));
    struct pollfd end = {.fd = held[0]};
    CU_ASSERT_EQUAL(poll(&end, 1, PATIENCE_MS), 1);
    CU_ASSERT(end.revents & POLLHUP);
    close(held[0]);
}

static void a_body_ends_with_its_maker(void)
{
    it_goes_too(DIES_WHILE_IT_PREPARES);
    it_goes_too(DIES_BEFORE_IT_IS_TAKEN);
    it_goes_too(DIES_LATER);
}

/* Else it would end with a maker who has long let it go. */
static void an_emptied_one_ends_with_its_tracer_only(void)
{
    struct tracee body;
    int signal = -1;
    CU_ASSERT_EQUAL_FATAL(body_create(&body, 0, NULL, NULL), 0);
    CU_ASSERT_EQUAL(body_empty(&body), 0);
    struct tracee_call call = {
        .number = SYS_prctl,
        .arguments = {PR_GET_PDEATHSIG,
                      body.area_at + TRACEE_AREA_BYTES - TRACEE_ROOM_BYTES}};
    CU_ASSERT_EQUAL(tracee_run_one(&body, &call), 0);
    CU_ASSERT_EQUAL(call.result, 0);
    CU_ASSERT_EQUAL(
        tracee_read(&body, body.area_at + TRACEE_AREA_BYTES - TRACEE_ROOM_BYTES,
                    &signal, sizeof signal),
        0);
    CU_ASSERT_EQUAL(signal, 0);
    body_kill(&body);
}

SUITE_MAIN("body",
           {"a body ends with its maker", a_body_ends_with_its_maker},
           {"an emptied one ends with its tracer only",
            an_emptied_one_ends_with_its_tracer_only})
