/* stream_tls.h - a stream in TLS 1.3 on a socket; both ends show a key, and
 * each says whether it knows the other's. Whoever is between the two can end
 * the stream and do nothing else to it.
 *
 * It keeps what stream_socket.h says: records are sent with one send(2), no
 * call waits for ever. What one end says in TLS it says with AES-128-GCM, or
 * ChaCha20 where that is what the other has; keys are those of X25519.
 */
#ifndef REAL_NET_STREAM_TLS_H
#define REAL_NET_STREAM_TLS_H

#include <stdbool.h>

#include "../../traces/complaint.h"
#include "../homenode/stream.h"
#include "certificate.h"

enum tls_side { TLS_CONNECTS, TLS_ACCEPTS };

/* Whether the other end may be who has that key. */
struct tls_trust
{
    void *context;
    bool (*knows)(void *context, const struct node_key *other);
};

struct stream_tls;

/* On a connected stream socket, the caller's, which outlives it and on which
 * both do this at once. seed: our private key, as in certificate.h.
 * patience_us: so long the other end may take for each step of it, and as in
 * stream_socket_init() later. -EKEYREJECTED: it has a key that is not known
 * here; -ECONNREFUSED: it does not know ours, which one that connects may only
 * hear when it reads; -ETIMEDOUT, -ENODATA: it said nothing or went; -EPROTO:
 * it does not speak TLS 1.3. */
int stream_tls_create(struct stream_tls **ret,
                      int socket,
                      enum tls_side side,
                      const uint8_t seed[NODE_KEY_BYTES],
                      const struct tls_trust *trust,
                      uint64_t patience_us,
                      struct complaint *ret_complaint);

/* The other end is told that nothing follows. NULL: nothing to do. */
void stream_tls_destroy(struct stream_tls *s);

/* Its read() says -ENODATA only if the other end said so: a stream that was cut
 * is -ECONNRESET, one that was changed -EBADMSG. */
struct stream stream_tls_of(struct stream_tls *s);

/* Who is at the other end. */
const struct node_key *stream_tls_other(const struct stream_tls *s);

#endif /* REAL_NET_STREAM_TLS_H */
