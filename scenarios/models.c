/* models.c - the keys of the models: memory, migration, process, forwarding,
 * checkpoint.
 * docs/scenario.md says where each default comes from. */
#include "keys.h"

static const char *const thrash_models[] = {"factor", "linear", "paging", NULL};
static const char *const swap_full_rules[] = {"kill", "refuse", NULL};
static const char *const move_modes[] = {"stop", "precopy", "postcopy", NULL};

#define FIELD(name) offsetof(struct scenario_memory, name)
static const struct key memory_keys[] = {
    {.name = "model",
     .kind = KEY_CHOICE,
     .offset = FIELD(model),
     .choices = thrash_models,
     .fallback = "factor"},
    {.name = "factor",
     .kind = KEY_NUMBER,
     .offset = FIELD(factor),
     .min = 1,
     .max = 1e6,
     .fallback = "10"},
    {.name = "slope",
     .kind = KEY_NUMBER,
     .offset = FIELD(slope),
     .max = 1e6,
     .fallback = "10"},
    {.name = "disk",
     .kind = KEY_RATE,
     .offset = FIELD(page_bytes_per_s),
     .min = 1,
     .fallback = "20 MB/s"},
    {.name = "touch",
     .kind = KEY_RATE,
     .offset = FIELD(touch_bytes_per_s),
     .min = 1,
     .fallback = "100 MB/s"},
    {.name = "when-full",
     .kind = KEY_CHOICE,
     .offset = FIELD(when_full),
     .choices = swap_full_rules,
     .fallback = "kill"},
    {.name = NULL},
};
const struct section memory_section = {.name = "memory", .keys = memory_keys};
#undef FIELD

#define FIELD(name) offsetof(struct scenario_migration, name)
static const struct key migration_keys[] = {
    {.name = "mode",
     .kind = KEY_CHOICE,
     .offset = FIELD(mode),
     .choices = move_modes,
     .fallback = "stop"},
    {.name = "fixed",
     .kind = KEY_SECONDS,
     .offset = FIELD(fixed_s),
     .fallback = "50 ms"},
    {.name = "threshold",
     .kind = KEY_BYTES,
     .offset = FIELD(threshold_bytes),
     .fallback = "2 MiB"},
    {.name = "rounds",
     .kind = KEY_COUNT32,
     .offset = FIELD(rounds_max),
     .min = 1,
     .max = 1000,
     .fallback = "8"},
    {.name = "state",
     .kind = KEY_BYTES,
     .offset = FIELD(state_bytes),
     .fallback = "64 KiB"},
    {.name = "stall",
     .kind = KEY_NUMBER,
     .offset = FIELD(stall_share),
     .max = 0.99,
     .fallback = "0.2"},
    {.name = "start-fixed",
     .kind = KEY_SECONDS,
     .offset = FIELD(start_fixed_s),
     .fallback = "50 ms"},
    {.name = "start-bytes",
     .kind = KEY_BYTES,
     .offset = FIELD(start_bytes),
     .fallback = "1 MiB"},
    {.name = NULL},
};
const struct section migration_section = {.name = "migration",
                                          .keys = migration_keys};
#undef FIELD

#define FIELD(name) offsetof(struct scenario_process, name)
static const struct key process_keys[] = {
    {.name = "memory",
     .kind = KEY_BYTES,
     .offset = FIELD(mem_bytes),
     .min = 1,
     .max = 0x1p53,
     .fallback = "16 MiB"},
    {.name = "dirty",
     .kind = KEY_RATE,
     .offset = FIELD(dirty_bytes_per_s),
     .fallback = "1 MB/s"},
    {.name = "calls",
     .kind = KEY_FREQUENCY,
     .offset = FIELD(home_calls_per_s),
     .fallback = "14 /s"},
    {.name = "call-bytes",
     .kind = KEY_RATE,
     .offset = FIELD(home_bytes_per_s),
     .fallback = "300 kB/s"},
    {.name = "io-from-trace",
     .kind = KEY_YES_NO,
     .offset = FIELD(io_from_trace),
     .fallback = "true"},
    {.name = NULL},
};
const struct section process_section = {.name = "process",
                                        .keys = process_keys};
#undef FIELD

#define FIELD(name) offsetof(struct scenario_forwarding, name)
static const struct key forwarding_keys[] = {
    {.name = "home-cpu",
     .kind = KEY_SECONDS,
     .offset = FIELD(home_cpu_s),
     .fallback = "10 us"},
    {.name = "host-cpu",
     .kind = KEY_SECONDS,
     .offset = FIELD(host_cpu_s),
     .fallback = "10 us"},
    {.name = NULL},
};
const struct section forwarding_section = {.name = "forwarding",
                                           .keys = forwarding_keys};
#undef FIELD

static const char *const places[] = {"home", "server", NULL};

#define FIELD(name) offsetof(struct scenario_checkpoint, name)
static const struct key checkpoint_keys[] = {
    {.name = "every",
     .kind = KEY_SPAN,
     .offset = FIELD(every_us),
     .min = 1000,
     .max = GRID_SPAN_MAX_US,
     .word = "never",
     .fallback = "never"},
    {.name = "keep",
     .kind = KEY_COUNT32,
     .offset = FIELD(keep),
     .min = 1,
     .max = 1000,
     .fallback = "1"},
    {.name = "disk",
     .kind = KEY_RATE,
     .offset = FIELD(disk_bytes_per_s),
     .min = 1,
     .fallback = "50 MB/s"},
    {.name = "on",
     .kind = KEY_CHOICE,
     .offset = FIELD(on),
     .choices = places,
     .fallback = "home"},
    {.name = "restart-after-home",
     .kind = KEY_YES_NO,
     .offset = FIELD(after_home),
     .fallback = "false"},
    {.name = NULL},
};
const struct section checkpoint_section = {.name = "checkpoint",
                                           .keys = checkpoint_keys};
#undef FIELD
