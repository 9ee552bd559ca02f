/* folder.h - a folder of its own for each test of figures, and what is in it.
 */
#ifndef TESTS_RESULTS_FIGURES_FOLDER_H
#define TESTS_RESULTS_FIGURES_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/suite.h"

enum { PATH_BYTES = 512 };

static inline void make_folder(char *ret_folder)
{
    const char *parent = getenv("TMPDIR");
    snprintf(ret_folder, PATH_BYTES, "%s/vencejo-figures.XXXXXX",
             parent != NULL ? parent : P_tmpdir);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(ret_folder));
}

/* Removes every file in the folder, and the folder; returns their count. */
static inline size_t clear(const char *folder)
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entries);
    for (struct dirent *entry = readdir(entries); entry != NULL;
         entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        CU_ASSERT_EQUAL(unlinkat(dirfd(entries), entry->d_name, 0), 0);
        count++;
    }
    closedir(entries);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
    return count;
}

static inline char *content(const char *folder,
                            const char *name,
                            size_t *ret_bytes)
{
    char path[2 * PATH_BYTES];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    struct stat status;
    CU_ASSERT_EQUAL_FATAL(fstat(fileno(file), &status), 0);
    *ret_bytes = (size_t)status.st_size;
    char *bytes = calloc(*ret_bytes + 1, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_EQUAL(fread(bytes, 1, *ret_bytes, file), *ret_bytes);
    fclose(file);
    return bytes;
}

#endif /* TESTS_RESULTS_FIGURES_FOLDER_H */
