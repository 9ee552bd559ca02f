/* owner_word.h - what the owner has said of this node and of its cluster, kept
 * over a restart: a small file in the state folder.
 */
#ifndef REAL_DAEMON_OWNER_WORD_H
#define REAL_DAEMON_OWNER_WORD_H

#include "../../algorithms/node/event.h"
#include "../../traces/complaint.h"

struct owner_word
{
    uint8_t state; /* enum node_state */
    uint8_t flags; /* enum node_flag */
    uint8_t then;  /* enum leave_then */
    bool has_reservation;
    bool has_guest_limit;
    uint16_t guest_limit;
    usec_t within_us; /* Of the word, from when it was said. */
    struct reservation reservation;
};

/* Of a node about which nothing was said. */
struct owner_word owner_word_default(void);

/* As the file says; the default if there is none. */
int owner_word_read(const char *file,
                    struct owner_word *ret,
                    struct complaint *c);
int owner_word_write(const char *file,
                     const struct owner_word *word,
                     struct complaint *c);

/* As EVENT_STATE; its reservation points into word. */
struct event owner_word_event(const struct owner_word *word);

#endif /* REAL_DAEMON_OWNER_WORD_H */
