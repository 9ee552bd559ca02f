/* test_sampler.c - what a node says of itself, worked out by hand for machines
 * whose proc and groups are plain files. test_sampler_kernel.c asks a real one.
 */
#include "../suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "../../real/daemon/sampler.h"
#include "fake.h"

#define SECOND UINT64_C(1000000)
#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* One whose files a test puts, and what its sampler said last. */
struct machine
{
    struct fake fake;
    struct sampler sampler;
    struct node_info info;
    struct sampler_alarms alarms;
};

static int try(struct machine *m, const char *group, uint32_t core_speed_milli)
{
    struct complaint c;
    struct sampler_config config = {.proc = m->fake.proc,
                                    .group = group,
                                    .core_speed_milli = core_speed_milli};
    return sampler_init(&m->sampler, &config, 10 * SECOND, &c);
}

static void begin(struct machine *m,
                  const char *group,
                  uint32_t core_speed_milli)
{
    CU_ASSERT_EQUAL_FATAL(try(m, group, core_speed_milli), 0);
}

static void look(struct machine *m, usec_t now_us)
{
    CU_ASSERT_EQUAL_FATAL(sampler_look(&m->sampler, now_us), 0);
}

/* The end of a period. */
static void take(struct machine *m, usec_t now_us)
{
    CU_ASSERT_EQUAL_FATAL(
        sampler_take(&m->sampler, now_us, &m->info, &m->alarms), 0);
}

/* A period that its only look ends. */
static void look_and_take(struct machine *m, usec_t now_us)
{
    look(m, now_us);
    take(m, now_us);
}

/* The first period, of two seconds with one look. */
static void take_first(struct machine *m)
{
    look(m, 11 * SECOND);
    take(m, 12 * SECOND);
}

static void end(struct machine *m)
{
    sampler_finish(&m->sampler);
    fake_end(&m->fake);
}

/* ---- Version 2. ---------------------------------------------------------- */

/* Half a core of speed 2: the slice above allows three. */
static void put_limits(const struct fake *f)
{
    fake_put(f, "cg/slice/cpu.max", "300000 100000\n");
    fake_put(f, "cg/slice/memory.max", "%llu\n", 2 * GIB);
    fake_put(f, "cg/slice/memory.current", "%llu\n", 1900 * MIB);
    fake_put(f, "cg/slice/node/cpu.max", "50000 100000\n");
    fake_put(f, "cg/slice/node/memory.max", "%llu\n", GIB);
    fake_put(f, "cg/slice/node/memory.high", "max\n");
    fake_put(f, "cg/slice/node/memory.current", "%llu\n", 900 * MIB);
    fake_put(f, "cg/slice/node/memory.swap.max", "%llu\n", 512 * MIB);
}

static void put_counts(const struct fake *f,
                       unsigned cpu_us,
                       unsigned refaults,
                       unsigned restores,
                       unsigned long long swapped_bytes,
                       unsigned stalled_us)
{
    fake_put(f, "cg/slice/node/cpu.stat", "usage_usec %u\nuser_usec 1\n",
             cpu_us);
    fake_put(f, "cg/slice/node/memory.stat",
             "anon 1\nfile 2\nactive_file %llu\ninactive_file %llu\n"
             "slab_reclaimable %llu\nworkingset_refault_anon %u\n"
             "workingset_refault_file 99\nworkingset_restore_file %u\n",
             100 * MIB, 50 * MIB, 10 * MIB, refaults, restores);
    fake_put(f, "cg/slice/node/memory.swap.current", "%llu\n", swapped_bytes);
    fake_put(f, "cg/slice/node/memory.pressure",
             "some avg10=0.00 avg60=0.00 avg300=0.00 total=%u\n"
             "full avg10=0.00 avg60=0.00 avg300=0.00 total=%u\n",
             1000000 + stalled_us, stalled_us / 5);
}

