/* test_sandbox.c - what a guest has of its host, and what is left of it. */
#include "../suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lodging.h"
#include "real/homenode/body.h"

enum {
    MEMORY_LIMIT_MB = 64,
    CPU_MILLI = 100,
    PID_COUNT = 5,
    NOBODY = 65534,
    ROUNDS_MS = 3000,
    PATIENCE_MS = 3000,
    TRIES = 20,
};

/* Of this run, for children too once it has been asked for. */
static const char *folder(void)
{
    static char name[40];
    if (!name[0])
        snprintf(name, sizeof name, "vencejo-test-%d", getpid());
    return name;
}

static struct lodging_rules rules(void)
{
    return (struct lodging_rules){.limits = {.cgroup = folder()}};
}

/* Says so and is true if this user cannot make cgroups: the test is skipped. */
static bool without_cgroups(const struct lodging *l, enum cgroup_controller c)
{
    if (cgroup_has(&l->sandbox.cgroup, c))
        return false;
    fprintf(stderr, "skipped: this user has no such cgroup here ");
    return true;
}

static int lodge_hostile(struct lodging *l,
                         const struct lodging_rules *r,
                         const char *what)
{
    char program[512];
    snprintf(program, sizeof program, "%s/hostile", getenv("BIN"));
    char *arguments[] = {program, (char *)(uintptr_t)what, NULL};
    return lodge(l, r, arguments);
}

static void leave(struct lodging *l)
{
    struct cgroup had = l->sandbox.cgroup;
    lodging_end(l);
    for (int i = 0; i < CGROUP_CONTROLLERS; i++)
        if (had.folders[i][0])
            CU_ASSERT_EQUAL(access(had.folders[i], F_OK), -1);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, 0), -1);
    CU_ASSERT_EQUAL(errno, ECHILD);
    cgroup_take_away(folder());
}

static void line_of(pid_t pid, const char *name, char ret[256])
{
    char path[64];
    char line[256];
    *ret = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            memcpy(ret, line, sizeof line);
    if (file)
        fclose(file);
    ret[strcspn(ret, "\n")] = 0;
}

static int count_entries(pid_t pid, const char *what)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
    DIR *list = opendir(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    while (readdir(list))
        count++;
    closedir(list);
    return count - 2;
}

/* The identity of a namespace. */
static ino_t space_of(pid_t pid, const char *name)
{
    char path[64];
    struct stat status = {0};
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
    CU_ASSERT_EQUAL(stat(path, &status), 0);
    return status.st_ino;
}

static void it_has_nothing(void)
{
    static const char *const spaces[] = {"user", "mnt", "pid",    "net",
                                         "ipc",  "uts", "cgroup", "time"};
    static const char *const none[] = {
        "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"};
    struct lodging l;
    struct lodging_rules r = rules();
    char line[256];
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "spin"), 0);
    uint32_t missing = l.sandbox.missing;
    CU_ASSERT_EQUAL(missing & ~(1U << SANDBOX_CGROUP), 0);
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        CU_ASSERT_NOT_EQUAL(space_of(l.body.pid, spaces[i]),
                            space_of(getpid(), spaces[i]));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        line_of(l.body.pid, none[i], line);
        CU_ASSERT_PTR_NOT_NULL(strstr(line, "\t0000000000000000"));
    }
    line_of(l.body.pid, "NoNewPrivs:", line);
    CU_ASSERT_STRING_EQUAL(line, "NoNewPrivs:\t1");
    line_of(l.body.pid, "Seccomp:", line);
    CU_ASSERT_STRING_EQUAL(line, "Seccomp:\t2");
    line_of(l.body.pid, "Uid:", line);
    CU_ASSERT_PTR_NULL(strstr(line, "\t0\t"));
    line_of(l.body.pid, "NSsid:", line);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "\t2"));
    CU_ASSERT_EQUAL(count_entries(l.body.pid, "fd"), 0);
    CU_ASSERT_EQUAL(count_entries(l.body.pid, "root"), 0);
    if (geteuid() == 0) /* Others may not look into it. */
        CU_ASSERT_EQUAL(count_entries(l.sandbox.first, "fd"), 0);
    leave(&l);
}

/* ---- The tracer. --------------------------------------------------------- */

