/* history.c - see history.h. */
#include "history.h"

#include <errno.h>
#include <search.h>
#include <string.h>

#include "room.h"
#include "wish.h"

#define NEVER UINT64_MAX

/* A node: when it went down, and which of its lanes are taken. */
struct site
{
    uint64_t down_us;
    uint64_t *taken; /* Bits. */
    size_t words;
};

struct history
{
    const struct grid *grid;
    void (*take)(void *who, const struct history_event *event);
    void *who;
    uint64_t at_us;
    uint64_t move_count;
    struct site *sites;
    uint32_t site_count;
    uint64_t *isolated_us; /* By cluster. */
    void *lives;           /* Of tsearch(): those that are not over. */
};

struct history *history_create(const struct grid *grid,
                               void (*take)(void *who,
                                            const struct history_event *event),
                               void *who)
{
    struct history *history = room_make(1, sizeof(*history));
    *history = (struct history){.grid = grid, .take = take, .who = who};
    history->site_count = grid_node_end(grid);
    history->sites = room_make(history->site_count, sizeof(struct site));
    for (uint32_t i = 0; i < history->site_count; i++)
        history->sites[i].down_us = NEVER;
    history->isolated_us = room_make(grid->count, sizeof(uint64_t));
    for (size_t i = 0; i < grid->count; i++)
        history->isolated_us[i] = NEVER;
    return history;
}

void history_destroy(struct history *history)
{
    if (history == NULL)
        return;
    tdestroy(history->lives, free);
    for (uint32_t i = 0; i < history->site_count; i++)
        free(history->sites[i].taken);
    free(history->sites);
    free(history->isolated_us);
    free(history);
}

uint64_t history_move_count(const struct history *history)
{
    return history->move_count;
}

uint64_t history_at_us(const struct history *history)
{
    return history->at_us;
}

const char *history_wish_name(uint64_t wish)
{
    static const char *const names[] = {
        "isolate",  "rejoin",    "block",  "unblock", "expel",   "bring",
        "leave",    "return",    "stay",   "nostay",  "lstay",   "nolstay",
        "reserve",  "unreserve", "guests", "partner", "grow",    "move",
        "freeze",   "thaw",      "lock",   "unlock",  "advance", "retard",
        "priority", "hold",      "release"};
    size_t count = sizeof(names) / sizeof(names[0]);
    return wish < count ? names[wish] : "wish";
}

bool history_wish_of_cluster(uint64_t wish)
{
    return wish == WISHED_ISOLATE || wish == WISHED_REJOIN ||
           wish == WISHED_PARTNER || wish == WISHED_GROW;
}

/* ---- Telling. ------------------------------------------------------------ */

static void tell(struct history *history, struct history_event event)
{
    event.at_us = history->at_us;
    if (event.why == NULL)
        event.why = "";
    if (event.node != NODE_NONE)
        event.cluster = grid_cluster_of(history->grid, event.node);
    history->take(history->who, &event);
}

static void tell_life(struct history *history,
                      enum history_kind kind,
                      const struct history_life *life,
                      const char *why)
{
    tell(history, (struct history_event){.kind = kind,
                                         .life = life,
                                         .node = life->node,
                                         .since_us = life->since_us,
                                         .why = why});
}

/* ---- Lanes. -------------------------------------------------------------- */

enum { WORD_BITS = 64 };

static uint32_t take_lane(struct site *site)
{
    size_t word = 0;
    while (word < site->words && site->taken[word] == UINT64_MAX)
        word++;
    if (word == site->words) {
        size_t words = site->words;
        site->taken =
            room_grow(site->taken, words, &site->words, sizeof(uint64_t));
        memset(site->taken + words, 0,
               (site->words - words) * sizeof(uint64_t));
    }
    unsigned bit = (unsigned)__builtin_ctzll(~site->taken[word]);
    site->taken[word] |= UINT64_C(1) << bit;
    return (uint32_t)(word * WORD_BITS + bit);
}

static void give_lane(struct site *site, uint32_t lane)
{
    site->taken[lane / WORD_BITS] &= ~(UINT64_C(1) << lane % WORD_BITS);
}