static void put_version_2(struct fake *f)
{
    fake_begin(f);
    fake_mount(f, "cg", "cgroup2", "nsdelegate");
    fake_put(f, "proc/self/cgroup", "0::/slice\n");
    fake_machine(f, 1000);
    put_limits(f);
    put_counts(f, 1000000, 100, 10, 100 * MIB, 0);
    fake_put(f, "cg/slice/node/cgroup.threads", "12\n10\n0\n30\n11\n");
    fake_put(f, "cg/slice/node/guest-1/deep/cgroup.threads", "20\n21\n");
    fake_put(f, "cg/slice/node/guest-1/cgroup.threads", "%s", "");
    fake_put(f, "proc/self/task/30/stat", "30 (vencejod) R 1\n");
    fake_thread(f, 10, 'R');
    fake_thread(f, 11, 'S');
    fake_thread(f, 12, 'R');
    fake_thread(f, 20, 'R');
    fake_thread(f, 21, 'D');
    fake_thread(f, 30, 'R'); /* The daemon's. */
}

/* 3 threads for 1 s, then 2 for 0.5 s: 4 / 1.5. */
static void load_is_a_time_average_over_the_group_and_those_below(void)
{
    struct machine m = {.info = {.guest_count = 5}};
    put_version_2(&m.fake);
    begin(&m, "node", 2000);
    look(&m, 11 * SECOND);
    fake_thread(&m.fake, 10, 'S');
    look(&m, 11 * SECOND + SECOND / 2);
    take(&m, 12 * SECOND);
    CU_ASSERT_EQUAL(m.info.load_milli, 2666);
    CU_ASSERT_EQUAL(m.info.guest_count, 5);
    /* The next period begins with nothing of this one. */
    CU_ASSERT_EQUAL(sampler_take(&m.sampler, 13 * SECOND, &m.info, &m.alarms),
                    -EAGAIN);
    look_and_take(&m, 13 * SECOND);
    CU_ASSERT_EQUAL(m.info.load_milli, 2000);
    end(&m);
}

/* 0.75 s of the CPU in 2 s of half a core. */
static void a_quota_is_all_the_cpu_there_is(void)
{
    struct machine m = {0};
    put_version_2(&m.fake);
    begin(&m, "node", 2000);
    put_counts(&m.fake, 1750000, 100, 10, 100 * MIB, 0);
    take_first(&m);
    CU_ASSERT_EQUAL(m.info.core_count, 1);
    CU_ASSERT_EQUAL(m.info.speed_milli, 1000);
    CU_ASSERT_EQUAL(m.info.utilisation_milli, 750);
    fake_put(&m.fake, "cg/slice/node/cpu.max", "max 100000\n");
    look_and_take(&m, 13 * SECOND);
    CU_ASSERT_EQUAL(m.info.core_count, 3); /* By the slice. */
    CU_ASSERT_EQUAL(m.info.speed_milli, 2000);
    end(&m);
}

/* Of its own 1,024 MiB there are 1,024 - (900 - 100 - 50 - 10) = 284 left, but
 * of the slice's 2,048 only 148. */
static void memory_is_what_the_tightest_limit_leaves(void)
{
    struct machine m = {0};
    put_version_2(&m.fake);
    begin(&m, "node", 2000);
    take_first(&m);
    CU_ASSERT_EQUAL(m.info.mem_total_bytes, GIB);
    CU_ASSERT_EQUAL(m.info.mem_free_bytes, 148 * MIB);
    CU_ASSERT_EQUAL(m.info.swap_total_bytes, 512 * MIB);
    CU_ASSERT_EQUAL(m.info.swap_free_bytes, 412 * MIB);
    fake_put(&m.fake, "cg/slice/memory.current", "%llu\n", 1700 * MIB);
    look_and_take(&m, 13 * SECOND);
    CU_ASSERT_EQUAL(m.info.mem_free_bytes, 284 * MIB);
    fake_put(&m.fake, "cg/slice/node/memory.high", "%llu\n", 800 * MIB);
    look_and_take(&m, 14 * SECOND);
    CU_ASSERT_EQUAL(m.info.mem_total_bytes, 800 * MIB);
    CU_ASSERT_EQUAL(m.info.mem_free_bytes, 60 * MIB);
    end(&m);
}

