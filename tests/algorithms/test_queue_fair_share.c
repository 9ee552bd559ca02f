/* test_queue_fair_share.c - who has used least lately goes first. */
#include "../suite.h"
#include "queue_stand.h"

static void the_example_is_as_worked_by_hand(void)
{
    struct stand *s = queue_stand(1, "queue_fair_share");
    queue_submit(s, 3, (struct queue_job){.priority = 50, .user = 1});
    queue_seconds(s, 1);
    queue_submit(s, 2, (struct queue_job){.priority = 50, .user = 2});
    queue_seconds(s, 9);
    queue_end(s, 1);
    queue_seconds(s, 4);
    queue_expect_order(s, (const uint32_t[]){1, 4}, 2);
    queue_end(s, 4);
    queue_seconds(s, 2);
    queue_expect_order(s, (const uint32_t[]){1, 4, 5}, 3);
    stand_destroy(s);
}

static void priority_still_comes_first(void)
{
    struct stand *s = queue_stand(1, "queue_fair_share");
    queue_submit(s, 1, (struct queue_job){.priority = 50, .user = 1});
    queue_seconds(s, 5);
    queue_submit(s, 1, (struct queue_job){.priority = 50, .user = 2});
    queue_submit(s, 1, (struct queue_job){.priority = 40, .user = 1});
    queue_seconds(s, 5);
    queue_end(s, 1);
    queue_seconds(s, 2);
    queue_expect_order(s, (const uint32_t[]){1, 3}, 2);
    stand_destroy(s);
}

static uint32_t running_of(struct stand *s, uint32_t first, uint32_t last)
{
    uint32_t count = 0;
    for (uint32_t n = first; n <= last; n++) {
        const struct proc_info *proc =
            stand_proc_at(s, QUEUE_HOME, queue_number(n));
        count += proc && proc->state == PROC_RUNNING;
    }
    return count;
}

/* 8 cores; 20 processes of user 1 come first, 20 of user 2 behind them. */
static void of_equal_usage_each_gets_half_of_the_places(void)
{
    struct stand *s = queue_stand_cores(1, "queue_fair_share", 8);
    queue_submit(s, 20, (struct queue_job){.priority = 50, .user = 1});
    queue_submit(s, 20, (struct queue_job){.priority = 50, .user = 2});
    queue_seconds(s, 3);
    CU_ASSERT_EQUAL(running_of(s, 1, 20), 4);
    CU_ASSERT_EQUAL(running_of(s, 21, 40), 4);
    stand_destroy(s);
}

/* User 1 uses the core for 40 s. 160 s, ten half-lives, later this is as good
 * as forgotten, and the 10 s of user 2 are not: user 1 goes first. */
static void usage_is_forgotten_by_half_lives(void)
{
    for (uint64_t forgets = 0; forgets <= 1; forgets++) {
        struct stand *s = queue_stand(1, "queue_fair_share");
        stand_set(s, 0, "half_life_us",
                  (forgets ? 16ULL : 100000ULL) * STAND_SECOND_US);
        queue_restart(s);
        queue_submit(s, 1, (struct queue_job){.priority = 50, .user = 1});
        queue_submit(s, 1, (struct queue_job){.priority = 50, .user = 3});
        queue_seconds(s, 40);
        queue_end(s, 1);
        queue_seconds(s, 160); /* User 3's runs. */
        queue_submit(s, 1, (struct queue_job){.priority = 50, .user = 2});
        queue_seconds(s, 1);
        queue_end(s, 2);
        queue_seconds(s, 10);
        queue_submit(s, 1, (struct queue_job){.priority = 50, .user = 2});
        queue_submit(s, 1, (struct queue_job){.priority = 50, .user = 1});
        queue_seconds(s, 2);
        queue_end(s, 3);
        queue_seconds(s, 2);
        uint32_t next = forgets ? 5 : 4;
        queue_expect_order(s, (const uint32_t[]){1, 2, 3, next}, 4);
        stand_destroy(s);
    }
}

SUITE_MAIN("queue_fair_share",
           {"the example is as worked by hand",
            the_example_is_as_worked_by_hand},
           {"priority still comes first", priority_still_comes_first},
           {"of equal usage each gets half of the places",
            of_equal_usage_each_gets_half_of_the_places},
           {"usage is forgotten by half-lives",
            usage_is_forgotten_by_half_lives})
