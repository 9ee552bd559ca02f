/* series.c - see series.h. */
#include "series.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIGITS = 6 };

/* What a stem names: a folder, which the caller frees, and a beginning. */
static char *folder_of(const char *stem, const char **ret_beginning)
{
    const char *slash = strrchr(stem, '/');
    *ret_beginning = slash ? slash + 1 : stem;
    if (!slash)
        return strdup(".");
    return slash == stem ? strdup("/") : strndup(stem, (size_t)(slash - stem));
}

/* The number in a name of a series, or 0. */
static int64_t number_of(const char *name, const char *beginning)
{
    size_t length = strlen(beginning);
    if (strncmp(name, beginning, length) != 0 || name[length] != '.' ||
        strlen(name + length + 1) != DIGITS)
        return 0;
    for (const char *at = name + length + 1; *at; at++)
        if (!isdigit((unsigned char)*at))
            return 0;
    return strtol(name + length + 1, NULL, 10);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static int collect(DIR *folder,
                   const char *beginning,
                   int64_t **numbers,
                   size_t *count)
{
    size_t room = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        int64_t number = number_of(entry->d_name, beginning);
        if (number == 0)
            continue;
        if (*count == room) {
            room = room ? 2 * room : 16;
            int64_t *grown = realloc(*numbers, room * sizeof *grown);
            if (!grown)
                return -ENOMEM;
            *numbers = grown;
        }
        (*numbers)[(*count)++] = number;
    }
    return 0;
}

/* All numbers, ascending; the caller frees them. */
static int numbers_of(const char *stem,
                      int64_t **ret_numbers,
                      size_t *ret_count)
{
    const char *beginning;
    int64_t *numbers = NULL;
    size_t count = 0;
    char *path = folder_of(stem, &beginning);
    DIR *folder = path ? opendir(path) : NULL;
    int error = !path ? -ENOMEM : !folder ? -errno : 0;
    free(path);
    if (error)
        return error;
    error = collect(folder, beginning, &numbers, &count);
    closedir(folder);
    if (error) {
        free(numbers);
        return error;
    }
    if (count > 0)
        qsort(numbers, count, sizeof *numbers, by_number);
    *ret_numbers = numbers;
    *ret_count = count;
    return 0;
}

int64_t series_last(const char *stem)
{
    int64_t *numbers;
    size_t count;
    int error = numbers_of(stem, &numbers, &count);
    if (error)
        return error;
    int64_t last = count > 0 ? numbers[count - 1] : 0;
    free(numbers);
    return last;
}

void series_name(const char *stem, int64_t number, char *ret_path)
{
    assert(number > 0);
    assert(number <= SERIES_NUMBER_MAX);
    snprintf(ret_path, strlen(stem) + SERIES_SUFFIX_BYTES, "%s.%0*lld", stem,
             DIGITS, (long long)number);
}

int series_trim(const char *stem, size_t keep)
{
    int64_t *numbers;
    size_t count;
    assert(keep > 0);
    int error = numbers_of(stem, &numbers, &count);
    if (error)
        return error;
    char *path = malloc(strlen(stem) + SERIES_SUFFIX_BYTES);
    error = path ? 0 : -ENOMEM;
    for (size_t i = 0; i + keep < count && !error; i++) {
        series_name(stem, numbers[i], path);
        if (unlink(path) < 0 && errno != ENOENT)
            error = -errno;
    }
    free(path);
    free(numbers);
    return error;
}
