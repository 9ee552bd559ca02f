/* fields.c - see fields.h. */
#include "fields.h"

/* The first that is above 0; 0 if none is. */
static int64_t either(int64_t one, int64_t other)
{
    if (one > 0)
        return one;
    return other > 0 ? other : 0;
}

static uint64_t memory_bytes(const int64_t *values)
{
    uint64_t memory =
        (uint64_t)either(values[FIELD_MEMORY], values[FIELD_ASKED_MEMORY]);
    return memory > 0
               ? memory / 10000 * 1024 + (memory % 10000 * 1024 + 5000) / 10000
               : JOB_UNKNOWN;
}

int64_t fields_width(const int64_t *values)
{
    int64_t width =
        either(values[FIELD_PROCESSORS], values[FIELD_ASKED_PROCESSORS]);
    return width > 0 ? width : 1;
}

struct job fields_job(const int64_t *values)
{
    int64_t run_time_us = values[FIELD_RUN_TIME];
    int64_t cpu_us = values[FIELD_CPU];
    return (struct job){
        .number = (uint64_t)values[FIELD_NUMBER],
        .submit_us = (uint64_t)values[FIELD_SUBMIT],
        .runtime_us = run_time_us < 0 ? JOB_UNKNOWN : (uint64_t)run_time_us,
        /* Clocks of old systems ran in seconds: zero means not measured. */
        .cpu_us = cpu_us > 0 ? (uint64_t)cpu_us : JOB_UNKNOWN,
        .mem_bytes = memory_bytes(values),
        .read_bytes = JOB_UNKNOWN,
        .write_bytes = JOB_UNKNOWN,
        .width = (uint32_t)fields_width(values),
        .after = JOB_NONE,
    };
}
