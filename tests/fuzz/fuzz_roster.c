/* fuzz_roster.c - whatever an administrator signs is a roster that holds
 * together, or is refused with words. */
#include <assert.h>
#include <stdint.h>

#include "../../real/daemon/roster_inside.h"
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct roster r;
    struct complaint c;
    unsigned char administrator[PUBLIC_KEY_BYTES];
    /* The public key of RFC 8032's first test. */
    int error = public_key_parse(
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa623"
        "25af021a68f707511a",
        administrator);
    assert(error == 0);
    if (roster_read_text((const char *)bytes, count, "roster", administrator,
                         &r, &c) != 0) {
        assert(*c.text);
        return 0;
    }
    struct cluster_record record = roster_record(&r);
    assert(records_are_sound(&record, 1));
    for (size_t i = 0; i < r.member_count; i++) {
        const struct member *m = &r.members[i];
        assert(roster_member(&r, m->id) == m);
        assert(roster_member_of_key(&r, m->key) == m);
        assert(m->at_bytes > 0);
    }
    roster_finish(&r);
    return 0;
}
