/* test_stream_tls.c - streams in TLS: who may speak, and what is noticed of
 * whoever stands between. The two ends are joined directly, or by a pair of
 * sockets whose bytes the test hands on. */
#include <errno.h>
#include <openssl/x509.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../real/homenode/link.h"
#include "../../real/homenode/stream_socket.h"
#include "../../real/net/stream_tls.h"
#include "tests/suite.h"

enum { PATIENCE_US = 2 * 1000 * 1000 };

static const uint8_t seeds[3][NODE_KEY_BYTES] = {{1}, {2}, {3}};

struct end
{
    int socket;
    enum tls_side side;
    int own;     /* Which seed. */
    int trusted; /* Of the other. */
    struct stream_tls *tls;
    struct stream stream;
    struct complaint complaint;
    int error;
};

static struct node_key key_of(int which)
{
    struct node_key key = {{0}};
    EVP_PKEY *private;
    X509 *certificate;
    CU_ASSERT_EQUAL_FATAL(
        certificate_make(seeds[which], &private, &certificate), 0);
    CU_ASSERT_EQUAL(certificate_key(certificate, &key), 0);
    X509_free(certificate);
    EVP_PKEY_free(private);
    return key;
}

static bool knows(void *context, const struct node_key *other)
{
    const struct node_key *trusted = context;
    return memcmp(trusted, other, sizeof *other) == 0;
}

static void *shake(void *context)
{
    struct end *e = context;
    struct node_key trusted = key_of(e->trusted);
    const struct tls_trust trust = {&trusted, knows};
    e->error = stream_tls_create(&e->tls, e->socket, e->side, seeds[e->own],
                                 &trust, PATIENCE_US, &e->complaint);
    if (!e->error)
        e->stream = stream_tls_of(e->tls);
    return NULL;
}

/* ends[0] connects, ends[1] accepts. */
static void join(struct end ends[2], int connects, int accepts)
{
    pthread_t other;
    ends[0].socket = connects;
    ends[0].side = TLS_CONNECTS;
    ends[1].socket = accepts;
    ends[1].side = TLS_ACCEPTS;
    pthread_create(&other, NULL, shake, &ends[1]);
    shake(&ends[0]);
    pthread_join(other, NULL);
}

static void open_pair(struct end ends[2])
{
    int sockets[2];
    memset(ends, 0, 2 * sizeof *ends);
    ends[0].own = ends[1].trusted = 0;
    ends[1].own = ends[0].trusted = 1;
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    join(ends, sockets[0], sockets[1]);
    CU_ASSERT_EQUAL_FATAL(ends[0].error, 0);
    CU_ASSERT_EQUAL_FATAL(ends[1].error, 0);
}

static void close_pair(struct end ends[2])
{
    for (int i = 0; i < 2; i++) {
        stream_tls_destroy(ends[i].tls);
        close(ends[i].socket);
    }
}

static int say(struct end *e, const void *bytes, size_t count)
{
    return e->stream.write(e->stream.context, bytes, count);
}

static int hear(struct end *e, void *bytes, size_t count)
{
    return e->stream.read(e->stream.context, bytes, count);
}

static void test_both_ends_know_each_other(void)
{
    struct end ends[2];
    char text[6] = "";
    open_pair(ends);
    struct node_key first = key_of(0);
    struct node_key second = key_of(1);
    CU_ASSERT_EQUAL(
        memcmp(stream_tls_other(ends[0].tls), &second, sizeof second), 0);
    CU_ASSERT_EQUAL(memcmp(stream_tls_other(ends[1].tls), &first, sizeof first),
                    0);
    CU_ASSERT_EQUAL(say(&ends[0], "there", 6), 0);
    CU_ASSERT_EQUAL(hear(&ends[1], text, 6), 0);
    CU_ASSERT_STRING_EQUAL(text, "there");
    CU_ASSERT_EQUAL(say(&ends[1], "back!", 6), 0);
    CU_ASSERT_EQUAL(hear(&ends[0], text, 6), 0);
    CU_ASSERT_STRING_EQUAL(text, "back!");
    close_pair(ends);
}

