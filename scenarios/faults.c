/* faults.c - faults: by laws, by a trace, by a list. */
#include <math.h>

#include "keys.h"

enum { DRIFT_PPM_MAX = 100000 };

static bool trace_given(const void *object)
{
    const struct scenario_faults *faults = object;
    return faults->trace_path;
}

#define FIELD(name) offsetof(struct scenario_faults, name)
#define SILENCE_KEY(word_of, field)                                \
    {                                                              \
        .name = word_of, .kind = KEY_SPAN, .offset = FIELD(field), \
        .min = 1000, .max = GRID_SPAN_MAX_US, .word = "never",     \
        .word_value = 0x1p64, .fallback = "never"                  \
    }

static const struct key faults_keys[] = {
    {.name = "node_mtbf",
     .kind = KEY_SECONDS,
     .offset = FIELD(node_mtbf_s),
     .min = ABOVE_ZERO,
     .max = GRID_SPAN_MAX_US * 1e-6,
     .word = "none",
     .word_value = HUGE_VAL,
     .fallback = "none"},
    {.name = "repair",
     .kind = KEY_SECONDS,
     .offset = FIELD(repair_s),
     .min = ABOVE_ZERO,
     .max = GRID_SPAN_MAX_US * 1e-6,
     .fallback = "10 min"},
    {.name = "home-crash",
     .kind = KEY_YES_NO,
     .offset = FIELD(homes),
     .fallback = "true"},
    {.name = "loss",
     .kind = KEY_NUMBER,
     .offset = FIELD(loss),
     .max = 1,
     .fallback = "0"},
    {.name = "drift",
     .kind = KEY_COUNT32,
     .offset = FIELD(drift_ppm),
     .max = DRIFT_PPM_MAX,
     .fallback = "0"},
    SILENCE_KEY("lost-after", lost_after_us),
    SILENCE_KEY("home-lost-after", home_lost_after_us),
    {.name = "trace",
     .kind = KEY_OWN,
     .read = fault_trace_read,
     .print = fault_trace_print,
     .given = trace_given},
    {.name = "list",
     .kind = KEY_OWN,
     .read = fault_list_read,
     .print = fault_list_print,
     .lines = true},
    {.name = NULL},
};
#undef FIELD
const struct section faults_section = {.name = "faults", .keys = faults_keys};
