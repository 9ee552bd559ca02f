/* laws.c - cpu: and memory: of a workload: a quantity, or a law of one.
 *
 *   300 s                                       always that
 *   {exponential: MEAN}
 *   {uniform: [FROM, TO]}
 *   {pareto: {min:, max:, index:}}              bounded
 *   {lognormal: {median:, sigma:}}
 *   {hyperexponential: {short:, long:, share:}}  mean short for that share
 */
#include <assert.h>
#include <string.h>

#include "keys.h"

#define FIELD(name) offsetof(struct law, name)
static const struct key pareto_keys[] = {
    {.name = "min",
     .kind = KEY_OF_LAW,
     .offset = FIELD(a),
     .min = 1,
     .required = true},
    {.name = "max",
     .kind = KEY_OF_LAW,
     .offset = FIELD(b),
     .min = 1,
     .required = true},
    {.name = "index",
     .kind = KEY_NUMBER,
     .offset = FIELD(index),
     .min = 0.01,
     .max = 100,
     .required = true},
    {.name = NULL},
};
const struct section pareto_section = {.name = "pareto",
                                       .keys = pareto_keys,
                                       .one_line = true};

static const struct key lognormal_keys[] = {
    {.name = "median",
     .kind = KEY_OF_LAW,
     .offset = FIELD(a),
     .min = 1,
     .required = true},
    {.name = "sigma",
     .kind = KEY_NUMBER,
     .offset = FIELD(index),
     .max = 5,
     .required = true},
    {.name = NULL},
};
const struct section lognormal_section = {.name = "lognormal",
                                          .keys = lognormal_keys,
                                          .one_line = true};

static const struct key hyperexponential_keys[] = {
    {.name = "short",
     .kind = KEY_OF_LAW,
     .offset = FIELD(a),
     .min = 1,
     .required = true},
    {.name = "long",
     .kind = KEY_OF_LAW,
     .offset = FIELD(b),
     .min = 1,
     .required = true},
    {.name = "share",
     .kind = KEY_NUMBER,
     .offset = FIELD(index),
     .max = 1,
     .required = true},
    {.name = NULL},
};
const struct section hyperexponential_section = {.name = "hyperexponential",
                                                 .keys = hyperexponential_keys,
                                                 .one_line = true};

/* The ends of a range, as the keys of a list's two values. */
static const struct key ends[] = {
    {.name = "uniform", .kind = KEY_OF_LAW, .offset = FIELD(a), .min = 1},
    {.name = "uniform", .kind = KEY_OF_LAW, .offset = FIELD(b), .min = 1},
};

static int uniform_read(struct key_reader *r,
                        const struct item *item,
                        void *object)
{
    int error = item_expect(r, item, ITEM_SEQUENCE, "uniform");
    if (!error && item->count != 2)
        return key_refuse(r, &item->at,
                          "uniform: %zu values, write the ends of the range: "
                          "[from, to]",
                          item->count);
    for (size_t i = 0; i < 2 && !error; i++)
        error = key_read(r, &ends[i], &item->items[i], object);
    return error;
}

static void uniform_print(struct key_printer *p, const void *object)
{
    const struct law *law = object;
    char from[QUANTITY_TEXT_BYTES];
    char to[QUANTITY_TEXT_BYTES];
    quantity_print_exact(p->law_unit, (uint64_t)law->a, from);
    quantity_print_exact(p->law_unit, (uint64_t)law->b, to);
    fprintf(p->out, "[%s, %s]", from, to);
}

static const struct key law_keys[] = {
    {.name = "exponential", .kind = KEY_OF_LAW, .offset = FIELD(a), .min = 1},
    {.name = "uniform",
     .kind = KEY_OWN,
     .read = uniform_read,
     .print = uniform_print},
    {.name = "pareto", .kind = KEY_SECTION, .section = &pareto_section},
    {.name = "lognormal", .kind = KEY_SECTION, .section = &lognormal_section},
    {.name = "hyperexponential",
     .kind = KEY_SECTION,
     .section = &hyperexponential_section},
    {.name = NULL},
};
const struct section law_section = {.name = "cpu and memory laws",
                                    .keys = law_keys,
                                    .one_line = true};
#undef FIELD

static const enum law_kind kinds[] = {LAW_EXPONENTIAL, LAW_UNIFORM,
                                      LAW_BOUNDED_PARETO, LAW_LOGNORMAL,
                                      LAW_HYPEREXPONENTIAL};

/* Its two ends, where they must be in order. */
static int check_order(struct key_reader *r,
                       const struct item *law,
                       const struct law *read)
{
    bool ordered = read->kind == LAW_BOUNDED_PARETO ? read->a < read->b
                   : read->kind == LAW_UNIFORM      ? read->a <= read->b
                                                    : true;
    if (ordered)
        return 0;
    const struct item *to =
        law->kind == ITEM_SEQUENCE ? &law->items[1] : item_find(law, "max");
    return key_refuse(r, &to->at,
                      "%s: '%s' is not above the lower end, swap them",
                      law->key, item_shown(to->text).text);
}

static int read_named(struct key_reader *r,
                      const struct item *item,
                      const char *name,
                      struct law *ret_law)
{
    if (item->count != 1)
        return key_refuse(r, &item->at,
                          "%s: %zu laws, name one, such as {exponential: %s}",
                          name, item->count,
                          r->law_unit == QUANTITY_BYTES ? "20 MiB" : "10 s");
    const struct item *value = &item->items[0];
    const struct key *key = key_find(&law_section, value->key);
    if (!key) {
        const char *names[sizeof law_keys / sizeof *law_keys];
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            names[i] = law_keys[i].name;
        return key_refuse_unknown(r, &value->key_at, "law", value->key, "",
                                  names);
    }
    ret_law->kind = kinds[key - law_keys];
    int error = key_read(r, key, value, ret_law);
    return error ? error : check_order(r, value, ret_law);
}

int law_read(struct key_reader *r,
             const struct item *item,
             enum quantity_kind unit,
             const char *name,
             struct law *ret_law)
{
    const struct key fixed = {.name = name,
                              .kind = KEY_OF_LAW,
                              .offset = offsetof(struct law, a),
                              .min = 1};
    struct law law = {.kind = LAW_FIXED};
    r->law_unit = unit;
    int error = item->kind == ITEM_MAPPING ? read_named(r, item, name, &law)
                                           : key_read(r, &fixed, item, &law);
    if (!error)
        *ret_law = law;
    return error;
}

void law_print(struct key_printer *p,
               enum quantity_kind unit,
               const struct law *law)
{
    char text[QUANTITY_TEXT_BYTES];
    p->law_unit = unit;
    if (law->kind == LAW_FIXED) {
        quantity_print_exact(unit, (uint64_t)law->a, text);
        fputs(text, p->out);
        return;
    }
    size_t index = 0;
    while (kinds[index] != law->kind) {
        index++;
        assert(index < sizeof kinds / sizeof *kinds);
    }
    const struct key one[] = {law_keys[index], {.name = NULL}};
    const struct section section = {.keys = one, .one_line = true};
    section_print_one_line(p, &section, law);
}
