/* fuzz_checkpoint.c - no file can harm who recovers from it. The input is one
 * byte and a rest: 0, the rest is the file, whose checksums hold back nearly
 * all; else the body of a record of that kind, as if its checksum were right.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../real/homenode/files.h"
#include "../../real/homenode/image.h"
#include "../../real/homenode/transfer.h"
#include "harness.h"

struct rest
{
    const uint8_t *at;
    size_t left;
};

static int read_rest(void *context, void *bytes, size_t count)
{
    struct rest *rest = context;
    if (rest->left < count)
        return -ENODATA;
    memcpy(bytes, rest->at, count);
    rest->at += count;
    rest->left -= count;
    return 0;
}

static void take(const struct incoming *incoming, struct receiver *receiver)
{
    struct files files;
    struct pending pending = {0};
    switch (incoming->kind) {
        case RECORD_FILES:
            if (files_get(incoming, &files) == 0) {
                (void)files_obstacle(&files, NULL, 0);
                files_finish(&files);
            }
            break;
        case RECORD_MAPS:
        case RECORD_PAGES:
        case RECORD_DROPPED:
            (void)receiver_take(receiver, incoming);
            break;
        case RECORD_PENDING:
            (void)pending_take(&pending, incoming);
            pending_finish(&pending);
            break;
        case RECORD_IMAGE:
            if (incoming->bytes == sizeof(struct image)) {
                struct image *image = malloc(sizeof *image);
                memcpy(image, incoming->body, sizeof *image);
                (void)image_check(image);
                free(image);
            }
            break;
        default:
            break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct incoming incoming = {0};
    struct receiver receiver; /* For no process: pages go nowhere. */
    if (count == 0 || receiver_init(&receiver, NULL, true))
        return 0;
    struct rest rest = {bytes + 1, count - 1};
    struct stream stream = {.context = &rest, .read = read_rest};
    if (bytes[0] % RECORD_KINDS == 0) {
        while (stream_get(&stream, &incoming) == 0)
            take(&incoming, &receiver);
    } else {
        incoming.kind = (enum record_kind)(bytes[0] % RECORD_KINDS);
        incoming.body = malloc(rest.left + 1);
        memcpy(incoming.body, rest.at, rest.left);
        incoming.bytes = rest.left;
        take(&incoming, &receiver);
        /* Pages of one of two mappings. */
        struct memory_map two[] = {{0x1000, 0x9000, 3, 0},
                                   {0xa000, 0xf000, 3, 0}};
        struct incoming maps = {RECORD_MAPS, sizeof two, (uint8_t *)two, 0};
        take(&maps, &receiver);
        take(&incoming, &receiver);
    }
    receiver_finish(&receiver);
    incoming_finish(&incoming);
    return 0;
}
