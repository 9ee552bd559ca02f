/* checkpoints.c - processes are saved as they run, and begin again from there.
 *
 * A process takes a checkpoint when it has been `every` since it first ran or
 * since the last one: wall clock, as MOSIX's -A minutes. It is stopped while
 * its image goes home over the network, if it is away and is kept there, and is
 * written, bytes / disk, in turn with what else the disk does; with a server
 * the time is that of the way to the server and its disk, in turn with what
 * else the disk of its node does. It takes none while it is carried or frozen,
 * but as soon as it runs again. A checkpoint that a migration, a freeze or a
 * failure breaks off does not count, and what was to be written keeps its turn
 * at the disk. The last `keep` stay.
 *
 * When its home says that it has lost a process, or comes up again and has
 * `restart-after-home`, it reads the last whole checkpoint, in turn with what
 * else its disk does, and submits the process anew, with an epoch above all
 * that it ever had; without a checkpoint it begins from nothing. What still
 * runs of it elsewhere is stale: it goes on, for nothing, until its node hears.
 * Images kept at a home that crashes are lost with it.
 */
#include "checkpoints.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../traces/pages.h"
#include "run.h"

/* While it cannot be stopped, being carried as it runs. */
static const double TRY_AGAIN_S = 1;

static const struct scenario_checkpoint *how(const struct world *world)
{
    return &world->scenario->grid.checkpoint;
}

static double every_s(const struct world *world)
{
    return (double)how(world)->every_us * 1e-6;
}

static struct saved *saved_of(const struct world *world, uint32_t index)
{
    return &world->checkpoints->saved[process_number(world, index)];
}

static uint64_t turn_of(const struct saved *saved, uint32_t number)
{
    return (uint64_t)saved->turn << 32 | number;
}

/* NULL: it is void. */
static struct saved *find_turn(const struct world *world, uint64_t turn)
{
    uint32_t number = (uint32_t)turn;
    struct saved *saved = &world->checkpoints->saved[number];
    return turn_of(saved, number) == turn ? saved : NULL;
}

int checkpoints_create(struct world *world)
{
    if (how(world)->every_us == 0)
        return 0;
    struct checkpoints *all = calloc(1, sizeof *all);
    world->checkpoints = all;
    if (!all)
        return -ENOMEM;
    all->workload_count = world->process_count;
    all->saved_bytes = (world->process_count + 1ul) * sizeof *all->saved;
    all->saved = pages_take(all->saved_bytes);
    all->of_home = malloc((world->machine_count + 1ul) * sizeof *all->of_home);
    if (!all->saved || !all->of_home)
        return -ENOMEM;
    for (node_id i = 0; i < world->machine_count; i++)
        all->of_home[i] = PROCESS_NONE;
    for (uint32_t i = world->process_count; 0 < i--;) {
        node_id home = world->processes[i].home;
        all->saved[i] = (struct saved){.current = i,
                                       .due = NAN,
                                       .asked = INFINITY,
                                       .next_of_home = all->of_home[home]};
        all->of_home[home] = i;
    }
    return 0;
}

void checkpoints_destroy(struct world *world)
{
    struct checkpoints *all = world->checkpoints;
    if (!all)
        return;
    pages_give(all->saved, all->saved_bytes);
    free(all->of_home);
    free(all->lives);
    free(all);
}

uint32_t checkpoints_lives(const struct world *world)
{
    const struct checkpoints *all = world->checkpoints;
    return all ? world->process_count - all->workload_count : 0;
}

/* ---- Which of its lives. ------------------------------------------------- */

uint32_t process_number(const struct world *world, uint32_t index)
{
    const struct checkpoints *all = world->checkpoints;
    return !all || index < all->workload_count
               ? index
               : all->lives[index - all->workload_count].number;
}

uint32_t process_current(const struct world *world, uint32_t number)
{
    return world->checkpoints ? world->checkpoints->saved[number].current
                              : number;
}

bool process_is_stale(const struct world *world, uint32_t index)
{
    if (!world->checkpoints)
        return false;
    const struct saved *saved = saved_of(world, index);
    return saved->current != index || saved->fate != FATE_NONE;
}

static bool concerns(const struct process *p, node_id node)
{
    if (p->phase >= PROCESS_VANISHED || p->phase == PROCESS_COMING)
        return false;
    return p->place == node ||
           (mover_phase(p) != MOVER_IDLE && p->mover->target == node);
}

