/* detection.c - how long a crash stays undetected: Das, Gupta and Motivala
 * 2002. On the test stand, whose boards can be looked at.
 */
#include <math.h>

#include "../algorithms/stand.h"
#include "rows.h"

enum { RUNS = 900, WARM_UP_S = 20, MOST_S = 40 };

static bool is_found(const struct stand *s)
{
    for (size_t i = 1; i < s->node_count; i++)
        for (size_t k = 0; k < node_peer_count(s->nodes[i]); k++) {
            const struct peer_info *peer = node_peer(s->nodes[i], k);
            if (peer->word.id == STAND_FIRST_NODE &&
                peer->word.state == NODE_GONE)
                return true;
        }
    return false;
}

/* The period in which somebody first pings it, counted from the crash; periods
 * begin together, and it is held for dead when that one is over. */
static double periods(uint64_t seed, size_t node_count)
{
    struct stand *s = stand_create(node_count);
    size_t place = stand_add(s, "gossip_swim");
    stand_set(s, place, "suspicion", 0);
    stand_set(s, place, "in_step", 1);
    stand_set(s, place, "words", 0);
    s->config.seed = seed;
    s->config.board_max = (uint32_t)node_count;
    s->config.board_age_us = USEC_NEVER;
    stand_start(s);
    stand_run_until(s, WARM_UP_S * STAND_SECOND_US - 1);
    stand_tell(s, STAND_FIRST_NODE);
    stand_silence(s, STAND_FIRST_NODE, true);
    double count = -1;
    for (usec_t i = 1; i <= MOST_S && !is_found(s); i++, count++)
        stand_run_until(s, (WARM_UP_S + i) * STAND_SECOND_US - 1);
    stand_destroy(s);
    return count;
}

/* row->number: nodes. */
double detection_periods(const struct row *row, const char **ret_why)
{
    (void)ret_why;
    double sum = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++)
        sum += periods(seed, (size_t)row->number);
    return sum / RUNS;
}
