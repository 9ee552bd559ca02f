/* meter.c - records in: what happened to each process, and the sums. */
#include "meter.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "bound.h"
#include "room.h"

static void *copy_of(const void *items, size_t count, size_t item_bytes)
{
    void *copy = room_make(count, item_bytes);
    if (0 < count)
        memcpy(copy, items, count * item_bytes);
    return copy;
}

/* Arrays that grow by doubling are touched and copied twice. */
static void make_room(struct meter *meter, size_t process_count)
{
    meter->lives = room_expect(process_count, sizeof(struct life));
    meter->lives_room = process_count;
    meter->mem_bytes = room_expect(process_count, sizeof(uint64_t));
    meter->mem_bytes_room = process_count;
    meter->all.slowdowns = room_expect(process_count, sizeof(double));
    meter->all.slowdowns_room = process_count;
    numbering_expect(&meter->procs, process_count);
}

static void part_init(struct part *part, size_t cluster_count)
{
    part->first_us = UINT64_MAX;
    part->clusters = room_make(cluster_count + 1, sizeof(struct share));
}

static void part_finish(struct part *part)
{
    free(part->slowdowns);
    free(part->users);
    free(part->clusters);
}

struct meter *meter_create(const struct meter_options *options)
{
    assert(options->class_count <= UINT16_MAX);
    struct meter *meter = room_make(1, sizeof(*meter));
    size_t edge_count = options->class_count > 0 ? options->class_count - 1 : 0;
    meter->bound_us = options->bound_us;
    meter->speed_max = options->speed_max;
    meter->pool_speed = options->pool_speed;
    meter->memory_speed = options->memory_speed;
    meter->core_group_count = options->core_group_count;
    meter->core_groups =
        copy_of(options->core_groups, options->core_group_count,
                sizeof(struct core_group));
    meter->class_count = options->class_count;
    meter->class_edges_us =
        copy_of(options->class_edges_us, edge_count, sizeof(uint64_t));
    meter->classes = room_make(options->class_count, sizeof(struct part));
    meter->cluster_count = options->cluster_count;
    meter->cluster_firsts = copy_of(options->cluster_firsts,
                                    options->cluster_count, sizeof(node_id));
    part_init(&meter->all, meter->cluster_count);
    for (size_t i = 0; i < meter->class_count; i++)
        part_init(&meter->classes[i], meter->cluster_count);
    make_room(meter, options->process_count);
    places_init(&meter->places, meter->cluster_firsts, meter->cluster_count,
                options->node_count);
    return meter;
}

void meter_destroy(struct meter *meter)
{
    if (meter == NULL)
        return;
    numbering_finish(&meter->procs);
    numbering_finish(&meter->users);
    places_finish(&meter->places);
    part_finish(&meter->all);
    for (size_t i = 0; i < meter->class_count; i++)
        part_finish(&meter->classes[i]);
    free(meter->class_edges_us);
    free(meter->classes);
    free(meter->cluster_firsts);
    free(meter->lives);
    free(meter->mem_bytes);
    free(meter->core_groups);
    free(meter->moves);
    free(meter);
}

static uint16_t class_of(const struct meter *meter, uint64_t work_us)
{
    uint16_t size_class = 0;
    while (size_class + 1u < meter->class_count &&
           meter->class_edges_us[size_class] <= work_us)
        size_class++;
    return size_class;
}

/* The counts of its class; something to write to if there are no classes. */
static struct counts *class_counts(struct meter *meter, const struct life *life)
{
    return &meter->classes[life->size_class].counts;
}

static void add_submission(struct part *part, uint64_t at_us)
{
    part->counts.outcomes[OUTCOME_NONE]++;
    if (at_us < part->first_us)
        part->first_us = at_us;
}

static int submit(struct meter *meter, const struct record *record)
{
    if (record->values[SUBMIT_WORK_US] == 0)
        return -EINVAL;
    size_t index = meter->procs.count;
    if (numbering_add(&meter->procs, record->proc) != index)
        return -EINVAL;
    meter->lives =
        room_grow(meter->lives, index, &meter->lives_room, sizeof(struct life));
    meter->mem_bytes = room_grow(meter->mem_bytes, index,
                                 &meter->mem_bytes_room, sizeof(uint64_t));
    meter->mem_bytes[index] = record->values[SUBMIT_MEM_BYTES];
    struct life *life = &meter->lives[index];
    *life = (struct life){
        .proc = record->proc,
        .submit_us = record->at_us,
        .work_us = record->values[SUBMIT_WORK_US],
        .move = NUMBER_NONE,
        .user = numbering_add(&meter->users, record->values[SUBMIT_USER]),
        .cluster = places_cluster(meter->cluster_firsts, meter->cluster_count,
                                  record->node),
        .size_class = class_of(meter, record->values[SUBMIT_WORK_US]),
    };
    places_submit(&meter->places, record, index);
    add_submission(&meter->all, record->at_us);
    if (meter->class_count > 0)
        add_submission(&meter->classes[life->size_class], record->at_us);
    return 0;
}