/* 200 + 20 pages of 4 KiB in, and swap grew by 1 MiB, in 2 s. */
static void paging_is_at_least_what_is_seen_of_it(void)
{
    struct machine m = {0};
    put_version_2(&m.fake);
    begin(&m, "node", 2000);
    put_counts(&m.fake, 1000000, 300, 30, 101 * MIB, 500000);
    take_first(&m);
    CU_ASSERT_EQUAL(m.info.paging_bytes_per_s, (220 * 4 * KIB + MIB) / 2);
    CU_ASSERT_EQUAL(m.alarms.memory_some_milli, 250);
    CU_ASSERT_EQUAL(m.alarms.memory_full_milli, 50);
    CU_ASSERT_EQUAL(m.alarms.lacks,
                    SAMPLER_NO_PAGE_OUTS | SAMPLER_NO_IO_PRESSURE);
    end(&m);
}

static void groups_that_come_and_go_are_followed(void)
{
    struct machine m = {0};
    put_version_2(&m.fake);
    begin(&m, "node", 2000);
    look(&m, 11 * SECOND); /* 3 */
    fake_put(&m.fake, "cg/slice/node/guest-2/cgroup.threads", "40\n");
    fake_thread(&m.fake, 40, 'R');
    look(&m, 12 * SECOND); /* 4 */
    /* One goes and one comes. */
    fake_remove(&m.fake, "cg/slice/node/guest-1");
    fake_put(&m.fake, "cg/slice/node/guest-3/cgroup.threads", "41\n42\n");
    fake_thread(&m.fake, 41, 'R');
    fake_thread(&m.fake, 42, 'R');
    look(&m, 13 * SECOND); /* 2 + 1 + 2 */
    /* Threads that end between list and look. */
    fake_remove(&m.fake, "proc/41");
    fake_remove(&m.fake, "proc/42");
    fake_put(&m.fake, "cg/slice/node/guest-3/cgroup.threads", "43\n44\n");
    look(&m, 14 * SECOND); /* 2 + 1 */
    take(&m, 14 * SECOND);
    CU_ASSERT_EQUAL(m.info.load_milli, (3 + 4 + 5 + 3) * 1000 / 4);
    fake_remove(&m.fake, "cg/slice/node");
    CU_ASSERT_EQUAL(sampler_look(&m.sampler, 15 * SECOND), -ENOENT);
    end(&m);
}

/* Of 200 threads all run, whether their files stay open or not. */
static void more_threads_than_open_files_are_no_trouble(void)
{
    struct machine m = {0};
    struct rlimit before;
    char list[200 * 5 + 1];
    size_t length = 0;
    put_version_2(&m.fake);
    for (int i = 0; i < 200; i++) {
        fake_thread(&m.fake, 1000 + i, 'R');
        length += (size_t)snprintf(list + length, sizeof list - length, "%d\n",
                                   1000 + i);
    }
    fake_put(&m.fake, "cg/slice/node/cgroup.threads", "%s", list);
    CU_ASSERT_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {.rlim_cur = 64, .rlim_max = before.rlim_max};
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &few), 0);
    begin(&m, "node", 2000);
    look(&m, 11 * SECOND);
    look(&m, 12 * SECOND);
    CU_ASSERT_EQUAL(m.sampler.runnable.kept_count, 32);
    take(&m, 12 * SECOND);
    CU_ASSERT_EQUAL(m.info.load_milli, 201000); /* And that of the guest. */
    sampler_finish(&m.sampler);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
    fake_end(&m.fake);
}

/* ---- Version 1, and both. ------------------------------------------------ */

