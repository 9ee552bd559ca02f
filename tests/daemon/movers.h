/* movers.h - three nodes on this machine, each a core and a mover with real
 * deputies and guardians; what their daemons say to each other comes at once.
 */
#ifndef TESTS_DAEMON_MOVERS_H
#define TESTS_DAEMON_MOVERS_H

#include "algorithms/node/node.h"
#include "real/daemon/mover.h"
#include "tests/real/hosts.h"

enum { NODES = 3, LEASE_US = 4000000 };

struct machine
{
    struct movers *all;
    node_id id;
    struct node *node; /* NULL: its daemon does not live. */
    struct node_mover *mover;
    char folder[96];
    char socket[128];
    char listen[128];
    uint32_t proc_count; /* Numbers that were given. */
    bool drops;          /* What its node lets run is dropped instead. */
    bool deaf;           /* No message of movers reaches it. */
    bool stepping;
};

struct movers
{
    struct machine machines[NODES];
    struct place place;
    struct batch *batch;
    struct node_info self;
    struct cluster_info map;
    struct happening *first; /* To be done, in order. */
    struct happening **last;
    size_t said_count; /* Of an event or action of that kind: */
    size_t events[EVENT_KINDS];
    size_t actions[ACTION_KINDS];
};

struct movers *movers_create(void);
void movers_destroy(struct movers *w);

/* The daemon of node id dies; another begins in its place. */
void movers_kill(struct movers *w, node_id id);
void movers_begin(struct movers *w, node_id id);

/* `vencejo-worker run` there, of the program subject. */
pid_t movers_launch(struct movers *w,
                    node_id home,
                    const char *what,
                    const char *lines);

/* The same of sh -c script, whose $0 is the file that a subject writes. */
pid_t movers_shell(struct movers *w, node_id home, const char *script);

/* Until the process is in that state at that node, as node_mover_list() has it;
 * false after half a minute. proc 0: any, which is told. */
bool movers_await(struct movers *w,
                  node_id id,
                  const char *state,
                  proc_id *proc);

/* Until one of its counts is that; false after half a minute. */
bool movers_await_count(struct movers *w, const size_t *count, size_t least);

/* Until pid has ended: its exit status, or -1. */
int movers_end(struct movers *w, pid_t pid);

/* So long. */
void movers_pass(struct movers *w, usec_t span_us);

/* Ask a node for something. */
void movers_event(struct movers *w, node_id id, struct event event);

/* How many rows that are not over. */
size_t movers_left(const struct movers *w);

#endif /* TESTS_DAEMON_MOVERS_H */
