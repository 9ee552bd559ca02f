/* test_postcopy.c - programs that leave their memory behind and run: it comes,
 * whatever they do to it meanwhile, however often the cable is cut; they go
 * home and on as any other; and if their host dies before all is there they are
 * lost, and told so. */
#include "../suite.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosts.h"
#include "real/homenode/postcopy.h"
#include "relay.h"

enum { USAGE = 2, NOBODY = 65534 };

static const char *const away[] = {"--away", "--mode", "postcopy", NULL};
static const char *const about[] = {"--every", "60", "--mode", "postcopy",
                                    NULL};
static const char *const about_hybrid[] = {
    "--every", "150", "--mode", "hybrid", "--rounds", "2", NULL};

/* ---- Programs. ----------------------------------------------------------- */

static bool can_be(void)
{
    int device = postcopy_device();
    if (device > 0)
        close(device);
    if (device < 0)
        fprintf(stderr, "not tried: /dev/userfaultfd: %s\n", strerror(-device));
    return device > 0;
}

static void subjects(void)
{
    if (!can_be())
        return;
    as_if_at_home("compute", "80", away, 1);
    as_if_at_home("memory", "80", about, 2);
    as_if_at_home("memory", "80", about_hybrid, 1);
    as_if_at_home("mappings", "60", about, 1);
    as_if_at_home("signals", "60", about, 2);
    as_if_at_home("sleeper", "40", about, 2);
    if (__builtin_cpu_supports("avx2"))
        as_if_at_home("vectors", "60", about, 2);
}

/* A program that changes so much memory, in every way there is, and looks at
 * all of it at its end. */
static pid_t begin_dirtier(const struct hosts *seen,
                           const struct place *p,
                           const char *const options[],
                           const char *how,
                           const char *mebibytes)
{
    char homenode[512];
    char dirtier[512];
    char seed[16];
    struct words w = run_of(program("homenode", homenode), seen, p, options);
    snprintf(seed, sizeof seed, "%u", (unsigned)getpid());
    add(&w, program("dirtier", dirtier));
    add(&w, how);
    add(&w, mebibytes);
    add(&w, "100");
    add(&w, seed);
    fprintf(stderr, "dirtier %s %s 100 %s\n", how, mebibytes, seed);
    pid_t run = launch(&w, -1, p->out);
    for (int ms = 0; file_bytes(p->out) == 0 && ms < 20000; ms++)
        usleep(1000);
    CU_ASSERT(file_bytes(p->out) > 0);
    return run;
}

static int end_dirtier(pid_t run)
{
    pid_t process = 0;
    CU_ASSERT_EQUAL(children_of(run, &process, 1), 1);
    CU_ASSERT_EQUAL(kill(process, SIGTERM), 0);
    return status_of(run);
}

static void memory_that_changes(const char *const options[], useconds_t us)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    pid_t run = begin_dirtier(&h, &p, options, "wild", "96");
    usleep(us);
    CU_ASSERT_EQUAL(end_dirtier(run), RIGHT);
    CU_ASSERT(reported(&p, "moves") >= 2);
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
}

static void memory_that_changes_meanwhile(void)
{
    static const char *const home_and_away[] = {"--every", "300", "--mode",
                                                "postcopy", NULL};
    static const char *const hybrid[] = {"--every",  "300", "--mode", "hybrid",
                                         "--rounds", "1",   NULL};
    if (!can_be())
        return;
    memory_that_changes(home_and_away, 3000000);
    memory_that_changes(hybrid, 3000000);
}

/* ---- What breaks. -------------------------------------------------------- */

/* Tell it to go to the first host now; whether it went. */
static void send_out(pid_t run)
{
    CU_ASSERT_EQUAL(kill(run, SIGUSR1), 0);
}

static void cables_that_are_cut(void)
{
    static const char *const told[] = {"--mode", "postcopy", NULL};
    static const uint64_t every_bytes[] = {5000011, 9437184, 30000001};
    if (!can_be())
        return;
    for (size_t i = 0; i < sizeof every_bytes / sizeof every_bytes[0]; i++) {
        struct hosts h = begin_hosts();
        struct hosts seen = h;
        struct place p = make_place();
        pid_t cables[HOSTS];
        for (size_t k = 0; k < HOSTS; k++)
            cables[k] = begin_cable(h.names[k], seen.names[k], every_bytes[i]);
        pid_t run = begin_dirtier(&seen, &p, told, "wild", "96");
        send_out(run);
        usleep(4000000);
        CU_ASSERT_EQUAL(end_dirtier(run), RIGHT);
        CU_ASSERT_EQUAL(reported(&p, "moves"), 1);
        CU_ASSERT(reported(&p, "whole_us") > 0);
        nobody_is_left(&h);
        for (size_t k = 0; k < HOSTS; k++)
            end_cable(cables[k]);
        end_hosts(&h);
        remove_place(&p);
    }
}

