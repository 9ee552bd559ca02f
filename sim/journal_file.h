/* journal_file.h - the journal of a run, as a file: written and read, zstd if
 * its name ends in .zst. docs/journal.md has the format. */
#ifndef SIM_JOURNAL_FILE_H
#define SIM_JOURNAL_FILE_H

#include "../algorithms/node/journal.h"
#include "../results/grid.h"
#include "../scenarios/scenario.h"

struct journal_file;

/* Writes the header. The file has its name only after journal_file_close(). 0,
 * or negative errno and a complaint. */
int journal_file_create(const char *path,
                        const struct scenario *scenario,
                        uint64_t seed,
                        bool full,
                        struct journal_file **ret_file,
                        struct complaint *ret_complaint);
void journal_file_write(struct journal_file *file, const struct record *record);

/* Writes the last line, puts it in place if every write went well; frees it. */
int journal_file_close(struct journal_file *file,
                       struct complaint *ret_complaint);
void journal_file_abandon(struct journal_file *file); /* Takes NULL. */

enum { JOURNAL_BOARD_MAX = 1000000 }; /* The largest `board` of a header. */

/* A header of a journal that was read. What the file says is in range; what it
 * does not say is 0. */
struct journal_header
{
    char commit[64];
    char scenario[256];
    char policies[4096]; /* As the command line writes a list of policies. */
    char host[16];       /* "sim", "real" or "test". */
    uint64_t scenario_hash;
    uint64_t seed;
    uint64_t board_max; /* 1 .. JOURNAL_BOARD_MAX. */
    uint64_t board_age_us;
    uint64_t lost_after_us; /* 0: not said, never. */
    uint64_t home_lost_after_us;
    uint32_t flood_burst; /* 0: not said, no limit. */
    uint32_t flood_per_s_milli;
    uint8_t owner_first[(UINT16_MAX + 1) / 8]; /* A bit for each cluster_id. */
    struct grid_cluster *clusters; /* Owned; grid shows them. None: not said. */
    struct grid grid;
    bool full;
    bool has_level;
    bool has_seed;
    bool has_board_age;
    bool has_end;
    uint64_t record_count; /* Read so far. */
    size_t policies_line;  /* Where the file has them. */
    size_t line_count;     /* Read so far: while take runs, its line. */
};

void journal_header_finish(struct journal_header *header);

/* The whole text of a journal, which the caller frees; it ends with a 0 behind
 * its bytes. 0, or negative errno and a complaint. */
int journal_file_load(const char *path,
                      char **ret_text,
                      size_t *ret_text_bytes,
                      struct complaint *ret_complaint);

/* Calls take for every record, in order, while no more than a piece of the file
 * is in memory; a negative value from it ends the reading and is returned. 0,
 * or negative errno and a complaint with the line and column. A file that ends
 * without the journal's last line is refused, but only when take has had what
 * is there. The header is as far as it was read, and finished by the caller in
 * any case. */
int journal_file_read(const char *path,
                      struct journal_header *ret_header,
                      int (*take)(void *who, const struct record *record),
                      void *who,
                      struct complaint *ret_complaint);

/* The same from memory, for tests and fuzzers; text is changed. */
int journal_text_read(char *text,
                      size_t text_bytes,
                      const char *name,
                      struct journal_header *ret_header,
                      int (*take)(void *who, const struct record *record),
                      void *who,
                      struct complaint *ret_complaint);

#endif /* SIM_JOURNAL_FILE_H */
