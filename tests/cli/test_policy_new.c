/* test_policy_new.c - a policy from outside the tree: written, built, run,
 * compared, and refused where it is not what it should be. */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "run.h"

enum { COMMAND_BYTES_MAX = 2048 };

static struct run result;
static const char *const families[] = {"balance", "freeze", "gossip",
                                       "place",   "queue",  "usher"};

/* A command line in an empty folder of its own. */
static int there(const char *command)
{
    char folder[] = "/tmp/vencejo-new-XXXXXX";
    char line[COMMAND_BYTES_MAX];
    char *made = mkdtemp(folder);
    assert(made);
    snprintf(line, sizeof line, "cd %s && trap 'rm -r %s' EXIT\n%s", folder,
             folder, command);
    run(&result, false, line);
    return result.exit_code;
}

static bool says(const char *text, const char *part)
{
    bool found = strstr(text, part) != NULL;
    if (!found)
        printf("\n    `%s` is not in:\n%s", part, text);
    return found;
}

static void a_new_policy_of_each_family_keeps_its_own_test(void)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        char command[COMMAND_BYTES_MAX];
        char path[256];
        snprintf(command, sizeof command,
                 "vencejo policy new mine --family %s --dir sub/dir && sh "
                 "sub/dir/test_%s_mine.sh",
                 families[i], families[i]);
        CU_ASSERT_EQUAL(there(command), 0);
        CU_ASSERT_STRING_EQUAL(result.err, "");
        snprintf(path, sizeof path, "sub/dir/%s_mine.so\n", families[i]);
        CU_ASSERT(says(result.out, path));
        CU_ASSERT(says(result.out, "expectations hold\n"));
    }
}

/* Its rule is broken: the other node is no longer looked at. */
static void the_test_of_a_policy_sees_that_its_rule_is_broken(void)
{
    CU_ASSERT_EQUAL(there("vencejo policy new place_mine && sed -i 's/there < "
                          "least/there > least/' place_mine.c && sh "
                          "test_place_mine.sh"),
                    1);
    CU_ASSERT(says(result.out, "remote_starts is 0, not from 1 to 1"));
    CU_ASSERT(says(result.out, "of 2 expectations hold"));
}