uint32_t process_at(const struct world *world, node_id node, proc_id id)
{
    uint32_t at = process_find(world, id);
    const struct checkpoints *all = world->checkpoints;
    if (!all || world->process_count == all->workload_count)
        return at;
    at = process_current(world, at);
    while (!concerns(&world->processes[at], node)) {
        if (at < all->workload_count)
            return PROCESS_NONE;
        at = all->lives[at - all->workload_count].before;
    }
    return at;
}

/* ---- Taking one. --------------------------------------------------------- */

static void ask(struct world *world, uint32_t number, double date)
{
    struct saved *saved = &world->checkpoints->saved[number];
    saved->asked = date;
    heap_push(&world->heap, date, HAPPENS_CHECKPOINT,
              world->processes[saved->current].home, number);
}

void checkpoints_runs(struct world *world, uint32_t index)
{
    if (!world->checkpoints || process_is_stale(world, index))
        return;
    struct saved *saved = saved_of(world, index);
    if (isnan(saved->due))
        saved->due = world->now + every_s(world);
    if (!isfinite(saved->asked))
        ask(world, process_number(world, index), fmax(world->now, saved->due));
}

static bool goes_home(const struct world *world, const struct process *p)
{
    return how(world)->on == CHECKPOINT_HOME && p->place != p->home;
}

static void write(struct world *world, struct saved *saved, uint32_t number)
{
    const struct process *p = &world->processes[saved->current];
    node_id disk = goes_home(world, p) ? p->home : p->place;
    double takes_s = (double)p->mem_bytes / how(world)->disk_bytes_per_s;
    double begins = disk_begins(world, disk, takes_s);
    saved->turn++;
    heap_push(&world->heap, begins + takes_s, HAPPENS_SAVED, p->place,
              turn_of(saved, number));
}

/* The next is due as if this one had been taken. */
static void go_on(struct world *world, struct saved *saved)
{
    saved->due = world->now + every_s(world);
    process_run(world, saved->current);
}

static void begin(struct world *world, struct saved *saved, uint32_t number)
{
    const struct process *p = &world->processes[saved->current];
    saved->began = world->now;
    process_stop(world, saved->current, PROCESS_SAVING);
    if (!goes_home(world, p)) {
        write(world, saved, number);
    } else if (machine_is_down(world, p->home)) {
        checkpoints_break(world, saved->current);
        go_on(world, saved);
    } else {
        saved->flows = true;
        net_start(world->net, world->now, saved->current, p->place, p->home,
                  (double)p->mem_bytes);
    }
}

void checkpoints_due(struct world *world, uint32_t number)
{
    struct saved *saved = &world->checkpoints->saved[number];
    const struct process *p = &world->processes[saved->current];
    if (saved->asked != world->now)
        return; /* Of a life that is over. */
    saved->asked = INFINITY;
    if (process_is_stale(world, saved->current) || p->phase != PROCESS_RUNNING)
        return; /* It is asked again when it runs. */
    if (world->now < saved->due)
        ask(world, number, saved->due);
    else if (mover_phase(p) != MOVER_IDLE)
        ask(world, number, world->now + TRY_AGAIN_S);
    else
        begin(world, saved, number);
}

void checkpoints_flow_ended(struct world *world, uint32_t index, bool failed)
{
    struct saved *saved = saved_of(world, index);
    saved->flows = false;
    if (!failed) {
        write(world, saved, process_number(world, index));
        return;
    }
    checkpoints_break(world, index);
    go_on(world, saved);
}

void checkpoints_written(struct world *world, uint64_t turn)
{
    struct saved *saved = find_turn(world, turn);
    if (!saved)
        return;
    const struct process *p = &world->processes[saved->current];
    assert(p->phase == PROCESS_SAVING);
    saved->done_us = process_done_us(p, p->left_s);
    if (saved->kept < how(world)->keep)
        saved->kept++;
    struct record r = record_now(world, RECORD_CHECKPOINT, p->place);
    r.proc = process_id(world, saved->current);
    r.values[CHECKPOINT_BYTES] = p->mem_bytes;
    r.values[CHECKPOINT_STOPPED_US] =
        (uint64_t)((world->now - saved->began) * 1e6 + 1e-3);
    r.values[CHECKPOINT_DONE_US] = saved->done_us;
    world_record(world, &r);
    go_on(world, saved);
}