/* Its last migration was for nothing. */
static void count_useless(struct meter *meter, struct life *life)
{
    life->useless = true;
    meter->all.counts.useless++;
    class_counts(meter, life)->useless++;
}

/* A migration is useless if the process left again, or was over, before it had
 * been there for as long as the migration took. */
static void judge_last_move(struct meter *meter,
                            struct life *life,
                            uint64_t left_us)
{
    if (life->move == NUMBER_NONE || life->useless)
        return;
    const struct move *move = &meter->moves[life->move];
    if (left_us < move->ended_us || left_us - move->ended_us < move->taken_us)
        count_useless(meter, life);
}

/* Bounded slowdown: Feitelson et al., Theory and Practice in Parallel Job
 * Scheduling, 1997. */
static double bounded_slowdown(const struct life *life, uint64_t bound_us)
{
    uint64_t work_us = life->work_us > bound_us ? life->work_us : bound_us;
    double slowdown =
        (double)(life->end_us - life->submit_us) / (double)work_us;
    return slowdown > 1 ? slowdown : 1;
}

static void share_add(struct share *share, double slowdown)
{
    share->slowdown_sum += slowdown;
    share->count++;
}

/* Room for the shares of all users that there are now. */
static void make_users(struct part *part, size_t count)
{
    size_t known = part->users_count;
    while (part->users_count < count)
        part->users = room_grow(part->users, part->users_count,
                                &part->users_count, sizeof(struct share));
    memset(part->users + known, 0,
           (part->users_count - known) * sizeof(struct share));
}

static void add_end(struct part *part,
                    const struct meter *meter,
                    const struct life *life)
{
    size_t count = part->counts.outcomes[OUTCOME_ENDED];
    uint64_t response_us = life->end_us - life->submit_us;
    double slowdown = (double)response_us / (double)life->work_us;
    part->slowdowns = room_grow(part->slowdowns, count, &part->slowdowns_room,
                                sizeof(double));
    part->slowdowns[count] = slowdown;
    part->slowdown_sum += slowdown;
    part->bounded_sum += bounded_slowdown(life, meter->bound_us);
    part->response_us += response_us;
    part->work_us += life->work_us;
    if (part->last_us < life->end_us)
        part->last_us = life->end_us;
    if (part->users_count <= life->user)
        make_users(part, meter->users.count);
    share_add(&part->users[life->user], slowdown);
    share_add(&part->clusters[life->cluster], slowdown);
}

/* It leaves freeze space, if it is there. */
static void end_freeze(struct meter *meter, struct life *life, uint64_t at_us)
{
    if (life->move == NUMBER_NONE)
        return;
    struct move *move = &meter->moves[life->move];
    if (move->frozen_at_us > at_us)
        return;
    uint64_t span_us = at_us - move->frozen_at_us;
    meter->all.counts.in_space_us += span_us;
    meter->all.counts.in_space_by_us[move->frozen_by] += span_us;
    class_counts(meter, life)->in_space_us += span_us;
    class_counts(meter, life)->in_space_by_us[move->frozen_by] += span_us;
    move->frozen_at_us = NOT_FROZEN;
}

static void count_waste(struct counts *counts,
                        const struct record *record,
                        bool by_owner)
{
    counts->wasted_us += record->values[LOST_CPU_US];
    counts->killed_by_owner += by_owner;
}

static void count_checkpoint(struct counts *counts, const uint64_t *values)
{
    counts->checkpoints++;
    counts->checkpoint_bytes += values[CHECKPOINT_BYTES];
    counts->checkpoint_us += values[CHECKPOINT_STOPPED_US];
}

static void count_restart(struct counts *counts, const uint64_t *values)
{
    counts->restarts++;
    counts->wasted_us += values[RESTART_LOST_US];
}

/* Later outcomes are late news: a node that is cut off may end what its home
 * has given up. */
static int outcome(struct meter *meter,
                   const struct record *record,
                   uint32_t index,
                   enum outcome outcome)
{
    struct life *life = &meter->lives[index];
    if (life->outcome != OUTCOME_NONE)
        return 0;
    if (record->at_us < life->submit_us)
        return -EINVAL;
    life->outcome = (uint8_t)outcome;
    life->end_us = record->at_us;
    if (outcome != OUTCOME_ENDED) {
        bool by_owner = outcome == OUTCOME_KILLED &&
                        record->values[KILLED_BY] == KILLED_BY_OWNER;
        count_waste(&meter->all.counts, record, by_owner);
        count_waste(class_counts(meter, life), record, by_owner);
    }
    judge_last_move(meter, life, record->at_us);
    end_freeze(meter, life, record->at_us);
    if (outcome == OUTCOME_ENDED) {
        add_end(&meter->all, meter, life);
        if (meter->class_count > 0)
            add_end(&meter->classes[life->size_class], meter, life);
    }
    meter->all.counts.outcomes[outcome]++;
    class_counts(meter, life)->outcomes[outcome]++;
    return 0;
}

