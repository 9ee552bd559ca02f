/* transport.c - see transport.h. */
#include "transport.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One byte more than a datagram may have, to see that it is too long. */
enum { ROOM_BYTES = SEAL_DATAGRAM_BYTES_MAX + 1 };

struct transport
{
    uv_udp_t socket;
    const struct identity *identity;
    node_id self;
    const struct roster *roster;
    struct transport_listener listener;
    struct transport_counts counts;
    struct seal **seals; /* By place of the member; made when it is needed. */
    usec_t started_us;
    uint8_t room[ROOM_BYTES];
};

static usec_t wall_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (usec_t)t.tv_sec * 1000000 + (usec_t)t.tv_nsec / 1000;
}

/* The keys of both are of these generations. */
static uint8_t generation_of(const struct transport *t, const struct member *m)
{
    const struct member *own = roster_member(t->roster, t->self);
    return (uint8_t)(own->generation + m->generation);
}

static int seal_for(struct transport *t,
                    const struct member *m,
                    struct seal **ret)
{
    struct seal **seal = &t->seals[m - t->roster->members];
    if (!*seal) {
        struct seal *made = malloc(sizeof *made);
        if (!made)
            return -ENOMEM;
        int error = seal_init(made, t->identity, t->self, m->key, m->id,
                              generation_of(t, m), t->started_us);
        if (error) {
            free(made);
            return error;
        }
        *seal = made;
    }
    *ret = *seal;
    return 0;
}

static void forget(struct seal *seal)
{
    if (seal)
        seal_forget(seal);
    free(seal);
}

static void forget_all(struct transport *t)
{
    for (size_t i = 0; t->seals && i < t->roster->member_count; i++)
        forget(t->seals[i]);
    free(t->seals);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct transport *t = handle->data;
    (void)suggested;
    *ret = uv_buf_init((char *)t->room, sizeof t->room);
}

static int open_one(struct transport *t,
                    size_t count,
                    node_id *ret_from,
                    uint8_t *ret)
{
    struct seal *seal;
    if (count > SEAL_DATAGRAM_BYTES_MAX)
        return -EMSGSIZE;
    int error = seal_sender(t->room, count, ret_from);
    if (error)
        return error;
    const struct member *m = roster_member(t->roster, *ret_from);
    if (!m || m->id == t->self)
        return -ENOENT;
    error = seal_for(t, m, &seal);
    return error ? error : seal_open(seal, wall_us(), t->room, count, ret);
}

static void take_datagram(uv_udp_t *socket,
                          ssize_t count,
                          const uv_buf_t *room,
                          const struct sockaddr *from_address,
                          unsigned flags)
{
    struct transport *t = socket->data;
    uint8_t bytes[SEAL_DATAGRAM_BYTES_MAX];
    node_id from = NODE_NONE;
    (void)room;
    (void)flags;
    /* Nothing there, or an answer of the network to what we sent. */
    if (count < 0 || !from_address)
        return;
    int error = open_one(t, (size_t)count, &from, bytes);
    if (error) {
        t->counts.refused++;
        if (t->listener.refused)
            t->listener.refused(t->listener.user, from, error);
        return;
    }
    t->counts.heard++;
    t->counts.heard_bytes += (size_t)count;
    t->listener.heard(t->listener.user, from, bytes,
                      (size_t)count - SEAL_BYTES);
}

static int check_self(const struct transport *t, struct complaint *c)
{
    const struct member *own = roster_member(t->roster, t->self);
    if (!own)
        return complain(c, -ENOENT, NULL, 0, 0,
                        "the roster has no member %u, ask its administrator to "
                        "add this node",
                        t->self);
    if (memcmp(own->key, t->identity->public_key, sizeof own->key) != 0)
        return complain(c, -EKEYREJECTED, NULL, 0, 0,
                        "the roster has another key for member %u, whose "
                        "identity is this?",
                        t->self);
    return 0;
}

static int begin(struct transport *t, struct complaint *c)
{
    const struct member *own = roster_member(t->roster, t->self);
    int error = uv_udp_bind(&t->socket, (const struct sockaddr *)&own->at, 0);
    if (!error)
        error = uv_udp_recv_start(&t->socket, give_room, take_datagram);
    return error ? complain(c, error, NULL, 0, 0, "%s: %s", own->address,
                            uv_strerror(error))
                 : 0;
}

int transport_create(struct transport **ret,
                     uv_loop_t *loop,
                     const struct identity *identity,
                     node_id self,
                     const struct roster *roster,
                     const struct transport_listener *listener,
                     struct complaint *c)
{
    struct transport *t = calloc(1, sizeof *t);
    struct seal **seals =
        calloc(roster->member_count + 1, sizeof(struct seal *));
    if (!t || !seals) {
        free(t);
        free(seals);
        return complain(c, -ENOMEM, NULL, 0, 0, "no memory");
    }
    t->identity = identity;
    t->self = self;
    t->roster = roster;
    t->listener = *listener;
    t->started_us = wall_us();
    t->seals = seals;
    int error = check_self(t, c);
    if (!error) {
        error = uv_udp_init(loop, &t->socket);
        t->socket.data = t;
    }
    if (error) {
        forget_all(t);
        free(t);
        return error;
    }
    error = begin(t, c);
    if (error)
        transport_destroy(t);
    else
        *ret = t;
    return error;
}

static void finish(uv_handle_t *handle)
{
    struct transport *t = handle->data;
    forget_all(t);
    free(t);
}

void transport_destroy(struct transport *t)
{
    if (t)
        uv_close((uv_handle_t *)&t->socket, finish);
}

int transport_change_roster(struct transport *t, const struct roster *roster)
{
    struct seal **seals =
        calloc(roster->member_count + 1, sizeof(struct seal *));
    if (!seals)
        return -ENOMEM;
    for (size_t i = 0; i < t->roster->member_count; i++) {
        const struct member *old = &t->roster->members[i];
        const struct member *now = roster_member(roster, old->id);
        if (now && memcmp(now->key, old->key, sizeof now->key) == 0)
            seals[now - roster->members] = t->seals[i];
        else
            forget(t->seals[i]);
    }
    free(t->seals);
    t->seals = seals;
    t->roster = roster;
    return 0;
}

int transport_send(struct transport *t,
                   node_id to,
                   const uint8_t *bytes,
                   size_t count)
{
    uint8_t datagram[SEAL_DATAGRAM_BYTES_MAX];
    struct seal *seal;
    const struct member *m = roster_member(t->roster, to);
    if (!m || to == t->self)
        return -ENOENT;
    int error = seal_for(t, m, &seal);
    if (error)
        return error;
    size_t size = seal_close(seal, wall_us(), bytes, count, datagram);
    uv_buf_t buffer = uv_buf_init((char *)datagram, (unsigned)size);
    if (uv_udp_try_send(&t->socket, &buffer, 1,
                        (const struct sockaddr *)&m->at) < 0) {
        t->counts.unsent++;
        return 0;
    }
    t->counts.sent++;
    t->counts.sent_bytes += size;
    return 0;
}

struct transport_counts transport_counts_of(const struct transport *t)
{
    return t->counts;
}
