/* say.c - see say.h. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>

#include "../../../cli/terminal.h"

void say(const char *text, ...)
{
    char line[1024];
    va_list list;
    va_start(list, text);
    vsnprintf(line, sizeof line, text, list);
    va_end(list);
    fprintf(stderr, "homenode: %s\n", line);
}

void say_complaint(const struct complaint *complaint)
{
    fputs("homenode: ", stderr);
    terminal_complain(stderr, complaint);
}