static void count_move(struct counts *counts,
                       const uint64_t *values,
                       bool ping_pong)
{
    counts->moved_bytes += values[MOVED_BYTES];
    if (values[MOVED_START] != 0) {
        counts->remote_starts++;
        return;
    }
    counts->migrations++;
    counts->frozen_us += values[MOVED_FROZEN_US];
    counts->ping_pongs += ping_pong;
}

/* Where its last migration is remembered. */
static struct move *last_move(struct meter *meter, struct life *life)
{
    if (life->move == NUMBER_NONE) {
        meter->moves = room_grow(meter->moves, meter->moves_count,
                                 &meter->moves_room, sizeof(struct move));
        life->move = (uint32_t)meter->moves_count++;
        meter->moves[life->move] = (struct move){.frozen_at_us = NOT_FROZEN,
                                                 .frozen_node = NODE_NONE,
                                                 .from = NODE_NONE,
                                                 .to = NODE_NONE};
    }
    return &meter->moves[life->move];
}

static int begin_freeze(struct meter *meter,
                        struct life *life,
                        const struct record *record)
{
    if (record->values[FREEZE_BY] >= FREEZE_BY_COUNT)
        return -EINVAL;
    end_freeze(meter, life, record->at_us);
    struct move *move = last_move(meter, life);
    move->frozen_at_us = record->at_us;
    move->frozen_by = record->values[FREEZE_BY];
    move->frozen_node = record->node;
    meter->all.counts.freezes++;
    class_counts(meter, life)->freezes++;
    return 0;
}

static bool is_ping_pong(const struct meter *meter,
                         const struct life *life,
                         const struct record *record)
{
    if (life->move == NUMBER_NONE)
        return false;
    const struct move *last = &meter->moves[life->move];
    return last->to == record->node && last->from == record->peer;
}

static int moved(struct meter *meter,
                 const struct record *record,
                 uint32_t index)
{
    struct life *life = &meter->lives[index];
    uint64_t total_us = record->values[MOVED_TOTAL_US];
    if (record->at_us < total_us)
        return -EINVAL;
    bool ping_pong = is_ping_pong(meter, life, record);
    count_move(&meter->all.counts, record->values, ping_pong);
    count_move(class_counts(meter, life), record->values, ping_pong);
    if (record->values[MOVED_START] != 0)
        return 0;
    judge_last_move(meter, life, record->at_us - total_us);
    struct move *move = last_move(meter, life);
    /* If it came frozen its target may have told that before. */
    if (move->frozen_node != record->peer)
        end_freeze(meter, life, record->at_us);
    move->ended_us = record->at_us;
    move->taken_us = total_us;
    move->from = record->node;
    move->to = record->peer;
    life->useless = false;
    /* The source may hear of the arrival after the process was over. */
    if (life->outcome != OUTCOME_NONE)
        judge_last_move(meter, life, life->end_us);
    return 0;
}

static bool moves_it(enum record_kind kind)
{
    return kind != RECORD_REFUSED && kind != RECORD_FAILED;
}

static void follow(struct meter *meter,
                   const struct record *record,
                   uint32_t index)
{
    const struct life *life = &meter->lives[index];
    if (moves_it(record->kind))
        places_of_process(&meter->places, record, index, life->submit_us);
    if (record->kind == RECORD_ENDED)
        places_ended(
            &meter->places, index,
            (double)(record->at_us - life->submit_us) / (double)life->work_us);
}

/* Mostly ids count upwards, and the life says itself whether it is his. */
static uint32_t find_life(const struct meter *meter, proc_id proc)
{
    uint32_t index = numbering_counted(&meter->procs, proc);
    return index < meter->procs.count && meter->lives[index].proc == proc
               ? index
               : numbering_find(&meter->procs, proc);
}

