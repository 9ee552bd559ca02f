/* test_kernel_text.c - numbers are found where proc(5) and the kernel's cgroup
 * documentation say that they stand, and nowhere else. */
#include "../suite.h"

#include "../../real/daemon/kernel_text.h"

static void a_process_may_be_called_anything(void)
{
    struct kernel_thread t;
    const char *text =
        "7 (a) R b) (c) S 1 7 7 0 -1 4194304 11 12 13 14 1500 250 17 18 20 0 3 "
        "0 987654 4096 200 18446744073709551615 1\n";
    CU_ASSERT_EQUAL(kernel_state(text), 'S');
    CU_ASSERT_FATAL(kernel_thread_parse(text, &t));
    CU_ASSERT_EQUAL(t.state, 'S');
    CU_ASSERT_EQUAL(t.user_ticks, 1500);
    CU_ASSERT_EQUAL(t.system_ticks, 250);
    CU_ASSERT_EQUAL(t.thread_count, 3);
    CU_ASSERT_EQUAL(t.started_ticks, 987654);
}

static void what_is_cut_off_is_no_process(void)
{
    struct kernel_thread t;
    const char *const texts[] = {"",
                                 "7",
                                 "7 (a",
                                 "7 (a)",
                                 "7 (a) ",
                                 "7 (a) R",
                                 "7 (a) R 1 2 x 4",
                                 "7 (a) 5 1 2 3"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CU_ASSERT_FALSE(kernel_thread_parse(texts[i], &t));
    CU_ASSERT_EQUAL(kernel_state("7 (a) R 1 2"), 'R');
    CU_ASSERT_EQUAL(kernel_state("7 (a"), '\0');
}

static void a_field_is_a_whole_word_at_the_begin_of_a_line(void)
{
    uint64_t value = 1;
    const char *text =
        "inactive_file 5\nactive_file 17\ncold 9\nMemTotal:   "
        "  42 kB\nlarge 18446744073709551616\nlast 3";
    CU_ASSERT(kernel_field(text, "active_file", &value));
    CU_ASSERT_EQUAL(value, 17);
    CU_ASSERT(kernel_field(text, "MemTotal", &value));
    CU_ASSERT_EQUAL(value, 42);
    CU_ASSERT(kernel_field(text, "last", &value));
    CU_ASSERT_EQUAL(value, 3);
    CU_ASSERT_FALSE(kernel_field(text, "co", &value));
    CU_ASSERT_FALSE(kernel_field(text, "large", &value));
    CU_ASSERT_FALSE(kernel_field(text, "file", &value));
    CU_ASSERT_EQUAL(value, 3);
}

static void a_number_without_a_limit_is_said_so(void)
{
    uint64_t value;
    CU_ASSERT(kernel_number("123\n", &value));
    CU_ASSERT_EQUAL(value, 123);
    CU_ASSERT(kernel_number("max\n", &value));
    CU_ASSERT_EQUAL(value, KERNEL_NO_LIMIT);
    CU_ASSERT(kernel_number("-1\n", &value));
    CU_ASSERT_EQUAL(value, KERNEL_NO_LIMIT);
    CU_ASSERT_FALSE(kernel_number("12x\n", &value));
    CU_ASSERT_FALSE(kernel_number("", &value));
    CU_ASSERT_FALSE(kernel_number("-2\n", &value));
}

static void a_quota_is_in_thousandths_of_a_core(void)
{
    uint64_t milli;
    CU_ASSERT(kernel_quota_parse("20000 100000\n", &milli));
    CU_ASSERT_EQUAL(milli, 200);
    CU_ASSERT(kernel_quota_parse("4000 20000\n", &milli));
    CU_ASSERT_EQUAL(milli, 200);
    CU_ASSERT(kernel_quota_parse("250000 100000\n", &milli));
    CU_ASSERT_EQUAL(milli, 2500);
    CU_ASSERT(kernel_quota_parse("max 100000\n", &milli));
    CU_ASSERT_EQUAL(milli, KERNEL_NO_LIMIT);
    CU_ASSERT_FALSE(kernel_quota_parse("20000 0\n", &milli));
    CU_ASSERT_FALSE(kernel_quota_parse("20000\n", &milli));
    CU_ASSERT_FALSE(kernel_quota_parse("18446744073709551614 1\n", &milli));
}

static void pressure_may_come_without_its_second_line(void)
{
    struct kernel_pressure p;
    CU_ASSERT(kernel_pressure_parse(
        "some avg10=1.50 avg60=0.00 avg300=0.00 total=1234\n"
        "full avg10=0.00 avg60=0.00 avg300=0.00 total=56\n",
        &p));
    CU_ASSERT_EQUAL(p.some_us, 1234);
    CU_ASSERT_EQUAL(p.full_us, 56);
    CU_ASSERT(kernel_pressure_parse("some avg10=0.00 total=7\n", &p));
    CU_ASSERT_EQUAL(p.some_us, 7);
    CU_ASSERT_EQUAL(p.full_us, 0);
    CU_ASSERT_FALSE(kernel_pressure_parse("some avg10=0\nfull total=3\n", &p));
    CU_ASSERT_FALSE(kernel_pressure_parse("", &p));
}

/* Columns: user nice system idle iowait irq softirq steal guest guest_nice;
 * busy is 10 + 20 + 30 + 60 + 70 + 80. */
static void waiting_for_a_disk_is_no_work(void)
{
    uint64_t busy;
    uint64_t cores;
    CU_ASSERT(
        kernel_cpus_parse("cpu  10 20 30 40 50 60 70 80 5 5\n"
                          "cpu0 1 1 1 1 1 1 1 1 1 1\n"
                          "cpu2 1 1 1 1 1 1 1 1 1 1\nintr 5\ncpufreq 1",
                          &busy, &cores));
    CU_ASSERT_EQUAL(busy, 270);
    CU_ASSERT_EQUAL(cores, 2);
    CU_ASSERT_FALSE(kernel_cpus_parse("cpu  1 2 3\n", &busy, &cores));
    CU_ASSERT_FALSE(kernel_cpus_parse("cpu  1 2 3 4 5 6 7 8\n", &busy, &cores));
}

static void the_running_stand_before_the_slash(void)
{
    uint64_t running;
    CU_ASSERT(kernel_running_parse("0.20 0.18 0.12 3/543 11206\n", &running));
    CU_ASSERT_EQUAL(running, 3);
    CU_ASSERT_FALSE(kernel_running_parse("0.20 0.18 0.12 3\n", &running));
    CU_ASSERT_FALSE(kernel_running_parse("0.20 0.18", &running));
}

static void lists_of_cores_are_counted(void)
{
    uint64_t count;
    CU_ASSERT(kernel_list_count("0-3,7,9-10\n", &count));
    CU_ASSERT_EQUAL(count, 7);
    CU_ASSERT(kernel_list_count("5\n", &count));
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_FALSE(kernel_list_count("\n", &count));
    CU_ASSERT_FALSE(kernel_list_count("3-1\n", &count));
    CU_ASSERT_FALSE(kernel_list_count("0-3,\n", &count));
    CU_ASSERT_FALSE(kernel_list_count("0-4000000000\n", &count));
}

SUITE_MAIN("kernel text",
           {"a process may be called anything",
            a_process_may_be_called_anything},
           {"what is cut off is no process", what_is_cut_off_is_no_process},
           {"a field is a whole word at the begin of a line",
            a_field_is_a_whole_word_at_the_begin_of_a_line},
           {"a number without a limit is said so",
            a_number_without_a_limit_is_said_so},
           {"a quota is in thousandths of a core",
            a_quota_is_in_thousandths_of_a_core},
           {"pressure may come without its second line",
            pressure_may_come_without_its_second_line},
           {"waiting for a disk is no work", waiting_for_a_disk_is_no_work},
           {"the running stand before the slash",
            the_running_stand_before_the_slash},
           {"lists of cores are counted", lists_of_cores_are_counted})
