/* notes.c - what stands around the table of a comparison. */
#include "notes.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 100 };

/* Columns of a text: bytes that begin a character of UTF-8. */
static size_t columns_of(const char *text, size_t bytes)
{
    size_t columns = 0;
    for (size_t at = 0; at < bytes; at++)
        columns += ((unsigned char)text[at] & 0xC0) != 0x80;
    return columns;
}

/* Print text after what stands on the line, broken behind any of these
 * characters; further lines begin at column indent. */
static void print_broken(const char *text,
                         const char *breaks,
                         size_t indent,
                         FILE *out)
{
    size_t used = indent;
    size_t blank = 0; /* A space that is due, unless the line ends there. */
    for (const char *at = text; *at != '\0';) {
        size_t bytes = strcspn(at, breaks);
        bool ends_blank = at[bytes] == ' ';
        bytes += at[bytes] != '\0' && !ends_blank;
        size_t columns = columns_of(at, bytes);
        if (indent < used && COLUMNS_MAX < used + blank + columns) {
            fprintf(out, "\n%*s", (int)indent, "");
            used = indent;
            blank = 0;
        }
        fprintf(out, "%*s%.*s", (int)blank, "", (int)bytes, at);
        used += blank + columns;
        blank = ends_blank;
        at += bytes + blank;
    }
    fputc('\n', out);
}

void notes_stacks(const struct comparison *c, FILE *out)
{
    enum { INDENT = 6 };
    fprintf(out, "%s, %zu seed%s, commit %s\n\n", c->scenario, c->seed_count,
            c->seed_count == 1 ? "" : "s", c->commit);
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        char label[COMPARISON_LABEL_BYTES];
        const char *policies = c->stacks[stack];
        comparison_label(stack, label);
        fprintf(out, "%-*s", INDENT, label);
        print_broken(policies[0] != '\0' ? policies : "(no policies)",
                     ",:", INDENT, out);
    }
}

/* Titles of the metrics in which a stack is significantly lower, or higher,
 * than the first, behind the word; "" if there are none. Returns how many. */
static size_t list_significant(const struct comparison_cell *cells,
                               bool lower,
                               const char *word,
                               FILE *text)
{
    size_t count = 0;
    for (size_t metric = 0; metric < METRIC_COUNT; metric++) {
        const struct difference *difference = &cells[metric].difference;
        if (metrics[metric].in_table && difference->significant &&
            (difference->mean < 0) == lower)
            fprintf(text, "%s%s", 0 < count++ ? ", " : word,
                    metrics[metric].title);
    }
    return count;
}

static void write_significant(const struct comparison *c,
                              const struct comparison_cell *cells,
                              FILE *text)
{
    if (c->seed_count < 2) {
        fputs("One seed gives no interval: run several to compare.\n", text);
        return;
    }
    fputs(
        "\u00b1 is half the width of the 95 % interval. * differs from A: "
        "paired t over the seeds, Holm over the stacks, 5 %.\n",
        text);
    for (size_t stack = 1; stack < c->stack_count; stack++) {
        const struct comparison_cell *own = cells + stack * METRIC_COUNT;
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        fprintf(text, "%s against A: ", label);
        size_t lower = list_significant(own, true, "lower ", text);
        size_t higher = list_significant(
            own, false, 0 < lower ? "; higher " : "higher ", text);
        fputs(lower + higher == 0 ? "no significant difference.\n" : ".\n",
              text);
    }
}

static void write_regret(const struct comparison *c, FILE *text)
{
    if (c->closed)
        fputs(
            "No regrets: arrivals that wait for others to end have no bound in "
            "common.\n",
            text);
    else
        fputs(
            "Regret is the metric over a bound that no scheduler beats, "
            "however "
            "much it knows.\n",
            text);
}

/* Means over fewer processes are not to be compared in silence. */
static void write_missing(const struct comparison *c,
                          const struct comparison_cell *cells,
                          FILE *text)
{
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        const struct comparison_cell *own = cells + stack * METRIC_COUNT;
        double lost = own[METRIC_LOST_PROCESSES].estimate.mean;
        double killed = own[METRIC_KILLED_PROCESSES].estimate.mean;
        double unfinished = own[METRIC_UNFINISHED_PROCESSES].estimate.mean;
        size_t failed = comparison_failed_runs(c, stack);
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        if (0 < failed)
            fprintf(text, "%s: %zu of %zu runs failed and are left out.\n",
                    label, failed, c->seed_count);
        if (0 < lost + killed + unfinished)
            fprintf(text,
                    "%s: of a run's processes %.4g were lost, %.4g killed, "
                    "%.4g unfinished; its slowdown and response are of those "
                    "that ended.\n",
                    label, lost, killed, unfinished);
    }
}

static void write_seeds(const struct comparison *c, FILE *text)
{
    if (c->seed_count == 1)
        fprintf(text, "Seed %" PRIu64, c->first_seed);
    else
        fprintf(text, "Seeds %" PRIu64 " to %" PRIu64, c->first_seed,
                c->first_seed + c->seed_count - 1);
    fputs(c->closed ? "; every stack has the same jobs and homes, and an "
                      "arrival waits for the ends it depends on.\n"
                    : "; every stack has the same arrivals and homes.\n",
          text);
    if (c->seeds_alike && 1 < c->seed_count)
        fputs(
            "Arrivals and homes are the same for all seeds: intervals hold "
            "only what policies and clocks draw.\n",
            text);
    for (size_t index = 0; c->inputs != NULL && c->inputs[index] != NULL;
         index++)
        fprintf(text, "%s\n", c->inputs[index]);
}

void notes_below(const struct comparison *c,
                 const struct comparison_cell *cells,
                 FILE *out)
{
    enum { INDENT = 2 };
    char *notes;
    size_t bytes;
    FILE *text = open_memstream(&notes, &bytes);
    assert(text != NULL);
    write_significant(c, cells, text);
    write_regret(c, text);
    write_missing(c, cells, text);
    write_seeds(c, text);
    fclose(text);
    char *rest = notes;
    for (char *line = strsep(&rest, "\n"); rest != NULL;
         line = strsep(&rest, "\n"))
        print_broken(line, " ", INDENT, out);
    free(notes);
}
