/* cluster_here.h - daemons of one cluster in this process, on loopback, each
 * with its own state folder, journal and local socket. */
#ifndef TESTS_DAEMON_CLUSTER_HERE_H
#define TESTS_DAEMON_CLUSTER_HERE_H

#include "../../real/daemon/control.h"
#include "../../real/daemon/daemon.h"
#include "fake_workload.h"

enum { HERE_MAX = 4 };

struct here
{
    struct config config;
    struct said said;
    struct daemon *daemon;
    struct control *control;
    char folder[64];
    char journal[96];
    char socket[96];
};

struct cluster_here
{
    uv_loop_t loop;
    size_t count;
    struct identity identities[HERE_MAX];
    struct member members[HERE_MAX];
    struct roster roster;
    struct node_workload workloads[HERE_MAX];
    struct here nodes[HERE_MAX];
    char folder[40];
};

/* All are up, without processes, or with those of the fake. policies: the lines
 * of the list in a configuration. */
void cluster_raise(struct cluster_here *k, size_t count, const char *policies);
void cluster_raise_with(struct cluster_here *k,
                        struct fake_world *world,
                        size_t count,
                        const char *policies);
void cluster_start(struct cluster_here *k, size_t place);
void cluster_kill(struct cluster_here *k, size_t place);
void cluster_close(struct cluster_here *k);

/* The loop runs so long. */
void cluster_run(struct cluster_here *k, uint64_t span_ms);

/* Until it is so, or patience ends. */
bool cluster_until(struct cluster_here *k,
                   bool (*is_so)(struct cluster_here *k),
                   uint64_t patience_ms);

/* What place `asked` answers to root; {"do": name} and more. */
json_t *cluster_ask(struct cluster_here *k, size_t asked, const char *request);

/* How often a daemon said something with that text in it. */
size_t cluster_said(const struct cluster_here *k,
                    size_t place,
                    const char *text);

#endif /* TESTS_DAEMON_CLUSTER_HERE_H */
