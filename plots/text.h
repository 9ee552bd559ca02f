/* text.h - words in scripts and data. */
#ifndef PLOTS_TEXT_H
#define PLOTS_TEXT_H

#include <stdio.h>

#include "../results/comparison.h"

/* One line of text as data, control characters replaced by spaces. */
void text_line(FILE *out, const char *text);

/* The same as a 'string' of gnuplot. */
void text_quote(FILE *script, const char *text, size_t bytes);

/* The same of a list of policies, in lines of at most so many bytes; returns
 * the count of lines. With script NULL it only counts. */
size_t text_policies(FILE *script, const char *policies, size_t width);

/* A label at this height of the screen that says what was run, and more. */
void text_caption(FILE *script,
                  const struct comparison *c,
                  const char *more,
                  double y);

#endif /* PLOTS_TEXT_H */