static void it_is_compared_with_those_of_the_build(void)
{
    CU_ASSERT_EQUAL(
        there("vencejo policy new place_mine >files && vencejo sim compare "
              "\"$SOURCE\"/scenarios/sixteen.yaml --policy-path . --seeds 2 "
              "--policies place_home --policies "
              "gossip_window,place_mine:least=2 --json"),
        0);
    CU_ASSERT_STRING_EQUAL(result.err, "");
    json_t *all = json_loads(result.out, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    json_t *stack = json_array_get(json_object_get(all, "stacks"), 1);
    const char *policies =
        json_string_value(json_object_get(stack, "policies"));
    CU_ASSERT(says(policies ? policies : "", "place_mine:least=2"));
    json_t *regret = json_object_get(
        json_object_get(json_object_get(stack, "regret"), "makespan_s"),
        "mean");
    CU_ASSERT(json_number_value(regret) >= 1);
    json_decref(all);
}

static void it_is_listed_shown_and_replayed(void)
{
    CU_ASSERT_EQUAL(
        there("vencejo policy new place_mine >files && vencejo policy list "
              "--policy-path . | grep '^place_mine' && vencejo policy show "
              "place_mine --policy-path . && vencejo sim run "
              "\"$SOURCE\"/scenarios/sixteen.yaml --policy-path . --set "
              "'policies=[gossip_window, place_mine]' --out out --journal=full "
              ">run && vencejo sim replay --policy-path . "
              "out/journal.tsv.zst && vencejo sim check --policy-path . "
              "test_place_mine.yaml >checked"),
        0);
    CU_ASSERT(says(result.out, "place_mine\tplace\t1\t"));
    CU_ASSERT(says(result.out, "parameter\tleast\t1\t0\t1000\t"));
    CU_ASSERT(says(result.out, " 0 differences\n"));
}

static void without_the_path_it_is_unknown(void)
{
    CU_ASSERT_EQUAL(there("vencejo policy new place_mine >files && vencejo sim "
                          "run test_place_mine.yaml"),
                    2);
    CU_ASSERT(says(result.err, "place_mine"));
}

/* Each a change to the skeleton by sed, and what is said of it. */
static const struct
{
    const char *change;
    const char *refusal;
} refused[] = {
    {"s/^static void place/#include <time.h>\\n&/; s/uint32_t least = "
     "here/uint32_t least = (uint32_t)time(NULL)/",
     "it calls time, which no policy may"},
    {"s/^static void place/static int count;\\n&/; s/uint32_t least = "
     "here/uint32_t least = here + (uint32_t)count++/",
     "it holds data that can change, in .bss"},
    {"s/^static void place/__attribute__((constructor)) static void "
     "early(void) {__asm__ volatile(\"\");}\\n&/",
     "it has code that runs when it is loaded"},
    {"s/\\.abi = POLICY_ABI/.abi = POLICY_ABI - 1/",
     "it was built for version"},
    {"s/\\.name = \"place_mine\"/.name = \"place_yours\"/",
     "its policy calls itself place_yours"},
    {"s/const struct policy policy_place_mine/const struct policy "
     "policy_other/",
     "it has no `const struct policy policy_place_mine`"},
    {"s/    \\.place = place,//; s/^static void place/"
     "__attribute__((unused)) &/",
     "it has no handler"},
    {"s/0, 1000000, 1000,/0, 10, 1000,/",
     "the fallback of a parameter is not between its limits"},
    {"s/\\.source = \"ours\",//", "it has no summary or no source"},
};

static void what_no_policy_may_do_is_refused_when_it_is_built(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char command[COMMAND_BYTES_MAX];
        snprintf(command, sizeof command,
                 "vencejo policy new place_mine >files && rm place_mine.so && "
                 "sed -i '%s' place_mine.c && vencejo policy build "
                 "place_mine.c; code=$?; ls; exit $code",
                 refused[i].change);
        CU_ASSERT_EQUAL(there(command), 3);
        CU_ASSERT(says(result.err, refused[i].refusal));
        CU_ASSERT_PTR_NULL(strstr(result.out, ".so"));
        CU_ASSERT_PTR_NULL(strstr(result.out, "place_mine.c."));
    }
}

/* The loader does not rely on who built it. */
static void what_others_built_is_looked_at_when_it_is_loaded(void)
{
    CU_ASSERT_EQUAL(
        there("vencejo policy new place_mine >files && vencejo policy header "
              ">policy.h && cc -shared -fPIC -I . -o place_mine.so "
              "place_mine.c && vencejo policy list --policy-path ."),
        2);
    CU_ASSERT(says(result.err, "place_mine.so: it"));
    CU_ASSERT_EQUAL(there("echo nothing >place_mine.so; vencejo sim check "
                          "--policy-path . \"$SOURCE\"/scenarios/sixteen.yaml"),
                    2);
    CU_ASSERT(says(result.err, "place_mine.so: it is no ELF file"));
    CU_ASSERT_EQUAL(there("vencejo policy list --policy-path ."), 2);
    CU_ASSERT(says(result.err, "there is no policy in this folder"));
    CU_ASSERT_EQUAL(there("vencejo policy list --policy-path ./none"), 2);
    CU_ASSERT(says(result.err, "cannot be read"));
}

static void a_truncated_object_is_refused(void)
{
    CU_ASSERT_EQUAL(
        there("vencejo policy new place_mine >files && size=$(stat -c %s "
              "place_mine.so) && mv place_mine.so whole && for part in 1 2 3 4 "
              "5 6 7 8 9; do head -c $((size * part / 10)) whole "
              ">place_mine.so; vencejo policy list --policy-path . >list && "
              "exit 9; done; exit 4"),
        4);
    CU_ASSERT(says(result.err, "place_mine.so: it"));
}

static const struct
{
    const char *command;
    const char *refusal;
} wrong[] = {
    {"new mine", "of which family is mine?"},
    {"new mine --family placement", "placement is no family"},
    {"new place_mine --family usher", "of the family place already"},
    {"new place_Mine", "small letters, digits and _ only"},
    {"new place_", "a name comes behind place_"},
    {"new place_home", "there is a policy place_home already"},
    {"new", "new takes one name"},
    {"build place_mine", "it is no NAME.c"},
    {"build place_mine.c", "it cannot be read"},
    {"list --family place", "--family and --dir are for new"},
    {"make", "none of list, show, new, build and header"},
};

