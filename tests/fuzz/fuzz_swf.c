/* fuzz_swf.c - any bytes as SWF: a workload in order, or a complaint. */
#include <stdlib.h>

#include "harness.h"
#include "traces.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct workload_options options = workload_options_default();
    options.format = FORMAT_SWF;
    char *text = harness_text(bytes, count);
    traces_check(text, count, &options);
    free(text);
    return 0;
}
