/* workload.c - workload: batch, poisson and trace, alone or superposed. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

enum { WIDTH_MAX = 1000000, RANKS_MAX = 64 };

#define FIELD(name) offsetof(struct scenario_load, name)

/* ---- cpu: and memory: ---------------------------------------------------- */

static int cpu_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_load *load = object;
    return law_read(r, item, QUANTITY_DURATION, "cpu", &load->cpu);
}

static void cpu_print(struct key_printer *p, const void *object)
{
    const struct scenario_load *load = object;
    law_print(p, QUANTITY_DURATION, &load->cpu);
}

static int mem_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_load *load = object;
    return law_read(r, item, QUANTITY_BYTES, "memory", &load->mem);
}

static void mem_print(struct key_printer *p, const void *object)
{
    const struct scenario_load *load = object;
    law_print(p, QUANTITY_BYTES, &load->mem);
}

#define LAW_KEYS                                                    \
    {.name = "cpu",                                                 \
     .kind = KEY_OWN,                                               \
     .section = &law_section,                                       \
     .read = cpu_read,                                              \
     .print = cpu_print,                                            \
     .required = true},                                             \
    {                                                               \
        .name = "memory", .kind = KEY_OWN, .section = &law_section, \
        .read = mem_read, .print = mem_print                        \
    }

/* What every kind has, behind its home. */
#define HOME_KEYS(home_fallback)                                      \
    {.name = "home",                                                  \
     .kind = KEY_OWN,                                                 \
     .read = home_read,                                               \
     .print = home_print,                                             \
     .fallback = home_fallback},                                      \
    {                                                                 \
        .name = "home-rule", .kind = KEY_OWN, .read = home_rule_read, \
        .print = home_rule_print, .given = home_rule_given,           \
    }
#define WISH_KEYS                                                  \
    {.name = "class",                                              \
     .kind = KEY_COUNT32,                                          \
     .offset = FIELD(class_number),                                \
     .max = UINT16_MAX,                                            \
     .fallback = "1"},                                             \
        {.name = "priority",                                       \
         .kind = KEY_COUNT16,                                      \
         .offset = FIELD(priority),                                \
         .fallback = "50"},                                        \
        {.name = "group",                                          \
         .kind = KEY_COUNT32,                                      \
         .offset = FIELD(group),                                   \
         .min = 1,                                                 \
         .max = SCENARIO_GROUP_MAX,                                \
         .word = "none",                                           \
         .fallback = "none"},                                      \
        {.name = "native",                                         \
         .kind = KEY_YES_NO,                                       \
         .offset = FIELD(native),                                  \
         .fallback = "false"},                                     \
    {                                                              \
        .name = "held", .kind = KEY_YES_NO, .offset = FIELD(held), \
        .fallback = "false"                                        \
    }
#define WIDTH_KEY                                                     \
    {                                                                 \
        .name = "width", .kind = KEY_COUNT32, .offset = FIELD(width), \
        .min = 1, .max = WIDTH_MAX, .fallback = "1",                  \
    }

#define TRAFFIC_KEYS                                           \
    {.name = "traffic",                                        \
     .kind = KEY_RATE,                                         \
     .offset = FIELD(traffic_bytes_per_s),                     \
     .min = 1,                                                 \
     .word = "none",                                           \
     .fallback = "none",                                       \
     .given = traffic_given},                                  \
        {.name = "message",                                    \
         .kind = KEY_BYTES,                                    \
         .offset = FIELD(message_bytes),                       \
         .min = 1,                                             \
         .fallback = "64 KiB",                                 \
         .given = traffic_given},                              \
    {                                                          \
        .name = "traffic-by", .kind = KEY_CHOICE,              \
        .offset = FIELD(traffic_way), .choices = traffic_ways, \
        .fallback = "direct", .given = traffic_given,          \
    }

static const char *const traffic_ways[] = {"direct", "home", NULL};

static bool traffic_given(const void *object)
{
    const struct scenario_load *load = object;
    return load->traffic_bytes_per_s > 0;
}

