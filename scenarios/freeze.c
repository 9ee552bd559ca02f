/* freeze.c - freeze: what it costs, its classes, floods. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

/* ---- classes: the nine numbers of freeze.conf. --------------------------- */

enum { MARK_MAX = 1000000, COUNT_MAX = 1000000 };

static const char *const units[] = {"processes", "load", NULL};

/* Of marks that may be none, which is -1. */
static int mark_read(struct key_reader *r,
                     const struct item *item,
                     const char *name,
                     int64_t *ret_mark_milli)
{
    uint32_t mark_milli = 0;
    const struct key key = {.name = name,
                            .kind = KEY_MILLI,
                            .max = MARK_MAX * 1000.0,
                            .word = "none"};
    int error = key_read(r, &key, item, &mark_milli);
    if (!error)
        *ret_mark_milli =
            strcmp(item->text, "none") == 0 ? -1 : (int64_t)mark_milli;
    return error;
}

static void mark_print(struct key_printer *p, int64_t mark_milli)
{
    char text[QUANTITY_TEXT_BYTES] = "none";
    if (mark_milli >= 0)
        quantity_print_exact(QUANTITY_NUMBER, (uint64_t)mark_milli, text);
    fputs(text, p->out);
}

static int auto_home_read(struct key_reader *r,
                          const struct item *item,
                          void *object)
{
    struct scenario_freeze_class *class = object;
    return mark_read(r, item, "auto-home", &class->auto_home_milli);
}

static void auto_home_print(struct key_printer *p, const void *object)
{
    const struct scenario_freeze_class *class = object;
    mark_print(p, class->auto_home_milli);
}

static int auto_cluster_read(struct key_reader *r,
                             const struct item *item,
                             void *object)
{
    struct scenario_freeze_class *class = object;
    return mark_read(r, item, "auto-cluster", &class->auto_cluster_milli);
}

static void auto_cluster_print(struct key_printer *p, const void *object)
{
    const struct scenario_freeze_class *class = object;
    mark_print(p, class->auto_cluster_milli);
}

#define FIELD(name) offsetof(struct scenario_freeze_class, name)
static const struct key class_keys[] = {
    {.name = "class",
     .kind = KEY_COUNT16,
     .offset = FIELD(class_number),
     .required = true},
    {.name = "units",
     .kind = KEY_CHOICE,
     .offset = FIELD(units),
     .choices = units,
     .fallback = "processes"},
    {.name = "red",
     .kind = KEY_MILLI,
     .offset = FIELD(red_milli),
     .max = MARK_MAX * 1000.0,
     .required = true},
    {.name = "blue",
     .kind = KEY_MILLI,
     .offset = FIELD(blue_milli),
     .max = MARK_MAX * 1000.0,
     .required = true},
    {.name = "auto-home",
     .kind = KEY_OWN,
     .read = auto_home_read,
     .print = auto_home_print,
     .fallback = "none"},
    {.name = "auto-cluster",
     .kind = KEY_OWN,
     .read = auto_cluster_read,
     .print = auto_cluster_print,
     .fallback = "none"},
    {.name = "min",
     .kind = KEY_COUNT32,
     .offset = FIELD(min),
     .max = COUNT_MAX,
     .fallback = "1"},
    {.name = "max",
     .kind = KEY_COUNT32,
     .offset = FIELD(max),
     .min = 1,
     .max = COUNT_MAX,
     .word = "none",
     .word_value = UINT32_MAX,
     .fallback = "none"},
    {.name = "slice",
     .kind = KEY_SPAN,
     .offset = FIELD(slice_us),
     .min = 1,
     .max = 86400e6,
     .word = "none",
     .fallback = "10 min"},
    {.name = NULL},
};
const struct section freeze_class_section = {.name = "freeze.classes",
                                             .keys = class_keys,
                                             .one_line = true};
#undef FIELD

