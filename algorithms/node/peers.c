/* peers.c - see peers.h.
 *
 * A message brings up to 18 entries, and boards of 128 are 15 KB: so a batch is
 * entered in one scan for the ids and one backward merge in place. A word that
 * replaces an entry is younger than it, hence never lands behind it; so every
 * entry that stays moves back or not at all, and the backward merge never
 * overwrites what it has still to read.
 */
#include "peers.h"

#include <assert.h>
#include <string.h>

#include "questions.h"

enum { TABLE_SLOTS = 256, TABLE_SHIFT = 24 }; /* Four times LEARNS_MAX. */

/* Open addressing from node id to the index of a learned word, plus one. */
struct table
{
    uint8_t slots[TABLE_SLOTS];
};

static uint8_t *table_slot(struct table *table,
                           const struct learned *learned,
                           node_id id)
{
    uint32_t at = (id * 2654435769u) >> TABLE_SHIFT;
    while (table->slots[at] && learned[table->slots[at] - 1].info.id != id)
        at = (at + 1) % TABLE_SLOTS;
    return &table->slots[at];
}

struct peer_info *peers_find(const struct node *node, node_id id)
{
    struct peer_info *board = state_board(node);
    for (size_t i = 0; i < node->board_count; i++)
        if (board[i].info.id == id)
            return &board[i];
    return NULL;
}

/* Keep what is of the map and not of self, youngest first; of two words of one
 * node the youngest. Messages come nearly sorted: insertion is cheap. */
static size_t sort_words(const struct node *node,
                         struct learned *learned,
                         size_t count,
                         struct table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        node_id id = learned[i].info.id;
        if (id == node->config.id ||
            !map_cluster(node->map, node->map_count, id))
            continue;
        if (kept == 0 ||
            learned[i].measured_us <= learned[kept - 1].measured_us) {
            if (kept < i)
                learned[kept] = learned[i];
            kept++;
            continue;
        }
        struct learned word = learned[i];
        size_t at = kept++;
        for (; at > 0 && learned[at - 1].measured_us < word.measured_us; at--)
            learned[at] = learned[at - 1];
        learned[at] = word;
    }
    memset(table, 0, sizeof *table);
    size_t distinct = 0;
    for (size_t i = 0; i < kept; i++) {
        uint8_t *slot = table_slot(table, learned, learned[i].info.id);
        if (*slot)
            continue;
        if (distinct < i)
            learned[distinct] = learned[i];
        *slot = (uint8_t)++distinct;
    }
    return distinct;
}

/* What the scan over the board finds. */
struct plan
{
    uint8_t stale[LEARNS_MAX];     /* The board knows better than this word. */
    uint32_t replaced[LEARNS_MAX]; /* Indices on the board, ascending; */
    uint8_t by[LEARNS_MAX];        /* the words that replace them. */
    size_t replaced_count;
};

static void scan_board(const struct node *node,
                       const struct learned *learned,
                       size_t count,
                       struct table *table,
                       struct plan *plan)
{
    const struct peer_info *board = state_board(node);
    memset(plan->stale, 0, count);
    plan->replaced_count = 0;
    size_t left = count;
    for (size_t i = 0; i < node->board_count && left > 0; i++) {
        uint8_t found = *table_slot(table, learned, board[i].info.id);
        if (!found)
            continue;
        left--;
        if (board[i].measured_us >= learned[found - 1].measured_us) {
            plan->stale[found - 1] = 1;
            continue;
        }
        plan->replaced[plan->replaced_count] = (uint32_t)i;
        plan->by[plan->replaced_count++] = (uint8_t)(found - 1);
    }
}

/* The ledger stays with the node until it speaks of a later instant. */
static struct peer_info entry_of(const struct learned *word,
                                 const struct peer_info *old)
{
    struct peer_info entry = {.info = word->info,
                              .measured_us = word->measured_us};
    if (old && word->measured_us <= old->reserved_us) {
        entry.reserved_us = old->reserved_us;
        entry.reserved_mem_bytes = old->reserved_mem_bytes;
        entry.reserved_milli = old->reserved_milli;
        entry.refused = old->refused;
    }
    return entry;
}

