/* figures.c - what /proc says of a process, proc(5). */
#include "figures.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FILE_BYTES = 4096,
    ENVIRONMENT_BYTES_MAX = 1 << 21, /* As execve(2) allows by default. */
    USER_DIGITS_MAX = 10
};

static const char user_variable[] = "VENCEJO_USER=";

/* At most room - 1 bytes of a file of thread, with a NUL behind. */
static ssize_t read_proc(pid_t thread,
                         const char *file,
                         char *ret_text,
                         size_t room)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)thread, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t count = 0;
    ssize_t got;
    while ((got = read(fd, ret_text + count, room - 1 - count)) > 0)
        count += (size_t)got;
    int error = got < 0 ? -errno : 0;
    close(fd);
    if (error)
        return error;
    ret_text[count] = '\0';
    return (ssize_t)count;
}

/* The number behind "name:" at the beginning of a line. */
static bool find_number(const char *text, const char *name, uint64_t *ret_value)
{
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            *ret_value = strtoull(line + length + 1, NULL, 10);
            return true;
        }
    }
    return false;
}

static int read_times(struct life *life, pid_t thread)
{
    char text[FILE_BYTES];
    ssize_t count = read_proc(thread, "schedstat", text, sizeof text);
    if (count < 0)
        return (int)count;
    uint64_t cpu_ns;
    uint64_t wait_ns;
    if (sscanf(text, "%" SCNu64 " %" SCNu64, &cpu_ns, &wait_ns) != 2)
        return -EBADMSG;
    life->cpu_ns += cpu_ns;
    life->wait_ns += wait_ns;
    return 0;
}

/* The thread's own: the count of a process includes, by getrusage(2)'s habit,
 * the children that it has waited for. */
static int read_io(struct life *life, pid_t thread)
{
    char file[32];
    char text[FILE_BYTES];
    snprintf(file, sizeof file, "task/%d/io", (int)thread);
    ssize_t count = read_proc(thread, file, text, sizeof text);
    if (count < 0)
        return (int)count;
    struct
    {
        const char *name;
        uint64_t *sum;
    } const counters[] = {
        {"rchar", &life->read_bytes},
        {"wchar", &life->write_bytes},
        {"syscr", &life->read_calls},
        {"syscw", &life->write_calls},
        {"read_bytes", &life->disk_read_bytes},
        {"write_bytes", &life->disk_write_bytes},
    };
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        uint64_t value;
        if (!find_number(text, counters[i].name, &value))
            return -EBADMSG;
        *counters[i].sum += value;
    }
    return 0;
}

/* Peak memory, user and name. Its last thread may be gone before the memory is
 * asked for by another; what was seen before then stays. */
static int read_status(struct life *life, pid_t thread)
{
    char text[FILE_BYTES];
    ssize_t count = read_proc(thread, "status", text, sizeof text);
    if (count < 0)
        return (int)count;
    uint64_t peak_kib;
    if (find_number(text, "VmHWM", &peak_kib))
        life->peak_bytes = peak_kib * 1024;
    uint64_t uid;
    if (find_number(text, "Uid", &uid))
        life->uid = (uint32_t)uid;
    if (thread != life->pid)
        return 0;
    const char *name = text + strcspn(text, "\t") + 1;
    size_t length = strcspn(name, "\n");
    if (length >= sizeof life->name)
        length = sizeof life->name - 1;
    for (size_t i = 0; i < length; i++)
        life->name[i] = isgraph((unsigned char)name[i]) ? name[i] : '_';
    life->name[length] = '\0';
    return 0;
}

int figures_read(struct life *life, pid_t thread)
{
    int error = read_times(life, thread);
    if (!error)
        error = read_io(life, thread);
    if (!error)
        error = read_status(life, thread);
    if (!error) {
        life->thread_count++;
        life->has_figures = true;
    }
    return error;
}

static void take_user(struct life *life, const char *value)
{
    char *end;
    unsigned long user = strtoul(value, &end, 10);
    if (isdigit((unsigned char)value[0]) && *end == '\0' &&
        end - value <= USER_DIGITS_MAX && user < LIFE_NONE)
        life->user = (uint32_t)user;
}

void figures_read_user(struct life *life)
{
    char *environment = malloc(ENVIRONMENT_BYTES_MAX);
    ssize_t count = environment ? read_proc(life->pid, "environ", environment,
                                            ENVIRONMENT_BYTES_MAX)
                                : -ENOMEM;
    const char *end = environment + (count > 0 ? count : 0);
    size_t length = strlen(user_variable);
    for (const char *p = environment; p < end; p += strlen(p) + 1)
        if (strncmp(p, user_variable, length) == 0)
            take_user(life, p + length);
    free(environment);
}

int figures_read_parent(pid_t thread, pid_t *ret_pid, pid_t *ret_parent_pid)
{
    char text[FILE_BYTES] = "";
    ssize_t count = read_proc(thread, "status", text, sizeof text);
    if (count < 0)
        return (int)count;
    uint64_t pid;
    uint64_t parent_pid;
    if (!find_number(text, "Tgid", &pid) ||
        !find_number(text, "PPid", &parent_pid))
        return -EBADMSG;
    *ret_pid = (pid_t)pid;
    *ret_parent_pid = (pid_t)parent_pid;
    return 0;
}