/* RFC 8032, 7.1, test 1. */
static void test_a_key_is_that_of_the_standard(void)
{
    static const uint8_t seed[NODE_KEY_BYTES] = {
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
        0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
        0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    static const uint8_t public[NODE_KEY_BYTES] = {
        0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
        0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
        0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
    struct node_key key;
    EVP_PKEY *private;
    X509 *certificate;
    CU_ASSERT_EQUAL_FATAL(certificate_make(seed, &private, &certificate), 0);
    CU_ASSERT_EQUAL(certificate_key(certificate, &key), 0);
    CU_ASSERT_EQUAL(memcmp(key.bytes, public, sizeof public), 0);
    X509_free(certificate);
    EVP_PKEY_free(private);
}

/* Keys of the two ends and whom each trusts. */
static void refused(const int own[2], const int trusted[2], int errors[2])
{
    struct end ends[2] = {0};
    int sockets[2];
    char byte;
    for (int i = 0; i < 2; i++) {
        ends[i].own = own[i];
        ends[i].trusted = trusted[i];
    }
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    join(ends, sockets[0], sockets[1]);
    /* Whoever connects is ready before the other has looked at its key. */
    for (int i = 0; i < 2; i++)
        errors[i] = ends[i].error ? ends[i].error : hear(&ends[i], &byte, 1);
    close_pair(ends);
}

static void test_a_wrong_key_is_refused_by_either_end(void)
{
    int errors[2];
    refused((const int[]){0, 1}, (const int[]){2, 0}, errors);
    CU_ASSERT_EQUAL(errors[0], -EKEYREJECTED);
    CU_ASSERT_NOT_EQUAL(errors[1], 0);
    refused((const int[]){0, 1}, (const int[]){1, 2}, errors);
    CU_ASSERT_EQUAL(errors[1], -EKEYREJECTED);
    CU_ASSERT_EQUAL(errors[0], -ECONNREFUSED);
}

static void test_what_is_not_tls_is_refused(void)
{
    struct end e = {.own = 0, .trusted = 1, .side = TLS_ACCEPTS};
    int sockets[2];
    char bytes[256];
    memset(bytes, 'x', sizeof bytes);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    CU_ASSERT_EQUAL(write(sockets[1], bytes, sizeof bytes), sizeof bytes);
    e.socket = sockets[0];
    shake(&e);
    CU_ASSERT_EQUAL(e.error, -EPROTO);
    CU_ASSERT_TRUE(strlen(e.complaint.text) > 0);
    close(sockets[0]);
    close(sockets[1]);
}

static void test_one_that_says_nothing_is_not_waited_for(void)
{
    struct end e = {.own = 0, .trusted = 1, .side = TLS_ACCEPTS};
    int sockets[2];
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    e.socket = sockets[0];
    time_t start = time(NULL);
    shake(&e);
    CU_ASSERT_EQUAL(e.error, -ETIMEDOUT);
    CU_ASSERT_TRUE(time(NULL) - start <= 2 * PATIENCE_US / 1000000 + 1);
    close(sockets[0]);
    close(sockets[1]);
}

static void test_an_end_that_was_said_is_no_cut(void)
{
    struct end ends[2];
    char byte;
    open_pair(ends);
    stream_tls_destroy(ends[0].tls);
    ends[0].tls = NULL;
    CU_ASSERT_EQUAL(hear(&ends[1], &byte, 1), -ENODATA);
    close_pair(ends);
}

static void test_a_cut_is_no_end(void)
{
    struct end ends[2];
    char byte;
    open_pair(ends);
    shutdown(ends[0].socket, SHUT_RDWR);
    CU_ASSERT_EQUAL(hear(&ends[1], &byte, 1), -ECONNRESET);
    CU_ASSERT_NOT_EQUAL(say(&ends[1], &byte, 1), 0);
    close_pair(ends);
}

/* ---- Somebody between. --------------------------------------------------- */

/* ends[0] - between[0], between[1] - ends[1]. */
struct between
{
    struct end ends[2];
    int sockets[2];
};

/* Hand on what each has said until both have shaken hands. */
static void *carry(void *context)
{
    const struct between *b = context;
    char bytes[4096];
    for (int quiet = 0; quiet < 3;) {
        struct pollfd both[] = {{b->sockets[0], POLLIN, 0},
                                {b->sockets[1], POLLIN, 0}};
        quiet = poll(both, 2, 100) > 0 ? 0 : quiet + 1;
        for (int i = 0; i < 2; i++)
            if (both[i].revents & POLLIN) {
                ssize_t got = read(b->sockets[i], bytes, sizeof bytes);
                if (got <= 0 ||
                    write(b->sockets[1 - i], bytes, (size_t)got) != got)
                    return NULL;
            }
    }
    return NULL;
}

static void open_between(struct between *b)
{
    int left[2];
    int right[2];
    pthread_t carrier;
    memset(b, 0, sizeof *b);
    b->ends[0].own = b->ends[1].trusted = 0;
    b->ends[1].own = b->ends[0].trusted = 1;
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, left), 0);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, right), 0);
    b->sockets[0] = left[1];
    b->sockets[1] = right[1];
    pthread_create(&carrier, NULL, carry, b);
    join(b->ends, left[0], right[0]);
    pthread_join(carrier, NULL);
    CU_ASSERT_EQUAL_FATAL(b->ends[0].error, 0);
    CU_ASSERT_EQUAL_FATAL(b->ends[1].error, 0);
}

