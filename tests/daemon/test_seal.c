/* test_seal.c - datagrams: who wrote them, for whom, once, in time. */
#include "../suite.h"

#include <errno.h>
#include <string.h>

#include "../../real/daemon/seal.h"

enum { ANNA = 7, BERTA = 70000, NOW = 1800000000, SECOND = 1000000 };

/* Two members who know each other since `started`, and a third. */
struct members
{
    struct identity anna, berta, carla;
    struct seal to_berta; /* Anna's. */
    struct seal to_anna;  /* Berta's. */
};

static const usec_t now_us = (usec_t)NOW * SECOND;

static void meet(struct members *m)
{
    identity_make(&m->anna);
    identity_make(&m->berta);
    identity_make(&m->carla);
    CU_ASSERT_EQUAL_FATAL(
        seal_init(&m->to_berta, &m->anna, ANNA, m->berta.public_key, BERTA, 3,
                  now_us - SECOND),
        0);
    CU_ASSERT_EQUAL_FATAL(
        seal_init(&m->to_anna, &m->berta, BERTA, m->anna.public_key, ANNA, 3,
                  now_us - SECOND),
        0);
}

struct datagram
{
    uint8_t bytes[SEAL_DATAGRAM_BYTES_MAX];
    size_t count;
};

static struct datagram say(struct seal *s, usec_t at_us, const char *text)
{
    struct datagram d;
    d.count =
        seal_close(s, at_us, (const uint8_t *)text, strlen(text), d.bytes);
    CU_ASSERT_EQUAL(d.count, strlen(text) + SEAL_BYTES);
    return d;
}

static int hear(struct seal *s, usec_t at_us, const struct datagram *d)
{
    uint8_t bytes[SEAL_DATAGRAM_BYTES_MAX];
    return seal_open(s, at_us, d->bytes, d->count, bytes);
}

static void what_one_says_the_other_hears(void)
{
    struct members m;
    uint8_t heard[SEAL_DATAGRAM_BYTES_MAX];
    uint8_t long_text[SEAL_PLAIN_BYTES_MAX];
    node_id sender;
    meet(&m);
    struct datagram d = say(&m.to_berta, now_us, "load 3");
    CU_ASSERT_EQUAL(seal_sender(d.bytes, d.count, &sender), 0);
    CU_ASSERT_EQUAL(sender, ANNA);
    CU_ASSERT_EQUAL(seal_open(&m.to_anna, now_us, d.bytes, d.count, heard), 0);
    CU_ASSERT_EQUAL(memcmp(heard, "load 3", 6), 0);
    CU_ASSERT_PTR_NULL(memmem(d.bytes, d.count, "load", 4));

    memset(long_text, 'x', sizeof long_text);
    d.count =
        seal_close(&m.to_anna, now_us, long_text, sizeof long_text, d.bytes);
    CU_ASSERT_EQUAL(d.count, 1280);
    CU_ASSERT_EQUAL(seal_open(&m.to_berta, now_us, d.bytes, d.count, heard), 0);
    CU_ASSERT_EQUAL(memcmp(heard, long_text, sizeof long_text), 0);

    d = say(&m.to_berta, now_us, "");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), 0);
}

static void nobody_else_is_heard(void)
{
    struct members m;
    struct seal liar;
    meet(&m);
    /* Carla, who knows every public key, says that she is Anna. */
    CU_ASSERT_EQUAL(
        seal_init(&liar, &m.carla, ANNA, m.berta.public_key, BERTA, 3, now_us),
        0);
    struct datagram d = say(&liar, now_us, "I am Anna");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), -EBADMSG);
    /* What Berta said comes back to her, as it is or under Anna's name. */
    d = say(&m.to_anna, now_us, "hello");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), -EBADMSG);
    memcpy(d.bytes + 4, (uint8_t[]){ANNA, 0, 0, 0}, 4);
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), -EBADMSG);
    /* What Anna said to Berta is not for Carla. */
    struct seal carlas;
    CU_ASSERT_EQUAL(seal_init(&carlas, &m.carla, 9, m.anna.public_key, ANNA, 3,
                              now_us - SECOND),
                    0);
    d = say(&m.to_berta, now_us, "for Berta");
    CU_ASSERT_EQUAL(hear(&carlas, now_us, &d), -EBADMSG);
}

