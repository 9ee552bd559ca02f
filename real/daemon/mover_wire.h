/* mover_wire.h - what the daemons of two nodes say about a process that moves,
 * on the control stream between them. Home's daemon has the deputy and orders
 * every move:
 *
 *   S -> H  ORDER p e target   its host's node decided (ACTION_CARRY); said
 *                              again until S has carried it or given it up
 *   H -> T  COMING p e source token   an image will come
 *   T -> H  COME p e token address    where its deputy is to connect
 *   T -> H, H -> S  FAILED p e why    it does not go
 *   S -> H  CANCEL p e         it is not to go any more
 *   T -> H  STRAY p e          this node's ledger does not have this guest
 *                              (any more): home is to fetch it
 *
 * With S = H or T = H the daemon tells itself. Each is harmless when it is
 * late or twice: p e names one carrying, and e grows with each.
 */
#ifndef REAL_DAEMON_MOVER_WIRE_H
#define REAL_DAEMON_MOVER_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "../../algorithms/policy.h"
#include "../homenode/driver/connection.h"

enum mover_kind {
    MOVER_ORDER = 1,
    MOVER_COMING,
    MOVER_COME,
    MOVER_FAILED,
    MOVER_CANCEL,
    MOVER_STRAY,
    MOVER_KINDS
};

enum { MOVER_TEXT_BYTES = 160, MOVER_MESSAGE_BYTES_MAX = 512 };

struct mover_message
{
    enum mover_kind kind;
    proc_id proc;
    uint32_t epoch;
    node_id node;                /* ORDER: target; COMING: source. */
    struct proc_info info;       /* ORDER, COMING: of that process. */
    char token[TOKEN_BYTES];     /* COMING, COME. */
    char text[MOVER_TEXT_BYTES]; /* COME: address; FAILED: why. */
};

/* Bytes written. */
size_t mover_message_put(const struct mover_message *m,
                         uint8_t ret[MOVER_MESSAGE_BYTES_MAX]);

/* -EBADMSG if no honest daemon says that. */
int mover_message_get(const uint8_t *bytes,
                      size_t count,
                      struct mover_message *ret);

#endif /* REAL_DAEMON_MOVER_WIRE_H */
