/* sampler.c - see sampler.h. */
#include "sampler.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "speed.h"

enum { US_PER_S = 1000000 };

static uint16_t milli(uint64_t part, uint64_t whole)
{
    uint64_t share = part >= whole ? 1000 : part * 1000 / whole;
    return (uint16_t)share;
}

/* Counters of a group that was made anew begin at 0 again. */
static uint64_t grown(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* ---- The period. --------------------------------------------------------- */

static int count(const struct sampler *s,
                 struct group_counts *ret,
                 uint64_t *ret_core_count)
{
    int error = machine_count(s->proc, ret, ret_core_count);
    if (error || !s->has_group)
        return error;
    uint64_t cores = group_core_count(&s->group);
    if (0 < cores && cores < *ret_core_count)
        *ret_core_count = cores;
    group_count(&s->group, ret);
    return 0;
}

int sampler_init(struct sampler *s,
                 const struct sampler_config *config,
                 usec_t now_us,
                 struct complaint *c)
{
    uint64_t core_count;
    assert(config->core_speed_milli > 0);
    *s = (struct sampler){
        .proc = config->proc,
        .has_group = config->group,
        .core_speed_milli = config->core_speed_milli,
        .looked_us = now_us,
        .taken_us = now_us,
    };
    if (s->has_group && group_find(&s->group, s->proc, config->group) < 0)
        return complain(c, -ENOENT, config->group, 0, 0,
                        "no such group where the kernel counts processes; make "
                        "it in the hierarchy of cpu, or in version 2, and put "
                        "the node's processes there");
    int error = count(s, &s->counts, &core_count);
    if (error)
        return complain(c, error, s->proc, 0, 0,
                        "cannot tell what this machine does: %s; is proc "
                        "mounted there?",
                        strerror(-error));
    const struct group_place *threads = &s->group.places[GROUP_THREADS];
    runnable_init(&s->runnable, s->proc, threads->folder, threads->unified);
    return 0;
}

void sampler_finish(struct sampler *s)
{
    runnable_finish(&s->runnable);
}

int sampler_look(struct sampler *s, usec_t now_us)
{
    uint32_t running;
    assert(now_us >= s->looked_us);
    int error = s->has_group ? runnable_count(&s->runnable, &running)
                             : runnable_count_machine(s->proc, &running);
    if (error)
        return error;
    s->weighed_us += running * (now_us - s->looked_us);
    s->looked_for_us += now_us - s->looked_us;
    s->looked_us = now_us;
    return 0;
}

/* ---- Its end. ------------------------------------------------------------ */

static void fill_cpu(const struct sampler *s,
                     uint64_t core_count,
                     uint64_t cpu_us,
                     usec_t elapsed_us,
                     struct node_info *info)
{
    uint64_t quota =
        s->has_group ? group_quota_milli(&s->group) : KERNEL_NO_LIMIT;
    uint64_t room_milli = quota < core_count * 1000 ? quota : core_count * 1000;
    speed_under_quota(s->core_speed_milli, (uint16_t)core_count, quota,
                      &info->core_count, &info->speed_milli);
    info->utilisation_milli =
        milli(cpu_us * 1000, elapsed_us * (room_milli ? room_milli : 1));
    uint64_t load = s->weighed_us * 1000 / s->looked_for_us;
    info->load_milli = load < UINT32_MAX ? (uint32_t)load : UINT32_MAX;
}

/* What was counted at both ends of the period. */
static struct group_counts between(const struct group_counts *before,
                                   const struct group_counts *now)
{
    struct group_counts d = {
        .has_cpu = now->has_cpu && before->has_cpu,
        .has_paging = now->has_paging && before->has_paging,
        .has_page_outs = now->has_page_outs && before->has_page_outs,
        .has_memory_pressure =
            now->has_memory_pressure && before->has_memory_pressure,
        .has_io_pressure = now->has_io_pressure && before->has_io_pressure,
    };
    if (d.has_cpu)
        d.cpu_us = grown(now->cpu_us, before->cpu_us);
    if (d.has_paging) {
        d.paged_bytes = grown(now->paged_bytes, before->paged_bytes);
        d.swapped_bytes = grown(now->swapped_bytes, before->swapped_bytes);
    }
    if (d.has_memory_pressure) {
        d.memory.some_us = grown(now->memory.some_us, before->memory.some_us);
        d.memory.full_us = grown(now->memory.full_us, before->memory.full_us);
    }
    if (d.has_io_pressure) {
        d.io.some_us = grown(now->io.some_us, before->io.some_us);
        d.io.full_us = grown(now->io.full_us, before->io.full_us);
    }
    return d;
}

static uint32_t find_lacks(const struct group_counts *d)
{
    return (d->has_cpu ? 0 : SAMPLER_NO_UTILISATION) |
           (d->has_paging ? 0 : SAMPLER_NO_PAGING) |
           (d->has_page_outs || !d->has_paging ? 0 : SAMPLER_NO_PAGE_OUTS) |
           (d->has_memory_pressure ? 0 : SAMPLER_NO_MEMORY_PRESSURE) |
           (d->has_io_pressure ? 0 : SAMPLER_NO_IO_PRESSURE);
}

static void fill_memory(const struct group_memory *memory,
                        const struct group_counts *d,
                        usec_t elapsed_us,
                        struct node_info *info)
{
    uint64_t paged_bytes =
        d->paged_bytes + (d->has_page_outs ? 0 : d->swapped_bytes);
    info->mem_total_bytes = memory->total_bytes;
    info->mem_free_bytes = memory->free_bytes;
    info->swap_total_bytes = memory->swap_total_bytes;
    info->swap_free_bytes = memory->swap_free_bytes;
    info->paging_bytes_per_s = paged_bytes * US_PER_S / elapsed_us;
}

int sampler_take(struct sampler *s,
                 usec_t now_us,
                 struct node_info *info,
                 struct sampler_alarms *ret_alarms)
{
    struct group_counts now;
    struct group_memory memory;
    uint64_t core_count;
    if (s->looked_for_us == 0 || now_us <= s->taken_us)
        return -EAGAIN;
    usec_t elapsed_us = now_us - s->taken_us;
    int error = machine_memory(s->proc, &memory);
    if (!error)
        error = count(s, &now, &core_count);
    if (error)
        return error;
    if (s->has_group)
        group_limit_memory(&s->group, &memory);
    struct group_counts d = between(&s->counts, &now);
    fill_cpu(s, core_count, d.cpu_us, elapsed_us, info);
    fill_memory(&memory, &d, elapsed_us, info);
    *ret_alarms = (struct sampler_alarms){
        .memory_some_milli = milli(d.memory.some_us, elapsed_us),
        .memory_full_milli = milli(d.memory.full_us, elapsed_us),
        .io_some_milli = milli(d.io.some_us, elapsed_us),
        .io_full_milli = milli(d.io.full_us, elapsed_us),
        .lacks = find_lacks(&d),
    };
    s->counts = now;
    s->taken_us = now_us;
    s->weighed_us = 0;
    s->looked_for_us = 0;
    return 0;
}

const char *sampler_lack_text(uint32_t lacks)
{
    if (lacks & SAMPLER_NO_UTILISATION)
        return "no CPU accounting of the group: utilisation is not known";
    if (lacks & SAMPLER_NO_PAGING)
        return "no paging counters: paging is not known";
    if (lacks & SAMPLER_NO_PAGE_OUTS)
        return "no counter of pages written out: paging is at least this";
    if (lacks & SAMPLER_NO_MEMORY_PRESSURE)
        return "no pressure (PSI) of memory: no alarm from it";
    if (lacks & SAMPLER_NO_IO_PRESSURE)
        return "no pressure (PSI) of io: no alarm from it";
    return NULL;
}
