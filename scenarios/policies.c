/* policies.c - policies: a list of names with parameters, from the file or the
 * command line, checked against the tables of the policies themselves. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../algorithms/node/registry.h"
#include "keys.h"
#include "policy_path.h"

void policies_destroy(struct scenario_policy *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i].params);
    free(list);
}

/* ---- Reading. ------------------------------------------------------------ */

static int refuse_policy(struct key_reader *r,
                         const struct place *at,
                         const char *name)
{
    size_t count = 0;
    while (policy_path_at(count))
        count++;
    const char **names = calloc(count + 1, sizeof *names);
    if (!names)
        return key_refuse_memory(r);
    for (size_t i = 0; i < count; i++)
        names[i] = policy_path_at(i)->name;
    int error = key_refuse_unknown(r, at, "policy", name, "", names);
    free(names);
    return error;
}

static size_t param_count(const struct policy *policy)
{
    size_t count = 0;
    while (policy->params && policy->params[count].name)
        count++;
    return count;
}

static int refuse_param(struct key_reader *r,
                        const struct policy *policy,
                        const struct item *item)
{
    size_t count = param_count(policy);
    char where[96];
    snprintf(where, sizeof where, " of %s", policy->name);
    char(*texts)[QUANTITY_NAME_BYTES] = calloc(count + 1, sizeof *texts);
    const char **names = calloc(count + 1, sizeof *names);
    int error = -ENOMEM;
    if (texts && names) {
        for (size_t i = 0; i < count; i++) {
            quantity_param_name(policy->params[i].name, texts[i]);
            names[i] = texts[i];
        }
        error = key_refuse_unknown(r, &item->key_at, "parameter", item->key,
                                   where, names);
    } else {
        error = key_refuse_memory(r);
    }
    free(texts);
    free(names);
    return error;
}

static const struct policy_param *find_param(const struct policy *policy,
                                             const char *written)
{
    size_t count = param_count(policy);
    for (size_t i = 0; i < count; i++) {
        char name[QUANTITY_NAME_BYTES];
        quantity_param_name(policy->params[i].name, name);
        if (strcmp(name, written) == 0)
            return &policy->params[i];
    }
    return NULL;
}

static int read_param(struct key_reader *r,
                      const struct scenario_policy *entry,
                      const struct item *item)
{
    const struct policy_param *param = find_param(entry->policy, item->key);
    uint64_t value;
    const char *what;
    if (!param)
        return refuse_param(r, entry->policy, item);
    int error = item_expect(r, item, ITEM_SCALAR, item->key);
    if (error)
        return error;
    if (quantity_param(param->name, item->text, &value, &what) != 0)
        return key_refuse(r, &item->at, "%s: '%s' %s", item->key,
                          item_shown(item->text).text, what);
    bool small = value < param->min;
    if (small || param->max < value) {
        char limit[QUANTITY_TEXT_BYTES];
        quantity_param_print(param->name, small ? param->min : param->max,
                             limit);
        return key_refuse(r, &item->at, "%s: '%s' is too %s, give at %s %s",
                          item->key, item_shown(item->text).text,
                          small ? "small" : "large", small ? "least" : "most",
                          limit);
    }
    policy_param_set(param, entry->params, value);
    return 0;
}

/* place: of its name; params: a mapping, or NULL. */
static int read_policy(struct key_reader *r,
                       const char *name,
                       const struct place *place,
                       const struct item *params,
                       struct scenario_policy *entry)
{
    entry->policy = policy_path_find(name);
    if (!entry->policy)
        return refuse_policy(r, place, name);
    entry->params = calloc(1, entry->policy->params_size + 1);
    if (!entry->params)
        return key_refuse_memory(r);
    policy_params_default(entry->policy, entry->params);
    int error = params ? item_expect(r, params, ITEM_MAPPING, name) : 0;
    for (size_t i = 0; params && i < params->count && !error; i++)
        error = read_param(r, entry, &params->items[i]);
    if (error || !entry->policy->check)
        return error;
    const char *why = entry->policy->check(entry->params);
    return why ? key_refuse(r, place, "%s: its parameters do not fit, %s", name,
                            why)
               : 0;
}

