/* figure.c - a figure's files: made aside, drawn by gnuplot, put in place. */
#include "figure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gnuplot.h"

/* What a figure consists of, in the order in which it is put in place. */
static const char *const endings[] = {"tsv", "gp", "svg", "pdf", "png", NULL};

static char *join(const char *folder, const char *name, const char *ending)
{
    char *path;
    int length = asprintf(&path, "%s/%s%s%s", folder, name,
                          ending[0] != '\0' ? "." : "", ending);
    return length < 0 ? NULL : path;
}

static FILE *open_in(const char *folder, const char *stem, const char *ending)
{
    char *path = join(folder, stem, ending);
    FILE *file = path != NULL ? fopen(path, "we") : NULL;
    free(path);
    return file;
}

/* Removes what is left of the workshop, and frees all. */
static void figure_clear(struct figure *figure)
{
    if (figure->data != NULL)
        fclose(figure->data);
    if (figure->script != NULL)
        fclose(figure->script);
    for (size_t index = 0; endings[index] != NULL; index++) {
        char *path = join(figure->workshop, figure->stem, endings[index]);
        if (path != NULL)
            unlink(path);
        free(path);
    }
    rmdir(figure->workshop);
    free(figure->workshop);
    free(figure->folder);
    free(figure->stem);
    *figure = (struct figure){0};
}

static void write_head(struct figure *figure)
{
    fprintf(figure->script,
            "# Draws %s.svg, .pdf and .png into the folder where it runs:\n"
            "# gnuplot %s.gp\n\n%s\n",
            figure->stem, figure->stem, figure_style);
}

int figure_begin(struct figure *figure,
                 const char *folder,
                 const char *stem,
                 struct complaint *ret_complaint)
{
    struct figure begun = {.folder = strdup(folder), .stem = strdup(stem)};
    int error = -ENOMEM;
    if (begun.folder == NULL || begun.stem == NULL ||
        asprintf(&begun.workshop, "%s/.%s.XXXXXX", folder, stem) < 0)
        goto failed;
    if (mkdtemp(begun.workshop) == NULL) {
        error = -errno;
        goto failed;
    }
    begun.data = open_in(begun.workshop, stem, "tsv");
    begun.script = open_in(begun.workshop, stem, "gp");
    if (begun.data == NULL || begun.script == NULL) {
        error = -errno;
        figure_clear(&begun);
        return complain(ret_complaint, error, folder, 0, 0,
                        "cannot write a figure here: %s", strerror(-error));
    }
    *figure = begun;
    write_head(figure);
    return 0;

failed:
    free(begun.workshop);
    free(begun.folder);
    free(begun.stem);
    return complain(ret_complaint, error, folder, 0, 0,
                    "cannot write a figure here: %s", strerror(-error));
}

/* Pixels are those of SVG; PDF has 96 of them in an inch, and PNG is drawn at
 * twice the size for dense screens. */
void figure_draw_begin(struct figure *figure, int width, int height)
{
    fprintf(figure->script,
            "do for [format in 'svg pdf png'] {\n"
            "if (format eq 'svg') {\n"
            "    set terminal svg size %d,%d font 'DejaVu Sans,12' noenhanced "
            "background rgb 'white'\n"
            "}\n"
            "if (format eq 'pdf') {\n"
            "    set terminal pdfcairo size %.3fin,%.3fin font "
            "'DejaVu Sans,9' noenhanced linewidth 0.75\n"
            "}\n"
            "if (format eq 'png') {\n"
            "    set terminal pngcairo size %d,%d font 'DejaVu Sans,9' "
            "noenhanced fontscale 2 linewidth 2 pointscale 2\n"
            "}\n"
            "set output '%s.'.format\n",
            width, height, width / 96.0, height / 96.0, 2 * width, 2 * height,
            figure->stem);
}

void figure_draw_end(struct figure *figure)
{
    fputs("unset output\n}\n", figure->script);
}

static int close_file(FILE **file)
{
    int failed = ferror(*file) != 0;
    failed |= fflush(*file) != 0;
    failed |= fsync(fileno(*file)) != 0;
    failed |= fclose(*file) != 0;
    *file = NULL;
    return failed ? -EIO : 0;
}

static int put_in_place(const struct figure *figure)
{
    for (size_t index = 0; endings[index] != NULL; index++) {
        char *from = join(figure->workshop, figure->stem, endings[index]);
        char *to = join(figure->folder, figure->stem, endings[index]);
        int error = -ENOMEM;
        if (from != NULL && to != NULL)
            error = rename(from, to) != 0 ? -errno : 0;
        free(from);
        free(to);
        if (error != 0)
            return error;
    }
    return 0;
}

int figure_finish(struct figure *figure, struct complaint *ret_complaint)
{
    int error = close_file(&figure->data);
    if (error == 0)
        error = close_file(&figure->script);
    if (error != 0) {
        complain(ret_complaint, error, figure->folder, 0, 0,
                 "cannot write a figure here: %s", strerror(-error));
        goto finished;
    }
    error = gnuplot_draw(figure->workshop, figure->stem, ret_complaint);
    if (error != 0)
        goto finished;
    error = put_in_place(figure);
    if (error != 0)
        complain(ret_complaint, error, figure->folder, 0, 0,
                 "cannot put the figure %s in place: %s", figure->stem,
                 strerror(-error));
finished:
    figure_clear(figure);
    return error;
}
