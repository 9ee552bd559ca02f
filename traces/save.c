/* save.c - files that are there whole or not at all. */
#include "save.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0666, FOLDER_MODE = 0777, NAMES_TRIED_MAX = 1000 };

/* The part of path before its last component, without the slash; the caller
 * frees it. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    if (slash == path)
        return strdup("/");
    return strndup(path, (size_t)(slash - path));
}

/* How the kernel calls a file that is open here. */
struct open_name
{
    char text[32];
};

static struct open_name open_name(int fd)
{
    struct open_name name;
    snprintf(name.text, sizeof name.text, "/proc/self/fd/%d", fd);
    return name;
}

/* A file without a name in the folder of path, which can be given one; -1 where
 * the file system has none such, or /proc is not there. */
static int open_nameless(const char *path)
{
    char *folder = folder_of(path);
    if (!folder)
        return -1;
    int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, FILE_MODE);
    free(folder);
    if (fd < 0)
        return -1;
    if (access(open_name(fd).text, F_OK)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* A new file of that name, or the open file under it. A descriptor or negative
 * errno. */
static int make_name(const char *temporary, int open_fd)
{
    if (open_fd < 0) {
        int fd =
            open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
        return fd < 0 ? -errno : fd;
    }
    return linkat(AT_FDCWD, open_name(open_fd).text, AT_FDCWD, temporary,
                  AT_SYMLINK_FOLLOW)
               ? -errno
               : open_fd;
}

/* open_fd: an open file without a name; -1: a new one is opened. mkostemp()
 * would give the file mode 0600 whatever the umask says. */
static int name_temporary(const char *path, int open_fd, char **ret_temporary)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    int folder_bytes = (int)(name - path);
    for (int number = 0; number < NAMES_TRIED_MAX; number++) {
        char *temporary;
        if (asprintf(&temporary, "%.*s.%s.%ld-%d", folder_bytes, path, name,
                     (long)getpid(), number) < 0)
            return -ENOMEM;
        int fd = make_name(temporary, open_fd);
        if (fd >= 0) {
            *ret_temporary = temporary;
            return fd;
        }
        free(temporary);
        if (fd != -EEXIST)
            return fd;
    }
    return -EEXIST;
}

/* Renaming a file over /dev/null would replace the device. */
static int check_replaceable(const char *path)
{
    struct stat status;
    if (stat(path, &status))
        return errno == ENOENT ? 0 : -errno;
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    return S_ISREG(status.st_mode) ? 0 : -ENOTSUP;
}

static void forget(struct saving *saving)
{
    free(saving->path);
    free(saving->temporary);
    *saving = (struct saving){0};
}

static void remove_temporary(const struct saving *saving)
{
    if (saving->temporary)
        unlink(saving->temporary);
}

int save_begin(struct saving *saving, const char *path)
{
    int error = check_replaceable(path);
    if (error)
        return error;
    struct saving begun = {.path = strdup(path)};
    if (!begun.path)
        return -ENOMEM;
    int fd = open_nameless(path);
    if (fd < 0)
        fd = name_temporary(path, -1, &begun.temporary);
    if (fd < 0) {
        free(begun.path);
        return fd;
    }
    begun.file = fdopen(fd, "w");
    if (!begun.file) {
        close(fd);
        remove_temporary(&begun);
        forget(&begun);
        return -ENOMEM;
    }
    *saving = begun;
    return 0;
}

static int sync_folder(const char *path)
{
    char *folder = folder_of(path);
    if (!folder)
        return -ENOMEM;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return -errno;
    int error = fsync(fd) ? -errno : 0;
    close(fd);
    /* Some file systems cannot sync folders and say so. */
    return error == -EINVAL ? 0 : error;
}

/* Everything written is on the disk, or why not. */
static int sync_file(FILE *file)
{
    if (ferror(file))
        return -EIO;
    if (fflush(file))
        return -errno;
    if (fsync(fileno(file)) && errno != EINVAL)
        return -errno;
    return 0;
}

/* Close it and put it in place; error: of what was before. */
static int publish(struct saving *saving, int error)
{
    if (!error && !saving->temporary) {
        char *temporary = NULL;
        int fd = name_temporary(saving->path, fileno(saving->file), &temporary);
        saving->temporary = temporary;
        error = fd < 0 ? fd : 0;
    }
    if (fclose(saving->file) && !error)
        error = -errno;
    if (!error && rename(saving->temporary, saving->path))
        error = -errno;
    if (error)
        remove_temporary(saving);
    return error;
}

int save_commit(struct saving *saving)
{
    assert(saving->file);
    int error = sync_file(saving->file);
    /* No signal ends us between its first name and its last. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    error = publish(saving, error);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (!error)
        error = sync_folder(saving->path);
    forget(saving);
    return error;
}

void save_abandon(struct saving *saving)
{
    assert(saving->file);
    fclose(saving->file);
    remove_temporary(saving);
    forget(saving);
}

int save_bytes(const char *path, const void *bytes, size_t count)
{
    struct saving saving;
    int error = save_begin(&saving, path);
    if (error)
        return error;
    if (fwrite(bytes, 1, count, saving.file) < count) {
        error = errno ? -errno : -EIO;
        save_abandon(&saving);
        return error;
    }
    return save_commit(&saving);
}

int save_text(const char *path, const char *text)
{
    return save_bytes(path, text, strlen(text));
}

static int make_one(const char *path)
{
    if (mkdir(path, FOLDER_MODE) == 0)
        return sync_folder(path);
    if (errno != EEXIST)
        return -errno;
    struct stat status;
    if (stat(path, &status))
        return -errno;
    return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

int save_folder(const char *path)
{
    char *partial = strdup(path);
    if (!partial)
        return -ENOMEM;
    int error = 0;
    for (char *at = partial; !error && *at; at++) {
        if (*at != '/' || at == partial)
            continue;
        *at = '\0';
        error = make_one(partial);
        *at = '/';
    }
    if (!error)
        error = path[0] ? make_one(partial) : -ENOENT;
    free(partial);
    return error;
}