static void every_bit_counts(void)
{
    struct members m;
    meet(&m);
    struct datagram d = say(&m.to_berta, now_us, "load 3, speed 1.00");
    for (size_t bit = 0; bit < 8 * d.count; bit++) {
        d.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_NOT_EQUAL(hear(&m.to_anna, now_us, &d), 0);
        d.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    size_t whole = d.count;
    for (d.count = 0; d.count < whole; d.count++)
        CU_ASSERT_NOT_EQUAL(hear(&m.to_anna, now_us, &d), 0);
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), 0);
}

static void each_is_heard_once_in_any_order(void)
{
    struct members m;
    struct datagram d[SEAL_WINDOW];
    meet(&m);
    /* All in the same microsecond: their instants differ nevertheless. */
    for (size_t i = 0; i < SEAL_WINDOW; i++)
        d[i] = say(&m.to_berta, now_us, "x");
    /* 29 and 64 have no common divisor: each comes once. */
    for (size_t i = 0; i < SEAL_WINDOW; i++)
        CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d[i * 29 % SEAL_WINDOW]), 0);
    for (size_t i = 0; i < SEAL_WINDOW; i++)
        CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d[i]), -EALREADY);
}

static void who_is_too_far_behind_is_not_heard(void)
{
    struct members m;
    meet(&m);
    struct datagram slow = say(&m.to_berta, now_us, "slow");
    for (size_t i = 0; i < SEAL_WINDOW; i++) {
        struct datagram d = say(&m.to_berta, now_us, "fast");
        CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), 0);
    }
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &slow), -EALREADY);
}

static void what_was_said_before_a_start_stays_unheard(void)
{
    struct members m;
    meet(&m);
    struct datagram d = say(&m.to_berta, now_us, "once");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), 0);
    /* Berta begins again, a second later, and remembers nothing. */
    CU_ASSERT_EQUAL(seal_init(&m.to_anna, &m.berta, BERTA, m.anna.public_key,
                              ANNA, 3, now_us + SECOND),
                    0);
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us + SECOND, &d), -ETIME);
    d = say(&m.to_berta, now_us + 2 * SECOND, "again");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us + 2 * SECOND, &d), 0);
}

static void clocks_may_differ_by_half_a_minute(void)
{
    struct members m;
    meet(&m);
    struct datagram d = say(&m.to_berta, now_us, "a");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us + SEAL_SKEW_US, &d), 0);
    d = say(&m.to_berta, now_us + SECOND, "b");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us + 32 * (usec_t)SECOND, &d), -ETIME);
    d = say(&m.to_berta, now_us + 31 * (usec_t)SECOND, "c");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), -ETIME);
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us + SECOND, &d), 0);
}

static void keys_of_another_generation_are_told_apart(void)
{
    struct members m;
    meet(&m);
    m.to_berta.generation = 4;
    struct datagram d = say(&m.to_berta, now_us, "x");
    CU_ASSERT_EQUAL(hear(&m.to_anna, now_us, &d), -EKEYEXPIRED);
}

static void what_is_no_key_is_refused(void)
{
    struct members m;
    struct seal s;
    unsigned char none[PUBLIC_KEY_BYTES] = {0};
    meet(&m);
    CU_ASSERT_EQUAL(seal_init(&s, &m.anna, ANNA, none, BERTA, 0, now_us),
                    -EINVAL);
    CU_ASSERT_EQUAL(
        seal_init(&s, &m.anna, ANNA, m.anna.public_key, BERTA, 0, now_us),
        -EINVAL);
}

SUITE_MAIN(
    "seal",
    {"what one says the other hears", what_one_says_the_other_hears},
    {"nobody else is heard", nobody_else_is_heard},
    {"every bit counts", every_bit_counts},
    {"each is heard once, in any order", each_is_heard_once_in_any_order},
    {"who is too far behind is not heard", who_is_too_far_behind_is_not_heard},
    {"what was said before a start stays unheard",
     what_was_said_before_a_start_stays_unheard},
    {"clocks may differ by half a minute", clocks_may_differ_by_half_a_minute},
    {"keys of another generation are told apart",
     keys_of_another_generation_are_told_apart},
    {"what is no key is refused", what_is_no_key_is_refused})
