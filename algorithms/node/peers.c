/* peers.c - see peers.h.
 *
 * A board of 128 is 17 KB and a message brings up to 18 words, so little of it
 * may be touched. Entries do not move: an entry stays in its slot as long as
 * its node is on the board. What is looked through and kept in order, youngest
 * first, are small keys: date, node and slot of an entry. Behind the keys of
 * the board come those of the free slots.
 *
 * A batch is entered in three passes: its words are sorted and thinned
 * (sort_words), those on nodes of the board take the place of what was believed
 * before (enter_known), and the keys of all are merged from the end, where the
 * oldest drop out (merge_keys).
 */
#include "peers.h"

#include <assert.h>
#include <string.h>

#include "questions.h"

void peers_init(struct node *node)
{
    node->board_count = 0;
    for (uint32_t i = 0; i < node->config.board_max; i++)
        state_keys(node)[i].slot = i;
}

void peers_copy(struct node *node, const struct node *old)
{
    peers_init(node);
    node->board_count = old->board_count;
    for (uint32_t i = 0; i < old->board_count; i++) {
        state_keys(node)[i] = state_keys(old)[i];
        state_keys(node)[i].slot = i;
        state_entries(node)[i] = *state_peer(old, i);
    }
}

/* Place of its key; the count of the board if it is not there. */
static size_t find_key(const struct node *node, node_id id)
{
    const struct peer_key *keys = state_keys(node);
    size_t at = 0;
    while (at < node->board_count && keys[at].id != id)
        at++;
    return at;
}

struct peer_info *peers_find(const struct node *node, node_id id)
{
    size_t at = find_key(node, id);
    return at < node->board_count
               ? &state_entries(node)[state_keys(node)[at].slot]
               : NULL;
}

/* ---- One word. ----------------------------------------------------------- */

static bool is_of_interest(const struct node *node, node_id id)
{
    return id != node->config.id &&
           (id - node->map[0].first < node->map[0].node_count ||
            map_cluster(node->map, node->map_count, id));
}

static void clear_ledger(struct peer_info *entry)
{
    entry->reserved_us = 0;
    entry->reserved_mem_bytes = 0;
    entry->reserved_milli = 0;
    entry->refused = false;
}

/* A younger word on the node of an entry. The ledger stays until the node
 * speaks of a later instant. */
static void renew(struct node *node,
                  struct peer_info *entry,
                  const struct node_word *word,
                  usec_t measured_us)
{
    peers_note_speed(node, word);
    entry->word = *word;
    entry->measured_us = measured_us;
    if (measured_us > entry->reserved_us)
        clear_ledger(entry);
}

static void enter_new(struct node *node,
                      uint32_t slot,
                      const struct node_word *word,
                      usec_t measured_us)
{
    struct peer_info *entry = &state_entries(node)[slot];
    clear_ledger(entry);
    renew(node, entry, word, measured_us);
}

void peers_hear(struct node *node,
                const struct node_word *word,
                usec_t measured_us)
{
    struct peer_key *keys = state_keys(node);
    size_t from = find_key(node, word->id);
    if (from < node->board_count) {
        if (keys[from].measured_us >= measured_us)
            return;
        renew(node, &state_entries(node)[keys[from].slot], word, measured_us);
    } else {
        if (!is_of_interest(node, word->id))
            return;
        if (from < node->config.board_max)
            node->board_count++;
        else if (keys[--from].measured_us >= measured_us)
            return;
        enter_new(node, keys[from].slot, word, measured_us);
    }
    struct peer_key key = {
        .measured_us = measured_us, .id = word->id, .slot = keys[from].slot};
    /* Of equal dates the entry that was there comes first. */
    size_t to = 0;
    while (to < from && keys[to].measured_us >= measured_us)
        to++;
    memmove(keys + to + 1, keys + to, (from - to) * sizeof *keys);
    keys[to] = key;
}

/* ---- Many words. --------------------------------------------------------- */

/* A word that is to be entered. */
struct fresh
{
    const struct learned *word;
    uint32_t slot; /* Of its node; SLOT_NONE if it is not on the board. */
    bool stale;    /* The board knows better. */
};

/* Keep what is of the map, not of self and young enough for a board that is
 * full; youngest first. Messages come nearly sorted: insertion is cheap. */
