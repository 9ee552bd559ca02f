/* transfer.h - the memory of a running process goes to another one.
 *
 * Stop-and-copy, or pre-copy: rounds while the process runs, each of what was
 * written since the one before, then the rest while it stands still. What the
 * kernel can do is probed: dirty.h. A process for which rounds_max or
 * shrink_permille ends the rounds stands still for its rest, cost.rest_bytes
 * says how much. Or post-copy: it stands still for nothing but a list of what
 * is owed, which comes when it runs there (postcopy.h), after no rounds or, as
 * a hybrid, after those of pre-copy.
 */
#ifndef REAL_HOMENODE_TRANSFER_H
#define REAL_HOMENODE_TRANSFER_H

#include "dirty.h"
#include "memory.h"
#include "tracee.h"

enum transfer_mode {
    TRANSFER_STOP,
    TRANSFER_PRECOPY,
    TRANSFER_POSTCOPY,
    TRANSFER_HYBRID,
    TRANSFER_MODES
};

/* There are rounds; there may be owed pages. */
static inline bool transfer_has_rounds(enum transfer_mode mode)
{
    return mode == TRANSFER_PRECOPY || mode == TRANSFER_HYBRID;
}

static inline bool transfer_may_owe(enum transfer_mode mode)
{
    return mode == TRANSFER_POSTCOPY || mode == TRANSFER_HYBRID;
}

struct transfer_limits
{
    enum transfer_mode mode;
    uint32_t rounds_max;       /* 8 */
    uint64_t rest_bytes;       /* Stop when so little is left: 2 MiB. So little
                                  is never owed. */
    uint32_t shrink_permille;  /* Or when a round is not smaller than so much
                                  of the one before: 900. */
    uint64_t rate_bytes_per_s; /* Of the rounds. 0: as fast as it goes. */
    bool compress;    /* zstd, where the link shows itself slower: packer.h. */
    unsigned methods; /* Bits of enum dirty_method that may be used; 0: all
                         that the kernel has. */
};

/* Why the rounds ended. */
enum transfer_end {
    TRANSFER_NO_ROUNDS,  /* There were none. */
    TRANSFER_CONVERGED,  /* rest_bytes */
    TRANSFER_SHRINKS_NO, /* shrink_permille: it writes as fast as the stream. */
    TRANSFER_ROUNDS_MAX,
};

/* What those values say that stand beside the limits. */
struct transfer_limits transfer_limits_usual(enum transfer_mode mode);

struct transfer_cost
{
    uint32_t rounds;
    uint64_t sent_bytes;   /* On the stream. */
    uint64_t memory_bytes; /* Of pages, before compression. */
    uint64_t packed_bytes; /* Of these, compressed. */
    uint64_t zero_bytes;   /* Of pages of zeros, not sent. */
    uint64_t rest_bytes;   /* While it stood still. */
    uint64_t owed_bytes;   /* Left for afterwards. */
    uint64_t rounds_us;    /* From the first byte to the freeze. */
    enum transfer_end end;
    enum dirty_method method;
};

/* The sending side of one process; opaque. */
struct transfer;

/* Prepare. With rounds the tracee is seized and runs, and is stopped
 * for a moment (tracee_pause()). -ENOTSUP: this kernel cannot tell dirty pages;
 * -EMFILE: the process may not open the descriptor that is needed; nothing has
 * been done then, say TRANSFER_STOP. */
int transfer_create(struct transfer **ret,
                    struct tracee *t,
                    const struct transfer_limits *limits);

/* All rounds while it runs: MAPS, PAGES, DROPPED records. between(), if not
 * NULL, is called at least every 5 ms and between records, to serve what else
 * the caller has; not 0 ends the rounds with that error. By soft bits, each
 * round begins with a tracee_pause(). -ESRCH: the process ended meanwhile. */
int transfer_rounds(struct transfer *x,
                    const struct stream *stream,
                    int (*between)(void *context),
                    void *context);

/* The rest, the tracee stopped and image_take() done: MAPS as they are now, and
 * what changed. Without rounds before: everything. */
int transfer_rest(struct transfer *x, const struct stream *stream);

/* The same, but only pages that are hot, in ascending order, and what of the
 * files' pages became theirs again; the others are owed, which is said, and
 * ret. None if they are few, or in too many pieces to be told. */
int transfer_rest_owed(struct transfer *x,
                       const struct stream *stream,
                       const struct runs *hot,
                       struct runs *ret_owed);

void transfer_cost_of(const struct transfer *x, struct transfer_cost *ret);

/* Nothing of it is left in the process, which is stopped or gone. */
void transfer_destroy(struct transfer *x);

/* The receiving side: a process that is to have this memory. It is a body whose
 * area is mapped, stopped, with maps none or those of records before. */
struct receiver
{
    struct tracee *tracee;
    struct maps maps; /* What is mapped there now, apart from what is kept. */
    const struct maps
        *kept; /* The receiver's own, never touched: NULL: none. */
    bool compressed;
    struct runs owed; /* What is to come later. */
    void *scratch;    /* Its own. */
};

int receiver_init(struct receiver *r, struct tracee *t, bool compressed);
void receiver_finish(struct receiver *r);

/* One record of MAPS, PAGES, DROPPED or OWED. A mapping that was there with
 * another extent is cut or grown, not emptied; MEMORY_FRESH in memory_map says
 * that it was made anew. -EBADMSG: no honest sender sends this. */
int receiver_take(struct receiver *r, const struct incoming *incoming);

/* Nothing is there any more where pages are owed. */
int receiver_empty_owed(struct receiver *r);

#endif /* REAL_HOMENODE_TRANSFER_H */
