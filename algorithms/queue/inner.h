/* inner.h - what the files of the live queue share: one node may be a home that
 * says wishes (home.c), the manager that grants them (manager.c), and a place
 * that reports (report.c), all in one state. */
#ifndef ALGORITHMS_QUEUE_INNER_H
#define ALGORITHMS_QUEUE_INNER_H

#include "queue.h"

enum {
    MESSAGE_WISH = 1, /* Home to manager: what it wants started. */
    MESSAGE_HEARD,    /* Manager to home: it listens. */
    MESSAGE_POLL,     /* Manager to a node: say what you have. */
    MESSAGE_REPORT,   /* Node to manager: its places and users. */
    MESSAGE_STARTED,  /* Node to manager: this one runs here, or never will. */
    MESSAGE_GRANT,    /* Manager to home: start it. */
    PLACES_MAX = 256,
    GRANTS_MAX = 64,
    USERS_MAX = 64,
    SAID_MAX = 24, /* Wishes in one message. */
    WISH_BYTES = 42,
    SAID_LEAST = 8, /* With less, more is said before the refresh is due. */
    WORD_USERS_MAX = 80, /* Users in one report. */
    POLLS_MAX = 16,      /* In one go. */
    STARTS_MAX = 24,     /* In one handler. */
    SILENCES_MAX = 3,
    PROBE_ROUNDS = 4, /* Between two questions for an earlier manager. */
    PROBES_MAX = 4,
    FORGET_REFRESHES = 3,
    PACE_US = 5000,
    POLL_PACE_US = 50000,
    RESENDS_MAX = 3,
    WORDS_MAX = 15, /* Of other nodes in a grant. */
    PLACES_PER_NODE_MAX = 65535,
    SUBSCRIBED_US = 10000000,
    FRESH_US = 3000000,
    GRANT_US = 3000000,
};

/* No padding: the host hashes it. */
struct place
{
    usec_t told_us;
    uint64_t room_bytes;
    uint64_t total_bytes;
    node_id node;
    uint32_t free_count;
    uint32_t promised_count; /* Since it was told. */
    uint32_t running_count;  /* Those that are moving away too. */
    uint32_t zero_count;     /* Of priority 0. */
    uint32_t round;          /* In which its users were counted. */
};

struct grant
{
    proc_id proc;
    usec_t granted_us;
    node_id home;
    uint32_t user;
    uint32_t job;
    uint32_t place_count;
    uint32_t priority;
    uint32_t resent_count;
};

struct queue_state
{
    usec_t due_us; /* Of the alarm; 0: none. */
    usec_t refreshed_us;
    usec_t polled_us;
    usec_t rounded_us;
    usec_t subscribed_us; /* Until then the boss hears of each sample. */
    node_id boss;
    uint32_t manager; /* Index in the own cluster. */
    uint32_t silent_count;
    uint32_t round;
    uint32_t poll_next;
    uint32_t poll_left;  /* Of the own cluster, in this turn. */
    uint32_t said_count; /* Wishes said and not granted. */
    uint32_t waits;      /* At the last refresh something waited here, */
    uint32_t more;       /* and not all of it was said. */
    uint32_t hurry;      /* Refresh before it is due. */
    uint32_t probe;      /* Refreshes with another manager than the first. */
    uint32_t unused;
    uint32_t ran_count; /* At the last sample. */
    uint32_t gang_user; /* Of gang_job more are to be started. */
    uint32_t gang_job;
    uint32_t wish_count;
    uint32_t place_count;
    uint32_t grant_count;
    uint32_t user_count;
    uint32_t start_count; /* In this handler. */
    struct place places[PLACES_MAX];
    struct grant grants[GRANTS_MAX];
    struct queue_user users[USERS_MAX];
    struct queue_wish wishes[];
};

/* Of all places that count. */
struct sum
{
    uint64_t free_count;
    uint64_t granted_count;
    uint64_t running_count;
    uint64_t zero_count; /* Granted ones too. */
    uint64_t total_bytes_max;
};

/* Processes of one user that run here. */
struct headcount
{
    node_id home;
    uint32_t user;
    uint32_t running_count;
};

/* ---- queue.c ------------------------------------------------------------- */