static void put_version_1(struct fake *f)
{
    fake_begin(f);
    fake_mount(f, "cg/cpu", "cgroup", "cpu");
    fake_mount(f, "cg/acct", "cgroup", "cpuacct");
    fake_mount(f, "cg/set", "cgroup", "cpuset");
    fake_mount(f, "cg/mem", "cgroup", "memory");
    fake_put(f, "proc/self/cgroup",
             "4:memory:/\n3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n");
    fake_machine(f, 1000);
    fake_put(f, "cg/cpu/node/tasks", "10\n11\n");
    fake_put(f, "cg/cpu/node/cpu.cfs_quota_us", "150000\n");
    fake_put(f, "cg/cpu/node/cpu.cfs_period_us", "100000\n");
    fake_put(f, "cg/cpu/cpu.cfs_quota_us", "-1\n");
    fake_put(f, "cg/cpu/cpu.cfs_period_us", "100000\n");
    fake_put(f, "cg/acct/node/cpuacct.usage", "5000000000\n");
    fake_put(f, "cg/set/node/cpuset.effective_cpus", "0-1\n");
    fake_put(f, "cg/mem/memory.limit_in_bytes", "9223372036854771712\n");
    fake_put(f, "cg/mem/memory.usage_in_bytes", "%llu\n", 7 * GIB);
    fake_put(f, "cg/mem/node/memory.limit_in_bytes", "%llu\n", 512 * MIB);
    fake_put(f, "cg/mem/node/memory.usage_in_bytes", "%llu\n", 300 * MIB);
    fake_put(f, "cg/mem/node/memory.memsw.limit_in_bytes", "%llu\n", 768 * MIB);
    fake_put(f, "cg/mem/node/memory.memsw.usage_in_bytes", "%llu\n", 396 * MIB);
    fake_put(f, "cg/mem/node/memory.stat",
             "active_file 5\npgpgin 7000\npgpgout 7000\n"
             "total_active_file %llu\ntotal_inactive_file %llu\n"
             "total_workingset_refault_anon 10\ntotal_swap %llu\n",
             20 * MIB, 30 * MIB, 96 * MIB);
    fake_thread(f, 10, 'R');
    fake_thread(f, 11, 'R');
}

/* 1.5 cores: two of three quarters, all of which 3 s in 2 s are. Memory: 512 -
 * (300 - 20 - 30); swap: 768 - 512, of which 396 - 300 are used. */
static void version_1_says_the_same_in_other_words(void)
{
    struct machine m = {0};
    put_version_1(&m.fake);
    begin(&m, "/node", 1000);
    fake_put(&m.fake, "cg/acct/node/cpuacct.usage", "7400000000\n");
    take_first(&m);
    CU_ASSERT_EQUAL(m.info.load_milli, 2000);
    CU_ASSERT_EQUAL(m.info.core_count, 2);
    CU_ASSERT_EQUAL(m.info.speed_milli, 750);
    CU_ASSERT_EQUAL(m.info.utilisation_milli, 800);
    CU_ASSERT_EQUAL(m.info.mem_total_bytes, 512 * MIB);
    CU_ASSERT_EQUAL(m.info.mem_free_bytes, 262 * MIB);
    CU_ASSERT_EQUAL(m.info.swap_total_bytes, 256 * MIB);
    CU_ASSERT_EQUAL(m.info.swap_free_bytes, 160 * MIB);
    CU_ASSERT_EQUAL(m.info.paging_bytes_per_s, 0);
    CU_ASSERT_EQUAL(m.alarms.lacks, SAMPLER_NO_PAGE_OUTS |
                                        SAMPLER_NO_MEMORY_PRESSURE |
                                        SAMPLER_NO_IO_PRESSURE);
    CU_ASSERT_PTR_NOT_NULL(sampler_lack_text(m.alarms.lacks));
    fake_put(&m.fake, "cg/cpu/node/cpu.cfs_quota_us", "-1\n");
    look_and_take(&m, 13 * SECOND);
    CU_ASSERT_EQUAL(m.info.core_count, 2); /* By the set of cores. */
    CU_ASSERT_EQUAL(m.info.speed_milli, 1000);
    end(&m);
}

/* Limits in version 1, pressure in version 2; what has no group there is the
 * machine's. */
