/* ages.h - how old what the boards of a stand hold is, against a model. */
#ifndef TESTS_ALGORITHMS_AGES_H
#define TESTS_ALGORITHMS_AGES_H

#include "stand.h"

enum {
    AGES_PERIOD_US = STAND_SECOND_US,
    AGES_WARM_UP_PERIODS = 60,
    AGES_PERIODS = 200,
};

/* Mean over all nodes of the mean and largest age of their boards, in periods,
 * sampled once a period after warming up. */
static inline void ages_measure(struct stand *s,
                                double *ret_mean,
                                double *ret_max)
{
    double mean_sum = 0;
    double max_sum = 0;
    size_t warm_up = AGES_WARM_UP_PERIODS + s->node_count;
    stand_start(s);
    for (usec_t period = 1; period <= warm_up + AGES_PERIODS; period++) {
        stand_run_until(s, period * AGES_PERIOD_US);
        for (size_t n = 0; period > warm_up && n < s->node_count; n++) {
            size_t count = node_peer_count(s->nodes[n]);
            usec_t sum_us = 0;
            for (size_t i = 0; i < count; i++)
                sum_us += s->now_us - node_peer(s->nodes[n], i)->measured_us;
            CU_ASSERT_EQUAL(count, s->node_count - 1);
            mean_sum += (double)sum_us / (double)count / AGES_PERIOD_US;
            max_sum +=
                (double)(s->now_us -
                         node_peer(s->nodes[n], count - 1)->measured_us) /
                AGES_PERIOD_US;
        }
    }
    *ret_mean = mean_sum / (double)s->node_count / AGES_PERIODS;
    *ret_max = max_sum / (double)s->node_count / AGES_PERIODS;
    stand_destroy(s);
}

/* Within 3 % of the expected mean and 10 % of the expected largest age. */
static inline void ages_expect(struct stand *s, double mean, double largest)
{
    double measured_mean;
    double measured_max;
    ages_measure(s, &measured_mean, &measured_max);
    CU_ASSERT_DOUBLE_EQUAL(measured_mean, mean, 0.03 * mean);
    CU_ASSERT_DOUBLE_EQUAL(measured_max, largest, 0.10 * largest);
}

#endif /* TESTS_ALGORITHMS_AGES_H */
