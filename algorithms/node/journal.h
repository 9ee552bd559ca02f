/* journal.h - one text line for each event and decision; no I/O.
 *
 * One format for simulator, daemon and tests. A journal is header lines
 * "# key<TAB>value", then one line for each record: tab separated, integers,
 * the kind's own fields in the order of its row in journal_kinds[], the reason
 * last. docs/journal.md is checked against that table.
 *
 * Level `decisions` holds the records that metrics need; level `full` adds
 * every event and action of every node, so that `sim replay` can repeat it.
 */
#ifndef ALGORITHMS_NODE_JOURNAL_H
#define ALGORITHMS_NODE_JOURNAL_H

#include "event.h"

enum {
    JOURNAL_VERSION = 3,
    RECORD_VALUES_MAX = 8,
    RECORD_LINE_BYTES_MAX = 1
                            << 20, /* A line and its end, whatever the kind. */
};

enum record_kind {
    RECORD_SUBMIT, /* A process was submitted at its home. */
    RECORD_RUN,    /* It starts, or runs again, here. */
    RECORD_HELD,
    RECORD_ASKED,
    RECORD_REFUSED,
    RECORD_DENIED,
    RECORD_MOVED,
    RECORD_FAILED,
    RECORD_FREEZE,
    RECORD_THAW,
    RECORD_ENDED,  /* It exited here, having done its work. */
    RECORD_LOST,   /* Its home has lost it. */
    RECORD_KILLED, /* The host ended it: out of memory, its home died. */
    RECORD_FAULT,  /* Something was broken or mended, by the scenario. */
    RECORD_OWNER,  /* An owner or a user told the nodes a wish. */
    RECORD_DOWN,   /* This node is down: a crash, or its owner took it out. */
    RECORD_UP,     /* It is up, for the first time or again, knowing nothing. */
    RECORD_KNOWN,  /* The others have heard of this node since it came up. */
    RECORD_CHECKPOINT, /* An image of it, stopped here, was written. */
    RECORD_RESTART,    /* It begins again from its last checkpoint. */
    RECORD_BOARD,      /* How old this node's board was. */
    RECORD_TALLY,      /* Sums of one node over the run, at its end. */
    RECORD_EVENT,      /* Level full: an event of the node, encoded. */
    RECORD_ACTION,     /* Level full: an action of the node. */
    RECORD_KINDS
};

/* A row for each kind: its name in the file and its values, by name. */
struct journal_kind
{
    const char *name;
    bool has_proc;
    bool has_peer;
    bool has_bytes;                            /* Hexadecimal in the file. */
    const char *values[RECORD_VALUES_MAX + 1]; /* Ends with NULL. */
};
extern const struct journal_kind journal_kinds[RECORD_KINDS];

struct record
{
    usec_t at_us; /* Of the run: since its start. */
    node_id node;
    node_id peer;
    proc_id proc;
    uint64_t values[RECORD_VALUES_MAX];
    enum record_kind kind;
    const char *why;      /* Never NULL; no tab or newline. */
    const uint8_t *bytes; /* EVENT; ACTION if it is a SEND or RECORD. */
    size_t byte_count;
};

