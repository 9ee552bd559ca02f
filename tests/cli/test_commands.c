/* test_commands.c - what every command of every program keeps to. A program
 * that this build leaves out (no SimGrid, no vencejo-sim) is left out here too.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "run.h"

enum { COMMAND_BYTES_MAX = 256 };

static struct run result;

static const char *const commands[] = {
    "policy",     "sim",        "sim run",       "sim compare",
    "sim check",  "sim replay", "sim export",    "sim timeline",
    "trace",      "trace info", "trace convert", "trace record",
    "trace synth"};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static bool is_built(const char *command)
{
    char path[PATH_MAX];
    int program_length = (int)strcspn(command, " ");
    const char *bin = getenv("BIN");
    snprintf(path, sizeof path, "%s/vencejo-%.*s", bin ? bin : "",
             program_length, command);
    return access(path, X_OK) == 0;
}

/* Run `vencejo COMMAND REST` for every command; false at their end. */
static bool run_next(size_t *index, const char *rest)
{
    while (*index < COMMAND_COUNT && !is_built(commands[*index]))
        ++*index;
    if (*index == COMMAND_COUNT)
        return false;
    char command[COMMAND_BYTES_MAX];
    snprintf(command, sizeof command, "vencejo %s %s", commands[*index], rest);
    run(&result, false, command);
    ++*index;
    return true;
}

static bool says(const char *text, const char *part)
{
    bool found = strstr(text, part) != NULL;
    if (!found)
        printf("\n    `%s` is not in:\n%s", part, text);
    return found;
}

static void help_exits_0_and_shows_an_example(void)
{
    for (size_t i = 0; run_next(&i, "--help");) {
        CU_ASSERT_EQUAL(result.exit_code, 0);
        CU_ASSERT_STRING_EQUAL(result.err, "");
        CU_ASSERT(says(result.out, "Usage: vencejo "));
        CU_ASSERT(says(result.out, "Example"));
        CU_ASSERT(says(result.out, "\n  vencejo "));
    }
}

static void an_unknown_option_exits_2_and_is_named(void)
{
    for (size_t i = 0; run_next(&i, "--nonsuch");) {
        CU_ASSERT_EQUAL(result.exit_code, 2);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        CU_ASSERT(says(result.err, "--nonsuch"));
    }
}

static void too_few_arguments_are_a_usage_error(void)
{
    for (size_t i = 0; run_next(&i, "");) {
        CU_ASSERT_EQUAL(result.exit_code, 2);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        CU_ASSERT(says(result.err, "help"));
    }
}

static void a_file_that_is_not_there_exits_2_with_its_name(void)
{
    const char *readers[] = {"sim run",     "sim compare",
                             "sim check",   "sim replay",
                             "trace info",  "sim export -f paje -o x",
                             "sim timeline"};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (!is_built(readers[i]))
            continue;
        char command[COMMAND_BYTES_MAX];
        snprintf(command, sizeof command, "vencejo %s nowhere/file.x",
                 readers[i]);
        run(&result, false, command);
        CU_ASSERT_EQUAL(result.exit_code, 2);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        CU_ASSERT(says(result.err, "nowhere/file.x"));
    }
}

static void a_full_disk_is_an_error(void)
{
    for (size_t i = 0; run_next(&i, "--help >/dev/full");) {
        CU_ASSERT_EQUAL(result.exit_code, 1);
        CU_ASSERT(says(result.err, "standard output"));
    }
}

static void every_program_says_its_version(void)
{
    const char *programs[] = {"policy", "sim", "trace"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (!is_built(programs[i]))
            continue;
        char command[COMMAND_BYTES_MAX];
        snprintf(command, sizeof command,
                 "test \"$(vencejo --version)\" = "
                 "\"$(vencejo %s --version | sed s/-%s//)\"",
                 programs[i], programs[i]);
        run(&result, false, command);
        CU_ASSERT_EQUAL(result.exit_code, 0);
    }
}

SUITE_MAIN("commands",
           {"help exits 0 and shows an example",
            help_exits_0_and_shows_an_example},
           {"an unknown option exits 2 and is named",
            an_unknown_option_exits_2_and_is_named},
           {"too few arguments are a usage error",
            too_few_arguments_are_a_usage_error},
           {"a file that is not there exits 2 with its name",
            a_file_that_is_not_there_exits_2_with_its_name},
           {"a full disk is an error", a_full_disk_is_an_error},
           {"every program says its version", every_program_says_its_version})
