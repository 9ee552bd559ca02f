/* cost.c - see cost.h. */
#include "cost.h"

#include <assert.h>

enum { ONE_PROCESS_MILLI = 1000, FRACTION_BITS = 32, TERMS = 14 };

/* Above, all costs are alike. */
#define EXPONENT_MAX (UINT64_C(40) << FRACTION_BITS)
#define LN_2 UINT64_C(2977044472) /* x 2^32 */

uint64_t cost_log2(uint64_t number)
{
    assert(number > 0);
    uint64_t whole = 63 - (uint64_t)__builtin_clzll(number);
    /* 1 <= mantissa < 2, in units of 2^-31; squaring it gives one digit of its
     * logarithm after the other. */
    uint64_t mantissa =
        whole >= 31 ? number >> (whole - 31) : number << (31 - whole);
    uint64_t fraction = 0;
    for (int i = 0; i < FRACTION_BITS; i++) {
        mantissa = mantissa * mantissa >> 31;
        fraction <<= 1;
        if (mantissa >> 32) {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    return whole << FRACTION_BITS | fraction;
}

/* 2^x for x in units of 2^-32, by the series of e^(x ln 2). */
static uint64_t power_of_two(uint64_t x)
{
    uint64_t y = ((x & UINT32_MAX) * LN_2) >> FRACTION_BITS;
    uint64_t term = UINT64_C(1) << FRACTION_BITS;
    uint64_t sum = term;
    for (uint64_t i = 1; i <= TERMS; i++) {
        term = (term * y >> FRACTION_BITS) / i;
        sum += term;
    }
    uint64_t whole = x >> FRACTION_BITS;
    return whole >= 12 ? sum << (whole - 12) : sum >> (12 - whole);
}

uint64_t cost_power(uint64_t base_log2, uint64_t used, uint64_t most)
{
    assert(most > 0);
    /* 16 binary digits of used / most do: loads are in thousandths. */
    while (used >> 47) {
        used >>= 1;
        most = most > 1 ? most >> 1 : 1;
    }
    uint64_t ratio = (used << 16) / most;
    uint64_t largest = EXPONENT_MAX / (base_log2 > 0 ? base_log2 : 1);
    uint64_t exponent = ratio >> 16 >= largest + 1
                            ? EXPONENT_MAX
                            : (base_log2 >> 8) * ratio >> 8;
    return power_of_two(exponent < EXPONENT_MAX ? exponent : EXPONENT_MAX);
}

uint64_t cost_most_milli(uint64_t most_milli, uint64_t load_milli)
{
    uint64_t most = most_milli > 0 ? most_milli : ONE_PROCESS_MILLI;
    while (most <= load_milli && most < UINT64_C(1) << 40)
        most *= 2;
    return most;
}

uint64_t cost_most_known_milli(const struct policy_ctx *c, uint64_t most_milli)
{
    uint64_t most = cost_most_milli(most_milli, node_load_milli(c->self, 0));
    for (size_t i = 0; i < c->peer_count; i++)
        most = cost_most_milli(most, peer_load_milli(peer_at(c, i), 0));
    return most;
}

struct cost_scale cost_scale_of(const struct policy_ctx *c,
                                uint64_t base,
                                uint64_t most_milli)
{
    uint64_t count = base;
    for (size_t i = 0; base == 0 && i < c->cluster_count; i++)
        if (i == 0 || c->clusters[i].send)
            count += c->clusters[i].node_count;
    return (struct cost_scale){cost_log2(count > 1 ? count : 2), most_milli};
}

/* What memory costs with so much more of it in use. */
static uint64_t memory_cost(const struct cost_scale *scale,
                            uint64_t used,
                            uint64_t total)
{
    return cost_power(scale->base_log2, used, total > 0 ? total : 1);
}

static uint64_t difference(uint64_t after, uint64_t before)
{
    return after > before ? after - before : 0;
}

uint64_t cost_to_take(const struct cost_scale *scale,
                      const struct peer_info *peer,
                      uint64_t mem_bytes)
{
    uint64_t total = unit_bytes(peer->word.mem_total_units);
    uint64_t used = total - peer_room_bytes(peer);
    return difference(cost_power(scale->base_log2,
                                 peer_load_milli(peer, ONE_PROCESS_MILLI),
                                 scale->most_milli),
                      cost_power(scale->base_log2, peer_load_milli(peer, 0),
                                 scale->most_milli)) +
           difference(memory_cost(scale, used + mem_bytes, total),
                      memory_cost(scale, used, total));
}

/* With and without one process and its memory, in addition to these. */
static uint64_t own_difference(const struct cost_scale *scale,
                               const struct node_info *self,
                               int64_t extra_milli,
                               uint64_t used_bytes,
                               uint64_t mem_bytes)
{
    uint64_t base = scale->base_log2;
    return difference(
               cost_power(
                   base, node_load_milli(self, extra_milli + ONE_PROCESS_MILLI),
                   scale->most_milli),
               cost_power(base, node_load_milli(self, extra_milli),
                          scale->most_milli)) +
           difference(memory_cost(scale, used_bytes + mem_bytes,
                                  self->mem_total_bytes),
                      memory_cost(scale, used_bytes, self->mem_total_bytes));
}

uint64_t cost_to_take_here(const struct cost_scale *scale,
                           const struct node_info *self,
                           uint64_t mem_bytes)
{
    return own_difference(scale, self, 0,
                          self->mem_total_bytes - self->mem_free_bytes,
                          mem_bytes);
}

uint64_t cost_to_keep(const struct cost_scale *scale,
                      const struct node_info *self,
                      uint64_t mem_bytes)
{
    uint64_t used = self->mem_total_bytes - self->mem_free_bytes;
    return own_difference(scale, self, -ONE_PROCESS_MILLI,
                          used > mem_bytes ? used - mem_bytes : 0, mem_bytes);
}