static void the_tracer_works_behind_the_filter(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    uint64_t mask;
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "spin"), 0);
    CU_ASSERT_EQUAL(lodging_go(&l), 0);
    CU_ASSERT_EQUAL(tracee_stop(&l.body), 0);
    CU_ASSERT_EQUAL(tracee_signal_mask(&l.body, &mask), 0);
    CU_ASSERT_EQUAL(tracee_set_signal_mask(&l.body, UINT64_MAX), 0);
    struct tracee_call one = {.number = SYS_getpid};
    CU_ASSERT_EQUAL(tracee_run_one(&l.body, &one), 0);
    CU_ASSERT_EQUAL(one.result, 2);
    CU_ASSERT_EQUAL(tracee_map_area(&l.body, 0), 0);
    /* Told and passed ones in turn, more than a list holds. */
    enum { CALLS = 2 * TRACEE_CALLS_MAX + 1 };
    static struct tracee_call calls[CALLS];
    for (size_t i = 0; i < CALLS; i++)
        calls[i] = (struct tracee_call){.number = i % 3 == 0 ? SYS_getpid
                                                             : SYS_sched_yield};
    CU_ASSERT_EQUAL(tracee_run(&l.body, calls, CALLS), 0);
    for (size_t i = 0; i < CALLS; i++)
        CU_ASSERT_EQUAL(calls[i].result, i % 3 == 0 ? 2 : 0);
    CU_ASSERT_EQUAL(tracee_unmap_area(&l.body), 0);
    /* A page of code, which it cannot write itself. */
    uint8_t was;
    uint8_t trap = 0xcc;
    uint64_t at = l.body.syscall_at;
    CU_ASSERT_EQUAL(tracee_read(&l.body, at, &was, 1), 0);
    CU_ASSERT_EQUAL(tracee_write(&l.body, at, &trap, 1), 0);
    CU_ASSERT_EQUAL(tracee_write(&l.body, at, &was, 1), 0);
    leave(&l);
}

static void a_body_that_dies_at_work_is_told(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "spin"), 0);
    CU_ASSERT_EQUAL(tracee_stop(&l.body), 0);
    struct tracee_call end = {.number = SYS_exit_group};
    CU_ASSERT_EQUAL(tracee_run_one(&l.body, &end), -ESRCH);
    leave(&l);
}

/* It is stopped before a `syscall` of the vDSO, which only home may make. */
static void a_call_of_the_vdso_is_not_made_here(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    struct user_regs_struct at;
    static struct image image;
    struct pending pending = {0};
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "spin"), 0);
    CU_ASSERT_EQUAL(lodging_go(&l), 0);
    CU_ASSERT_EQUAL(tracee_stop(&l.body), 0);
    CU_ASSERT_EQUAL(tracee_registers(&l.body, &at), 0);
    at.rip = l.body.syscall_at;
    at.rax = SYS_exit_group;
    CU_ASSERT_EQUAL(tracee_set_registers(&l.body, &at), 0);
    CU_ASSERT_EQUAL(image_take(&l.body, &image, &pending), 0);
    CU_ASSERT_EQUAL(image.registers.rip, at.rip);
    CU_ASSERT_EQUAL(image.registers.rax, SYS_exit_group);
    CU_ASSERT_EQUAL(image_undo(&l.body, &image), 0);
    /* Nor is it in a step that the tracee's own code makes it take. */
    at.rax = SYS_getpid;
    CU_ASSERT_EQUAL(tracee_step(&l.body, &at), 0);
    CU_ASSERT_EQUAL((long)at.rax, -ENOSYS);
    pending_finish(&pending);
    leave(&l);
}

/* ---- Limits. ------------------------------------------------------------- */

static void memory_ends_inside(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    int signal = 0;
    r.limits.memory_bytes = (uint64_t)MEMORY_LIMIT_MB << 20;
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "memory"), 0);
    if (!without_cgroups(&l, CGROUP_MEMORY)) {
        CU_ASSERT_EQUAL(lodging_go(&l), 0);
        CU_ASSERT_EQUAL(lodging_guard(&l, ROUNDS_MS, &signal), LODGING_DIED);
        CU_ASSERT_EQUAL(signal, SIGKILL);
        CU_ASSERT(l.seen.step < MEMORY_LIMIT_MB);
    }
    leave(&l);
}

/* So that the test above is about the limit. */
static void memory_without_limit_goes_on(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    int signal = 0;
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "memory"), 0);
    CU_ASSERT_EQUAL(lodging_go(&l), 0);
    for (int ms = 0; ms < ROUNDS_MS && l.seen.step < 2 * MEMORY_LIMIT_MB; ms++)
        lodging_guard(&l, 1, &signal);
    CU_ASSERT(l.seen.step >= 2 * MEMORY_LIMIT_MB);
    leave(&l);
}

