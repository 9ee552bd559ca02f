/* fuzz_identity.c - any bytes are refused with words, or are an identity that
 * is written as it was read. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../real/daemon/identity.h"
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char name[32];
    struct identity identity;
    struct complaint complaint;
    int file = memfd_create("identity", MFD_CLOEXEC);
    assert(file >= 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t put = write(file, bytes, count);
    assert(put == (ssize_t)count);
    int error = fchmod(file, 0600);
    assert(error == 0);
    if (identity_read(name, &identity, &complaint) != 0)
        assert(*complaint.text);
    close(file);
    return 0;
}