/* Move board[from .. end) to end at `to`, as far as it fits the board. */
static void move_run(struct node *node, size_t from, size_t end, size_t to)
{
    struct peer_info *board = state_board(node);
    size_t count = end - from;
    size_t start = to - count;
    if (start >= node->config.board_max || count == 0 || start == from)
        return;
    size_t fits = node->config.board_max - start;
    memmove(&board[start], &board[from],
            (count < fits ? count : fits) * sizeof *board);
}

/* How many entries of board[0 .. end) are not younger than the word. */
static size_t first_older(const struct node *node, size_t end, usec_t word_us)
{
    const struct peer_info *board = state_board(node);
    size_t low = 0;
    while (low < end) {
        size_t middle = low + (end - low) / 2;
        if (board[middle].measured_us >= word_us)
            low = middle + 1;
        else
            end = middle;
    }
    return low;
}

void peers_learn(struct node *node, struct learned *learned, size_t count)
{
    assert(count <= LEARNS_MAX);
    struct table table;
    struct plan plan;
    struct peer_info entries[LEARNS_MAX];
    count = sort_words(node, learned, count, &table);
    if (count == 0)
        return;
    scan_board(node, learned, count, &table, &plan);

    struct peer_info *board = state_board(node);
    const struct peer_info *old[LEARNS_MAX] = {NULL};
    for (size_t i = 0; i < plan.replaced_count; i++)
        old[plan.by[i]] = &board[plan.replaced[i]];
    size_t fresh = 0;
    for (size_t i = 0; i < count; i++)
        if (!plan.stale[i])
            entries[fresh++] = entry_of(&learned[i], old[i]);

    size_t replaced = plan.replaced_count;
    size_t source = node->board_count;
    size_t target = node->board_count - replaced + fresh;
    size_t total = target;
    while (fresh > 0) {
        size_t at = first_older(node, source, entries[fresh - 1].measured_us);
        while (replaced > 0 && plan.replaced[replaced - 1] >= at) {
            size_t hole = plan.replaced[--replaced];
            move_run(node, hole + 1, source, target);
            target -= source - (hole + 1);
            source = hole;
        }
        move_run(node, at, source, target);
        target -= source - at;
        source = at;
        target--;
        if (target < node->config.board_max)
            board[target] = entries[fresh - 1];
        fresh--;
    }
    assert(replaced == 0);
    assert(source == target);
    node->board_count =
        total < node->config.board_max ? total : node->config.board_max;
}

void peers_drop_old(struct node *node)
{
    const struct peer_info *board = state_board(node);
    while (node->board_count > 0 &&
           node->now_us - board[node->board_count - 1].measured_us >
               node->config.board_age_us)
        node->board_count--;
}

void peers_drop_strangers(struct node *node)
{
    struct peer_info *board = state_board(node);
    size_t kept = 0;
    for (size_t i = 0; i < node->board_count; i++)
        if (map_cluster(node->map, node->map_count, board[i].info.id)) {
            if (kept < i)
                board[kept] = board[i];
            kept++;
        }
    node->board_count = kept;
}

void peers_reserve(struct node *node, node_id target, uint64_t mem_bytes)
{
    struct peer_info *peer = peers_find(node, target);
    if (!peer || !node->config.reserve)
        return;
    peer->reserved_us = node->now_us;
    peer->reserved_milli += 1000;
    peer->reserved_mem_bytes += mem_bytes;
}

void peers_release(struct node *node,
                   node_id target,
                   uint64_t mem_bytes,
                   usec_t began_us,
                   bool refused)
{
    struct peer_info *peer = peers_find(node, target);
    if (!peer)
        return;
    if (peer->reserved_us >= began_us) {
        peer->reserved_milli -=
            peer->reserved_milli < 1000 ? peer->reserved_milli : 1000;
        peer->reserved_mem_bytes -= peer->reserved_mem_bytes < mem_bytes
                                        ? peer->reserved_mem_bytes
                                        : mem_bytes;
    }
    if (refused) {
        peer->reserved_us = node->now_us;
        peer->refused = true;
    }
}