static double cpu_s(pid_t pid)
{
    clockid_t clock;
    struct timespec used = {0};
    CU_ASSERT_EQUAL(clock_getcpuclockid(pid, &clock), 0);
    CU_ASSERT_EQUAL(clock_gettime(clock, &used), 0);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of one processor, while it may run. */
static double share(const struct lodging *l, int ms)
{
    double from = now_s();
    double used = cpu_s(l->body.pid);
    usleep((unsigned)ms * 1000);
    return (cpu_s(l->body.pid) - used) / (now_s() - from);
}

static void cpu_is_shared_out(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    r.limits.cpu_milli = CPU_MILLI;
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "spin"), 0);
    if (!without_cgroups(&l, CGROUP_CPU)) {
        CU_ASSERT_EQUAL(lodging_go(&l), 0);
        double got = share(&l, ROUNDS_MS);
        printf("%.3f of %.3f ", got, CPU_MILLI / 1000.0);
        /* A period more or less at the ends; others may be busy, too. */
        CU_ASSERT(got < CPU_MILLI / 1000.0 * 1.15);
        CU_ASSERT(got > CPU_MILLI / 1000.0 * 0.3);
    }
    leave(&l);
}

static void cpu_without_limit_is_more(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "spin"), 0);
    CU_ASSERT_EQUAL(lodging_go(&l), 0);
    double got = 0;
    for (int i = 0; i < TRIES && got <= CPU_MILLI / 1000.0 * 1.5; i++)
        got = share(&l, ROUNDS_MS / 3); /* Others may be busy. */
    printf("%.3f ", got);
    CU_ASSERT(got > CPU_MILLI / 1000.0 * 1.5);
    leave(&l);
}

static int count_processes(const char *group)
{
    char path[CGROUP_PATH_BYTES + 16];
    char line[32];
    int count = 0;
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    FILE *file = fopen(path, "re");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file))
        count++;
    fclose(file);
    return count;
}

/* A guardian that lets it fork. */
static void processes_are_counted(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    struct hostile_page page = {0};
    int signal;
    r.limits.pid_count = PID_COUNT;
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "processes"), 0);
    l.passes[SYS_clone] = true;
    CU_ASSERT_EQUAL(lodging_go(&l), 0);
    CU_ASSERT_EQUAL(lodging_guard(&l, ROUNDS_MS, &signal), LODGING_DONE);
    CU_ASSERT(lodging_look(&l, &page));
    CU_ASSERT_EQUAL(page.step, PID_COUNT - 1);
    CU_ASSERT_EQUAL(page.values[0], -EAGAIN);
    if (cgroup_has(&l.sandbox.cgroup, CGROUP_PIDS))
        CU_ASSERT_EQUAL(count_processes(l.sandbox.cgroup.folders[CGROUP_PIDS]),
                        PID_COUNT + 1);
    leave(&l); /* And none of these is left. */
}

static void it_freezes_and_thaws(void)
{
    struct lodging l;
    struct lodging_rules r = rules();
    struct hostile_page page = {0};
    int signal;
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "spin"), 0);
    if (!without_cgroups(&l, CGROUP_FREEZER)) {
        CU_ASSERT_EQUAL(lodging_go(&l), 0);
        CU_ASSERT_EQUAL(lodging_guard(&l, 50, &signal), LODGING_LATE);
        CU_ASSERT_EQUAL(cgroup_freeze(&l.sandbox.cgroup, true), 0);
        usleep(100000);
        CU_ASSERT(lodging_look(&l, &page));
        uint64_t turns = page.turns;
        usleep(100000);
        CU_ASSERT(lodging_look(&l, &page));
        CU_ASSERT(turns > 0);
        CU_ASSERT_EQUAL(page.turns, turns);
        CU_ASSERT_EQUAL(cgroup_freeze(&l.sandbox.cgroup, false), 0);
        /* The guard wakes by a signal who seems to stand still, and lets it go
         * on from that stop. */
        for (int i = 0; i < PATIENCE_MS && page.turns == turns; i++) {
            CU_ASSERT_NOT_EQUAL(lodging_guard(&l, 1, &signal), LODGING_DIED);
            CU_ASSERT(lodging_look(&l, &page));
        }
        CU_ASSERT(page.turns > turns);
        CU_ASSERT_EQUAL(cgroup_freeze(&l.sandbox.cgroup, true), 0);
    } else {
        CU_ASSERT_EQUAL(cgroup_freeze(&l.sandbox.cgroup, true), -ENOTSUP);
    }
    leave(&l); /* Frozen as it is. */
}

