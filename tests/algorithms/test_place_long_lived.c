/* test_place_long_lived.c - what ran long before starts elsewhere. */
#include "../suite.h"
#include "stand.h"

enum { HOME = 1, A, NODES = 2, LONG = 7, SHORT = 8 };

static struct stand *make(void)
{
    struct stand *s = stand_create(NODES);
    stand_add(s, "place_long_lived");
    stand_start(s);
    stand_tell(s, A);
    return s;
}

/* Where it starts. */
static node_id submit(struct stand *s, uint32_t program, proc_id *ret_proc)
{
    struct proc_info proc = stand_proc(s, HOME, STAND_MIB);
    proc.program = program;
    stand_offer(s, proc);
    stand_settle(s);
    *ret_proc = proc.id;
    return stand_proc_at(s, A, proc.id) ? A : HOME;
}

/* It runs alone for some samples of a second each, and ends. */
static void live(struct stand *s, node_id place, proc_id proc, size_t samples)
{
    for (size_t i = 0; i < samples; i++) {
        s->now_us += STAND_SECOND_US;
        stand_sample(s, place);
    }
    stand_step(s, place, (struct event){.kind = EVENT_ENDED, .proc = proc});
    stand_settle(s);
    s->now_us += STAND_SECOND_US;
    stand_sample(s, place);
    stand_sample(s, HOME);
}

/* After it, one process runs at HOME and none at A. */
static struct stand *example(void)
{
    struct stand *s = make();
    proc_id proc;
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), HOME);
    live(s, HOME, proc, 3);
    proc_id busy;
    CU_ASSERT_EQUAL(submit(s, 0, &busy), HOME);
    stand_sample(s, HOME);
    return s;
}

static uint64_t mean_us(struct stand *s)
{
    const struct stand_note *note = NULL;
    for (size_t i = 0; i < s->note_count; i++)
        if (strstr(s->notes[i].why, "its program ran"))
            note = &s->notes[i];
    return note ? strtoull(strstr(note->why, "ran ") + 4, NULL, 10) : 0;
}

static void the_example(void)
{
    struct stand *s = make();
    proc_id proc;
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), HOME);
    live(s, HOME, proc, 3);
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), HOME); /* A is no emptier. */
    live(s, HOME, proc, 1);
    CU_ASSERT_EQUAL(submit(s, SHORT, &proc), HOME);
    live(s, HOME, proc, 0);
    proc_id busy;
    CU_ASSERT_EQUAL(submit(s, 0, &busy), HOME);
    stand_sample(s, HOME);
    CU_ASSERT_EQUAL(submit(s, SHORT, &proc), HOME);
    CU_ASSERT_EQUAL(mean_us(s), 0);
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), A);
    CU_ASSERT_EQUAL(mean_us(s), 2 * STAND_SECOND_US);
    live(s, A, proc, 20);
    stand_tell(s, A);
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), A);
    CU_ASSERT_EQUAL(mean_us(s), 8 * STAND_SECOND_US);
    stand_destroy(s);
}

static void what_was_never_seen_starts_at_home(void)
{
    struct stand *s = example();
    proc_id proc;
    CU_ASSERT_EQUAL(submit(s, SHORT, &proc), HOME);
    CU_ASSERT_EQUAL(submit(s, 0, &proc), HOME);
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), A);
    stand_destroy(s);
}

/* Of 65 programs the one that ended first is forgotten. */
static void the_programs_that_ran_last_are_remembered(void)
{
    enum { PROGRAMS_MAX = 64 };
    struct stand *s = example();
    proc_id proc;
    for (uint32_t program = 100; program < 99 + PROGRAMS_MAX; program++) {
        CU_ASSERT_EQUAL(submit(s, program, &proc), HOME);
        live(s, HOME, proc, 0);
    }
    stand_tell(s, A);
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), A); /* 64 are remembered. */
    live(s, A, proc, 1);
    for (uint32_t program = 200; program < 200 + PROGRAMS_MAX; program++) {
        CU_ASSERT_EQUAL(submit(s, program, &proc), HOME);
        live(s, HOME, proc, 0);
    }
    stand_tell(s, A);
    CU_ASSERT_EQUAL(submit(s, LONG, &proc), HOME);
    stand_destroy(s);
}

SUITE_MAIN("place_long_lived",
           {"the example", the_example},
           {"what was never seen starts at home",
            what_was_never_seen_starts_at_home},
           {"the programs that ran last are remembered",
            the_programs_that_ran_last_are_remembered})
