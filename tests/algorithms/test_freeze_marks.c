/* test_freeze_marks.c - the worked example, and that nobody waits for ever. */
#include "../suite.h"
#include "stand.h"

enum { HOME = 1, OTHER = 2, FOREIGN = 3, NODES = 3 };
#define SPACE_BYTES (1024 * STAND_MIB)
#define MEM_BYTES STAND_MIB
#define SLICE_US 10000000ULL

/* Two nodes of one cluster and one of another; node 1 has freeze space. */
static struct stand *stand_of(const char *param, uint64_t value)
{
    struct stand *s = stand_create(NODES);
    s->cluster_sizes[0] = 2;
    s->cluster_sizes[1] = 1;
    s->cluster_count = 2;
    stand_info(s, HOME)->freeze_total_bytes = SPACE_BYTES;
    stand_info(s, HOME)->freeze_free_bytes = SPACE_BYTES;
    size_t place = stand_add(s, "freeze_marks");
    stand_set(s, place, "slice_us", 0);
    if (param)
        stand_set(s, place, param, value);
    stand_start(s);
    return s;
}

static void submit(struct stand *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        stand_submit(s, HOME, MEM_BYTES);
}

static void sample(struct stand *s, size_t seconds)
{
    for (size_t i = 0; i < seconds; i++)
        stand_second(s, true);
}

static size_t frozen(struct stand *s)
{
    return node_self(stand_node(s, HOME))->frozen_count;
}

static void end(struct stand *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t all;
        const struct proc_info *procs = node_procs(stand_node(s, HOME), &all);
        size_t at = 0;
        while (procs[at].state != PROC_RUNNING)
            at++;
        stand_step(s, HOME,
                   (struct event){.kind = EVENT_ENDED, .proc = procs[at].id});
    }
}

static proc_id number(uint32_t n)
{
    return ((proc_id)HOME << 32) + n;
}

static void change_class(struct stand *s, uint32_t n, uint16_t class_number)
{
    struct proc_info proc = *stand_proc_at(s, HOME, number(n));
    proc.class_number = class_number;
    stand_step(
        s, HOME,
        (struct event){.kind = EVENT_CHANGED, .procs = &proc, .proc_count = 1});
}

static bool was_thawed(const struct stand *s, uint32_t n)
{
    for (size_t i = 0; i < s->note_count; i++)
        if (s->notes[i].kind == ACTION_THAW && s->notes[i].proc == number(n))
            return true;
    return false;
}

static void above_red_one_at_each_sample_is_frozen(void)
{
    struct stand *s = stand_of(NULL, 0);
    submit(s, 9);
    for (size_t second = 1; second <= 3; second++) {
        sample(s, 1);
        CU_ASSERT_EQUAL(frozen(s), second);
    }
    sample(s, 5);
    CU_ASSERT_EQUAL(frozen(s), 3);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 6);
    stand_destroy(s);
}

static void below_blue_one_is_thawed(void)
{
    struct stand *s = stand_of(NULL, 0);
    submit(s, 9);
    sample(s, 5);
    end(s, 2);
    sample(s, 3);
    CU_ASSERT_EQUAL(frozen(s), 3); /* 4 run: not below blue. */
    end(s, 1);
    sample(s, 5);
    CU_ASSERT_EQUAL(frozen(s), 2);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 4);
    stand_destroy(s);
}

static void only_its_class_is_frozen(void)
{
    struct stand *s = stand_of("class_number", 2);
    submit(s, 9);
    sample(s, 5);
    CU_ASSERT_EQUAL(frozen(s), 0);
    stand_destroy(s);
}

static void the_least_always_run(void)
{
    struct stand *s = stand_of("running_min", 8);
    submit(s, 9);
    sample(s, 9);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 8);
    end(s, 1);
    sample(s, 3);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 8); /* Above blue, but too few. */
    stand_destroy(s);
}

static void the_most_run_whatever_the_marks(void)
{
    struct stand *s = stand_of("running_max", 2);
    submit(s, 5);
    sample(s, 9);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 2);
    stand_destroy(s);
}

