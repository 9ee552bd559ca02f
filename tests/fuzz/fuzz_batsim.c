/* fuzz_batsim.c - any bytes as Batsim's JSON: a workload in order, or a
 * complaint. */
#include <stdlib.h>

#include "harness.h"
#include "traces.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct workload_options options = workload_options_default();
    options.format = FORMAT_BATSIM;
    options.flops_per_s = 1e9;
    char *text = harness_text(bytes, count);
    traces_check(text, count, &options);
    free(text);
    return 0;
}
