#include "json_place.h"

#include <string.h>

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* Behind the string that begins at p. */
static const char *skip_string(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        p += *p == '\\' && p[1] != '\0';
    return p + (*p == '"');
}

static const char *skip_value(const char *p)
{
    size_t depth = 0;
    do {
        p = skip_blanks(p);
        if (*p == '"') {
            p = skip_string(p);
        } else if (*p == '{' || *p == '[') {
            depth++;
            p++;
        } else if (*p == '}' || *p == ']') {
            if (depth == 0)
                return p;
            depth--;
            p++;
        } else if (*p == ',' || *p == ':') {
            if (depth == 0)
                return p;
            p++;
        } else {
            p += strcspn(p, " \t\r\n,:{}[]\"");
        }
    } while (depth > 0 && *p);
    return p;
}

/* The value of a key of the object at p, or the key; NULL if it has none. */
static const char *member(const char *p, const char *key)
{
    size_t length = strlen(key);
    p = skip_blanks(p);
    if (*p != '{')
        return NULL;
    for (p = skip_blanks(p + 1); *p == '"';) {
        const char *end = skip_string(p);
        bool found =
            (size_t)(end - p) == length + 2 && strncmp(p + 1, key, length) == 0;
        const char *value = skip_blanks(end);
        if (*value != ':')
            return NULL;
        value = skip_blanks(value + 1);
        if (found)
            return value;
        p = skip_blanks(skip_value(value));
        if (*p == ',')
            p = skip_blanks(p + 1);
    }
    return NULL;
}

static const char *element(const char *p, size_t index)
{
    p = skip_blanks(p);
    if (*p != '[')
        return NULL;
    for (p = skip_blanks(p + 1); *p && *p != ']'; index--) {
        if (index == 0)
            return p;
        p = skip_blanks(skip_value(p));
        if (*p == ',')
            p = skip_blanks(p + 1);
    }
    return NULL;
}

static struct place place_at(const char *text, const char *at)
{
    struct place place = {1, 1};
    for (const char *p = text; at && p < at; p++) {
        bool is_end = *p == '\n';
        place.line += is_end;
        place.column = is_end ? 1 : place.column + 1;
    }
    return place;
}

static struct place place_of(const char *text, const char *at, const char *key)
{
    const char *value = at && key ? member(at, key) : NULL;
    return place_at(text, value ? value : at);
}

struct place json_place_of(const char *text,
                           const char *list,
                           size_t index,
                           const char *key)
{
    const char *at = member(text, list);
    return place_of(text, at ? element(at, index) : NULL, key);
}

struct place json_place_in(const char *text,
                           const char *object,
                           const char *name,
                           const char *key)
{
    const char *at = member(text, object);
    return place_of(text, at ? member(at, name) : NULL, key);
}
