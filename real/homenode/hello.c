/* hello.c - see hello.h. */
#include "hello.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cpu.h"
#include "dirty.h"
#include "image.h"

static const char magic[] = "vencejoW";

static uint64_t available_bytes(void)
{
    char line[128];
    uint64_t kib = 0;
    FILE *file = fopen("/proc/meminfo", "re");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file) &&
           sscanf(line, "MemAvailable: %" SCNu64, &kib) != 1)
        continue;
    fclose(file);
    return kib * 1024;
}

static uint32_t facilities(void)
{
    bool precopy = (dirty_methods() & ~(1U << DIRTY_NONE)) != 0;
    return (uint32_t)FACILITY_ZSTD | (precopy ? (uint32_t)FACILITY_PRECOPY : 0);
}

int hello_make(struct wire_hello *ret)
{
    struct wire_hello hello = {.version = WIRE_VERSION,
                               .facilities = facilities(),
                               .extended_states = cpu_extended_states(),
                               .free_bytes = available_bytes()};
    struct tracee self = {.pid = getpid()};
    memcpy(hello.magic, magic, sizeof hello.magic);
    cpu_words(hello.cpu);
    int error = image_vdso_digest(&self, &hello.vdso_digest);
    if (!error)
        *ret = hello;
    return error;
}

const char *hello_wrong(const struct wire_hello *hello)
{
    if (memcmp(hello->magic, magic, sizeof hello->magic) != 0)
        return "it is no node of vencejo";
    if (hello->version != WIRE_VERSION)
        return "it speaks another version of the protocol";
    return NULL;
}

const char *hello_misfit(const struct wire_hello *home,
                         const struct wire_hello *host)
{
    if (home->vdso_digest != host->vdso_digest)
        return "its kernel has another vDSO, which the process may be using";
    return cpu_lacks(host->cpu, home->cpu, host->extended_states,
                     home->extended_states);
}