/* Let the alarm ring then, or before if it is set for before. */
void queue_wake_by(const struct policy_ctx *c, usec_t when_us);

/* ---- Places: places.c. -------------------------------------------------- */

/* What this node would report now. */
struct place places_own(const struct policy_ctx *c);
/* NULL if it is not known. */
struct place *places_find(struct queue_state *s, node_id node);
/* A full table forgets who was told longest ago. */
struct place *places_enter(const struct policy_ctx *c,
                           const struct place *told);
/* Fresh ones, in clusters where processes may go; and all grants. */
struct sum places_sum(const struct policy_ctx *c);
/* The place with most room for it that is not promised; NULL if none. */
struct place *places_pick(const struct policy_ctx *c, uint64_t need_bytes);
/* Ask the own cluster in turn, and those of others that the board shows. */
void places_poll(const struct policy_ctx *c);

/* ---- Users: users.c. ---------------------------------------------------- */

/* NULL if it is not known. */
struct queue_user *users_find(struct queue_state *s,
                              node_id home,
                              uint32_t user);
/* A full table forgets who used least. */
struct queue_user *users_enter(const struct policy_ctx *c,
                               node_id home,
                               uint32_t number);
/* A round of reports is over. */
void users_turn_round(const struct policy_ctx *c);
/* ret_users has room for WORD_USERS_MAX; returns how many it has. */
uint32_t users_here(const struct policy_ctx *c, struct headcount *ret_users);
/* So many were reported. */
void users_count(const struct policy_ctx *c,
                 const struct queue_rules *rules,
                 const struct headcount *heads);

/* ---- The home: home.c. -------------------------------------------------- */

/* Those of one job; what one handler cannot start follows at the pace. */
bool home_start_gang(const struct policy_ctx *c, uint32_t user, uint32_t job);
/* False if it does not wait here: it ended, or its user holds it. */
bool home_start(const struct policy_ctx *c, proc_id id);
/* Say to the manager what waits; to another one after three silences. */
void home_refresh(const struct policy_ctx *c, const struct queue_rules *rules);
/* The manager lets it start, and tells words of others. */
void home_hear_grant(const struct policy_ctx *c,
                     node_id sender,
                     struct reader *in);
/* It listens: it or a later node of the map is not asked in vain. */
void home_hear_manager(const struct policy_ctx *c, node_id sender);

/* ---- The manager: manager.c. -------------------------------------------- */

/* Wishes, grants and places that nobody has repeated. */
void manager_forget_old(const struct policy_ctx *c);
/* One that was granted a while ago and still waits has not heard of it. */
void manager_hear_wish(const struct policy_ctx *c,
                       const struct queue_rules *rules,
                       const struct queue_wish *wish);
/* As many as there are places for, or as one handler may. */
void manager_grant_all(const struct policy_ctx *c,
                       const struct queue_rules *rules);
/* A message of a home: all its wishes; answered with HEARD. */
void manager_hear_wishes(const struct policy_ctx *c,
                         const struct queue_rules *rules,
                         node_id sender,
                         struct reader *in);
/* It runs, or never will: its places are no longer on the way. */
void manager_settle(const struct policy_ctx *c,
                    proc_id proc,
                    node_id home,
                    uint32_t number,
                    uint32_t job,
                    bool runs);
/* A node says that a granted process runs there, or never will. */
void manager_hear_started(const struct policy_ctx *c,
                          const struct queue_rules *rules,
                          node_id sender,
                          struct reader *in);

/* ---- Any node: report.c. ------------------------------------------------ */

/* To the boss: places; after a sample users too. */
void report_send(const struct policy_ctx *c, bool sample);
/* To the boss: it runs here; with proc NULL: it never will. */
void report_started(const struct policy_ctx *c,
                    node_id boss,
                    proc_id id,
                    const struct proc_info *proc);
/* The places at the beginning of a report. */
void report_hear_place(const struct policy_ctx *c,
                       node_id sender,
                       struct reader *in);
/* A whole report; its users count once in a round. */
void report_hear(const struct policy_ctx *c,
                 const struct queue_rules *rules,
                 node_id sender,
                 struct reader *in);

#endif /* ALGORITHMS_QUEUE_INNER_H */
