/* timeline_boxes.c - what ran where, as boxes. */
#include <math.h>
#include <string.h>

#include "../results/room.h"
#include "timeline.h"

enum { BINS = TIMELINE_BINS };

struct boxes
{
    const struct timeline *timeline;
    void (*put)(void *who, const struct timeline_box *box);
    void *who;
    size_t class_count;
    double bin_us;
    double *sums;     /* [class][bin], then frozen and down: time in the bin. */
    double processes; /* How many fill a row, */
    double nodes;     /* and of how many nodes it is. */
    struct timeline_box *last; /* Of a lane: by class, then of down. */
};

static double *sums_of(const struct boxes *boxes, size_t class)
{
    return boxes->sums + class * BINS;
}

static void add_time(double *sums,
                     const struct boxes *boxes,
                     double from_us,
                     double to_us)
{
    size_t bin = (size_t)(from_us / boxes->bin_us);
    for (; bin < BINS && (double)bin * boxes->bin_us < to_us; bin++) {
        double begin_us = fmax(from_us, (double)bin * boxes->bin_us);
        double end_us = fmin(to_us, (double)(bin + 1) * boxes->bin_us);
        sums[bin] += fmax(0, end_us - begin_us) / boxes->bin_us;
    }
}

static void add_spell(const struct boxes *boxes,
                      size_t cluster,
                      const struct timeline_spell *spell)
{
    size_t class = boxes->class_count;
    if (spell->kind == TIMELINE_RUNNING)
        class = timeline_class(boxes->timeline, cluster, spell->cluster);
    else if (spell->kind == TIMELINE_DOWN)
        class ++;
    add_time(sums_of(boxes, class), boxes, (double)spell->from_us,
             (double)spell->to_us);
}

/* What a thin row shows of a bin: 0 for nothing, else a colour and a kind. */
struct cell
{
    enum timeline_kind kind;
    bool shown;
    uint32_t colour;
};

static struct cell cell_of(const struct boxes *boxes, size_t bin)
{
    static const double LITTLE = 0.05, HALF = 0.5;
    double most = 0, all = 0;
    size_t class = 0;
    if (HALF * boxes->nodes <= sums_of(boxes, boxes->class_count + 1)[bin])
        return (struct cell){TIMELINE_DOWN, true, 0};
    for (size_t i = 0; i < boxes->class_count; i++) {
        double time = sums_of(boxes, i)[bin];
        all += time;
        if (most < time) {
            most = time;
            class = i;
        }
    }
    bool idle = all < LITTLE * boxes->processes;
    double frozen = sums_of(boxes, boxes->class_count)[bin];
    if (idle && HALF * boxes->processes <= frozen)
        return (struct cell){TIMELINE_FROZEN, true, 0x404040};
    if (idle)
        return (struct cell){.shown = false};
    uint32_t colour = timeline_colour(boxes->timeline, class);
    return (struct cell){
        TIMELINE_RUNNING, true,
        all < HALF * boxes->processes ? timeline_pale(colour) : colour};
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->shown == b->shown &&
           (!a->shown || (a->kind == b->kind && a->colour == b->colour));
}

/* Neighbours that are alike are one box. */
static void put_row(const struct boxes *boxes, double top)
{
    double height = boxes->timeline->row_height;
    size_t first = 0;
    struct cell shown = cell_of(boxes, 0);
    for (size_t bin = 1; bin <= BINS; bin++) {
        struct cell cell = {.shown = false};
        if (bin < BINS)
            cell = cell_of(boxes, bin);
        if (bin < BINS && same_cell(&cell, &shown))
            continue;
        struct timeline_box box = {shown.kind,
                                   (double)first * boxes->bin_us,
                                   (double)bin * boxes->bin_us,
                                   top,
                                   top + height - timeline_gap(height),
                                   shown.colour};
        if (shown.shown)
            boxes->put(boxes->who, &box);
        first = bin;
        shown = cell;
    }
}

/* A box that goes on where the last of its place ended, and is as high, makes
 * that longer. One without height only ends the last. */
static void put_joined(const struct boxes *boxes,
                       size_t place,
                       const struct timeline_box *box)
{
    struct timeline_box *last = &boxes->last[place];
    bool joins = last->to_us == box->from_us && last->top == box->top &&
                 last->bottom == box->bottom;
    if (joins) {
        last->to_us = box->to_us;
        return;
    }
    if (last->top < last->bottom)
        boxes->put(boxes->who, last);
    *last = *box;
}

static double half_pixels(double height)
{
    return round(2 * height) / 2;
}

/* Shares of its cores, one above the other, from the ground of the lane: own
 * first, then those of others; nodes that are down hang from above. */
static void put_stack(const struct boxes *boxes, size_t cluster, size_t bin)
{
    const struct timeline *timeline = boxes->timeline;
    double top = timeline->tops[cluster];
    double height = timeline->row_height;
    double bottom = top + height;
    double down = sums_of(boxes, boxes->class_count + 1)[bin] / boxes->nodes;
    struct timeline_box box = {.kind = TIMELINE_DOWN,
                               .from_us = (double)bin * boxes->bin_us,
                               .to_us = (double)(bin + 1) * boxes->bin_us,
                               .top = top,
                               .bottom = top + half_pixels(down * height)};
    put_joined(boxes, boxes->class_count, &box);
    double ceiling = box.bottom;
    size_t own = timeline_class(timeline, cluster, cluster);
    double sum = 0;
    box.kind = TIMELINE_RUNNING;
    box.bottom = bottom;
    for (size_t i = 0; i < boxes->class_count; i++) {
        size_t class = (own + i) % boxes->class_count;
        sum += sums_of(boxes, class)[bin] / boxes->processes;
        box.top = fmax(bottom - half_pixels(sum * height), ceiling);
        box.colour = timeline_colour(timeline, class);
        put_joined(boxes, class, &box);
        box.bottom = box.top;
    }
}

