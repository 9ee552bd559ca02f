/* runnable.c - see runnable.h. */
#include "runnable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel_text.h"

enum {
    STAT_BYTES = 1024,
    LIST_BYTES = 16384,
    ROOM_FIRST = 64,
    LINKS_EMPTY = 2, /* Of a folder without folders in it. */
    TRIES = 3,
};

struct runnable_group
{
    int folder;
    nlink_t links; /* It grows with each group in it. */
};

struct runnable_thread
{
    int number;
    int file; /* Its stat; -1: not kept open. */
    bool own; /* Of the calling process. */
};

void runnable_init(struct runnable *r,
                   const char *proc,
                   const char *folder,
                   bool unified)
{
    struct rlimit files;
    *r = (struct runnable){.proc = proc, .folder = folder, .unified = unified};
    r->kept_max = RUNNABLE_KEPT_MAX;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
        files.rlim_cur / 2 < RUNNABLE_KEPT_MAX)
        r->kept_max = (size_t)files.rlim_cur / 2;
}

/* ---- Groups. ------------------------------------------------------------- */

static void forget_groups(struct runnable *r)
{
    for (size_t i = 0; i < r->group_count; i++)
        close(r->groups[i].folder);
    free(r->groups);
    r->groups = NULL;
    r->group_count = 0;
}

/* Takes the folder. Room doubles at each power of two. */
static int add_group(struct runnable *r, int folder)
{
    struct stat status;
    size_t count = r->group_count;
    int error = fstat(folder, &status) < 0 ? -errno : 0;
    if (!error && (count & (count - 1)) == 0) {
        struct runnable_group *more =
            realloc(r->groups, (count ? 2 * count : 1) * sizeof *r->groups);
        if (more)
            r->groups = more;
        else
            error = -ENOMEM;
    }
    if (error)
        close(folder);
    else
        r->groups[r->group_count++] =
            (struct runnable_group){folder, status.st_nlink};
    return error;
}

