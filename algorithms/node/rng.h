/* rng.h - one stream for each seed, node and policy. */
#ifndef ALGORITHMS_NODE_RNG_H
#define ALGORITHMS_NODE_RNG_H

#include "../policy.h"

struct rng
{
    uint64_t state;
};

/* A stream that depends on all three and on nothing else. */
struct rng rng_stream(uint64_t seed, node_id node, const char *policy);

/* A mixing function: every bit of the result depends on every bit of value. */
uint64_t rng_mix(uint64_t value);

#endif /* ALGORITHMS_NODE_RNG_H */
