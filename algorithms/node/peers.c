/* peers.c - see peers.h.
 *
 * A board of 128 is 15 KB and a message brings up to 18 words, so little of it
 * may be touched: ids and dates lie apart from the entries (node_state.h), and
 * there is room before the first entry. A batch is entered in three passes:
 * which words the board knows (scan_board), where every entry and word will lie
 * (plan_places), and the moves of what does not lie there yet (enter_words). As
 * words are mostly younger than entries, it is then the few entries before them
 * that move towards the front, and not the many behind them towards the end.
 */
#include "peers.h"

#include <assert.h>
#include <string.h>

#include "questions.h"

/* Who words are about, by the low bits of the node id: ids of a cluster follow
 * each other, so nearly every entry of a board is passed over without looking
 * at a word. */
struct marks
{
    uint8_t seen[512];
};

static uint8_t *mark_of(struct marks *marks, node_id id)
{
    return &marks->seen[id % sizeof marks->seen];
}

/* Index of the word on this node; count if there is none. */
static size_t find_word(const struct learned *learned, size_t count, node_id id)
{
    size_t at = 0;
    while (at < count && learned[at].info.id != id)
        at++;
    return at;
}

/* Index on the board; its count if it is not there. */
static size_t find(const struct node *node, node_id id)
{
    const node_id *ids = state_ids(node);
    size_t at = 0;
    while (at < node->board_count && ids[at] != id)
        at++;
    return at;
}

struct peer_info *peers_find(const struct node *node, node_id id)
{
    size_t at = find(node, id);
    return at < node->board_count ? &state_board(node)[at] : NULL;
}

static bool is_of_interest(const struct node *node, node_id id)
{
    return id != node->config.id &&
           (id - node->map[0].first < node->map[0].node_count ||
            map_cluster(node->map, node->map_count, id));
}

/* Keep what is of the map, not of self and young enough for a board that is
 * full; youngest first. Messages come nearly sorted: insertion is cheap. */
static size_t sort_words(const struct node *node,
                         struct learned *learned,
                         size_t count)
{
    usec_t least_us = 0;
    if (node->board_count == node->config.board_max)
        least_us = state_dates(node)[node->board_count - 1] + 1;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (learned[i].measured_us < least_us ||
            !is_of_interest(node, learned[i].info.id))
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
    return kept;
}

/* Of two words of one node keep the first, which is the youngest. */
static size_t unite_words(struct learned *learned,
                          size_t count,
                          struct marks *marks)
{
    memset(marks, 0, sizeof *marks);
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t *mark = mark_of(marks, learned[i].info.id);
        if (*mark &&
            find_word(learned, distinct, learned[i].info.id) < distinct)
            continue;
        *mark = 1;
        if (distinct < i)
            learned[distinct] = learned[i];
        distinct++;
    }
    return distinct;
}

/* Neighbours that stay neighbours. */
struct run
{
    size_t from;
    size_t count;
    size_t to;
};

/* The ledger of an entry that a word replaces. */
struct ledger
{
    usec_t reserved_us;
    uint64_t reserved_mem_bytes;
    uint32_t reserved_milli;
    bool refused;
};

/* What becomes of board and words. */
struct plan
{
    bool stale[LEARNS_MAX];      /* The board knows better than this word. */
    size_t replaced[LEARNS_MAX]; /* Indices on the board, ascending; */
    uint8_t by[LEARNS_MAX];      /* the words that replace them; */
    struct ledger ledgers[LEARNS_MAX]; /* what they leave behind. */
    size_t replaced_count;
    size_t places[LEARNS_MAX]; /* Where each word that is not stale comes. */
    struct run runs[2 * LEARNS_MAX + 1]; /* Ascending. */
    size_t run_count;
    size_t fresh_count; /* Words that are not stale. */
};