static void put_lane(const struct boxes *boxes, size_t cluster)
{
    const struct timeline_box none = {.from_us = -1};
    for (size_t place = 0; place <= boxes->class_count; place++)
        boxes->last[place] = none;
    for (size_t bin = 0; bin < BINS; bin++)
        put_stack(boxes, cluster, bin);
    for (size_t place = 0; place <= boxes->class_count; place++)
        put_joined(boxes, place, &none);
}

/* Spells by node, in the order in which they ended. */
static size_t *order_by_node(const struct timeline *timeline,
                             size_t **ret_firsts)
{
    uint32_t node_end = grid_node_end(timeline->grid);
    size_t *firsts = room_make((size_t)node_end + 2, sizeof(*firsts));
    size_t *order = room_make(timeline->spell_count, sizeof(*order));
    for (size_t i = 0; i < timeline->spell_count; i++)
        if (timeline->spells[i].kind != TIMELINE_ISOLATED)
            firsts[timeline->spells[i].node + 2]++;
    for (uint32_t node = 2; node <= node_end; node++)
        firsts[node + 1] += firsts[node];
    for (size_t i = 0; i < timeline->spell_count; i++)
        if (timeline->spells[i].kind != TIMELINE_ISOLATED)
            order[firsts[timeline->spells[i].node + 1]++] = i;
    *ret_firsts = firsts;
    return order;
}

static void put_binned(struct boxes *boxes)
{
    const struct timeline *timeline = boxes->timeline;
    size_t *firsts, *order = order_by_node(timeline, &firsts);
    size_t bytes = (boxes->class_count + 2) * BINS * sizeof(double);
    boxes->sums = room_make(1, bytes);
    boxes->last = room_make(boxes->class_count + 1, sizeof(*boxes->last));
    bool of_clusters = timeline->look == TIMELINE_CLUSTERS;
    for (size_t i = 0; i < timeline->grid->count; i++) {
        const struct grid_cluster *c = &timeline->grid->clusters[i];
        memset(boxes->sums, 0, bytes);
        for (node_id node = c->first; node - c->first < c->node_count; node++) {
            for (size_t k = firsts[node]; k < firsts[node + 1]; k++)
                add_spell(boxes, i, &timeline->spells[order[k]]);
            if (of_clusters)
                continue;
            put_row(boxes, timeline_top(timeline, node));
            memset(boxes->sums, 0, bytes);
        }
        boxes->nodes = of_clusters ? c->node_count : 1;
        boxes->processes = of_clusters ? boxes->nodes * c->core_count : 1;
        if (of_clusters && timeline->row_height < TIMELINE_LANE_MIN)
            put_row(boxes, timeline->tops[i]);
        else if (of_clusters)
            put_lane(boxes, i);
    }
    free(boxes->last);
    free(boxes->sums);
    free(order);
    free(firsts);
}

static void put_stripe(const struct boxes *boxes,
                       const struct timeline_spell *spell)
{
    const struct timeline *timeline = boxes->timeline;
    struct timeline_box box = {.kind = spell->kind,
                               .from_us = (double)spell->from_us,
                               .to_us = (double)spell->to_us};
    if (spell->kind == TIMELINE_DOWN) {
        box.top = timeline_top(timeline, spell->node);
        box.bottom =
            box.top + timeline->row_height - timeline_gap(timeline->row_height);
    } else {
        size_t cluster = grid_cluster_of(timeline->grid, spell->node);
        timeline_lane(timeline, spell->node, spell->lane, &box.top,
                      &box.bottom);
        box.colour = timeline_colour(
            timeline, timeline_class(timeline, cluster, spell->cluster));
    }
    boxes->put(boxes->who, &box);
}

void timeline_boxes(const struct timeline *timeline,
                    void (*put)(void *who, const struct timeline_box *box),
                    void *who)
{
    struct boxes boxes = {.timeline = timeline,
                          .put = put,
                          .who = who,
                          .class_count = timeline_class_count(timeline),
                          .processes = 1,
                          .nodes = 1,
                          .bin_us = fmax(1, (double)timeline->end_us / BINS)};
    for (size_t i = 0; i < timeline->spell_count; i++) {
        const struct timeline_spell *spell = &timeline->spells[i];
        size_t cluster = spell->cluster;
        struct timeline_box box = {
            TIMELINE_ISOLATED,
            (double)spell->from_us,
            (double)spell->to_us,
            timeline->tops[cluster],
            fmin(timeline->tops[cluster + 1], timeline->height),
            0};
        if (spell->kind == TIMELINE_ISOLATED)
            put(who, &box);
        else if (timeline->look == TIMELINE_PROCESSES)
            put_stripe(&boxes, spell);
    }
    if (timeline->look != TIMELINE_PROCESSES)
        put_binned(&boxes);
}
