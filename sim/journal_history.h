/* journal_history.h - a journal's file as a history of who was where. */
#ifndef SIM_JOURNAL_HISTORY_H
#define SIM_JOURNAL_HISTORY_H

#include "../results/history.h"
#include "journal_file.h"

struct journal_listener
{
    /* Before the first event: the header is known, but for has_end. */
    void (*begin)(void *who, const struct journal_header *header);
    void (*take)(void *who, const struct history_event *event);
    void *who;
};

/* What was run, as the header says it, which keeps the texts. */
struct history_run journal_history_run(const struct journal_header *header);

/* 0, or negative errno and a complaint: as journal_file_read(), and -EINVAL for
 * a record of a node that no cluster of the header has. If it failed, begin may
 * have been called. The header is the caller's to finish in any case, and stays
 * where it is until then. */
int journal_history_read(const char *path,
                         struct journal_header *ret_header,
                         const struct journal_listener *listener,
                         struct complaint *ret_complaint);

#endif /* SIM_JOURNAL_HISTORY_H */
