/* transport.h - frames between nodes: sealed datagrams over UDP.
 *
 * Nodes say what they like to whom they like; a datagram may be lost, and
 * policies live with that. Who is not on the roster is not heard, and nothing
 * is ever answered here, so that nobody can make a node send.
 */
#ifndef REAL_DAEMON_TRANSPORT_H
#define REAL_DAEMON_TRANSPORT_H

#include <uv.h>

#include "roster.h"
#include "seal.h"

struct transport;

/* What becomes of datagrams. Both are called from the loop. */
struct transport_listener
{
    void *user;
    void (*heard)(void *user, node_id from, const uint8_t *bytes, size_t count);
    /* from is what it says of itself, NODE_NONE if it says nothing; error as of
     * seal_open(), or -ENOENT: no member, -EMSGSIZE: too long. May be NULL. */
    void (*refused)(void *user, node_id from, int error);
};

struct transport_counts
{
    uint64_t sent;
    uint64_t sent_bytes;
    uint64_t unsent; /* The kernel had no room, or no way there. */
    uint64_t heard;
    uint64_t heard_bytes;
    uint64_t refused;
};

/* At the address of member `self` of the roster. identity, roster and
 * listener's user outlive it. -ENOENT: no such member; -EKEYREJECTED: the
 * roster has another key for it; else what bind(2) says. Wall clocks as of
 * seal.h. */
int transport_create(struct transport **ret,
                     uv_loop_t *loop,
                     const struct identity *identity,
                     node_id self,
                     const struct roster *roster,
                     const struct transport_listener *listener,
                     struct complaint *c);

/* It is gone when the loop has run once more; NULL is nothing. */
void transport_destroy(struct transport *t);

/* Another roster of the same cluster, in which self has the same address and
 * key; the old one is then not used any more. What was heard of members who
 * keep their key stays heard. -ENOMEM: as before. */
int transport_change_roster(struct transport *t, const struct roster *roster);

/* At most SEAL_PLAIN_BYTES_MAX bytes. -ENOENT: no member; -EINVAL: its key is
 * none. What the kernel cannot send now is lost, as a datagram may be. */
int transport_send(struct transport *t,
                   node_id to,
                   const uint8_t *bytes,
                   size_t count);

struct transport_counts transport_counts_of(const struct transport *t);

#endif /* REAL_DAEMON_TRANSPORT_H */
