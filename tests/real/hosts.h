/* hosts.h - `homenode serve` and `homenode run`, as a user has them: hosts on
 * this machine, programs that go there, and what is left of both. */
#ifndef TESTS_REAL_HOSTS_H
#define TESTS_REAL_HOSTS_H

#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "place.h"

enum {
    RIGHT = 3,
    LOST = 128 + SIGKILL,
    LIMIT_S = 280,
    TEXT_BYTES = 256 * 1024,
    HOSTS = 2,
    NAME_BYTES = 64,
};

struct hosts
{
    pid_t servers[HOSTS];
    char names[HOSTS][NAME_BYTES];
};

enum { WORDS_MAX = 32 };

struct words
{
    char *words[WORDS_MAX];
    size_t count;
};

/* The caller frees it. */
char *contents(const char *path);
size_t file_bytes(const char *path);

/* A number of the report; -1: it does not say. */
long reported(const struct place *p, const char *name);

/* Its path. */
const char *program(const char *name, char room[512]);

/* Two servers; they end well, and before that no guardian is left of any. */
struct hosts begin_hosts(void);
struct hosts begin_hosts_as(uid_t user);
void end_hosts(const struct hosts *h);

/* Children of a process, from /proc: as many as fit. */
size_t children_of(pid_t pid, pid_t *ret, size_t room);
void nobody_is_left(const struct hosts *h);

/* One word more of a command. */
void add(struct words *w, const char *word);

/* homenode run with these hosts, and options up to NULL. */
struct words run_of(const char *homenode,
                    const struct hosts *h,
                    const struct place *p,
                    const char *const options[]);

/* in, -1: nothing; out: a file, NULL: nowhere. */
pid_t launch(const struct words *w, int in, const char *out);
int status_of(pid_t pid);

/* The program `subject`, see there. */
void add_subject(struct words *w,
                 char room[512],
                 const char *what,
                 const char *lines,
                 const char *out);

/* What it writes at home. */
char *undisturbed(const char *what, const char *lines);

/* It writes the same by `homenode run` with these options, and moves. */
void as_if_at_home(const char *what,
                   const char *lines,
                   const char *const options[],
                   long moves_least);

/* A seed that is new each time, or VENCEJO_SEED. */
uint64_t seed_of(const char *test);
uint64_t next_random(uint64_t *state);

#endif /* TESTS_REAL_HOSTS_H */
