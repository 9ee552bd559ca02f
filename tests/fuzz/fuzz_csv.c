/* fuzz_csv.c - any bytes as CSV. The first line chooses the columns, as a user
 * may get those wrong too; an empty one leaves them to the names. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/workload.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void read_as_csv(const char *text,
                        size_t count,
                        const char *columns,
                        bool lenient)
{
    struct workload_options options = workload_options_default();
    struct workload workload = {0};
    struct complaint complaint = {0};
    options.format = FORMAT_CSV;
    options.columns = columns;
    options.lenient = lenient;
    int error =
        workload_parse(text, count, "fuzz", &options, &workload, &complaint);
    assert(error <= 0);
    assert((error != 0) == (complaint.text[0] != '\0'));
    for (size_t i = 1; i < workload.count; i++)
        assert(workload.jobs[i - 1].submit_us <= workload.jobs[i].submit_us);
    workload_finish(&workload);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *text = malloc(count + 1);
    assert(text);
    if (count > 0)
        memcpy(text, bytes, count);
    text[count] = '\0';
    const char *newline = memchr(text, '\n', count);
    size_t length = newline ? (size_t)(newline - text) : 0;
    char *columns = strndup(newline ? text : "", length);
    assert(columns);
    const char *rest = newline ? newline + 1 : text;
    size_t rest_count = count - (size_t)(rest - text);
    for (int lenient = 0; lenient < 2; lenient++)
        read_as_csv(rest, rest_count, length > 0 ? columns : NULL,
                    lenient == 1);
    free(columns);
    free(text);
    return 0;
}
