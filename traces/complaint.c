/* complaint.c - what is wrong with an input. */
#include "complaint.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

int complain(struct complaint *c,
             int error,
             const char *file,
             size_t line,
             size_t column,
             const char *text,
             ...)
{
    assert(error < 0);
    if (file)
        snprintf(c->file, sizeof c->file, "%s", file);
    c->line = line;
    c->column = column;

    va_list arguments;
    va_start(arguments, text);
    vsnprintf(c->text, sizeof c->text, text, arguments);
    va_end(arguments);
    return error;
}
