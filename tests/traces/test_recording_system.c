/* test_recording_system.c - recording of the whole system, by processes that
 * this test starts. Without CAP_NET_ADMIN only the refusal can be seen. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../traces/recording.h"
#include "../suite.h"

static struct complaint complaint;
static struct recording_losses losses;

/* False without the right: then there is nothing to see. */
static bool record(const char *line,
                   size_t buffer_bytes,
                   struct recording *ret_recording)
{
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)(uintptr_t)line, NULL};
    struct recording_system what = {.argv = line ? argv : NULL,
                                    .for_us = line ? 0 : 200000,
                                    .buffer_bytes = buffer_bytes};
    complaint = (struct complaint){0};
    int error = recording_system(&what, ret_recording, &losses, &complaint);
    if (error == -EPERM) {
        printf("\n    skipped: %s\n", complaint.text);
        return false;
    }
    CU_ASSERT_EQUAL_FATAL(error, 0);
    return true;
}

static size_t count_named(const struct recording *recording, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < recording->count; i++)
        count += strcmp(recording->lives[i].name, name) == 0;
    return count;
}

static const struct life *named(const struct recording *recording,
                                const char *name)
{
    for (size_t i = 0; i < recording->count; i++)
        if (strcmp(recording->lives[i].name, name) == 0)
            return &recording->lives[i];
    CU_FAIL_FATAL("it was not recorded");
    return NULL;
}

