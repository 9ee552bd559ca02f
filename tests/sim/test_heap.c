#include "sim/heap.h"

#include "tests/suite.h"

enum { MANY = 5000 };

/* Marsaglia's xorshift64. */
static uint64_t next_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void test_an_empty_heap_has_no_date(void)
{
    struct heap heap = {0};
    CU_ASSERT(heap_date(&heap) == INFINITY);
    heap_push(&heap, 3, 1, 2, 4);
    CU_ASSERT(heap_date(&heap) == 3);
    struct happening only = heap_pop(&heap);
    CU_ASSERT(only.date == 3 && only.kind == 1);
    CU_ASSERT(only.node == 2 && only.what == 4);
    CU_ASSERT(heap_date(&heap) == INFINITY);
    heap_finish(&heap);
    heap_finish(&heap);
}

static void test_happenings_come_by_date(void)
{
    uint64_t state = 7;
    struct heap heap = {0};
    double last = 0;
    for (int i = 0; i < MANY; i++)
        heap_push(&heap, (double)(next_bits(&state) % 100000), 0, 0, 0);
    for (int i = 0; i < MANY; i++) {
        double date = heap_date(&heap);
        CU_ASSERT_FATAL(last <= date);
        CU_ASSERT_FATAL(heap_pop(&heap).date == date);
        last = date;
        /* What comes meanwhile is later, as in a simulation. */
        if (i % 3 == 0 && i < MANY / 2)
            heap_push(&heap, date + (double)(next_bits(&state) % 50), 0, 0, 0);
    }
    heap_finish(&heap);
}

static void test_equal_dates_come_in_the_order_they_went_in(void)
{
    uint64_t state = 9;
    struct heap heap = {0};
    for (uint64_t i = 0; i < MANY; i++)
        heap_push(&heap, (double)(next_bits(&state) % 8), 0, 0, i);
    struct happening last = heap_pop(&heap);
    for (int i = 1; i < MANY; i++) {
        struct happening next = heap_pop(&heap);
        CU_ASSERT_FATAL(last.date < next.date ||
                        (last.date == next.date && last.what < next.what));
        last = next;
    }
    heap_finish(&heap);
}

static void test_alarms_give_the_earliest_of_what_is_set(void)
{
    enum { INDICES = 61 }; /* No power of two: the tournament has byes. */
    struct alarms alarms;
    alarms_init(&alarms, INDICES);
    double dates[INDICES];
    for (int i = 0; i < INDICES; i++)
        dates[i] = INFINITY;
    CU_ASSERT(alarms_date(&alarms) == INFINITY);
    uint64_t state = 11;
    for (int i = 0; i < MANY; i++) {
        uint32_t index = (uint32_t)(next_bits(&state) % INDICES);
        /* Few values: many equal dates, some set again to what they were. */
        double date = (double)(next_bits(&state) % 12);
        dates[index] = date < 3 ? INFINITY : date;
        alarms_set(&alarms, index, dates[index]);
        uint32_t first = 0;
        for (uint32_t j = 1; j < INDICES; j++)
            if (dates[j] < dates[first])
                first = j;
        CU_ASSERT_FATAL(alarms_date(&alarms) == dates[first]);
        if (dates[first] < INFINITY)
            CU_ASSERT_FATAL(alarms_index(&alarms) == first);
        CU_ASSERT_FATAL(alarms_date_of(&alarms, index) == dates[index]);
    }
    alarms_finish(&alarms);
}

SUITE_MAIN("heap",
           {"an empty heap has no date", test_an_empty_heap_has_no_date},
           {"happenings come by date", test_happenings_come_by_date},
           {"equal dates come in the order they went in",
            test_equal_dates_come_in_the_order_they_went_in},
           {"alarms give the earliest of what is set, by index if equal",
            test_alarms_give_the_earliest_of_what_is_set})
