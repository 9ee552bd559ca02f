/* children.c - see children.h. */
#include "children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "say.h"

enum {
    LOOK_MS = 1, /* So soon after its parent came home, and */
    LOOK_MS_MAX = 64,
    PATH_BYTES = 64,
    NUMBERS = 8,
    NUMBER_BYTES = 24,
    WORDS_MAX = 2 * HOSTS_MAX + 2 * NUMBERS + 8,
    REPORT_BYTES = 4096,
};

bool children_possible(void)
{
    return access("/proc/thread-self/children", R_OK) == 0;
}

void children_begin(struct children *c,
                    const struct run_options *options,
                    uint32_t filter_count)
{
    *c = (struct children){.options = options, .filter_count = filter_count};
}

void children_expect(struct children *c, uint64_t now_us)
{
    if (!c->options->children)
        return;
    c->look_ms = LOOK_MS;
    c->due_us = now_us + LOOK_MS * UINT64_C(1000);
}

/* ---- What moves one. ----------------------------------------------------- */

struct words
{
    char *list[WORDS_MAX + 1];
    size_t count;
    char numbers[NUMBERS][NUMBER_BYTES];
    size_t number_count;
    char report[REPORT_BYTES];
};

static void add(struct words *w, const char *word)
{
    w->list[w->count++] = (char *)(uintptr_t)word;
}

static void add_number(struct words *w, const char *option, uint64_t value)
{
    char *number = w->numbers[w->number_count++];
    snprintf(number, NUMBER_BYTES, "%llu", (unsigned long long)value);
    if (option)
        add(w, option);
    add(w, number);
}

static void write_words(struct words *w, const struct children *c, pid_t pid)
{
    const struct run_options *o = c->options;
    add(w, "homenode");
    add(w, "attach");
    for (size_t i = 0; i < o->host_count; i++) {
        add(w, "--host");
        add(w, o->hosts[i]);
    }
    add(w, "--mode");
    add(w, mode_name(o->deputy.transfer.mode));
    add_number(w, "--rounds", o->deputy.transfer.rounds_max);
    if (o->away)
        add(w, "--away");
    add_number(w, "--every", o->every_ms);
    if (o->moves_max < UINT64_MAX)
        add_number(w, "--moves", o->moves_max);
    add_number(w, "--lease", o->deputy.lease_us / 1000);
    add_number(w, "--spin", o->deputy.spin_us);
    add_number(w, "--children", o->children_ms);
    add_number(w, "--child", c->filter_count);
    if (o->report && snprintf(w->report, sizeof w->report, "%s.%d", o->report,
                              pid) < (int)sizeof w->report) {
        add(w, "--report");
        add(w, w->report);
    }
    add_number(w, NULL, (uint64_t)pid);
}

/* In a group of its own: what a terminal or a shell sends to the program's is
 * not for it. It keeps nothing open that somebody may wait to see closed, but
 * where to say that a process was lost. */
static int begin_attach(const struct children *c, pid_t pid, pid_t *ret)
{
    struct words words = {0};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    write_words(&words, c, pid);
    int error = posix_spawn_file_actions_init(&files);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
        posix_spawnattr_setsigmask(&attributes, &none);
        error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
                                                 "/dev/null", O_RDONLY, 0);
        if (!error)
            error = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO,
                                                     "/dev/null", O_WRONLY, 0);
        if (!error)
            error = posix_spawn_file_actions_addclosefrom_np(&files,
                                                             STDERR_FILENO + 1);
        if (!error)
            error = posix_spawn(ret, "/proc/self/exe", &files, &attributes,
                                words.list, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

/* ---- Who they are. ------------------------------------------------------- */

static struct child_kept *find(struct children *c, pid_t pid)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->kept[i].pid == pid)
            return &c->kept[i];
    return NULL;
}

static bool has_ended(const struct child_kept *child)
{
    struct pollfd end = {.fd = child->end, .events = POLLIN};
    return poll(&end, 1, 0) > 0;
}

/* True: for the first time. */
static bool see(struct children *c, pid_t pid, uint64_t now_us)
{
    struct child_kept *child = find(c, pid);
    if (child) {
        child->is_listed = true;
        return false;
    }
    int end = (int)syscall(SYS_pidfd_open, pid, 0);
    if (end < 0)
        return false;
    struct child_kept *grown =
        reallocarray(c->kept, c->count + 1, sizeof *grown);
    if (!grown) {
        close(end);
        return false;
    }
    c->kept = grown;
    c->kept[c->count++] = (struct child_kept){
        .pid = pid, .since_us = now_us, .end = end, .is_listed = true};
    return true;
}

/* Of one thread. How many are new. */
static int see_listed(struct children *c, const char *path, uint64_t now_us)
{
    int number;
    int new_count = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    while (fscanf(file, "%d", &number) == 1)
        new_count += see(c, number, now_us);
    fclose(file);
    return new_count;
}

static int see_all(struct children *c, pid_t parent, uint64_t now_us)
{
    char path[PATH_BYTES];
    int new_count = 0;
    snprintf(path, sizeof path, "/proc/%d/task", parent);
    DIR *threads = opendir(path);
    const struct dirent *thread;
    while (threads && (thread = readdir(threads))) {
        int number = atoi(thread->d_name);
        snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent,
                 number);
        if (number > 0)
            new_count += see_listed(c, path, now_us);
    }
    if (threads)
        closedir(threads);
    return new_count;
}

/* Neither listed nor moved any more. */
static void forget(struct children *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct child_kept *child = &c->kept[i];
        if (child->attach > 0 &&
            waitpid(child->attach, NULL, WNOHANG) == child->attach)
            child->attach = -1;
        if (child->is_listed || child->attach > 0)
            c->kept[kept++] = *child;
        else
            close(child->end);
    }
    c->count = kept;
}

static void begin_move(struct children *c, struct child_kept *child)
{
    int error =
        has_ended(child) ? 0 : begin_attach(c, child->pid, &child->attach);
    if (child->attach == 0)
        child->attach = -1;
    if (error && !c->failed) {
        say("process %d stays: %s", child->pid, strerror(error));
        c->failed = true;
    }
}

void children_look(struct children *c, pid_t parent, uint64_t now_us)
{
    if (!c->options->children)
        return;
    for (size_t i = 0; i < c->count; i++)
        c->kept[i].is_listed = false;
    bool soon = see_all(c, parent, now_us) > 0;
    forget(c);
    for (size_t i = 0; i < c->count; i++) {
        struct child_kept *child = &c->kept[i];
        if (child->attach != 0)
            continue;
        if (now_us - child->since_us >=
            c->options->children_ms * UINT64_C(1000))
            begin_move(c, child);
        else
            soon = true;
    }
    if (soon)
        c->look_ms = LOOK_MS;
    c->due_us = now_us + c->look_ms * UINT64_C(1000);
    c->look_ms = c->look_ms * 2 < LOOK_MS_MAX ? c->look_ms * 2 : LOOK_MS_MAX;
}

void children_finish(struct children *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct child_kept *child = &c->kept[i];
        if (child->attach > 0 && has_ended(child))
            waitpid(child->attach, NULL, 0);
        close(child->end);
    }
    free(c->kept);
    c->kept = NULL;
    c->count = 0;
}
