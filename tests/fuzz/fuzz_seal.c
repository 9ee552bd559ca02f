/* fuzz_seal.c - no bytes open a seal that its key did not close, and whoever
 * has the key but not the format does no harm. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../../real/daemon/seal.h"
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static struct identity self;
    static struct identity peer;
    struct seal s;
    uint8_t plain[SEAL_DATAGRAM_BYTES_MAX];
    node_id sender;
    if (self.secret_key[0] == 0 && peer.secret_key[0] == 0) {
        identity_make(&self);
        identity_make(&peer);
    }
    int error =
        seal_init(&s, &self, 1, peer.public_key, 2, 0, 1800000000000000);
    assert(error == 0);
    struct seal before = s;
    if (seal_sender(bytes, count, &sender) == 0)
        assert(count >= SEAL_BYTES && count <= SEAL_DATAGRAM_BYTES_MAX);
    error = seal_open(&s, 1800000001000000, bytes, count, plain);
    assert(error < 0);
    assert(memcmp(&before, &s, sizeof s) == 0);
    return 0;
}
