/* files.c - see files.h. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../checkpoint.h"
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

int files_save(const struct file_options *o)
{
    struct file_given given[FILE_OPTIONS_MAX];
    struct complaint complaint = {0};
    struct checkpoint_cost cost;
    pid_t pid;
    if (o->word_count != 2 || read_pid(o->words[0], &pid) < 0) {
        say("say a process and a file: homenode save 4711 image");
        return 2;
    }
    for (size_t i = 0; i < o->file_count; i++)
        given[i] = (struct file_given){o->files[i].number, -1};
    int error = checkpoint_save(pid, o->words[1], given, o->file_count, &cost,
                                &complaint);
    if (error)
        say_complaint(&complaint);
    return error == -EPERM ? REFUSED : error ? EXIT_FAILURE : EXIT_SUCCESS;
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

int files_recover(const struct file_options *o)
{
    struct file_given given[FILE_OPTIONS_MAX];
    struct complaint complaint = {0};
    pid_t pid;
    if (o->word_count != 1) {
        say("say a file: homenode recover image");
        return 2;
    }
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
