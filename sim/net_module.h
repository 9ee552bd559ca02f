/* net_module.h - what net.c asks of the module that carries SimGrid. */
#ifndef SIM_NET_MODULE_H
#define SIM_NET_MODULE_H

#include "net.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of net.h, by their names there. `struct net` is the module's
 * own, which nobody else can look into. */
struct net_calls
{
    int (*create)(struct scenario *, struct net **, struct complaint *);
    void (*destroy)(struct net *);
    double (*latency_s)(struct net *, uint32_t, uint32_t);
    double (*bytes_per_s)(struct net *, uint32_t, uint32_t);
    void (*start)(struct net *, double, uint32_t, uint32_t, uint32_t, double);
    void (*cancel)(struct net *, double, uint32_t);
    void (*turn)(struct net *, double, uint32_t, bool); /* net_switch(). */
    void (*close)(struct net *, double, uint32_t, uint32_t, bool);
    void (*crossing)(struct net *, uint32_t, uint32_t, bool *);
    double (*next)(const struct net *);
    void (*advance)(struct net *, double);
    bool (*pop)(struct net *, uint32_t *, bool *);
    void (*exec_start)(struct net *,
                       double,
                       uint32_t,
                       uint32_t,
                       double,
                       double,
                       double);
    double (*exec_cancel)(struct net *, double, uint32_t);
    double (*exec_left)(struct net *, double, uint32_t);
    void (*exec_weight)(struct net *, double, uint32_t, double);
    bool (*exec_pop)(struct net *, uint32_t *);
};

/* All that the module lets others see. */
extern const struct net_calls net_module_calls
    __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif

#endif /* SIM_NET_MODULE_H */