/* ---- Lives. -------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    proc_id one = ((const struct history_life *)a)->proc;
    proc_id other = ((const struct history_life *)b)->proc;
    return one < other ? -1 : one > other;
}

static struct history_life *find(const struct history *history, proc_id proc)
{
    const struct history_life key = {.proc = proc};
    struct history_life **found = tfind(&key, &history->lives, compare);
    return found != NULL ? *found : NULL;
}

static void leave(struct history *history,
                  struct history_life *life,
                  bool last,
                  const char *why)
{
    if (!life->here)
        return;
    tell(history, (struct history_event){.kind = HISTORY_LEFT,
                                         .life = life,
                                         .node = life->node,
                                         .since_us = life->since_us,
                                         .last = last,
                                         .why = why});
    if (life->lane != HISTORY_NO_LANE)
        give_lane(&history->sites[life->node], life->lane);
    life->here = false;
}

static void stray(struct history *history,
                  struct history_life *life,
                  const char *why)
{
    if (life->departed)
        tell_life(history, HISTORY_STRAYED, life, why);
    life->departed = false;
}

/* From where it is; a process whose node went down has no lane to go from. */
static void depart(struct history *history,
                   struct history_life *life,
                   const char *why)
{
    if (life->here) {
        leave(history, life, false, why);
    } else {
        life->lane = HISTORY_NO_LANE;
        life->since_us = history->at_us;
    }
    life->move = ++history->move_count;
    tell_life(history, HISTORY_DEPARTED, life, why);
    life->departed = true;
    life->since_us = history->at_us;
}

static void enter(struct history *history,
                  struct history_life *life,
                  node_id node,
                  enum history_state state,
                  const char *why)
{
    if (life->here && life->node == node && life->state == state)
        return;
    bool moved = life->node != node;
    if (moved && !life->departed) {
        life->frozen_us = life->bytes = 0;
        depart(history, life, why);
    }
    if (!moved) {
        leave(history, life, false, why);
        stray(history, life, why);
    }
    uint32_t lane = state == HISTORY_WAITING ? HISTORY_NO_LANE
                                             : take_lane(&history->sites[node]);
    if (moved)
        tell(history, (struct history_event){.kind = HISTORY_ARRIVED,
                                             .life = life,
                                             .node = node,
                                             .lane = lane,
                                             .since_us = life->since_us,
                                             .why = why});
    life->departed = false;
    life->here = true;
    life->node = node;
    life->state = state;
    life->since_us = history->at_us;
    life->lane = lane;
    tell_life(history, HISTORY_ENTERED, life, why);
}

static void submit(struct history *history, const struct record *record)
{
    if (find(history, record->proc) != NULL)
        return;
    struct history_life *life = room_make(1, sizeof(*life));
    *life = (struct history_life){.proc = record->proc,
                                  .home = record->node,
                                  .user = record->values[SUBMIT_USER],
                                  .job = record->values[SUBMIT_JOB],
                                  .node = record->node,
                                  .lane = HISTORY_NO_LANE};
    void *kept = tsearch(life, &history->lives, compare);
    assert(kept != NULL);
    enter(history, life, record->node, HISTORY_WAITING, record->why);
}

static void over(struct history *history,
                 struct history_life *life,
                 const char *why)
{
    leave(history, life, false, why);
    stray(history, life, why);
    tdelete(life, &history->lives, compare);
    free(life);
}

/* The source tells that it has left. Its target may have been first. */
static void moved(struct history *history,
                  struct history_life *life,
                  const struct record *record)
{
    if (life->node != record->node || life->node == record->peer ||
        life->departed)
        return;
    life->frozen_us = record->values[MOVED_FROZEN_US];
    life->bytes = record->values[MOVED_BYTES];
    depart(history, life, record->why);
}

/* How a process that is over came to its end, for the viewer. */
static const char *outcome_of(const struct record *record)
{
    if (record->kind == RECORD_ENDED)
        return "ended";
    return record->kind == RECORD_LOST ? "lost" : "killed";
}

static void of_process(struct history *history, const struct record *record)
{
    struct history_life *life = find(history, record->proc);
    if (record->kind == RECORD_SUBMIT)
        submit(history, record);
    if (life == NULL) /* Late news of one that is over. */
        return;
    switch (record->kind) {
        case RECORD_RUN:
        case RECORD_THAW:
            enter(history, life, record->node, HISTORY_RUNNING, record->why);
            break;
        case RECORD_FREEZE:
            enter(history, life, record->node, HISTORY_FROZEN, record->why);
            break;
        case RECORD_MOVED:
            moved(history, life, record);
            break;
        case RECORD_RESTART: /* It was not carried home: it is there anew. */
            leave(history, life, false, "restart");
            stray(history, life, "restart");
            life->node = record->node;
            enter(history, life, record->node, HISTORY_WAITING, record->why);
            break;
        case RECORD_CHECKPOINT:
            tell_life(history, HISTORY_CHECKPOINT, life, record->why);
            break;
        case RECORD_ENDED:
        case RECORD_LOST:
        case RECORD_KILLED:
            over(history, life, outcome_of(record));
            break;
        default:
            break;
    }
}

