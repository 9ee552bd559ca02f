/* fake.h - a proc(5) and hierarchies of groups made of plain files. */
#ifndef TESTS_DAEMON_FAKE_H
#define TESTS_DAEMON_FAKE_H

enum { FAKE_BYTES = 64 };

struct fake
{
    char root[FAKE_BYTES]; /* A new folder. */
    char proc[FAKE_BYTES]; /* root/proc */
};

/* Only root; all else is put there. */
void fake_begin(struct fake *f);

/* Removes it with all that is in it. */
void fake_end(struct fake *f);

/* A file below root, and the folders on its way. */
void fake_put(const struct fake *f, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fake_remove(const struct fake *f, const char *name);

/* A line of mountinfo for root/name, of that type and controllers. */
void fake_mount(const struct fake *f,
                const char *name,
                const char *type,
                const char *controllers);

/* A thread's stat. */
void fake_thread(const struct fake *f, int number, char state);

/* stat, meminfo and vmstat of a machine with 4 cores, that were busy for so
 * many ticks; 8 GiB, 4 of them available; 2 GiB of swap, 1 of them free. */
void fake_machine(const struct fake *f, unsigned busy_ticks);

#endif /* TESTS_DAEMON_FAKE_H */
