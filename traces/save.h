/* save.h - files that are there whole or not at all.
 *
 * A file is written without a name (O_TMPFILE) in the same folder, synced, then
 * given a temporary name and renamed over the old one; the folder is synced
 * too. Who is interrupted leaves the old file as it was, and nothing else: a
 * file without a name goes with its process. Where the file system has no such
 * files, it bears its temporary name, .NAME.PID-N, from the start, and that is
 * left by who is killed. All return 0 or a negative errno.
 */
#ifndef TRACES_SAVE_H
#define TRACES_SAVE_H

#include <stddef.h>
#include <stdio.h>

struct saving
{
    FILE *file;      /* To write into. */
    char *path;      /* Where it will be; owned. */
    char *temporary; /* Where it is now; owned; NULL: it has no name. */
};

/* Begin; if that gave 0, save_commit() or save_abandon() ends it. -EISDIR or
 * -ENOTSUP where something else than a file is in the way. */
int save_begin(struct saving *saving, const char *path);

/* Put it in place. An error of any earlier write is found here; the file that
 * was there is then untouched. */
int save_commit(struct saving *saving);
void save_abandon(struct saving *saving);

int save_bytes(const char *path, const void *bytes, size_t count);
int save_text(const char *path, const char *text);

/* Make a folder and those above it; it may be there already. */
int save_folder(const char *path);

#endif /* TRACES_SAVE_H */
