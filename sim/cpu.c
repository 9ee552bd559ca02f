#include "cpu.h"

#include <assert.h>
#include <math.h>
#include <stdalign.h>
#include <stdlib.h>

#include "heap.h"
#include "room.h"

/* A task's end on the virtual clock of its class. */
struct end
{
    double mark_s;
    uint32_t task;
};

/* Tasks of one host with equal weight and bound, which all proceed alike. */
struct class
{
    alignas(64) double weight;
    double bound;
    /* Reference work that each of its tasks has been given since the class was
     * last empty: it starts at 0 then, so that long runs lose no digits. */
    double clock_s;
    double share;     /* Of a core, for each task. */
    double rate;      /* Reference work in a second, for each task. */
    struct end *ends; /* Binary heap by (mark, task); owned by this. */
    uint32_t count;
    uint32_t host;
    size_t room;
    double open_weight; /* Of this and the classes after it in the host. */
    struct class *next_spare;
};

struct host
{
    alignas(
        64) double updated; /* Date to which clocks and sums are advanced. */
    double core_count;
    double speed;
    double factor;
    double taken_cores;
    double used_cores;      /* By tasks. */
    struct class **classes; /* By ascending bound / weight: in the order in
                             * which rising theta makes them full. */
    uint32_t class_count;
    uint32_t task_count;
    struct class *next; /* Whose first task ends first. */
    struct class *only; /* What classes points to while there is at most one. */
    size_t class_room;
    struct cpu_sums sums;
};

struct task
{
    struct class *class; /* NULL: not running. */
    size_t place;        /* In the heap of its class. */
};

#define HOST_NONE UINT32_MAX

struct cpu
{
    struct host *hosts;
    size_t host_count;
    struct task *tasks; /* By number. */
    size_t task_room;
    struct alarms ends; /* For each host the date of its next end. */
    uint32_t changed;   /* Host whose alarm is still to be set; or HOST_NONE. */
    struct class *spare;
};

/* ---- The heap of a class ------------------------------------------------- */

static bool sooner(const struct end *a, const struct end *b)
{
    return a->mark_s < b->mark_s ||
           (a->mark_s == b->mark_s && a->task < b->task);
}

static void put(struct cpu *cpu, struct class *class, struct end end, size_t at)
{
    class->ends[at] = end;
    cpu->tasks[end.task].place = at;
}

static void rise(struct cpu *cpu,
                 struct class *class,
                 struct end end,
                 size_t at)
{
    while (0 < at) {
        size_t parent = (at - 1) / 2;
        if (!sooner(&end, &class->ends[parent]))
            break;
        put(cpu, class, class->ends[parent], at);
        at = parent;
    }
    put(cpu, class, end, at);
}

static void sink(struct cpu *cpu,
                 struct class *class,
                 struct end end,
                 size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (class->count <= child)
            break;
        if (child + 1 < class->count &&
            sooner(&class->ends[child + 1], &class->ends[child]))
            child++;
        if (!sooner(&class->ends[child], &end))
            break;
        put(cpu, class, class->ends[child], at);
        at = child;
    }
    put(cpu, class, end, at);
}

static void take_out(struct cpu *cpu, struct class *class, size_t at)
{
    struct end last = class->ends[--class->count];
    if (at == class->count)
        return;
    if (0 < at && sooner(&last, &class->ends[(at - 1) / 2]))
        rise(cpu, class, last, at);
    else
        sink(cpu, class, last, at);
}

/* ---- The classes of a host ----------------------------------------------- */

static struct class *class_new(struct cpu *cpu,
                               uint32_t host,
                               double weight,
                               double bound)
{
    struct class *class = cpu->spare;
    if (class) {
        cpu->spare = class->next_spare;
    } else {
        class = aligned_alloc(alignof(struct class), sizeof *class);
        if (!class)
            abort();
        *class = (struct class){.room = 0};
    }
    class->weight = weight;
    class->bound = bound;
    class->clock_s = 0;
    class->host = host;
    return class;
}

/* For one class more. */
static void make_class_room(struct host *h)
{
    if (h->class_count == 0 && h->class_room == 0) {
        h->classes = &h->only;
        return;
    }
    struct class **old = h->class_room == 0 ? NULL : h->classes;
    h->classes = room_for(old, &h->class_room, h->class_count + 1u,
                          sizeof(struct class *));
    if (!old)
        h->classes[0] = h->only;
}

