/* file.c - whole files, read with a reason if not, written whole or not. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "save.h"
#include "unpack.h"

bool file_name_ends(const char *name, const char *ending, size_t *ret_length)
{
    static const char *const packed[] = {".gz", ".zst"};
    size_t length = strlen(name);
    for (size_t i = 0; i < 2; i++) {
        size_t packed_length = strlen(packed[i]);
        if (length >= packed_length &&
            strcmp(name + length - packed_length, packed[i]) == 0) {
            length -= packed_length;
            break;
        }
    }
    size_t ending_length = strlen(ending);
    if (length < ending_length ||
        memcmp(name + length - ending_length, ending, ending_length) != 0)
        return false;
    if (ret_length)
        *ret_length = length - ending_length;
    return true;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t ending_length = strlen(ending);
    return length >= ending_length &&
           strcmp(name + length - ending_length, ending) == 0;
}

static int read_all(const char *path, struct bytes *ret_bytes)
{
    struct bytes bytes = {0};
    int error = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    for (;;) {
        error = bytes_grow(&bytes);
        if (error)
            break;
        ssize_t got =
            read(fd, bytes.data + bytes.count, bytes.room - bytes.count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            error = -errno;
        if (got <= 0)
            break;
        bytes.count += (size_t)got;
    }
    close(fd);
    if (error)
        free(bytes.data);
    else
        *ret_bytes = bytes;
    return error;
}

static int complain_of_error(struct complaint *complaint,
                             int error,
                             const char *name)
{
    switch (error) {
        case -EFBIG:
            return complain(
                complaint, error, name, 0, 0,
                "longer than 1 GiB, which is the most that is read; "
                "cut it into parts");
        case -ENODATA:
            return complain(complaint, error, name, 0, 0,
                            "the compressed data ends too early: the file is "
                            "truncated; fetch or write it again");
        case -EBADMSG:
            return complain(
                complaint, error, name, 0, 0,
                "the compressed data is damaged; fetch or write the "
                "file again");
        case -ENOENT:
            return complain(complaint, error, name, 0, 0,
                            "no such file; look at its name and folder");
        default:
            return complain(complaint, error, name, 0, 0, "cannot be read: %s",
                            strerror(-error));
    }
}

/* Take what is in packed, compressed or not; packed is freed or taken over. */
static int unpack(struct bytes *packed,
                  const char *name,
                  struct bytes *ret_bytes,
                  struct complaint *ret_complaint)
{
    struct bytes bytes = {0};
    int error = 0;
    if (is_gzip(packed->data, packed->count)) {
        error = gunzip(packed->data, packed->count, &bytes);
        free(packed->data);
    } else if (is_zstd(packed->data, packed->count)) {
        error = unzstd(packed->data, packed->count, &bytes);
        free(packed->data);
    } else {
        bytes = *packed;
    }
    if (!error && bytes.count > FILE_BYTES_MAX)
        error = -EFBIG;
    if (!error)
        error = bytes_grow(&bytes); /* Room for the NUL. */
    if (error) {
        free(bytes.data);
        return complain_of_error(ret_complaint, error, name);
    }
    if (bytes.count == 0) {
        free(bytes.data);
        return complain(ret_complaint, -EINVAL, name, 0, 0,
                        "the file is empty; a trace has at least one row");
    }
    bytes.data[bytes.count] = '\0';
    *ret_bytes = bytes;
    return 0;
}

int file_read(const char *path,
              char **ret_text,
              size_t *ret_text_bytes,
              struct complaint *ret_complaint)
{
    struct bytes packed = {0};
    int error = read_all(path, &packed);
    if (error)
        return complain_of_error(ret_complaint, error, path);
    struct bytes bytes = {0};
    error = unpack(&packed, path, &bytes, ret_complaint);
    if (error)
        return error;
    *ret_text = bytes.data;
    *ret_text_bytes = bytes.count;
    return 0;
}

/* A NUL behind a text of so many bytes: in its last page, which is then a copy
 * of this program's own. False if the text fills that page. */
static bool end_with_nul(char *text, size_t count)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    size_t last_bytes = count % page_bytes;
    if (last_bytes == 0 || mprotect(text + count - last_bytes, page_bytes,
                                    PROT_READ | PROT_WRITE) != 0)
        return false;
    text[count] = '\0';
    return true;
}

/* False if it cannot be mapped, or not as it is: then it is to be read. */
static bool map(const char *path, struct file_text *ret_text)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    void *start = MAP_FAILED;
    size_t count = 0;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
        about.st_size <= FILE_BYTES_MAX) {
        count = (size_t)about.st_size;
        start = mmap(NULL, count, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    }
    close(fd);
    if (start == MAP_FAILED)
        return false;
    if (is_gzip(start, count) || is_zstd(start, count) ||
        !end_with_nul(start, count)) {
        munmap(start, count);
        return false;
    }
    *ret_text = (struct file_text){start, count, .mapped = true};
    return true;
}

int file_open(const char *path,
              struct file_text *ret_text,
              struct complaint *ret_complaint)
{
    if (map(path, ret_text))
        return 0;
    char *text;
    size_t text_bytes;
    int error = file_read(path, &text, &text_bytes, ret_complaint);
    if (!error)
        *ret_text = (struct file_text){text, text_bytes, .mapped = false};
    return error;
}

void file_close(struct file_text *text)
{
    void *start = (void *)(uintptr_t)text->start;
    if (text->mapped)
        munmap(start, text->byte_count);
    else
        free(start);
    *text = (struct file_text){0};
}

int file_write(const char *path,
               const char *text,
               size_t text_bytes,
               struct complaint *ret_complaint)
{
    struct bytes packed = {0};
    int error = 0;
    if (ends_with(path, ".gz"))
        error = gzip(text, text_bytes, &packed);
    else if (ends_with(path, ".zst"))
        error = zstd(text, text_bytes, &packed);
    if (!error && packed.data)
        error = save_bytes(path, packed.data, packed.count);
    else if (!error)
        error = save_bytes(path, text, text_bytes);
    free(packed.data);
    if (error)
        return complain(ret_complaint, error, path, 0, 0,
                        "cannot be written: %s", strerror(-error));
    return 0;
}
