/* run.c - run: a program that the node may move. It is begun here and keeps
 * what is the caller's; vencejo-worker is its deputy. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../cli/terminal.h"
#include "commands.h"

enum { PATH_ROOM = 512 };

static const char help[] =
    "Usage: vencejo node run [--socket FILE] -- COMMAND...\n\n"
    "Run a program that the policies may move while it runs. It keeps this\n"
    "terminal, directory and environment, ends as the program does, with 128 "
    "+\n"
    "N if signal N ended it; 3 if the daemon does not take it.\n\n"
    "Example:\n"
    "  vencejo-node run -- gzip -9 < in > out.gz\n";

/* Where this program is, vencejo-worker is. */
static bool beside(char ret[PATH_ROOM])
{
    static const char name[] = "/vencejo-worker";
    ssize_t bytes = readlink("/proc/self/exe", ret, PATH_ROOM - 1);
    if (bytes < 0)
        return false;
    ret[bytes] = 0;
    char *slash = strrchr(ret, '/');
    if (!slash || (size_t)(slash - ret) + sizeof name > PATH_ROOM)
        return false;
    memcpy(slash, name, sizeof name);
    return true;
}

static int begin(const char *socket, int count, char **command)
{
    char worker[PATH_ROOM];
    char path[PATH_ROOM];
    char **words = calloc((size_t)count + 5, sizeof *words);
    struct complaint c = {.line = 0};
    if (!words || !beside(worker))
        return EXIT_FAILED;
    snprintf(path, sizeof path, "%s.run", socket);
    char run[] = "run";
    char end[] = "--";
    char *const first[] = {worker, run, path, end};
    memcpy(words, first, sizeof first);
    memcpy(words + 4, command, (size_t)count * sizeof *words);
    execv(worker, words);
    complain(&c, -errno, worker, 0, 0, "cannot be run: %s", strerror(errno));
    terminal_complain(stderr, &c);
    free(words);
    return EXIT_FAILED;
}

int command_run(int argc, char **argv)
{
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {0}};
    const char *socket = ask_options_default().socket;
    int option;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return EXIT_RAN;
        }
        if (option != 's')
            return EXIT_BAD_INPUT;
        socket = optarg;
    }
    if (optind == argc) {
        fputs(help, stderr);
        return EXIT_BAD_INPUT;
    }
    return begin(socket, argc - optind, argv + optind);
}
