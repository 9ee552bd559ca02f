/* daemon.h - the node on a real machine: the host of the node core
 * (algorithms/node), beside the simulator.
 *
 * It translates and decides nothing. What it samples, hears and is told becomes
 * events; actions become datagrams and calls of the workload. All of it runs in
 * one loop and one thread; the clock of events is CLOCK_MONOTONIC, that of what
 * people read is the wall's.
 */
#ifndef REAL_DAEMON_DAEMON_H
#define REAL_DAEMON_DAEMON_H

#include <uv.h>

#include "config.h"
#include "owner_word.h"
#include "roster.h"
#include "said.h"
#include "sampler.h"
#include "transport.h"
#include "workload.h"

struct daemon;

/* What it is made of; all of it outlives the daemon. */
struct daemon_parts
{
    uv_loop_t *loop;
    const struct config *config;
    const struct identity *identity;
    const struct roster *roster;
    const struct node_workload *workload;
    struct said *said;
    const char *proc;          /* Where proc(5) is mounted. */
    uint32_t core_speed_milli; /* Of one core, as of speed.h. */
};

/* Begins: the node has had its first event when this returns. -ENOENT: the
 * roster has no such member; else what sampler, transport and journal say. */
int daemon_create(struct daemon **ret,
                  const struct daemon_parts *parts,
                  struct complaint *c);

/* The workload is stopped, the journal ended. It is gone when the loop has run
 * until nothing is left. NULL: nothing. */
void daemon_destroy(struct daemon *d);

/* The member of a configuration: by name, else by number; NULL: none. */
const struct member *daemon_member(const struct config *config,
                                   const struct roster *roster);

/* ---- For commands. ------------------------------------------------------- */

const struct daemon_parts *daemon_parts_of(const struct daemon *d);
const struct node *daemon_node(const struct daemon *d);
node_id daemon_id(const struct daemon *d);
usec_t daemon_now_us(const struct daemon *d);     /* Of its events. */
usec_t daemon_started_us(const struct daemon *d); /* On that clock. */
uint64_t daemon_seed(const struct daemon *d);
uint64_t daemon_event_count(const struct daemon *d);
struct sampler_alarms daemon_alarms(const struct daemon *d);
struct transport_counts daemon_counts(const struct daemon *d);
const struct owner_word *daemon_word(const struct daemon *d);
const struct cluster_record *daemon_records(const struct daemon *d,
                                            size_t *ret_count);

/* What it decided about processes since it began, by enum action_kind. */
uint64_t daemon_action_count(const struct daemon *d, enum action_kind kind);

/* The node's own words of what could be done; text as of node_explain(). */
size_t daemon_explain(struct daemon *d,
                      proc_id proc,
                      char *ret_text,
                      size_t text_bytes);

/* An event of a user or the owner; now_us is set here. The journal says the
 * wish too, by whom, if wish is not WISH_COUNT. True: the core did not deny it;
 * else ret_why says why not. */
bool daemon_wish(struct daemon *d,
                 struct event *event,
                 enum wish wish,
                 const char *by,
                 char ret_why[POLICY_TEXT_BYTES_MAX]);

/* What the owner says of this node; kept over a restart. */
int daemon_set_word(struct daemon *d,
                    const struct owner_word *word,
                    enum wish wish,
                    const char *by,
                    struct complaint *c);

/* What the owner says of this cluster: version is set here, and all members
 * hear of it. Kept over a restart. */
int daemon_set_record(struct daemon *d,
                      const struct cluster_record *record,
                      enum wish wish,
                      const char *by,
                      struct complaint *c);

/* A line for whoever reads the journal later. */
void daemon_mark(struct daemon *d, const char *text, const char *by);

#endif /* REAL_DAEMON_DAEMON_H */
