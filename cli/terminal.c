/* terminal.c - tables or TSV, colour, progress, complaints. */
#include "terminal.h"

#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "version.h"

enum { WIDTH_UNKNOWN = 80, BAR_WIDTH_MAX = 40, LINE_BYTES_MAX = 256 };

/* More often than this nobody can read, and drawing would cost time. */
static const double redraw_s = 0.1;

bool terminal_is_human(FILE *out)
{
    return isatty(fileno(out)) == 1;
}

bool terminal_has_colour(FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_color && no_color[0])
        return false;
    return term && strcmp(term, "dumb") != 0 && terminal_is_human(out);
}

int terminal_width(FILE *out)
{
    struct winsize size;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) || size.ws_col == 0)
        return WIDTH_UNKNOWN;
    return size.ws_col;
}

void terminal_complain(FILE *out, const struct complaint *complaint)
{
    fputs(complaint->file[0] ? complaint->file : program_invocation_short_name,
          out);
    if (complaint->line > 0)
        fprintf(out, ":%zu", complaint->line);
    if (complaint->line > 0 && complaint->column > 0)
        fprintf(out, ":%zu", complaint->column);
    fprintf(out, ": %s\n", complaint->text);
}

/* A table that never reached the disk must not look like success. */
static void check_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    fprintf(stderr, "%s: standard output cannot be written whole\n",
            program_invocation_short_name);
    _exit(EXIT_FAILED);
}

void terminal_init(void)
{
    int failed = atexit(check_output);
    assert(!failed);
    argp_err_exit_status = EXIT_BAD_INPUT;
    argp_program_version_hook = version_print;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* "0:07", "12:30", "3:05:00". */
static void duration_text(double seconds, char *ret_text, size_t text_bytes)
{
    uint64_t whole = (uint64_t)(seconds + 0.5);
    unsigned hours = (unsigned)(whole / 3600);
    unsigned minutes = (unsigned)(whole / 60 % 60);
    unsigned rest = (unsigned)(whole % 60);
    if (hours > 0)
        snprintf(ret_text, text_bytes, "%u:%02u:%02u", hours, minutes, rest);
    else
        snprintf(ret_text, text_bytes, "%u:%02u", minutes, rest);
}

void progress_text(const char *what,
                   uint64_t done,
                   uint64_t total,
                   double elapsed_s,
                   int width,
                   char *ret_text,
                   size_t text_bytes)
{
    double share = total > 0 ? (double)done / (double)total : 1;
    char left[32] = "";
    if (done > 0 && done < total) {
        double left_s = elapsed_s * (double)(total - done) / (double)done;
        char time[24];
        duration_text(left_s, time, sizeof time);
        snprintf(left, sizeof left, " %s left", time);
    }
    char head[64];
    char tail[64];
    int head_width =
        snprintf(head, sizeof head, "%.24s %llu/%llu ", what,
                 (unsigned long long)done, (unsigned long long)total);
    int tail_width =
        snprintf(tail, sizeof tail, " %3.0f %%%s", 100 * share, left);

    /* Two columns for the brackets, one that stays free: a full last column
     * makes some terminals wrap. */
    int bar_width = width - head_width - tail_width - 3;
    if (bar_width > BAR_WIDTH_MAX)
        bar_width = BAR_WIDTH_MAX;
    char bar[BAR_WIDTH_MAX + 3] = "";
    if (bar_width > 0) {
        int full = (int)(share * bar_width);
        bar[0] = '[';
        memset(bar + 1, '#', (size_t)full);
        memset(bar + 1 + full, ' ', (size_t)(bar_width - full));
        bar[bar_width + 1] = ']';
        bar[bar_width + 2] = '\0';
    }
    size_t visible_bytes = (size_t)(width > 0 ? width : 1);
    snprintf(ret_text, text_bytes < visible_bytes ? text_bytes : visible_bytes,
             "%s%s%s", head, bar, tail);
}

void progress_start(struct progress *progress,
                    FILE *out,
                    const char *what,
                    uint64_t total)
{
    *progress = (struct progress){
        .out = out,
        .what = what,
        .total = total,
        .started_s = now_s(),
        .visible = terminal_is_human(out),
    };
    progress_show(progress, 0);
}

void progress_show(struct progress *progress, uint64_t done)
{
    if (!progress->visible)
        return;
    double now = now_s();
    if (now - progress->shown_s < redraw_s && done < progress->total)
        return;
    progress->shown_s = now;
    char text[LINE_BYTES_MAX];
    progress_text(progress->what, done, progress->total,
                  now - progress->started_s, terminal_width(progress->out),
                  text, sizeof text);
    fprintf(progress->out, "\r\033[K%s", text);
    fflush(progress->out);
}

void progress_finish(struct progress *progress)
{
    if (!progress->visible)
        return;
    fputs("\r\033[K", progress->out);
    fflush(progress->out);
}