static int of_process(struct meter *meter, const struct record *record)
{
    uint32_t index = find_life(meter, record->proc);
    if (index == NUMBER_NONE)
        return -EINVAL;
    struct life *life = &meter->lives[index];
    if (life->outcome == OUTCOME_NONE && record->at_us >= life->submit_us)
        follow(meter, record, index);
    switch (record->kind) {
        case RECORD_ENDED:
            return outcome(meter, record, index, OUTCOME_ENDED);
        case RECORD_LOST:
            return outcome(meter, record, index, OUTCOME_LOST);
        case RECORD_KILLED:
            return outcome(meter, record, index, OUTCOME_KILLED);
        case RECORD_MOVED:
            return moved(meter, record, index);
        case RECORD_FREEZE:
            return begin_freeze(meter, &meter->lives[index], record);
        case RECORD_THAW:
            end_freeze(meter, &meter->lives[index], record->at_us);
            return 0;
        case RECORD_RUN: /* Only where it is matters. */
        case RECORD_HELD:
            return 0;
        case RECORD_CHECKPOINT:
            count_checkpoint(&meter->all.counts, record->values);
            count_checkpoint(class_counts(meter, life), record->values);
            return 0;
        case RECORD_RESTART:
            count_restart(&meter->all.counts, record->values);
            count_restart(class_counts(meter, life), record->values);
            end_freeze(meter, life, record->at_us);
            return 0;
        case RECORD_REFUSED:
            meter->all.counts.refusals++;
            class_counts(meter, &meter->lives[index])->refusals++;
            return 0;
        default:
            assert(record->kind == RECORD_FAILED);
            meter->all.counts.failed_moves++;
            class_counts(meter, &meter->lives[index])->failed_moves++;
            return 0;
    }
}

static void add_board(struct node_sums *sums, const uint64_t *values)
{
    if (values[BOARD_COUNT] == 0)
        return;
    sums->boards++;
    sums->board_entries += values[BOARD_COUNT];
    sums->age_us += (sum_t)values[BOARD_COUNT] * values[BOARD_MEAN_US];
    sums->p95_age_us += values[BOARD_P95_US];
}

static void add_tally(struct node_sums *sums, const struct record *record)
{
    const uint64_t *values = record->values;
    sums->tallies++;
    sums->lived_us += record->at_us;
    sums->frames += values[TALLY_FRAMES];
    sums->frame_bytes += values[TALLY_BYTES];
    sums->wan_bytes += values[TALLY_WAN_BYTES];
    sums->busy_us += values[TALLY_BUSY_US];
    sums->capacity_us += values[TALLY_CAPACITY_US];
    sums->thrash_us += values[TALLY_THRASH_US];
    sums->lost_work_us += values[TALLY_LOST_WORK_US];
}

static void of_grid(struct meter *meter, const struct record *record)
{
    struct grid_sums *sums = &meter->grid;
    uint64_t span_us = record->values[KNOWN_SPAN_US];
    switch (record->kind) {
        case RECORD_FAULT:
            sums->faults++;
            return;
        case RECORD_KNOWN:
            sums->known++;
            sums->known_us += span_us;
            if (sums->known_max_us < span_us)
                sums->known_max_us = span_us;
            return;
        default:
            sums->wishes += record->kind == RECORD_OWNER;
            places_of_node(&meter->places, record);
            return;
    }
}

int meter_add(struct meter *meter, const struct record *record)
{
    if (record->kind != RECORD_FAULT && !places_know(&meter->places, record))
        return -EINVAL;
    switch (record->kind) {
        case RECORD_SUBMIT:
            return submit(meter, record);
        case RECORD_ENDED:
        case RECORD_LOST:
        case RECORD_KILLED:
        case RECORD_MOVED:
        case RECORD_FREEZE:
        case RECORD_THAW:
        case RECORD_REFUSED:
        case RECORD_FAILED:
        case RECORD_RUN:
        case RECORD_HELD:
        case RECORD_CHECKPOINT:
        case RECORD_RESTART:
            return of_process(meter, record);
        case RECORD_FAULT:
        case RECORD_KNOWN:
        case RECORD_OWNER:
        case RECORD_DOWN:
        case RECORD_UP:
            of_grid(meter, record);
            return 0;
        case RECORD_BOARD:
            add_board(&meter->nodes, record->values);
            return 0;
        case RECORD_TALLY:
            add_tally(&meter->nodes, record);
            return 0;
        default: /* Metrics need no other kinds. */
            return 0;
    }
}

bool meter_wants_starts(const struct meter *meter)
{
    return places_follow(&meter->places);
}

const double *meter_slowdowns(const struct meter *meter, size_t *ret_count)
{
    *ret_count = meter->all.counts.outcomes[OUTCOME_ENDED];
    return meter->all.slowdowns;
}

double meter_bound_response_s(const struct meter *meter)
{
    size_t count = meter->procs.count;
    struct arrival *arrivals = room_make(count, sizeof(*arrivals));
    for (size_t index = 0; index < count; index++)
        arrivals[index] =
            (struct arrival){.submit_us = (double)meter->lives[index].submit_us,
                             .work_us = (double)meter->lives[index].work_us};
    double bound_us =
        bound_response_us(arrivals, count, meter->pool_speed, meter->speed_max);
    free(arrivals);
    return bound_us / 1e6;
}
