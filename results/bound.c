/* bound.c - SRPT on one pooled machine, event by event: mean response. */
#include "bound.h"

#include <assert.h>
#include <gsl/gsl_sort.h>
#include <math.h>

#include "room.h"

/* A binary heap of the work left, in the memory of the arrivals that have been
 * taken: never more wait than came. The smallest is the first. */
static void heap_push(struct arrival *heap, size_t count, double left_us)
{
    size_t at = count;
    while (0 < at && left_us < heap[(at - 1) / 2].work_us) {
        heap[at].work_us = heap[(at - 1) / 2].work_us;
        at = (at - 1) / 2;
    }
    heap[at].work_us = left_us;
}

/* Takes the first away; count is what it leaves. */
static void heap_pop(struct arrival *heap, size_t count)
{
    double last_us = heap[count].work_us;
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && heap[child + 1].work_us < heap[child].work_us)
            child++;
        if (last_us <= heap[child].work_us)
            break;
        heap[at].work_us = heap[child].work_us;
        at = child;
    }
    heap[at].work_us = last_us;
}

static int by_submit(const void *left, const void *right)
{
    const struct arrival *a = left;
    const struct arrival *b = right;
    return (a->submit_us > b->submit_us) - (a->submit_us < b->submit_us);
}

void bound_sort(struct arrival *arrivals, size_t count)
{
    for (size_t index = 1; index < count; index++)
        if (arrivals[index].submit_us < arrivals[index - 1].submit_us) {
            qsort(arrivals, count, sizeof(*arrivals), by_submit);
            return;
        }
}

/* Ends of SRPT on a machine of this speed, ascending. */
static void srpt_ends(struct arrival *arrivals,
                      size_t count,
                      double speed,
                      double *ret_ends_us)
{
    double now_us = 0;
    size_t waiting_count = 0;
    size_t end_count = 0;
    for (size_t next = 0; next < count || 0 < waiting_count;) {
        double until_us = next < count ? arrivals[next].submit_us : INFINITY;
        double end_us =
            0 < waiting_count ? now_us + arrivals[0].work_us / speed : INFINITY;
        if (end_us <= until_us) {
            ret_ends_us[end_count++] = end_us;
            heap_pop(arrivals, --waiting_count);
            now_us = end_us;
            continue;
        }
        /* The first of the heap has run alone: it stays the first. */
        if (0 < waiting_count)
            arrivals[0].work_us -= (until_us - now_us) * speed;
        now_us = until_us;
        heap_push(arrivals, waiting_count++, arrivals[next++].work_us);
    }
    assert(end_count == count);
}

/* Mean of the larger of the k-th alone and the k-th pooled, less the dates of
 * submission. alone_us is sorted here; pooled is used up. Dates of pooled are
 * from the first submission on, so that differences keep digits. */
static double mean_response(double *alone_us,
                            struct arrival *pooled,
                            size_t count,
                            double speed)
{
    double *ends_us = room_make(count, sizeof(double));
    double *submits_us = room_make(count, sizeof(double));
    for (size_t index = 0; index < count; index++)
        submits_us[index] = pooled[index].submit_us;
    gsl_sort(alone_us, 1, count);
    srpt_ends(pooled, count, speed, ends_us);
    double sum_us = 0;
    for (size_t index = 0; index < count; index++)
        sum_us += fmax(alone_us[index], ends_us[index]) - submits_us[index];
    free(ends_us);
    free(submits_us);
    return sum_us / (double)count;
}

double bound_response_us(struct arrival *arrivals,
                         size_t count,
                         double pool_speed,
                         double speed_max)
{
    assert(0 < speed_max);
    assert(speed_max <= pool_speed);
    if (count == 0)
        return NAN;
    double *alone_us = room_make(count, sizeof(double));
    bound_sort(arrivals, count);
    double first_us = arrivals[0].submit_us;
    for (size_t index = 0; index < count; index++) {
        arrivals[index].submit_us -= first_us;
        alone_us[index] =
            arrivals[index].submit_us + arrivals[index].work_us / speed_max;
    }
    double mean_us = mean_response(alone_us, arrivals, count, pool_speed);
    free(alone_us);
    return mean_us;
}

double bound_memory_response_us(const struct memory_arrival *arrivals,
                                size_t count,
                                double memory_speed,
                                double speed_max)
{
    assert(0 < speed_max);
    assert(0 < memory_speed);
    if (count == 0)
        return NAN;
    double *alone_us = room_make(count, sizeof(double));
    struct arrival *areas = room_make(count, sizeof(*areas));
    double first_us = INFINITY;
    for (size_t index = 0; index < count; index++)
        first_us = fmin(first_us, arrivals[index].submit_us);
    for (size_t index = 0; index < count; index++) {
        double submit_us = arrivals[index].submit_us - first_us;
        alone_us[index] = submit_us + arrivals[index].work_us / speed_max;
        areas[index] =
            (struct arrival){submit_us, arrivals[index].area_byte_us};
    }
    bound_sort(areas, count);
    double mean_us = mean_response(alone_us, areas, count, memory_speed);
    free(alone_us);
    free(areas);
    return mean_us;
}