/* The class of a host with this weight and bound, made if there is none. */
static struct class *class_of(struct cpu *cpu,
                              uint32_t host,
                              double weight,
                              double bound)
{
    struct host *h = &cpu->hosts[host];
    size_t at = 0;
    for (; at < h->class_count; at++) {
        struct class *class = h->classes[at];
        if (class->weight == weight && class->bound == bound)
            return class;
        if (bound * class->weight < class->bound * weight)
            break;
    }
    make_class_room(h);
    for (size_t i = h->class_count++; at < i; i--)
        h->classes[i] = h->classes[i - 1];
    return h->classes[at] = class_new(cpu, host, weight, bound);
}

static void class_drop(struct cpu *cpu, struct class *class)
{
    struct host *h = &cpu->hosts[class->host];
    size_t at = 0;
    while (h->classes[at] != class)
        at++;
    h->class_count--;
    for (; at < h->class_count; at++)
        h->classes[at] = h->classes[at + 1];
    class->next_spare = cpu->spare;
    cpu->spare = class;
}

/* ---- Sharing ------------------------------------------------------------- */

static struct cpu_sums sums_at(const struct host *h, double now)
{
    double passed_s = now - h->updated;
    double used_s = h->used_cores * passed_s;
    struct cpu_sums sums = h->sums;
    sums.running_s += h->task_count * passed_s;
    sums.busy_s += used_s + h->taken_cores * passed_s;
    sums.lost_work_s += used_s * h->speed * (1 - h->factor);
    return sums;
}

/* Water filling: theta rises until the cores are used up; on the way, classes
 * become full in the order of their bound / weight. */
static void share_out(struct host *h)
{
    double weight = 0;
    for (size_t i = h->class_count; 0 < i--;) {
        struct class *class = h->classes[i];
        weight += class->weight * (double)class->count;
        class->open_weight = weight;
    }
    double open_cores = h->core_count - h->taken_cores;
    double theta = INFINITY;
    bool full = true;
    h->used_cores = 0;
    for (size_t i = 0; i < h->class_count; i++) {
        struct class *class = h->classes[i];
        if (full)
            theta = fmax(open_cores, 0) / class->open_weight;
        full = full && class->bound <= class->weight * theta;
        class->share = full ? class->bound : class->weight * theta;
        class->rate = class->share * h->speed * h->factor;
        double used_cores = class->share * (double)class->count;
        open_cores -= used_cores;
        h->used_cores += used_cores;
    }
}

/* When the first task of a class ends, if nothing changes. */
static double class_end(const struct class *class, double now)
{
    double left_s = class->ends[0].mark_s - class->clock_s;
    if (left_s <= 0)
        return now;
    return 0 < class->rate ? now + left_s / class->rate : INFINITY;
}

/* Set the alarm of the host that was changed last. An end is mostly followed by
 * an arrival at the same place and date: together they move the alarm once. */
static void set_alarm(struct cpu *cpu)
{
    if (cpu->changed == HOST_NONE)
        return;
    struct host *h = &cpu->hosts[cpu->changed];
    double first = INFINITY;
    h->next = NULL;
    for (size_t i = 0; i < h->class_count; i++) {
        struct class *class = h->classes[i];
        double date = class_end(class, h->updated);
        if (date < first || (date == first && h->next &&
                             class->ends[0].task < h->next->ends[0].task)) {
            first = date;
            h->next = class;
        }
    }
    alarms_set(&cpu->ends, cpu->changed, first);
    cpu->changed = HOST_NONE;
}

/* After any change of a host: new shares, and a new alarm when it is needed. */
static void settle(struct cpu *cpu, uint32_t host)
{
    share_out(&cpu->hosts[host]);
    if (cpu->changed != host)
        set_alarm(cpu);
    cpu->changed = host;
}

