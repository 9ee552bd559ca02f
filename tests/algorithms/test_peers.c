/* test_peers.c - the board: by node_believe(), by messages, and by a model. */
#include <stdlib.h>
#include <string.h>

#include "algorithms/node/node_state.h"
#include "algorithms/node/peers.h"
#include "algorithms/node/rng.h"
#include "tests/suite.h"

enum { BOARD_MAX = 8, NODES = 40 };

static const struct cluster_info map = {.id = 1,
                                        .send = true,
                                        .take = true,
                                        .first = 0,
                                        .node_count = NODES};

static struct node *make(uint32_t board_max)
{
    struct node_config config = node_config_default();
    config.id = 0;
    config.board_max = board_max;
    struct node *node =
        node_init(aligned_alloc(16, node_bytes(&config)), &config);
    node->map = &map;
    node->map_count = 1;
    node->now_us = 1000000;
    return node;
}

static struct node_word word_of(node_id id, uint32_t load_milli)
{
    return (struct node_word){.id = id,
                              .core_count = 1,
                              .speed_milli = 1000,
                              .load_milli = load_milli};
}

static void hear(struct node *node, node_id id, uint32_t load, usec_t at_us)
{
    struct node_word word = word_of(id, load);
    peers_hear(node, &word, at_us);
}

static void youngest_first(void)
{
    struct node *node = make(BOARD_MAX);
    hear(node, 1, 10, 300);
    hear(node, 2, 20, 500);
    hear(node, 3, 30, 400);
    size_t count = node_peer_count(node);
    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT_EQUAL(node_peer(node, 0)->word.id, 2);
    CU_ASSERT_EQUAL(node_peer(node, 1)->word.id, 3);
    CU_ASSERT_EQUAL(node_peer(node, 2)->word.id, 1);
    free(node);
}

static void older_word_never_wins(void)
{
    struct node *node = make(BOARD_MAX);
    hear(node, 1, 10, 300);
    hear(node, 1, 99, 299);
    CU_ASSERT_EQUAL(peers_find(node, 1)->word.load_milli, 10);
    hear(node, 1, 20, 301);
    CU_ASSERT_EQUAL(peers_find(node, 1)->word.load_milli, 20);
    CU_ASSERT_EQUAL(node->board_count, 1);
    free(node);
}

static void full_board_drops_its_oldest(void)
{
    struct node *node = make(2);
    hear(node, 1, 10, 300);
    hear(node, 2, 20, 500);
    hear(node, 3, 30, 400);
    CU_ASSERT_EQUAL(node->board_count, 2);
    CU_ASSERT_PTR_NULL(peers_find(node, 1));
    hear(node, 4, 40, 100);
    CU_ASSERT_PTR_NULL(peers_find(node, 4));
    CU_ASSERT_PTR_NOT_NULL(peers_find(node, 2));
    free(node);
}

static void strangers_and_self_are_ignored(void)
{
    struct node *node = make(BOARD_MAX);
    hear(node, 0, 10, 300);
    hear(node, NODES, 10, 300);
    CU_ASSERT_EQUAL(node->board_count, 0);
    free(node);
}

static void old_entries_leave(void)
{
    struct node *node = make(BOARD_MAX);
    node->now_us = 100 * 1000000;
    hear(node, 1, 10, node->now_us - node->config.board_age_us);
    hear(node, 2, 10, node->now_us - node->config.board_age_us - 1);
    peers_drop_old(node);
    CU_ASSERT_EQUAL(node->board_count, 1);
    CU_ASSERT_PTR_NOT_NULL(peers_find(node, 1));
    free(node);
}

static void younger_word_clears_the_ledger(void)
{
    struct node *node = make(BOARD_MAX);
    hear(node, 1, 0, 500);
    peers_reserve(node, 1, 4096);
    peers_reserve(node, 1, 4096);
    const struct peer_info *peer = peers_find(node, 1);
    CU_ASSERT_EQUAL(peer->reserved_milli, 2000);
    CU_ASSERT_EQUAL(peer->reserved_mem_bytes, 8192);
    CU_ASSERT_EQUAL(peer_load_milli(peer, 0), 2000);
    hear(node, 1, 1, node->now_us); /* Not after the reservation. */
    CU_ASSERT_EQUAL(peers_find(node, 1)->reserved_milli, 2000);
    peers_release(node, 1, 4096, node->now_us, true);
    CU_ASSERT_EQUAL(peers_find(node, 1)->reserved_milli, 1000);
    CU_ASSERT(peers_find(node, 1)->refused);
    hear(node, 1, 2, node->now_us + 1);
    peer = peers_find(node, 1);
    CU_ASSERT_EQUAL(peer->reserved_milli, 0);
    CU_ASSERT_EQUAL(peer->reserved_mem_bytes, 0);
    CU_ASSERT_FALSE(peer->refused);
    free(node);
}

static void without_the_ledger_nothing_is_reserved(void)
{
    struct node *node = make(BOARD_MAX);
    node->config.reserve = false;
    hear(node, 1, 0, 500);
    peers_reserve(node, 1, 4096);
    peers_release(node, 1, 4096, 0, true);
    CU_ASSERT_EQUAL(peers_find(node, 1)->reserved_milli, 0);
    CU_ASSERT_EQUAL(peers_find(node, 1)->reserved_mem_bytes, 0);
    CU_ASSERT(peers_find(node, 1)->refused); /* A fact, no reservation. */
    free(node);
}

/* The contract, naively: all words of all time, the youngest of each node; of
 * these the youngest of all that fit were never dropped. */
