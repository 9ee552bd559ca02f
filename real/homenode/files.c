/* files.c - see files.h. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROC_PATH_BYTES = 64, NO_FILE = -1 };

static int by_number(const void *a, const void *b)
{
    const struct file *left = a;
    const struct file *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

/* What a link of /proc says, whole. */
static int read_link(const char *link, char path[FILE_PATH_BYTES])
{
    ssize_t bytes = readlink(link, path, FILE_PATH_BYTES);
    if (bytes < 0)
        return -errno;
    if (bytes == FILE_PATH_BYTES)
        return -ENAMETOOLONG;
    path[bytes] = 0;
    return 0;
}

static enum file_kind kind_of(const struct stat *status, const char *path)
{
    static const char deleted[] = " (deleted)";
    size_t length = strlen(path);
    size_t tail = sizeof deleted - 1;
    if (S_ISFIFO(status->st_mode))
        return FILE_PIPE;
    if (S_ISSOCK(status->st_mode))
        return FILE_SOCKET;
    if (length > tail && strcmp(path + length - tail, deleted) == 0)
        return FILE_DELETED;
    if (path[0] != '/')
        return FILE_OTHER;
    return S_ISREG(status->st_mode)   ? FILE_REGULAR
           : S_ISDIR(status->st_mode) ? FILE_DIRECTORY
           : S_ISCHR(status->st_mode) ? FILE_CHARACTER
                                      : FILE_OTHER;
}

static int read_position(pid_t pid, struct file *file)
{
    char path[PROC_PATH_BYTES];
    char line[128];
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", pid, file->number);
    FILE *info = fopen(path, "re");
    if (!info)
        return -errno;
    while (fgets(line, sizeof line, info)) {
        if (strncmp(line, "pos:", 4) == 0)
            file->offset = strtoull(line + 4, NULL, 10);
        else if (strncmp(line, "flags:", 6) == 0)
            file->flags = (uint32_t)strtoul(line + 6, NULL, 8);
    }
    fclose(info);
    return 0;
}

/* dup(2) and inheritance: two numbers, one offset. */
static void find_share(struct files *files, pid_t pid, size_t index)
{
    struct file *file = &files->files[index];
    file->shares = NO_FILE;
    for (size_t i = 0; i < index && file->shares == NO_FILE; i++)
        if (strcmp(files->files[i].path, file->path) == 0 &&
            syscall(SYS_kcmp, pid, pid, KCMP_FILE, files->files[i].number,
                    file->number) == 0)
            file->shares = files->files[i].number;
}

static int read_file(struct files *files, pid_t pid, int number)
{
    char path[PROC_PATH_BYTES];
    struct stat status;
    if (files->count == FILES_MAX)
        return -E2BIG;
    struct file *file = &files->files[files->count];
    *file = (struct file){.number = number};
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, number);
    int error = read_link(path, file->path);
    if (!error && stat(path, &status) < 0)
        error = -errno;
    if (!error)
        error = read_position(pid, file);
    if (error)
        return error;
    file->kind = (uint32_t)kind_of(&status, file->path);
    files->count++;
    return 0;
}

static int read_open(struct files *files, pid_t pid)
{
    char path[PROC_PATH_BYTES];
    struct dirent *entry;
    int error = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    if (!folder)
        return -errno;
    while (!error && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            error = read_file(files, pid, atoi(entry->d_name));
    closedir(folder);
    return error;
}

static int read_creation_mask(struct files *files, pid_t pid)
{
    char path[PROC_PATH_BYTES];
    char line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "Umask:", 6) == 0)
            files->creation_mask = (uint32_t)strtoul(line + 6, NULL, 8);
    fclose(file);
    return 0;
}

int files_read(struct files *ret_files, pid_t pid)
{
    char path[PROC_PATH_BYTES];
    struct files files = {.files = calloc(FILES_MAX, sizeof *files.files)};
    if (!files.files)
        return -ENOMEM;
    snprintf(path, sizeof path, "/proc/%d/cwd", pid);
    int error = read_link(path, files.directory);
    if (!error)
        error = read_creation_mask(&files, pid);
    if (!error)
        error = read_open(&files, pid);
    if (error) {
        files_finish(&files);
        return error;
    }
    qsort(files.files, files.count, sizeof *files.files, by_number);
    for (size_t i = 0; i < files.count; i++)
        find_share(&files, pid, i);
    *ret_files = files;
    return 0;
}

void files_finish(struct files *files)
{
    free(files->files);
    *files = (struct files){0};
}

int files_put(const struct files *files, const struct stream *stream)
{
    struct iovec parts[] = {
        {(void *)(uintptr_t)&files->creation_mask, sizeof files->creation_mask},
        {(void *)(uintptr_t)files->directory, sizeof files->directory},
        {files->files, files->count * sizeof *files->files},
    };
    if (parts[2].iov_len > RECORD_BYTES_MAX - FILE_PATH_BYTES - 4)
        return -E2BIG;
    return stream_put(stream, RECORD_FILES, parts, 3);
}

static bool can_be(const struct file *file, int32_t after)
{
    return file->number > after && file->kind < FILE_KINDS &&
           file->shares < file->number && file->shares >= NO_FILE &&
           memchr(file->path, 0, sizeof file->path);
}

