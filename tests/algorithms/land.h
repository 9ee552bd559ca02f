/* land.h - a few nodes, each with its own copy of the records of all clusters,
 * and a host that merges what they hear. Frames wait in a queue and are never
 * lost; those to nodes that are not here are only counted.
 *
 * Cluster k has id k and the nodes 10 k .. 10 k + 3; 10 k is where a test puts
 * one.
 */
#ifndef TESTS_ALGORITHMS_LAND_H
#define TESTS_ALGORITHMS_LAND_H

#include <CUnit/CUnit.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/node/node.h"
#include "algorithms/node/wire.h"

enum {
    LAND_PLACES_MAX = 16,
    LAND_RECORDS_MAX = 1024,
    LAND_FRAMES_MAX = 8192,
    LAND_CLUSTER_NODES = 4,
    LAND_SECOND_US = 1000000,
    LAND_LATENCY_US = 1000,
};

struct land_place
{
    node_id id;
    void *block;
    struct node *node;
    struct cluster_record *records;
    size_t record_count;
    struct cluster_info *view;
    size_t heard_count; /* Records that the node asked to merge. */
};

struct land_frame
{
    node_id from;
    node_id to;
    usec_t sent_us;
    size_t count;
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
};

struct land
{
    struct land_place places[LAND_PLACES_MAX];
    size_t place_count;
    struct batch *batch;
    usec_t now_us;
    struct land_frame *frames;
    size_t frame_count; /* Sent so far; */
    size_t frame_next;  /* of these delivered. */
};

static inline node_id land_node(cluster_id cluster)
{
    return 10 * (node_id)cluster;
}

static inline struct cluster_record land_record(cluster_id id, uint32_t version)
{
    return (struct cluster_record){
        .id = id,
        .version = version,
        .first = land_node(id),
        .node_count = LAND_CLUSTER_NODES,
        .within_us = USEC_NEVER,
        .others = {.priority = 10, .go = true, .take = true, .expand = true}};
}

static inline struct land *land_create(void)
{
    struct land *land = calloc(1, sizeof *land);
    assert(land);
    land->now_us = 1000 * LAND_SECOND_US;
    land->frames = calloc(LAND_FRAMES_MAX, sizeof *land->frames);
    land->batch = malloc(sizeof *land->batch);
    assert(land->frames && land->batch);
    land->batch->out = malloc(policy_out_bytes());
    assert(land->batch->out);
    return land;
}

static inline void land_destroy(struct land *land)
{
    for (size_t i = 0; i < land->place_count; i++) {
        free(land->places[i].block);
        free(land->places[i].records);
        free(land->places[i].view);
    }
    free(land->frames);
    free(land->batch->out);
    free(land->batch);
    free(land);
}

static inline struct land_place *land_find(struct land *land, node_id id)
{
    for (size_t i = 0; i < land->place_count; i++)
        if (land->places[i].id == id)
            return &land->places[i];
    return NULL;
}

static inline uint32_t land_version(const struct land_place *place,
                                    cluster_id id)
{
    for (size_t i = 0; i < place->record_count; i++)
        if (place->records[i].id == id)
            return place->records[i].version;
    return 0;
}

static inline void land_step(struct land *land,
                             struct land_place *place,
                             struct event event);

/* New records for its node; NULL: none from now on. They are copied. */
static inline void land_tell(struct land *land,
                             struct land_place *place,
                             enum event_kind kind,
                             const struct cluster_record *records,
                             size_t count)
{
    static const struct node_info self = {.core_count = 1,
                                          .speed_milli = 1000,
                                          .mem_total_bytes = 1 << 30,
                                          .mem_free_bytes = 1 << 30};
    struct cluster_record *old = place->records;
    struct cluster_info *old_view = place->view;
    struct cluster_record *own = calloc(count, sizeof *own);
    struct cluster_info *view = calloc(count, sizeof *view);
    assert(own && view);
    memcpy(own, records, count * sizeof *own);
    for (size_t i = 0; i < count; i++)
        view[i].latency_us = LAND_LATENCY_US;
    map_view(own, count, (cluster_id)(place->id / 10), view);
    place->records = own;
    place->record_count = count;
    place->view = view;
    land_step(land, place,
              (struct event){.kind = kind,
                             .self = kind == EVENT_START ? &self : NULL,
                             .map = view,
                             .map_count = count,
                             .records = own,
                             .record_count = count});
    free(old);
    free(old_view);
}