static void who_may_not_is_told_what_it_takes(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct recording recording = {0};
        struct recording_system what = {.for_us = 1000};
        bool is_root = geteuid() == 0;
        if (is_root && setuid(65534) != 0)
            _exit(2);
        int error = recording_system(&what, &recording, &losses, &complaint);
        bool told = error == -EPERM && strstr(complaint.text, "takes root");
        _exit(told && recording.count == 0 ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    close(ends[0]);
    close(ends[1]);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A name of its own, so that others on this machine do not count. */
#define COPY                                                     \
    "d=$(mktemp -d); cp /bin/true $d/vencejo_short; cp /bin/dd " \
    "$d/vencejo_dd; "

static void every_process_of_a_command_has_a_row(void)
{
    struct recording r = {0};
    if (!record(COPY "for i in 1 2 3 4 5 6 7 8 9 10; do $d/vencejo_short; done;"
                     " ( $d/vencejo_dd if=/dev/zero of=$d/f bs=1M count=8 "
                     "2>$d/e ); rm -r $d; exit 7",
                0, &r))
        return;
    CU_ASSERT_EQUAL(losses.overflows, 0);
    CU_ASSERT(WIFEXITED(losses.status) && WEXITSTATUS(losses.status) == 7);
    CU_ASSERT_EQUAL(count_named(&r, "vencejo_short"), 10);
    const struct life *dd = named(&r, "vencejo_dd");
    CU_ASSERT_TRUE(dd->has_ended && dd->has_figures);
    CU_ASSERT_EQUAL(dd->status, 0);
    CU_ASSERT_EQUAL(dd->uid, getuid());
    CU_ASSERT_EQUAL(dd->thread_count, 1);
    /* The kernel rounds down to KiB; what it reads besides are libraries, what
     * it writes besides is a message. */
    CU_ASSERT(8 << 20 <= dd->read_bytes && dd->read_bytes < (8 << 20) + 65536);
    CU_ASSERT(8 << 20 <= dd->write_bytes && dd->write_bytes < (8 << 20) + 4096);
    CU_ASSERT(dd->start_ns < dd->exec_ns && dd->exec_ns < dd->end_ns);
    /* It holds 1 MiB of buffer. */
    CU_ASSERT(1 << 20 < dd->peak_bytes && dd->peak_bytes < 64 << 20);
    CU_ASSERT_EQUAL(dd->read_calls, LIFE_UNKNOWN);
    /* The shell forks them, and they are of one family. */
    const struct life *one = named(&r, "vencejo_short");
    CU_ASSERT_NOT_EQUAL_FATAL(one->parent, LIFE_NONE);
    const struct life *shell = &r.lives[one->parent];
    CU_ASSERT_STRING_EQUAL(shell->name, "sh");
    CU_ASSERT_EQUAL(WEXITSTATUS(shell->status), 7);
    CU_ASSERT(shell->start_ns < one->start_ns && one->end_ns < shell->end_ns);
    recording_finish(&r);
}

/* What wait(2) says that the children used. */
static void cpu_time_is_that_of_the_kernels_other_account(void)
{
    struct recording r = {0};
    struct rusage before;
    struct rusage after;
    getrusage(RUSAGE_CHILDREN, &before);
    if (!record("exec awk 'BEGIN {for (i = 0; i < 4000000; i++) s += i % 7}'",
                0, &r))
        return;
    getrusage(RUSAGE_CHILDREN, &after);
    double waited_s =
        (double)(after.ru_utime.tv_sec + after.ru_stime.tv_sec -
                 before.ru_utime.tv_sec - before.ru_stime.tv_sec) +
        1e-6 * (double)(after.ru_utime.tv_usec + after.ru_stime.tv_usec -
                        before.ru_utime.tv_usec - before.ru_stime.tv_usec);
    double recorded_s = 0;
    for (size_t i = 0; i < r.count; i++)
        if (strstr(r.lives[i].name, "awk") && r.lives[i].parent == LIFE_NONE)
            recorded_s = 1e-9 * (double)r.lives[i].cpu_ns;
    CU_ASSERT(waited_s > 0.05);
    CU_ASSERT_DOUBLE_EQUAL(recorded_s / waited_s, 1, 0.1);
    recording_finish(&r);
}

static void threads_are_one_process(void)
{
    struct recording r = {0};
    if (!record("d=$(mktemp -d); ln -s /usr/bin/python3 $d/vencejo_py; "
                "$d/vencejo_py -c 'import threading\n"
                "t = [threading.Thread(target=sum, args=(range(300000),)) for "
                "_ in range(3)]\n"
                "[x.start() for x in t]\n"
                "[x.join() for x in t]'; rm -r $d",
                0, &r))
        return;
    CU_ASSERT_EQUAL(count_named(&r, "vencejo_py"), 1);
    const struct life *python = named(&r, "vencejo_py");
    CU_ASSERT_EQUAL(python->thread_count, 4);
    CU_ASSERT_TRUE(python->has_ended);
    recording_finish(&r);
}

static void overflows_are_counted(void)
{
    struct recording r = {0};
    if (!record("i=0; while [ $i -lt 400 ]; do /bin/true & i=$((i + 1)); done; "
                "wait",
                1, &r))
        return;
    CU_ASSERT(losses.overflows > 0);
    recording_finish(&r);
}

static void what_still_runs_is_written_as_such(void)
{
    struct recording r = {0};
    if (!record("d=$(mktemp -d); cp /bin/sleep $d/vencejo_sleep; "
                "$d/vencejo_sleep 3 & sleep 0.1; rm -r $d",
                0, &r))
        return;
    size_t running = 0;
    for (size_t i = 0; i < r.count; i++) {
        running += !r.lives[i].has_ended;
        CU_ASSERT(r.lives[i].end_ns <= r.length_ns + 1000000000u);
        CU_ASSERT(r.lives[i].start_ns <= r.lives[i].end_ns);
    }
    CU_ASSERT(0 < running);
    recording_finish(&r);
}

static void it_is_over_when_the_time_is(void)
{
    struct recording r = {0};
    if (!record(NULL, 0, &r))
        return;
    CU_ASSERT(200000000u <= r.length_ns && r.length_ns < 5000000000u);
    recording_finish(&r);
}

SUITE_MAIN("recording of the system",
           {"Who may not is told what it takes",
            who_may_not_is_told_what_it_takes},
           {"Every process of a command has a row",
            every_process_of_a_command_has_a_row},
           {"CPU time is that of the kernel's other account",
            cpu_time_is_that_of_the_kernels_other_account},
           {"Threads are one process", threads_are_one_process},
           {"Overflows are counted", overflows_are_counted},
           {"What still runs is written as such",
            what_still_runs_is_written_as_such},
           {"It is over when the time is", it_is_over_when_the_time_is})
