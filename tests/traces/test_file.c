/* test_file.c - whole files, plain or compressed. */
#include "../../traces/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../suite.h"

static struct complaint complaint;
static char folder[] = "/tmp/vencejo_file_XXXXXX";

static void path_of(const char *name, char *ret_path)
{
    if (access(folder, F_OK) != 0)
        CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(ret_path, 256, "%s/%s", folder, name);
}

static void raw(const char *path, const char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, count, file), count);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static size_t load(const char *path, char *ret_bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t count = fread(ret_bytes, 1, room, file);
    fclose(file);
    return count;
}

static void check_reads(const char *path, const char *expected, size_t count)
{
    char *text = NULL;
    size_t text_bytes = 0;
    CU_ASSERT_EQUAL_FATAL(file_read(path, &text, &text_bytes, &complaint), 0);
    CU_ASSERT_EQUAL(text_bytes, count);
    CU_ASSERT_EQUAL(memcmp(text, expected, count), 0);
    CU_ASSERT_EQUAL(text[count], '\0');
    free(text);
    struct file_text opened;
    CU_ASSERT_EQUAL_FATAL(file_open(path, &opened, &complaint), 0);
    CU_ASSERT_EQUAL(opened.byte_count, count);
    CU_ASSERT_EQUAL(memcmp(opened.start, expected, count), 0);
    CU_ASSERT_EQUAL(opened.start[count], '\0');
    file_close(&opened);
    CU_ASSERT_PTR_NULL(opened.start);
}

static int check_fails(const char *path)
{
    char *text = NULL;
    size_t text_bytes = 0;
    complaint = (struct complaint){0};
    int error = file_read(path, &text, &text_bytes, &complaint);
    CU_ASSERT(error < 0);
    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT_STRING_EQUAL(complaint.file, path);
    CU_ASSERT_NOT_EQUAL(complaint.text[0], '\0');
    struct file_text opened;
    struct complaint again;
    CU_ASSERT_EQUAL(file_open(path, &opened, &again), error);
    CU_ASSERT_STRING_EQUAL(again.text, complaint.text);
    return error;
}

enum { LONG_BYTES = 300000 };

static void fill(char *text)
{
    for (size_t i = 0; i < LONG_BYTES; i++)
        text[i] = (char)('a' + (i * i / 7 + i / 1000) % 26);
}

static void each_compression_reads_back(void)
{
    static const char *const names[] = {"a.txt", "a.txt.gz", "a.txt.zst"};
    static char text[LONG_BYTES];
    fill(text);
    for (size_t i = 0; i < 3; i++) {
        char path[256];
        path_of(names[i], path);
        CU_ASSERT_EQUAL(file_write(path, text, sizeof text, &complaint), 0);
        check_reads(path, text, sizeof text);
        /* Known by its first bytes, not by its name. */
        char other[256];
        path_of("renamed", other);
        CU_ASSERT_EQUAL(rename(path, other), 0);
        check_reads(other, text, sizeof text);
    }
}

static void a_nul_ends_texts_of_any_length(void)
{
    static char text[LONG_BYTES];
    fill(text);
    for (size_t pages = 1; pages <= 3; pages++)
        for (size_t off = 0; off < 3; off++) {
            char path[256];
            path_of("pages", path);
            size_t count = pages * (size_t)sysconf(_SC_PAGESIZE) + off - 1;
            CU_ASSERT_EQUAL(file_write(path, text, count, &complaint), 0);
            check_reads(path, text, count);
        }
}

static void joined_parts_are_read_as_one(void)
{
    static const char *const names[] = {"part.gz", "part.zst"};
    for (size_t i = 0; i < 2; i++) {
        char path[256];
        char bytes[1024];
        path_of(names[i], path);
        CU_ASSERT_EQUAL(file_write(path, "hello ", 6, &complaint), 0);
        size_t count = load(path, bytes, sizeof bytes);
        CU_ASSERT_EQUAL(file_write(path, "world", 5, &complaint), 0);
        count += load(path, bytes + count, sizeof bytes - count);
        raw(path, bytes, count);
        check_reads(path, "hello world", 11);
    }
}

