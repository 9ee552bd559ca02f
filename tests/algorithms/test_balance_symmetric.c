/* test_balance_symmetric.c - senders and receivers find each other. */
#include "../suite.h"
#include "algorithms/balance/heard.h"
#include "stand.h"

enum { A = 1, B, C };

static struct stand *make(size_t nodes)
{
    struct stand *s = stand_create(nodes);
    stand_add(s, "balance_symmetric");
    stand_start(s);
    return s;
}

static void tell_all(struct stand *s)
{
    for (node_id id = A; id < A + s->node_count; id++)
        stand_tell(s, id);
}

static void the_example(void)
{
    struct stand *s = make(3);
    stand_silence(s, A, true); /* Until B and C have what they have. */
    stand_submit(s, B, STAND_MIB);
    for (int i = 0; i < 3; i++)
        stand_submit(s, C, STAND_MIB);
    stand_run_until(s, 2 * STAND_SECOND_US);
    CU_ASSERT_EQUAL_FATAL(stand_running(s, B), 1);
    CU_ASSERT_EQUAL_FATAL(stand_running(s, C), 3);
    stand_silence(s, A, false);
    tell_all(s);
    stand_run_until(s, 10 * STAND_SECOND_US);
    CU_ASSERT_EQUAL(stand_running(s, A), 1);
    CU_ASSERT_EQUAL(stand_running(s, B), 1);
    CU_ASSERT_EQUAL(stand_running(s, C), 2);
    proc_id second = stand_submit(s, B, STAND_MIB);
    stand_run_until(s, 20 * STAND_SECOND_US);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, B, second));
    stand_destroy(s);
}

static void a_sender_gives_the_new_process_to_a_receiver(void)
{
    struct stand *s = make(2);
    tell_all(s);
    proc_id first = stand_submit(s, A, STAND_MIB);
    proc_id second = stand_submit(s, A, STAND_MIB);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, A, first));
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, B, second));
    stand_destroy(s);
}

/* Where all are senders, each is asked once, and then nobody any more. */
static void under_high_load_nobody_is_asked_any_more(void)
{
    struct stand *s = make(3);
    for (node_id id = A; id <= C; id++)
        stand_silence(s, id, id != A);
    for (int i = 0; i < 3; i++)
        stand_submit(s, A, STAND_MIB);
    for (node_id id = B; id <= C; id++) {
        stand_silence(s, A, true);
        stand_silence(s, id, false);
        for (int i = 0; i < 3; i++)
            stand_submit(s, id, STAND_MIB);
        stand_silence(s, id, true);
    }
    /* What was asked in vain is over; so all know that they know nothing. */
    stand_run_until(s, 5 * STAND_SECOND_US);
    for (node_id id = A; id <= C; id++)
        stand_silence(s, id, false);
    stand_run_until(s, 10 * STAND_SECOND_US);
    size_t before = s->sent_count;
    stand_submit(s, A, STAND_MIB);
    stand_submit(s, A, STAND_MIB);
    stand_submit(s, A, STAND_MIB);
    /* Both are in the list of OK or of senders: not receivers. */
    CU_ASSERT_EQUAL(s->sent_count, before);
    CU_ASSERT_EQUAL(stand_running(s, A), 6);
    stand_destroy(s);
}

static void end_all(struct stand *s, node_id id)
{
    size_t count;
    proc_id own[STAND_PROCS_MAX];
    const struct proc_info *procs = node_procs(stand_node(s, id), &count);
    for (size_t i = 0; i < count; i++)
        own[i] = procs[i].id;
    for (size_t i = 0; i < count; i++)
        stand_step(s, id, (struct event){.kind = EVENT_ENDED, .proc = own[i]});
    stand_settle(s);
}

/* Of 16 nodes with one process each one becomes a sender and asks A among
 * others; when A is idle it asks that one first. */
static void a_receiver_asks_known_senders_first(void)
{
    enum { NODES = 16 };
    struct stand *s = stand_create(NODES);
    stand_set(s, stand_add(s, "balance_symmetric"), "probe_limit", NODES - 1);
    stand_start(s);
    for (node_id id = A; id <= NODES; id++)
        stand_submit(s, id, STAND_MIB);
    tell_all(s);
    /* It asks all 15, which are OK, and hears so. */
    stand_submit(s, C, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, C), 2);
    end_all(s, A);
    size_t before = s->sent_count;
    stand_run_until(s, stand_time_us(s) + STAND_SECOND_US);
    CU_ASSERT_EQUAL(stand_running(s, A), 1);
    CU_ASSERT_EQUAL(stand_running(s, C), 1);
    /* WANT, SENT, OFFER, ACCEPT; the claim of what was carried, its verdict and
     * the words of a guest to its home. */
    CU_ASSERT(s->sent_count - before <= 8);
    stand_destroy(s);
}

static void lists_are_in_order_and_forget_receivers_first(void)
{
    struct heard heard = {0};
    const node_id none[1] = {NODE_NONE};
    heard_put(&heard, 1, HEARD_SENDER);
    heard_put(&heard, 2, HEARD_SENDER);
    heard_put(&heard, 3, HEARD_RECEIVER);
    CU_ASSERT_EQUAL(heard_next(&heard, HEARD_SENDER, true, none, 0), 2);
    CU_ASSERT_EQUAL(heard_next(&heard, HEARD_SENDER, false, none, 0), 1);
    heard_put(&heard, 1, HEARD_SENDER);
    CU_ASSERT_EQUAL(heard_next(&heard, HEARD_SENDER, true, none, 0), 1);
    heard_put(&heard, 1, HEARD_OK);
    const node_id passed[1] = {2};
    CU_ASSERT_EQUAL(heard_next(&heard, HEARD_SENDER, true, passed, 1),
                    NODE_NONE);
    for (node_id id = 4; id <= HEARD_MAX; id++)
        heard_put(&heard, id, HEARD_OK);
    heard_put(&heard, 1000, HEARD_OK);
    CU_ASSERT_FALSE(heard_has(&heard, 3));
    CU_ASSERT_TRUE(heard_has(&heard, 2));
    heard_put(&heard, 1001, HEARD_OK);
    CU_ASSERT_FALSE(heard_has(&heard, 2));
}

SUITE_MAIN("balance_symmetric",
           {"the example", the_example},
           {"a sender gives the new process to a receiver",
            a_sender_gives_the_new_process_to_a_receiver},
           {"under high load nobody is asked any more",
            under_high_load_nobody_is_asked_any_more},
           {"a receiver asks known senders first",
            a_receiver_asks_known_senders_first},
           {"lists are in order and forget receivers first",
            lists_are_in_order_and_forget_receivers_first})
