/* test_transport.c - frames over loopback: what comes, what is refused and that
 * nobody is answered or stopped by it. */
#include "../suite.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../../real/daemon/transport.h"
#include "member_here.h"

enum { MEMBERS = 3, PATIENCE_MS = 2000 };

/* One node, and the last that it heard and refused. */
struct node_here
{
    struct transport *transport;
    size_t heard_count;
    node_id heard_from;
    uint8_t heard[SEAL_PLAIN_BYTES_MAX];
    size_t heard_bytes;
    size_t refused_count;
    node_id refused_from;
    int refused_error;
};

struct network
{
    uv_loop_t loop;
    struct identity identities[MEMBERS];
    struct member members[MEMBERS];
    struct roster roster;
    struct node_here nodes[MEMBERS];
    int outside; /* A socket of nobody's. */
};

static void hear(void *user, node_id from, const uint8_t *bytes, size_t count)
{
    struct node_here *n = user;
    n->heard_count++;
    n->heard_from = from;
    memcpy(n->heard, bytes, count);
    n->heard_bytes = count;
}

static void refuse(void *user, node_id from, int error)
{
    struct node_here *n = user;
    n->refused_count++;
    n->refused_from = from;
    n->refused_error = error;
}

static void open_node(struct network *n, size_t place)
{
    struct complaint c;
    struct transport_listener listener = {&n->nodes[place], hear, refuse};
    CU_ASSERT_EQUAL_FATAL(
        transport_create(&n->nodes[place].transport, &n->loop,
                         &n->identities[place], n->members[place].id,
                         &n->roster, &listener, &c),
        0);
}

/* Nodes 1 and 2 are up; 3 is a member who is not. */
static void raise_network(struct network *n)
{
    memset(n, 0, sizeof *n);
    CU_ASSERT_EQUAL_FATAL(uv_loop_init(&n->loop), 0);
    for (size_t i = 0; i < MEMBERS; i++)
        member_here(&n->members[i], (node_id)i + 1, &n->identities[i]);
    n->roster.members = n->members;
    n->roster.member_count = MEMBERS;
    open_node(n, 0);
    open_node(n, 1);
    n->outside = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_FATAL(n->outside >= 0);
}

static void close_network(struct network *n)
{
    for (size_t i = 0; i < MEMBERS; i++)
        transport_destroy(n->nodes[i].transport);
    CU_ASSERT_EQUAL(uv_run(&n->loop, UV_RUN_DEFAULT), 0);
    CU_ASSERT_EQUAL(uv_loop_close(&n->loop), 0);
    close(n->outside);
}

/* Until the second node heard or refused as many, or patience ends. */
static void run(struct network *n, size_t heard, size_t refused)
{
    const struct node_here *at = &n->nodes[1];
    for (int i = 0; i < PATIENCE_MS; i++) {
        uv_run(&n->loop, UV_RUN_NOWAIT);
        if (at->heard_count >= heard && at->refused_count >= refused)
            break;
        usleep(1000);
    }
    CU_ASSERT_EQUAL(at->heard_count, heard);
    CU_ASSERT_EQUAL(at->refused_count, refused);
}

static void inject(struct network *n, const void *bytes, size_t count)
{
    CU_ASSERT_EQUAL(
        sendto(n->outside, bytes, count, 0,
               (struct sockaddr *)&n->members[1].at, n->members[1].at_bytes),
        (ssize_t)count);
}

static void frames_come_as_they_were_sent(void)
{
    struct network n;
    uint8_t frame[SEAL_PLAIN_BYTES_MAX];
    raise_network(&n);
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)i;
    CU_ASSERT_EQUAL(
        transport_send(n.nodes[0].transport, 2, frame, sizeof frame), 0);
    run(&n, 1, 0);
    CU_ASSERT_EQUAL(n.nodes[1].heard_from, 1);
    CU_ASSERT_EQUAL(n.nodes[1].heard_bytes, sizeof frame);
    CU_ASSERT_EQUAL(memcmp(n.nodes[1].heard, frame, sizeof frame), 0);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 2, frame, 0), 0);
    run(&n, 2, 0);
    CU_ASSERT_EQUAL(n.nodes[1].heard_bytes, 0);
    struct transport_counts counts = transport_counts_of(n.nodes[0].transport);
    CU_ASSERT_EQUAL(counts.sent, 2);
    CU_ASSERT_EQUAL(counts.sent_bytes, 1280 + 48);
    close_network(&n);
}

static void there_is_no_way_to_strangers(void)
{
    struct network n;
    raise_network(&n);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 9, NULL, 0), -ENOENT);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 1, NULL, 0), -ENOENT);
    /* Who is a member and not there is not noticed. */
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 3, NULL, 0), 0);
    run(&n, 0, 0);
    close_network(&n);
}

