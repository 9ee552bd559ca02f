/* checksum.c - see checksum.h.
 *
 * By carry-less multiplication: Gopal and others, Fast CRC Computation for
 * Generic Polynomials Using PCLMULQDQ Instruction, Intel 2009. The constants
 * are those of its appendix for the reflected polynomial: x^n modulo P.
 */
#include "checksum.h"

#include <immintrin.h>
#include <zlib.h>

enum { FOLD = 16, FOLD_FOUR = 64 };

#define FOLDS __attribute__((target("pclmul,sse4.1")))

FOLDS static __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* The remainder x, so many bits further on as the constants say, and what lies
 * there. */
FOLDS static __m128i fold(__m128i x, __m128i constants, __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(x, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(x, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/* 128 bits to 32, by Barrett's reduction at the end. */
FOLDS static uint32_t reduce(__m128i x, __m128i by_128)
{
    const __m128i by_64 = _mm_set_epi64x(0, 0x0163cd6124);
    const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
    const __m128i low_words = _mm_setr_epi32(~0, 0, ~0, 0);
    x = _mm_xor_si128(_mm_srli_si128(x, 8),
                      _mm_clmulepi64_si128(x, by_128, 0x10));
    x = _mm_xor_si128(
        _mm_srli_si128(x, 4),
        _mm_clmulepi64_si128(_mm_and_si128(x, low_words), by_64, 0x00));
    __m128i q =
        _mm_clmulepi64_si128(_mm_and_si128(x, low_words), barrett, 0x10);
    q = _mm_clmulepi64_si128(_mm_and_si128(q, low_words), barrett, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, q), 1);
}

/* count: a multiple of FOLD, FOLD_FOUR at least. */
FOLDS static uint32_t fold_all(uint32_t before, const uint8_t *at, size_t count)
{
    const __m128i by_512 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
    const __m128i by_128 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    __m128i a = _mm_xor_si128(load(at), _mm_cvtsi32_si128((int)~before));
    __m128i b = load(at + 16);
    __m128i c = load(at + 32);
    __m128i d = load(at + 48);
    for (at += FOLD_FOUR, count -= FOLD_FOUR; count >= FOLD_FOUR;
         at += FOLD_FOUR, count -= FOLD_FOUR) {
        a = fold(a, by_512, load(at));
        b = fold(b, by_512, load(at + 16));
        c = fold(c, by_512, load(at + 32));
        d = fold(d, by_512, load(at + 48));
    }
    a = fold(a, by_128, b);
    a = fold(a, by_128, c);
    a = fold(a, by_128, d);
    for (; count >= FOLD; at += FOLD, count -= FOLD)
        a = fold(a, by_128, load(at));
    return ~reduce(a, by_128);
}

uint32_t checksum(uint32_t before, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;
    size_t folded = 0;
    if (count >= FOLD_FOUR && __builtin_cpu_supports("pclmul") &&
        __builtin_cpu_supports("sse4.1")) {
        folded = count - count % FOLD;
        before = fold_all(before, at, folded);
    }
    if (count == folded)
        return before;
    return (uint32_t)crc32(before, at + folded, (uInt)(count - folded));
}
