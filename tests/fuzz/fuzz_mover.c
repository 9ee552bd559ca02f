/* fuzz_mover.c - anything as a message between daemons: it is refused, or says
 * the same when it is written again. */
#include <assert.h>
#include <string.h>

#include "../../real/daemon/mover_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct mover_message message;
    uint8_t again[MOVER_MESSAGE_BYTES_MAX];
    if (mover_message_get(bytes, count, &message) < 0)
        return 0;
    size_t written = mover_message_put(&message, again);
    assert(written == count);
    assert(memcmp(again, bytes, count) == 0);
    return 0;
}