static void the_marks_may_be_of_load(void)
{
    struct stand *s = stand_create(1);
    stand_info(s, HOME)->freeze_total_bytes = SPACE_BYTES;
    stand_info(s, HOME)->freeze_free_bytes = SPACE_BYTES;
    stand_info(s, HOME)->core_count = 2;
    size_t place = stand_add(s, "freeze_marks");
    stand_set(s, place, "units", 1);
    stand_start(s);
    submit(s, 14); /* 7 for each core. */
    sample(s, 9);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 12);
    stand_destroy(s);
}

static void full_freeze_space_freezes_nobody_more(void)
{
    struct stand *s = stand_create(1);
    stand_info(s, HOME)->freeze_total_bytes = 2 * MEM_BYTES;
    stand_info(s, HOME)->freeze_free_bytes = 2 * MEM_BYTES;
    stand_add(s, "freeze_marks");
    stand_start(s);
    submit(s, 9);
    for (size_t i = 0; i < 5; i++) {
        stand_info(s, HOME)->freeze_free_bytes = (2 - frozen(s)) * MEM_BYTES;
        sample(s, 1);
    }
    CU_ASSERT_EQUAL(frozen(s), 2);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_DENIED), 0);
    stand_destroy(s);
}

/* 9 run, 3 are frozen: each is thawed within 3 slices. */
static void nobody_is_frozen_longer_than_its_turn(void)
{
    struct stand *s = stand_of("slice_us", SLICE_US);
    usec_t since_us[9];
    submit(s, 9);
    for (size_t i = 0; i < 9; i++)
        since_us[i] = s->now_us;
    for (size_t second = 0; second < 300; second++) {
        sample(s, 1);
        size_t count;
        const struct proc_info *procs = node_procs(stand_node(s, HOME), &count);
        for (size_t i = 0; i < count; i++)
            if (procs[i].state != PROC_FROZEN)
                since_us[i] = s->now_us;
            else
                CU_ASSERT(s->now_us - since_us[i] <=
                          3 * SLICE_US + 5 * STAND_SECOND_US);
    }
    CU_ASSERT_EQUAL(frozen(s), 3);
    CU_ASSERT(stand_count(s, ACTION_THAW) >= 28);
    stand_destroy(s);
}

/* Processes of another class hold the load above red for ever, and nobody need
 * run: all the same each of the class has its turn. */
static void turns_go_on_under_any_load(void)
{
    struct stand *s = stand_create(1);
    stand_info(s, HOME)->freeze_total_bytes = SPACE_BYTES;
    stand_info(s, HOME)->freeze_free_bytes = SPACE_BYTES;
    size_t place = stand_add(s, "freeze_marks");
    stand_set(s, place, "units", 1);
    stand_set(s, place, "red_milli", 1000);
    stand_set(s, place, "blue_milli", 0);
    stand_set(s, place, "running_min", 0);
    stand_set(s, place, "slice_us", SLICE_US);
    stand_start(s);
    submit(s, 9);
    for (uint32_t n = 5; n <= 9; n++)
        change_class(s, n, 2);
    sample(s, 60);
    for (uint32_t n = 1; n <= 4; n++)
        CU_ASSERT(was_thawed(s, n));
    CU_ASSERT_EQUAL(frozen(s), 3);
    stand_destroy(s);
}

/* Of ten MiB each only one fits into freeze space at a time: who is in it comes
 * out after its slice, though nobody fits in its place. */
static void turns_go_on_without_freeze_space(void)
{
    struct stand *s = stand_create(1);
    stand_info(s, HOME)->freeze_total_bytes = 2 * MEM_BYTES;
    stand_info(s, HOME)->freeze_free_bytes = 2 * MEM_BYTES;
    size_t place = stand_add(s, "freeze_marks");
    stand_set(s, place, "slice_us", SLICE_US);
    stand_start(s);
    submit(s, 1);
    for (uint32_t n = 2; n <= 9; n++)
        stand_submit(s, HOME, 10 * MEM_BYTES);
    sample(s, 2);
    CU_ASSERT_EQUAL(frozen(s), 1);
    sample(s, 10);
    CU_ASSERT(was_thawed(s, 1));
    CU_ASSERT_EQUAL(stand_count(s, ACTION_DENIED), 0);
    stand_destroy(s);
}