static int open_folder(int above, const char *name)
{
    return openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int add_groups_in(struct runnable *r, int folder)
{
    int error = 0;
    int again = open_folder(folder, ".");
    DIR *list = again < 0 ? NULL : fdopendir(again);
    const struct dirent *entry;
    if (!list) {
        error = -errno;
        if (again >= 0)
            close(again);
        return error == -ENOENT ? 0 : error;
    }
    while (!error && (entry = readdir(list))) {
        if (entry->d_name[0] == '.' ||
            (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
            continue;
        int below = open_folder(folder, entry->d_name);
        if (below >= 0)
            error = add_group(r, below);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            error = -errno;
    }
    closedir(list);
    return error;
}

static int find_groups(struct runnable *r)
{
    forget_groups(r);
    int top = open_folder(AT_FDCWD, r->folder);
    int error = top < 0 ? -errno : add_group(r, top);
    for (size_t i = 0; i < r->group_count && !error; i++)
        if (r->groups[i].links != LINKS_EMPTY)
            error = add_groups_in(r, r->groups[i].folder);
    return error;
}

/* Of two looks: none was made or removed in between, but perhaps one of each,
 * and then the removed one cannot be read. */
static bool same_groups(const struct runnable *r)
{
    struct stat status;
    for (size_t i = 0; i < r->group_count; i++)
        if (fstat(r->groups[i].folder, &status) < 0 ||
            status.st_nlink != r->groups[i].links)
            return false;
    return r->group_count > 0;
}

/* ---- Threads in them. ---------------------------------------------------- */

static int add_number(struct runnable *r, size_t *count, long number)
{
    if (*count == r->number_room) {
        size_t room = r->number_room ? 2 * r->number_room : ROOM_FIRST;
        int *more = realloc(r->numbers, room * sizeof *more);
        if (!more)
            return -ENOMEM;
        r->numbers = more;
        r->number_room = room;
    }
    r->numbers[(*count)++] = (int)number;
    return 0;
}

/* One number in each line; 0 is one whom this namespace does not see. */
static int take_numbers(struct runnable *r, int list, size_t *count)
{
    char text[LIST_BYTES];
    long number = 0;
    for (;;) {
        ssize_t got = read(list, text, sizeof text);
        if (got <= 0)
            return got < 0 ? -errno : 0;
        for (ssize_t i = 0; i < got; i++) {
            bool digit = '0' <= text[i] && text[i] <= '9';
            if (digit && number <= INT_MAX)
                number = 10 * number + (text[i] - '0');
            if (digit)
                continue;
            int error = 0 < number && number <= INT_MAX
                            ? add_number(r, count, number)
                            : 0;
            if (error)
                return error;
            number = 0;
        }
    }
}

/* The list is opened each time: in version 1, one that stays open tells for
 * ever what it told first. */
static int list_group(struct runnable *r, int folder, size_t *count)
{
    int list = openat(folder, r->unified ? "cgroup.threads" : "tasks",
                      O_RDONLY | O_CLOEXEC);
    if (list < 0)
        return -errno;
    int error = take_numbers(r, list, count);
    close(list);
    return error;
}

static int list_all(struct runnable *r, size_t *ret_count)
{
    int error = same_groups(r) ? 0 : find_groups(r);
    *ret_count = 0;
    for (size_t i = 0; i < r->group_count && !error; i++)
        error = list_group(r, r->groups[i].folder, ret_count);
    return error;
}

/* Groups may go while they are listed. */
static int list_threads(struct runnable *r, size_t *ret_count)
{
    int error = 0;
    for (int i = 0; i < TRIES; i++) {
        error = list_all(r, ret_count);
        if (error != -ENOENT && error != -ENODEV)
            return error;
        forget_groups(r);
    }
    return -ENOENT;
}

static int by_number(const void *a, const void *b)
{
    int left = *(const int *)a;
    int right = *(const int *)b;
    return (left > right) - (left < right);
}

/* ---- Their states. ------------------------------------------------------- */

static int open_stat(const struct runnable *r, int number)
{
    char path[KERNEL_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%d/task/%d/stat", r->proc, number, number);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static char read_state(int file)
{
    char text[STAT_BYTES];
    ssize_t count = pread(file, text, sizeof text - 1, 0);
    if (count <= 0)
        return '\0';
    text[count] = '\0';
    return kernel_state(text);
}

static bool is_own(const struct runnable *r, int number)
{
    char path[KERNEL_PATH_BYTES];
    snprintf(path, sizeof path, "%s/self/task/%d", r->proc, number);
    return access(path, F_OK) == 0;
}

static void release(struct runnable *r, struct runnable_thread *t)
{
    if (t->file < 0)
        return;
    close(t->file);
    t->file = -1;
    r->kept_count--;
}

/* Its state now, '\0' if it is gone: a kept file is of the thread that it was
 * opened for, whoever has the number now. */
static char look_at(struct runnable *r, struct runnable_thread *t)
{
    char state = t->file < 0 ? '\0' : read_state(t->file);
    if (state)
        return state;
    release(r, t);
    int file = open_stat(r, t->number);
    if (file < 0)
        return '\0';
    state = read_state(file);
    t->own = is_own(r, t->number);
    if (r->kept_count < r->kept_max) {
        t->file = file;
        r->kept_count++;
    } else {
        close(file);
    }
    return state;
}

static void forget_threads(struct runnable *r)
{
    for (size_t i = 0; i < r->thread_count; i++)
        release(r, &r->threads[i]);
    free(r->threads);
    r->threads = NULL;
    r->thread_count = 0;
}

/* Those of the last look who are still there keep their files. */
static int update_threads(struct runnable *r, size_t count)
{
    struct runnable_thread *now = calloc(count ? count : 1, sizeof *now);
    size_t old = 0;
    size_t unique = 0;
    if (!now)
        return -ENOMEM;
    qsort(r->numbers, count, sizeof *r->numbers, by_number);
    for (size_t i = 0; i < count; i++) {
        int number = r->numbers[i];
        if (i > 0 && number == r->numbers[i - 1])
            continue; /* It changed its group meanwhile. */
        while (old < r->thread_count && r->threads[old].number < number)
            release(r, &r->threads[old++]);
        bool known = old < r->thread_count && r->threads[old].number == number;
        now[unique++] =
            known ? r->threads[old++]
                  : (struct runnable_thread){.number = number, .file = -1};
    }
    while (old < r->thread_count)
        release(r, &r->threads[old++]);
    free(r->threads);
    r->threads = now;
    r->thread_count = unique;
    return 0;
}

int runnable_count(struct runnable *r, uint32_t *ret)
{
    size_t count;
    uint32_t running = 0;
    int error = list_threads(r, &count);
    if (!error)
        error = update_threads(r, count);
    if (error) {
        forget_groups(r);
        forget_threads(r);
        return error;
    }
    for (size_t i = 0; i < r->thread_count; i++) {
        char state = look_at(r, &r->threads[i]);
        running += state == 'R' && !r->threads[i].own;
    }
    *ret = running;
    return 0;
}

void runnable_finish(struct runnable *r)
{
    forget_groups(r);
    forget_threads(r);
    free(r->numbers);
    *r = (struct runnable){0};
}

/* ---- The whole machine. -------------------------------------------------- */

static uint32_t count_own(const char *proc)
{
    char folder[KERNEL_PATH_BYTES];
    char text[STAT_BYTES];
    const struct dirent *entry;
    uint32_t count = 0;
    snprintf(folder, sizeof folder, "%s/self/task", proc);
    DIR *list = opendir(folder);
    while (list && (entry = readdir(list))) {
        char name[NAME_MAX + sizeof "/stat"];
        snprintf(name, sizeof name, "%s/stat", entry->d_name);
        count += entry->d_name[0] != '.' &&
                 kernel_read(folder, name, text, sizeof text) > 0 &&
                 kernel_state(text) == 'R';
    }
    if (list)
        closedir(list);
    return count;
}

int runnable_count_machine(const char *proc, uint32_t *ret)
{
    char text[STAT_BYTES];
    uint64_t running;
    int count = kernel_read(proc, "loadavg", text, sizeof text);
    if (count < 0)
        return count;
    if (!kernel_running_parse(text, &running) || running > UINT32_MAX)
        return -EPROTO;
    uint32_t own = count_own(proc);
    *ret = running > own ? (uint32_t)running - own : 0;
    return 0;
}
