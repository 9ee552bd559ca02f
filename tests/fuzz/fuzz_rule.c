/* fuzz_rule.c - any bytes are a rule, whose parts make sense, or are refused
 * with words. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../real/homenode/rule.h"
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char name[32];
    struct rule rule;
    struct complaint complaint;
    int file = memfd_create("rule", MFD_CLOEXEC);
    assert(file >= 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t put = write(file, bytes, count);
    assert(put == (ssize_t)count);
    int error = rule_read(name, &rule, &complaint);
    close(file);
    if (error) {
        assert(*complaint.text);
        return 0;
    }
    assert(rule.count <= RULE_LINES_MAX);
    for (size_t i = 0; i < rule.count; i++) {
        assert(!rule.lines[i].path == (rule.lines[i].port != 0));
        assert(!rule.lines[i].path || rule.lines[i].path[0] == '/');
    }
    rule_finish(&rule);
    return 0;
}
