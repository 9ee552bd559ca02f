/* terminal.h - how the programs speak to people: tables or TSV, colour,
 * progress, complaints, exit codes. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../traces/complaint.h"

enum exit_code {
    EXIT_RAN = 0,
    EXIT_FAILED = 1,
    EXIT_BAD_INPUT = 2, /* Usage, or a file that says something wrong. */
    EXIT_REFUSED = 3,   /* With a reason. */
    EXIT_PARTIAL = 4,   /* Some of what was asked for was done. */
    EXIT_TIMED_OUT = 5,
};

/* A person reads it; else it is piped and gets TSV. */
bool terminal_is_human(FILE *out);

/* A person reads it and wants colour: no NO_COLOR (no-color.org), and a TERM
 * that is not dumb. */
bool terminal_has_colour(FILE *out);

/* Columns of the terminal; 80 where it does not say. */
int terminal_width(FILE *out);

/* `file:line:col: what, why, what to try`, without the parts that are 0; the
 * program's name where there is no file. */
void terminal_complain(FILE *out, const struct complaint *complaint);

/* Every main calls it first: tells argp our exit code for usage and our
 * --version, and sees to it that a program whose output could not be written
 * whole (the disk is full) says so and exits with EXIT_FAILED. */
void terminal_init(void);

/* A bar with the time left, on a terminal only: nothing is written elsewhere,
 * so logs stay clean. Long work calls show() as often as it likes. */
struct progress
{
    FILE *out;
    const char *what; /* Owned by the caller: "runs". */
    uint64_t total;
    double started_s;
    double shown_s; /* When the bar was last drawn. */
    bool visible;   /* out is a terminal. */
};

void progress_start(struct progress *progress,
                    FILE *out,
                    const char *what,
                    uint64_t total);
void progress_show(struct progress *progress, uint64_t done);
void progress_finish(struct progress *progress); /* Wipes the bar. */

/* The bar as text of at most width columns: "runs 3/4 [####  ] 75 % 0:12 left".
 * The time left supposes that the rest goes as fast as what is done. */
void progress_text(const char *what,
                   uint64_t done,
                   uint64_t total,
                   double elapsed_s,
                   int width,
                   char *ret_text,
                   size_t text_bytes);

#endif /* CLI_TERMINAL_H */
