/* begin.h - the first record of a stream: what it is, and whose. */
#ifndef REAL_HOMENODE_BEGIN_H
#define REAL_HOMENODE_BEGIN_H

#include <stdint.h>
#include <string.h>

#include "checkpoint.h"

struct begin
{
    char magic[8]; /* "vencejoI" */
    uint32_t version;
    int32_t pid;
};

static inline struct begin begin_of(pid_t pid)
{
    struct begin begin = {.version = CHECKPOINT_VERSION, .pid = pid};
    memcpy(begin.magic, "vencejoI", sizeof begin.magic);
    return begin;
}

#endif /* REAL_HOMENODE_BEGIN_H */
