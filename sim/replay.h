/* replay.h - a journal's events, fed to the same policies: do they act the
 * same?
 *
 * Needs a journal of level full, from whatever host: what happened on a real
 * cluster is looked into on a laptop. Whatever the file holds, it is replayed
 * or refused with its line; nothing in it can break the program.
 */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include "journal_file.h"

/* An action of the journal and the one that came now; NULL: there is none. */
struct replay_difference
{
    const struct record *journal;
    const struct record *now;
    node_id node;
    usec_t at_us;
};

/* Three lines for people: which fields differ, and both actions. Returns
 * ret_text. */
char *replay_describe(const struct replay_difference *difference,
                      char *ret_text,
                      size_t text_bytes);

struct replay_counts
{
    uint64_t events;
    uint64_t actions; /* Of the journal. */
    uint64_t differences;
};

/* Who hears of every difference, in order. */
struct replay_listener
{
    void (*differs)(void *who, const struct replay_difference *difference);
    void *who;
};

/* 0, whatever differs; -ENOTSUP for a journal of decisions only; or another
 * negative errno. A complaint has the file and, but for errors of reading, the
 * line. */
int replay_file(const char *path,
                const struct replay_listener *listener,
                struct replay_counts *ret_counts,
                struct complaint *ret_complaint);

/* The same from memory, for tests and fuzzers; text is changed. */
int replay_text(char *text,
                size_t text_bytes,
                const char *name,
                const struct replay_listener *listener,
                struct replay_counts *ret_counts,
                struct complaint *ret_complaint);

#endif /* SIM_REPLAY_H */
