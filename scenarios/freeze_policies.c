/* freeze_policies.c - each class of freeze: becomes one freeze_marks. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../algorithms/node/registry.h"
#include "keys.h"

static void set(struct scenario_policy *entry, const char *name, uint64_t value)
{
    const struct policy_param *param = policy_param_find(entry->policy, name);
    assert(param);
    assert(param->min <= value);
    assert(value <= param->max);
    policy_param_set(param, entry->params, value);
}

/* What is none in freeze: is left at the default, which is never reached. */
static void fill_marks(const struct scenario_freeze_class *class,
                       struct scenario_policy *entry)
{
    policy_params_default(entry->policy, entry->params);
    set(entry, POLICY_CLASS_PARAM, class->class_number);
    set(entry, "units", class->units);
    set(entry, "red_milli", class->red_milli);
    set(entry, "blue_milli", class->blue_milli);
    if (class->auto_home_milli >= 0)
        set(entry, "auto_home_milli", (uint64_t) class->auto_home_milli);
    if (class->auto_cluster_milli >= 0)
        set(entry, "auto_cluster_milli", (uint64_t) class->auto_cluster_milli);
    set(entry, "running_min", class->min);
    if (class->max != UINT32_MAX)
        set(entry, "running_max", class->max);
    set(entry, "slice_us", class->slice_us);
}

/* The list may say the same of a class, as scenario_policies_text() does: then
 * the entry at the end is the only one. */
static int drop_same(struct key_reader *r,
                     const struct place *place,
                     const struct scenario_policy *made)
{
    struct scenario *s = r->scenario;
    for (size_t i = 0; i < s->policy_count; i++) {
        struct scenario_policy *entry = &s->policies[i];
        if (entry->policy != made->policy ||
            policy_class(entry) != policy_class(made))
            continue;
        if (memcmp(entry->params, made->params, made->policy->params_size) != 0)
            return key_refuse(r, place,
                              "%s of class %u is among the policies, and "
                              "freeze: has other marks for it, remove one",
                              made->policy->name, (unsigned)policy_class(made));
        free(entry->params);
        memmove(entry, entry + 1, (s->policy_count - i - 1) * sizeof *entry);
        s->policy_count--;
        return 0;
    }
    return 0;
}

static int add_class(struct key_reader *r,
                     const struct place *place,
                     const struct scenario_freeze_class *class)
{
    struct scenario *s = r->scenario;
    struct scenario_policy made = {.policy = policy_find("freeze_marks"),
                                   .of_freeze = true};
    assert(made.policy);
    made.params = calloc(1, made.policy->params_size);
    if (!made.params)
        return key_refuse_memory(r);
    fill_marks(class, &made);
    int error = drop_same(r, place, &made);
    if (!error && s->policy_count == NODE_POLICIES_MAX)
        error = key_refuse(r, place,
                           "more than %d policies, with those that the classes "
                           "of freeze: are, and a node runs no more; remove "
                           "some",
                           NODE_POLICIES_MAX);
    struct scenario_policy *list =
        error ? NULL
              : reallocarray(s->policies, s->policy_count + 1, sizeof *list);
    if (!list) {
        free(made.params);
        return error ? error : key_refuse_memory(r);
    }
    s->policies = list;
    list[s->policy_count++] = made;
    return 0;
}

int policies_add_classes(struct key_reader *r, const struct place *place)
{
    const struct scenario_freeze *freeze = &r->scenario->grid.freeze;
    int error = 0;
    for (size_t i = 0; i < freeze->class_count && !error; i++)
        error = add_class(r, place, &freeze->classes[i]);
    return error;
}