static void a_hybrid_takes_each_where_it_is(void)
{
    struct machine m = {0};
    fake_begin(&m.fake);
    fake_mount(&m.fake, "cg/cpu", "cgroup", "cpu,cpuacct");
    fake_mount(&m.fake, "cg/unified", "cgroup2", "nsdelegate");
    fake_put(&m.fake, "proc/self/cgroup", "1:cpu,cpuacct:/user\n0::/user\n");
    fake_machine(&m.fake, 1000);
    fake_put(&m.fake, "cg/cpu/user/node/tasks", "10\n");
    fake_put(&m.fake, "cg/cpu/user/node/cpu.cfs_quota_us", "20000\n");
    fake_put(&m.fake, "cg/cpu/user/node/cpu.cfs_period_us", "100000\n");
    fake_put(&m.fake, "cg/cpu/user/node/cpuacct.usage", "0\n");
    fake_put(&m.fake, "cg/unified/user/node/cgroup.threads", "10\n11\n12\n");
    fake_put(&m.fake, "cg/unified/user/node/memory.pressure", "some total=0\n");
    fake_put(&m.fake, "cg/unified/user/node/io.pressure", "some total=0\n");
    fake_thread(&m.fake, 10, 'R');
    begin(&m, "node", 1000);
    fake_put(&m.fake, "cg/unified/user/node/io.pressure",
             "some total=1000000\nfull total=200000\n");
    take_first(&m);
    CU_ASSERT_EQUAL(m.info.load_milli, 1000);
    CU_ASSERT_EQUAL(m.info.core_count, 1);
    CU_ASSERT_EQUAL(m.info.speed_milli, 200);
    CU_ASSERT_EQUAL(m.alarms.io_some_milli, 500);
    CU_ASSERT_EQUAL(m.alarms.io_full_milli, 100);
    CU_ASSERT_EQUAL(m.alarms.memory_some_milli, 0);
    CU_ASSERT_EQUAL(m.info.mem_total_bytes, 8 * GIB);
    CU_ASSERT_EQUAL(m.info.mem_free_bytes, 4 * GIB);
    CU_ASSERT_EQUAL(m.alarms.lacks, SAMPLER_NO_PAGING);
    end(&m);
}

static void a_daemon_may_be_in_the_group_it_measures(void)
{
    struct machine m = {0};
    put_version_2(&m.fake);
    fake_put(&m.fake, "proc/self/cgroup", "0::/slice/node\n");
    begin(&m, ".", 2000);
    take_first(&m);
    CU_ASSERT_EQUAL(m.info.load_milli, 3000);
    CU_ASSERT_EQUAL(m.info.mem_free_bytes, 148 * MIB);
    end(&m);
}

/* ---- The whole machine. -------------------------------------------------- */

/* 5 run, one of them this process; 400 of 800 ticks of 4 cores in 2 s. */
static void a_node_without_a_group_is_the_machine(void)
{
    struct machine m = {0};
    fake_begin(&m.fake);
    fake_machine(&m.fake, 1000);
    fake_put(&m.fake, "proc/loadavg", "0.10 0.20 0.30 5/321 4711\n");
    fake_put(&m.fake, "proc/self/task/30/stat", "30 (vencejod) R 1\n");
    fake_put(&m.fake, "proc/self/task/31/stat", "31 (vencejod) S 1\n");
    fake_put(&m.fake, "proc/pressure/memory", "some total=5\nfull total=5\n");
    fake_put(&m.fake, "proc/pressure/io", "some total=5\nfull total=5\n");
    begin(&m, NULL, 1500);
    fake_machine(&m.fake, 1400);
    fake_put(&m.fake, "proc/vmstat",
             "pswpin 110\npswpout 70\nworkingset_restore_file 19\n");
    take_first(&m);
    CU_ASSERT_EQUAL(m.info.load_milli, 4000);
    CU_ASSERT_EQUAL(m.info.core_count, 4);
    CU_ASSERT_EQUAL(m.info.speed_milli, 1500);
    CU_ASSERT_EQUAL(m.info.utilisation_milli, 500);
    CU_ASSERT_EQUAL(m.info.mem_total_bytes, 8 * GIB);
    CU_ASSERT_EQUAL(m.info.mem_free_bytes, 4 * GIB);
    CU_ASSERT_EQUAL(m.info.swap_total_bytes, 2 * GIB);
    CU_ASSERT_EQUAL(m.info.swap_free_bytes, GIB);
    CU_ASSERT_EQUAL(m.info.paging_bytes_per_s, (10 + 20 + 12) * 4 * KIB / 2);
    CU_ASSERT_EQUAL(m.alarms.lacks, 0);
    CU_ASSERT_PTR_NULL(sampler_lack_text(m.alarms.lacks));
    end(&m);
}

