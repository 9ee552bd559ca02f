/* traces.c - see traces.h. */
#include "traces.h"

#include <assert.h>

static void check_workload(const struct workload *workload, bool waits)
{
    const struct job *jobs = workload->jobs;
    assert(workload->count > 0);
    for (size_t i = 0; i < workload->count; i++) {
        assert(jobs[i].width > 0);
        assert(jobs[i].after == JOB_NONE || (waits && jobs[i].after < i));
        assert(i == 0 || jobs[i - 1].submit_us <= jobs[i].submit_us);
    }
}

void traces_check(const char *text,
                  size_t count,
                  const struct workload_options *options)
{
    struct workload_options tried = *options;
    for (int lenient = 0; lenient < 2; lenient++) {
        struct workload workload = {0};
        struct complaint complaint = {0};
        tried.lenient = lenient == 1;
        int error =
            workload_parse(text, count, "fuzz", &tried, &workload, &complaint);
        assert(error <= 0);
        assert((error != 0) == (complaint.text[0] != '\0'));
        if (!error)
            check_workload(&workload, tried.format == FORMAT_SWF ||
                                          tried.format == FORMAT_CSV);
        workload_finish(&workload);
    }
}