uint64_t policy_class(const struct scenario_policy *entry)
{
    const struct policy_param *param =
        policy_param_find(entry->policy, POLICY_CLASS_PARAM);
    return param ? policy_param_get(param, entry->params) : 0;
}

/* For several classes a policy may be several times in the list. */
static int refuse_twice(struct key_reader *r,
                        const struct place *place,
                        const struct scenario_policy *list,
                        size_t index)
{
    const struct scenario_policy *entry = &list[index];
    for (size_t i = 0; i < index; i++) {
        if (list[i].policy != entry->policy ||
            policy_class(&list[i]) != policy_class(entry))
            continue;
        if (policy_param_find(entry->policy, POLICY_CLASS_PARAM))
            return key_refuse(r, place,
                              "%s is in the list twice for class %u, remove "
                              "one",
                              entry->policy->name,
                              (unsigned)policy_class(entry));
        return key_refuse(r, place, "%s is in the list twice, remove one",
                          entry->policy->name);
    }
    return 0;
}

static int read_entry(struct key_reader *r,
                      const struct item *item,
                      struct scenario_policy *list,
                      size_t index)
{
    const struct item *named = item;
    if (item->kind == ITEM_MAPPING) {
        if (item->count != 1)
            return key_refuse(r, &item->at,
                              "%zu policies in one entry, begin each with - on "
                              "a line of its own",
                              item->count);
        named = &item->items[0];
    } else {
        int error = item_expect(r, item, ITEM_SCALAR, "a policy");
        if (error)
            return error;
    }
    bool mapping = named != item;
    const char *name = mapping ? named->key : named->text;
    const struct place *place = mapping ? &named->key_at : &named->at;
    int error =
        read_policy(r, name, place, mapping ? named : NULL, &list[index]);
    return error ? error : refuse_twice(r, place, list, index);
}

static int read_list(struct key_reader *r,
                     const struct item *item,
                     struct scenario_policy **ret_list,
                     size_t *ret_count)
{
    int error = item_expect(r, item, ITEM_SEQUENCE, "policies");
    if (error)
        return error;
    if (NODE_POLICIES_MAX < item->count)
        return key_refuse(r, &item->items[NODE_POLICIES_MAX].at,
                          "more than %d policies, a node runs no more, remove "
                          "some",
                          NODE_POLICIES_MAX);
    struct scenario_policy *list = calloc(item->count + 1, sizeof *list);
    if (!list)
        return key_refuse_memory(r);
    for (size_t i = 0; i < item->count && !error; i++)
        error = read_entry(r, &item->items[i], list, i);
    if (error) {
        policies_destroy(list, item->count);
        return error;
    }
    *ret_list = list;
    *ret_count = item->count;
    return 0;
}

int policies_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario *s = object;
    return read_list(r, item, &s->policies, &s->policy_count);
}

/* ---- The command line: name[:key=value]...,name -------------------------- */

/* Copy text[from, to) without the spaces around it. */
static char *trimmed(const char *text,
                     size_t from,
                     size_t to,
                     struct place *ret_place)
{
    while (from < to && text[from] == ' ')
        from++;
    while (from < to && text[to - 1] == ' ')
        to--;
    *ret_place = (struct place){"--policies", 1, from + 1};
    return strndup(text + from, to - from);
}

static int add_param(struct key_reader *r,
                     struct item *params,
                     const char *text,
                     size_t from,
                     size_t to)
{
    const char *equals = memchr(text + from, '=', to - from);
    size_t middle = equals ? (size_t)(equals - text) : to;
    struct item *param = item_add(params);
    if (!param)
        return key_refuse_memory(r);
    param->key = trimmed(text, from, middle, &param->key_at);
    param->text = trimmed(text, equals ? middle + 1 : to, to, &param->at);
    if (!param->key || !param->text)
        return key_refuse_memory(r);
    if (!equals)
        return key_refuse(r, &param->key_at,
                          "'%s' has no value, write key=value",
                          item_shown(param->key).text);
    for (const struct item *other = params->items; other < param; other++)
        if (strcmp(other->key, param->key) == 0)
            return key_refuse(r, &param->key_at,
                              "'%s' is given twice, remove one",
                              item_shown(param->key).text);
    return 0;
}

