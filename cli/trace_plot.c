/* trace_plot.c - the profile of a trace as an SVG, by gnuplot. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace_profile.h"

enum { ARRIVAL_BINS = 60, POINTS_MAX = 400 };

/* For gnuplot in single quotes, where only they are special. */
static void print_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', out);
        fputc(*text < ' ' && *text > 0 ? ' ' : *text, out);
    }
    fputc('\'', out);
}

/* P(T > t) at the values themselves, thinned where they are many. */
static void print_survival(FILE *out, const double *sorted, size_t count)
{
    size_t step = count / POINTS_MAX + 1;
    fputs("$survival << EOD\n", out);
    for (size_t i = 0; i + 1 < count;
         i += count - i > POINTS_MAX / 4 ? step : 1)
        fprintf(out, "%.9g %.9g\n", sorted[i],
                (double)(count - i - 1) / (double)count);
    fputs("EOD\n", out);
}

static void print_arrivals(FILE *out,
                           const struct workload *workload,
                           const struct profile *profile)
{
    size_t bins[ARRIVAL_BINS] = {0};
    double width_s = profile->span_s > 0 ? profile->span_s / ARRIVAL_BINS : 1;
    uint64_t first_us = workload->jobs[0].submit_us;
    for (size_t i = 0; i < workload->count; i++) {
        double at_s = (double)(workload->jobs[i].submit_us - first_us) * 1e-6;
        size_t bin = (size_t)(at_s / width_s);
        bins[bin < ARRIVAL_BINS ? bin : ARRIVAL_BINS - 1]++;
    }
    fputs("$arrivals << EOD\n", out);
    for (size_t i = 0; i < ARRIVAL_BINS; i++)
        fprintf(out, "%.9g %zu\n", ((double)i + 0.5) * width_s / 3600, bins[i]);
    fputs("EOD\n", out);
}

static void print_script(FILE *out, const char *title)
{
    fputs("set multiplot layout 1,2 title ", out);
    print_quoted(out, title);
    fputs(
        " noenhanced\n"
        "set grid back lc rgb '#dddddd'\n"
        "set logscale xy\n"
        "set xlabel 'work t of a process (s)'\n"
        "set ylabel 'P(T > t)'\n"
        "set format xy '10^{%T}'\n"
        "plot $survival with steps lw 2 lc rgb '#0072b2' notitle\n"
        "unset logscale\n"
        "set format xy '%g'\n"
        "set yrange [0:*]\n"
        "set xlabel 'date (h)'\n"
        "set ylabel 'arrivals in 1/60 of the span'\n"
        "set style fill solid 0.6 noborder\n"
        "plot $arrivals with boxes lc rgb '#d55e00' notitle\n"
        "unset multiplot\n",
        out);
}

static int draw(const struct workload *workload,
                const struct profile *profile,
                const double *sorted,
                size_t count,
                const char *temporary)
{
    FILE *gnuplot = popen("gnuplot", "we");
    if (!gnuplot)
        return -errno;
    fputs(
        "set terminal svg size 1000,420 dynamic font 'DejaVu Sans,13'\n"
        "set output ",
        gnuplot);
    print_quoted(gnuplot, temporary);
    fputc('\n', gnuplot);
    print_survival(gnuplot, sorted, count);
    print_arrivals(gnuplot, workload, profile);
    print_script(gnuplot, workload->origin);
    int status = pclose(gnuplot);
    if (status == 0)
        return 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : -EIO;
}

static int put_in_place(const char *temporary, const char *path)
{
    int fd = open(temporary, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = fsync(fd) && errno != EINVAL ? -errno : 0;
    close(fd);
    if (!error && rename(temporary, path))
        error = -errno;
    return error;
}

int profile_plot(const struct workload *workload,
                 const struct profile *profile,
                 const char *path,
                 struct complaint *ret_complaint)
{
    char *temporary = NULL;
    size_t count = 0;
    int error = 0;
    double *sorted = sorted_work(workload, &count);
    if (!sorted ||
        asprintf(&temporary, "%s.%ld.tmp", path, (long)getpid()) < 0) {
        temporary = NULL;
        error = -ENOMEM;
        goto finish;
    }
    error = draw(workload, profile, sorted, count, temporary);
    if (!error)
        error = put_in_place(temporary, path);
    if (error)
        unlink(temporary);
finish:
    free(temporary);
    free(sorted);
    if (error == -ENOENT)
        return complain(ret_complaint, error, path, 0, 0,
                        "no gnuplot to draw it with, or no such folder; "
                        "install gnuplot-nox");
    if (error)
        return complain(ret_complaint, error, path, 0, 0, "cannot be drawn: %s",
                        strerror(-error));
    return 0;
}
