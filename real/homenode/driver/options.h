/* options.h - the command line of homenode. */
#ifndef REAL_HOMENODE_DRIVER_OPTIONS_H
#define REAL_HOMENODE_DRIVER_OPTIONS_H

#include "run.h"
#include "serve.h"

/* Each reads arguments[1] on; -EINVAL, and what was wrong has been said. */
int options_serve(int count, char **arguments, struct serve_options *ret);

/* attach: the last argument is a process, not a command. */
int options_run(int count,
                char **arguments,
                bool attach,
                struct run_options *ret);

/* What --mode calls it. */
const char *mode_name(enum transfer_mode mode);

/* NUMBER, or NUMBER=PATH. */
struct file_option
{
    int number;
    const char *path; /* NULL: none was said. */
};

enum { FILE_OPTIONS_MAX = 64 };

struct file_options
{
    const char *words[2]; /* PID FILE, or FILE. */
    size_t word_count;
    struct file_option files[FILE_OPTIONS_MAX];
    size_t file_count;
    bool same_pid;
    uint32_t every_ms; /* Save so often, FILE.000001 and so on; 0: once. */
    uint64_t keep;     /* The last so many of these. */
    const char *criu;  /* By this program, into a folder; NULL: by ourselves. */
};

int options_files(int count, char **arguments, struct file_options *ret);

#endif /* REAL_HOMENODE_DRIVER_OPTIONS_H */
