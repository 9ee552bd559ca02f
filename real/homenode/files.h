/* files.h - what a process has open, for checkpoints: by path, flags and
 * offset, with directory and mask of the process. */
#ifndef REAL_HOMENODE_FILES_H
#define REAL_HOMENODE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stream.h"

enum { FILES_MAX = 4096, FILE_PATH_BYTES = 512 };

enum file_kind {
    FILE_REGULAR, /* Opened again at its offset. */
    FILE_DIRECTORY,
    FILE_CHARACTER, /* /dev/null and its like, by path; a terminal, too. */
    FILE_PIPE,      /* The rest has another end, which a checkpoint cannot */
    FILE_SOCKET,    /* hold. */
    FILE_DELETED,
    FILE_OTHER, /* epoll, timerfd, signalfd, memfd, ... */
    FILE_KINDS
};

struct file
{
    int32_t number;
    uint32_t flags; /* As for open(2). */
    uint64_t offset;
    uint32_t kind;  /* enum file_kind */
    int32_t shares; /* Number of an earlier one with the same offset; -1. */
    char path[FILE_PATH_BYTES];
};

struct files
{
    struct file *files; /* By number; owned. */
    size_t count;
    uint32_t creation_mask; /* umask(2) */
    char directory[FILE_PATH_BYTES];
};

/* Of a process. -ENAMETOOLONG, -E2BIG: more than the limits above. */
int files_read(struct files *ret_files, pid_t pid);
void files_finish(struct files *files);

/* As a record, and back; -EBADMSG if it cannot be. */
int files_put(const struct files *files, const struct stream *stream);
int files_get(const struct incoming *incoming, struct files *ret_files);

/* The caller wants its descriptor `here` used as descriptor `number`. */
struct file_given
{
    int number;
    int here;
};

/* The first that is neither given nor can be opened again; NULL: none. */
const struct file *files_obstacle(const struct files *files,
                                  const struct file_given *given,
                                  size_t given_count);

/* In the process that is to have them, which loses all it had but *keep, whose
 * number changes. 0, or the negative errno of the first that could not be
 * opened and its place in *ret_failed; count: of the directory. */
int files_open(const struct files *files,
               const struct file_given *given,
               size_t given_count,
               int *keep,
               size_t *ret_failed);

#endif /* REAL_HOMENODE_FILES_H */
