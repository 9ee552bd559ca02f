/* test_sampler_kernel.c - the sampler against this kernel: busy loops under a
 * quota are as many as they are. Skipped, and it says so, where this user can
 * make no such group. */
#include "../suite.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../real/daemon/process_sample.h"
#include "../../real/daemon/sampler.h"
#include "../../real/homenode/cgroup.h"

enum {
    NODES = 4,
    NODE_LOOPS_MAX = NODES, /* And one sleeper. */
    QUOTA_MILLI = 200,
    LOOKS = 60,
    SPEED_MILLI = 1500,
    MEMORY_BYTES = 256 << 20,
    FILLED_BYTES = 64 << 20,
};

/* One with a group of its own, and what runs there. */
struct node
{
    struct cgroup cgroup;
    char name[64];
    char accounts[CGROUP_PATH_BYTES]; /* Its group of version 1's cpuacct. */
    pid_t children[NODE_LOOPS_MAX];
    int child_count;
    struct sampler sampler;
    uint64_t cpu_us; /* Its processes' when the sampler began, and */
    usec_t begun_us; /* when that was. */
};

static const char *folder(void)
{
    static char name[40];
    if (!name[0])
        snprintf(name, sizeof name, "/vencejo-sampler-%d", getpid());
    return name;
}

static usec_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (usec_t)now.tv_sec * 1000000 + (usec_t)now.tv_nsec / 1000;
}

/* ---- A node. ------------------------------------------------------------- */

/* homenode's groups have no accounts; version 2's need none. */
static void make_accounts(struct node *n)
{
    struct cgroup_hierarchy h;
    char above[CGROUP_PATH_BYTES];
    if (!cgroup_find("/proc", "cpuacct", false, &h) ||
        !cgroup_place(&h, folder(), above) ||
        !cgroup_place(&h, n->name, n->accounts))
        return;
    mkdir(above, 0755);
    mkdir(n->accounts, 0755);
}

static void remove_accounts(struct node *n)
{
    if (!n->accounts[0])
        return;
    rmdir(n->accounts);
    *strrchr(n->accounts, '/') = '\0';
    rmdir(n->accounts);
}

static bool make_node(struct node *n, int number)
{
    *n = (struct node){0};
    if (cgroup_create(&n->cgroup, folder(), number) != 0 ||
        !cgroup_has(&n->cgroup, CGROUP_CPU) ||
        cgroup_limit_cpu(&n->cgroup, QUOTA_MILLI) != 0) {
        cgroup_destroy(&n->cgroup);
        cgroup_take_away(folder());
        fprintf(stderr, "skipped: this user has no cgroup of cpu here ");
        return false;
    }
    snprintf(n->name, sizeof n->name, "%s/guest-%d-%d", folder(), getpid(),
             number);
    make_accounts(n);
    return true;
}

static void enter_accounts(const struct node *n, pid_t pid)
{
    char path[CGROUP_PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s/cgroup.procs", n->accounts);
    FILE *file = n->accounts[0] ? fopen(path, "we") : NULL;
    if (!file)
        return;
    fprintf(file, "%d", pid);
    fclose(file);
}

static void spin(void)
{
    for (volatile unsigned turns = 0;; turns++)
        ;
}

static void sleep_for_ever(void)
{
    for (;;)
        pause();
}

/* Fills its memory first, so that it is charged to the group. */
static void hold(void)
{
    char *bytes = mmap(NULL, FILLED_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes != MAP_FAILED)
        memset(bytes, 1, FILLED_BYTES);
    sleep_for_ever();
}

static void start(struct node *n, void (*work)(void))
{
    pid_t parent = getpid();
    int gate[2];
    CU_ASSERT_EQUAL_FATAL(pipe(gate), 0);
    pid_t pid = fork();
    CU_ASSERT_FATAL(pid >= 0);
    if (pid == 0) {
        char go;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || read(gate[0], &go, 1) != 1)
            _exit(1);
        work();
    }
    CU_ASSERT_EQUAL(cgroup_add(&n->cgroup, pid), 0);
    enter_accounts(n, pid);
    CU_ASSERT_EQUAL(write(gate[1], "g", 1), 1);
    close(gate[0]);
    close(gate[1]);
    n->children[n->child_count++] = pid;
}