static void what_nobody_sealed_is_refused_and_not_answered(void)
{
    struct network n;
    uint8_t bytes[SEAL_DATAGRAM_BYTES_MAX + 100] = {1, 0, 0, 0, 1};
    raise_network(&n);
    inject(&n, bytes, 0);
    run(&n, 0, 1);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -EPROTO);
    CU_ASSERT_EQUAL(n.nodes[1].refused_from, NODE_NONE);
    inject(&n, bytes, sizeof bytes);
    run(&n, 0, 2);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -EMSGSIZE);
    inject(&n, bytes, 100); /* It says that it comes from 1. */
    run(&n, 0, 3);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -EBADMSG);
    CU_ASSERT_EQUAL(n.nodes[1].refused_from, 1);
    bytes[4] = 77;
    inject(&n, bytes, 100);
    run(&n, 0, 4);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -ENOENT);
    CU_ASSERT_EQUAL(n.nodes[1].refused_from, 77);
    bytes[4] = 2; /* Its own number. */
    inject(&n, bytes, 100);
    run(&n, 0, 5);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -ENOENT);
    CU_ASSERT_EQUAL(recv(n.outside, bytes, sizeof bytes, MSG_DONTWAIT), -1);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 2, bytes, 3), 0);
    run(&n, 1, 5);
    close_network(&n);
}

/* As of one who listens on the way: from another address, later. */
static void what_was_said_is_not_heard_again(void)
{
    struct network n;
    struct seal seal;
    uint8_t datagram[SEAL_DATAGRAM_BYTES_MAX];
    struct timespec now;
    raise_network(&n);
    clock_gettime(CLOCK_REALTIME, &now);
    CU_ASSERT_EQUAL(
        seal_init(&seal, &n.identities[0], 1, n.members[1].key, 2, 0, 1), 0);
    size_t count = seal_close(
        &seal, (usec_t)now.tv_sec * 1000000 + (usec_t)now.tv_nsec / 1000,
        (const uint8_t *)"move", 4, datagram);
    inject(&n, datagram, count);
    run(&n, 1, 0);
    inject(&n, datagram, count);
    run(&n, 1, 1);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -EALREADY);
    close_network(&n);
}

static void who_leaves_the_roster_is_not_heard_any_more(void)
{
    struct network n;
    raise_network(&n);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 2, NULL, 0), 0);
    run(&n, 1, 0);
    struct member only[] = {n.members[1], n.members[2]};
    struct roster smaller = {.members = only, .member_count = 2};
    CU_ASSERT_EQUAL(transport_change_roster(n.nodes[1].transport, &smaller), 0);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 2, NULL, 0), 0);
    run(&n, 1, 1);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -ENOENT);
    /* It is back, and has a new key, with which it begins again. */
    identity_make(&n.identities[0]);
    memcpy(n.members[0].key, n.identities[0].public_key, PUBLIC_KEY_BYTES);
    n.members[0].generation = 1;
    CU_ASSERT_EQUAL(transport_change_roster(n.nodes[1].transport, &n.roster),
                    0);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 2, NULL, 0), 0);
    run(&n, 1, 2);
    CU_ASSERT_EQUAL(n.nodes[1].refused_error, -EKEYEXPIRED);
    transport_destroy(n.nodes[0].transport);
    uv_run(&n.loop, UV_RUN_NOWAIT);
    open_node(&n, 0);
    CU_ASSERT_EQUAL(transport_send(n.nodes[0].transport, 2, NULL, 0), 0);
    run(&n, 2, 2);
    close_network(&n);
}

static void who_has_not_the_roster_s_key_does_not_begin(void)
{
    struct network n;
    struct transport *t;
    struct complaint c;
    struct transport_listener listener = {NULL, hear, refuse};
    raise_network(&n);
    CU_ASSERT_EQUAL(transport_create(&t, &n.loop, &n.identities[0], 3,
                                     &n.roster, &listener, &c),
                    -EKEYREJECTED);
    CU_ASSERT_EQUAL(transport_create(&t, &n.loop, &n.identities[0], 4,
                                     &n.roster, &listener, &c),
                    -ENOENT);
    /* The address is in use: by node 1. */
    CU_ASSERT_EQUAL(transport_create(&t, &n.loop, &n.identities[0], 1,
                                     &n.roster, &listener, &c),
                    -EADDRINUSE);
    CU_ASSERT_PTR_NOT_NULL(strstr(c.text, "loopback"));
    close_network(&n);
}

SUITE_MAIN("transport",
           {"frames come as they were sent", frames_come_as_they_were_sent},
           {"there is no way to strangers", there_is_no_way_to_strangers},
           {"what nobody sealed is refused and not answered",
            what_nobody_sealed_is_refused_and_not_answered},
           {"what was said is not heard again",
            what_was_said_is_not_heard_again},
           {"who leaves the roster is not heard any more",
            who_leaves_the_roster_is_not_heard_any_more},
           {"who has not the roster's key does not begin",
            who_has_not_the_roster_s_key_does_not_begin})
