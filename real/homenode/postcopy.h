/* postcopy.h - pages that come to a body while it runs: how its host finds and
 * fills the holes, how its home answers.
 *
 * The host asks (wire.h: FETCH) and home answers in that order (FETCHED), so
 * home remembers nothing but what it owes. See docs/homenode.md.
 */
#ifndef REAL_HOMENODE_POSTCOPY_H
#define REAL_HOMENODE_POSTCOPY_H

#include "link.h"
#include "maps.h"

/* ---- At the host. -------------------------------------------------------- */

/* The device that gives a userfaultfd(2) which sees the kernel's own accesses
 * too, to whom may open it; owned by the caller, who opens it before he drops
 * his rights. A negative errno: none, or one that does not tell what a body
 * does to its mappings. Never descriptor 0. */
int postcopy_device(void);

/* A new one of the calling process, by the device. */
int postcopy_watcher(int device);

struct fill;

/* Pages of these mappings of a body that stands still, where there is nothing
 * now, are owed. watcher: its userfaultfd, owned from here on. */
int fill_create(struct fill **ret,
                int watcher,
                const struct maps *maps,
                const struct runs *owed);

/* What the body waits for is let go on: nothing is found any more. */
void fill_destroy(struct fill *f);

/* poll(2) says there when the body found a hole or changed its mappings;
 * fill_look() then. -EIO and the like: it cannot go on. */
int fill_wait_on(const struct fill *f);
int fill_look(struct fill *f);

/* The same for who cannot hear home now. -EFAULT: something is missing that the
 * body waits for. */
int fill_look_only(struct fill *f);

/* The kernel can read and write there for anybody, without waiting. False: what
 * is missing is asked for next. */
bool fill_has(struct fill *f, uint64_t from, size_t bytes);

/* Ask for what is wanted, and unless it is to be only that, for as much else as
 * may be under way. A broken stream is no error here: see fill_resume(). */
void fill_ask(struct fill *f, struct link *link, bool only_wanted);

/* FETCHED came. -EBADMSG: it is not what was asked for. */
int fill_take(struct fill *f, const struct incoming *incoming);

/* So much has been asked for and has not come. After a cut: nothing. */
uint64_t fill_under_way(const struct fill *f);
void fill_resume(struct fill *f);

bool fill_is_whole(const struct fill *f);

/* ---- At home. ------------------------------------------------------------ */

struct served
{
    struct runs owed; /* Owned. */
    int file;         /* /proc/PID/mem */
    uint8_t *room;    /* Of one answer. */
};

/* Of the process, stopped or not, whose memory stays as it is. Takes owed. */
int served_begin(struct served *s, pid_t pid, struct runs *owed);
void served_end(struct served *s);

/* Answer a FETCH. -EBADMSG: that is not owed; -EPIPE. */
int served_fetch(struct served *s,
                 pid_t pid,
                 const struct incoming *incoming,
                 struct link *link);

#endif /* REAL_HOMENODE_POSTCOPY_H */