static void end_node(struct node *n)
{
    for (int i = 0; i < n->child_count; i++)
        kill(n->children[i], SIGKILL);
    for (int i = 0; i < n->child_count; i++)
        CU_ASSERT_EQUAL(waitpid(n->children[i], NULL, 0), n->children[i]);
    cgroup_destroy(&n->cgroup);
    remove_accounts(n);
}

static uint64_t cpu_us(const struct node *n)
{
    uint64_t sum = 0;
    for (int i = 0; i < n->child_count; i++) {
        struct process_sample sample;
        CU_ASSERT_EQUAL_FATAL(
            process_sample("/proc", n->children[i], 0, &sample), 0);
        sum += sample.cpu_us;
    }
    return sum;
}

/* The last that was started has done its work; a minute at most. */
static void wait_for_sleep(const struct node *n)
{
    struct process_sample sample = {0};
    for (int i = 0; i < 6000 && sample.mem_bytes < FILLED_BYTES; i++) {
        usleep(10000);
        CU_ASSERT_EQUAL_FATAL(
            process_sample("/proc", n->children[n->child_count - 1], 0,
                           &sample),
            0);
    }
    usleep(100000);
}

static int begin(struct node *n)
{
    struct complaint c;
    struct sampler_config config = {
        .proc = "/proc", .group = n->name, .core_speed_milli = SPEED_MILLI};
    n->cpu_us = cpu_us(n);
    n->begun_us = now_us();
    return sampler_init(&n->sampler, &config, now_us(), &c);
}

/* ---- Tests. -------------------------------------------------------------- */

static void look_at_all(struct node *nodes)
{
    for (int look = 0; look < LOOKS; look++) {
        for (int i = 0; i < NODES; i++)
            CU_ASSERT_EQUAL(sampler_look(&nodes[i].sampler, now_us()), 0);
        usleep((useconds_t)(20000 + look * 7919 % 20000)); /* Uneven. */
    }
}

/* Node i has i loops and one sleeper. What they used they say themselves, to a
 * tick each: others may have left them less than the quota. */
static void check_node(struct node *n, uint32_t loop_count)
{
    struct node_info info;
    struct sampler_alarms alarms;
    CU_ASSERT_EQUAL_FATAL(sampler_take(&n->sampler, now_us(), &info, &alarms),
                          0);
    double used = (double)(cpu_us(n) - n->cpu_us) * 1e6 /
                  ((double)(now_us() - n->begun_us) * QUOTA_MILLI);
    fprintf(stderr, "(load %u, busy %u of %.0f, lacks %x) ", info.load_milli,
            info.utilisation_milli, used, alarms.lacks);
    CU_ASSERT(info.load_milli + 100 > loop_count * 1000);
    CU_ASSERT(info.load_milli < loop_count * 1000 + 100);
    CU_ASSERT_EQUAL(info.core_count, 1);
    CU_ASSERT_EQUAL(info.speed_milli, SPEED_MILLI * QUOTA_MILLI / 1000);
    if (alarms.lacks & SAMPLER_NO_UTILISATION)
        return;
    CU_ASSERT(info.utilisation_milli + 100 > used);
    CU_ASSERT(info.utilisation_milli < used + 100);
    CU_ASSERT(loop_count == 0 || info.utilisation_milli > 50);
}

static void load_is_the_number_of_loops_under_a_quota(void)
{
    static struct node nodes[NODES];
    for (int i = 0; i < NODES; i++) {
        if (!make_node(&nodes[i], i)) {
            CU_ASSERT_EQUAL(i, 0);
            return;
        }
    }
    for (int i = 0; i < NODES; i++) {
        start(&nodes[i], sleep_for_ever);
        for (int loop = 0; loop < i; loop++)
            start(&nodes[i], spin);
    }
    usleep(500000);
    for (int i = 0; i < NODES; i++)
        CU_ASSERT_EQUAL_FATAL(begin(&nodes[i]), 0);
    look_at_all(nodes);
    for (int i = 0; i < NODES; i++) {
        check_node(&nodes[i], (uint32_t)i);
        sampler_finish(&nodes[i].sampler);
    }
    for (int i = 0; i < NODES; i++)
        end_node(&nodes[i]);
    cgroup_take_away(folder());
}

