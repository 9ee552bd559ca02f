/* mover_sample.c - what runs here, listed and measured. See mover.h. */
#include <stdio.h>

#include "mover_inside.h"

static bool runs_here(const struct row *row)
{
    return row->state == ROW_HOME || row->state == ROW_RUNNING;
}

static pid_t pid_of(const struct row *row)
{
    return row->saved.is_guest ? row->body : row->saved.pid;
}

size_t node_mover_list(const struct node_mover *m,
                       struct node_mover_process *ret,
                       size_t room)
{
    static const char *const names[] = {
        [ROW_NEW] = "new",         [ROW_HELD] = "held",
        [ROW_HOME] = "home",       [ROW_SENDING] = "sending",
        [ROW_CARRIED] = "carried", [ROW_AWAY] = "away",
        [ROW_HOME_WHOLE] = "back", [ROW_EXPECTED] = "expected",
        [ROW_COMING] = "coming",   [ROW_WHOLE] = "whole",
        [ROW_RUNNING] = "running", [ROW_STANDING] = "standing",
        [ROW_OVER] = "over"};
    size_t count = 0;
    for (const struct row *row = m->rows; row; row = row->next) {
        const struct row_saved *saved = &row->saved;
        if (row->state == ROW_OVER)
            continue;
        if (count++ >= room)
            continue;
        struct node_mover_process *p = &ret[count - 1];
        *p = (struct node_mover_process){.proc = saved->proc,
                                         .pid = pid_of(row),
                                         .home = saved->home,
                                         .is_guest = saved->is_guest,
                                         .is_away = row->state == ROW_AWAY,
                                         .epoch = saved->epoch,
                                         .user = saved->info.user};
        snprintf(p->state, sizeof p->state, "%s", names[row->state]);
    }
    return count;
}

uint64_t node_mover_cpu_us(const struct node_mover *m, proc_id proc)
{
    const struct row *row = mover_find(m, false, proc);
    if (!row)
        row = mover_find(m, true, proc);
    return row ? row->saved.info.cpu_used_us : 0;
}

static bool measure(struct row *row,
                    usec_t now_us,
                    uint32_t core_speed_milli,
                    struct proc_info *ret)
{
    struct process_sample now;
    if (process_sample("/proc", pid_of(row), now_us, &now) < 0)
        return false;
    *ret = row->saved.info;
    ret->mem_bytes = now.mem_bytes;
    ret->cpu_milli =
        row->sample.measured_us > 0
            ? process_demand_milli(&row->sample, &now, core_speed_milli)
            : ret->cpu_milli;
    ret->cpu_used_us =
        row->cpu_before_us + now.cpu_us * core_speed_milli / 1000;
    row->sample = now;
    row->saved.info = *ret;
    return true;
}

size_t node_mover_sample(struct node_mover *m,
                         usec_t now_us,
                         uint32_t core_speed_milli,
                         struct proc_info *ret,
                         size_t room)
{
    size_t count = 0;
    for (struct row *row = m->rows; row && count < room; row = row->next)
        if (runs_here(row) &&
            measure(row, now_us, core_speed_milli, &ret[count]))
            count++;
    return count;
}
