/* fuzz_kernel_text.c - no text that a kernel, or who pretends to be one, says
 * of processes and groups stops a parser; what it refuses, it leaves alone. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../../real/daemon/kernel_text.h"
#include "harness.h"

enum { MARK = 0x5a };

static void parse_numbers(const char *text)
{
    static const char *const keys[] = {"usage_usec", "active_file", "MemTotal",
                                       "total_swap", ""};
    uint64_t value = MARK;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++, value = MARK)
        if (!kernel_field(text, keys[i], &value))
            assert(value == MARK);
    if (!kernel_number(text, &value))
        assert(value == MARK);
    value = MARK;
    if (!kernel_quota_parse(text, &value))
        assert(value == MARK);
    value = MARK;
    if (!kernel_running_parse(text, &value))
        assert(value == MARK);
    value = MARK;
    if (kernel_list_count(text, &value))
        assert(0 < value && value <= 65535);
    else
        assert(value == MARK);
}

static void parse_records(const char *text)
{
    struct kernel_thread thread;
    struct kernel_pressure pressure = {.some_us = MARK, .full_us = MARK};
    uint64_t busy = MARK;
    uint64_t cores = MARK;
    memset(&thread, MARK, sizeof thread);
    struct kernel_thread before = thread;
    if (kernel_thread_parse(text, &thread))
        assert(thread.state == kernel_state(text));
    else
        assert(memcmp(&thread, &before, sizeof thread) == 0);
    if (!kernel_pressure_parse(text, &pressure))
        assert(pressure.some_us == MARK && pressure.full_us == MARK);
    if (kernel_cpus_parse(text, &busy, &cores))
        assert(0 < cores && cores <= 65535);
    else
        assert(busy == MARK && cores == MARK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char text[KERNEL_TEXT_BYTES];
    size_t kept = count < sizeof text ? count : sizeof text - 1;
    memcpy(text, bytes, kept);
    text[kept] = '\0';
    parse_numbers(text);
    parse_records(text);
    return 0;
}
