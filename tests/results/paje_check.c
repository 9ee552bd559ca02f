#include "paje_check.h"

#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 32, FIELDS_MAX = 10, KEY_BYTES = 128 };

struct definition
{
    char name[64];
    char fields[FIELDS_MAX][32];
    size_t field_count;
    bool known;
};

/* A type, a value of one, a container or a link, by what it is called. */
struct thing
{
    char key[KEY_BYTES]; /* Its kind, a colon, its alias. */
    struct thing *type;  /* Of a container; the parent of a type. */
    struct thing *parent;
    struct thing *from; /* Of a type of links: its ends. */
    struct thing *to;
    size_t depth; /* Containers inside, and states pushed. */
    bool over;
};

struct reader
{
    struct definition events[EVENTS_MAX];
    struct definition *open;
    void *things;
    struct thing root_type, root;
    size_t alive; /* Containers, links. */
    double time;
    bool begun;
    struct paje_counts counts;
    char *values[FIELDS_MAX]; /* Of the line, by field. */
    const struct definition *event;
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct thing *)a)->key,
                  ((const struct thing *)b)->key);
}

static struct thing *find(struct reader *r, const char *kind, const char *alias)
{
    struct thing key;
    if (strcmp(alias, "0") == 0)
        return strcmp(kind, "type") == 0        ? &r->root_type
               : strcmp(kind, "container") == 0 ? &r->root
                                                : NULL;
    snprintf(key.key, sizeof key.key, "%s:%s", kind, alias);
    struct thing **found = tfind(&key, &r->things, compare);
    return found ? *found : NULL;
}

/* NULL: it was there. */
static struct thing *add(struct reader *r, const char *kind, const char *alias)
{
    if (find(r, kind, alias))
        return NULL;
    struct thing *thing = calloc(1, sizeof *thing);
    snprintf(thing->key, sizeof thing->key, "%s:%s", kind, alias);
    tsearch(thing, &r->things, compare);
    return thing;
}

static const char *value(const struct reader *r, const char *field)
{
    for (size_t i = 0; i < r->event->field_count; i++)
        if (strcmp(r->event->fields[i], field) == 0)
            return r->values[i];
    return "";
}

static bool is(const struct reader *r, const char *name)
{
    return strcmp(r->event->name, name) == 0;
}

static const char *define(struct reader *r)
{
    const char *type_of_value = value(r, "Type");
    struct thing *parent = find(r, "type", type_of_value);
    struct thing *thing;
    if (!parent)
        return "a type of an unknown type";
    if (is(r, "PajeDefineEntityValue")) {
        char key[KEY_BYTES];
        snprintf(key, sizeof key, "%.40s/%.40s", type_of_value,
                 value(r, "Alias"));
        return add(r, "value", key) ? NULL : "a value twice";
    }
    thing = add(r, "type", value(r, "Alias"));
    if (!thing)
        return "a type twice";
    thing->type = parent;
    if (!is(r, "PajeDefineLinkType"))
        return NULL;
    thing->from = find(r, "type", value(r, "StartContainerType"));
    thing->to = find(r, "type", value(r, "EndContainerType"));
    return thing->from && thing->to ? NULL : "a link of unknown containers";
}

static const char *create(struct reader *r)
{
    struct thing *type = find(r, "type", value(r, "Type"));
    struct thing *parent = find(r, "container", value(r, "Container"));
    if (!type)
        return "a container of an unknown type";
    if (!parent || parent->over)
        return "a container inside of none";
    if (type->type != parent->type)
        return "a container inside of one of another type";
    struct thing *container = add(r, "container", value(r, "Alias"));
    if (!container)
        return "a container twice";
    container->type = type;
    container->parent = parent;
    parent->depth++;
    r->alive++;
    r->counts.containers++;
    return NULL;
}

static const char *destroy(struct reader *r)
{
    struct thing *container = find(r, "container", value(r, "Name"));
    if (!container || container->over)
        return "what is destroyed is not there";
    if (container->type != find(r, "type", value(r, "Type")))
        return "what is destroyed is of another type";
    if (container->depth > 0)
        return "what is destroyed is not empty";
    container->over = true;
    container->parent->depth--;
    r->alive--;
    return NULL;
}

static bool is_value(struct reader *r)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "%.40s/%.40s", value(r, "Type"),
             value(r, "Value"));
    return find(r, "value", key) != NULL;
}