static void close_between(struct between *b)
{
    close_pair(b->ends);
    close(b->sockets[0]);
    close(b->sockets[1]);
}

/* What the first end said, on its way. */
static ssize_t take(const struct between *b, uint8_t *bytes, size_t room)
{
    return read(b->sockets[0], bytes, room);
}

static void give(const struct between *b, const uint8_t *bytes, size_t count)
{
    CU_ASSERT_EQUAL(write(b->sockets[1], bytes, count), (ssize_t)count);
}

static void test_a_changed_byte_is_noticed(void)
{
    struct between b;
    uint8_t bytes[256];
    char heard[8];
    open_between(&b);
    CU_ASSERT_EQUAL(say(&b.ends[0], "payload", 8), 0);
    ssize_t count = take(&b, bytes, sizeof bytes);
    CU_ASSERT_FATAL(count > 8);
    CU_ASSERT_PTR_NULL(memmem(bytes, (size_t)count, "payload", 7));
    bytes[count - 20] ^= 1;
    give(&b, bytes, (size_t)count);
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), -EBADMSG);
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), -EPIPE);
    close_between(&b);
}

static void test_what_is_said_twice_is_noticed(void)
{
    struct between b;
    uint8_t bytes[256];
    char heard[8];
    open_between(&b);
    CU_ASSERT_EQUAL(say(&b.ends[0], "payload", 8), 0);
    ssize_t count = take(&b, bytes, sizeof bytes);
    CU_ASSERT_FATAL(count > 8);
    give(&b, bytes, (size_t)count);
    give(&b, bytes, (size_t)count);
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), 0);
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), -EBADMSG);
    close_between(&b);
}

static void test_half_a_record_is_nothing_yet(void)
{
    struct between b;
    uint8_t bytes[256];
    char heard[8] = "";
    open_between(&b);
    const struct stream *to = &b.ends[1].stream;
    CU_ASSERT_EQUAL(say(&b.ends[0], "payload", 8), 0);
    ssize_t count = take(&b, bytes, sizeof bytes);
    CU_ASSERT_FATAL(count > 8);
    for (ssize_t i = 0; i < count; i++) {
        CU_ASSERT_FALSE(to->holds(to->context));
        CU_ASSERT_EQUAL(to->look(to->context, 0), -EAGAIN);
        give(&b, &bytes[i], 1);
    }
    CU_ASSERT_EQUAL(to->look(to->context, 0), 0);
    CU_ASSERT_TRUE(to->holds(to->context));
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), 0);
    CU_ASSERT_STRING_EQUAL(heard, "payload");
    CU_ASSERT_FALSE(to->holds(to->context));
    close_between(&b);
}

static void test_what_came_with_another_record_is_held(void)
{
    struct between b;
    uint8_t bytes[512];
    char heard[8] = "";
    open_between(&b);
    const struct stream *to = &b.ends[1].stream;
    CU_ASSERT_EQUAL(say(&b.ends[0], "first..", 8), 0);
    CU_ASSERT_EQUAL(say(&b.ends[0], "second.", 8), 0);
    ssize_t count = take(&b, bytes, sizeof bytes);
    give(&b, bytes, (size_t)count);
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), 0);
    CU_ASSERT_TRUE(to->holds(to->context));
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), 0);
    CU_ASSERT_STRING_EQUAL(heard, "second.");
    close_between(&b);
}

static void test_a_record_cut_short_is_a_cut(void)
{
    struct between b;
    uint8_t bytes[256];
    char heard[8];
    open_between(&b);
    CU_ASSERT_EQUAL(say(&b.ends[0], "payload", 8), 0);
    ssize_t count = take(&b, bytes, sizeof bytes);
    CU_ASSERT_FATAL(count > 8);
    give(&b, bytes, (size_t)count - 1);
    shutdown(b.sockets[1], SHUT_WR);
    CU_ASSERT_EQUAL(hear(&b.ends[1], heard, 8), -ECONNRESET);
    close_between(&b);
}

/* ---- Much. --------------------------------------------------------------- */

enum { RECORDS = 48, LARGE_BYTES = RECORD_BYTES_MAX - 7 };

static uint8_t pattern(size_t record, size_t at)
{
    return (uint8_t)(at * 31 + at / 4096 + record);
}

