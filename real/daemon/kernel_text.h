/* kernel_text.h - numbers in the small texts of proc(5) and of groups, and the
 * reading of such a text.
 *
 * No text stops a parser: what is malformed, or too large for its type, is as
 * if it were absent, and false. On false the results are untouched.
 */
#ifndef REAL_DAEMON_KERNEL_TEXT_H
#define REAL_DAEMON_KERNEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KERNEL_TEXT_BYTES = 8192, /* Enough for all that is read here but lists. */
    KERNEL_PATH_BYTES = 256,
};

#define KERNEL_NO_LIMIT UINT64_MAX

/* From stat of a process or a thread. */
struct kernel_thread
{
    char state;             /* As ps(1) shows it. */
    uint64_t user_ticks;    /* Of the CPU. */
    uint64_t system_ticks;  /* Of the CPU. */
    uint64_t thread_count;  /* Of its process. */
    uint64_t started_ticks; /* After the machine's start: with the number it
                             * names a process once and for all. */
};

/* Shares of time in which processes stood still for want of something. */
struct kernel_pressure
{
    uint64_t some_us; /* Of at least one, since the group was made; */
    uint64_t full_us; /* of all that wanted to run. */
};

/* A file, 0 after its last byte, cut off after size - 1 bytes. The number of
 * bytes, or a negative errno. */
int kernel_read_file(const char *path, char *ret, size_t size);
int kernel_read(const char *folder, const char *name, char *ret, size_t size);

/* A file that is nothing but a number, or `max` or -1: KERNEL_NO_LIMIT. */
bool kernel_read_number(const char *folder, const char *name, uint64_t *ret);
bool kernel_number(const char *text, uint64_t *ret);

bool kernel_thread_parse(const char *text, struct kernel_thread *ret);

/* Only its state, cheaply; 0 if there is none. */
char kernel_state(const char *text);

/* The number of the first line that is `key`, colon or not, spaces, number. */
bool kernel_field(const char *text, const char *key, uint64_t *ret);

/* memory.pressure and its like. Without the line `full`: none. */
bool kernel_pressure_parse(const char *text, struct kernel_pressure *ret);

/* cpu.max: thousandths of a core. */
bool kernel_quota_parse(const char *text, uint64_t *ret_milli);

/* The machine's stat: ticks that its cores were not idle, all together, and
 * how many are on. */
bool kernel_cpus_parse(const char *text,
                       uint64_t *ret_busy_ticks,
                       uint64_t *ret_core_count);

/* loadavg: how many threads run or want to, at this instant. */
bool kernel_running_parse(const char *text, uint64_t *ret);

/* A list such as 0-3,7: how many it names, from 1 to 65535. */
bool kernel_list_count(const char *text, uint64_t *ret);

#endif /* REAL_DAEMON_KERNEL_TEXT_H */
