/* fuzz_batsim.c - any bytes as Batsim's JSON: a workload in order, or a
 * complaint. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/workload.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check(const struct workload *workload)
{
    const struct job *jobs = workload->jobs;
    assert(workload->count > 0);
    for (size_t i = 0; i < workload->count; i++) {
        assert(jobs[i].width > 0);
        assert(jobs[i].after == JOB_NONE);
        assert(i == 0 || jobs[i - 1].submit_us <= jobs[i].submit_us);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct workload_options options = workload_options_default();
    options.format = FORMAT_BATSIM;
    options.flops_per_s = 1e9;
    char *text = malloc(count + 1);
    assert(text);
    if (count > 0)
        memcpy(text, bytes, count);
    text[count] = '\0';
    for (int lenient = 0; lenient < 2; lenient++) {
        struct workload workload = {0};
        struct complaint complaint = {0};
        options.lenient = lenient == 1;
        int error = workload_parse(text, count, "fuzz", &options, &workload,
                                   &complaint);
        assert(error <= 0);
        if (error)
            assert(complaint.text[0] != '\0');
        else
            check(&workload);
        workload_finish(&workload);
    }
    free(text);
    return 0;
}
