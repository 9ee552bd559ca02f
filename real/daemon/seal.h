/* seal.h - datagrams that only one member can have written and only one other
 * can read, once.
 *
 * Between two members there is a key for each direction, from their identities
 * alone (X25519 of both Ed25519 keys, crypto_kx of libsodium), so that the
 * first datagram needs no exchange before it. A datagram is
 *
 *   version 1 | generation 1 | zero 2 | sender 4 | instant 8 | random 16 |
 *   sealed bytes | tag 16
 *
 * little-endian, XChaCha20-Poly1305, whose nonce is instant and random; the
 * first 8 bytes are signed along. The instant is the sender's clock when it was
 * sealed, in microseconds since 1970, and larger in each datagram to a peer.
 *
 * A receiver takes a datagram once, and only
 *   - of the last SEAL_WINDOW instants of this sender, in any order,
 *   - within SEAL_SKEW_US of its own clock,
 *   - sealed after it began itself, so that a restart makes nothing old new.
 * So clocks must agree to SEAL_SKEW_US; between members whose clocks differ by
 * d, nothing is heard in the first d after a start, and an eavesdropper could
 * say again what the faster one said in the last d before it.
 */
#ifndef REAL_DAEMON_SEAL_H
#define REAL_DAEMON_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "../../algorithms/policy.h"
#include "identity.h"

enum {
    SEAL_BYTES = 48, /* What it adds. */
    SEAL_DATAGRAM_BYTES_MAX = 1280,
    SEAL_PLAIN_BYTES_MAX = SEAL_DATAGRAM_BYTES_MAX - SEAL_BYTES,
    SEAL_WINDOW = 64,
    SEAL_SKEW_US = 30000000,
};

/* What this node keeps of one other. */
struct seal
{
    node_id self;
    node_id peer;
    uint8_t generation; /* Of the keys: grows when either changes its own. */
    unsigned char send_key[32];
    unsigned char receive_key[32];
    usec_t started_us;            /* Of this node's process. */
    usec_t sent_us;               /* Instant of the last one. */
    usec_t heard_us[SEAL_WINDOW]; /* Ascending; 0: not yet. */
};

/* -EINVAL if that public key is none, or is this node's own. All instants are
 * of the wall clock. */
int seal_init(struct seal *s,
              const struct identity *self,
              node_id self_id,
              const unsigned char *peer_public_key,
              node_id peer_id,
              uint8_t generation,
              usec_t now_us);
void seal_forget(struct seal *s);

/* count is at most SEAL_PLAIN_BYTES_MAX; ret has room for SEAL_BYTES more.
 * Returns the size of the datagram. */
size_t seal_close(struct seal *s,
                  usec_t now_us,
                  const uint8_t *bytes,
                  size_t count,
                  uint8_t *ret);

/* Who says to have sent it, to find the seal; nothing is proved by it. -EPROTO
 * if these bytes can be no datagram of ours. */
int seal_sender(const uint8_t *datagram, size_t count, node_id *ret_sender);

/* The bytes, of which there are count - SEAL_BYTES, elsewhere than they came.
 * -EPROTO: no datagram; -EKEYEXPIRED: of another generation; -EBADMSG: not
 * from this peer to this node, or damaged; -ETIME: the clocks differ, or it was
 * under way too long, or sealed before this node began; -EALREADY: it came
 * before, or too many later ones did. On an error s is as it was. */
int seal_open(struct seal *s,
              usec_t now_us,
              const uint8_t *datagram,
              size_t count,
              uint8_t *ret);

#endif /* REAL_DAEMON_SEAL_H */
