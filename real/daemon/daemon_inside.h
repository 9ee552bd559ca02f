/* daemon_inside.h - what the files of daemon.h share. */
#ifndef REAL_DAEMON_DAEMON_INSIDE_H
#define REAL_DAEMON_DAEMON_INSIDE_H

#include "../../algorithms/node/node.h"
#include "daemon.h"
#include "journal_log.h"

enum {
    RECORDS_MAX = 256, /* Clusters of a grid that a node hears of. */
    PROCS_FIRST = 64,  /* Room at first; it grows. */
    REFUSALS_KEPT = 64,
    PROC_BLOCK = 1024, /* Numbers of processes taken from the file at once. */
    WORKLOAD_MARK = 0xff, /* Before a message of the workload: a frame begins
                           * with its version, which is small. */
};

/* An event that came while the node was stepped. */
struct queued
{
    struct queued *next;
    struct event event;
    struct proc_info proc;
};

/* Who was refused, and why, so that it is said once. */
struct refusal
{
    node_id from;
    int error;
};

struct daemon
{
    struct daemon_parts parts;
    node_id id;
    struct node *node;
    struct batch batch;
    struct node_policy policies[NODE_POLICIES_MAX];
    uint64_t seed;
    usec_t started_us;
    usec_t now_us; /* Of the last event. */
    uint64_t event_count;
    uint64_t action_counts[ACTION_KINDS];
    bool stepping;
    bool sampled_once; /* A failure to sample is said once. */
    bool stopped;
    struct queued *queue; /* Oldest first. */
    struct queued **queue_end;
    char why_denied[POLICY_TEXT_BYTES_MAX]; /* Of the last event; "": no. */

    struct sampler sampler;
    struct sampler_alarms alarms;
    struct node_info self; /* As it was last measured. */
    struct proc_info *procs;
    size_t procs_max;

    struct owner_word word;
    struct cluster_record records[2][RECORDS_MAX]; /* In use, and the next. */
    struct cluster_info maps[2][RECORDS_MAX];
    size_t record_count;
    int shown; /* Which of the two the node has. */
    bool records_changed;

    proc_id proc_next; /* Low half. */
    proc_id proc_end;

    struct journal_log *journal;
    struct transport *transport;
    struct workload_listener listener;
    struct refusal refusals[REFUSALS_KEPT];
    size_t refusal_count;
    uv_timer_t look;
    uv_timer_t sample;
    uv_timer_t alarm;
    int timers_open;
};

/* ---- daemon_step.c ------------------------------------------------------- */

/* The event happens now, or behind the one that is happening. procs[0] is
 * copied; more than one only if nothing is happening. */
void daemon_happens(struct daemon *d, struct event *event);
void daemon_record(struct daemon *d, struct record *record);
void daemon_fill_listener(struct daemon *d, struct workload_listener *ret);
int daemon_make_node(struct daemon *d, const struct node_config *config);

/* ---- daemon_views.c ------------------------------------------------------ */

void daemon_tell_word(struct daemon *d);

/* ---- daemon_map.c -------------------------------------------------------- */

/* What was heard of clusters, from the roster and the file. */
int daemon_load_records(struct daemon *d, struct complaint *c);

/* Show the event the records as they are now. */
void daemon_show_map(struct daemon *d, struct event *event);
void daemon_hear_record(struct daemon *d, const struct action *action);
void daemon_tell_map(struct daemon *d);

/* A file in the state folder; the caller frees it. */
char *daemon_state_file(const struct daemon *d, const char *name);

#endif /* REAL_DAEMON_DAEMON_INSIDE_H */
