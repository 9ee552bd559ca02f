/* trace_record.c - vencejo-trace record: a command and all it starts. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../traces/file.h"
#include "../traces/recording.h"
#include "terminal.h"
#include "trace.h"
#include "trace_input.h"

enum { EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127, EXIT_SIGNAL = 128 };
enum { OPTION_OPEN = 256, OPTION_SYSTEM, OPTION_FOR };

struct request
{
    const char *out;
    char **command; /* Ends with NULL. */
    bool open;      /* No ties. */
    bool quiet;
    bool system;
    uint64_t for_us; /* system: 0: until a signal, or the command's end. */
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "Write FILE, an .swf, .swf.gz or .swf.zst, and the .tsv beside it "
     "(recording.swf)",
     0},
    {"open", OPTION_OPEN, NULL, 0,
     "COMMAND starts its processes by the clock, not when others have ended: "
     "leave fields 17 and 18 empty",
     0},
    {"system", OPTION_SYSTEM, NULL, 0,
     "Record every process of the system that starts meanwhile, not only those "
     "of COMMAND: until it ends, or without it until a signal; needs root",
     0},
    {"for", OPTION_FOR, "TIME", 0, "With --system: so long, such as 10min", 0},
    {"quiet", 'q', NULL, 0, "Say nothing of one's own", 0},
    {0},
};

static const char doc[] =
    "Run COMMAND and write down the life of every process that it starts: "
    "arrival, CPU time, run time, peak memory, bytes read and written, parent, "
    "exit code. Needs no privilege. Exits as COMMAND does, 128 + N if signal N "
    "killed it."
    "\v"
    "The recording ends when all processes have ended, or when a signal comes "
    "after COMMAND itself has. VENCEJO_USER=N in the environment of a program "
    "gives it and its children the user number N in the trace.\n"
    "\n"
    "Example:\n"
    "  vencejo trace record -o list.swf.zst -- sh -c 'ls | sort'\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
        case 'o':
            if (!file_name_ends(argument, ".swf", NULL))
                argp_error(state,
                           "%s: a recording is SWF; end its name in .swf, "
                           ".swf.gz or .swf.zst",
                           argument);
            request->out = argument;
            return 0;
        case OPTION_OPEN:
            request->open = true;
            return 0;
        case OPTION_SYSTEM:
            request->system = true;
            return 0;
        case OPTION_FOR:
            request->for_us = trace_input_us(state, argument);
            return 0;
        case 'q':
            request->quiet = true;
            return 0;
        case ARGP_KEY_ARG:
            request->command = state->argv + state->next - 1;
            state->next = state->argc;
            return 0;
        case ARGP_KEY_NO_ARGS:
            if (!request->system)
                argp_error(state, "no command to record; put it behind --");
            return 0;
        case ARGP_KEY_END:
            if (request->for_us > 0 && !request->system)
                argp_error(state, "--for is for --system");
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

/* For the header: its words, with one space between. */
static char *words_of(char *const *command)
{
    size_t length = 1;
    for (size_t i = 0; command[i]; i++)
        length += strlen(command[i]) + 1;
    char *words = calloc(length, 1);
    for (size_t i = 0; words && command[i]; i++) {
        strcat(words, i > 0 ? " " : "");
        strcat(words, command[i]);
    }
    /* A line of the header is one line. */
    for (char *c = words; c && *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return words;
}

static int exit_code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status)
                             : EXIT_SIGNAL + WTERMSIG(status);
}

static void report(const struct recording *recording, const char *out)
{
    double cpu_s = 0;
    size_t running = 0;
    size_t silent = 0;
    for (size_t i = 0; i < recording->count; i++) {
        const struct life *life = &recording->lives[i];
        cpu_s += (double)life->cpu_ns * 1e-9;
        running += !life->has_ended;
        silent += life->has_ended && !life->has_figures;
    }
    fprintf(stderr,
            "vencejo-trace: %zu processes, %.1f s of CPU in %.1f s: %s\n",
            recording->count, cpu_s, (double)recording->length_ns * 1e-9, out);
    if (running > 0)
        fprintf(stderr,
                "vencejo-trace: %zu still ran at the end of the "
                "recording\n",
                running);
    if (silent > 0)
        fprintf(stderr,
                "vencejo-trace: %zu were killed before they could be "
                "read; their figures are -1\n",
                silent);
}

static int save(struct recording *recording,
                const struct request *request,
                struct complaint *ret_complaint)
{
    static char *const all[] = {(char *)"(the whole system)", NULL};
    char *words = words_of(request->system ? all : request->command);
    int error = words ? 0 : -ENOMEM;
    if (!error && !request->open && !request->system)
        error = recording_tie(recording);
    if (error)
        complain(ret_complaint, error, request->out, 0, 0, "no memory left");
    else
        error = recording_write(recording, words, request->out, ret_complaint);
    free(words);
    return error;
}

static void report_losses(const struct recording_losses *losses)
{
    if (losses->overflows > 0)
        fprintf(stderr,
                "vencejo-trace: %" PRIu64
                " overflows: the recording is incomplete\n",
                losses->overflows);
    if (losses->earlier_count > 0)
        fprintf(stderr,
                "vencejo-trace: %" PRIu64
                " more ended that had begun before; they are left out\n",
                losses->earlier_count);
}

static int record_system(const struct request *request)
{
    struct recording recording = {0};
    struct recording_losses losses;
    struct complaint complaint = {0};
    struct recording_system what = {.for_us = request->for_us,
                                    .argv = request->command};
    int error = recording_system(&what, &recording, &losses, &complaint);
    if (error) {
        terminal_complain(stderr, &complaint);
        return error == -EPERM || error == -EOPNOTSUPP ? EXIT_REFUSED
                                                       : EXIT_FAILED;
    }
    int code = request->command ? exit_code_of(losses.status) : EXIT_RAN;
    if (recording.count == 0) {
        fputs("vencejo-trace: no process was started; nothing is written\n",
              stderr);
        code = EXIT_FAILED;
    } else if (save(&recording, request, &complaint)) {
        terminal_complain(stderr, &complaint);
        code = EXIT_FAILED;
    } else if (!request->quiet) {
        report(&recording, request->out);
    }
    report_losses(&losses); /* Quiet or not: it is about what is missing. */
    recording_finish(&recording);
    return code;
}

int trace_record(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc =
            "-- COMMAND [ARGUMENT...]\n--system [-- COMMAND "
            "[ARGUMENT...]]",
        .doc = doc};
    struct request request = {.out = "recording.swf"};
    struct recording recording = {0};
    struct complaint complaint = {0};
    if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &request))
        return EXIT_BAD_INPUT;

    if (request.system)
        return record_system(&request);
    int error = recording_run(request.command, &recording, &complaint);
    if (error) {
        terminal_complain(stderr, &complaint);
        return error == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
    }
    int code = exit_code_of(recording.lives[0].status);
    if (save(&recording, &request, &complaint)) {
        terminal_complain(stderr, &complaint);
        code = EXIT_FAILED;
    } else if (!request.quiet) {
        report(&recording, request.out);
    }
    recording_finish(&recording);
    return code;
}