static void meet(const struct node *node,
                 const struct learned *learned,
                 size_t word,
                 size_t index,
                 struct plan *plan)
{
    const struct peer_info *old = &state_board(node)[index];
    if (state_dates(node)[index] >= learned[word].measured_us) {
        plan->stale[word] = true;
        plan->fresh_count--;
        return;
    }
    /* The ledger stays until the node speaks of a later instant. */
    struct ledger *ledger = &plan->ledgers[plan->replaced_count];
    *ledger = (struct ledger){0};
    if (learned[word].measured_us <= old->reserved_us)
        *ledger = (struct ledger){old->reserved_us, old->reserved_mem_bytes,
                                  old->reserved_milli, old->refused};
    plan->by[plan->replaced_count] = (uint8_t)word;
    plan->replaced[plan->replaced_count++] = index;
}

/* Which words the board knows. Four entries at a glance. */
static void scan_board(const struct node *node,
                       const struct learned *learned,
                       size_t count,
                       struct marks *marks,
                       struct plan *plan)
{
    const node_id *ids = state_ids(node);
    for (size_t i = 0; i < node->board_count; i++) {
        while (i + 4 <= node->board_count &&
               !(*mark_of(marks, ids[i]) | *mark_of(marks, ids[i + 1]) |
                 *mark_of(marks, ids[i + 2]) | *mark_of(marks, ids[i + 3])))
            i += 4;
        if (i == node->board_count || !*mark_of(marks, ids[i]))
            continue;
        size_t word = find_word(learned, count, ids[i]);
        if (word < count)
            meet(node, learned, word, i, plan);
    }
}

/* The entries from *from on, up to end, but those that are replaced. */
static void add_runs(struct plan *plan,
                     size_t *from,
                     size_t end,
                     size_t *hole,
                     size_t *to)
{
    while (*from < end) {
        bool holed =
            *hole < plan->replaced_count && plan->replaced[*hole] < end;
        size_t stop = holed ? plan->replaced[(*hole)++] : end;
        if (*from < stop)
            plan->runs[plan->run_count++] =
                (struct run){.from = *from, .count = stop - *from, .to = *to};
        *to += stop - *from;
        *from = stop + holed;
    }
}

/* Merge board and words by date; of equals the entry comes first. */
static void plan_places(const struct node *node,
                        const struct learned *learned,
                        size_t count,
                        struct plan *plan)
{
    const usec_t *dates = state_dates(node);
    size_t from = 0;
    size_t hole = 0;
    size_t to = 0;
    for (size_t i = 0; i < count; i++) {
        if (plan->stale[i])
            continue;
        size_t at = from;
        while (at < node->board_count && dates[at] >= learned[i].measured_us)
            at++;
        add_runs(plan, &from, at, &hole, &to);
        plan->places[i] = to++;
    }
    add_runs(plan, &from, node->board_count, &hole, &to);
}

/* Where the board is to begin: so that the entries behind the words stay, or
 * those before them, whatever moves less. Without room in front all move to the
 * end of it, which is then paid for by what comes. */
static size_t choose_first(const struct node *node, const struct plan *plan)
{
    size_t grown = plan->fresh_count - plan->replaced_count;
    size_t back = 0;
    size_t front = 0;
    for (size_t i = 0; i < plan->run_count; i++) {
        const struct run *run = &plan->runs[i];
        back += run->to != run->from ? run->count : 0;
        front += run->to != run->from + grown ? run->count : 0;
    }
    if (back <= front)
        return node->board_first;
    return grown <= node->board_first
               ? node->board_first - grown
               : node->board_room - node->config.board_max;
}

/* Move as much of a run as fits the board. */
static void move_run(struct node *node, const struct run *run, size_t first)
{
    if (run->to >= node->config.board_max)
        return;
    size_t fits = node->config.board_max - run->to;
    size_t count = run->count < fits ? run->count : fits;
    struct peer_info *board = state_board(node);
    node_id *ids = state_ids(node);
    usec_t *dates = state_dates(node);
    ptrdiff_t to = (ptrdiff_t)(first + run->to) - (ptrdiff_t)node->board_first;
    memmove(board + to, board + run->from, count * sizeof *board);
    memmove(ids + to, ids + run->from, count * sizeof *ids);
    memmove(dates + to, dates + run->from, count * sizeof *dates);
}

