/* said.c - see said.h. */
#include "said.h"

#include <stdarg.h>
#include <time.h>

static usec_t wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (usec_t)now.tv_sec * 1000000 + (usec_t)now.tv_nsec / 1000;
}

/* Whatever came over the network, it stays one line. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

static const struct said_line *keep(struct said *s,
                                    enum said_level level,
                                    const char *text,
                                    va_list list)
{
    struct said_line *line = &s->lines[s->count % SAID_KEPT];
    line->at_us = wall_us();
    line->number = ++s->count;
    line->level = level;
    vsnprintf(line->text, sizeof line->text, text, list);
    make_printable(line->text);
    return line;
}

void say(struct said *s, enum said_level level, const char *text, ...)
{
    va_list list;
    va_start(list, text);
    const struct said_line *line = keep(s, level, text, list);
    va_end(list);
    if (!s->out)
        return;
    if (s->prefixed)
        fprintf(s->out, "<%d>", (int)level);
    fprintf(s->out, "vencejod: %s\n", line->text);
    fflush(s->out);
}

void say_quietly(struct said *s, const char *text, ...)
{
    va_list list;
    va_start(list, text);
    keep(s, SAID_NOTE, text, list);
    va_end(list);
}