/* ---- batch: -------------------------------------------------------------- */

static const struct key batch_keys[] = {
    {.name = "count",
     .kind = KEY_COUNT,
     .offset = FIELD(count),
     .min = 1,
     .max = SCENARIO_PROCESSES_MAX,
     .required = true},
    LAW_KEYS,
    {.name = "at", .kind = KEY_SPAN, .offset = FIELD(at_us), .fallback = "0 s"},
    HOME_KEYS("round-robin"),
    WIDTH_KEY,
    TRAFFIC_KEYS,
    {.name = "user",
     .kind = KEY_COUNT32,
     .offset = FIELD(user),
     .max = USER_DRAWN - 1,
     .fallback = "0"},
    WISH_KEYS,
    {.name = NULL},
};
const struct section batch_section = {.name = "batch", .keys = batch_keys};

/* ---- poisson: ------------------------------------------------------------ */

static bool count_given(const void *object)
{
    const struct scenario_load *load = object;
    return load->count > 0;
}

static bool span_given(const void *object)
{
    const struct scenario_load *load = object;
    return load->count == 0;
}

static bool rate_given(const void *object)
{
    const struct scenario_load *load = object;
    return !(load->load_share > 0);
}

static bool share_given(const void *object)
{
    const struct scenario_load *load = object;
    return load->load_share > 0;
}

static bool users_given(const void *object)
{
    const struct scenario_load *load = object;
    return load->user == USER_DRAWN;
}

static const struct key poisson_keys[] = {
    {.name = "rate",
     .kind = KEY_FREQUENCY,
     .offset = FIELD(rate_per_s),
     .min = 1e-9,
     .max = 1e9,
     .given = rate_given},
    {.name = "load",
     .kind = KEY_NUMBER,
     .offset = FIELD(load_share),
     .min = 0.0001,
     .max = 100,
     .given = share_given},
    {.name = "count",
     .kind = KEY_COUNT,
     .offset = FIELD(count),
     .min = 1,
     .max = SCENARIO_PROCESSES_MAX,
     .given = count_given},
    {.name = "span",
     .kind = KEY_SPAN,
     .offset = FIELD(span_us),
     .min = 1,
     .given = span_given},
    LAW_KEYS,
    HOME_KEYS("random"),
    WIDTH_KEY,
    TRAFFIC_KEYS,
    {.name = "users",
     .kind = KEY_COUNT32,
     .offset = FIELD(user_count),
     .min = 1,
     .max = 1e6,
     .fallback = "1",
     .given = users_given},
    {.name = "user",
     .kind = KEY_COUNT32,
     .offset = FIELD(user),
     .max = USER_DRAWN - 1,
     .word = "drawn",
     .word_value = USER_DRAWN,
     .fallback = "drawn"},
    WISH_KEYS,
    {.name = NULL},
};
const struct section poisson_section = {.name = "poisson",
                                        .keys = poisson_keys};

/* One of the two keys, not both and not none. */
static int check_either(struct key_reader *r,
                        const struct item *item,
                        const char *one,
                        const char *other)
{
    const struct item *a = item_find(item, one);
    const struct item *b = item_find(item, other);
    if (a && b)
        return key_refuse(r, &b->key_at,
                          "poisson: both %s and %s, each gives the other, "
                          "remove one",
                          one, other);
    if (!a && !b)
        return key_refuse(r, item_place(item),
                          "poisson: neither %s nor %s, add one of the two", one,
                          other);
    return 0;
}

/* Of the clusters of the file; a platform's are counted when it is loaded. */
static double rate_per_s(const struct scenario *s,
                         const struct scenario_load *load)
{
    double core_count = 0;
    for (size_t i = 0; i < s->cluster_count; i++)
        core_count += (double)s->clusters[i].node_count *
                      s->clusters[i].core_count *
                      (s->clusters[i].speed_milli / 1000.0);
    return share_given(load) ? load->load_share * core_count /
                                   (law_mean(&load->cpu) / 1e6 * load->width)
                             : load->rate_per_s;
}