void checkpoints_break(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (p->phase != PROCESS_SAVING)
        return;
    struct saved *saved = saved_of(world, index);
    if (saved->flows)
        net_cancel(world->net, world->now, index);
    saved->flows = false;
    saved->turn++;
    p->phase = PROCESS_STOPPED;
}

void checkpoints_interrupt(struct world *world, uint32_t index)
{
    if (world->processes[index].phase != PROCESS_SAVING)
        return;
    checkpoints_break(world, index);
    process_run(world, index);
}

/* ---- Beginning again. ---------------------------------------------------- */

static void read_back(struct world *world, struct saved *saved, uint32_t number)
{
    const struct process *p = &world->processes[saved->current];
    double takes_s = saved->kept > 0
                         ? (double)p->mem_bytes / how(world)->disk_bytes_per_s
                         : 0;
    double begins =
        takes_s > 0 ? disk_begins(world, p->home, takes_s) : world->now;
    saved->fate = FATE_READ;
    checkpoints_interrupt(world, saved->current); /* It is stale from now on. */
    saved->turn++;
    heap_push(&world->heap, begins + takes_s, HAPPENS_RESTART, p->home,
              turn_of(saved, number));
}

static void await_home(struct world *world, struct saved *saved)
{
    saved->fate = FATE_AWAITS_HOME;
    saved->turn++;
    world->waiting_count++;
}

void checkpoints_epoch(struct world *world, uint32_t index, uint32_t epoch)
{
    if (!world->checkpoints)
        return;
    struct saved *saved = saved_of(world, index);
    if (saved->epoch < epoch)
        saved->epoch = epoch;
}

bool checkpoints_is_past(const struct world *world,
                         uint32_t number,
                         uint32_t epoch)
{
    return world->checkpoints &&
           epoch <= world->checkpoints->saved[number].born &&
           world->checkpoints->saved[number].born > 0;
}

bool checkpoints_lost(struct world *world, uint32_t number)
{
    if (!world->checkpoints)
        return false;
    struct saved *saved = &world->checkpoints->saved[number];
    const struct process *p = &world->processes[saved->current];
    bool pages_lost = saved->fate == FATE_PAGES_LOST;
    bool lives = saved->fate == FATE_NONE && p->phase != PROCESS_GONE;
    if (!pages_lost && !lives)
        return false; /* It ended, and its home had not heard of it. */
    read_back(world, saved, number);
    if (p->phase == PROCESS_VANISHED)
        process_clear(world, saved->current);
    return true;
}

bool checkpoints_pages_lost(struct world *world, uint32_t index)
{
    if (!world->checkpoints || process_is_stale(world, index))
        return false;
    struct saved *saved = saved_of(world, index);
    const struct process *p = &world->processes[index];
    saved->fate = FATE_PAGES_LOST;
    process_clear(world, index);
    if (p->place == p->home)
        read_back(world, saved, process_number(world, index));
    return true;
}

void checkpoints_heard_of_end(struct world *world, uint32_t number)
{
    if (world->checkpoints &&
        world->checkpoints->saved[number].fate == FATE_PAGES_LOST)
        read_back(world, &world->checkpoints->saved[number], number);
}

bool checkpoints_await_home(struct world *world, uint32_t index)
{
    if (!world->checkpoints || !how(world)->after_home ||
        !machine_is_down(world, world->processes[index].home))
        return false;
    await_home(world, saved_of(world, index));
    process_clear(world, index);
    return true;
}

bool checkpoints_reads(const struct world *world, node_id home)
{
    const struct checkpoints *all = world->checkpoints;
    uint32_t i = all ? all->of_home[home] : PROCESS_NONE;
    while (i != PROCESS_NONE && all->saved[i].fate != FATE_READ)
        i = all->saved[i].next_of_home;
    return i != PROCESS_NONE;
}

/* What was to begin again there: it waits, or nobody knows it any more. */
static void home_down(struct world *world, struct saved *saved)
{
    uint32_t index = saved->current;
    if (world->processes[index].phase == PROCESS_SAVING &&
        goes_home(world, &world->processes[index]))
        checkpoints_interrupt(world, index);
    if (saved->fate != FATE_READ && saved->fate != FATE_PAGES_LOST)
        return;
    if (how(world)->after_home) {
        await_home(world, saved);
        return;
    }
    saved->fate = FATE_DIED;
    saved->turn++;
    process_forgotten(world, index, "its home went down");
}

