/* harness.h - what all fuzzers share: the entry that each of them defines, and
 * bytes as text. */
#ifndef TESTS_FUZZ_HARNESS_H
#define TESTS_FUZZ_HARNESS_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's, which replay.c calls in its place; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* A copy with a NUL behind it, for free(). */
char *harness_text(const uint8_t *bytes, size_t count);

#endif /* TESTS_FUZZ_HARNESS_H */
