/* What freezing costs, against dates reckoned by hand. */
#include <math.h>

#include "story.h"

/* Two processes of 100 MiB and 10 s on one node, one of which is to run; the
 * disk needs 2 s for each. */
#define NODE                                                                  \
    "vencejo: 1\nname: freezer\nseed: 1\nclusters:\n  lab: {nodes: 1, cores:" \
    " 1, speed: 1.0, memory: 1 GiB, swap: 1 GiB}\nworkload:\n  batch: "       \
    "{count: 2, cpu: 10 s, memory: 100 MiB}\n"
#define ONE_RUNS(slice) \
    "policies:\n  - freeze_marks: {running_max: 1, slice: " slice "}\n"
#define DISK_S 2.0
#define WORK_S 10.0
#define US 1e-6

static double date(const struct story *s, enum record_kind kind, size_t nth)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == kind && nth-- == 0)
            return (double)s->records[i].at_us * US;
    CU_FAIL_FATAL("no such record");
    return NAN;
}

/* Both run until one is frozen at a sample, at `frozen`: each has done half of
 * that. The other goes on alone. Then the first is thawed at a sample, is read
 * for 2 s and goes on alone. */
static void it_runs_again_when_it_is_read(void)
{
    struct story *s = story(
        NODE "freeze: {space: 1 GB, disk: 50 MiB/s}\n" ONE_RUNS("0 s"), 1);
    double frozen = date(s, RECORD_FREEZE, 0);
    double thawed = date(s, RECORD_THAW, 0);
    double left = WORK_S - frozen / 2;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), frozen + left, 2 * US);
    CU_ASSERT(thawed >= frozen + left);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), thawed + DISK_S + left,
                           2 * US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FREEZE), 1);
    CU_ASSERT_EQUAL(story_find(s, RECORD_FREEZE)->values[FREEZE_BYTES],
                    100 << 20);
    free(s);
}

/* Each slice of 5 s begins with 2 s of reading. The second process runs from
 * `frozen` for one whole slice, then 3 s of every other one; the first likewise
 * from the next slice on, and at the end, thawed at a sample, alone. */
static void turns_cost_reading(void)
{
    struct story *s = story(
        NODE "freeze: {space: 1 GB, disk: 50 MiB/s}\n" ONE_RUNS("5 s"), 1);
    double frozen = date(s, RECORD_FREEZE, 0);
    double done = frozen / 2;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_THAW, 0) - frozen, 5, 2 * US);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_THAW, 1) - frozen, 10, 2 * US);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0),
                           frozen + 20 + DISK_S + WORK_S - done - 5 - 3,
                           2 * US);
    CU_ASSERT_DOUBLE_EQUAL(
        date(s, RECORD_ENDED, 1),
        date(s, RECORD_THAW, 4) + DISK_S + WORK_S - done - 3 - 3, 2 * US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FREEZE), story_count(s, RECORD_THAW));
    free(s);
}

static void full_space_freezes_nothing(void)
{
    struct story *s = story(
        NODE "freeze: {space: 99 MiB, disk: 50 MiB/s}\n" ONE_RUNS("0 s"), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FREEZE), 0);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 2 * WORK_S, 2 * US);
    free(s);
}

static void without_space_nothing_is_frozen(void)
{
    struct story *s = story(NODE ONE_RUNS("0 s"), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FREEZE), 0);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 2 * WORK_S, 2 * US);
    free(s);
}

/* Memory of 150 MiB cannot hold both: thrashing, by a factor of 10, lasts until
 * the frozen one is written. Until `frozen` both have done a twentieth of the
 * time, and for 2 s more the other does a tenth. */
static void memory_is_given_back_when_it_is_written(void)
{
    struct story *s = story(
        "vencejo: 1\nname: freezer\nseed: 1\nclusters:\n  lab: {nodes: "
        "1, cores: 1, speed: 1.0, memory: 150 MiB, swap: 1 GiB}\n"
        "workload:\n  batch: {count: 2, cpu: 10 s, memory: 100 MiB}\n"
        "freeze: {space: 1 GB, disk: 50 MiB/s}\n" ONE_RUNS("0 s"),
        1);
    double frozen = date(s, RECORD_FREEZE, 0);
    double done = frozen / 20 + DISK_S / 10;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0),
                           frozen + DISK_S + WORK_S - done, 2 * US);
    free(s);
}

static void another_class_is_left_alone(void)
{
    struct story *s = story(
        "vencejo: 1\nname: freezer\nseed: 1\nclusters:\n  lab: {nodes: 1}\n"
        "workload:\n  batch: {count: 2, cpu: 10 s, class: 2}\n"
        "freeze: {space: 1 GB}\n" ONE_RUNS("0 s"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FREEZE), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 2);
    free(s);
}

/* Four of class 1, six of class 2, none of which ends: with red 2 and 4 two of
 * each are frozen. Ids count from 1 in the order of the workload. */
static void each_class_has_its_marks(void)
{
    struct story *s = story(
        "vencejo: 1\nuntil: 30 s\nclusters: {lab: {nodes: 1}}\nworkload:\n"
        "  - batch: {count: 4, cpu: 1 h, memory: 1 MiB, class: 1}\n"
        "  - batch: {count: 6, cpu: 1 h, memory: 1 MiB, class: 2}\n"
        "freeze:\n  space: 1 GB\n  classes:\n"
        "    - {class: 1, red: 2, blue: 1, slice: none}\n"
        "    - {class: 2, red: 4, blue: 1, slice: none}\n",
        1);
    size_t counts[2] = {0};
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == RECORD_FREEZE)
            counts[(uint32_t)s->records[i].proc > 4]++;
    CU_ASSERT_EQUAL(counts[0], 2);
    CU_ASSERT_EQUAL(counts[1], 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_THAW), 0);
    free(s);
}

SUITE_MAIN("freezer",
           {"it runs again when it is read", it_runs_again_when_it_is_read},
           {"turns cost reading", turns_cost_reading},
           {"full space freezes nothing", full_space_freezes_nothing},
           {"without space nothing is frozen", without_space_nothing_is_frozen},
           {"memory is given back when it is written",
            memory_is_given_back_when_it_is_written},
           {"another class is left alone", another_class_is_left_alone},
           {"each class of freeze: has marks of its own",
            each_class_has_its_marks})
