/* bound_served.c - one pooled machine that serves the first of a fixed order of
 * those that have come: mean and largest slowdown. */
#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "bound.h"
#include "room.h"

/* How it goes with one arrival. */
struct service
{
    double key;       /* The smallest is served. */
    double left_us;   /* Work. */
    double moment_us; /* Integral of the date over its work, so far. */
    double end_us;
};

/* Who has come and is not done: indices, the smallest key first. */
struct line
{
    const struct service *services;
    size_t *indices;
    size_t count;
};

static void line_push(struct line *line, size_t index)
{
    size_t at = line->count++;
    double key = line->services[index].key;
    while (0 < at && key < line->services[line->indices[(at - 1) / 2]].key) {
        line->indices[at] = line->indices[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    line->indices[at] = index;
}

static void line_pop(struct line *line)
{
    size_t last = line->indices[--line->count];
    const struct service *all = line->services;
    size_t at = 0;
    for (size_t child = 1; child < line->count; child = 2 * at + 1) {
        if (child + 1 < line->count &&
            all[line->indices[child + 1]].key < all[line->indices[child]].key)
            child++;
        if (all[last].key <= all[line->indices[child]].key)
            break;
        line->indices[at] = line->indices[child];
        at = child;
    }
    line->indices[at] = last;
}

/* Services by the index of arrivals, which are ordered by submit; their keys
 * are set. With deadlines keys are these, and it stops at the first that is not
 * met: false then. indices has room for count. */
static bool serve(const struct arrival *arrivals,
                  size_t count,
                  double speed,
                  bool deadlines,
                  struct service *services,
                  size_t *indices)
{
    struct line line = {services, indices, 0};
    double now_us = 0;
    for (size_t next = 0; next < count || 0 < line.count;) {
        double until_us = next < count ? arrivals[next].submit_us : INFINITY;
        struct service *first = &services[line.count ? indices[0] : 0];
        if (0 < line.count) {
            double end_us = now_us + first->left_us / speed;
            double stop_us = fmin(end_us, until_us);
            first->moment_us +=
                (stop_us - now_us) * speed * (stop_us + now_us) / 2;
            if (end_us <= until_us) {
                /* Sums of dates are not exact. */
                if (deadlines && first->key * (1 + 1e-9) < end_us)
                    return false;
                first->end_us = end_us;
                now_us = end_us;
                line_pop(&line);
                continue;
            }
            first->left_us -= (until_us - now_us) * speed;
        }
        now_us = until_us;
        services[next].left_us = arrivals[next].work_us;
        services[next].moment_us = 0;
        line_push(&line, next++);
    }
    return true;
}

/* In order, and from the first on. */
static void put_in_order(struct arrival *arrivals, size_t count)
{
    bound_sort(arrivals, count);
    double first_us = arrivals[0].submit_us;
    for (size_t index = 0; index < count; index++)
        arrivals[index].submit_us -= first_us;
}

double bound_slowdown(struct arrival *arrivals,
                      size_t count,
                      double pool_speed,
                      double speed_max)
{
    assert(0 < speed_max);
    assert(speed_max <= pool_speed);
    if (count == 0)
        return NAN;
    put_in_order(arrivals, count);
    struct service *services = room_make(count, sizeof(*services));
    size_t *indices = room_make(count, sizeof(*indices));
    for (size_t index = 0; index < count; index++)
        services[index].key = arrivals[index].work_us;
    serve(arrivals, count, pool_speed, false, services, indices);
    double sum = 0;
    for (size_t index = 0; index < count; index++) {
        double work_us = arrivals[index].work_us;
        double busy_us = services[index].moment_us / work_us;
        sum +=
            (busy_us - arrivals[index].submit_us) / work_us + 0.5 / speed_max;
    }
    free(services);
    free(indices);
    return fmax(sum / (double)count, 1 / speed_max);
}

/* Would every process end by submit + stretch x work? */
static bool stretch_holds(const struct arrival *arrivals,
                          size_t count,
                          double pool_speed,
                          double stretch,
                          struct service *services,
                          size_t *indices)
{
    for (size_t index = 0; index < count; index++)
        services[index].key =
            arrivals[index].submit_us + stretch * arrivals[index].work_us;
    return serve(arrivals, count, pool_speed, true, services, indices);
}

double bound_stretch(struct arrival *arrivals,
                     size_t count,
                     double pool_speed,
                     double speed_max,
                     double least)
{
    static const double PRECISION = 1e-4;
    assert(0 < speed_max);
    assert(speed_max <= pool_speed);
    if (count == 0)
        return NAN;
    put_in_order(arrivals, count);
    struct service *services = room_make(count, sizeof(*services));
    size_t *indices = room_make(count, sizeof(*indices));
    double low = fmax(least, 1 / speed_max);
    double high = low;
    while (
        !stretch_holds(arrivals, count, pool_speed, high, services, indices)) {
        low = high;
        high *= 2;
    }
    while (low * (1 + PRECISION) < high) {
        double middle = (low + high) / 2;
        if (stretch_holds(arrivals, count, pool_speed, middle, services,
                          indices))
            high = middle;
        else
            low = middle;
    }
    free(services);
    free(indices);
    return low;
}
