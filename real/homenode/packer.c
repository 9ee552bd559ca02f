/* packer.c - see packer.h. */
#include "packer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <zstd.h>

#include "memory.h"

enum {
    LEVEL = 1,
    LEARN_FIRST_BYTES = 8 * 1024 * 1024, /* Socket buffers are full by then. */
    TRIAL_EVERY = 32, /* Records sent as they are, then one is tried. */
};

/* A gain that is worth the processor's time. */
static const double GAIN = 0.9;
/* Weight of a MiB beside all before. */
static const double LEARN = 0.2;

struct packer
{
    ZSTD_CCtx *zstd;
    double floor_us; /* For a byte, of the link, at least. */
    double link_us;  /* For a byte of the stream, of late. */
    double pack_us;  /* For a byte of pages. */
    double ratio;    /* Bytes of a frame for each byte of pages. */
    uint64_t learned_bytes;
    unsigned since_trial;
    uint8_t frame[ZSTD_COMPRESSBOUND(MEMORY_BATCH_BYTES)];
};

int packer_create(struct packer **ret, uint64_t rate_bytes_per_s)
{
    struct packer *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->zstd = ZSTD_createCCtx();
    if (!p->zstd) {
        free(p);
        return -ENOMEM;
    }
    if (rate_bytes_per_s > 0)
        p->floor_us = 1e6 / (double)rate_bytes_per_s;
    p->since_trial = TRIAL_EVERY;
    *ret = p;
    return 0;
}

void packer_destroy(struct packer *p)
{
    if (!p)
        return;
    ZSTD_freeCCtx(p->zstd);
    free(p);
}

/* Of the processor: that others have it too is the link's delay as well. */
static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static bool pays(const struct packer *p)
{
    double link_us = p->link_us > p->floor_us ? p->link_us : p->floor_us;
    return p->pack_us + p->ratio * link_us < GAIN * link_us;
}

size_t packer_pack(struct packer *p,
                   const void *bytes,
                   size_t count,
                   const void **ret_frame)
{
    bool known = p->floor_us > 0 || p->learned_bytes >= LEARN_FIRST_BYTES;
    if (!known || (p->since_trial < TRIAL_EVERY && !pays(p))) {
        p->since_trial++;
        return 0;
    }
    double from_us = now_us();
    size_t frame = ZSTD_compressCCtx(p->zstd, p->frame, sizeof p->frame, bytes,
                                     count, LEVEL);
    if (ZSTD_isError(frame))
        return 0;
    p->since_trial = 0;
    p->pack_us = (now_us() - from_us) / (double)count;
    p->ratio = (double)frame / (double)count;
    *ret_frame = p->frame;
    return pays(p) ? frame : 0;
}

void packer_learn(struct packer *p, size_t bytes, uint64_t us)
{
    double weight = LEARN * (double)bytes / MEMORY_BATCH_BYTES;
    if (bytes == 0)
        return;
    if (weight > 1 || p->learned_bytes < LEARN_FIRST_BYTES)
        weight = LEARN;
    p->link_us += weight * ((double)us / (double)bytes - p->link_us);
    p->learned_bytes += bytes;
}