static void check_against_model(const struct node *node,
                                const struct learned *words,
                                size_t word_count)
{
    usec_t youngest[NODES] = {0};
    for (size_t i = 0; i < word_count; i++)
        if (words[i].measured_us > youngest[words[i].word.id])
            youngest[words[i].word.id] = words[i].measured_us;
    size_t count = node_peer_count(node);
    bool seen[NODES] = {false};
    for (size_t i = 0; i < count; i++) {
        node_id id = node_peer(node, i)->word.id;
        CU_ASSERT(id != 0 && !seen[id]);
        seen[id] = true;
        CU_ASSERT_EQUAL(node_peer(node, i)->measured_us, youngest[id]);
        CU_ASSERT_EQUAL(node_peer(node, i)->word.load_milli,
                        (uint32_t)youngest[id]);
        CU_ASSERT(i == 0 || node_peer(node, i - 1)->measured_us >=
                                node_peer(node, i)->measured_us);
        CU_ASSERT_PTR_EQUAL(peers_find(node, id), state_peer(node, i));
        CU_ASSERT_EQUAL(state_keys(node)[i].measured_us,
                        node_peer(node, i)->measured_us);
    }
    for (node_id id = 1; id < NODES; id++)
        if (youngest[id] > 0 && !seen[id])
            CU_ASSERT(!peers_find(node, id) &&
                      count == node->config.board_max &&
                      youngest[id] <= node_peer(node, count - 1)->measured_us);
}

static void batches_agree_with_a_model(void)
{
    enum { ROUNDS = 2000, BATCH = 18 };
    static struct learned all[ROUNDS * BATCH];
    for (uint32_t board_max = 1; board_max <= NODES; board_max += 13) {
        struct node *node = make(board_max);
        struct rng rng = rng_stream(board_max, 0, "model");
        size_t count = 0;
        for (usec_t round = 0; round < ROUNDS; round++) {
            struct learned batch[BATCH];
            size_t size = rng_below(&rng, BATCH + 1);
            for (size_t i = 0; i < size; i++) {
                usec_t at_us = 1 + round * 50 + rng_below(&rng, 1000);
                batch[i] = (struct learned){
                    .word = word_of(rng_below(&rng, NODES), (uint32_t)at_us),
                    .measured_us = at_us};
                all[count++] = batch[i];
            }
            peers_learn(node, batch, size);
            if (round % 16 == 0)
                check_against_model(node, all, count);
        }
        free(node);
    }
}

static void a_copy_has_the_same_board(void)
{
    struct node *node = make(BOARD_MAX);
    for (node_id id = 1; id < BOARD_MAX + 3; id++)
        hear(node, id, id, 100 + id);
    struct node_config config = node->config;
    config.board_max *= 3;
    struct node *copy = node_copy(
        aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16), &config, node);
    CU_ASSERT_EQUAL(node_hash(copy), node_hash(node));
    hear(node, 4, 99, 200);
    hear(copy, 4, 99, 200);
    CU_ASSERT_EQUAL(node_hash(copy), node_hash(node));
    free(node);
    free(copy);
}

static void no_peer_is_faster_than_the_bound(void)
{
    struct node *node = make(BOARD_MAX);
    struct node_info info = {.id = 1, .core_count = 1};
    CU_ASSERT_EQUAL(node->peer_speed_max_milli, 0);
    info.speed_milli = 1500;
    node_believe(node, &info, 500);
    hear(node, 2, 0, 500);
    CU_ASSERT_EQUAL(node->peer_speed_max_milli, 1500);
    info.speed_milli = 2500;
    node_believe(node, &info, 500);
    CU_ASSERT_EQUAL(node->peer_speed_max_milli, 2500);
    free(node);
}

/* One that left may still be on the board, or come back: then they are asked
 * one by one. */
static void who_was_ever_gone_is_noted(void)
{
    struct node *node = make(BOARD_MAX);
    struct node_word word = word_of(2, 0);
    hear(node, 1, 0, 500);
    CU_ASSERT_FALSE(node->peer_gone);
    word.state = NODE_GONE;
    struct learned learned = {.word = word, .measured_us = 400};
    peers_learn(node, &learned, 1);
    CU_ASSERT_TRUE(node->peer_gone);
    struct node_config config = node->config;
    struct node *copy = node_copy(
        aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16), &config, node);
    CU_ASSERT_TRUE(copy->peer_gone);
    free(copy);
    free(node);
}

static void belief_counts_at_once(void)
{
    struct node *node = make(BOARD_MAX);
    struct node_info info = {.id = 1, .core_count = 1, .load_milli = 10};
    node_believe(node, &info, 500);
    info.load_milli = 20;
    node_believe(node, &info, 500);
    CU_ASSERT_EQUAL(peers_find(node, 1)->word.load_milli, 20);
    CU_ASSERT_EQUAL(peers_find(node, 1)->measured_us, 500);
    free(node);
}

SUITE_MAIN("peers",
           {"the board is youngest first", youngest_first},
           {"an older word never replaces a younger one",
            older_word_never_wins},
           {"a full board drops its oldest", full_board_drops_its_oldest},
           {"self and nodes off the map are ignored",
            strangers_and_self_are_ignored},
           {"entries leave at the age that is set", old_entries_leave},
           {"a word measured after a reservation clears it",
            younger_word_clears_the_ledger},
           {"without the ledger nothing is reserved",
            without_the_ledger_nothing_is_reserved},
           {"batches of unsorted words agree with a model",
            batches_agree_with_a_model},
           {"a copy has the same board", a_copy_has_the_same_board},
           {"no peer is faster than the bound that policies see",
            no_peer_is_faster_than_the_bound},
           {"who was ever gone is noted", who_was_ever_gone_is_noted},
           {"perfect information replaces itself at one instant",
            belief_counts_at_once})