void checkpoints_home_down(struct world *world, node_id home)
{
    struct checkpoints *all = world->checkpoints;
    if (!all)
        return;
    for (uint32_t i = all->of_home[home]; i != PROCESS_NONE;
         i = all->saved[i].next_of_home)
        home_down(world, &all->saved[i]);
}

void checkpoints_disk_lost(struct world *world, node_id home)
{
    struct checkpoints *all = world->checkpoints;
    if (!all || how(world)->on != CHECKPOINT_HOME)
        return;
    for (uint32_t i = all->of_home[home]; i != PROCESS_NONE;
         i = all->saved[i].next_of_home) {
        all->saved[i].kept = 0;
        all->saved[i].done_us = 0;
    }
}

static void home_up(struct world *world, struct saved *saved, uint32_t number)
{
    const struct process *p = &world->processes[saved->current];
    bool waits = saved->fate == FATE_AWAITS_HOME;
    bool runs_away = saved->fate == FATE_NONE && p->phase != PROCESS_COMING &&
                     p->phase < PROCESS_VANISHED;
    world->waiting_count -= waits;
    if (waits || runs_away)
        read_back(world, saved, number);
}

void checkpoints_home_up(struct world *world, node_id home)
{
    struct checkpoints *all = world->checkpoints;
    if (!all || !how(world)->after_home)
        return;
    for (uint32_t i = all->of_home[home]; i != PROCESS_NONE;
         i = all->saved[i].next_of_home)
        home_up(world, &all->saved[i], i);
}

/* ---- A new life. --------------------------------------------------------- */

static void make_room(struct world *world)
{
    struct checkpoints *all = world->checkpoints;
    if (world->process_count == world->process_room) {
        size_t bytes = world->process_room * sizeof *world->processes;
        struct process *larger = pages_take(2 * bytes);
        assert(larger);
        memcpy(larger, world->processes, bytes);
        pages_give(world->processes, bytes);
        world->processes = larger;
        world->process_room *= 2;
    }
    uint32_t count = world->process_count - all->workload_count;
    if (count == all->life_room) {
        all->life_room = count ? 2 * count : 64;
        all->lives = realloc(all->lives, all->life_room * sizeof *all->lives);
        assert(all->lives);
    }
}

static uint32_t live_again(struct world *world, uint32_t number)
{
    struct checkpoints *all = world->checkpoints;
    struct saved *saved = &all->saved[number];
    make_room(world);
    uint32_t index = world->process_count++;
    const struct process *before = &world->processes[saved->current];
    struct process *p = &world->processes[index];
    *p = (struct process){
        .home = before->home,
        .place = before->home,
        .job = before->job,
        .next = PROCESS_NONE,
        .previous = PROCESS_NONE,
        .phase = PROCESS_WAITING,
        .work_us = before->work_us,
        .mem_bytes = before->mem_bytes,
        .left_s = (double)(before->work_us - saved->done_us) * 1e-6,
        .call_bytes = before->call_bytes,
    };
    all->lives[index - all->workload_count] =
        (struct life){.number = number, .before = saved->current};
    world->gone_count++; /* The life before; it may still run somewhere. */
    saved->current = index;
    return index;
}

static void record_restart(struct world *world,
                           const struct saved *saved,
                           uint32_t index)
{
    const struct process *p = &world->processes[index];
    uint64_t done_us = process_done_us(p, process_left_s(world, index));
    struct record r = record_now(world, RECORD_RESTART, p->home);
    r.proc = process_id(world, index);
    r.values[RESTART_LOST_US] =
        done_us > saved->done_us ? done_us - saved->done_us : 0;
    r.values[RESTART_DONE_US] = saved->done_us;
    r.why = saved->kept > 0 ? "from its last checkpoint"
                            : "from nothing: it has no checkpoint";
    world_record(world, &r);
}

void checkpoints_restart(struct world *world, uint64_t turn)
{
    enum { EPOCH_GAP = 2 }; /* What a stale copy tries next is below it. */
    struct saved *saved = find_turn(world, turn);
    if (!saved)
        return;
    record_restart(world, saved, saved->current);
    uint32_t index = live_again(world, (uint32_t)turn);
    saved->fate = FATE_NONE;
    saved->due = NAN;
    saved->asked = INFINITY;
    saved->epoch += EPOCH_GAP;
    saved->born = saved->epoch;
    adapter_submit_again(world, index, saved->epoch);
}