/* Class 1 may run three, class 2 one. */
static void two_classes_are_two_instances(void)
{
    struct stand *s = stand_create(1);
    stand_info(s, HOME)->freeze_total_bytes = SPACE_BYTES;
    stand_info(s, HOME)->freeze_free_bytes = SPACE_BYTES;
    stand_set(s, stand_add(s, "freeze_marks"), "running_max", 3);
    size_t second = stand_add(s, "freeze_marks");
    stand_set(s, second, "running_max", 1);
    stand_set(s, second, "class_number", 2);
    stand_start(s);
    submit(s, 8);
    for (uint32_t n = 5; n <= 8; n++)
        change_class(s, n, 2);
    sample(s, 9);
    size_t running[2] = {0};
    for (uint32_t n = 1; n <= 8; n++)
        running[n > 4] +=
            stand_proc_at(s, HOME, number(n))->state == PROC_RUNNING;
    CU_ASSERT_EQUAL(running[0], 3);
    CU_ASSERT_EQUAL(running[1], 1);
    stand_destroy(s);
}

/* One of home's that is at `from` comes home, while `others` run there. */
static size_t frozen_when_it_comes(const char *param,
                                   uint64_t mark_milli,
                                   node_id from,
                                   size_t others)
{
    struct stand *s = stand_of(param, mark_milli);
    proc_id proc = stand_submit(s, HOME, MEM_BYTES);
    stand_step(s, HOME,
               (struct event){.kind = EVENT_MOVE, .proc = proc, .peer = from});
    stand_settle(s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stand_proc_at(s, from, proc));
    submit(s, others);
    stand_step(s, from,
               (struct event){.kind = EVENT_MOVE, .proc = proc, .peer = HOME});
    stand_settle(s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stand_proc_at(s, HOME, proc));
    size_t count = frozen(s);
    stand_destroy(s);
    return count;
}

static void what_comes_home_is_frozen_above_its_mark(void)
{
    CU_ASSERT_EQUAL(frozen_when_it_comes("auto_home_milli", 0, OTHER, 1), 1);
    CU_ASSERT_EQUAL(frozen_when_it_comes("auto_home_milli", 0, FOREIGN, 1), 0);
    CU_ASSERT_EQUAL(
        frozen_when_it_comes("auto_cluster_milli", 4000, FOREIGN, 4), 0);
    CU_ASSERT_EQUAL(
        frozen_when_it_comes("auto_cluster_milli", 4000, FOREIGN, 5), 1);
    CU_ASSERT_EQUAL(frozen_when_it_comes(NULL, 0, OTHER, 5), 0);
}

static void marks_that_do_not_fit_are_refused(void)
{
    const struct policy *policy = policy_find("freeze_marks");
    uint64_t values[STAND_PARAMS_MAX];
    policy_params_default(policy, values);
    CU_ASSERT_PTR_NULL(policy->check(values));
    policy_param_set(policy_param_find(policy, "blue_milli"), values, 5001);
    CU_ASSERT_PTR_NOT_NULL(policy->check(values));
    policy_params_default(policy, values);
    policy_param_set(policy_param_find(policy, "running_min"), values, 3);
    policy_param_set(policy_param_find(policy, "running_max"), values, 2);
    CU_ASSERT_PTR_NOT_NULL(policy->check(values));
}

SUITE_MAIN("freeze_marks",
           {"above red one at each sample is frozen",
            above_red_one_at_each_sample_is_frozen},
           {"below blue one is thawed", below_blue_one_is_thawed},
           {"only its class is frozen", only_its_class_is_frozen},
           {"the least always run", the_least_always_run},
           {"the most run whatever the marks", the_most_run_whatever_the_marks},
           {"the marks may be of load", the_marks_may_be_of_load},
           {"full freeze space freezes nobody more",
            full_freeze_space_freezes_nobody_more},
           {"nobody is frozen longer than its turn",
            nobody_is_frozen_longer_than_its_turn},
           {"turns go on under any load", turns_go_on_under_any_load},
           {"turns go on without freeze space",
            turns_go_on_without_freeze_space},
           {"two classes are two instances", two_classes_are_two_instances},
           {"what comes home is frozen above its mark",
            what_comes_home_is_frozen_above_its_mark},
           {"marks that do not fit are refused",
            marks_that_do_not_fit_are_refused})
