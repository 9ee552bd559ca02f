/* gossip_vector - the load vector of MOSIX.
 *
 * Paper: A. Barak and A. Shiloh, "A Distributed Load-balancing Policy for a
 * Multicomputer", Software: Practice and Experience 15(9), 1985.
 *
 * Rule:       A node keeps a vector L of l = size entries; L[0] is its own.
 *             Each period it sends the first half to one random node. Who
 *             receives it as R merges the two by interleaving:
 *                 L[2i]   <- L[i]   for 1 <= i < l/2
 *                 L[2i+1] <- R[i]   for 0 <= i < l/2
 *
 * From paper: All of this; so an entry may stand in the vector twice, and age
 *             depends on l alone, not on the number of nodes: with period 1,
 *             mean 2.4, 3.3, 4.2 for l = 8, 16, 32.
 * Ours:       Phases are random. R[0] is the sender's own word, which is on
 *             every frame. A half that passes one datagram goes in parts, the
 *             last first: then each part can be merged in place when it comes,
 *             and if none is lost the result is that of the whole. A vector is
 *             at first full of its owner. What is heard also goes to the board,
 *             where balancers look, and stays there after the vector lost it.
 *
 * Costs:      For each node and period one message of 79 + 64 (l/2 - 1) bytes,
 *             527 with l = 16.
 *
 * Example:    l = 8, L = a b c d e f g h, R = P q r s:  L = a P b q c r d s.
 */
#include "policy.h"

enum {
    PART_BYTES = 1, /* Index in R of its first entry, before the entries. */
    PART_ENTRIES_MAX =
        (POLICY_MESSAGE_BYTES_MAX - PART_BYTES) / NODE_WORD_WIRE_BYTES,
};

struct params
{
    uint64_t size;
    uint64_t period_us;
};

/* The state is the vector: params.size of these. */
struct entry
{
    usec_t measured_us;
    struct node_word word;
    uint32_t reserved; /* 0: a state is hashed as bytes. */
};

static const struct policy_param params[] = {
    {"size", offsetof(struct params, size), 2, 128, 16,
     "entries of the vector, the own included; half of them are a message"},
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two messages of a node"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    return p->size % 2 == 0 ? NULL : "size must be even: half is sent";
}

static size_t state_more(const void *values)
{
    const struct params *p = values;
    return (size_t)p->size * sizeof(struct entry);
}

static struct entry own_entry(const struct policy_ctx *c)
{
    return (struct entry){.measured_us = c->now_us,
                          .word = node_word_of(c->self)};
}

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct entry *vector = c->state;
    for (size_t i = 0; i < p->size; i++)
        vector[i] = own_entry(c);
    uint32_t phase_us = rng_below(c->rng, (uint32_t)p->period_us);
    policy_wake_at(c, c->now_us + phase_us);
}

/* Entries first .. end - 1 of the vector; the frame carries entry 0. */
static void send_part(const struct policy_ctx *c,
                      node_id target,
                      size_t first,
                      size_t end)
{
    const struct entry *vector = c->state;
    struct writer w;
    w.count = 0;
    put_u8(&w, (uint8_t)first);
    for (size_t i = first > 0 ? first : 1; i < end; i++)
        put_word(&w, &vector[i].word, c->now_us - vector[i].measured_us);
    policy_send(c, target, &w);
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct entry *vector = c->state;
    vector[0] = own_entry(c);
    node_id target = node_pick(c, SCOPE_ALL);
    size_t end = target == NODE_NONE ? 0 : (size_t)p->size / 2;
    while (end > 0) {
        size_t first = end > PART_ENTRIES_MAX ? end - PART_ENTRIES_MAX : 0;
        send_part(c, target, first, end);
        end = first;
    }
    policy_wake_at(c, c->now_us + p->period_us);
}

/* The rule, for R[first] .. R[first + count - 1]. From the last to the first,
 * so that no L[i] is written before it was read. */
static void merge(struct entry *vector,
                  const struct entry *part,
                  size_t first,
                  size_t count)
{
    for (size_t i = first + count; i-- > first;) {
        vector[2 * i + 1] = part[i - first];
        if (i > 0)
            vector[2 * i] = vector[i];
    }
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    const struct params *p = c->params;
    struct entry part[PART_ENTRIES_MAX + 1];
    size_t count = 0;
    size_t first = get_u8(in);
    const struct peer_info *own_word = peer_find(c, sender);
    if (first == 0 && own_word)
        part[count++] = (struct entry){.measured_us = own_word->measured_us,
                                       .word = own_word->word};
    struct node_word word;
    usec_t age_us;
    while (count < PART_ENTRIES_MAX + 1 && get_word(in, &word, &age_us))
        part[count++] =
            (struct entry){.measured_us = c->now_us - age_us, .word = word};
    /* The second holds if the sender's size is larger than ours. */
    if (in->bad || first + count > p->size / 2)
        return;
    merge(c->state, part, first, count);
    for (size_t i = 0; i < count; i++)
        policy_learn(c, &part[i].word, c->now_us - part[i].measured_us);
}

const struct policy policy_gossip_vector = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_vector",
    .summary = "send half of a short load vector to one random node",
    .source = "Barak and Shiloh 1985",
    .params_size = sizeof(struct params),
    .params = params,
    .state_more = state_more,
    .check = check,
    .start = start,
    .wake = wake,
    .receive = receive,
};
