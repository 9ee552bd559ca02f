#include "journal_history.h"

#include <errno.h>

struct following
{
    const char *path;
    const struct journal_header *header;
    const struct journal_listener *listener;
    struct history *history; /* NULL before the first record. */
    struct complaint *complaint;
};

struct history_run journal_history_run(const struct journal_header *header)
{
    return (struct history_run){.scenario = header->scenario,
                                .policies = header->policies,
                                .commit = header->commit,
                                .seed = header->seed};
}

static int begin(struct following *following)
{
    const struct journal_header *header = following->header;
    if (header->grid.count == 0)
        return complain(following->complaint, -EINVAL, following->path,
                        header->line_count, 0,
                        "a record, but no line `# cluster` before it: which "
                        "node is whose is not known; make the journal again");
    following->listener->begin(following->listener->who, header);
    following->history = history_create(
        &header->grid, following->listener->take, following->listener->who);
    return 0;
}

static int take(void *who, const struct record *record)
{
    struct following *following = who;
    int error = following->history ? 0 : begin(following);
    if (!error) {
        error = history_add(following->history, record);
        if (error)
            complain(following->complaint, error, following->path,
                     following->header->line_count, 0,
                     "a node or cluster that no line `# cluster` has; the "
                     "journal is damaged: copy or make it again");
    }
    return error;
}

int journal_history_read(const char *path,
                         struct journal_header *ret_header,
                         const struct journal_listener *listener,
                         struct complaint *ret_complaint)
{
    struct following following = {path, ret_header, listener, NULL,
                                  ret_complaint};
    int error =
        journal_file_read(path, ret_header, take, &following, ret_complaint);
    if (!error && !following.history)
        error = begin(&following);
    if (!error)
        history_end(following.history);
    history_destroy(following.history);
    return error;
}
