/* text.c - words in scripts and data. */
#include "text.h"

#include <inttypes.h>
#include <string.h>

/* A line break would end a line of data, or a command. */
static int harmless(char byte)
{
    unsigned char code = (unsigned char)byte;
    return code < ' ' || code == 0x7F ? ' ' : code;
}

void text_line(FILE *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        fputc(harmless(*at), out);
}

/* Single quotes: within double ones gnuplot gives `text` to a shell. */
void text_quote(FILE *script, const char *text, size_t bytes)
{
    fputc('\'', script);
    for (size_t at = 0; at < bytes; at++) {
        if (text[at] == '\'')
            fputc('\'', script);
        fputc(harmless(text[at]), script);
    }
    fputc('\'', script);
}

/* Bytes of the first line: to the last comma that fits, else to the last colon,
 * else all that fits. */
static size_t line_bytes(const char *policies, size_t width)
{
    size_t length = strlen(policies);
    if (length <= width)
        return length;
    for (const char *mark = ",:"; *mark != '\0'; mark++)
        for (size_t bytes = width; 0 < bytes; bytes--)
            if (policies[bytes - 1] == *mark)
                return bytes;
    return width;
}

size_t text_policies(FILE *script, const char *policies, size_t width)
{
    size_t line_count = 0;
    do {
        size_t bytes = line_bytes(policies, width);
        if (script != NULL && 0 < line_count)
            fputs(".\"\\n\".", script);
        if (script != NULL)
            text_quote(script, policies, bytes);
        policies += bytes;
        line_count++;
    } while (*policies != '\0');
    return line_count;
}

void text_caption(FILE *script,
                  const struct comparison *c,
                  const char *more,
                  double y)
{
    fputs("set label 'Means", script);
    if (c->seed_count > 1)
        fprintf(script,
                " with 95 %% intervals over seeds %" PRIu64 " to %" PRIu64,
                c->first_seed, c->first_seed + c->seed_count - 1);
    else
        fprintf(script, " of seed %" PRIu64, c->first_seed);
    fputs(" of '.", script);
    text_quote(script, c->scenario, strlen(c->scenario));
    fputs(".', commit '.", script);
    text_quote(script, c->commit, strlen(c->commit));
    fprintf(script,
            ".\".%s%s\" at screen 0.010, screen %.4f left font ',8' textcolor "
            "rgb grey\n",
            more[0] != '\0' ? "\\n" : "", more, y);
}
