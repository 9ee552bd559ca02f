#include "fake_workload.h"

#include <CUnit/CUnit.h>
#include <string.h>

static struct fake_proc *find(struct fake_workload *w, proc_id proc)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->procs[i].info.id == proc && w->procs[i].state != FAKE_GONE)
            return &w->procs[i];
    return NULL;
}

static struct fake_proc *add(struct fake_workload *w,
                             const struct proc_info *info)
{
    CU_ASSERT_FATAL(w->count < FAKE_PROCS);
    struct fake_proc *p = &w->procs[w->count++];
    *p = (struct fake_proc){.info = *info, .state = FAKE_HELD};
    return p;
}

static void start(void *user, const struct workload_listener *listener)
{
    struct fake_workload *w = user;
    w->listener = listener;
}

static size_t sample(void *user,
                     usec_t now_us,
                     struct proc_info *ret,
                     size_t max)
{
    struct fake_workload *w = user;
    size_t count = 0;
    (void)now_us;
    for (size_t i = 0; i < w->count; i++) {
        if (w->procs[i].state == FAKE_GONE)
            continue;
        if (count < max)
            ret[count] = w->procs[i].info;
        count++;
    }
    return count;
}

static void freeze_space(void *user, uint64_t *ret_total, uint64_t *ret_free)
{
    (void)user;
    *ret_total = *ret_free = 1 << 30;
}

static void carry(void *user,
                  const struct proc_info *proc,
                  uint32_t epoch,
                  node_id target,
                  bool is_start)
{
    struct fake_proc *p = find(user, proc->id);
    (void)is_start;
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    p->info = *proc;
    p->state = FAKE_CARRIED;
    p->target = target;
    p->epoch = epoch;
}

static void hold(void *user, proc_id proc)
{
    struct fake_proc *p = find(user, proc);
    if (p)
        p->state = FAKE_HELD;
}

static void run(void *user, proc_id proc)
{
    struct fake_workload *w = user;
    struct fake_proc *p = find(w, proc);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    w->ran_count += p->state != FAKE_RUNS;
    p->state = FAKE_RUNS;
}

static void drop(void *user, proc_id proc)
{
    struct fake_proc *p = find(user, proc);
    if (p)
        p->state = FAKE_GONE;
}

static void freeze(void *user, proc_id proc, uint32_t epoch)
{
    (void)epoch;
    hold(user, proc);
}

static void end(void *user, proc_id proc)
{
    struct fake_workload *w = user;
    struct fake_proc *p = find(w, proc);
    if (!p)
        return;
    p->state = FAKE_GONE;
    w->listener->ended(w->listener->user, proc, 1000, 0);
}

static void ended_away(void *user, proc_id proc)
{
    (void)proc;
    ((struct fake_workload *)user)->ended_away_count++;
}

static void lost(void *user, proc_id proc, node_id with)
{
    (void)proc;
    (void)with;
    ((struct fake_workload *)user)->lost_count++;
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

static void change_roster(void *user, const struct roster *roster)
{
    (void)user;
    (void)roster;
}

static bool whose(void *user, proc_id proc, uid_t *ret_uid, pid_t *ret_pid)
{
    if (!find(user, proc))
        return false;
    *ret_uid = 1000;
    *ret_pid = (pid_t)(proc & INT32_MAX);
    return true;
}

static proc_id proc_of(void *user, pid_t pid)
{
    struct fake_workload *w = user;
    for (size_t i = 0; i < w->count; i++)
        if ((pid_t)(w->procs[i].info.id & INT32_MAX) == pid)
            return w->procs[i].info.id;
    return 0;
}

static void stop(void *user)
{
    ((struct fake_workload *)user)->listener = NULL;
}

struct node_workload fake_workload(struct fake_world *world, size_t place)
{
    world->nodes[place].world = world;
    return (struct node_workload){
        .user = &world->nodes[place],
        .moves = true,
        .guesses = GUESS_CPU | GUESS_DIRTY,
        .start = start,
        .sample = sample,
        .freeze_space = freeze_space,
        .carry = carry,
        .cancel = hold,
        .run = run,
        .drop = drop,
        .freeze = freeze,
        .thaw = run,
        .kill = end,
        .ended_away = ended_away,
        .lost = lost,
        .moved = moved,
        .heard = heard,
        .roster = change_roster,
        .whose = whose,
        .proc_of = proc_of,
        .stop = stop,
    };
}

proc_id fake_submit(struct fake_world *world, size_t place)
{
    struct fake_workload *w = &world->nodes[place];
    struct proc_info info = {.user = 1000,
                             .class_number = 1,
                             .width = 1,
                             .cpu_milli = 1000,
                             .mem_bytes = 1 << 20};
    info.id = w->listener->new_proc(w->listener->user);
    CU_ASSERT_NOT_EQUAL_FATAL(info.id, 0);
    add(w, &info);
    CU_ASSERT_TRUE(w->listener->submit(w->listener->user, &info, 0));
    return info.id;
}

static void carry_one(struct fake_workload *w, struct fake_proc *p)
{
    struct fake_workload *to = &w->world->nodes[p->target - 1];
    const struct fake_proc sent = *p;
    bool done = to->listener != NULL;
    p->state = FAKE_HELD;
    w->listener->carried(w->listener->user, sent.info.id, sent.epoch, done, 10,
                         sent.info.mem_bytes);
    if (!done)
        return;
    struct fake_proc *there = add(to, &sent.info);
    there->info.came_from = (node_id)(w - w->world->nodes) + 1;
    to->listener->image(to->listener->user, &there->info, sent.epoch,
                        there->info.came_from);
}

void fake_carry_all(struct fake_world *world)
{
    for (size_t i = 0; i < FAKE_NODES; i++) {
        struct fake_workload *w = &world->nodes[i];
        for (size_t k = 0; w->listener && k < w->count; k++)
            if (w->procs[k].state == FAKE_CARRIED)
                carry_one(w, &w->procs[k]);
    }
}

void fake_end_all(struct fake_world *world, size_t place)
{
    struct fake_workload *w = &world->nodes[place];
    for (size_t i = 0; i < w->count; i++)
        if (w->procs[i].state == FAKE_RUNS)
            end(w, w->procs[i].info.id);
}

size_t fake_running(const struct fake_world *world, size_t place)
{
    size_t count = 0;
    for (size_t i = 0; i < world->nodes[place].count; i++)
        count += world->nodes[place].procs[i].state == FAKE_RUNS;
    return count;
}
