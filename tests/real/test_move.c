/* test_move.c - programs that go from home to hosts, on, and back, over TCP on
 * this machine: they write and end as if they had stayed, cable cut or not; and
 * where a host dies they go on at home or are told lost, once each. */
#include "../suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hosts.h"
#include "relay.h"

/* ---- The tests. ---------------------------------------------------------- */

static const char *const away[] = {"--away", NULL};
static const char *const about[] = {"--every", "60", NULL};
static const char *const about_precopy[] = {"--every", "80", "--mode",
                                            "precopy", NULL};

static void a_computing_process(void)
{
    as_if_at_home("compute", "80", away, 1);
    as_if_at_home("compute", "200", about, 2);
}

static void vector_registers(void)
{
    if (__builtin_cpu_supports("avx2"))
        as_if_at_home("vectors", "60", about, 2);
}

static void a_growing_heap(void)
{
    as_if_at_home("memory", "80", about, 2);
    as_if_at_home("memory", "80", about_precopy, 1);
}

/* Called home or on in the middle of the rounds in which it leaves a host. */
static void rounds_that_are_cut_short(void)
{
    enum { TIMES = 8 };
    static const char *const often[] = {"--every", "10", "--mode", "precopy",
                                        NULL};
    for (int i = 0; i < TIMES; i++)
        as_if_at_home("memory", "20", often, 2);
}

static void ten_thousand_mappings(void)
{
    as_if_at_home("mappings", "80", about, 1);
}

static void signals_and_timers(void)
{
    as_if_at_home("signals", "60", about, 2);
}

static void hundreds_of_signals_that_wait(void)
{
    as_if_at_home("queue", "60", away, 1);
    as_if_at_home("queue", "60", about, 2);
    as_if_at_home("queue", "60", about_precopy, 1);
}

static void a_sleeper(void)
{
    as_if_at_home("sleeper", "40", about, 2);
}

/* It gave them to itself at home, before it went. */
static void limits_of_its_own(void)
{
    as_if_at_home("limits", "24", about, 2);
    as_if_at_home("limits", "24", about_precopy, 1);
}

/* Where nobody may lift them for a moment it cannot be laid out at home again:
 * it stays away, and is not lost. */
static void limits_that_keep_it_away(void)
{
    as_if_at_home("tight_limits", "24", about, 2);
    as_if_at_home("tight_limits", "24", about_precopy, 1);
}

/* From home to a host, and on from host to host, but never home: there the
 * kernel knows only what it used there itself. */
static void cpu_time_goes_forward(void)
{
    static const char *const by_hand[] = {NULL};
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    char room[512];
    struct words w = run_of(program("homenode", homenode), &h, &p, by_hand);
    add_subject(&w, room, "cpu_clocks", "1000", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int i = 0; i < 8; i++) {
        usleep(150000);
        kill(pid, SIGUSR1); /* To the next host. */
    }
    CU_ASSERT_EQUAL(status_of(pid), RIGHT);
    CU_ASSERT(reported(&p, "moves") >= 3);
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
}

/* A shell command by `homenode run`; its exit status, and what it printed. */
static int shell(const char *command,
                 const char *const options[],
                 char **ret_text,
                 long *ret_moves)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    struct words w = run_of(program("homenode", homenode), &h, &p, options);
    add(&w, "sh");
    add(&w, "-c");
    add(&w, command);
    int status = status_of(launch(&w, -1, p.out));
    *ret_text = contents(p.out);
    *ret_moves = reported(&p, "moves");
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
    return status;
}

#define COUNT(to) "i=0; while [ $i -lt " #to " ]; do i=$((i+1)); done; "

static void another_program(void)
{
    char *text;
    long moves;
    int status = shell(COUNT(300000) "trap '' USR1; exec sh -c 'kill -USR1 $$; "
                       "echo $0 ignores; exit 9'", away, &text, &moves);
    CU_ASSERT_EQUAL(status, 9);
    CU_ASSERT_STRING_EQUAL(text, "sh ignores\n");
    CU_ASSERT(moves >= 1);
    free(text);
}

static void children_are_born_at_home(void)
{
    char *text;
    long moves;
    int status =
        shell(COUNT(300000) "echo $(echo child) $i; (exit 4); echo $?; " COUNT(
                  300000) "echo a | cat; wait; exit 5",
              away, &text, &moves);
    CU_ASSERT_EQUAL(status, 5);
    CU_ASSERT_STRING_EQUAL(text, "child 300000\n4\na\n");
    CU_ASSERT(moves >= 2);
    free(text);
}

static void death_by_a_signal(void)
{
    char *text;
    long moves;
    CU_ASSERT_EQUAL(shell(COUNT(300000) "kill -TERM $$", away, &text, &moves),
                    128 + SIGTERM);
    CU_ASSERT(moves >= 1);
    free(text);
    CU_ASSERT_EQUAL(shell(COUNT(300000) "kill -SEGV $$", away, &text, &moves),
                    128 + SIGSEGV);
    free(text);
    CU_ASSERT_EQUAL(shell(COUNT(300000) "kill -KILL $$", away, &text, &moves),
                    128 + SIGKILL);
    free(text);
}

/* Asleep in read(2) when it is moved, every time. */
static void who_waits_for_a_pipe(void)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    int ends[2];
    struct words w = run_of(program("homenode", homenode), &h, &p, about);
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    add(&w, "cat");
    pid_t pid = launch(&w, ends[0], p.out);
    close(ends[0]);
    for (int i = 0; i < 6; i++) {
        usleep(170000);
        CU_ASSERT_EQUAL(write(ends[1], "word\n", 5), 5);
    }
    close(ends[1]);
    CU_ASSERT_EQUAL(status_of(pid), 0);
    char *text = contents(p.out);
    CU_ASSERT_STRING_EQUAL(text, "word\nword\nword\nword\nword\nword\n");
    CU_ASSERT(reported(&p, "moves") >= 2);
    free(text);
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
}

