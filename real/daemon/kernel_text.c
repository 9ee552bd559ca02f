/* kernel_text.c - see kernel_text.h. */
#include "kernel_text.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    STAT_FIELDS_MAX = 22, /* Of stat, proc(5), counted from 1 as there. */
    STAT_AFTER_NAME = 3,
    STAT_USER = 14,
    STAT_SYSTEM = 15,
    STAT_THREADS = 20,
    STAT_STARTED = 22,
    CPU_IDLE = 3, /* In a line of the machine's stat, from 0. */
    CPU_WAITING = 4,
    CPU_FIELDS = 8, /* Guests' time is in the first two already. */
    CORES_MAX = 65535,
};

/* ---- Reading. ------------------------------------------------------------ */

static int read_open(int file, char *ret, size_t size)
{
    size_t count = 0;
    while (count < size - 1) {
        ssize_t got = read(file, ret + count, size - 1 - count);
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        count += (size_t)got;
    }
    ret[count] = '\0';
    return (int)count;
}

int kernel_read_file(const char *path, char *ret, size_t size)
{
    assert(size > 0);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return -errno;
    int count = read_open(file, ret, size);
    close(file);
    return count;
}

int kernel_read(const char *folder, const char *name, char *ret, size_t size)
{
    char path[KERNEL_PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;
    return kernel_read_file(path, ret, size);
}

bool kernel_read_number(const char *folder, const char *name, uint64_t *ret)
{
    char text[32];
    return kernel_read(folder, name, text, sizeof text) > 0 &&
           kernel_number(text, ret);
}

/* ---- Numbers. ------------------------------------------------------------ */

/* Digits, and where they end; NULL: there are none, or too many. */
static const char *digits(const char *at, uint64_t *ret)
{
    uint64_t value = 0;
    if (!isdigit((unsigned char)*at))
        return NULL;
    for (; isdigit((unsigned char)*at); at++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return NULL;
    *ret = value;
    return at;
}

static const char *spaces(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static bool ends(const char *at)
{
    return *at == '\0' || *at == '\n';
}

bool kernel_number(const char *text, uint64_t *ret)
{
    uint64_t value = KERNEL_NO_LIMIT;
    const char *end = strncmp(text, "max", 3) == 0  ? text + 3
                      : strncmp(text, "-1", 2) == 0 ? text + 2
                                                    : digits(text, &value);
    if (!end || !ends(end))
        return false;
    *ret = value;
    return true;
}

bool kernel_field(const char *text, const char *key, uint64_t *ret)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) != 0)
            continue;
        const char *at = line + length;
        at += *at == ':';
        uint64_t value;
        if ((*at == ' ' || *at == '\t') && digits(spaces(at), &value)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

/* ---- Processes. ---------------------------------------------------------- */

/* Its name may hold anything, brackets and spaces too. */
static const char *after_name(const char *text)
{
    const char *end = strrchr(text, ')');
    return end && end[1] == ' ' && end[2] != '\0' ? end + 2 : NULL;
}

char kernel_state(const char *text)
{
    const char *at = after_name(text);
    return at && isalpha((unsigned char)*at) && at[1] == ' ' ? *at : '\0';
}

bool kernel_thread_parse(const char *text, struct kernel_thread *ret)
{
    uint64_t fields[STAT_FIELDS_MAX + 1] = {0};
    char state = kernel_state(text);
    if (!state)
        return false;
    const char *at = after_name(text) + 1;
    for (int i = STAT_AFTER_NAME + 1; i <= STAT_FIELDS_MAX; i++) {
        at = spaces(at);
        at += *at == '-'; /* Only fields that are not read here. */
        at = digits(at, &fields[i]);
        if (!at)
            return false;
    }
    *ret = (struct kernel_thread){
        .state = state,
        .user_ticks = fields[STAT_USER],
        .system_ticks = fields[STAT_SYSTEM],
        .thread_count = fields[STAT_THREADS],
        .started_ticks = fields[STAT_STARTED],
    };
    return true;
}

/* ---- Groups. ------------------------------------------------------------- */

/* The total of a line `kind avg10=... total=N`. */
static bool pressure_total(const char *text, const char *kind, uint64_t *ret)
{
    size_t length = strlen(kind);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, kind, length) != 0 || line[length] != ' ')
            continue;
        const char *at = strstr(line, " total=");
        const char *end = strchr(line, '\n');
        return at && (!end || at < end) &&
               digits(at + sizeof " total=" - 1, ret);
    }
    return false;
}

bool kernel_pressure_parse(const char *text, struct kernel_pressure *ret)
{
    struct kernel_pressure p = {0};
    if (!pressure_total(text, "some", &p.some_us))
        return false;
    pressure_total(text, "full", &p.full_us);
    *ret = p;
    return true;
}

bool kernel_quota_parse(const char *text, uint64_t *ret_milli)
{
    uint64_t quota = KERNEL_NO_LIMIT;
    uint64_t period;
    const char *at =
        strncmp(text, "max", 3) == 0 ? text + 3 : digits(text, &quota);
    if (!at || *at != ' ' || !digits(at + 1, &period) || period == 0)
        return false;
    if (quota != KERNEL_NO_LIMIT) {
        if (__builtin_mul_overflow(quota, 1000, &quota))
            return false;
        quota /= period;
    }
    *ret_milli = quota;
    return true;
}

bool kernel_list_count(const char *text, uint64_t *ret)
{
    uint64_t count = 0;
    const char *at = text;
    for (;;) {
        uint64_t first;
        uint64_t last;
        at = digits(at, &first);
        if (!at)
            return false;
        last = first;
        if (*at == '-')
            at = digits(at + 1, &last);
        if (!at || last < first || last >= CORES_MAX)
            return false;
        count += last - first + 1;
        if (*at != ',' || count > CORES_MAX)
            break;
        at++;
    }
    if (!ends(at) || count > CORES_MAX)
        return false;
    *ret = count;
    return true;
}

/* ---- The machine. -------------------------------------------------------- */

/* Lines cpu0, cpu1 and so on follow that of all. */
static uint64_t count_cores(const char *text)
{
    uint64_t count = 0;
    for (const char *at = strstr(text, "\ncpu"); at;
         at = strstr(at + 1, "\ncpu"))
        count += isdigit((unsigned char)at[4]) != 0;
    return count;
}

bool kernel_cpus_parse(const char *text,
                       uint64_t *ret_busy_ticks,
                       uint64_t *ret_core_count)
{
    uint64_t busy = 0;
    uint64_t core_count = count_cores(text);
    const char *at = text + 3;
    if (strncmp(text, "cpu ", 4) != 0 || core_count == 0 ||
        core_count > CORES_MAX)
        return false;
    for (int i = 0; i < CPU_FIELDS; i++) {
        uint64_t ticks;
        at = digits(spaces(at), &ticks);
        if (!at)
            return false;
        if (i != CPU_IDLE && i != CPU_WAITING &&
            __builtin_add_overflow(busy, ticks, &busy))
            return false;
    }
    *ret_busy_ticks = busy;
    *ret_core_count = core_count;
    return true;
}

bool kernel_running_parse(const char *text, uint64_t *ret)
{
    const char *at = text;
    for (int i = 0; i < 3 && at; i++) {
        at = strchr(at, ' ');
        at = at ? spaces(at) : NULL;
    }
    uint64_t running;
    at = at ? digits(at, &running) : NULL;
    if (!at || *at != '/')
        return false;
    *ret = running;
    return true;
}