/* What moves towards the front goes first to last, what moves towards the end
 * last to first: so nothing is overwritten that has still to move. */
static void move_runs(struct node *node, const struct plan *plan, size_t first)
{
    for (size_t i = 0; i < plan->run_count; i++)
        if (first + plan->runs[i].to < node->board_first + plan->runs[i].from)
            move_run(node, &plan->runs[i], first);
    for (size_t i = plan->run_count; i-- > 0;)
        if (first + plan->runs[i].to > node->board_first + plan->runs[i].from)
            move_run(node, &plan->runs[i], first);
}

static void enter_words(struct node *node,
                        const struct learned *learned,
                        size_t count,
                        const struct plan *plan)
{
    struct peer_info *board = state_board(node);
    for (size_t i = 0; i < count; i++) {
        if (plan->stale[i] || plan->places[i] >= node->config.board_max)
            continue;
        size_t at = plan->places[i];
        state_ids(node)[at] = learned[i].info.id;
        state_dates(node)[at] = learned[i].measured_us;
        board[at].info = learned[i].info;
        board[at].measured_us = learned[i].measured_us;
        board[at].reserved_us = 0;
        board[at].reserved_mem_bytes = 0;
        board[at].reserved_milli = 0;
        board[at].refused = false;
        peers_note_speed(node, &learned[i].info);
    }
    for (size_t i = 0; i < plan->replaced_count; i++) {
        if (plan->places[plan->by[i]] >= node->config.board_max)
            continue;
        struct peer_info *entry = &board[plan->places[plan->by[i]]];
        entry->reserved_us = plan->ledgers[i].reserved_us;
        entry->reserved_mem_bytes = plan->ledgers[i].reserved_mem_bytes;
        entry->reserved_milli = plan->ledgers[i].reserved_milli;
        entry->refused = plan->ledgers[i].refused;
    }
}

void peers_learn(struct node *node, struct learned *learned, size_t count)
{
    assert(count <= LEARNS_MAX);
    struct marks marks;
    struct plan plan;
    count = sort_words(node, learned, count);
    if (count > 1)
        count = unite_words(learned, count, &marks);
    memset(plan.stale, 0, count);
    plan.replaced_count = 0;
    plan.run_count = 0;
    plan.fresh_count = count;
    if (count == 1) {
        size_t at = find(node, learned[0].info.id);
        if (at < node->board_count)
            meet(node, learned, 0, at, &plan);
    } else {
        scan_board(node, learned, count, &marks, &plan);
    }
    if (plan.fresh_count == 0)
        return;
    plan_places(node, learned, count, &plan);
    size_t first = choose_first(node, &plan);
    move_runs(node, &plan, first);
    node->board_first = (uint32_t)first;
    size_t total = node->board_count + plan.fresh_count - plan.replaced_count;
    node->board_count =
        total < node->config.board_max ? total : node->config.board_max;
    enter_words(node, learned, count, &plan);
}

void peers_drop_old(struct node *node)
{
    const usec_t *dates = state_dates(node);
    while (node->board_count > 0 &&
           node->now_us - dates[node->board_count - 1] >
               node->config.board_age_us)
        node->board_count--;
}

void peers_drop_strangers(struct node *node)
{
    struct peer_info *board = state_board(node);
    node_id *ids = state_ids(node);
    usec_t *dates = state_dates(node);
    size_t kept = 0;
    for (size_t i = 0; i < node->board_count; i++)
        if (map_cluster(node->map, node->map_count, ids[i])) {
            if (kept < i) {
                board[kept] = board[i];
                ids[kept] = ids[i];
                dates[kept] = dates[i];
            }
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