/* Bring clocks and sums of a host to a date. */
static void advance(struct cpu *cpu, uint32_t host, double now)
{
    struct host *h = &cpu->hosts[host];
    double passed_s = now - h->updated;
    assert(0 <= passed_s);
    if (passed_s == 0)
        return;
    if (cpu->changed == host)
        set_alarm(cpu);
    /* Who goes on past an end without popping it would get wrong dates. */
    assert(now <= alarms_date_of(&cpu->ends, host));
    for (size_t i = 0; i < h->class_count; i++)
        h->classes[i]->clock_s += h->classes[i]->rate * passed_s;
    h->sums = sums_at(h, now);
    h->updated = now;
}

static void insert(struct cpu *cpu,
                   uint32_t host,
                   uint32_t task,
                   double work,
                   double weight,
                   double bound)
{
    struct class *class = class_of(cpu, host, weight, bound);
    class->ends = room_for(class->ends, &class->room, class->count + 1,
                           sizeof *class->ends);
    cpu->tasks[task].class = class;
    struct end end = {.mark_s = class->clock_s + work, .task = task};
    rise(cpu, class, end, class->count++);
    cpu->hosts[host].task_count++;
}

static void extract(struct cpu *cpu, struct class *class, size_t at)
{
    cpu->tasks[class->ends[at].task].class = NULL;
    take_out(cpu, class, at);
    cpu->hosts[class->host].task_count--;
    if (class->count == 0)
        class_drop(cpu, class);
}

/* ---- The interface ------------------------------------------------------- */

struct cpu *cpu_create(uint32_t host_count)
{
    struct cpu *cpu = calloc(1, sizeof *cpu);
    if (!cpu)
        abort();
    cpu->hosts = aligned_alloc(alignof(struct host),
                               (host_count + 1u) * sizeof *cpu->hosts);
    if (!cpu->hosts)
        abort();
    cpu->host_count = host_count;
    cpu->changed = HOST_NONE;
    for (size_t i = 0; i < host_count; i++)
        cpu->hosts[i] = (struct host){.core_count = 1, .speed = 1, .factor = 1};
    alarms_init(&cpu->ends, host_count);
    return cpu;
}

static void class_free(struct class *class)
{
    free(class->ends);
    free(class);
}

void cpu_expect(struct cpu *cpu, uint32_t task_count)
{
    assert(cpu->task_room == 0);
    cpu->tasks = calloc(task_count + 1u, sizeof *cpu->tasks);
    if (!cpu->tasks)
        abort();
    cpu->task_room = task_count + 1u;
}

void cpu_destroy(struct cpu *cpu)
{
    if (!cpu)
        return;
    for (size_t i = 0; i < cpu->host_count; i++) {
        struct host *h = &cpu->hosts[i];
        for (size_t j = 0; j < h->class_count; j++)
            class_free(h->classes[j]);
        if (h->class_room > 0)
            free(h->classes);
    }
    for (struct class *class = cpu->spare, *next; class; class = next) {
        next = class->next_spare;
        class_free(class);
    }
    alarms_finish(&cpu->ends);
    free(cpu->hosts);
    free(cpu->tasks);
    free(cpu);
}

void cpu_host(struct cpu *cpu, uint32_t host, uint32_t core_count, double speed)
{
    assert(host < cpu->host_count);
    assert(0 < core_count);
    assert(0 < speed && isfinite(speed));
    struct host *h = &cpu->hosts[host];
    assert(h->task_count == 0);
    h->core_count = core_count;
    h->speed = speed;
}

void cpu_speed(struct cpu *cpu, double now, uint32_t host, double speed)
{
    assert(host < cpu->host_count);
    assert(0 < speed && isfinite(speed));
    advance(cpu, host, now);
    cpu->hosts[host].speed = speed;
    settle(cpu, host);
}

void cpu_slow(struct cpu *cpu,
              double now,
              uint32_t host,
              double factor,
              double taken_cores)
{
    assert(host < cpu->host_count);
    struct host *h = &cpu->hosts[host];
    assert(0 <= factor && isfinite(factor));
    assert(0 <= taken_cores && taken_cores <= h->core_count);
    advance(cpu, host, now);
    h->factor = factor;
    h->taken_cores = taken_cores;
    settle(cpu, host);
}