static inline void land_merge(struct land *land,
                              struct land_place *place,
                              const struct cluster_record *news,
                              size_t count)
{
    static struct cluster_record merged[LAND_RECORDS_MAX + 64];
    memcpy(merged, place->records, place->record_count * sizeof *merged);
    size_t merged_count = place->record_count;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        bool changed;
        merged_count = map_merge(merged, merged_count, &news[i], &changed);
        any |= changed;
    }
    if (any)
        land_tell(land, place, EVENT_MAP, merged, merged_count);
}

static inline void land_step(struct land *land,
                             struct land_place *place,
                             struct event event)
{
    struct cluster_record news[64];
    size_t news_count = 0;
    event.now_us = land->now_us;
    node_step(place->node, &event, land->batch);
    for (size_t i = 0; i < land->batch->count; i++) {
        const struct action *action = &land->batch->actions[i];
        if (action->kind == ACTION_SEND) {
            assert(land->frame_count < LAND_FRAMES_MAX);
            struct land_frame *frame = &land->frames[land->frame_count++];
            frame->from = place->id;
            frame->to = action->peer;
            frame->sent_us = land->now_us;
            frame->count = action->byte_count;
            memcpy(frame->bytes, action->bytes, action->byte_count);
        }
        if (action->kind == ACTION_RECORD) {
            struct reader r = {.at = action->bytes, .left = action->byte_count};
            CU_ASSERT_FATAL(get_record(&r, &news[news_count++]));
            CU_ASSERT_EQUAL(r.left, 0);
            place->heard_count++;
        }
    }
    if (news_count > 0)
        land_merge(land, place, news, news_count);
}

/* A node of that id whose host has these records. */
static inline struct land_place *land_add(struct land *land,
                                          node_id id,
                                          const struct cluster_record *records,
                                          size_t count)
{
    assert(land->place_count < LAND_PLACES_MAX);
    struct land_place *place = &land->places[land->place_count++];
    struct node_config config = node_config_default();
    config.id = id;
    config.seed = 1;
    place->id = id;
    place->block = aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16);
    assert(place->block);
    place->node = node_init(place->block, &config);
    land_tell(land, place, EVENT_START, records, count);
    return place;
}

static inline void land_give(struct land *land,
                             node_id from,
                             node_id to,
                             const uint8_t *bytes,
                             size_t count)
{
    struct land_place *place = land_find(land, to);
    if (place)
        land_step(land, place,
                  (struct event){.kind = EVENT_FRAME,
                                 .peer = from,
                                 .bytes = bytes,
                                 .byte_count = count});
}

/* A frame of that kind, digest and body, from anybody. */
static inline void land_forge(struct land *land,
                              node_id from,
                              node_id to,
                              enum frame_kind kind,
                              uint32_t digest,
                              const struct writer *body)
{
    struct node_info word = {.id = from, .core_count = 1, .speed_milli = 1000};
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
    frame_head(bytes, kind, &word, digest);
    memcpy(bytes + FRAME_HEAD_BYTES, body->bytes, body->count);
    land_give(land, from, to, bytes, FRAME_HEAD_BYTES + body->count);
}

/* Any frame of that node but one of spreading: of a process unknown there. */
static inline void land_greet(struct land *land,
                              const struct land_place *from,
                              const struct land_place *to)
{
    struct writer body = {.count = 0};
    put_u64(&body, 77);
    put_u32(&body, 1);
    land_forge(land, from->id, to->id, FRAME_STILL,
               map_digest(from->records, from->record_count), &body);
}

/* Until no frame is under way; none takes any time. */
static inline void land_deliver(struct land *land)
{
    while (land->frame_next < land->frame_count) {
        const struct land_frame *frame = &land->frames[land->frame_next++];
        land_give(land, frame->from, frame->to, frame->bytes, frame->count);
    }
}

/* Frames of that kind from one to another; NODE_NONE: any. */
static inline size_t land_count(const struct land *land,
                                enum frame_kind kind,
                                node_id from,
                                node_id to)
{
    size_t count = 0;
    for (size_t i = 0; i < land->frame_count; i++)
        count += land->frames[i].bytes[1] == kind &&
                 (from == NODE_NONE || land->frames[i].from == from) &&
                 (to == NODE_NONE || land->frames[i].to == to);
    return count;
}

#endif /* TESTS_ALGORITHMS_LAND_H */
