/* fuzz_receiver.c - no records of memory can harm who receives them. The input
 * is a row of records, each: kind, u16 bytes of its body, body. They go to a
 * receiver that has no process, so that pages go nowhere. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../real/homenode/transfer.h"
#include "harness.h"

enum { HEAD_BYTES = 3 };

/* Of exactly its length, so that a sanitizer sees who reads on. */
static void give(struct receiver *r,
                 uint8_t kind,
                 const uint8_t *body,
                 size_t n)
{
    static const enum record_kind kinds[] = {
        RECORD_MAPS, RECORD_PAGES, RECORD_DROPPED, RECORD_IMAGE, RECORD_OWED};
    uint8_t *copy = malloc(n > 0 ? n : 1);
    if (!copy)
        return;
    memcpy(copy, body, n);
    struct incoming incoming = {kinds[kind % 5], n, copy, n};
    (void)receiver_take(r, &incoming);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    /* What an honest sender begins with, for inputs that do not. */
    struct memory_map two[] = {{0x10000, 0x20000, 3, 0},
                               {0x30000, 0x50000, 1, MEMORY_GROWS_DOWN}};
    struct receiver r;
    if (receiver_init(&r, NULL, true))
        return 0;
    give(&r, 0, (const uint8_t *)two, sizeof two);
    while (count >= HEAD_BYTES) {
        size_t body = (size_t)bytes[1] | (size_t)bytes[2] << 8;
        uint8_t kind = bytes[0];
        bytes += HEAD_BYTES;
        count -= HEAD_BYTES;
        if (body > count)
            body = count;
        give(&r, kind, bytes, body);
        bytes += body;
        count -= body;
    }
    receiver_finish(&r);
    return 0;
}
