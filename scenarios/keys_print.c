/* keys_print.c - writing by the same tables, so that it reads back. */
#include <string.h>

#include "keys.h"

static void print_quantity(struct key_printer *p,
                           const struct key *key,
                           const void *field)
{
    struct key_storage storage = key_storage(key, p->law_unit);
    char text[QUANTITY_TEXT_BYTES];
    uint64_t whole = 0;
    uint16_t narrowest;
    uint32_t narrow;
    double value;
    if (storage.bytes == sizeof narrow) {
        memcpy(&narrow, field, sizeof narrow);
        whole = narrow;
        value = narrow;
    } else if (storage.bytes == sizeof narrowest) {
        memcpy(&narrowest, field, sizeof narrowest);
        whole = narrowest;
        value = narrowest;
    } else if (storage.exact && key->kind != KEY_OF_LAW) {
        memcpy(&whole, field, sizeof whole);
        value = (double)whole;
    } else {
        memcpy(&value, field, sizeof value);
        if (storage.exact)
            whole = (uint64_t)value;
    }
    if (key->word && value >= key->word_value && key->word_value >= value) {
        fputs(key->word, p->out);
        return;
    }
    if (storage.exact)
        quantity_print_exact(storage.quantity, whole, text);
    else
        quantity_print(storage.quantity, value, text);
    fputs(text, p->out);
}

static void print_value(struct key_printer *p,
                        const struct key *key,
                        const void *object)
{
    const void *field = (const char *)object + key->offset;
    unsigned index;
    switch (key->kind) {
        case KEY_OWN:
            key->print(p, object);
            break;
        case KEY_SECTION:
            section_print(p, key->section, field);
            break;
        case KEY_TEXT:
            key_print_text(p, *(char *const *)field);
            break;
        case KEY_CHOICE:
            memcpy(&index, field, sizeof index);
            fputs(key->choices[index], p->out);
            break;
        case KEY_YES_NO:
            fputs(key_yes_no[*(const bool *)field], p->out);
            break;
        default:
            print_quantity(p, key, field);
    }
}

static bool is_given(const struct key *key, const void *object)
{
    if (key->given)
        return key->given(object);
    return key->kind != KEY_TEXT ||
           *(char *const *)((const char *)object + key->offset);
}

void key_print_line(struct key_printer *p)
{
    if (ftell(p->out) > 0)
        fputc('\n', p->out);
    fprintf(p->out, "%*s", p->indent, "");
}

void section_print_one_line(struct key_printer *p,
                            const struct section *section,
                            const void *object)
{
    const char *separator = "{";
    for (const struct key *key = section->keys; key->name; key++) {
        if (!is_given(key, object))
            continue;
        fprintf(p->out, "%s%s: ", separator, key->name);
        print_value(p, key, object);
        separator = ", ";
    }
    fputc('}', p->out);
}

void section_print(struct key_printer *p,
                   const struct section *section,
                   const void *object)
{
    if (section->one_line) {
        section_print_one_line(p, section, object);
        return;
    }
    p->indent += 2;
    for (const struct key *key = section->keys; key->name; key++) {
        if (!is_given(key, object))
            continue;
        bool lines =
            key->lines || (key->kind == KEY_SECTION && !key->section->one_line);
        key_print_line(p);
        fprintf(p->out, "%s:%s", key->name, lines ? "" : " ");
        print_value(p, key, object);
    }
    p->indent -= 2;
}

void key_print_text(struct key_printer *p, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";
    bool letter = strspn(text, "0123456789._-") < strlen(text);
    if (letter && text[strspn(text, plain)] == '\0' && text[0] != '-' &&
        strcmp(text, "null") != 0) {
        fputs(text, p->out);
        return;
    }
    fputc('"', p->out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', p->out);
        fputc(*text, p->out);
    }
    fputc('"', p->out);
}