static int add_policy(struct key_reader *r,
                      struct item *list,
                      const char *text,
                      size_t from,
                      size_t to)
{
    struct item *entry = item_add(list);
    struct item *params = NULL;
    if (entry) {
        entry->kind = ITEM_MAPPING;
        params = item_add(entry);
    }
    if (!params)
        return key_refuse_memory(r);
    size_t end = from + strcspn(text + from, ":,");
    params->kind = ITEM_MAPPING;
    params->key = trimmed(text, from, end, &params->key_at);
    params->at = params->key_at;
    entry->at = params->key_at;
    if (!params->key)
        return key_refuse_memory(r);
    int error = 0;
    while (end < to && !error) {
        size_t start = end + 1;
        end = start + strcspn(text + start, ":,");
        error = add_param(r, params, text, start, end);
    }
    return error;
}

int scenario_set_policies(struct scenario *scenario,
                          const char *text,
                          struct complaint *ret_complaint)
{
    struct key_reader r = {.scenario = scenario, .complaint = ret_complaint};
    struct item list = {.kind = ITEM_SEQUENCE, .at = {"--policies", 1, 1}};
    struct scenario_policy *read = NULL;
    size_t count = 0;
    int error = 0;
    snprintf(ret_complaint->file, sizeof ret_complaint->file, "--policies");
    for (size_t from = 0; *text && from <= strlen(text) && !error;) {
        size_t to = from + strcspn(text + from, ",");
        error = add_policy(&r, &list, text, from, to);
        from = to + 1;
    }
    if (!error)
        error = read_list(&r, &list, &read, &count);
    item_finish(&list);
    if (error)
        return error;
    struct scenario_policy *old = scenario->policies;
    size_t old_count = scenario->policy_count;
    scenario->policies = read;
    scenario->policy_count = count;
    error = policies_add_classes(&r, &(struct place){"--policies", 1, 1});
    if (error) {
        policies_destroy(scenario->policies, scenario->policy_count);
        scenario->policies = old;
        scenario->policy_count = old_count;
        return error;
    }
    policies_destroy(old, old_count);
    return 0;
}

/* ---- Printing. ----------------------------------------------------------- */

/* Every parameter, between the separators. */
static void print_params(FILE *out,
                         const struct scenario_policy *entry,
                         const char *first,
                         const char *between,
                         const char *equals,
                         bool spaces)
{
    size_t count = param_count(entry->policy);
    for (size_t i = 0; i < count; i++) {
        const struct policy_param *param = &entry->policy->params[i];
        char name[QUANTITY_NAME_BYTES];
        char value[QUANTITY_TEXT_BYTES];
        quantity_param_name(param->name, name);
        quantity_param_print(param->name,
                             policy_param_get(param, entry->params), value);
        char *space = strchr(value, ' ');
        if (space && !spaces)
            memmove(space, space + 1, strlen(space));
        fprintf(out, "%s%s%s%s", i > 0 ? between : first, name, equals, value);
    }
}

void policies_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    if (s->policy_count == 0 || s->policies[0].of_freeze)
        fputs(" []", p->out);
    p->indent += 2;
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct scenario_policy *entry = &s->policies[i];
        if (entry->of_freeze)
            continue;
        key_print_line(p);
        fprintf(p->out, "- %s", entry->policy->name);
        if (param_count(entry->policy) > 0) {
            print_params(p->out, entry, ": {", ", ", ": ", true);
            fputc('}', p->out);
        }
    }
    p->indent -= 2;
}

char *scenario_policies_text(const struct scenario *scenario)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        return NULL;
    for (size_t i = 0; i < scenario->policy_count; i++) {
        const struct scenario_policy *entry = &scenario->policies[i];
        fprintf(out, "%s%s", i > 0 ? "," : "", entry->policy->name);
        print_params(out, entry, ":", ":", "=", false);
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
