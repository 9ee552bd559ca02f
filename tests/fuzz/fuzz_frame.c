/* fuzz_frame.c - any frames, in any order, are harmless to a node. The input is
 * a row of frames: u8 sender, u16 length, bytes. Bytes that are no
 * frame get a head put before them, so that the bodies are reached.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../algorithms/node/node.h"
#include "../../algorithms/node/wire.h"
#include "harness.h"

enum { SENDERS = 3, FRAME_HEADER_BYTES = 3, RECORD_COUNT = 2 };

static const struct cluster_info map = {.id = 1,
                                        .send = true,
                                        .take = true,
                                        .first = 1,
                                        .node_count = SENDERS};
static const struct cluster_record records[] = {
    {.id = 1, .version = 2, .first = 1, .node_count = SENDERS},
    {.id = 7, .version = 5, .first = 10, .node_count = 2},
};
static const struct node_info self = {.core_count = 1,
                                      .speed_milli = 1000,
                                      .grid_guest_limit = 4,
                                      .mem_total_bytes = 1 << 30,
                                      .mem_free_bytes = 1 << 30};

struct host
{
    struct node *node;
    struct batch *batch;
    usec_t now_us;
};

/* It must be whole and wanted. It is not merged: so that all that is wanted
 * comes again. */
static void check_record(const struct action *action)
{
    struct reader r = {.at = action->bytes, .left = action->byte_count};
    struct cluster_record record;
    assert(get_record(&r, &record));
    assert(r.left == 0);
    assert(map_wants(records, RECORD_COUNT, &record));
}

/* Every event comes a second after the one before it: timers go off. */
static void step(struct host *host, struct event event)
{
    enum { BETWEEN_US = 1000000 };
    host->now_us += BETWEEN_US;
    event.now_us = host->now_us;
    node_step(host->node, &event, host->batch);
    for (size_t i = 0; i < host->batch->count; i++) {
        const struct action *action = &host->batch->actions[i];
        assert(action->why);
        assert(action->kind != ACTION_SEND ||
               action->byte_count <= NODE_FRAME_BYTES_MAX);
        if (action->kind == ACTION_RECORD)
            check_record(action);
    }
}

/* A node with a process of its own here, one away, and one guest on its way. */
static void prepare(struct host *host, void *block)
{
    struct node_config config = node_config_default();
    config.id = 1;
    host->node = node_init(block, &config);
    step(host, (struct event){.kind = EVENT_START,
                              .self = &self,
                              .map = &map,
                              .map_count = 1,
                              .records = records,
                              .record_count = RECORD_COUNT});
    for (proc_id proc = 1; proc <= 2; proc++) {
        struct proc_info info = {.id = proc, .width = 1, .mem_bytes = 4096};
        step(host, (struct event){
                       .kind = EVENT_SUBMIT, .procs = &info, .proc_count = 1});
    }
    step(host, (struct event){.kind = EVENT_MOVE, .proc = 2, .peer = 2});
}

/* Do what a host would: carrying succeeds at once. */
static void carry(struct host *host)
{
    for (size_t i = 0; i < host->batch->count; i++) {
        const struct action action = host->batch->actions[i];
        if (action.kind != ACTION_CARRY)
            continue;
        step(host, (struct event){.kind = EVENT_CARRIED,
                                  .proc = action.proc,
                                  .epoch = action.epoch,
                                  .done = true});
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static _Alignas(16) uint8_t block[1 << 16];
    static struct batch batch;
    struct node_config config = node_config_default();
    assert(node_bytes(&config) <= sizeof block);
    if (!batch.out)
        batch.out = malloc(policy_out_bytes());
    assert(batch.out);
    struct host host = {.batch = &batch};
    prepare(&host, block);
    while (count >= FRAME_HEADER_BYTES) {
        node_id sender = 1 + bytes[0] % (SENDERS + 1);
        size_t length = (size_t)(bytes[1] | bytes[2] << 8);
        bytes += FRAME_HEADER_BYTES;
        count -= FRAME_HEADER_BYTES;
        length = length < count ? length : count;
        uint8_t frame[FRAME_HEAD_BYTES + NODE_FRAME_BYTES_MAX];
        size_t frame_count =
            length < NODE_FRAME_BYTES_MAX ? length : NODE_FRAME_BYTES_MAX;
        memcpy(frame, bytes, frame_count);
        if (length > 0 && bytes[0] != FRAME_MAGIC) {
            struct node_info word = self;
            word.id = sender;
            frame_head(frame, (enum frame_kind)bytes[0], &word, 1);
            memcpy(frame + FRAME_HEAD_BYTES, bytes + 1, frame_count - 1);
            frame_count += FRAME_HEAD_BYTES - 1;
        }
        step(&host, (struct event){.kind = EVENT_FRAME,
                                   .peer = sender,
                                   .bytes = frame,
                                   .byte_count = frame_count});
        carry(&host);
        step(&host, (struct event){.kind = EVENT_ALARM});
        bytes += length;
        count -= length;
    }
    (void)node_hash(host.node);
    return 0;
}
