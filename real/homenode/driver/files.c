/* files.c - see files.h. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../checkpoint.h"
#include "../criu.h"
#include "../series.h"
#include "child.h"
#include "say.h"

enum { REFUSED = 3 };

static int read_pid(const char *text, pid_t *ret)
{
    char *end;
    long pid = strtol(text, &end, 10);
    if (end == text || *end != 0 || pid <= 0 || pid > INT32_MAX)
        return -EINVAL;
    *ret = (pid_t)pid;
    return 0;
}

static int save_once(const struct file_options *o,
                     pid_t pid,
                     const char *file,
                     struct complaint *c)
{
    struct file_given given[FILE_OPTIONS_MAX];
    struct checkpoint_cost cost;
    for (size_t i = 0; i < o->file_count; i++)
        given[i] = (struct file_given){o->files[i].number, -1};
    return checkpoint_save(pid, file, given, o->file_count, &cost, c);
}

/* The next of the series, and the oldest go. */
static int save_next(const struct file_options *o,
                     pid_t pid,
                     struct complaint *c)
{
    const char *stem = o->words[1];
    int64_t last = series_last(stem);
    if (last < 0 || last == SERIES_NUMBER_MAX)
        return complain(
            c, last < 0 ? (int)last : -E2BIG, stem, 0, 0, "%s",
            last < 0 ? strerror((int)-last) : "the numbers are used up");
    char *file = malloc(strlen(stem) + SERIES_SUFFIX_BYTES);
    if (!file)
        return complain(c, -ENOMEM, stem, 0, 0, "no memory");
    series_name(stem, last + 1, file);
    int error = save_once(o, pid, file, c);
    free(file);
    if (error)
        return error;
    error = series_trim(stem, (size_t)o->keep);
    return error ? complain(c, error, stem, 0, 0, "%s", strerror(-error)) : 0;
}

/* Within that time, whoever will wait for it. */
static bool ends_within(int process, int patience_ms)
{
    struct pollfd end = {.fd = process, .events = POLLIN};
    return poll(&end, 1, patience_ms) > 0;
}

/* Until the process ends, which is no failure; nor is what could not be had of
 * it while it was ending. */
static int save_series(const struct file_options *o,
                       pid_t pid,
                       struct complaint *c)
{
    enum { ENDING_MS = 200 };
    int error = 0;
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0)
        return complain(c, -errno, o->words[0], 0, 0, "%s", strerror(errno));
    do
        error = save_next(o, pid, c);
    while (!error && !ends_within(process, (int)o->every_ms));
    if (error && ends_within(process, ENDING_MS))
        error = 0;
    close(process);
    return error;
}

static int save_by_criu(const struct file_options *o,
                        pid_t pid,
                        struct complaint *c)
{
    int error = criu_check(o->criu, c);
    return error ? error : criu_save(o->criu, pid, o->words[1], c);
}

int files_save(const struct file_options *o)
{
    struct complaint complaint = {0};
    pid_t pid;
    if (o->word_count != 2 || read_pid(o->words[0], &pid) < 0) {
        say("say a process and a file: homenode save 4711 image");
        return 2;
    }
    int error = o->criu       ? save_by_criu(o, pid, &complaint)
                : o->every_ms ? save_series(o, pid, &complaint)
                              : save_once(o, pid, o->words[1], &complaint);
    if (error)
        say_complaint(&complaint);
    return error == -EPERM || error == -ENOTSUP ? REFUSED
           : error                              ? EXIT_FAILURE
                                                : EXIT_SUCCESS;
}

/* A descriptor that is given without a path is ours of that number. */
static int open_given(const struct file_option *file, struct file_given *ret)
{
    *ret = (struct file_given){file->number, file->number};
    if (!file->path)
        return fcntl(file->number, F_GETFD) < 0 ? -errno : 0;
    ret->here = open(file->path, O_RDWR | O_CLOEXEC);
    if (ret->here < 0)
        ret->here = open(file->path, O_RDONLY | O_CLOEXEC);
    if (ret->here < 0)
        ret->here = open(file->path, O_WRONLY | O_CLOEXEC);
    return ret->here < 0 ? -errno : 0;
}

/* Its processes are nobody's children: the first one's number is printed. */
static int recover_by_criu(const struct file_options *o)
{
    struct complaint complaint = {0};
    pid_t pid;
    int error = criu_check(o->criu, &complaint);
    if (!error)
        error = criu_recover(o->criu, o->words[0], &pid, &complaint);
    if (error) {
        say_complaint(&complaint);
        return error == -ENOTSUP ? REFUSED : EXIT_FAILURE;
    }
    printf("%d\n", pid);
    return EXIT_SUCCESS;
}

int files_recover(const struct file_options *o)
{
    struct file_given given[FILE_OPTIONS_MAX];
    struct complaint complaint = {0};
    pid_t pid;
    if (o->word_count != 1) {
        say("say a file: homenode recover image");
        return 2;
    }
    if (o->criu)
        return recover_by_criu(o);
    for (size_t i = 0; i < o->file_count; i++) {
        int error = open_given(&o->files[i], &given[i]);
        if (error) {
            say("%s: %s", o->files[i].path ? o->files[i].path : "descriptor",
                strerror(-error));
            return EXIT_FAILURE;
        }
    }
    int error = checkpoint_recover(o->words[0], given, o->file_count,
                                   o->same_pid, &pid, &complaint);
    if (error) {
        say_complaint(&complaint);
        return error == -EPERM ? REFUSED : EXIT_FAILURE;
    }
    return child_status(pid);
}