static int check_poisson(struct key_reader *r,
                         const struct item *item,
                         const struct scenario_load *load)
{
    int error = check_either(r, item, "rate", "load");
    if (!error)
        error = check_either(r, item, "count", "span");
    double expected = rate_per_s(r->scenario, load) * load->width * 1e-6 *
                      (double)load->span_us;
    if (!error && expected > SCENARIO_PROCESSES_MAX)
        return key_refuse(r, &item_find(item, "span")->at,
                          "span: about %.0f processes would arrive, give a "
                          "shorter one",
                          expected);
    const struct item *users = item_find(item, "users");
    if (!error && users && load->user != USER_DRAWN)
        return key_refuse(r, &users->key_at,
                          "users: all are of user %u already, remove user or "
                          "users",
                          load->user);
    return error;
}

/* ---- trace: -------------------------------------------------------------- */

static const char *const arrivals_words[] = {"open", "closed", "auto", NULL};
static const char *const formats[] = {"auto", "swf",    "csv",
                                      "gwf",  "batsim", NULL};
static const char *const parallel_rules[] = {"processes", "serial-only",
                                             "refuse", NULL};

static int trace_file_read(struct key_reader *r,
                           const struct item *item,
                           void *object)
{
    struct scenario_load *load = object;
    return named_file_read(r, item, "file", &load->path, &load->path_written);
}

static void trace_file_print(struct key_printer *p, const void *object)
{
    const struct scenario_load *load = object;
    named_file_print(p, load->path, load->path_written);
}

static int arrivals_read(struct key_reader *r,
                         const struct item *item,
                         void *object)
{
    struct scenario_load *load = object;
    int error = item_expect(r, item, ITEM_SCALAR, "arrivals");
    for (unsigned i = 0; arrivals_words[i] && !error; i++)
        if (strcmp(item->text, arrivals_words[i]) == 0) {
            load->arrivals_given = i <= ARRIVALS_CLOSED;
            load->arrivals =
                load->arrivals_given ? (enum arrivals_rule)i : ARRIVALS_CLOSED;
            return 0;
        }
    return error ? error
                 : key_refuse_unknown(r, &item->at, "arrivals", item->text, "",
                                      arrivals_words);
}

static void arrivals_print(struct key_printer *p, const void *object)
{
    const struct scenario_load *load = object;
    fputs(load->arrivals_given ? arrivals_words[load->arrivals] : "auto",
          p->out);
}

static const struct key cut_ends[] = {
    {.name = "cut", .kind = KEY_SPAN, .offset = FIELD(options.cut_from_us)},
    {.name = "cut", .kind = KEY_SPAN, .offset = FIELD(options.cut_until_us)},
};

/* The second date may be as far as the trace goes. */
static bool is_end(const struct item *item, size_t index)
{
    return index == 1 && item->kind == ITEM_SCALAR &&
           strcmp(item->text, "end") == 0;
}

static int cut_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_load *load = object;
    int error = item_expect(r, item, ITEM_SEQUENCE, "cut");
    if (!error && item->count != 2)
        return key_refuse(r, &item->at,
                          "cut: %zu values, write two dates: [from, until] or "
                          "[from, end]",
                          item->count);
    load->options.cut_until_us = UINT64_MAX;
    for (size_t i = 0; i < 2 && !error; i++)
        if (!is_end(&item->items[i], i))
            error = key_read(r, &cut_ends[i], &item->items[i], object);
    if (!error && load->options.cut_until_us <= load->options.cut_from_us)
        return key_refuse(r, &item->items[1].at,
                          "cut: '%s' is not after the first date, swap them",
                          item_shown(item->items[1].text).text);
    return error;
}

static bool cut_given(const void *object)
{
    const struct scenario_load *load = object;
    return load->options.cut_from_us > 0 ||
           load->options.cut_until_us < UINT64_MAX;
}

