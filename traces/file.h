/* file.h - whole files, plain or compressed (zlib, libzstd).
 *
 * What is read is known by its first bytes, what is written by its name (.gz,
 * .zst). Nothing here prints.
 */
#ifndef TRACES_FILE_H
#define TRACES_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "complaint.h"

/* Uncompressed; more than this is refused with -EFBIG. */
enum { FILE_BYTES_MAX = 1 << 30 };

/* Read and uncompress all of a file or pipe. The text is the caller's to free
 * and has a NUL behind its last byte. An empty file, a folder, one that is
 * truncated or damaged are refused with a complaint. */
int file_read(const char *path,
              char **ret_text,
              size_t *ret_text_bytes,
              struct complaint *ret_complaint);

/* The same for whoever only reads it. A plain file is not copied but mapped,
 * which costs no memory; to cut such a file short meanwhile ends the program by
 * SIGBUS (file_write() never does). */
struct file_text
{
    const char *start;
    size_t byte_count;
    bool mapped;
};
int file_open(const char *path,
              struct file_text *ret_text,
              struct complaint *ret_complaint);
void file_close(struct file_text *text);

/* Write under a temporary name, sync, rename: the file is there whole or it is
 * as it was. */
int file_write(const char *path,
               const char *text,
               size_t text_bytes,
               struct complaint *ret_complaint);

/* Does name end so, once .gz or .zst is taken off? ret_length (or NULL): of
 * the part before that ending. */
bool file_name_ends(const char *name, const char *ending, size_t *ret_length);

#endif /* TRACES_FILE_H */