/* Values of the records, by index; the names in journal_kinds[] agree. */
enum {
    SUBMIT_USER = 0,
    SUBMIT_JOB,
    SUBMIT_PROGRAM,
    SUBMIT_WORK_US,
    SUBMIT_MEM_BYTES,
    RUN_START = 0, /* 1: first start; 0: arrived or runs again. */
    ASKED_START = 0,
    MOVED_EPOCH = 0,
    MOVED_START,
    MOVED_TOTAL_US,
    MOVED_FROZEN_US,
    MOVED_BYTES,
    MOVED_DONE_US, /* Work done when it left, of a reference core. */
    FAILED_START = 0,
    FAILED_TOTAL_US,
    FAILED_FROZEN_US,
    FAILED_BYTES,
    FREEZE_BYTES = 0, /* What goes into freeze space; */
    FREEZE_ARRIVED,   /* 1: it came frozen and did not run here; */
    FREEZE_BY,        /* enum freeze_by (event.h). */
    THAW_BYTES = 0,
    OWNER_CLUSTER = 0, /* Of the node; and the wish, as the reason names it: */
    OWNER_WISH,        /* a number of the host's own. */
    KNOWN_SPAN_US = 0, /* Since it came up. */
    CHECKPOINT_BYTES = 0,
    CHECKPOINT_STOPPED_US, /* Until it ran again. */
    CHECKPOINT_DONE_US,    /* Work done so far, of a reference core. */
    RESTART_LOST_US = 0,   /* Work done since the checkpoint, for nothing. */
    RESTART_DONE_US,       /* Work done in that; 0 without. */
    ENDED_CPU_US = 0,      /* CPU time it used, of a reference core. */
    LOST_CPU_US = 0,       /* The same, as far as the host knows; */
    KILLED_CPU_US = 0,     /* it was for nothing. */
    KILLED_BY,             /* enum killed_by. */
    BOARD_COUNT = 0,
    BOARD_MEAN_US,
    BOARD_P95_US,
    BOARD_MAX_US,
    TALLY_FRAMES = 0, /* Datagrams it sent, and their bytes; */
    TALLY_BYTES,
    TALLY_WAN_FRAMES, /* of these, to other clusters. */
    TALLY_WAN_BYTES,
    TALLY_BUSY_US,      /* Core time used, and what there was: */
    TALLY_CAPACITY_US,  /* cores x time. */
    TALLY_THRASH_US,    /* Time with more resident than memory. */
    TALLY_LOST_WORK_US, /* Work that thrashing cost, of a reference core. */
    EVENT_KIND = 0,     /* enum event_kind; the bytes hold all of it. */
    ACTION_KIND = 0,    /* enum action_kind */
    ACTION_EPOCH,
    ACTION_START,
    ACTION_OUTCOME, /* enum move_outcome, and the rest of the result. */
    ACTION_TOTAL_US,
    ACTION_FROZEN_US,
    ACTION_COPIED_BYTES,
};

/* Who ended a process. */
enum killed_by { KILLED_BY_HOST, KILLED_BY_OWNER };

/* The decision that an action is, as a record; false if it is none (SEND,
 * CARRY, CANCEL, DROP). How much work was done, only the host knows: it sets
 * MOVED_DONE_US and LOST_CPU_US, which are 0 here. ENDED at a home is none: the
 * host of its end writes it.
 */
bool journal_of_action(const struct action *action,
                       usec_t at_us,
                       node_id node,
                       struct record *ret_record);

/* Level full: any action, as it is. */
void journal_of_any_action(const struct action *action,
                           usec_t at_us,
                           node_id node,
                           struct record *ret_record);

/* Level full. The event is encoded into bytes (RECORD_LINE_BYTES_MAX large). */
void journal_of_event(const struct event *event,
                      usec_t at_us,
                      node_id node,
                      uint8_t *bytes,
                      struct record *ret_record);

/* Write one line with its newline into text (RECORD_LINE_BYTES_MAX large).
 * Returns its length. */
size_t journal_format(const struct record *record, char *ret_text);

/* Read one line, without its newline, in place: separators and the byte behind
 * its length become 0, and why and bytes point into it. 0, or -EINVAL with the
 * column (from 1) and a literal of what is wrong. */
int journal_parse(char *line,
                  size_t length,
                  struct record *ret_record,
                  size_t *ret_column,
                  const char **ret_what);

/* What the pointers of an event read from a journal point to. */
struct journal_room
{
    struct node_info self;
    struct reservation reservation;
    struct proc_info *procs; /* Owned by the caller. */
    size_t procs_max;
    struct cluster_info *map; /* Owned by the caller, used by START and MAP; */
    size_t map_max;           /* a node keeps it and the records, so give it */
    struct cluster_record *records; /* others before the next. */
    size_t records_max;
};

/* The event of a RECORD_EVENT: what a node did with it then, it will do with
 * this one. False if the bytes are no possible event of that node, or the room
 * is too small. */
bool journal_event(const struct record *record,
                   struct journal_room *room,
                   struct event *ret_event);

#endif /* ALGORITHMS_NODE_JOURNAL_H */
