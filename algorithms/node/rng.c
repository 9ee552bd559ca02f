/* rng.c - splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014) and unbiased bounded numbers (Lemire: Fast random
 * integer generation in an interval, 2019). */
#include "rng.h"

static const uint64_t golden_gamma = 0x9e3779b97f4a7c15u;

uint64_t rng_mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

struct rng rng_stream(uint64_t seed, node_id node, const char *policy)
{
    uint64_t state = rng_mix(seed + golden_gamma);
    state = rng_mix(state + golden_gamma * (1 + (uint64_t)node));
    for (const char *at = policy; *at; at++)
        state = rng_mix(state + golden_gamma + (uint8_t)*at);
    return (struct rng){.state = state};
}

static uint32_t next(struct rng *rng)
{
    rng->state += golden_gamma;
    return (uint32_t)(rng_mix(rng->state) >> 32);
}

uint32_t rng_below(struct rng *rng, uint32_t below)
{
    if (below == 0)
        return 0;
    uint64_t product = (uint64_t)next(rng) * below;
    if ((uint32_t)product < below) {
        uint32_t unfair = (uint32_t)(0 - below) % below;
        while ((uint32_t)product < unfair)
            product = (uint64_t)next(rng) * below;
    }
    return (uint32_t)(product >> 32);
}
