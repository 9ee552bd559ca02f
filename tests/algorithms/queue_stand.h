/* queue_stand.h - a stand with a queue: what tests of queue_ policies share. */
#ifndef TESTS_ALGORITHMS_QUEUE_STAND_H
#define TESTS_ALGORITHMS_QUEUE_STAND_H

#include "stand.h"

enum { QUEUE_HOME = STAND_FIRST_NODE };

struct queue_job
{
    uint16_t priority;
    uint32_t rank;
    uint32_t width; /* 0: 1 */
    uint32_t job;
    uint32_t user;
    uint64_t mem_mib; /* 0: 10 */
    bool held;
};

/* Nodes of so many cores with that policy at place 0; start it with
 * queue_restart() when more is to be set. */
static inline struct stand *queue_stand_cores(size_t node_count,
                                              const char *policy,
                                              uint16_t core_count)
{
    struct stand *s = stand_create(node_count);
    for (size_t i = 0; i < node_count; i++)
        s->infos[i].core_count = core_count;
    stand_add(s, policy);
    stand_start(s);
    return s;
}

static inline struct stand *queue_stand(size_t node_count, const char *policy)
{
    return queue_stand_cores(node_count, policy, 1);
}

/* Again, with the parameters as they are set now. */
static inline void queue_restart(struct stand *s)
{
    for (size_t i = 0; i < s->node_count; i++)
        free(s->nodes[i]);
    stand_start(s);
}

static inline proc_id queue_number(uint32_t n)
{
    return ((proc_id)QUEUE_HOME << 32) + n;
}

static inline void queue_submit(struct stand *s,
                                size_t count,
                                struct queue_job job)
{
    for (size_t i = 0; i < count; i++) {
        struct proc_info proc = {
            .id = queue_number((uint32_t)++s->last_proc),
            .home = QUEUE_HOME,
            .sibling_node = NODE_NONE,
            .class_number = 1,
            .priority = job.priority,
            .queue_rank = job.rank,
            .width = job.width,
            .job = job.job,
            .user = job.user,
            .cpu_milli = 1000,
            .mem_bytes = (job.mem_mib ? job.mem_mib : 10) * STAND_MIB,
        };
        stand_step(s, QUEUE_HOME,
                   (struct event){
                       .kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
        stand_settle(s);
        s->now_us++; /* So each has an age of its own. */
    }
}

static inline void queue_change(struct stand *s,
                                uint32_t n,
                                struct queue_job job)
{
    struct proc_info proc = *stand_proc_at(s, QUEUE_HOME, queue_number(n));
    proc.priority = job.priority;
    proc.queue_rank = job.rank;
    proc.held = job.held;
    stand_step(
        s, QUEUE_HOME,
        (struct event){.kind = EVENT_CHANGED, .procs = &proc, .proc_count = 1});
    stand_settle(s);
}

/* Seconds pass; what waits holds no memory. */
static inline void queue_seconds(struct stand *s, size_t count)
{
    for (size_t second = 0; second < count; second++) {
        stand_run_until(s, stand_time_us(s) + STAND_SECOND_US);
        for (size_t i = 0; i < s->node_count; i++) {
            size_t proc_count;
            node_id id = (node_id)(STAND_FIRST_NODE + i);
            struct proc_info procs[STAND_PROCS_MAX];
            const struct proc_info *seen =
                node_procs(stand_node(s, id), &proc_count);
            memcpy(procs, seen, proc_count * sizeof *procs);
            struct node_info *info = stand_info(s, id);
            info->mem_free_bytes = info->mem_total_bytes;
            for (size_t k = 0; k < proc_count; k++)
                if (procs[k].state == PROC_RUNNING)
                    info->mem_free_bytes -=
                        procs[k].mem_bytes < info->mem_free_bytes
                            ? procs[k].mem_bytes
                            : info->mem_free_bytes;
            info->load_milli = (uint32_t)(1000 * stand_running(s, id));
            stand_step(s, id,
                       (struct event){.kind = EVENT_SAMPLED,
                                      .self = info,
                                      .procs = procs,
                                      .proc_count = proc_count});
            stand_settle(s);
        }
    }
}

static inline void queue_end(struct stand *s, uint32_t n)
{
    for (size_t i = 0; i < s->node_count; i++) {
        node_id id = (node_id)(STAND_FIRST_NODE + i);
        const struct proc_info *proc = stand_proc_at(s, id, queue_number(n));
        if (!proc || proc->state != PROC_RUNNING)
            continue;
        stand_step(s, id,
                   (struct event){.kind = EVENT_ENDED, .proc = proc->id});
        stand_settle(s);
        return;
    }
    CU_FAIL("it does not run");
}

/* Whoever runs ends after three seconds, until nobody waits. */
static inline void queue_run_all(struct stand *s)
{
    for (uint32_t round = 0; round < 2 * s->last_proc; round++) {
        queue_seconds(s, 3);
        for (uint32_t n = 1; n <= s->last_proc; n++) {
            const struct proc_info *proc =
                stand_proc_at(s, QUEUE_HOME, queue_number(n));
            if (proc && proc->state == PROC_RUNNING)
                queue_end(s, n);
        }
    }
}

/* These have started, in this order, and no others. */
static inline void queue_expect_order(struct stand *s,
                                      const uint32_t *numbers,
                                      size_t count)
{
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), count);
    for (size_t i = 0; i < count; i++) {
        const struct stand_note *run = stand_find(s, ACTION_RUN, i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(run);
        CU_ASSERT_EQUAL(run->proc, queue_number(numbers[i]));
    }
    CU_ASSERT_EQUAL(stand_count(s, ACTION_DENIED), 0);
}

#endif /* TESTS_ALGORITHMS_QUEUE_STAND_H */
