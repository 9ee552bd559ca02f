/* cable.h - two streams joined in memory, with faults at a chosen byte. */
#ifndef TESTS_REAL_CABLE_H
#define TESTS_REAL_CABLE_H

#include "../../real/homenode/stream.h"

enum cable_fault {
    CABLE_SOUND,
    CABLE_CUT,    /* Both ways; what was under way the other way arrives. */
    CABLE_SEVER,  /* Both ways, and nothing more arrives. */
    CABLE_VANISH, /* This way swallows all from there on: half open. */
    CABLE_DAMAGE, /* The byte arrives with a bit turned. */
    CABLE_DOUBLE, /* The record with that byte arrives twice, if numbered. */
};

/* From one end to the other. */
struct cable_way
{
    uint8_t *bytes;
    size_t count;
    size_t at;
    size_t room;
    size_t written; /* Of all, also what did not arrive. */
    enum cable_fault fault;
    size_t fault_at;
};

struct cable
{
    struct cable_way way[2]; /* Written by end 0, by end 1. */
    struct cable_end
    {
        struct cable *cable;
        int side;
    } ends[2];
    struct stream streams[2];
    bool cut;
    uint64_t delays; /* Not 0: seed of moments in which nothing seems there. */
    /* Called by who finds nothing there; may be NULL. */
    void (*idle)(void *context);
    void *context;
};

void cable_init(struct cable *cable);
void cable_finish(struct cable *cable);
void cable_fault_at(struct cable *cable,
                    int side,
                    enum cable_fault fault,
                    size_t at);

/* The next of a row of numbers. */
uint64_t cable_random(uint64_t *seed);

#endif /* TESTS_REAL_CABLE_H */
