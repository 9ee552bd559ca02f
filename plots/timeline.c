/* timeline.c - who ran where and when: what a history tells is kept. */
#include "timeline.h"

#include <string.h>

#include "../results/room.h"

struct timeline *timeline_create(const struct grid *grid,
                                 const struct history_run *run)
{
    struct timeline *timeline = room_make(1, sizeof(*timeline));
    uint32_t node_end = grid_node_end(grid);
    timeline->grid = grid;
    timeline->run = *run;
    timeline->lane_counts = room_make(node_end, sizeof(uint32_t));
    timeline->tops = room_make(grid->count + 1, sizeof(double));
    for (uint32_t node = 0; node < node_end; node++)
        timeline->lane_counts[node] = 1;
    return timeline;
}

void timeline_destroy(struct timeline *timeline)
{
    if (timeline == NULL)
        return;
    free(timeline->spells);
    free(timeline->moves);
    free(timeline->marks);
    free(timeline->lane_counts);
    free(timeline->tops);
    free(timeline);
}

static void add_spell(struct timeline *timeline,
                      const struct history_event *event,
                      enum timeline_kind kind)
{
    const struct history_life *life = event->life;
    struct timeline_spell spell = {.from_us = event->since_us,
                                   .to_us = event->at_us,
                                   .node = event->node,
                                   .cluster = (uint32_t)event->cluster,
                                   .kind = kind};
    if (life != NULL) {
        if (life->lane == HISTORY_NO_LANE)
            return;
        spell.lane = life->lane;
        spell.cluster = (uint32_t)grid_cluster_of(timeline->grid, life->home);
        spell.kind = life->state == HISTORY_FROZEN ? TIMELINE_FROZEN : kind;
        if (timeline->lane_counts[event->node] <= life->lane)
            timeline->lane_counts[event->node] = life->lane + 1;
    }
    timeline->spells = room_grow(timeline->spells, timeline->spell_count,
                                 &timeline->spell_room, sizeof(spell));
    timeline->spells[timeline->spell_count++] = spell;
}

static void depart(struct timeline *timeline, const struct history_event *event)
{
    const struct history_life *life = event->life;
    timeline->moves =
        room_grow(timeline->moves, timeline->move_count, &timeline->move_room,
                  sizeof(struct timeline_move));
    assert(life->move == timeline->move_count + 1);
    timeline->moves[timeline->move_count++] =
        (struct timeline_move){.left_us = event->at_us,
                               .came_us = UINT64_MAX,
                               .from = life->node,
                               .from_lane = life->lane,
                               .start = life->state == HISTORY_WAITING};
}

static void arrive(struct timeline *timeline, const struct history_event *event)
{
    struct timeline_move *move = &timeline->moves[event->life->move - 1];
    move->came_us = event->at_us;
    move->to = event->node;
    move->to_lane = event->lane;
}

/* The whole characters that fit, of what may be none. */
static void copy_text(char *ret_text, const char *text)
{
    size_t bytes = strnlen(text, TIMELINE_TEXT_BYTES - 1);
    while (bytes > 0 && ((unsigned char)text[bytes] & 0xC0) == 0x80)
        bytes--;
    memcpy(ret_text, text, bytes);
    ret_text[bytes] = '\0';
}

/* A cluster's wish may be told to each of its nodes: it is one mark. */
static void add_mark(struct timeline *timeline,
                     const struct history_event *event,
                     const char *text)
{
    bool of_cluster =
        event->kind == HISTORY_WISHED && history_wish_of_cluster(event->wish);
    struct timeline_mark mark = {.at_us = event->at_us,
                                 .cluster = event->cluster,
                                 .node = of_cluster ? NODE_NONE : event->node};
    copy_text(mark.text, text);
    for (size_t i = timeline->mark_count;
         i-- > 0 && timeline->marks[i].at_us == mark.at_us;)
        if (of_cluster && timeline->marks[i].cluster == mark.cluster &&
            strcmp(timeline->marks[i].text, mark.text) == 0)
            return;
    timeline->marks = room_grow(timeline->marks, timeline->mark_count,
                                &timeline->mark_room, sizeof(mark));
    timeline->marks[timeline->mark_count++] = mark;
}

void timeline_take(void *who, const struct history_event *event)
{
    struct timeline *timeline = who;
    timeline->end_us = event->at_us;
    switch (event->kind) {
        case HISTORY_LEFT:
            add_spell(timeline, event, TIMELINE_RUNNING);
            break;
        case HISTORY_UP:
            add_spell(timeline, event, TIMELINE_DOWN);
            break;
        case HISTORY_REJOINED:
            add_spell(timeline, event, TIMELINE_ISOLATED);
            break;
        case HISTORY_DEPARTED:
            depart(timeline, event);
            break;
        case HISTORY_ARRIVED:
            arrive(timeline, event);
            break;
        case HISTORY_WISHED:
            add_mark(timeline, event, history_wish_name(event->wish));
            break;
        case HISTORY_FAULT:
            add_mark(timeline, event,
                     event->why[0] != '\0' ? event->why : "fault");
            break;
        default: /* Nothing that is drawn. */
            break;
    }
}

int plot_timeline(struct timeline *timeline,
                  const char *folder,
                  const char *stem,
                  struct complaint *ret_complaint)
{
    struct figure figure;
    int error = figure_begin(&figure, folder, stem, ret_complaint);
    if (error != 0)
        return error;
    timeline_lay_out(timeline);
    timeline_write(timeline, &figure);
    return figure_finish(&figure, ret_complaint);
}
