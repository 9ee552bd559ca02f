/* recording.h - the lives of all processes that a command starts.
 *
 * Linux only: the recorder is a ptrace(2) tracer that stops each process at
 * fork, exec and exit alone, where /proc says what it has used. It needs no
 * privilege. docs/traces.md says what it costs and what it cannot record.
 */
#ifndef TRACES_RECORDING_H
#define TRACES_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "complaint.h"

#define LIFE_NONE UINT32_MAX
#define LIFE_UNKNOWN UINT64_MAX

enum { LIFE_NAME_BYTES = 16 };

/* A process, that is a thread group. Dates are ns since the command began. */
struct life
{
    pid_t pid;
    uint32_t parent; /* Index of who forked it; LIFE_NONE: not recorded. */
    uint32_t uid;    /* Real, at its end. */
    uint32_t user;   /* $VENCEJO_USER of its program; LIFE_NONE: not set. */
    uint64_t start_ns;
    uint64_t exec_ns; /* Of its last exec; LIFE_UNKNOWN: none. */
    uint64_t end_ns;
    uint64_t cpu_ns;     /* Its own, of all its threads. */
    uint64_t wait_ns;    /* Ready, but not on a core; of all its threads. */
    uint64_t peak_bytes; /* Resident, of its last program; LIFE_UNKNOWN. */
    uint64_t read_bytes; /* Through read(2) and its like. */
    uint64_t write_bytes;
    uint64_t read_calls;
    uint64_t write_calls;
    uint64_t disk_read_bytes; /* That reached a disk. */
    uint64_t disk_write_bytes;
    uint32_t thread_count;
    bool has_figures; /* cpu_ns and all behind it were read at its end. */
    bool has_ended;   /* Else it still ran when the recording ended. */
    int status;       /* As from wait(2). */
    char name[LIFE_NAME_BYTES]; /* comm(5) at its end, printable. */

    /* Set by recording_tie(). */
    uint32_t after;    /* LIFE_NONE: comes at its date. */
    uint64_t think_ns; /* From the end of that one to its own start. */
};

struct recording
{
    struct life *lives; /* By start; the command is the first. Owned. */
    size_t count;
    size_t room;
    int64_t began_s; /* Since 1970. */
    uint64_t length_ns;
};

/* Run argv and record until all that it started has ended, or until a signal
 * comes once argv itself has. INT, TERM, HUP and QUIT that someone sends to the
 * recorder go on to argv; what a terminal sends, argv gets from the terminal.
 * 0, or negative errno and a complaint if argv cannot be run or recorded; the
 * command's fate is in lives[0].status. */
int recording_run(char *const argv[],
                  struct recording *ret_recording,
                  struct complaint *ret_complaint);
void recording_finish(struct recording *recording);

/* All processes of the system that start in a while, by taskstats and the proc
 * connector: needs CAP_NET_ADMIN. It is over when a signal comes (INT, TERM,
 * HUP), when the time has passed, or when argv has ended. */
struct recording_system
{
    uint64_t for_us;     /* 0: no limit. */
    char *const *argv;   /* Run meanwhile; NULL: nothing. */
    size_t buffer_bytes; /* Of each socket; 0: 16 MiB. */
};
struct recording_losses
{
    uint64_t overflows; /* Times that the kernel found a buffer full; what was
                         * lost then, nobody knows. */
    uint64_t earlier_count; /* Ended, and had begun before: no rows. */
    int status;             /* Of argv, as from wait(2). */
};

/* Lives have no user, no counts of calls, and are tied to none. -EPERM without
 * the right, or another negative errno, and a complaint. */
int recording_system(const struct recording_system *what,
                     struct recording *ret_recording,
                     struct recording_losses *ret_losses,
                     struct complaint *ret_complaint);

/* Who waited for whom: the parent of a process starts it once an earlier child
 * has ended with all its descendants. So a process is tied to the sibling
 * subtree that ended last before it started, there to the process that ended
 * last; without one it inherits its parent's tie. 0 or -ENOMEM. */
int recording_tie(struct recording *recording);

/* PATH as SWF and beside it its TSV, with the ties that the lives have. 0, or
 * negative errno and complaint. command is for the header. */
int recording_write(const struct recording *recording,
                    const char *command,
                    const char *path,
                    struct complaint *ret_complaint);

#endif /* TRACES_RECORDING_H */
