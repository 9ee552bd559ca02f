/* tally.h - what became of a process that was moved about, as JSON. */
#ifndef REAL_HOMENODE_DRIVER_TALLY_H
#define REAL_HOMENODE_DRIVER_TALLY_H

#include "../deputy.h"

enum { REASONS_MAX = 32, MOVES_LISTED_MAX = 100000 };

struct move
{
    uint64_t at_us; /* Since the beginning. */
    int place;      /* Where it came to: a host from 0, -1 home. */
    int call;       /* That it came home for; -1: it was asked to. */
    struct deputy_cost cost;
};

struct tally
{
    uint64_t start_us;
    struct move *moves; /* Owned; the first MOVES_LISTED_MAX. */
    size_t listed_count;
    uint64_t move_count;
    uint64_t refused_count;
    char *reasons[REASONS_MAX]; /* Distinct; owned. */
    size_t reason_count;
    uint64_t came_home[DEPUTY_CALLS_MAX]; /* By call. */
    uint64_t cpu_us;                      /* Of the process at home. */
};

void tally_begin(struct tally *t);
void tally_finish(struct tally *t);

void tally_move(struct tally *t,
                int place,
                int64_t call,
                const struct deputy_cost *cost);
void tally_refusal(struct tally *t, const struct complaint *why);

/* CPU time of a process that runs or has ended and not been waited for. */
void tally_cpu(struct tally *t, pid_t pid);

/* Write the file, whole or not at all. */
int tally_write(const struct tally *t,
                const struct deputy_account *account,
                int status,
                const char *path,
                struct complaint *ret_complaint);

#endif /* REAL_HOMENODE_DRIVER_TALLY_H */