static const char *link_end(struct reader *r, bool begins)
{
    struct thing *type = find(r, "type", value(r, "Type"));
    struct thing *end = find(
        r, "container", value(r, begins ? "StartContainer" : "EndContainer"));
    if (!type->from || !end || end->over ||
        end->type != (begins ? type->from : type->to))
        return "a link of no container of its type";
    if (!is_value(r))
        return "a link of an unknown value";
    struct thing *link = find(r, "link", value(r, "Key"));
    if (begins) {
        r->alive++;
        r->counts.links++;
        return add(r, "link", value(r, "Key")) ? NULL : "a link twice";
    }
    if (!link || link->over)
        return "a link ends that has not begun";
    link->over = true;
    r->alive--;
    return NULL;
}

/* States, variables, events and links: of a container of their type's type. */
static const char *happen(struct reader *r)
{
    struct thing *type = find(r, "type", value(r, "Type"));
    struct thing *container = find(r, "container", value(r, "Container"));
    if (!type)
        return "an unknown type";
    if (!container || container->over)
        return "an unknown container";
    if (type->type != container->type)
        return "a container of another type";
    if (is(r, "PajeStartLink") || is(r, "PajeEndLink"))
        return link_end(r, is(r, "PajeStartLink"));
    if (is(r, "PajePushState")) {
        r->counts.pushes++;
        container->depth++;
        return is_value(r) ? NULL : "a state of an unknown value";
    }
    if (is(r, "PajePopState"))
        return container->depth-- > 0 ? NULL : "a pop without a push";
    r->counts.variables += is(r, "PajeSetVariable");
    r->counts.marks += is(r, "PajeNewEvent");
    return NULL;
}

static const char *read_event(struct reader *r)
{
    const char *time = value(r, "Time");
    char *end = NULL;
    r->begun = true;
    if (strncmp(r->event->name, "PajeDefine", 10) == 0)
        return define(r);
    double date = strtod(time, &end);
    if (end == time || *end)
        return "no date";
    if (date < r->time)
        return "a date goes back";
    r->time = date;
    return is(r, "PajeCreateContainer")    ? create(r)
           : is(r, "PajeDestroyContainer") ? destroy(r)
                                           : happen(r);
}

/* Fields are words, or stand between double quotes. */
static const char *split(char *line, char **fields, size_t *ret_count)
{
    size_t count = 0;
    while (line[strspn(line, " ")]) {
        line += strspn(line, " ");
        if (count > FIELDS_MAX)
            return "too many fields";
        bool quoted = line[0] == '"';
        fields[count++] = line + quoted;
        line += quoted;
        line += strcspn(line, quoted ? "\"" : " ");
        if (quoted && *line != '"')
            return "a quote that does not end";
        if (*line)
            *line++ = 0;
    }
    *ret_count = count;
    return NULL;
}

static const char *read_definition(struct reader *r, char *line)
{
    char word[64], second[64];
    unsigned number;
    if (r->begun)
        return "a definition behind an event";
    if (sscanf(line, "%%EventDef %63s %u", word, &number) == 2) {
        if (number >= EVENTS_MAX || r->events[number].known || r->open)
            return "a definition twice";
        r->open = &r->events[number];
        r->open->known = true;
        snprintf(r->open->name, sizeof r->open->name, "%s", word);
        return NULL;
    }
    if (strcmp(line, "%EndEventDef") == 0) {
        r->open = NULL;
        return NULL;
    }
    if (!r->open || r->open->field_count == FIELDS_MAX ||
        sscanf(line, "%% %31s %63s", word, second) != 2)
        return "no definition";
    snprintf(r->open->fields[r->open->field_count++], 32, "%.31s", word);
    return NULL;
}

static const char *read_line(struct reader *r, char *line)
{
    char *fields[FIELDS_MAX + 2] = {NULL};
    size_t count = 0;
    if (line[0] == '%')
        return read_definition(r, line);
    const char *wrong = split(line, fields, &count);
    if (wrong || count == 0)
        return wrong ? wrong : "an empty line";
    unsigned long number = strtoul(fields[0], NULL, 10);
    if (number >= EVENTS_MAX || !r->events[number].known)
        return "an event that is not defined";
    r->event = &r->events[number];
    if (count != r->event->field_count + 1)
        return "other fields than defined";
    memcpy(r->values, fields + 1, sizeof r->values);
    return read_event(r);
}

const char *paje_check(char *text,
                       struct paje_counts *ret_counts,
                       size_t *ret_line)
{
    struct reader *r = calloc(1, sizeof *r);
    const char *wrong = NULL;
    r->root.type = &r->root_type;
    *ret_line = 0;
    for (char *line; !wrong && (line = strsep(&text, "\n")) && text;) {
        ++*ret_line;
        wrong = read_line(r, line);
    }
    if (!wrong && r->alive > 0)
        wrong = "containers or links that never end";
    *ret_counts = r->counts;
    tdestroy(r->things, free);
    free(r);
    return wrong;
}
