/* speed.c - see speed.h. */
#include "speed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../traces/save.h"
#include "kernel_text.h"

#define FIRST_LINE "vencejo-speed 1\n"

enum { FILE_BYTES = 512 };

/* ---- The machine's name. ------------------------------------------------- */

/* The first line `key : value` of cpuinfo; "" if there is none. */
static void cpu_field(const char *text, const char *key, char *ret, size_t size)
{
    size_t length = strlen(key);
    *ret = '\0';
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) != 0)
            continue;
        const char *at = line + length + strspn(line + length, " \t");
        if (*at != ':')
            continue;
        at += 1 + strspn(at + 1, " \t");
        snprintf(ret, size, "%.*s", (int)strcspn(at, "\n"), at);
        return;
    }
}

int speed_machine(const char *proc,
                  char ret[SPEED_MACHINE_BYTES],
                  struct complaint *c)
{
    char text[KERNEL_TEXT_BYTES];
    char name[64];
    char numbers[3][8];
    struct utsname system;
    int count = kernel_read(proc, "cpuinfo", text, sizeof text);
    if (count < 0)
        return complain(c, count, proc, 0, 0, "cannot read cpuinfo there: %s",
                        strerror(-count));
    cpu_field(text, "model name", name, sizeof name);
    if (*name) {
        cpu_field(text, "cpu family", numbers[0], sizeof numbers[0]);
        cpu_field(text, "model", numbers[1], sizeof numbers[1]);
        cpu_field(text, "stepping", numbers[2], sizeof numbers[2]);
    } else { /* Processors of Arm. */
        uname(&system);
        snprintf(name, sizeof name, "%.60s", system.machine);
        cpu_field(text, "CPU implementer", numbers[0], sizeof numbers[0]);
        cpu_field(text, "CPU part", numbers[1], sizeof numbers[1]);
        cpu_field(text, "CPU revision", numbers[2], sizeof numbers[2]);
    }
    snprintf(ret, SPEED_MACHINE_BYTES, "%s, %s/%s/%s", name, numbers[0],
             numbers[1], numbers[2]);
    return 0;
}

/* ---- The file. ----------------------------------------------------------- */

int speed_read(const char *file, struct speed *ret, struct complaint *c)
{
    char text[FILE_BYTES];
    struct speed read = {0};
    uint64_t milli;
    int count = kernel_read_file(file, text, sizeof text);
    if (count < 0)
        return complain(c, count, file, 0, 0, "cannot read: %s",
                        strerror(-count));
    const char *machine = strstr(text, "\nmachine ");
    if (strncmp(text, FIRST_LINE, sizeof FIRST_LINE - 1) == 0 && machine &&
        kernel_field(text, "milli", &milli) && 1 <= milli &&
        milli <= SPEED_MILLI_MAX) {
        machine += sizeof "\nmachine " - 1;
        size_t length = strcspn(machine, "\n");
        if (0 < length && length < sizeof read.machine &&
            machine[length] == '\n') {
            read.milli = (uint32_t)milli;
            memcpy(read.machine, machine, length);
            *ret = read;
            return 0;
        }
    }
    return complain(c, -EINVAL, file, 0, 0,
                    "damaged: not a speed of version 1, from 1 to %d "
                    "thousandths, with the name of the machine; remove it, and "
                    "it is measured again",
                    SPEED_MILLI_MAX);
}

int speed_write(const char *file,
                const struct speed *speed,
                struct complaint *c)
{
    char text[FILE_BYTES];
    snprintf(text, sizeof text, "%smilli %" PRIu32 "\nmachine %s\n", FIRST_LINE,
             speed->milli, speed->machine);
    int error = save_text(file, text);
    return error ? complain(c, error, file, 0, 0, "cannot write: %s",
                            strerror(-error))
                 : 0;
}

int speed_get(const char *file,
              const char *proc,
              struct speed *ret,
              bool *ret_measured,
              struct complaint *c)
{
    struct speed kept;
    struct speed now;
    int error = speed_machine(proc, now.machine, c);
    if (error)
        return error;
    error = speed_read(file, &kept, c);
    if (error && error != -ENOENT)
        return error;
    if (!error && strcmp(kept.machine, now.machine) == 0) {
        *ret = kept;
        *ret_measured = false;
        return 0;
    }
    error = speed_measure(&now.milli, c);
    if (!error)
        error = speed_write(file, &now, c);
    if (error)
        return error;
    *ret = now;
    *ret_measured = true;
    return 0;
}

/* ---- A quota. ------------------------------------------------------------ */

void speed_under_quota(uint32_t core_milli,
                       uint16_t core_count,
                       uint64_t quota_milli,
                       uint16_t *ret_core_count,
                       uint32_t *ret_milli)
{
    *ret_core_count = core_count;
    *ret_milli = core_milli;
    if (quota_milli >= (uint64_t)core_count * 1000)
        return;
    uint64_t count = quota_milli ? (quota_milli + 999) / 1000 : 1;
    uint64_t milli = core_milli * quota_milli / (count * 1000);
    *ret_core_count = (uint16_t)count;
    *ret_milli = milli ? (uint32_t)milli : 1;
}