static int read_class(struct key_reader *r,
                      const struct item *item,
                      struct scenario_freeze *freeze)
{
    struct scenario_freeze_class *class = &freeze->classes[freeze->class_count];
    int error = section_read(r, &freeze_class_section, item, class);
    if (error)
        return error;
    if (class->red_milli < class->blue_milli + 1000)
        return key_refuse(r, &item_find(item, "blue")->at,
                          "blue: '%s' is not below red, %s, by at least one "
                          "process; give less",
                          item_shown(item_find(item, "blue")->text).text,
                          item_shown(item_find(item, "red")->text).text);
    if (class->max < class->min)
        return key_refuse(r, &item_find(item, "max")->at,
                          "max: '%u' is below min, %u; give more", class->max,
                          class->min);
    for (size_t i = 0; i < freeze->class_count; i++)
        if (freeze->classes[i].class_number == class->class_number)
            return key_refuse(r, &item_find(item, "class")->at,
                              "class: %u is in the list already, remove one",
                              class->class_number);
    freeze->class_count++;
    return 0;
}

static int classes_read(struct key_reader *r,
                        const struct item *item,
                        void *object)
{
    struct scenario_freeze *freeze = object;
    int error = item_expect(r, item, ITEM_SEQUENCE, "classes");
    if (!error && NODE_POLICIES_MAX < item->count)
        return key_refuse(r, &item->items[NODE_POLICIES_MAX].at,
                          "more than %d classes, each is a policy and a node "
                          "runs no more, remove some",
                          NODE_POLICIES_MAX);
    if (error)
        return error;
    freeze->classes = calloc(item->count + 1, sizeof *freeze->classes);
    if (!freeze->classes)
        return key_refuse_memory(r);
    for (size_t i = 0; i < item->count && !error; i++)
        error = read_class(r, &item->items[i], freeze);
    return error;
}

static void classes_print(struct key_printer *p, const void *object)
{
    const struct scenario_freeze *freeze = object;
    if (freeze->class_count == 0)
        fputs(" []", p->out);
    p->indent += 2;
    for (size_t i = 0; i < freeze->class_count; i++) {
        key_print_line(p);
        fputs("- ", p->out);
        section_print_one_line(p, &freeze_class_section, &freeze->classes[i]);
    }
    p->indent -= 2;
}

/* ---- flood: -------------------------------------------------------------- */

#define FIELD(name) offsetof(struct scenario_freeze, name)
static const struct key flood_keys[] = {
    {.name = "burst",
     .kind = KEY_COUNT32,
     .offset = FIELD(flood_burst),
     .min = 1,
     .required = true},
    {.name = "rate",
     .kind = KEY_FREQUENCY,
     .offset = FIELD(flood_per_s),
     .min = 0.001,
     .max = 1e6,
     .fallback = "1 /s"},
    {.name = NULL},
};
const struct section flood_section = {.name = "flood",
                                      .keys = flood_keys,
                                      .one_line = true};

static int flood_read(struct key_reader *r,
                      const struct item *item,
                      void *object)
{
    return section_read(r, &flood_section, item, object);
}

static void flood_print(struct key_printer *p, const void *object)
{
    section_print_one_line(p, &flood_section, object);
}

static bool flood_given(const void *object)
{
    const struct scenario_freeze *freeze = object;
    return freeze->flood_burst > 0;
}

/* ---- freeze: ------------------------------------------------------------- */

static const struct key freeze_keys[] = {
    {.name = "classes",
     .kind = KEY_OWN,
     .read = classes_read,
     .print = classes_print,
     .lines = true},
    {.name = "space",
     .kind = KEY_BYTES,
     .offset = FIELD(space_bytes),
     .max = 0x1p53,
     .fallback = "0 B"},
    {.name = "disk",
     .kind = KEY_RATE,
     .offset = FIELD(disk_bytes_per_s),
     .min = 1,
     .fallback = "50 MB/s"},
    {.name = "flood",
     .kind = KEY_OWN,
     .section = &flood_section,
     .read = flood_read,
     .print = flood_print,
     .given = flood_given},
    {.name = NULL},
};
const struct section freeze_section = {.name = "freeze", .keys = freeze_keys};
#undef FIELD
