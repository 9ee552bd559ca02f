/* run.h - run a program as a user does, and keep what it wrote. */
#ifndef TESTS_CLI_RUN_H
#define TESTS_CLI_RUN_H

#include <stdbool.h>

enum { RUN_TEXT_BYTES_MAX = 256 * 1024 };

struct run
{
    int exit_code; /* 128 + signal if one ended it. */
    char out[RUN_TEXT_BYTES_MAX];
    char err[RUN_TEXT_BYTES_MAX];
};

/* A shell command line. The programs of the build, in the folder that BIN
 * names, are found first. on_terminal: its output is a terminal of 80 columns,
 * and what it writes there comes in out. Asserts that it ends in 60 s. */
void run(struct run *run, bool on_terminal, const char *command);

#endif /* TESTS_CLI_RUN_H */
