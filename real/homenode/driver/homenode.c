/* homenode.c - the engine of real/homenode by hand: programs that go to other
 * nodes while they run, and come home. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "files.h"
#include "options.h"
#include "say.h"

enum { USAGE = 2 };

static const char help_all[] =
    "homenode - processes that move while they run\n"
    "\n"
    "  homenode serve --listen ADDR:PORT   let others' processes run here\n"
    "  homenode run [OPTIONS] -- COMMAND   run a program that may move\n"
    "  homenode attach [OPTIONS] PID       the same for one that runs already\n"
    "  homenode ctl SOCKET COMMAND         tell a run what to do\n"
    "  homenode save PID FILE              checkpoint a process\n"
    "  homenode recover FILE               go on from a checkpoint\n"
    "\n"
    "Each has --help. The way between nodes is not encrypted here: only for\n"
    "networks that you trust.\n";

static const char help_serve[] =
    "homenode serve --listen ADDR:PORT [--cgroup FOLDER] [--memory BYTES]\n"
    "               [--cpu MILLI] [--mode stop|precopy] [--rounds N] [--lease "
    "MS]\n"
    "               [--control SOCKET]\n"
    "\n"
    "Accepts processes of other nodes, each in a sandbox with a guardian of "
    "its\n"
    "own. Prints `listening ADDR:PORT` when it is ready; port 0 takes a free\n"
    "one. Ends on SIGTERM, and what runs here then ends at its home.\n"
    "\n"
    "  --cgroup FOLDER  limits are those of a group below this one\n"
    "  --memory BYTES   of each guest, with k, M or G\n"
    "  --cpu MILLI      of one core, of each guest\n"
    "  --mode           how a guest goes home or on\n"
    "  --rounds N       of precopy, at most: 8\n"
    "  --lease MS       of silence, then it is killed here: 10000\n"
    "  --control SOCKET for `homenode ctl SOCKET freeze|thaw`, of all guests\n"
    "\n"
    "Examples:\n"
    "  homenode serve --listen 127.0.0.1:7701\n"
    "  homenode serve --listen 0.0.0.0:7701 --cgroup /vencejo --memory 2G\n";

static const char help_run[] =
    "homenode run [--host ADDR:PORT]...\n"
    "             [--mode stop|precopy|postcopy|hybrid] [--rounds N]\n"
    "             [--away] [--every MS] [--moves N] [--lease MS] [--spin US]\n"
    "             [--children MS] [--rule FILE] [--report FILE.json]\n"
    "             [--control SOCKET]\n"
    "             -- COMMAND...\n"
    "homenode attach [the same but --rule] [--child FILTERS] PID\n"
    "\n"
    "Runs a program with what is ours: terminal, directory, descriptors. Ends\n"
    "as it does; 128 + N if signal N ended it. `attach` ends with 0.\n"
    "\n"
    "  --host ADDR:PORT  where `homenode serve` runs; may be said again\n"
    "  --mode            stop: it stands still while its memory goes; "
    "precopy:\n"
    "                    most goes before; postcopy: all comes behind; "
    "hybrid:\n"
    "                    what precopy could not send comes behind\n"
    "  --rounds N        of precopy and hybrid, at most: 8\n"
    "  --away            to the first host at once, and after each way home\n"
    "  --every MS        on to the next of all hosts and home\n"
    "  --moves N         at most so many\n"
    "  --lease MS        of silence of its host, then it is lost: 10000; the\n"
    "                    same at both\n"
    "  --children MS     all that it starts, and what those start, move by "
    "the\n"
    "                    same options once they have lived so long, each with "
    "a\n"
    "                    report of its own, FILE.json.PID\n"
    "  --spin US         wait awake for a call to be made, if cores are free\n"
    "  --rule FILE       what it may touch, at home and away, for ever: lines\n"
    "                    read PATH, write PATH, execute PATH, sockets "
    "none|unix|any,\n"
    "                    connect PORT, listen PORT; for hosts of other owners\n"
    "  --report FILE     what became of it, as JSON\n"
    "  --control SOCKET  for `homenode ctl`\n"
    "  --child FILTERS   as --children begins it: nothing is said if it has\n"
    "                    ended; it was born with so many seccomp filters\n"
    "\n"
    "SIGUSR1 moves it to the next host, SIGUSR2 home.\n"
    "\n"
    "Examples:\n"
    "  homenode run --host 127.0.0.1:7701 --away -- gzip -9 < in > out.gz\n"
    "  homenode run --host a:7701 --host b:7701 --every 200 --report r.json "
    "\\\n"
    "      -- python3 work.py\n"
    "  homenode attach --host 127.0.0.1:7701 --away 4711\n";

static const char help_ctl[] =
    "homenode ctl SOCKET move N|home    to that host, from 0\n"
    "homenode ctl SOCKET freeze|thaw    stop it, let it go on\n"
    "homenode ctl SOCKET explain        why it is where it is\n"
    "homenode ctl SOCKET status\n"
    "homenode ctl SOCKET checkpoint FILE\n"
    "\n"
    "Prints ok and what there is to say, or error and why; exits with 3 then.\n"
    "\n"
    "Examples:\n"
    "  homenode run --host 127.0.0.1:7701 --control /tmp/c -- bc < sums &\n"
    "  homenode ctl /tmp/c move 0\n"
    "  homenode ctl /tmp/c explain\n";

static const char help_files[] =
    "homenode save PID FILE [--fd N]... [--every MS [--keep N]]\n"
    "homenode recover FILE [--fd N=PATH]... [--same-pid]\n"
    "homenode save PID FOLDER --criu PROGRAM\n"
    "homenode recover FOLDER --criu PROGRAM\n"
    "\n"
    "Saves a running process, which goes on; begins again where it was, with\n"
    "its files at their offsets, and ends as it does. --fd names a descriptor\n"
    "that cannot be opened again, such as a pipe, and what stands for it "
    "then:\n"
    "a path, or our own of that number.\n"
    "\n"
    "  --every MS      until it ends: FILE.000001, FILE.000002 and so on\n"
    "  --keep N        of these, the last: 3\n"
    "  --same-pid      with the number it had\n"
    "  --criu PROGRAM  threads, and all children, by CRIU; its number is "
    "printed\n"
    "\n"
    "Examples:\n"
    "  homenode save 4711 /var/tmp/image --fd 0\n"
    "  homenode recover /var/tmp/image --fd 0=/dev/null\n"
    "  homenode save 4711 /var/tmp/image --every 60000 --keep 2\n";

static int do_serve(int count, char **arguments)
{
    struct serve_options options;
    return options_serve(count, arguments, &options) < 0 ? USAGE
                                                         : serve(&options);
}

static int do_run(int count, char **arguments)
{
    struct run_options options;
    bool attach = strcmp(arguments[0], "attach") == 0;
    return options_run(count, arguments, attach, &options) < 0 ? USAGE
                                                               : run(&options);
}

static int do_ctl(int count, char **arguments)
{
    char line[LINE_BYTES] = "";
    for (int i = 2; i < count; i++) {
        size_t bytes = strlen(line);
        snprintf(line + bytes, sizeof line - bytes, "%s%s", i > 2 ? " " : "",
                 arguments[i]);
    }
    if (count < 3) {
        say("say a socket and a command: homenode ctl /tmp/c status");
        return USAGE;
    }
    return control_ask(arguments[1], line);
}

static int do_save(int count, char **arguments)
{
    struct file_options options;
    return options_files(count, arguments, &options) < 0 ? USAGE
                                                         : files_save(&options);
}

static int do_recover(int count, char **arguments)
{
    struct file_options options;
    return options_files(count, arguments, &options) < 0
               ? USAGE
               : files_recover(&options);
}

static bool asks_for_help(const char *word)
{
    return word && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
}

int main(int count, char **arguments)
{
    static const struct
    {
        const char *name;
        int (*run)(int count, char **arguments);
        const char *help;
    } verbs[] = {
        {"serve", do_serve, help_serve}, {"run", do_run, help_run},
        {"attach", do_run, help_run},    {"ctl", do_ctl, help_ctl},
        {"save", do_save, help_files},   {"recover", do_recover, help_files}};
    if (count < 2 || asks_for_help(arguments[1])) {
        fputs(help_all, count < 2 ? stderr : stdout);
        return count < 2 ? USAGE : EXIT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(arguments[1], verbs[i].name) != 0)
            continue;
        if (asks_for_help(arguments[2])) {
            fputs(verbs[i].help, stdout);
            return EXIT_SUCCESS;
        }
        return verbs[i].run(count - 1, arguments + 1);
    }
    say("%s: no such command, see homenode --help", arguments[1]);
    return USAGE;
}