static void cut_print(struct key_printer *p, const void *object)
{
    const struct scenario_load *load = object;
    char from[QUANTITY_TEXT_BYTES];
    char until[QUANTITY_TEXT_BYTES] = "end";
    quantity_print_exact(QUANTITY_DURATION, load->options.cut_from_us, from);
    if (load->options.cut_until_us < UINT64_MAX)
        quantity_print_exact(QUANTITY_DURATION, load->options.cut_until_us,
                             until);
    fprintf(p->out, "[%s, %s]", from, until);
}

static const struct key trace_keys[] = {
    {.name = "file",
     .kind = KEY_OWN,
     .read = trace_file_read,
     .print = trace_file_print,
     .required = true},
    {.name = "format",
     .kind = KEY_CHOICE,
     .offset = FIELD(options.format),
     .choices = formats,
     .fallback = "auto"},
    HOME_KEYS("random"),
    {.name = "arrivals",
     .kind = KEY_OWN,
     .choices = arrivals_words,
     .read = arrivals_read,
     .print = arrivals_print,
     .fallback = "auto"},
    {.name = "scale-load",
     .kind = KEY_NUMBER,
     .offset = FIELD(scale_load),
     .min = 0.0001,
     .max = 100,
     .word = "none",
     .fallback = "none"},
    {.name = "rotate",
     .kind = KEY_YES_NO,
     .offset = FIELD(rotate),
     .fallback = "false"},
    {.name = "cut",
     .kind = KEY_OWN,
     .read = cut_read,
     .print = cut_print,
     .given = cut_given},
    {.name = "count",
     .kind = KEY_COUNT,
     .offset = FIELD(options.max_count),
     .min = 1,
     .word = "all",
     .fallback = "all"},
    {.name = "parallel",
     .kind = KEY_CHOICE,
     .offset = FIELD(options.parallel),
     .choices = parallel_rules,
     .fallback = "processes"},
    {.name = "lenient",
     .kind = KEY_YES_NO,
     .offset = FIELD(options.lenient),
     .fallback = "false"},
    {.name = "columns", .kind = KEY_TEXT, .offset = FIELD(columns)},
    WISH_KEYS,
    {.name = NULL},
};
const struct section trace_section = {.name = "trace", .keys = trace_keys};
_Static_assert(sizeof(size_t) == sizeof(uint64_t), "count is a KEY_COUNT");
#undef FIELD

/* Of a trace that has dependencies and auto this is known when it is read. */
static int check_trace(struct key_reader *r,
                       const struct item *item,
                       const struct scenario_load *load)
{
    if (!load->arrivals_given || load->arrivals == ARRIVALS_OPEN)
        return 0;
    const char *key = load->scale_load > 0 ? "scale-load"
                      : load->rotate       ? "rotate"
                                           : NULL;
    if (!key)
        return 0;
    return key_refuse(r, &item_find(item, key)->key_at,
                      "%s: with arrivals: closed jobs do not arrive on the "
                      "dates that it makes; use arrivals: open, or leave %s "
                      "out",
                      key, key);
}

/* ---- workload: ----------------------------------------------------------- */

static const struct key workload_keys[] = {
    [LOAD_BATCH] = {.name = "batch",
                    .kind = KEY_SECTION,
                    .section = &batch_section},
    [LOAD_POISSON] = {.name = "poisson",
                      .kind = KEY_SECTION,
                      .section = &poisson_section},
    [LOAD_TRACE] = {.name = "trace",
                    .kind = KEY_SECTION,
                    .section = &trace_section},
    {.name = NULL},
};
const struct section workload_section = {.name = "workload",
                                         .keys = workload_keys};

static int check_width(struct key_reader *r,
                       const struct item *item,
                       const struct scenario_load *load)
{
    if (load->count * load->width <= SCENARIO_PROCESSES_MAX)
        return 0;
    return key_refuse(r, &item_find(item, "width")->at,
                      "width: %llu jobs of %u processes, at most %d processes "
                      "are possible, give fewer",
                      (unsigned long long)load->count, load->width,
                      SCENARIO_PROCESSES_MAX);
}