/* ---- Cables that are cut. ------------------------------------------------ */

static void cables_that_are_cut(void)
{
    enum { CUTS = 12 };
    uint64_t random = seed_of("cuts");
    struct hosts h = begin_hosts();
    struct hosts seen = h;
    struct place p = make_place();
    pid_t cables[HOSTS];
    char homenode[512];
    char room[512];
    char *right = undisturbed("compute", "300");
    for (size_t i = 0; i < HOSTS; i++)
        cables[i] = begin_cable(h.names[i], seen.names[i], 0);
    struct words w = run_of(program("homenode", homenode), &seen, &p, about);
    add_subject(&w, room, "compute", "300", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int i = 0; i < CUTS; i++) {
        usleep((useconds_t)(next_random(&random) % 250000));
        kill(cables[next_random(&random) % HOSTS], SIGUSR1);
    }
    CU_ASSERT_EQUAL(status_of(pid), RIGHT);
    char *text = contents(p.out);
    CU_ASSERT_STRING_EQUAL(text, right);
    CU_ASSERT(reported(&p, "moves") >= 1);
    nobody_is_left(&h);
    for (size_t i = 0; i < HOSTS; i++)
        end_cable(cables[i]);
    end_hosts(&h);
    free(text);
    free(right);
    remove_place(&p);
}

/* ---- Hosts that die. ----------------------------------------------------- */

/* Kill a guardian at some instant: the process ends right, or is lost with what
 * it wrote until then, whole lines in order and none twice. */
static void kill_a_guardian(uint64_t *random, const char *right)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    char room[512];
    pid_t guardians[4];
    struct words w = run_of(program("homenode", homenode), &h, &p, about);
    add_subject(&w, room, "compute", "120", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int ms = 0; file_bytes(p.out) == 0 && ms < 10000; ms++)
        usleep(1000);
    useconds_t wait_us = (useconds_t)(next_random(random) % 400000);
    usleep(wait_us);
    size_t count = 0;
    for (int tries = 0; count == 0 && tries < 2000; tries++) {
        count =
            children_of(h.servers[next_random(random) % HOSTS], guardians, 4);
        if (count == 0)
            usleep(100);
    }
    for (size_t i = 0; i < count; i++)
        kill(guardians[i], SIGKILL);
    int status = status_of(pid);
    char *text = contents(p.out);
    CU_ASSERT(status == RIGHT || status == LOST);
    CU_ASSERT_EQUAL(strncmp(text, right, strlen(text)), 0);
    CU_ASSERT(status == LOST || strlen(text) == strlen(right));
    if (status != RIGHT && status != LOST)
        fprintf(stderr, "after %u us: status %d\n", wait_us, status);
    nobody_is_left(&h);
    end_hosts(&h);
    free(text);
    remove_place(&p);
}

static void hosts_that_die(void)
{
    enum { KILLS = 10 };
    uint64_t random = seed_of("kills");
    char *right = undisturbed("compute", "120");
    for (int i = 0; i < KILLS; i++)
        kill_a_guardian(&random, right);
    free(right);
}

/* And does not wait for the end of its lease, which is far longer. */
static void a_host_that_has_it_no_more_says_so(void)
{
    enum { MOST_S = 5 };
    static const char *const patient[] = {"--away", "--lease", "60000", NULL};
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    char room[512];
    pid_t guardian;
    size_t count = 0;
    struct words w = run_of(program("homenode", homenode), &h, &p, patient);
    add_subject(&w, room, "compute", "100000", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int tries = 0; tries < 500 && file_bytes(p.out) < 400; tries++)
        usleep(10000);
    count = children_of(h.servers[0], &guardian, 1);
    CU_ASSERT_EQUAL(count, 1);
    if (count == 1)
        kill(guardian, SIGKILL);
    time_t since = time(NULL);
    CU_ASSERT_EQUAL(status_of(pid), LOST);
    CU_ASSERT(time(NULL) - since <= MOST_S);
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
}

static void time_is_limited(void)
{
    CU_ASSERT_EQUAL(alarm(LIMIT_S), 0);
}

SUITE_MAIN("move",
           {"it ends in time", time_is_limited},
           {"a computing process", a_computing_process},
           {"vector registers", vector_registers},
           {"a growing heap, also by pre-copy", a_growing_heap},
           {"rounds that are cut short", rounds_that_are_cut_short},
           {"ten thousand mappings", ten_thousand_mappings},
           {"signals, pending and handled, and timers", signals_and_timers},
           {"hundreds of signals that wait", hundreds_of_signals_that_wait},
           {"a sleeper", a_sleeper},
           {"one that has limits of its own", limits_of_its_own},
           {"one whose limits keep it away", limits_that_keep_it_away},
           {"CPU time goes forward, from host to host", cpu_time_goes_forward},
           {"one that becomes another program", another_program},
           {"one whose children are born at home", children_are_born_at_home},
           {"one that dies of a signal", death_by_a_signal},
           {"who waits for a pipe", who_waits_for_a_pipe},
           {"cables that are cut at any time", cables_that_are_cut},
           {"hosts that die at any time", hosts_that_die},
           {"a host that has it no more says so at once",
            a_host_that_has_it_no_more_says_so})