static void *say_much(void *context)
{
    struct end *e = context;
    uint8_t *bytes = malloc(LARGE_BYTES);
    for (size_t r = 0; r < RECORDS && e->error == 0; r++) {
        for (size_t i = 0; i < LARGE_BYTES; i++)
            bytes[i] = pattern(r, i);
        struct iovec parts[] = {{bytes, 5}, {bytes + 5, LARGE_BYTES - 5}};
        e->error = stream_put(&e->stream, RECORD_PAGES, parts, 2);
    }
    free(bytes);
    return NULL;
}

static void test_an_image_of_large_records_comes_whole(void)
{
    struct end ends[2];
    struct incoming incoming = {0};
    pthread_t sender;
    bool same = true;
    open_pair(ends);
    pthread_create(&sender, NULL, say_much, &ends[0]);
    for (size_t r = 0; r < RECORDS && same; r++) {
        same = stream_get(&ends[1].stream, &incoming) == 0 &&
               incoming.kind == RECORD_PAGES && incoming.bytes == LARGE_BYTES;
        for (size_t i = 0; i < LARGE_BYTES && same; i++)
            same = incoming.body[i] == pattern(r, i);
    }
    CU_ASSERT_TRUE(same);
    if (!same)
        shutdown(ends[1].socket, SHUT_RDWR);
    pthread_join(sender, NULL);
    CU_ASSERT_EQUAL(ends[0].error, 0);
    incoming_finish(&incoming);
    close_pair(ends);
}

static void test_one_that_does_not_read_breaks_the_stream(void)
{
    struct end ends[2];
    static uint8_t bytes[4 * 1024 * 1024];
    open_pair(ends);
    CU_ASSERT_EQUAL(say(&ends[0], bytes, sizeof bytes), -ETIMEDOUT);
    CU_ASSERT_EQUAL(say(&ends[0], bytes, 1), -EPIPE);
    close_pair(ends);
}

static void *answer(void *context)
{
    struct end *e = context;
    struct link *link;
    struct incoming incoming = {0};
    struct wire_reply reply = {0};
    struct iovec part = {&reply, sizeof reply};
    e->error = link_create(&link, &e->stream, LINK_AT_HOME);
    for (int i = 0; i < 1000 && e->error == 0; i++) {
        e->error = link_get(link, &incoming, PATIENCE_US, -1, NULL);
        if (e->error == 0)
            e->error = link_put(link, RECORD_REPLY, &part, 1, true);
    }
    link_destroy(link);
    incoming_finish(&incoming);
    return NULL;
}

static void test_a_link_asks_and_hears(void)
{
    struct end ends[2];
    struct link *link;
    struct incoming incoming = {0};
    struct wire_request request = {0};
    struct iovec part = {&request, sizeof request};
    pthread_t other;
    int error = 0;
    open_pair(ends);
    pthread_create(&other, NULL, answer, &ends[1]);
    CU_ASSERT_EQUAL_FATAL(link_create(&link, &ends[0].stream, LINK_AT_HOST), 0);
    for (int i = 0; i < 1000 && error == 0; i++) {
        error = link_put(link, RECORD_REQUEST, &part, 1, true);
        if (error == 0)
            error = link_get(link, &incoming, PATIENCE_US, -1, NULL);
    }
    CU_ASSERT_EQUAL(error, 0);
    CU_ASSERT_EQUAL(incoming.kind, RECORD_REPLY);
    pthread_join(other, NULL);
    CU_ASSERT_EQUAL(ends[1].error, 0);
    link_destroy(link);
    incoming_finish(&incoming);
    close_pair(ends);
}

SUITE_MAIN(
    "stream_tls",
    {"both ends know each other", test_both_ends_know_each_other},
    {"a key is that of the standard", test_a_key_is_that_of_the_standard},
    {"a wrong key is refused by either end",
     test_a_wrong_key_is_refused_by_either_end},
    {"what is not TLS is refused", test_what_is_not_tls_is_refused},
    {"one that says nothing is not waited for",
     test_one_that_says_nothing_is_not_waited_for},
    {"an end that was said is no cut", test_an_end_that_was_said_is_no_cut},
    {"a cut is no end", test_a_cut_is_no_end},
    {"a changed byte is noticed", test_a_changed_byte_is_noticed},
    {"what is said twice is noticed", test_what_is_said_twice_is_noticed},
    {"half a record is nothing yet", test_half_a_record_is_nothing_yet},
    {"what came with another record is held",
     test_what_came_with_another_record_is_held},
    {"a record cut short is a cut", test_a_record_cut_short_is_a_cut},
    {"an image of large records comes whole",
     test_an_image_of_large_records_comes_whole},
    {"one that does not read breaks the stream",
     test_one_that_does_not_read_breaks_the_stream},
    {"a link asks and hears", test_a_link_asks_and_hears})
