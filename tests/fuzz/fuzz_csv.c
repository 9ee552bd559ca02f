/* fuzz_csv.c - any bytes as CSV. The first line chooses the columns, as a user
 * may get those wrong too; an empty one leaves them to the names. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "traces.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct workload_options options = workload_options_default();
    char *text = harness_text(bytes, count);
    const char *newline = memchr(text, '\n', count);
    size_t length = newline ? (size_t)(newline - text) : 0;
    char *columns = strndup(text, length);
    assert(columns);
    const char *rest = newline ? newline + 1 : text;
    options.format = FORMAT_CSV;
    options.columns = length > 0 ? columns : NULL;
    traces_check(rest, count - (size_t)(rest - text), &options);
    free(columns);
    free(text);
    return 0;
}