/* ---- Clocks. ------------------------------------------------------------- */

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void clocks_with(int64_t monotonic_ns, int64_t boot_ns)
{
    struct lodging l;
    struct lodging_rules r = rules();
    struct hostile_page page = {0};
    int signal;
    r.monotonic_offset_ns = monotonic_ns;
    r.boot_offset_ns = boot_ns;
    CU_ASSERT_EQUAL_FATAL(lodge_hostile(&l, &r, "clocks"), 0);
    int64_t before[] = {now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_BOOTTIME),
                        now_ns(CLOCK_REALTIME)};
    CU_ASSERT_EQUAL(lodging_go(&l), 0);
    CU_ASSERT_EQUAL(lodging_guard(&l, ROUNDS_MS, &signal), LODGING_DONE);
    int64_t after[] = {now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_BOOTTIME),
                       now_ns(CLOCK_REALTIME)};
    CU_ASSERT(lodging_look(&l, &page));
    for (int i = 0; i < 2; i++) { /* By the call, and by the vDSO. */
        CU_ASSERT(page.values[i] >= before[0] + monotonic_ns);
        CU_ASSERT(page.values[i] <= after[0] + monotonic_ns);
        CU_ASSERT(page.values[2 + i] >= before[1] + boot_ns);
        CU_ASSERT(page.values[2 + i] <= after[1] + boot_ns);
    }
    CU_ASSERT(page.values[4] >= before[2]);
    CU_ASSERT(page.values[4] <= after[2]);
    leave(&l);
}

static void clocks_go_on(void)
{
    clocks_with(0, 0);
    clocks_with(INT64_C(1234567) * 1000000000 + 7, INT64_C(86400) * 1000000001);
    clocks_with(-5 * INT64_C(1000000000) - 1, -INT64_C(999999999));
}

/* ---- Ends. --------------------------------------------------------------- */

/* Gone, or waiting for this machine's process 1 to bury it. */
static bool dead(pid_t pid)
{
    char state[256];
    line_of(pid, "State:", state);
    return state[0] == 0 || strchr(state, 'Z');
}

/* A guardian that is killed before it can remove anything. */
static void nothing_outlives_a_guardian(void)
{
    int pipes[2];
    struct lodging_rules r = rules();
    struct sandbox told;
    struct tracee body;
    CU_ASSERT_EQUAL_FATAL(pipe2(pipes, O_CLOEXEC), 0);
    pid_t guardian = fork();
    if (guardian == 0) {
        struct lodging l;
        if (lodge_hostile(&l, &r, "spin") || lodging_go(&l) ||
            write(pipes[1], &l.sandbox, sizeof l.sandbox) < 0 ||
            write(pipes[1], &l.body, sizeof l.body) < 0)
            _exit(1);
        for (;;)
            pause();
    }
    close(pipes[1]);
    CU_ASSERT_EQUAL_FATAL(read(pipes[0], &told, sizeof told), sizeof told);
    CU_ASSERT_EQUAL_FATAL(read(pipes[0], &body, sizeof body), sizeof body);
    close(pipes[0]);
    CU_ASSERT_EQUAL(kill(body.pid, 0), 0);
    CU_ASSERT_EQUAL(kill(told.first, 0), 0);
    kill(guardian, SIGKILL);
    CU_ASSERT_EQUAL(waitpid(guardian, NULL, 0), guardian);
    for (int i = 0; i < ROUNDS_MS && !(dead(body.pid) && dead(told.first)); i++)
        usleep(1000);
    CU_ASSERT(dead(body.pid));
    CU_ASSERT(dead(told.first));
    const char *left = told.cgroup.folders[CGROUP_PIDS];
    struct lodging next;
    bool had = *left && access(left, F_OK) == 0;
    CU_ASSERT_EQUAL(*left != 0, had);
    for (int i = 0; i < TRIES; i++) { /* The group is busy a little longer. */
        CU_ASSERT_EQUAL_FATAL(lodge_hostile(&next, &r, "spin"), 0);
        leave(&next);
        if (!had || access(left, F_OK) < 0)
            break;
    }
    if (had)
        CU_ASSERT_EQUAL(access(left, F_OK), -1);
}

/* ---- Users. -------------------------------------------------------------- */

