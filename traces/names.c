#include "names.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct name
{
    const char *text;
    const char *end;
    uint32_t number;
};

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    size_t a_length = (size_t)(a->end - a->text);
    size_t b_length = (size_t)(b->end - b->text);
    if (a_length != b_length)
        return a_length < b_length ? -1 : 1;
    return memcmp(a->text, b->text, a_length);
}

int names_number(struct names *names,
                 const char *text,
                 const char *end,
                 uint32_t *ret_number)
{
    struct name wanted = {text, end, names->count + 1};
    struct name **found = tfind(&wanted, &names->root, compare_names);
    if (!found) {
        struct name *name = malloc(sizeof *name);
        if (!name)
            return -ENOMEM;
        *name = wanted;
        found = tsearch(name, &names->root, compare_names);
        if (!found) {
            free(name);
            return -ENOMEM;
        }
        names->count++;
    }
    *ret_number = (*found)->number;
    return 0;
}

void names_finish(struct names *names)
{
    tdestroy(names->root, free);
    *names = (struct names){0};
}
