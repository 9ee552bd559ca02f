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
 * before (meet_all), and the keys of all are merged from the end, where the
 * oldest drop out (merge_keys).
 */
#include "peers.h"

#include <assert.h>
#include <string.h>

#include "membership.h"

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
    return id != node->config.id && membership_knows(node, id);
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
    peers_note(node, word);
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

/* A word that may be entered. */
struct fresh
{
    const struct learned *learned;
    uint32_t slot; /* Of its node; SLOT_NONE if it is not on the board. */
    bool stale;    /* The board knows better. */
};

/* Of the words those of the map, not of self and young enough for a board that
 * is full; youngest first. Messages come nearly sorted: insertion is cheap. */
static size_t sort_words(const struct node *node,
                         const struct learned *learned,
                         size_t count,
                         struct fresh *ret_fresh)
{
    usec_t least_us = 0;
    if (node->board_count == node->config.board_max)
        least_us = state_keys(node)[node->board_count - 1].measured_us + 1;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        usec_t measured_us = learned[i].measured_us;
        if (measured_us < least_us || !is_of_interest(node, learned[i].word.id))
            continue;
        size_t at = kept++;
        for (; at > 0 && ret_fresh[at - 1].learned->measured_us < measured_us;
             at--)
            ret_fresh[at] = ret_fresh[at - 1];
        ret_fresh[at] =
            (struct fresh){.learned = &learned[i], .slot = SLOT_NONE};
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
    while (at < count && fresh[at].learned->word.id != id)
        at++;
    return at;
}

/* Of two words of one node keep the first, which is the youngest. */
static size_t unite_words(struct fresh *fresh,
                          size_t count,
                          struct marks *marks)
{
    memset(marks, 0, sizeof *marks);
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        node_id id = fresh[i].learned->word.id;
        uint8_t *mark = mark_of(marks, id);
        if (!*mark)
            *mark = (uint8_t)(distinct + 1);
        else if (find_word(fresh, distinct, *mark, id) < distinct)
            continue;
        fresh[distinct++] = fresh[i];
    }
    return distinct;
}

/* It will be written soon. */
static void fetch_entry(const struct node *node, uint32_t slot)
{
    enum { LINE_BYTES = 64 };
    const struct peer_info *entry = &state_entries(node)[slot];
    for (size_t i = 0; i < sizeof *entry; i += LINE_BYTES)
        __builtin_prefetch((const char *)entry + i, 1);
}

/* A word on the node of this key, if it is younger, takes its slot, and the key
 * is voided; else the word is struck out. It is written later, when all slots
 * are known: entries are many, and seldom in the cache. */
static void meet(struct node *node, struct peer_key *key, struct fresh *fresh)
{
    const struct learned *learned = fresh->learned;
    fresh->slot = key->slot;
    fresh->stale = key->measured_us >= learned->measured_us;
    if (fresh->stale)
        return;
    peers_note(node, &learned->word);
    key->slot = SLOT_NONE;
    fetch_entry(node, fresh->slot);
}

/* All words on nodes of the board. Four keys at a glance. */
static void meet_all(struct node *node,
                     struct marks *marks,
                     struct fresh *fresh,
                     size_t count)
{
    struct peer_key *keys = state_keys(node);
    for (size_t i = 0; i < node->board_count; i++) {
        while (i + 4 <= node->board_count &&
               !(*mark_of(marks, keys[i].id) | *mark_of(marks, keys[i + 1].id) |
                 *mark_of(marks, keys[i + 2].id) |
                 *mark_of(marks, keys[i + 3].id)))
            i += 4;
        if (i == node->board_count)
            return;
        uint8_t mark = *mark_of(marks, keys[i].id);
        size_t at = mark ? find_word(fresh, count, mark, keys[i].id) : count;
        if (at < count)
            meet(node, &keys[i], &fresh[at]);
    }
}

/* What becomes of keys and words that are merged. */
struct merger
{
    size_t key_count; /* Of the order, void ones too; */
    size_t word_count;
    uint32_t spare[LEARNS_MAX]; /* Free slots, for new words. */
    size_t spare_count;
};

static void spare(const struct node *node, struct merger *merger, uint32_t slot)
{
    merger->spare[merger->spare_count++] = slot;
    fetch_entry(node, slot);
}

/* The oldest of both leave until the rest fits the board; of equals the word,
 * which comes after the key. */
static void drop_oldest(const struct node *node,
                        const struct fresh *fresh,
                        size_t excess,
                        struct merger *merger)
{
    const struct peer_key *keys = state_keys(node);
    while (excess > 0) {
        const struct peer_key *key = &keys[merger->key_count - 1];
        const struct fresh *word = &fresh[merger->word_count - 1];
        if (merger->word_count == 0 ||
            (merger->key_count > 0 &&
             key->measured_us < word->learned->measured_us)) {
            merger->key_count--;
            if (key->slot == SLOT_NONE)
                continue;
            spare(node, merger, key->slot);
        } else {
            merger->word_count--;
            if (word->slot != SLOT_NONE)
                spare(node, merger, word->slot);
        }
        excess--;
    }
}

/* From the oldest on: so every key is read before its place is written, for no
 * more keys are void than words come before them. */
static void merge(struct node *node,
                  const struct fresh *fresh,
                  struct merger *merger)
{
    struct peer_key *keys = state_keys(node);
    const struct peer_key *from = keys + merger->key_count;
    struct peer_key *to = keys + node->board_count;
    for (size_t i = merger->word_count; i-- > 0;) {
        const struct learned *learned = fresh[i].learned;
        usec_t measured_us = learned->measured_us;
        while (from > keys && from[-1].measured_us < measured_us) {
            from--;
            if (from->slot != SLOT_NONE)
                *--to = *from;
        }
        uint32_t slot = fresh[i].slot;
        if (slot == SLOT_NONE) {
            slot = merger->spare[--merger->spare_count];
            enter_new(node, slot, &learned->word, measured_us);
        } else {
            renew(node, &state_entries(node)[slot], &learned->word,
                  measured_us);
        }
        *--to = (struct peer_key){
            .measured_us = measured_us, .id = learned->word.id, .slot = slot};
    }
}

/* new_count: of the words, those on nodes that are not on the board. */
static void merge_keys(struct node *node,
                       const struct fresh *fresh,
                       size_t count,
                       size_t new_count)
{
    size_t board_max = node->config.board_max;
    size_t total = node->board_count + new_count;
    struct merger merger;
    merger.key_count = node->board_count;
    merger.word_count = count;
    merger.spare_count = 0;
    node->board_count = total < board_max ? total : board_max;
    for (size_t i = merger.key_count; i < node->board_count; i++)
        spare(node, &merger, state_keys(node)[i].slot);
    drop_oldest(node, fresh, total - node->board_count, &merger);
    merge(node, fresh, &merger);
}

void peers_learn(struct node *node, const struct learned *learned, size_t count)
{
    assert(count <= LEARNS_MAX);
    struct marks marks;
    struct fresh fresh[LEARNS_MAX];
    count = sort_words(node, learned, count, fresh);
    if (count == 0)
        return;
    count = unite_words(fresh, count, &marks);
    meet_all(node, &marks, fresh, count);
    size_t fresh_count = 0;
    size_t new_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!fresh[i].stale) {
            new_count += fresh[i].slot == SLOT_NONE;
            fresh[fresh_count++] = fresh[i];
        }
    merge_keys(node, fresh, fresh_count, new_count);
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
        if (!membership_knows(node, key.id))
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
