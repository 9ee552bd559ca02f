/* test_dispatcher.c - `vencejo` as a user meets it. */
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../suite.h"
#include "run.h"

static struct run result;

static bool says(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static void every_command_has_help_with_an_example(void)
{
    const char *commands[] = {"vencejo --help", "vencejo help",
                              "vencejo policy --help", "vencejo help policy"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        run(&result, false, commands[i]);
        CU_ASSERT_EQUAL(result.exit_code, 0);
        CU_ASSERT_STRING_EQUAL(result.err, "");
        CU_ASSERT(says(result.out, "Usage: vencejo "));
        CU_ASSERT(says(result.out, "Examples:\n  vencejo "));
    }
}

static void help_lists_the_commands(void)
{
    run(&result, false, "vencejo help");
    CU_ASSERT(says(result.out, "\n  sim "));
    CU_ASSERT(says(result.out, "\n  trace "));
    CU_ASSERT(says(result.out, "\n  policy "));
}

static void no_command_is_a_usage_error(void)
{
    run(&result, false, "vencejo");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "Commands:"));
}

static void an_unknown_command_exits_2_with_the_nearest_name(void)
{
    run(&result, false, "vencejo polcy list");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "polcy"));
    CU_ASSERT(says(result.err, "did you mean policy?"));
    run(&result, false, "vencejo zzzzzzzz");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "`vencejo help` lists them"));
    run(&result, false, "vencejo help polcy");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "did you mean policy?"));
}

static void an_unknown_option_exits_2(void)
{
    run(&result, false, "vencejo --colour policy list");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "--colour"));
}

static void options_after_the_command_belong_to_the_command(void)
{
    run(&result, false, "vencejo policy list --json");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT_EQUAL(result.out[0], '[');
}

static void the_exit_code_of_the_command_is_kept(void)
{
    run(&result, false, "vencejo policy show");
    CU_ASSERT_EQUAL(result.exit_code, 2);
}

/* The program beside vencejo wins over PATH, so that a build tree never runs
 * what is installed; what is only in PATH is found too. */
static void programs_are_found_beside_it_and_then_in_path(void)
{
    run(&result, false,
        "dir=$(mktemp -d) && trap 'rm -r $dir' EXIT && "
        "for name in policy extra; do"
        "  printf '#!/bin/sh\\necho from path: $*\\n' >$dir/vencejo-$name;"
        "  chmod +x $dir/vencejo-$name; "
        "done; "
        "PATH=$dir:$PATH; vencejo extra a b; vencejo policy --version");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT(says(result.out, "from path: a b\nvencejo-policy "));
}

/* "vencejo 0.1.0 (6e28711aabbc-dirty)" */
static void the_version_names_a_commit(void)
{
    run(&result, false, "vencejo --version");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    const char *commit = strchr(result.out, '(');
    CU_ASSERT_PTR_NOT_NULL_FATAL(commit);
    commit++;
    if (strncmp(commit, "unknown)", 8) == 0)
        return;
    size_t digit_count = strspn(commit, "0123456789abcdef");
    CU_ASSERT(digit_count >= 12);
    const char *rest = commit + digit_count;
    CU_ASSERT(strcmp(rest, ")\n") == 0 || strcmp(rest, "-dirty)\n") == 0);
}

static void all_programs_name_the_same_version(void)
{
    run(&result, false,
        "test \"$(vencejo --version)\" = "
        "\"$(vencejo-policy --version | sed s/-policy//)\"");
    CU_ASSERT_EQUAL(result.exit_code, 0);
}

SUITE_MAIN("dispatcher",
           {"every command has help with an example",
            every_command_has_help_with_an_example},
           {"help lists the commands", help_lists_the_commands},
           {"no command is a usage error", no_command_is_a_usage_error},
           {"an unknown command exits 2 with the nearest name",
            an_unknown_command_exits_2_with_the_nearest_name},
           {"an unknown option exits 2", an_unknown_option_exits_2},
           {"options after the command belong to the command",
            options_after_the_command_belong_to_the_command},
           {"the exit code of the command is kept",
            the_exit_code_of_the_command_is_kept},
           {"programs are found beside it and then in PATH",
            programs_are_found_beside_it_and_then_in_path},
           {"the version names a commit", the_version_names_a_commit},
           {"all programs name the same version",
            all_programs_name_the_same_version})