/* 64 of 256 MiB are taken; the kernel's own share is small. */
static void memory_is_the_group_s(void)
{
    struct node n;
    struct node_info info;
    struct sampler_alarms alarms;
    if (!make_node(&n, 0))
        return;
    int error = cgroup_limit_memory(&n.cgroup, MEMORY_BYTES);
    if (error) {
        fprintf(stderr, "skipped: no limit of memory: %s ", strerror(-error));
    } else {
        start(&n, hold);
        wait_for_sleep(&n);
        CU_ASSERT_EQUAL_FATAL(begin(&n), 0);
        usleep(10000);
        CU_ASSERT_EQUAL(sampler_look(&n.sampler, now_us()), 0);
        CU_ASSERT_EQUAL_FATAL(
            sampler_take(&n.sampler, now_us(), &info, &alarms), 0);
        uint64_t rest = MEMORY_BYTES - FILLED_BYTES;
        CU_ASSERT_EQUAL(info.mem_total_bytes, MEMORY_BYTES);
        CU_ASSERT(info.mem_free_bytes <= rest);
        CU_ASSERT(info.mem_free_bytes > rest - (8 << 20));
        sampler_finish(&n.sampler);
    }
    end_node(&n);
    cgroup_take_away(folder());
}

/* Two loops share 0.2 of a core, and each would take one of speed 1.5; 64 MiB
 * lie in the sleeper. */
static void a_process_would_take_what_others_keep_from_it(void)
{
    struct node n;
    struct process_sample before[3];
    struct process_sample now[3];
    if (!make_node(&n, 0))
        return;
    start(&n, spin);
    start(&n, spin);
    start(&n, hold);
    wait_for_sleep(&n);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL_FATAL(
            process_sample("/proc", n.children[i], now_us(), &before[i]), 0);
    usleep(2000000);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL_FATAL(
            process_sample("/proc", n.children[i], now_us(), &now[i]), 0);
    for (int i = 0; i < 2; i++) {
        uint32_t milli = process_demand_milli(&before[i], &now[i], SPEED_MILLI);
        fprintf(stderr, "(would take %u) ", milli);
        CU_ASSERT_EQUAL(milli, SPEED_MILLI);
        CU_ASSERT(now[i].cpu_us - before[i].cpu_us < 500000);
        CU_ASSERT_EQUAL(now[i].state, 'R');
    }
    CU_ASSERT_EQUAL(process_demand_milli(&before[2], &now[2], SPEED_MILLI), 0);
    CU_ASSERT_EQUAL(now[2].state, 'S');
    CU_ASSERT(now[2].mem_bytes >= FILLED_BYTES);
    CU_ASSERT(now[2].mem_bytes < FILLED_BYTES + (48 << 20));
    end_node(&n);
    CU_ASSERT_EQUAL(process_sample("/proc", n.children[0], now_us(), &now[0]),
                    -ESRCH);
    cgroup_take_away(folder());
}

/* Of the machine no more can be said than that it is one. */
static void this_machine_can_be_sampled(void)
{
    struct sampler s;
    struct node_info info;
    struct sampler_alarms alarms;
    struct complaint c;
    struct sampler_config config = {.proc = "/proc",
                                    .core_speed_milli = SPEED_MILLI};
    CU_ASSERT_EQUAL_FATAL(sampler_init(&s, &config, now_us(), &c), 0);
    usleep(100000);
    CU_ASSERT_EQUAL(sampler_look(&s, now_us()), 0);
    CU_ASSERT_EQUAL_FATAL(sampler_take(&s, now_us(), &info, &alarms), 0);
    CU_ASSERT_EQUAL(info.core_count, sysconf(_SC_NPROCESSORS_ONLN));
    CU_ASSERT_EQUAL(info.speed_milli, SPEED_MILLI);
    CU_ASSERT(info.load_milli < 10000000);
    CU_ASSERT(info.mem_total_bytes > info.mem_free_bytes);
    CU_ASSERT(info.mem_free_bytes > 0);
    sampler_finish(&s);
}

SUITE_MAIN("sampler on this kernel",
           {"load is the number of loops under a quota",
            load_is_the_number_of_loops_under_a_quota},
           {"memory is the group's", memory_is_the_group_s},
           {"a process would take what others keep from it",
            a_process_would_take_what_others_keep_from_it},
           {"this machine can be sampled", this_machine_can_be_sampled})
