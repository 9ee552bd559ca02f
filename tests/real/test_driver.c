/* test_driver.c - the command line of homenode: what it refuses and with which
 * exit status, checkpoints in a row, and a rule that holds. */
#include "../suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 1, USAGE = 2, RIGHT = 3, REFUSED = 3, COMMAND_BYTES = 4096 };

struct place
{
    char folder[64];
};

static struct place make_place(void)
{
    struct place p = {"/tmp/vencejo-driver-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p.folder));
    return p;
}

/* By the shell, in the folder, with $H for homenode and $S for the subject. */
static int shell(const struct place *p, const char *script)
{
    char command[COMMAND_BYTES];
    int status;
    snprintf(command, sizeof command,
             "cd %s && H=%s/homenode S=%s/subject && { %s ; } 2>>errors "
             ">>said </dev/null",
             p->folder, getenv("BIN"), getenv("BIN"), script);
    pid_t pid = fork();
    if (pid == 0) {
        closefrom(STDERR_FILENO + 1);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void remove_place(const struct place *p)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", p->folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static void mistakes_are_usage(void)
{
    static const char *const mistakes[] = {
        "$H",
        "$H fly",
        "$H serve",
        "$H run",
        "$H run --mode sideways -- true",
        "$H run --lease 0 -- true",
        "$H attach --rule rule 1",
        "$H run --child 0 -- true",
        "$H run --children old -- true",
        "$H save 1",
        "$H save zero image",
        "$H save $$ image --keep 0",
        "$H save $$ image --every 100 --criu criu",
        "echo raed / >rule; $H run --rule rule -- true",
        "$H run --rule nowhere -- true",
    };
    struct place p = make_place();
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        CU_ASSERT_EQUAL(shell(&p, mistakes[i]), USAGE);
    }
    CU_ASSERT_EQUAL(shell(&p, "grep -q 'rule:1:1: no such word' errors"), 0);
    remove_place(&p);
}

static void help_has_examples(void)
{
    static const char *const verbs[] = {"serve", "run",  "attach",
                                        "ctl",   "save", "recover"};
    struct place p = make_place();
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        char script[128];
        snprintf(script, sizeof script, "$H %s --help | grep -q Examples",
                 verbs[i]);
        CU_ASSERT_EQUAL(shell(&p, script), 0);
    }
    remove_place(&p);
}

static void a_program_ends_as_it_would(void)
{
    struct place p = make_place();
    CU_ASSERT_EQUAL(shell(&p, "$H run -- sh -c 'exit 7'"), 7);
    CU_ASSERT_EQUAL(shell(&p, "$H run -- sh -c 'kill -9 $$'"), 128 + 9);
    CU_ASSERT_EQUAL(shell(&p, "$H run -- ./nowhere"), 127);
    remove_place(&p);
}

/* Two of at least three are left, and the last of them goes on and ends as the
 * program itself did. */
static void the_last_checkpoints_are_kept(void)
{
    struct place p = make_place();
    CU_ASSERT_EQUAL(shell(&p,
                          "$S compute 400 out & "
                          "until [ -s out ]; do sleep 0.01; done; "
                          "$H save $! $PWD/image --every 20 --keep 2; "
                          "saved=$?; wait $!; [ $? = 3 ] && exit $saved"),
                    0);
    CU_ASSERT_EQUAL(shell(&p, "[ $(ls image.* | wc -l) = 2 ]"), 0);
    CU_ASSERT_EQUAL(shell(&p, "! [ -e image.000001 ] && cp out right"), 0);
    CU_ASSERT_EQUAL(shell(&p, "$H recover $(ls image.* | tail -n 1)"), RIGHT);
    /* It appends; the last line depends on all that was computed before. */
    CU_ASSERT_EQUAL(shell(&p,
                          "[ $(wc -l <out) -gt $(wc -l <right) ] && "
                          "[ \"$(tail -n 1 out)\" = "
                          "\"$(tail -n 1 right)\" ]"),
                    0);
    remove_place(&p);
}

/* As it stands there; the program is right whether it could move or not. */
static void the_example_of_the_readme_works(void)
{
    struct place p = make_place();
    CU_ASSERT_EQUAL(
        shell(&p,
              "awk '/^## /{mine = /Move a real/} /^```/{on = /```sh/; next} "
              "mine && on' $SOURCE/README.md >example && [ -s example ] && "
              "PATH=$BIN:$PATH sh -eu example"),
        0);
    CU_ASSERT_EQUAL(shell(&p,
                          "seq 500000 | cksum >right && "
                          "gunzip -c numbers.gz | cksum | cmp - right"),
                    0);
    CU_ASSERT_EQUAL(shell(&p, "grep -q '\"moves\": [01],' report.json"), 0);
    remove_place(&p);
}

static void a_rule_holds_the_program(void)
{
    struct place p = make_place();
    if (shell(&p, "echo read / >any; $H run --rule any -- true") == RIGHT) {
        printf("(skipped: this kernel cannot keep a rule) ");
        remove_place(&p);
        return;
    }
    CU_ASSERT_EQUAL(shell(&p,
                          "printf 'execute /\\nwrite /dev\\n' >rule; "
                          "$H run --rule rule -- cat /etc/passwd "
                          ">/dev/null"),
                    0);
    CU_ASSERT_EQUAL(shell(&p, "$H run --rule rule -- touch made"), FAILED);
    CU_ASSERT_EQUAL(shell(&p, "! [ -e made ]"), 0);
    CU_ASSERT_EQUAL(shell(&p, "$H run -- touch made"), 0);
    CU_ASSERT_EQUAL(shell(&p,
                          "printf 'read /\\n' >none; "
                          "$H run --rule none -- true"),
                    126);
    remove_place(&p);
}

/* The body of one would be the other's memory. */
static void who_shares_all_memory_is_not_saved(void)
{
    struct place p = make_place();
    CU_ASSERT_EQUAL(shell(&p,
                          "$S vforked 700 out & parent=$!; "
                          "while ! [ -s out ]; do sleep 0.02; done; "
                          "$H save $(cat out) image; child=$?; "
                          "wait $parent; [ $? = 3 ] && "
                          "! [ -e image ] && exit $child"),
                    REFUSED);
    CU_ASSERT_EQUAL(
        shell(&p, "grep -q 'it writes memory that it shares' errors"), 0);
    remove_place(&p);
}

/* A shell that waits for one that computes: this one's child moves, too. */
static void children_move_as_well(void)
{
    struct place p = make_place();
    int status = shell(
        &p,
        "$H serve --listen 127.0.0.1:0 >at & server=$!; "
        "while ! grep -q listening at; do sleep 0.02; done; "
        "$H run --host $(cut -d' ' -f2 at) --away --children 0 --report r "
        "-- sh -c \"sh -c '$S compute 2000 out; exit 5'; exit \\$?\"; "
        "ended=$?; kill $server; wait $server; exit $ended");
    if (geteuid() != 0 && status != 5)
        printf("(skipped: this user may not) ");
    else
        CU_ASSERT_EQUAL(status, 5);
    /* r, its child's and that one's. */
    if (geteuid() == 0) {
        CU_ASSERT_EQUAL(shell(&p, "[ $(ls r r.* | wc -l) = 3 ]"), 0);
        CU_ASSERT_EQUAL(shell(&p, "grep -q '\"moves\": [1-9]' r.*.*"), 0);
    }
    CU_ASSERT_EQUAL(shell(&p, "$S compute 2000 right; cmp out right"), 0);
    remove_place(&p);
}

/* Of the first program six parts, of what it becomes one. */
static void what_was_used_before_exec_counts(void)
{
    struct place p = make_place();
    if (geteuid() != 0) {
        printf("(skipped: for root) ");
        remove_place(&p);
        return;
    }
    CU_ASSERT_EQUAL(
        shell(&p,
              "count='i=0; while [ $i -lt $n ]; do i=$((i+1)); done'; "
              "$H serve --listen 127.0.0.1:0 >at & server=$!; "
              "while ! grep -q listening at; do sleep 0.02; done; "
              "$H run --host $(cut -d' ' -f2 at) --away --report both -- "
              "sh -c \"n=900000; $count; n=150000 exec sh -c '$count'\"; "
              "n=150000 $H run --host $(cut -d' ' -f2 at) --away "
              "--report last -- sh -c \"$count\"; "
              "kill $server; wait $server; true"),
        0);
    CU_ASSERT_EQUAL(
        shell(&p,
              "away() { sed -n 's/.*away_cpu_us\": *\\([0-9]*\\).*/\\1/p' "
              "$1; }; [ $(away both) -gt $(($(away last) * 3)) ]"),
        0);
    remove_place(&p);
}

/* A host with a control socket, and a run that is there. */
#define GUEST(command)                                                 \
    "$H serve --listen 127.0.0.1:0 --lease 1000 --control host >at & " \
    "server=$!; sleep 0.5; "                                           \
    "$H run --host $(cut -d' ' -f2 at) --lease 1000 --control run "    \
    "--report report -- " command                                      \
    " & run=$!; sleep 0.3; "                                           \
    "$H ctl run move 0 || exit 20; sleep 0.2; "
#define GUEST_ENDS(status)          \
    "wait $run; [ $? = " #status    \
    " ] || exit 30; kill $server; " \
    "wait $server || exit 31; true "

/* For longer than its lease; then it goes on as if nothing had been. */
static void a_host_freezes_its_guests(void)
{
    struct place p = make_place();
    CU_ASSERT_EQUAL(shell(&p, "$S compute 300 right; [ $? = 3 ]"), 0);
    CU_ASSERT_EQUAL(
        shell(&p,
              GUEST("$S compute 300 out") "$H ctl host freeze || exit 21; "
                                          "sleep 0.2; before=$(wc -l <out); "
                                          "sleep 2; [ $before = $(wc -l <out) "
                                          "] || exit 22; "
                                          "[ $before -lt 300 ] || exit 23; "
                                          "$H ctl host thaw || exit "
                                          "24; " GUEST_ENDS(
                                              3) "&& cmp out right"),
        0);
    remove_place(&p);
}

#define COUNTS                                          \
    "sh -c 'trap \"echo signal >>signals\" USR1; i=0; " \
    "while [ $i -lt 1500000 ]; do i=$((i+1)); done; exit 9'"

/* A signal waits until it is thawed. */
static void a_signal_waits_for_the_thaw(void)
{
    struct place p = make_place();
    CU_ASSERT_EQUAL(
        shell(&p, GUEST(COUNTS) "$H ctl host freeze || exit 21; sleep 0.2; "
                                "kill -USR1 $($H ctl run status | grep ^pid | "
                                "cut -d' ' -f2); "
                                "sleep 0.5; [ -e signals ] && exit 22; "
                                "$H ctl host thaw || exit 24; sleep 0.5; "
                                "[ \"$(cat signals)\" = signal ] || exit "
                                "25; " GUEST_ENDS(9)),
        0);
    remove_place(&p);
}

/* Its home calls it back: there it runs, whoever froze it. */
static void one_that_is_frozen_comes_home(void)
{
    struct place p = make_place();
    CU_ASSERT_EQUAL(
        shell(&p,
              GUEST(COUNTS) "$H ctl host freeze || exit 21; sleep 0.2; "
                            "$H ctl run move home || exit 22; " GUEST_ENDS(9)),
        0);
    remove_place(&p);
}

SUITE_MAIN("driver",
           {"mistakes are usage", mistakes_are_usage},
           {"help has examples", help_has_examples},
           {"a program ends as it would", a_program_ends_as_it_would},
           {"the last checkpoints are kept", the_last_checkpoints_are_kept},
           {"the example of the README works", the_example_of_the_readme_works},
           {"a rule holds the program", a_rule_holds_the_program},
           {"who shares all memory is not saved",
            who_shares_all_memory_is_not_saved},
           {"children move as well", children_move_as_well},
           {"what was used before exec counts",
            what_was_used_before_exec_counts},
           {"a host freezes its guests", a_host_freezes_its_guests},
           {"a signal waits for the thaw", a_signal_waits_for_the_thaw},
           {"one that is frozen comes home", one_that_is_frozen_comes_home})