void cpu_add(struct cpu *cpu,
             double now,
             uint32_t host,
             uint32_t task,
             double work,
             double weight,
             double bound)
{
    assert(host < cpu->host_count);
    assert(0 < work);
    assert(0 < weight && isfinite(weight));
    assert(0 < bound && bound <= 1);
    size_t known = cpu->task_room;
    cpu->tasks = room_for(cpu->tasks, &cpu->task_room, (size_t)task + 1,
                          sizeof *cpu->tasks);
    for (; known < cpu->task_room; known++)
        cpu->tasks[known].class = NULL;
    assert(!cpu->tasks[task].class);
    advance(cpu, host, now);
    insert(cpu, host, task, work, weight, bound);
    settle(cpu, host);
}

double cpu_remove(struct cpu *cpu, double now, uint32_t task)
{
    assert(cpu_running(cpu, task));
    uint32_t host = cpu->tasks[task].class->host;
    advance(cpu, host, now);
    double left_s = cpu_left(cpu, now, task);
    extract(cpu, cpu->tasks[task].class, cpu->tasks[task].place);
    settle(cpu, host);
    return left_s;
}

void cpu_change(struct cpu *cpu,
                double now,
                uint32_t task,
                double weight,
                double bound)
{
    assert(cpu_running(cpu, task));
    assert(0 < weight && isfinite(weight));
    assert(0 < bound && bound <= 1);
    uint32_t host = cpu->tasks[task].class->host;
    advance(cpu, host, now);
    double left_s = cpu_left(cpu, now, task);
    extract(cpu, cpu->tasks[task].class, cpu->tasks[task].place);
    insert(cpu, host, task, left_s, weight, bound);
    settle(cpu, host);
}

bool cpu_running(const struct cpu *cpu, uint32_t task)
{
    return task < cpu->task_room && cpu->tasks[task].class;
}

double cpu_left(const struct cpu *cpu, double now, uint32_t task)
{
    assert(cpu_running(cpu, task));
    const struct task *t = &cpu->tasks[task];
    double passed_s = now - cpu->hosts[t->class->host].updated;
    assert(0 <= passed_s);
    double clock_s = t->class->clock_s + t->class->rate * passed_s;
    return fmax(t->class->ends[t->place].mark_s - clock_s, 0);
}

double cpu_share(const struct cpu *cpu, uint32_t task)
{
    assert(cpu_running(cpu, task));
    const struct class *class = cpu->tasks[task].class;
    return class->share * cpu->hosts[class->host].factor;
}

double cpu_next(struct cpu *cpu)
{
    set_alarm(cpu);
    return alarms_date(&cpu->ends);
}

uint32_t cpu_pop(struct cpu *cpu, uint32_t *ret_host)
{
    set_alarm(cpu);
    uint32_t host = alarms_index(&cpu->ends);
    advance(cpu, host, alarms_date(&cpu->ends));
    struct class *class = cpu->hosts[host].next;
    struct end first = class->ends[0];
    /* The date was rounded; the clock is not, so that equal marks end at one
     * date. */
    class->clock_s = first.mark_s;
    extract(cpu, class, 0);
    settle(cpu, host);
    if (ret_host)
        *ret_host = host;
    return first.task;
}

void cpu_fetch_host(const struct cpu *cpu, uint32_t host)
{
    assert(host < cpu->host_count);
    const struct host *h = &cpu->hosts[host];
    __builtin_prefetch(h);
    __builtin_prefetch(&h->sums);
}

void cpu_fetch(const struct cpu *cpu, uint32_t host)
{
    cpu_fetch_host(cpu, host);
    const struct host *h = &cpu->hosts[host];
    if (h->task_count > 0) {
        __builtin_prefetch(h->classes[0]);
        __builtin_prefetch(h->classes[0]->ends);
    }
}

uint32_t cpu_next_host(const struct cpu *cpu)
{
    return cpu->host_count == 0 ? 0 : cpu->ends.matches[1].index;
}

struct cpu_sums cpu_sums(const struct cpu *cpu, double now, uint32_t host)
{
    assert(host < cpu->host_count);
    assert(cpu->hosts[host].updated <= now);
    return sums_at(&cpu->hosts[host], now);
}

uint32_t cpu_count(const struct cpu *cpu, uint32_t host)
{
    assert(host < cpu->host_count);
    return cpu->hosts[host].task_count;
}
