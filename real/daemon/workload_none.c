/* workload_none.c - see workload_none.h. No process is ever submitted and no
 * image ever comes, so no action about one does either. */
#include "workload_none.h"

static void start(void *user, const struct workload_listener *listener)
{
    (void)user;
    (void)listener;
}

static size_t sample(void *user,
                     usec_t now_us,
                     struct proc_info *ret,
                     size_t max)
{
    (void)user;
    (void)now_us;
    (void)ret;
    (void)max;
    return 0;
}

static void freeze_space(void *user, uint64_t *ret_total, uint64_t *ret_free)
{
    (void)user;
    *ret_total = 0;
    *ret_free = 0;
}

static void carry(void *user,
                  const struct proc_info *proc,
                  uint32_t epoch,
                  node_id target,
                  bool start)
{
    (void)user;
    (void)proc;
    (void)epoch;
    (void)target;
    (void)start;
}

static void pass_over(void *user, proc_id proc)
{
    (void)user;
    (void)proc;
}

static void freeze(void *user, proc_id proc, uint32_t epoch)
{
    (void)user;
    (void)proc;
    (void)epoch;
}

static void lost(void *user, proc_id proc, node_id with)
{
    (void)user;
    (void)proc;
    (void)with;
}

static void moved(void *user, proc_id proc, node_id place, uint32_t epoch)
{
    (void)user;
    (void)proc;
    (void)place;
    (void)epoch;
}

static void heard(void *user, node_id from, const uint8_t *bytes, size_t count)
{
    (void)user;
    (void)from;
    (void)bytes;
    (void)count;
}

static void roster(void *user, const struct roster *roster)
{
    (void)user;
    (void)roster;
}

static bool whose(void *user, proc_id proc, uid_t *ret_uid, pid_t *ret_pid)
{
    (void)user;
    (void)proc;
    (void)ret_uid;
    (void)ret_pid;
    return false;
}

static proc_id proc_of(void *user, pid_t pid)
{
    (void)user;
    (void)pid;
    return 0;
}

static void stop(void *user)
{
    (void)user;
}

struct node_workload workload_none(void)
{
    return (struct node_workload){
        .start = start,
        .sample = sample,
        .freeze_space = freeze_space,
        .carry = carry,
        .cancel = pass_over,
        .run = pass_over,
        .drop = pass_over,
        .freeze = freeze,
        .thaw = pass_over,
        .kill = pass_over,
        .ended_away = pass_over,
        .lost = lost,
        .moved = moved,
        .heard = heard,
        .roster = roster,
        .whose = whose,
        .proc_of = proc_of,
        .stop = stop,
    };
}
