/* trace_law.c - laws on the command line. */
#include "trace_law.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 4, TEXT_BYTES_MAX = 256 };

static const struct
{
    const char *name;
    enum law_kind kind;
    size_t quantity_count; /* a, then b; */
    bool has_index;        /* then a plain number. */
    const char *form;
} forms[] = {
    {"fixed", LAW_FIXED, 1, false, "fixed:A"},
    {"exponential", LAW_EXPONENTIAL, 1, false, "exponential:MEAN"},
    {"uniform", LAW_UNIFORM, 2, false, "uniform:A:B"},
    {"pareto", LAW_BOUNDED_PARETO, 2, true, "pareto:LOW:HIGH:INDEX"},
    {"lognormal", LAW_LOGNORMAL, 1, true, "lognormal:MEDIAN:SIGMA"},
    {"hyperexponential", LAW_HYPEREXPONENTIAL, 2, true,
     "hyperexponential:MEAN1:MEAN2:P"},
};
enum { FORM_COUNT = sizeof forms / sizeof *forms };

static size_t split(char *text, char **words)
{
    size_t count = 0;
    char *rest = text;
    for (char *word; (word = strsep(&rest, ":")); count++)
        if (count < WORDS_MAX)
            words[count] = word;
    return count;
}

const char *trace_law_parse(const char *text,
                            enum quantity_kind kind,
                            double unit,
                            struct law *ret_law)
{
    char copy[TEXT_BYTES_MAX];
    char *words[WORDS_MAX];
    if (strlen(text) >= sizeof copy)
        return "it is too long for a law";
    strcpy(copy, text);
    size_t count = split(copy, words);
    size_t form = 0;
    while (form < FORM_COUNT && strcmp(forms[form].name, words[0]) != 0)
        form++;
    if (form == FORM_COUNT)
        return "there is no such law; fixed, exponential, uniform, pareto, "
               "lognormal or hyperexponential";
    size_t wanted = 1 + forms[form].quantity_count + forms[form].has_index;
    if (count != wanted)
        return forms[form].form;

    double values[3] = {0};
    const char *what;
    for (size_t i = 0; i + 1 < wanted; i++) {
        bool is_index = i == forms[form].quantity_count;
        if (quantity_parse(words[i + 1], is_index ? QUANTITY_NUMBER : kind,
                           &values[i], &what))
            return what;
    }
    struct law law = {.kind = forms[form].kind, .a = values[0] * unit};
    if (forms[form].quantity_count > 1)
        law.b = values[1] * unit;
    if (forms[form].has_index)
        law.index = values[forms[form].quantity_count];
    *ret_law = law;
    return NULL;
}