/* It has moved when a guardian of the first host has children. */
static bool await_body(const struct hosts *h, pid_t *ret_guardian)
{
    pid_t bodies[4];
    for (int tries = 0; tries < 20000; tries++) {
        if (children_of(h->servers[0], ret_guardian, 1) == 1 &&
            children_of(*ret_guardian, bodies, 4) >= 2)
            return true;
        usleep(200);
    }
    return false;
}

static void hosts_that_die(void)
{
    enum { KILLS = 5 };
    static const char *const told[] = {"--mode", "postcopy", NULL};
    uint64_t random = seed_of("kills");
    int lost = 0;
    if (!can_be())
        return;
    for (int i = 0; i < KILLS; i++) {
        struct hosts h = begin_hosts();
        struct place p = make_place();
        pid_t guardian = 0;
        pid_t run = begin_dirtier(&h, &p, told, "wild", "96");
        send_out(run);
        CU_ASSERT(await_body(&h, &guardian));
        usleep((useconds_t)(next_random(&random) % 150000));
        CU_ASSERT_EQUAL(kill(guardian, SIGKILL), 0);
        usleep(50000);
        pid_t process = 0;
        if (children_of(run, &process, 1) == 1)
            kill(process, SIGTERM); /* It had not run there, and is at home. */
        int status = status_of(run);
        CU_ASSERT(status == LOST || status == RIGHT);
        lost += status == LOST;
        nobody_is_left(&h);
        end_hosts(&h);
        remove_place(&p);
    }
    CU_ASSERT(lost > 0);
}

/* ---- What is refused. ---------------------------------------------------- */

static void on_the_way_home_it_is_refused(void)
{
    char homenode[512];
    const char *const modes[] = {"postcopy", "hybrid"};
    for (size_t i = 0; i < 2; i++) {
        struct words w = {.count = 0};
        add(&w, program("homenode", homenode));
        add(&w, "serve");
        add(&w, "--listen");
        add(&w, "127.0.0.1:0");
        add(&w, "--mode");
        add(&w, modes[i]);
        CU_ASSERT_EQUAL(status_of(launch(&w, -1, NULL)), USAGE);
    }
}

/* Who cannot open the device says so, and the process stays at home. */
static void without_the_device_it_is_refused(void)
{
    if (geteuid() != 0) {
        fprintf(stderr, "not tried: only root can become another user\n");
        return;
    }
    CU_ASSERT_EQUAL_FATAL(seteuid(NOBODY), 0);
    CU_ASSERT(postcopy_device() < 0);
    CU_ASSERT_EQUAL_FATAL(seteuid(0), 0);
    struct hosts h;
    struct place p = make_place();
    h = begin_hosts_as(NOBODY);
    char homenode[512];
    char room[512];
    struct words w = run_of(program("homenode", homenode), &h, &p, away);
    add_subject(&w, room, "compute", "30", p.out);
    CU_ASSERT_EQUAL(status_of(launch(&w, -1, NULL)), RIGHT);
    CU_ASSERT_EQUAL(reported(&p, "moves"), 0);
    CU_ASSERT(reported(&p, "refused") >= 1);
    char *report = contents(p.other);
    CU_ASSERT_PTR_NOT_NULL(strstr(report, "/dev/userfaultfd"));
    free(report);
    end_hosts(&h);
    remove_place(&p);
}

static void time_is_limited(void)
{
    CU_ASSERT_EQUAL(alarm(LIMIT_S), 0);
}

SUITE_MAIN("postcopy",
           {"it ends in time", time_is_limited},
           {"programs end as if they had stayed at home", subjects},
           {"memory that changes while it comes",
            memory_that_changes_meanwhile},
           {"cables that are cut while it comes", cables_that_are_cut},
           {"hosts that die while it comes", hosts_that_die},
           {"the way home is not by it", on_the_way_home_it_is_refused},
           {"hosts without the device refuse it",
            without_the_device_it_is_refused})
