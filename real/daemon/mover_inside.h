/* mover_inside.h - the mover, shared by the files mover*.c and nobody else.
 *
 * A row is a process of this home, whose deputy it speaks to, or a guest here,
 * whose guardian it speaks to. Lines of deputize.h and guardian.h come and go.
 */
#ifndef REAL_DAEMON_MOVER_INSIDE_H
#define REAL_DAEMON_MOVER_INSIDE_H

#include "mover.h"
#include "mover_wire.h"
#include "process_sample.h"

enum {
    MOVER_CALLERS_MAX = 64, /* Who have not yet said their line, */
    MOVER_CALLER_US = 5000000,
    MOVER_EXPECT_US = 30000000, /* An image that was announced. */
    MOVER_ANSWER_US = 10000000, /* COME, */
    MOVER_AGAIN_US = 1000000,   /* asked for so often. */
    MOVER_REPEAT_US = 5000000,  /* ORDER. */
    MOVER_TICK_MS = 200,
    MOVER_PATH_BYTES = 512,
};

enum row_state {
    /* Of a process of this home. */
    ROW_NEW, /* Its deputy has not been heard. */
    ROW_HELD,
    ROW_HOME,
    ROW_SENDING,
    ROW_CARRIED,
    ROW_AWAY,
    ROW_HOME_WHOLE,
    /* Of a guest. */
    ROW_EXPECTED, /* No guardian yet. */
    ROW_COMING,
    ROW_WHOLE,
    ROW_RUNNING,
    ROW_STANDING,
    /* Of both. */
    ROW_OVER,
};

/* What a mover that begins anew reads of it. */
struct row_saved
{
    uint64_t magic;
    proc_id proc;
    uint32_t epoch; /* The highest that it can have had. */
    node_id home;
    node_id source; /* Of a guest. */
    node_id place;  /* Of a process of this home: whom home gave it to. */
    int32_t pid;    /* At home. */
    uint32_t lease_ms;
    bool is_guest;
    char token[TOKEN_BYTES];
    struct proc_info info;
};

/* A carrying that is under way. */
struct order
{
    bool is;
    uint32_t epoch;
    node_id source;
    node_id target;
    bool announced; /* The target was asked, and has not said COME. */
    bool carried;   /* The node was told. */
    usec_t due_us;  /* Of saying it again, */
    usec_t end_us;  /* and of no answer any more. */
    struct proc_info info;
};

struct row
{
    struct row *next;
    struct row_saved saved;
    enum row_state state;
    int connection; /* To its station; -1. */
    pid_t worker;   /* Our child; 0. */
    pid_t body;     /* Of a guest, once it runs. */
    struct order order;
    bool known;    /* The node was told of it by this mover. */
    bool resubmit; /* It is home, or comes, against the ledger. */
    usec_t since_us;
    struct process_sample sample;
    uint64_t cpu_before_us; /* Used elsewhere. */
};

struct mover_caller
{
    int socket; /* -1: none. */
    usec_t since_us;
};

struct node_mover
{
    struct mover_options options;
    char folder[MOVER_PATH_BYTES / 2];
    char guardian[MOVER_PATH_BYTES];
    char address[ADDRESS_BYTES];
    int local;    /* mover.sock */
    int listener; /* Of images. */
    int timer;
    int wait_on; /* epoll of all */
    bool ticks;
    bool started;
    struct row *rows;
    struct mover_caller callers[MOVER_CALLERS_MAX];
};

/* ---- mover.c ------------------------------------------------------------- */

usec_t mover_now_us(void);
struct row *mover_add(struct node_mover *m, bool is_guest, proc_id proc);

/* The newest of that kind; NULL. */
struct row *mover_find(const struct node_mover *m, bool guest, proc_id proc);
struct row *mover_find_token(const struct node_mover *m, const char *token);

/* A line to its deputy or guardian. */
void mover_tell(const struct row *row, const char *text, ...)
    __attribute__((format(printf, 2, 3)));
void mover_say(struct node_mover *m, const struct row *row, const char *text);

/* An event about that process, with what is set in it. */
void mover_step_node(struct node_mover *m,
                     const struct row *row,
                     struct event *event);
void mover_step_carried(struct node_mover *m,
                        const struct row *row,
                        uint32_t epoch,
                        bool done);
bool mover_has(const struct node_mover *m, const struct row *row);

/* To the daemon of a node, or to ourselves. */
int mover_send(struct node_mover *m,
               node_id to,
               const struct mover_message *message);
int mover_send_failed(struct node_mover *m,
                      node_id to,
                      proc_id proc,
                      uint32_t epoch,
                      const char *why);

int mover_watch(struct node_mover *m, int file, void *what, uint32_t extra);

/* Close a watched one. Another process may have it too, as one that is being
 * begun has for a moment: it would be told on for as long. */
void mover_unwatch(const struct node_mover *m, int *file);

/* ---- mover_files.c ------------------------------------------------------- */

/* FOLDER/name of that row, with this ending. */
void mover_path(const struct node_mover *m,
                const struct row *row,
                const char *ending,
                char ret[MOVER_PATH_BYTES]);
int mover_save(const struct node_mover *m, struct row *row);
void mover_forget(const struct node_mover *m, const struct row *row);

/* A station's listener for it; a connection to it. */
int mover_station(const struct node_mover *m, const struct row *row);
int mover_connect(struct node_mover *m, struct row *row);

/* Rows of what the files say and still lives. */
int mover_adopt(struct node_mover *m);

/* ---- mover_home.c, mover_guest.c ----------------------------------------- */

void mover_home_line(struct node_mover *m, struct row *row, const char *line);
void mover_home_carry(struct node_mover *m,
                      struct row *row,
                      const struct order *order);
void mover_home_cancel(struct row *row);
void mover_home_run(struct row *row);
void mover_home_drop(struct node_mover *m, struct row *row);
void mover_home_heard(struct node_mover *m,
                      node_id from,
                      const struct mover_message *message);
void mover_home_tick(struct node_mover *m, struct row *row, usec_t now_us);
void mover_home_gone(struct node_mover *m, struct row *row);

/* It is here whatever the ledger says: submit it anew, when the node has
 * forgotten it. */
void mover_home_resubmit(struct node_mover *m, struct row *row);

void mover_guest_line(struct node_mover *m, struct row *row, const char *line);
void mover_guest_carry(struct node_mover *m,
                       struct row *row,
                       const struct order *order);
void mover_guest_cancel(struct node_mover *m, struct row *row);
void mover_guest_drop(struct node_mover *m, struct row *row);
void mover_guest_heard(struct node_mover *m,
                       node_id from,
                       const struct mover_message *message);
void mover_guest_tick(struct node_mover *m, struct row *row, usec_t now_us);
void mover_guest_gone(struct node_mover *m, struct row *row);

/* ---- mover_listen.c ------------------------------------------------------ */

void mover_accept_local(struct node_mover *m);
void mover_accept(struct node_mover *m);
void mover_hear_caller(struct node_mover *m, struct mover_caller *caller);
void mover_sweep_callers(struct node_mover *m, usec_t now_us);
bool mover_has_callers(const struct node_mover *m);

#endif /* REAL_DAEMON_MOVER_INSIDE_H */