/* ---- Nodes and clusters. ------------------------------------------------- */

struct crash
{
    struct history *history;
    node_id node;
};

static void drop(const void *item, VISIT visit, void *who)
{
    const struct crash *crash = who;
    struct history_life *life = *(struct history_life *const *)item;
    if ((visit == postorder || visit == leaf) && life->here &&
        life->node == crash->node)
        leave(crash->history, life, false, "its node is down");
}

static void down(struct history *history, const struct record *record)
{
    struct site *site = &history->sites[record->node];
    struct crash crash = {history, record->node};
    twalk_r(history->lives, drop, &crash);
    if (site->down_us != NEVER)
        return;
    site->down_us = history->at_us;
    tell(history,
         (struct history_event){
             .kind = HISTORY_DOWN, .node = record->node, .why = record->why});
}

static void up(struct history *history,
               node_id node,
               bool last,
               const char *why)
{
    struct site *site = &history->sites[node];
    if (site->down_us == NEVER)
        return;
    tell(history, (struct history_event){.kind = HISTORY_UP,
                                         .node = node,
                                         .since_us = site->down_us,
                                         .last = last,
                                         .why = why});
    site->down_us = NEVER;
}

static void rejoin(struct history *history,
                   size_t cluster,
                   bool last,
                   const char *why)
{
    if (history->isolated_us[cluster] == NEVER)
        return;
    tell(history,
         (struct history_event){.kind = HISTORY_REJOINED,
                                .node = NODE_NONE,
                                .cluster = cluster,
                                .since_us = history->isolated_us[cluster],
                                .last = last,
                                .why = why});
    history->isolated_us[cluster] = NEVER;
}

static void wish(struct history *history, const struct record *record)
{
    size_t cluster = (size_t)record->values[OWNER_CLUSTER] - 1;
    struct history_event event = {.kind = HISTORY_WISHED,
                                  .node = record->node,
                                  .cluster = cluster,
                                  .wish = record->values[OWNER_WISH],
                                  .why = record->why};
    tell(history, event);
    if (event.wish == WISHED_REJOIN)
        rejoin(history, cluster, false, record->why);
    if (event.wish != WISHED_ISOLATE || history->isolated_us[cluster] != NEVER)
        return;
    history->isolated_us[cluster] = history->at_us;
    event.kind = HISTORY_ISOLATED;
    event.node = NODE_NONE;
    tell(history, event);
}

static bool is_in_grid(const struct history *history, node_id node)
{
    return grid_cluster_of(history->grid, node) != SIZE_MAX;
}

/* A fault, or the owner of a cluster, need name no node. */
static bool is_sound(const struct history *history, const struct record *record)
{
    bool may_be_none =
        record->kind == RECORD_FAULT || record->kind == RECORD_OWNER;
    uint64_t number = record->values[OWNER_CLUSTER];
    if (record->kind == RECORD_OWNER &&
        (number < 1 || history->grid->count < number))
        return false;
    if (record->kind == RECORD_MOVED && !is_in_grid(history, record->peer))
        return false;
    return is_in_grid(history, record->node) ||
           (may_be_none && record->node == NODE_NONE);
}

int history_add(struct history *history, const struct record *record)
{
    if (!is_sound(history, record))
        return -EINVAL;
    if (history->at_us < record->at_us)
        history->at_us = record->at_us;
    switch (record->kind) {
        case RECORD_DOWN:
            down(history, record);
            break;
        case RECORD_UP:
            up(history, record->node, false, record->why);
            break;
        case RECORD_OWNER:
            wish(history, record);
            break;
        case RECORD_FAULT:
            tell(history, (struct history_event){.kind = HISTORY_FAULT,
                                                 .cluster = SIZE_MAX,
                                                 .node = record->node,
                                                 .why = record->why});
            break;
        default:
            of_process(history, record);
            break;
    }
    return 0;
}

static void end_life(const void *item, VISIT visit, void *who)
{
    struct history *history = who;
    struct history_life *life = *(struct history_life *const *)item;
    if (visit != postorder && visit != leaf)
        return;
    leave(history, life, true, "the end");
    stray(history, life, "the end");
}

void history_end(struct history *history)
{
    twalk_r(history->lives, end_life, history);
    for (uint32_t node = 0; node < history->site_count; node++)
        up(history, node, true, "the end");
    for (size_t cluster = 0; cluster < history->grid->count; cluster++)
        rejoin(history, cluster, true, "the end");
    tell(history,
         (struct history_event){
             .kind = HISTORY_OVER, .node = NODE_NONE, .cluster = SIZE_MAX});
}