/* ---- What is not there, or not what it should be. ------------------------ */

static void a_group_that_nobody_has_is_refused(void)
{
    struct machine m = {0};
    put_version_2(&m.fake);
    CU_ASSERT_EQUAL(try(&m, "other", 1000), -ENOENT);
    fake_remove(&m.fake, "proc/self/mountinfo");
    CU_ASSERT_EQUAL(try(&m, "node", 1000), -ENOENT);
    fake_remove(&m.fake, "proc/stat");
    CU_ASSERT_EQUAL(try(&m, NULL, 1000), -ENOENT);
    fake_end(&m.fake);
}

static void spoil(struct machine *m, const char *name, const char *text)
{
    m->info = (struct node_info){0};
    fake_put(&m->fake, name, "%s", text);
    if (try(m, "node", 1000) != 0)
        return;
    if (sampler_look(&m->sampler, 11 * SECOND) == 0 &&
        sampler_take(&m->sampler, 12 * SECOND, &m->info, &m->alarms) == 0) {
        CU_ASSERT(m->info.core_count >= 1);
        CU_ASSERT(m->info.speed_milli >= 1);
        CU_ASSERT(m->info.utilisation_milli <= 1000);
    }
    sampler_finish(&m->sampler);
}

static void damaged_files_stop_nothing(void)
{
    static const char *const names[] = {"proc/self/mountinfo",
                                        "proc/self/cgroup",
                                        "proc/stat",
                                        "proc/meminfo",
                                        "proc/10/task/10/stat",
                                        "cg/slice/node/cgroup.threads",
                                        "cg/slice/node/cpu.max",
                                        "cg/slice/node/cpu.stat",
                                        "cg/slice/node/memory.max",
                                        "cg/slice/node/memory.current",
                                        "cg/slice/node/memory.stat",
                                        "cg/slice/node/memory.swap.max",
                                        "cg/slice/node/memory.pressure"};
    static const char *const texts[] = {
        "",         "\n",
        "0",        "-1",
        "max",      "99999999999999999999999999",
        "x\ny z\n", "0 0\n",
        ":::\n",    "18446744073709551615 1\n",
        " - ",      ")))",
        "cpu "};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct machine m = {0};
        put_version_2(&m.fake);
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
            spoil(&m, names[i], texts[j]);
        fake_end(&m.fake);
    }
}

SUITE_MAIN("sampler",
           {"load is a time average over the group and those below",
            load_is_a_time_average_over_the_group_and_those_below},
           {"a quota is all the CPU there is", a_quota_is_all_the_cpu_there_is},
           {"memory is what the tightest limit leaves",
            memory_is_what_the_tightest_limit_leaves},
           {"paging is at least what is seen of it",
            paging_is_at_least_what_is_seen_of_it},
           {"groups that come and go are followed",
            groups_that_come_and_go_are_followed},
           {"more threads than open files are no trouble",
            more_threads_than_open_files_are_no_trouble},
           {"version 1 says the same in other words",
            version_1_says_the_same_in_other_words},
           {"a hybrid takes each where it is", a_hybrid_takes_each_where_it_is},
           {"a daemon may be in the group it measures",
            a_daemon_may_be_in_the_group_it_measures},
           {"a node without a group is the machine",
            a_node_without_a_group_is_the_machine},
           {"a group that nobody has is refused",
            a_group_that_nobody_has_is_refused},
           {"damaged files stop nothing", damaged_files_stop_nothing})