static size_t sort_words(const struct node *node,
                         struct learned *learned,
                         size_t count)
{
    usec_t least_us = 0;
    if (node->board_count == node->config.board_max)
        least_us = state_keys(node)[node->board_count - 1].measured_us + 1;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (learned[i].measured_us < least_us ||
            !is_of_interest(node, learned[i].word.id))
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

/* Finds words by the low bits of the node id: ids of a cluster follow each
 * other, so nearly every key of a board is passed over without looking at a
 * word. Holds the index, plus 1, of the first word with these bits. */
struct marks
{
    uint8_t first[512];
};

static uint8_t *mark_of(struct marks *marks, node_id id)
{
    return &marks->first[id % sizeof marks->first];
}

/* Index of the word on this node, which has a mark; count if there is none. */
static size_t find_word(const struct fresh *fresh,
                        size_t count,
                        uint8_t mark,
                        node_id id)
{
    size_t at = mark - 1u;
    while (at < count && fresh[at].word->word.id != id)
        at++;
    return at;
}

/* Of two words of one node keep the first, which is the youngest. */
static size_t unite_words(const struct learned *learned,
                          size_t count,
                          struct marks *marks,
                          struct fresh *ret_fresh)
{
    memset(marks, 0, sizeof *marks);
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        node_id id = learned[i].word.id;
        uint8_t *mark = mark_of(marks, id);
        if (*mark && find_word(ret_fresh, distinct, *mark, id) < distinct)
            continue;
        ret_fresh[distinct++] =
            (struct fresh){.word = &learned[i], .slot = SLOT_NONE};
        if (!*mark)
            *mark = (uint8_t)distinct;
    }
    return distinct;
}

/* Words on nodes of the board that are younger than what is believed are
 * entered, and their old keys voided; older ones are struck out. Returns the
 * count of keys that were voided. Four keys at a glance. */
static size_t enter_known(struct node *node,
                          struct marks *marks,
                          struct fresh *fresh,
                          size_t count)
{
    struct peer_key *keys = state_keys(node);
    size_t void_count = 0;
    for (size_t i = 0; i < node->board_count; i++) {
        while (i + 4 <= node->board_count &&
               !(*mark_of(marks, keys[i].id) | *mark_of(marks, keys[i + 1].id) |
                 *mark_of(marks, keys[i + 2].id) |
                 *mark_of(marks, keys[i + 3].id)))
            i += 4;
        if (i == node->board_count || !*mark_of(marks, keys[i].id))
            continue;
        size_t at =
            find_word(fresh, count, *mark_of(marks, keys[i].id), keys[i].id);
        if (at == count)
            continue;
        const struct learned *word = fresh[at].word;
        fresh[at].slot = keys[i].slot;
        fresh[at].stale = keys[i].measured_us >= word->measured_us;
        if (fresh[at].stale)
            continue;
        renew(node, &state_entries(node)[keys[i].slot], &word->word,
              word->measured_us);
        keys[i].slot = SLOT_NONE;
        void_count++;
    }
    return void_count;
}

/* From the oldest on: so every key is read before its place is written, for no
 * more keys are voided than words come before them. What passes the end of the
 * board leaves it; then its slots are those of new words. */
static void merge_keys(struct node *node,
                       const struct fresh *fresh,
                       size_t fresh_count,
                       size_t void_count)
{
    struct peer_key *keys = state_keys(node);
    size_t board_max = node->config.board_max;
    size_t from = node->board_count;
    size_t to = from - void_count + fresh_count;
    uint32_t spare[LEARNS_MAX];
    size_t spare_count = 0;
    node->board_count = to < board_max ? to : board_max;
    for (size_t i = from; i < node->board_count; i++)
        spare[spare_count++] = keys[i].slot;
    for (size_t i = fresh_count; i-- > 0;) {
        const struct learned *word = fresh[i].word;
        for (; from > 0 && keys[from - 1].measured_us < word->measured_us;
             from--) {
            if (keys[from - 1].slot == SLOT_NONE)
                continue;
            if (--to < board_max)
                keys[to] = keys[from - 1];
            else
                spare[spare_count++] = keys[from - 1].slot;
        }
        uint32_t slot = fresh[i].slot;
        if (--to < board_max) {
            if (slot == SLOT_NONE) {
                slot = spare[--spare_count];
                enter_new(node, slot, &word->word, word->measured_us);
            }
            keys[to] = (struct peer_key){.measured_us = word->measured_us,
                                         .id = word->word.id,
                                         .slot = slot};
        } else if (slot != SLOT_NONE) {
            spare[spare_count++] = slot;
        }
    }
}

void peers_learn(struct node *node, struct learned *learned, size_t count)
{
    assert(count <= LEARNS_MAX);
    struct marks marks;
    struct fresh fresh[LEARNS_MAX];
    count = sort_words(node, learned, count);
    if (count == 0)
        return;
    count = unite_words(learned, count, &marks, fresh);
    size_t void_count = enter_known(node, &marks, fresh, count);
    size_t fresh_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!fresh[i].stale)
            fresh[fresh_count++] = fresh[i];
    merge_keys(node, fresh, fresh_count, void_count);
}

/* ---- Leaving, and the ledger. -------------------------------------------- */

void peers_drop_old(struct node *node)
{
    const struct peer_key *keys = state_keys(node);
    while (node->board_count > 0 &&
           node->now_us - keys[node->board_count - 1].measured_us >
               node->config.board_age_us)
        node->board_count--;
}

void peers_drop_strangers(struct node *node)
{
    struct peer_key *keys = state_keys(node);
    size_t kept = 0;
    for (size_t i = 0; i < node->board_count; i++) {
        struct peer_key key = keys[i];
        if (!map_cluster(node->map, node->map_count, key.id))
            continue;
        keys[i] = keys[kept];
        keys[kept++] = key;
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