/* Each rank that starts, moves or ends concerns all others. */
static int check_traffic(struct key_reader *r,
                         const struct item *item,
                         const struct scenario_load *load)
{
    const struct item *traffic = item_find(item, "traffic");
    static const char *const needing[] = {"message", "traffic-by"};
    for (size_t i = 0; i < 2 && !traffic_given(load); i++) {
        const struct item *other = item_find(item, needing[i]);
        if (other)
            return key_refuse(r, &other->key_at,
                              "%s: no traffic is sent, add traffic or remove "
                              "%s",
                              needing[i], needing[i]);
    }
    if (traffic_given(load) && load->width == 1)
        return key_refuse(r, &traffic->key_at,
                          "traffic: a job of one process has no others to send "
                          "to, add width");
    if (traffic_given(load) && load->width > RANKS_MAX)
        return key_refuse(r, &item_find(item, "width")->at,
                          "width: %u ranks, at most %d can send to each other, "
                          "give fewer or remove traffic",
                          load->width, RANKS_MAX);
    return 0;
}

static int add_load(struct key_reader *r, const struct item *item)
{
    struct scenario *s = r->scenario;
    static const char *const names[] = {"batch", "poisson", "trace", NULL};
    const struct key *key = key_find(&workload_section, item->key);
    if (!key)
        return key_refuse_unknown(r, &item->key_at, "key", item->key,
                                  " in workload", names);
    struct scenario_load *loads =
        reallocarray(s->loads, s->load_count + 1, sizeof *loads);
    if (!loads)
        return key_refuse_memory(r);
    s->loads = loads;
    struct scenario_load *load = &loads[s->load_count++];
    *load = (struct scenario_load){
        .kind = (enum load_kind)(key - workload_keys),
        .options = workload_options_default(),
        .mem = {.kind = LAW_FIXED, .a = (double)s->process.mem_bytes},
        .home_cluster = UINT32_MAX,
        .width = 1,
        .user = USER_DRAWN,
    };
    int error = section_read(r, key->section, item, load);
    load->options.columns = load->columns;
    if (!error)
        error = home_check(r, item, load);
    if (!error)
        error = check_width(r, item, load);
    if (!error)
        error = check_traffic(r, item, load);
    if (!error && load->kind == LOAD_POISSON)
        error = check_poisson(r, item, load);
    if (!error && load->kind == LOAD_TRACE)
        error = check_trace(r, item, load);
    return error;
}

static int add_loads(struct key_reader *r, const struct item *item)
{
    int error = item_expect(r, item, ITEM_MAPPING, "workload");
    for (size_t i = 0; !error && i < item->count; i++)
        error = add_load(r, &item->items[i]);
    return error;
}

int workload_key_read(struct key_reader *r,
                      const struct item *item,
                      void *object)
{
    const struct scenario *s = object;
    int error = 0;
    if (item->kind == ITEM_SEQUENCE)
        for (size_t i = 0; !error && i < item->count; i++)
            error = add_loads(r, &item->items[i]);
    else
        error = add_loads(r, item);
    if (!error && s->load_count == 0)
        return key_refuse(r, &item->at,
                          "workload is empty, add batch, poisson or trace");
    return error;
}

/* Two loads of a kind need a list: a key stands once in a mapping. */
static bool needs_list(const struct scenario *s)
{
    bool seen[LOAD_TRACE + 1] = {false};
    for (size_t i = 0; i < s->load_count; i++) {
        if (seen[s->loads[i].kind])
            return true;
        seen[s->loads[i].kind] = true;
    }
    return false;
}

void workload_key_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    bool list = needs_list(s);
    for (size_t i = 0; i < s->load_count; i++) {
        const struct key *key = &workload_keys[s->loads[i].kind];
        p->indent += 2;
        key_print_line(p);
        fprintf(p->out, "%s%s:", list ? "- " : "", key->name);
        p->indent += list ? 2 : 0;
        section_print(p, key->section, &s->loads[i]);
        p->indent -= list ? 4 : 2;
    }
}
