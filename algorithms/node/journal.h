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
    JOURNAL_VERSION = 1,
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
    RECORD_BOARD,  /* How old this node's board was. */
    RECORD_TALLY,  /* Sums of one node over the run, at its end. */
    RECORD_EVENT,  /* Level full: an event of the node, encoded. */
    RECORD_ACTION, /* Level full: an action of the node. */
    RECORD_KINDS
};

/* A row for each kind: its name in the file and its values, by name. */
struct journal_kind
{
    const char *name;
    bool has_proc;
    bool has_peer;
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
    const uint8_t *bytes; /* EVENT and ACTION_SEND: hexadecimal in the file. */
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
    MOVED_EPOCH = 0,
    MOVED_START,
    MOVED_TOTAL_US,
    MOVED_FROZEN_US,
    MOVED_BYTES,
    ENDED_CPU_US = 0, /* CPU time it used, of a reference core. */
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
};

/* The decision that an action is, as a record; false if it is none (SEND,
 * CARRY, CANCEL, DROP). ENDED at a home is none: the host of its end writes it.
 */
bool journal_of_action(const struct action *action,
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

/* Read one line, without its newline, in place: separators become 0, and why
 * and bytes point into it. 0, or -EINVAL with the column (from 1) and a literal
 * of what is wrong. */
int journal_parse(char *line,
                  size_t length,
                  struct record *ret_record,
                  size_t *ret_column,
                  const char **ret_what);

/* An event from the bytes of a RECORD_EVENT: info and procs are filled for it
 * to point to. false if the bytes are no event. procs_max: room in procs. */
bool journal_event(const uint8_t *bytes,
                   size_t byte_count,
                   struct event *ret_event,
                   struct node_info *ret_self,
                   struct proc_info *ret_procs,
                   size_t procs_max);

#endif /* ALGORITHMS_NODE_JOURNAL_H */