static void wrong_usage_is_said(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char command[COMMAND_BYTES_MAX];
        snprintf(command, sizeof command, "vencejo policy %s",
                 wrong[i].command);
        CU_ASSERT_EQUAL(there(command), 2);
        CU_ASSERT(says(result.err, wrong[i].refusal));
    }
}

static void what_is_there_is_not_overwritten(void)
{
    CU_ASSERT_EQUAL(there("echo mine >test_place_mine.sh; vencejo policy new "
                          "place_mine; code=$?; ls; cat test_place_mine.sh; "
                          "exit $code"),
                    2);
    CU_ASSERT(says(result.err, "test_place_mine.sh: it is there already"));
    CU_ASSERT_STRING_EQUAL(result.out, "test_place_mine.sh\nmine\n");
}

static void what_does_not_compile_leaves_the_object_before(void)
{
    CU_ASSERT_EQUAL(there("vencejo policy new place_mine >files && echo wrong "
                          ">>place_mine.c && vencejo policy build "
                          "place_mine.c; code=$?; ls; exit $code"),
                    2);
    CU_ASSERT(says(result.err, "it does not compile, see above"));
    CU_ASSERT(says(result.out, "place_mine.so"));
    CU_ASSERT_EQUAL(there("CC=no-such-compiler vencejo policy new place_mine"),
                    1);
    CU_ASSERT(says(result.err, "the compiler no-such-compiler cannot be run"));
}

/* Programs alone, with no tree beside them, as when they are installed. */
static void it_works_without_the_tree(void)
{
    CU_ASSERT_EQUAL(
        there(
            "mkdir bin && cp $(command -v vencejo) $(command -v vencejo-sim) "
            "$(command -v vencejo-policy) $(dirname $(command -v "
            "vencejo-sim))/vencejo-net.so bin/ && PATH=$PWD/bin:/usr/bin:/bin "
            "&& vencejo policy new place_mine && sh test_place_mine.sh"),
        0);
    CU_ASSERT(says(result.out, "place_mine: 2 of 2 expectations hold\n"));
}

/* Every function of policy.h, and nothing else of the program. */
static void a_policy_sees_policy_h_and_nothing_else(void)
{
    CU_ASSERT_EQUAL(
        there("for program in vencejo-sim vencejo-policy; do nm -D "
              "--defined-only $(command -v $program) | awk '$2 == \"T\" {print "
              "$3}' | sort >seen; vencejo policy header | tr '\\n' ' ' | grep "
              "-oE '\\b[a-z_0-9]+\\(const struct "
              "|\\b(rng_below|put_[a-z0-9]+|get_[a-z0-9]+)\\(struct' | sed "
              "'s/(.*//' | grep -vxE 'peer_at|node_word_of' | sort -u >wanted; "
              "comm -23 wanted seen; wc -l <seen; done"),
        0);
    CU_ASSERT_STRING_EQUAL(result.err, "");
    CU_ASSERT_PTR_NULL(strstr(result.out, "_"));
}

SUITE_MAIN("policy_new",
           {"A new policy of each family keeps its own test",
            a_new_policy_of_each_family_keeps_its_own_test},
           {"The test of a policy sees that its rule is broken",
            the_test_of_a_policy_sees_that_its_rule_is_broken},
           {"It is compared with those of the build",
            it_is_compared_with_those_of_the_build},
           {"It is listed, shown and replayed",
            it_is_listed_shown_and_replayed},
           {"Without the path it is unknown", without_the_path_it_is_unknown},
           {"What no policy may do is refused when it is built",
            what_no_policy_may_do_is_refused_when_it_is_built},
           {"What others built is looked at when it is loaded",
            what_others_built_is_looked_at_when_it_is_loaded},
           {"A truncated object is refused", a_truncated_object_is_refused},
           {"Wrong usage is said", wrong_usage_is_said},
           {"What is there is not overwritten",
            what_is_there_is_not_overwritten},
           {"What does not compile leaves the object before",
            what_does_not_compile_leaves_the_object_before},
           {"It works without the tree", it_works_without_the_tree},
           {"A policy sees policy.h and nothing else",
            a_policy_sees_policy_h_and_nothing_else})
