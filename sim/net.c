/* net.c - the functions of net.h, from the module that is beside the program.
 */
#include "net.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net_module.h"

struct net
{
    const struct net_calls *calls;
    struct net *inner; /* The module's. */
};

#define MODULE "vencejo-net.so"

/* Beside the program, so that a build tree works without being installed; else
 * where the system keeps libraries. It stays: SimGrid cannot be unloaded. */
static void *open_module(void)
{
    char path[PATH_MAX];
    ssize_t count =
        readlink("/proc/self/exe", path, sizeof path - sizeof MODULE);
    while (0 < count && path[count - 1] != '/')
        count--;
    if (0 < count)
        memcpy(path + count, MODULE, sizeof MODULE);
    bool beside = 0 < count && access(path, F_OK) == 0;
    return dlopen(beside ? path : MODULE, RTLD_NOW | RTLD_LOCAL);
}

/* NULL and a complaint if it cannot be had. */
static const struct net_calls *load(const struct scenario *scenario,
                                    struct complaint *ret_complaint)
{
    void *module = open_module();
    const struct net_calls *calls =
        module ? dlsym(module, "net_module_calls") : NULL;
    if (!calls)
        complain(ret_complaint, -ELIBACC, scenario->path, 0, 0,
                 "the network cannot be simulated: %s; build or install " MODULE
                 " beside the program",
                 dlerror());
    return calls;
}

int net_load(const struct scenario *scenario, struct complaint *ret_complaint)
{
    return load(scenario, ret_complaint) ? 0 : -ELIBACC;
}

int net_create(struct scenario *scenario,
               struct net **ret_net,
               struct complaint *ret_complaint)
{
    struct net net = {.calls = load(scenario, ret_complaint)};
    if (!net.calls)
        return -ELIBACC;
    int error = net.calls->create(scenario, &net.inner, ret_complaint);
    if (error)
        return error;
    struct net *made = malloc(sizeof *made);
    if (!made) {
        net.calls->destroy(net.inner);
        return -ENOMEM;
    }
    *made = net;
    *ret_net = made;
    return 0;
}

void net_destroy(struct net *net)
{
    if (!net)
        return;
    net->calls->destroy(net->inner);
    free(net);
}

double net_latency_s(struct net *net, uint32_t source, uint32_t target)
{
    return net->calls->latency_s(net->inner, source, target);
}

double net_bytes_per_s(struct net *net, uint32_t source, uint32_t target)
{
    return net->calls->bytes_per_s(net->inner, source, target);
}

void net_start(struct net *net,
               double now,
               uint32_t flow,
               uint32_t source,
               uint32_t target,
               double bytes)
{
    net->calls->start(net->inner, now, flow, source, target, bytes);
}

void net_cancel(struct net *net, double now, uint32_t flow)
{
    net->calls->cancel(net->inner, now, flow);
}

void net_switch(struct net *net, double now, uint32_t node, bool on)
{
    net->calls->turn(net->inner, now, node, on);
}

void net_close(struct net *net, double now, uint32_t a, uint32_t b, bool closed)
{
    net->calls->close(net->inner, now, a, b, closed);
}

void net_crossing(struct net *net, uint32_t a, uint32_t b, bool *ret_crossing)
{
    net->calls->crossing(net->inner, a, b, ret_crossing);
}

double net_next(const struct net *net)
{
    return net->calls->next(net->inner);
}

void net_advance(struct net *net, double date)
{
    net->calls->advance(net->inner, date);
}

bool net_pop(struct net *net, uint32_t *ret_flow, bool *ret_failed)
{
    return net->calls->pop(net->inner, ret_flow, ret_failed);
}

void net_exec_start(struct net *net,
                    double now,
                    uint32_t task,
                    uint32_t node,
                    double work,
                    double weight,
                    double bound)
{
    net->calls->exec_start(net->inner, now, task, node, work, weight, bound);
}

double net_exec_cancel(struct net *net, double now, uint32_t task)
{
    return net->calls->exec_cancel(net->inner, now, task);
}

double net_exec_left(struct net *net, double now, uint32_t task)
{
    return net->calls->exec_left(net->inner, now, task);
}

void net_exec_weight(struct net *net, double now, uint32_t task, double weight)
{
    net->calls->exec_weight(net->inner, now, task, weight);
}

bool net_exec_pop(struct net *net, uint32_t *ret_task)
{
    return net->calls->exec_pop(net->inner, ret_task);
}