int files_get(const struct incoming *incoming, struct files *ret_files)
{
    struct files files = {0};
    size_t head = sizeof files.creation_mask + sizeof files.directory;
    if (incoming->bytes < head ||
        (incoming->bytes - head) % sizeof(struct file) != 0 ||
        (incoming->bytes - head) / sizeof(struct file) > FILES_MAX)
        return -EBADMSG;
    files.count = (incoming->bytes - head) / sizeof(struct file);
    files.files = calloc(files.count + 1, sizeof *files.files);
    if (!files.files)
        return -ENOMEM;
    memcpy(&files.creation_mask, incoming->body, sizeof files.creation_mask);
    memcpy(files.directory, incoming->body + sizeof files.creation_mask,
           sizeof files.directory);
    if (files.count > 0)
        memcpy(files.files, incoming->body + head, incoming->bytes - head);
    bool good = memchr(files.directory, 0, sizeof files.directory);
    for (size_t i = 0; i < files.count && good; i++)
        good = can_be(&files.files[i],
                      i > 0 ? files.files[i - 1].number : NO_FILE);
    if (!good) {
        files_finish(&files);
        return -EBADMSG;
    }
    *ret_files = files;
    return 0;
}

static int given_for(int number, const struct file_given *given, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (given[i].number == number)
            return given[i].here;
    return NO_FILE;
}

const struct file *files_obstacle(const struct files *files,
                                  const struct file_given *given,
                                  size_t given_count)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct file *file = &files->files[i];
        bool again = file->kind == FILE_REGULAR ||
                     file->kind == FILE_DIRECTORY ||
                     file->kind == FILE_CHARACTER;
        if (!again && given_for(file->number, given, given_count) == NO_FILE &&
            given_for(file->shares, given, given_count) == NO_FILE)
            return file;
    }
    return NULL;
}

/* ---- Opening again. ------------------------------------------------------ */

/* As descriptor `number`; `here` stays open. */
static int install(int here, int number, uint32_t flags)
{
    return dup3(here, number, (int)flags & O_CLOEXEC) < 0 ? -errno : 0;
}

static int open_again(const struct file *file)
{
    /* What is there must not be made anew, or emptied. */
    int flags = (int)file->flags & ~(O_CREAT | O_EXCL | O_TRUNC);
    int here = open(file->path, flags | O_NOCTTY | O_CLOEXEC);
    if (here < 0)
        return -errno;
    int error = 0;
    if (file->kind == FILE_REGULAR &&
        lseek(here, (off_t)file->offset, SEEK_SET) < 0)
        error = -errno;
    if (!error && here != file->number)
        error = install(here, file->number, file->flags);
    if (here != file->number)
        close(here);
    else if (!error && !(file->flags & O_CLOEXEC))
        error = fcntl(here, F_SETFD, 0) < 0 ? -errno : 0;
    return error;
}

static int open_one(const struct file *file,
                    const struct file_given *given,
                    size_t given_count)
{
    int here = given_for(file->number, given, given_count);
    if (here != NO_FILE)
        return install(here, file->number, file->flags);
    if (file->shares != NO_FILE)
        return install(file->shares, file->number, file->flags);
    return open_again(file);
}

/* The first number behind those of the list and of the standard streams. */
static int above(const struct files *files)
{
    int last = files->count > 0 ? files->files[files->count - 1].number : 0;
    return (last < STDERR_FILENO ? STDERR_FILENO : last) + 1;
}

/* Where no number of the list lies; the old number stays open. */
static int out_of_the_way(const struct files *files, int *descriptor)
{
    int moved = fcntl(*descriptor, F_DUPFD_CLOEXEC, above(files));
    if (moved < 0)
        return -errno;
    *descriptor = moved;
    return 0;
}

static int close_between(int first, int last)
{
    if (first > last)
        return 0;
    return syscall(SYS_close_range, first, last, 0) < 0 ? -errno : 0;
}

/* All but those of the list, and keep, which lies behind them. */
static int close_others(const struct files *files, int keep)
{
    int next = 0;
    int error = 0;
    for (size_t i = 0; i < files->count && !error; i++) {
        error = close_between(next, files->files[i].number - 1);
        next = files->files[i].number + 1;
    }
    if (!error)
        error = close_between(next, keep - 1);
    return error ? error : close_between(keep + 1, INT_MAX);
}

int files_open(const struct files *files,
               const struct file_given *given,
               size_t given_count,
               int *keep,
               size_t *ret_failed)
{
    struct file_given *moved = calloc(given_count + 1, sizeof *moved);
    if (!moved)
        return -ENOMEM;
    int error = out_of_the_way(files, keep);
    *ret_failed = files->count;
    for (size_t i = 0; i < given_count && !error; i++) {
        moved[i] = given[i];
        error = out_of_the_way(files, &moved[i].here);
    }
    for (size_t i = 0; i < files->count && !error; i++) {
        *ret_failed = i;
        error = open_one(&files->files[i], moved, given_count);
    }
    free(moved);
    if (error)
        return error;
    *ret_failed = files->count;
    (void)umask((mode_t)files->creation_mask);
    if (chdir(files->directory) < 0)
        return -errno;
    return close_others(files, *keep);
}
