/* bound_makespan.c - from every date of submission on: the largest works on the
 * fastest cores, and work x memory in all memory. */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "bound.h"
#include "room.h"

/* The largest works so far, descending; the speeds of the k fastest cores. */
struct largest
{
    double works_us[BOUND_CORES_MAX];
    size_t count;
    double speed_sums[BOUND_CORES_MAX];
    size_t limit; /* Cores, BOUND_CORES_MAX at the most. */
};

/* Returns the speed of all cores. */
static double sum_speeds(const struct core_group *groups,
                         size_t group_count,
                         struct largest *largest)
{
    double sum = 0;
    largest->limit = 0;
    for (size_t group = 0; group < group_count; group++) {
        assert(group == 0 || groups[group].speed <= groups[group - 1].speed);
        uint64_t listed = 0;
        for (; listed < groups[group].count && largest->limit < BOUND_CORES_MAX;
             listed++) {
            sum += groups[group].speed;
            largest->speed_sums[largest->limit++] = sum;
        }
        sum += (double)(groups[group].count - listed) * groups[group].speed;
    }
    return sum;
}

/* False if it is not one of the largest. */
static bool insert(struct largest *largest, double work_us)
{
    if (largest->count == largest->limit) {
        if (work_us <= largest->works_us[largest->count - 1])
            return false;
        largest->count--;
    }
    size_t at = largest->count++;
    for (; 0 < at && largest->works_us[at - 1] < work_us; at--)
        largest->works_us[at] = largest->works_us[at - 1];
    largest->works_us[at] = work_us;
    return true;
}

/* The time that the largest take on the fastest cores (Horvath, Lam and Sethi).
 */
static double level_us(const struct largest *largest)
{
    double sum_us = 0;
    double longest_us = 0;
    for (size_t k = 0; k < largest->count; k++) {
        sum_us += largest->works_us[k];
        longest_us = fmax(longest_us, sum_us / largest->speed_sums[k]);
    }
    return longest_us;
}

double bound_makespan_us(struct arrival *arrivals,
                         size_t count,
                         const struct core_group *groups,
                         size_t group_count)
{
    if (count == 0)
        return NAN;
    struct largest *largest = room_make(1, sizeof(*largest));
    double speed = sum_speeds(groups, group_count, largest);
    assert(0 < speed);
    bound_sort(arrivals, count);
    double first_us = arrivals[0].submit_us;
    double last_us = 0;
    double work_us = 0;
    /* Back in time: one that is not among the largest changes only the sum. */
    for (size_t index = count; 0 < index--;) {
        double since_us = arrivals[index].submit_us - first_us;
        work_us += arrivals[index].work_us;
        last_us = fmax(last_us, since_us + work_us / speed);
        if (insert(largest, arrivals[index].work_us))
            last_us = fmax(last_us, since_us + level_us(largest));
    }
    free(largest);
    return last_us;
}

double bound_memory_makespan_us(const struct memory_arrival *arrivals,
                                size_t count,
                                double memory_speed)
{
    assert(0 < memory_speed);
    if (count == 0)
        return NAN;
    struct arrival *areas = room_make(count, sizeof(*areas));
    for (size_t index = 0; index < count; index++)
        areas[index] = (struct arrival){arrivals[index].submit_us,
                                        arrivals[index].area_byte_us};
    bound_sort(areas, count);
    double last_us = 0;
    double area_byte_us = 0;
    for (size_t index = count; 0 < index--;) {
        area_byte_us += areas[index].work_us;
        last_us = fmax(last_us, areas[index].submit_us - areas[0].submit_us +
                                    area_byte_us / memory_speed);
    }
    free(areas);
    return last_us;
}