static void a_truncated_file_is_refused(void)
{
    static const char *const names[] = {"t.gz", "t.zst"};
    static char text[LONG_BYTES];
    static char packed[LONG_BYTES];
    fill(text);
    for (size_t i = 0; i < 2; i++) {
        char path[256];
        path_of(names[i], path);
        CU_ASSERT_EQUAL(file_write(path, text, sizeof text, &complaint), 0);
        size_t count = load(path, packed, sizeof packed);
        for (size_t keep = 5; keep < count; keep += count / 13) {
            raw(path, packed, keep);
            CU_ASSERT_EQUAL(check_fails(path), -ENODATA);
            CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "truncated"));
        }
    }
}

static void a_damaged_file_is_refused(void)
{
    char path[256];
    char packed[4096];
    path_of("d.gz", path);
    CU_ASSERT_EQUAL(file_write(path, "some text", 9, &complaint), 0);
    size_t count = load(path, packed, sizeof packed);
    packed[count - 6] ^= 1; /* In the checksum. */
    raw(path, packed, count);
    CU_ASSERT_EQUAL(check_fails(path), -EBADMSG);
    raw(path, "\x28\xb5\x2f\xfdrubbish and more rubbish", 28);
    CU_ASSERT_EQUAL(check_fails(path), -EBADMSG);
}

static void an_empty_file_and_a_folder_are_refused(void)
{
    char path[256];
    path_of("empty", path);
    raw(path, "", 0);
    CU_ASSERT_EQUAL(check_fails(path), -EINVAL);
    path_of("missing", path);
    CU_ASSERT_EQUAL(check_fails(path), -ENOENT);
    CU_ASSERT_EQUAL(check_fails(folder), -EISDIR);
}

static void what_is_longer_than_the_limit_is_refused(void)
{
    /* 4 GiB of zeros in 4 MB of gzip would be written for long; a sparse plain
     * file costs nothing. */
    char path[256];
    path_of("huge", path);
    raw(path, "x", 1);
    CU_ASSERT_EQUAL(truncate(path, (off_t)FILE_BYTES_MAX + 1), 0);
    CU_ASSERT_EQUAL(check_fails(path), -EFBIG);
    unlink(path);
}

static size_t count_entries(void)
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entries);
    for (struct dirent *entry; (entry = readdir(entries));)
        count += entry->d_name[0] != '.';
    closedir(entries);
    return count;
}

static void a_failed_write_leaves_the_old_file_alone(void)
{
    char path[256];
    path_of("sub", path);
    CU_ASSERT_EQUAL(mkdir(path, 0777), 0);
    size_t before = count_entries();
    /* A folder cannot be replaced by a file. */
    CU_ASSERT(file_write(path, "x", 1, &complaint) < 0);
    CU_ASSERT_STRING_EQUAL(complaint.file, path);
    CU_ASSERT_EQUAL(count_entries(), before);
    path_of("nowhere/x", path);
    CU_ASSERT_EQUAL(file_write(path, "x", 1, &complaint), -ENOENT);
}

static void endings_are_seen_before_compression(void)
{
    size_t stem = 0;
    CU_ASSERT(file_name_ends("a/b.swf.zst", ".swf", &stem));
    CU_ASSERT_EQUAL(stem, 3);
    CU_ASSERT(file_name_ends("b.swf", ".swf", &stem));
    CU_ASSERT(file_name_ends("b.swf.gz", ".swf", NULL));
    CU_ASSERT(!file_name_ends("b.swf.xz", ".swf", NULL));
    CU_ASSERT(!file_name_ends("swf", ".swf", NULL));
}

static void clean_up(void)
{
    DIR *entries = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entries);
    for (struct dirent *entry; (entry = readdir(entries));) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            CU_ASSERT_EQUAL(remove(path), 0);
    }
    closedir(entries);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

SUITE_MAIN("files",
           {"each compression reads back", each_compression_reads_back},
           {"a NUL ends texts of any length", a_nul_ends_texts_of_any_length},
           {"joined parts are read as one", joined_parts_are_read_as_one},
           {"a truncated file is refused", a_truncated_file_is_refused},
           {"a damaged file is refused", a_damaged_file_is_refused},
           {"an empty file and a folder are refused",
            an_empty_file_and_a_folder_are_refused},
           {"what is longer than the limit is refused",
            what_is_longer_than_the_limit_is_refused},
           {"a failed write leaves the old file alone",
            a_failed_write_leaves_the_old_file_alone},
           {"endings are seen before compression",
            endings_are_seen_before_compression},
           {"nothing is left behind", clean_up})
