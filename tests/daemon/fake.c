/* fake.c - see fake.h. */
#include "fake.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../suite.h"

enum { PATH_BYTES = 256 };

void fake_begin(struct fake *f)
{
    snprintf(f->root, sizeof f->root, "/tmp/vencejo-fake-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->root));
    snprintf(f->proc, sizeof f->proc, "%.48s/proc", f->root);
}

static int remove_one(const char *path,
                      const struct stat *status,
                      int type,
                      struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void fake_remove(const struct fake *f, const char *name)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", f->root, name);
    CU_ASSERT_EQUAL(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void fake_end(struct fake *f)
{
    fake_remove(f, "");
}

static FILE *open_file(const struct fake *f, const char *name, const char *mode)
{
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%s", f->root, name);
    CU_ASSERT_FATAL(0 < length && length < PATH_BYTES);
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
    FILE *file = fopen(path, mode);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    return file;
}

void fake_put(const struct fake *f, const char *name, const char *format, ...)
{
    va_list rest;
    FILE *file = open_file(f, name, "we");
    va_start(rest, format);
    vfprintf(file, format, rest);
    va_end(rest);
    fclose(file);
}

void fake_mount(const struct fake *f,
                const char *name,
                const char *type,
                const char *controllers)
{
    FILE *file = open_file(f, "proc/self/mountinfo", "ae");
    fprintf(file, "31 23 0:28 / %s/%s rw - %s none rw,%s\n", f->root, name,
            type, controllers);
    fclose(file);
}

void fake_thread(const struct fake *f, int number, char state)
{
    char name[FAKE_BYTES];
    snprintf(name, sizeof name, "proc/%d/task/%d/stat", number, number);
    fake_put(f, name, "%d (a) %c 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5\n",
             number, state);
}

void fake_machine(const struct fake *f, unsigned busy_ticks)
{
    fake_put(f, "proc/stat",
             "cpu  %u 0 0 9000 50 0 0 0 0 0\ncpu0 1\ncpu1 1\ncpu2 1\ncpu3 1\n",
             busy_ticks);
    fake_put(f, "proc/meminfo",
             "MemTotal:        8388608 kB\nMemAvailable:    4194304 kB\n"
             "SwapTotal:       2097152 kB\nSwapFree:        1048576 kB\n");
    fake_put(f, "proc/vmstat",
             "pswpin 100\npswpout 50\nworkingset_restore_file 7\n");
}