/* NULL if all is as it must be. */
static const char *as_user(uint32_t missing)
{
    struct lodging l;
    struct lodging_rules r = rules();
    struct hostile_page page = {0};
    int signal = 0;
    r.limits.memory_bytes = (uint64_t)MEMORY_LIMIT_MB << 20;
    r.limits.pid_count = PID_COUNT;
    r.limits.cpu_milli = 1000;
    r.monotonic_offset_ns = INT64_C(1000000000000);
    int error = lodge_hostile(&l, &r, "clocks");
    if (error) {
        fprintf(stderr, "%s ", strerror(-error));
        return "no sandbox";
    }
    if (l.sandbox.missing != missing)
        return "something else is missing";
    if (lodging_go(&l) != 0 ||
        lodging_guard(&l, ROUNDS_MS, &signal) != LODGING_DONE)
        return "it does not run";
    if (!lodging_look(&l, &page) || page.values[0] < r.monotonic_offset_ns)
        return "its clock is not its own";
    if (tracee_stop(&l.body) != 0)
        return "it does not stop";
    struct tracee_call one = {.number = SYS_getpid};
    if (tracee_run_one(&l.body, &one) != 0 || one.result != 2)
        return "the tracer cannot work in it";
    struct cgroup had = l.sandbox.cgroup;
    lodging_end(&l);
    if (had.folders[CGROUP_PIDS][0] &&
        access(had.folders[CGROUP_PIDS], F_OK) == 0)
        return "its group is left";
    return waitpid(-1, NULL, 0) < 0 ? NULL : "a process is left";
}

static void as_nobody(bool given, uint32_t missing)
{
    if (geteuid() != 0) {
        fprintf(stderr, "skipped: only root can become another user ");
        return;
    }
    cgroup_take_away(folder());
    pid_t guardian = fork();
    if (guardian == 0) {
        if (sandbox_become(NOBODY, NOBODY, given ? folder() : NULL) != 0)
            _exit(1);
        const char *wrong = as_user(missing);
        if (wrong)
            fprintf(stderr, "%s ", wrong);
        _exit(wrong ? 1 : 0);
    }
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(guardian, &status, 0), guardian);
    CU_ASSERT_EQUAL(status, 0);
    cgroup_take_away(folder());
}

static void a_user_misses_cgroups_only(void)
{
    as_nobody(false, 1U << SANDBOX_CGROUP);
}

static void a_user_with_a_folder_misses_nothing(void)
{
    as_nobody(true, 0);
}

static void without_user_namespaces(void)
{
    if (geteuid() != 0) {
        fprintf(stderr, "skipped: only root can forbid namespaces ");
        return;
    }
    pid_t guardian = fork();
    if (guardian == 0) {
        /* In a namespace of its own, whose limit is not that of others. */
        FILE *file;
        struct sandbox s;
        struct tracee body;
        struct sandbox_limits none = {0};
        uint32_t expected = 1U << SANDBOX_NAMESPACES | 1U << SANDBOX_ROOT |
                            1U << SANDBOX_TIME | 1U << SANDBOX_CGROUP |
                            1U << SANDBOX_FILTER;
        if (unshare(CLONE_NEWUSER) < 0 ||
            !(file = fopen("/proc/sys/user/max_user_namespaces", "we")) ||
            fputs("0", file) < 0 || fclose(file) != 0)
            _exit(2);
        int error = sandbox_create(&s, &body, &none, 0, 0);
        bool right = !error && s.missing == expected;
        if (error)
            fprintf(stderr, "%s ", strerror(-error));
        if (!error)
            sandbox_destroy(&s, &body);
        _exit(right ? 0 : 1);
    }
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(guardian, &status, 0), guardian);
    CU_ASSERT_EQUAL(status, 0);
}

static void each_part_has_a_clause(void)
{
    for (enum sandbox_part i = 0; i < SANDBOX_PARTS; i++)
        CU_ASSERT(strlen(sandbox_missing(i)) > 10);
}

SUITE_MAIN(
    "sandbox",
    {"a guest has no rights, files, names or neighbours", it_has_nothing},
    {"the tracer makes any call behind the filter",
     the_tracer_works_behind_the_filter},
    {"a body that dies meanwhile is told", a_body_that_dies_at_work_is_told},
    {"a call of the vDSO is not made here",
     a_call_of_the_vdso_is_not_made_here},
    {"too much memory ends the guest and nobody else", memory_ends_inside},
    {"without a limit it has that memory", memory_without_limit_goes_on},
    {"a guest has its share of a processor", cpu_is_shared_out},
    {"without a limit it has more", cpu_without_limit_is_more},
    {"its processes are counted and end with it", processes_are_counted},
    {"it freezes, thaws, and can be killed frozen", it_freezes_and_thaws},
    {"clocks go on by the offset, by call and vDSO", clocks_go_on},
    {"nothing outlives a guardian that is killed", nothing_outlives_a_guardian},
    {"a user without rights misses cgroups only", a_user_misses_cgroups_only},
    {"with a folder given, nothing", a_user_with_a_folder_misses_nothing},
    {"without user namespaces that is said", without_user_namespaces},
    {"each part has a clause for people", each_part_has_a_clause})
