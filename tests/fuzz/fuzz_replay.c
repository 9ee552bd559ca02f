/* fuzz_replay.c - any text is replayed, or refused with a reason and its file;
 * no journal breaks the program. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../sim/replay.h"
#include "harness.h"

static void describe(void *who, const struct replay_difference *difference)
{
    char text[4096];
    size_t *seen = who;
    assert(replay_describe(difference, text, sizeof text)[0]);
    (*seen)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *text = harness_text(bytes, count);
    size_t seen = 0;
    const struct replay_listener listener = {describe, &seen};
    struct replay_counts counts;
    struct complaint complaint = {.line = 0};
    if (replay_text(text, count, "fuzz", &listener, &counts, &complaint) != 0) {
        assert(strcmp(complaint.file, "fuzz") == 0);
        assert(complaint.line > 0);
        assert(complaint.text[0]);
    } else {
        assert(counts.differences == seen);
    }
    free(text);
    return 0;
}
