/* journal_log.h - the journal of a daemon: the simulator's format
 * (docs/journal.md), plain text, written as it happens.
 *
 * It is one file for each run of the daemon; that of the run before is kept
 * under its name with ".before". A journal of a daemon that was killed lacks
 * its last line, as any that was cut.
 */
#ifndef REAL_DAEMON_JOURNAL_LOG_H
#define REAL_DAEMON_JOURNAL_LOG_H

#include "../../algorithms/node/journal.h"
#include "../../algorithms/node/node.h"
#include "config.h"
#include "roster.h"

struct journal_log;

/* With its header. node: the configuration that the node runs with; guessed:
 * names of fields, a space between two. */
int journal_log_create(struct journal_log **ret,
                       const struct config *config,
                       const struct roster *roster,
                       const struct node_config *node,
                       const struct node_info *self,
                       const char *guessed,
                       struct complaint *c);

/* With level full, of every event and action; else of decisions only. */
bool journal_log_is_full(const struct journal_log *j);

/* -EFBIG once: the limit is reached, and nothing more is written. */
int journal_log_write(struct journal_log *j, const struct record *record);
int journal_log_event(struct journal_log *j,
                      const struct event *event,
                      usec_t at_us,
                      node_id node);

/* So that who reads it sees all that was written. */
int journal_log_flush(struct journal_log *j);

/* With its last line. NULL: nothing. -EIO or such: it is not whole. */
int journal_log_close(struct journal_log *j);

#endif /* REAL_DAEMON_JOURNAL_LOG_H */
