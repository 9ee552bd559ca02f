/* group_count.c - what a group, or the machine, has used; see group.h. */
#include "group.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MACHINE_TEXT_BYTES = 1 << 17, /* A line for each core and interrupt. */
    NS_PER_US = 1000,
    US_PER_S = 1000000,
    BYTES_PER_KIB = 1024,
};

static uint64_t pages_bytes(uint64_t pages)
{
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool read_pressure(const char *folder,
                          const char *name,
                          struct kernel_pressure *ret)
{
    char text[512];
    return kernel_read(folder, name, text, sizeof text) > 0 &&
           kernel_pressure_parse(text, ret);
}

/* ---- A group. ------------------------------------------------------------ */

static bool count_cpu(const struct group_place *place, uint64_t *ret_us)
{
    char text[KERNEL_TEXT_BYTES];
    uint64_t ns;
    if (!place->found)
        return false;
    if (place->unified)
        return kernel_read(place->folder, "cpu.stat", text, sizeof text) > 0 &&
               kernel_field(text, "usage_usec", ret_us);
    if (!kernel_read_number(place->folder, "cpuacct.usage", &ns))
        return false;
    *ret_us = ns / NS_PER_US;
    return true;
}

/* Kernels tell more and more of this. Version 1's pgpgin and pgpgout are no
 * paging: they count pages that came to the group and left it. */
static void count_paging(const struct group_place *place,
                         struct group_counts *ret)
{
    char text[KERNEL_TEXT_BYTES];
    uint64_t in = 0;
    uint64_t out = 0;
    uint64_t restored = 0;
    if (!place->found ||
        kernel_read(place->folder, "memory.stat", text, sizeof text) < 0)
        return;
    if (place->unified) {
        ret->has_paging = kernel_field(text, "pswpin", &in) ||
                          kernel_field(text, "workingset_refault_anon", &in);
        ret->has_page_outs = kernel_field(text, "pswpout", &out);
        kernel_field(text, "workingset_restore_file", &restored);
        kernel_read_number(place->folder, "memory.swap.current",
                           &ret->swapped_bytes);
    } else {
        ret->has_paging =
            kernel_field(text, "total_workingset_refault_anon", &in);
        kernel_field(text, "total_swap", &ret->swapped_bytes);
    }
    ret->paged_bytes = pages_bytes(in + out + restored);
}

void group_count(const struct group *group, struct group_counts *ret)
{
    const struct group_place *pressure = &group->places[GROUP_PRESSURE];
    *ret = (struct group_counts){0};
    ret->has_cpu = count_cpu(&group->places[GROUP_CPU_USED], &ret->cpu_us);
    count_paging(&group->places[GROUP_MEMORY], ret);
    if (!pressure->found)
        return;
    ret->has_memory_pressure =
        read_pressure(pressure->folder, "memory.pressure", &ret->memory);
    ret->has_io_pressure =
        read_pressure(pressure->folder, "io.pressure", &ret->io);
}

/* ---- The machine. -------------------------------------------------------- */

int machine_memory(const char *proc, struct group_memory *ret)
{
    char text[KERNEL_TEXT_BYTES];
    struct group_memory m;
    int count = kernel_read(proc, "meminfo", text, sizeof text);
    if (count < 0)
        return count;
    if (!kernel_field(text, "MemTotal", &m.total_bytes) ||
        !kernel_field(text, "MemAvailable", &m.free_bytes) ||
        !kernel_field(text, "SwapTotal", &m.swap_total_bytes) ||
        !kernel_field(text, "SwapFree", &m.swap_free_bytes))
        return -EPROTO;
    *ret = (struct group_memory){
        .total_bytes = m.total_bytes * BYTES_PER_KIB,
        .free_bytes = m.free_bytes * BYTES_PER_KIB,
        .swap_total_bytes = m.swap_total_bytes * BYTES_PER_KIB,
        .swap_free_bytes = m.swap_free_bytes * BYTES_PER_KIB,
    };
    return 0;
}

static void count_machine_paging(const char *proc, struct group_counts *ret)
{
    char text[KERNEL_TEXT_BYTES];
    uint64_t in;
    uint64_t out;
    uint64_t restored = 0;
    if (kernel_read(proc, "vmstat", text, sizeof text) < 0 ||
        !kernel_field(text, "pswpin", &in) ||
        !kernel_field(text, "pswpout", &out))
        return;
    kernel_field(text, "workingset_restore_file", &restored);
    ret->has_paging = true;
    ret->has_page_outs = true;
    ret->paged_bytes = pages_bytes(in + out + restored);
}

int machine_count(const char *proc,
                  struct group_counts *ret,
                  uint64_t *ret_core_count)
{
    uint64_t ticks;
    char *text = malloc(MACHINE_TEXT_BYTES);
    if (!text)
        return -ENOMEM;
    int count = kernel_read(proc, "stat", text, MACHINE_TEXT_BYTES);
    bool good = count > 0 && kernel_cpus_parse(text, &ticks, ret_core_count);
    free(text);
    if (!good)
        return count < 0 ? count : -EPROTO;
    *ret = (struct group_counts){.has_cpu = true};
    ret->cpu_us = ticks * (US_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
    count_machine_paging(proc, ret);
    ret->has_memory_pressure =
        read_pressure(proc, "pressure/memory", &ret->memory);
    ret->has_io_pressure = read_pressure(proc, "pressure/io", &ret->io);
    return 0;
}
