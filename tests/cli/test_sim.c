/* test_sim.c - `vencejo sim` as a user meets it: what it prints, in which form,
 * and what it leaves in files. What the numbers should be is tested elsewhere.
 */
#include <assert.h>
#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../suite.h"
#include "run.h"

enum { COMMAND_BYTES_MAX = 1024 };

static struct run result;

/* Six processes at once on one of three nodes. */
static const char tiny[] =
    "vencejo: 1\n"
    "name: tiny\n"
    "seed: 7\n"
    "clusters:\n"
    "  lab: {nodes: 3, cores: 1, speed: 1.0, memory: 512 MiB, swap: 1 GiB,\n"
    "        link: {bandwidth: 1 Gbps, latency: 50 us}}\n"
    "migration: {mode: precopy, fixed: 50 ms}\n"
    "workload:\n"
    "  batch: {count: 6, cpu: 20 s, memory: 20 MiB, home: 0}\n"
    "policies:\n"
    "  - gossip_vector: {size: 2, period: 1 s}\n"
    "  - balance_mosix\n";

/* A command line in a folder of its own that holds tiny.yaml. */
static void run_there(const char *command)
{
    char folder[] = "/tmp/vencejo-sim-XXXXXX";
    char line[COMMAND_BYTES_MAX];
    char *made = mkdtemp(folder);
    assert(made);
    snprintf(line, sizeof line, "%s/tiny.yaml", folder);
    FILE *file = fopen(line, "w");
    assert(file);
    fputs(tiny, file);
    fclose(file);
    snprintf(line, sizeof line, "cd %s && trap 'rm -r %s' EXIT\n%s", folder,
             folder, command);
    run(&result, false, line);
}

static bool says(const char *text, const char *part)
{
    bool found = strstr(text, part) != NULL;
    if (!found)
        printf("\n    `%s` is not in:\n%s", part, text);
    return found;
}

static double number_at(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    CU_ASSERT(json_is_number(value));
    return json_number_value(value);
}

static const char *text_at(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    CU_ASSERT_PTR_NOT_NULL(text);
    return text ? text : "";
}

static void run_prints_json_with_scenario_seed_commit_and_metrics(void)
{
    run_there("vencejo sim run tiny.yaml --json");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT_STRING_EQUAL(result.err, "");
    json_t *all = json_loads(result.out, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    CU_ASSERT_STRING_EQUAL(text_at(all, "scenario"), "tiny");
    CU_ASSERT_EQUAL(number_at(all, "seed"), 7);
    CU_ASSERT(strlen(text_at(all, "commit")) >= 7);
    json_t *metrics = json_object_get(all, "metrics");
    CU_ASSERT_EQUAL(number_at(metrics, "processes"), 6);
    CU_ASSERT(number_at(metrics, "mean_slowdown") >= 1);
    CU_ASSERT(number_at(metrics, "p95_slowdown") >= 1);
    CU_ASSERT(number_at(metrics, "mean_response_s") >= 20);
    /* 120 s of work on three nodes. */
    CU_ASSERT(number_at(metrics, "makespan_s") >= 40);
    CU_ASSERT(number_at(metrics, "migrations") >= 0);
    json_decref(all);
}

/* Six processes of 20 s share one node when nothing moves them: all end at
 * 120 s, by processor sharing. */
static void set_changes_the_scenario(void)
{
    run_there("vencejo sim run tiny.yaml --json --set 'policies=[]'");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    json_t *all = json_loads(result.out, 0, NULL);
    json_t *metrics = json_object_get(all, "metrics");
    CU_ASSERT_DOUBLE_EQUAL(number_at(metrics, "makespan_s"), 120, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(number_at(metrics, "mean_response_s"), 120, 1e-6);
    CU_ASSERT_EQUAL(number_at(metrics, "migrations"), 0);
    json_decref(all);
}

static void seed_is_the_one_of_the_command_line(void)
{
    run_there("vencejo sim run tiny.yaml --json --seed 42");
    json_t *all = json_loads(result.out, 0, NULL);
    CU_ASSERT_EQUAL(number_at(all, "seed"), 42);
    json_decref(all);
}

static void a_saved_scenario_repeats_its_run(void)
{
    run_there(
        "vencejo sim run tiny.yaml --seed 42 --out a >/dev/null && "
        "grep -qx 'seed: 42' a/scenario.yaml && "
        "vencejo sim run a/scenario.yaml --out b >/dev/null && "
        "cmp a/metrics.json b/metrics.json && "
        "cmp a/scenario.yaml b/scenario.yaml");
    CU_ASSERT_EQUAL(result.exit_code, 0);
}

/* Without one no reason is made and no start is told: nothing that counts. */
static void a_journal_changes_no_metric(void)
{
    run_there(
        "vencejo sim run tiny.yaml --by-size 1s >a\n"
        "vencejo sim run tiny.yaml --by-size 1s --out d --journal >b\n"
        "vencejo sim run tiny.yaml --by-size 1s --out f "
        "--journal=full >c\n"
        "cmp a b && cmp b c && grep migrations a && "
        "zstd -dcq d/journal.tsv.zst | grep 'balance_mosix: '");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT_PTR_NULL(strstr(result.out, "migrations\t0"));
    CU_ASSERT(says(result.out, "balance_mosix: load"));
}

/* With a second cluster and a queue, who is where is followed, by starts too.
 */
static void a_journal_changes_no_metric_of_a_grid(void)
{
    run_there(
        "sed -i 's/^migration:/  field: {nodes: 3}\\nwan: [{between: [lab, "
        "field], bandwidth: 1 Gbps, latency: 1 ms}]\\n&/' tiny.yaml\n"
        "echo '  - queue_fifo' >>tiny.yaml\n"
        "vencejo sim run tiny.yaml >a\n"
        "vencejo sim run tiny.yaml --out d --journal >b\n"
        "vencejo sim run tiny.yaml --out f --journal=full >c\n"
        "cmp a b && cmp b c && cat a");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT(says(result.out, "\ngrid_guests\t"));
    CU_ASSERT(says(result.out, "\nforeign_throughput\t"));
    CU_ASSERT(says(result.out, "\nmean_queue_wait_s\t"));
    CU_ASSERT_PTR_NULL(strstr(result.out, "reclaim"));
}

static void piped_output_is_tsv_without_colour(void)
{
    run_there("vencejo sim run tiny.yaml");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT(says(result.out, "mean_slowdown\t"));
    CU_ASSERT_PTR_NULL(strchr(result.out, '\033'));
    CU_ASSERT_STRING_EQUAL(result.err, "");
    run_there(
        "vencejo sim compare tiny.yaml --seeds 2 --policies place_home "
        "--policies gossip_vector,balance_mosix | awk -F '\\t' "
        "'{if (NR == 1) n = NF; if (n < 2 || NF != n) exit 1}'");
    CU_ASSERT_EQUAL(result.exit_code, 0);
}

static void compare_prints_json_with_differences_to_the_first(void)
{
    run_there(
        "vencejo sim compare tiny.yaml --json --seeds 3 --policies place_home "
        "--policies gossip_vector:size=2,balance_mosix");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT_STRING_EQUAL(result.err, "");
    json_t *all = json_loads(result.out, 0, NULL);
    json_t *stacks = json_object_get(all, "stacks");
    CU_ASSERT_EQUAL_FATAL(json_array_size(stacks), 2);
    json_t *first = json_array_get(stacks, 0);
    json_t *second = json_array_get(stacks, 1);
    CU_ASSERT(says(text_at(first, "policies"), "place_home"));
    CU_ASSERT(says(text_at(second, "policies"), "balance_mosix"));
    CU_ASSERT_PTR_NULL(json_object_get(first, "difference"));
    const char *metric = "mean_response_s";
    json_t *before = json_object_get(json_object_get(first, "metrics"), metric);
    json_t *after = json_object_get(json_object_get(second, "metrics"), metric);
    json_t *difference =
        json_object_get(json_object_get(second, "difference"), metric);
    CU_ASSERT_DOUBLE_EQUAL(number_at(before, "mean"), 120, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(number_at(difference, "mean"),
                           number_at(after, "mean") - number_at(before, "mean"),
                           1e-6);
    CU_ASSERT(json_is_boolean(json_object_get(difference, "significant")));
    json_decref(all);
}

static void jobs_do_not_change_a_byte(void)
{
    run_there(
        "for j in 1 2; do vencejo sim compare tiny.yaml --seeds 4 -j $j "
        "--policies place_home --policies gossip_vector,balance_mosix --json "
        ">$j.json || exit; done; cmp 1.json 2.json");
    CU_ASSERT_EQUAL(result.exit_code, 0);
}

static void what_check_prints_is_the_same_scenario_again(void)
{
    run_there(
        "vencejo sim check tiny.yaml >once.yaml && "
        "vencejo sim check once.yaml >twice.yaml && cmp once.yaml twice.yaml "
        "&& vencejo sim run tiny.yaml --json >a && "
        "vencejo sim run once.yaml --json >b && cmp a b");
    CU_ASSERT_EQUAL(result.exit_code, 0);
}

static void loads_need_something_to_scale(void)
{
    run_there("vencejo sim compare tiny.yaml --seeds 2 --loads 0.5,0.9");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "tiny.yaml: --loads: this workload has no"));
    const char *lists[] = {"''", ",", "0"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char command[COMMAND_BYTES_MAX / 2];
        snprintf(command, sizeof command,
                 "vencejo sim compare tiny.yaml --loads %s", lists[i]);
        run_there(command);
        CU_ASSERT_EQUAL(result.exit_code, 2);
        CU_ASSERT(says(result.err, "--loads"));
    }
}

/* A home that is no node, and a platform that is none. */
static void check_refuses_what_run_refuses(void)
{
    run_there(
        "printf 'submit,cpu,partition\\n0,5,9\\n' >t.csv\n"
        "vencejo sim check tiny.yaml --set "
        "'workload={trace: {file: t.csv, home: partition}}'");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "t.csv: home: "));
    run_there(
        "printf '<platform version=\"4.1\"/>' >p.xml\n"
        "sed -i -e '/^  lab:/d' -e '/link:/d' "
        "-e 's/^clusters:/platform: p.xml/' tiny.yaml\n"
        "vencejo sim check tiny.yaml");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "p.xml"));
}

/* What an engine cannot heed must not pass in silence; the file is right. */
static void what_cannot_be_carried_out_is_refused(void)
{
    const char *keys = "--set engine=simgrid --set 'freeze={space: 1 GiB}'";
    const struct
    {
        const char *command;
        bool prints;
    } rows[] = {{"run", false}, {"compare --seeds 1", false}, {"check", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[400];
        snprintf(command, sizeof command, "vencejo sim %s tiny.yaml %s",
                 rows[i].command, keys);
        run_there(command);
        CU_ASSERT_EQUAL(result.exit_code, 3);
        CU_ASSERT(
            says(result.err, "engine: simgrid does not model freeze: space"));
        CU_ASSERT_EQUAL(strstr(result.out, "space: 1 GiB") != NULL,
                        rows[i].prints);
    }
}

/* Bytes that a trace has were not assumed. */
static void what_a_trace_measured_is_said(void)
{
    const char *run =
        "vencejo sim run tiny.yaml --json --set "
        "'workload={trace: {file: ../t.csv}}'";
    const char *some = "where no bytes were measured";
    const struct
    {
        const char *rows;
        bool measured;
        bool some;
    } traces[] = {{"submit,cpu,read\\n0,5,9\\n1,5,9", true, false},
                  {"submit,cpu,read\\n0,5,9\\n1,5,", true, true},
                  {"submit,cpu\\n0,5", false, false}};
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        char command[COMMAND_BYTES_MAX / 2];
        snprintf(command, sizeof command,
                 "printf '%s\\n' >t.csv; mkdir a; mv tiny.yaml a; cd a; %s",
                 traces[i].rows, run);
        run_there(command);
        CU_ASSERT_EQUAL(result.exit_code, 0);
        CU_ASSERT(says(result.out, "measured: arrivals, CPU time of ../t.csv"));
        CU_ASSERT_EQUAL(
            strstr(result.out,
                   "measured: bytes read and written of ../t.csv") != NULL,
            traces[i].measured);
        CU_ASSERT_EQUAL(strstr(result.out, some) != NULL, traces[i].some);
        CU_ASSERT_EQUAL(
            strstr(result.out, "calls/s of CPU (process: calls)") != NULL,
            traces[i].measured && !traces[i].some);
    }
}

/* Each migration and remote start is a flow; the first bytes are those of the
 * format. */
static void exports_have_the_moves_of_the_journal(void)
{
    run_there(
        "vencejo sim run tiny.yaml --out d --journal >/dev/null\n"
        "vencejo sim export d/journal.tsv.zst --format chrome -o d/run.json\n"
        "vencejo sim export d/journal.tsv.zst -f paje --out d/run.trace\n"
        "head -n 1 d/run.trace | cut -c 1-14 >&2\n"
        "grep -c '^11 ' d/run.trace >&2\n"
        "zstd -dcq d/journal.tsv.zst | grep -c '[[:space:]]moved' >&2\n"
        "cat d/run.json");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    unsigned links = 0, moves = 0;
    CU_ASSERT_EQUAL_FATAL(
        sscanf(result.err, "%%EventDef Paje %u %u", &links, &moves), 2);
    json_t *all = json_loads(result.out, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    json_t *events = json_object_get(all, "traceEvents");
    size_t flows = 0;
    for (size_t i = 0; i < json_array_size(events); i++)
        flows += strcmp(text_at(json_array_get(events, i), "ph"), "s") == 0;
    CU_ASSERT(flows > 0);
    CU_ASSERT_EQUAL(flows, moves);
    CU_ASSERT_EQUAL(links, moves);
    json_decref(all);
}

/* Nothing is left where nothing could be written. */
static void what_cannot_be_exported_leaves_nothing(void)
{
    run_there("vencejo sim export tiny.yaml --format paje -o x; echo $?; ls");
    CU_ASSERT(says(result.err, "this is no journal"));
    CU_ASSERT_STRING_EQUAL(result.out, "2\ntiny.yaml\n");
    run_there(
        "vencejo sim run tiny.yaml --out d --journal >/dev/null\n"
        "zstd -dcq d/journal.tsv.zst | head -n -1 >cut; rm -r d\n"
        "vencejo sim export cut --format chrome -o x; echo $?; ls");
    CU_ASSERT(says(result.err, "truncated"));
    CU_ASSERT_STRING_EQUAL(result.out, "2\ncut\ntiny.yaml\n");
    run_there("vencejo sim export cut -f paje -o no/where; echo $?");
    CU_ASSERT(says(result.err, "no/where"));
    CU_ASSERT_STRING_EQUAL(result.out, "1\n");
    run_there("vencejo sim export cut -f vcd -o x");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "chrome or paje"));
    run_there("vencejo sim export cut -f paje");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "--out"));
}

static void a_timeline_is_drawn_with_a_run_or_from_its_journal(void)
{
    run_there(
        "vencejo sim run tiny.yaml --out d --timeline >/dev/null && "
        "vencejo sim timeline d/journal.tsv.zst --out again && "
        "for ending in svg png tsv gp; do "
        "cmp d/timeline.$ending again/timeline.$ending || exit 1; done; "
        "rm d/timeline.*; vencejo sim timeline d/journal.tsv.zst; ls d again");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT_STRING_EQUAL(
        result.out,
        "again:\ntimeline.gp\ntimeline.pdf\ntimeline.png\ntimeline.svg\n"
        "timeline.tsv\n\nd:\njournal.tsv.zst\nmetrics.json\n"
        "scenario.yaml\ntimeline.gp\ntimeline.pdf\ntimeline.png\n"
        "timeline.svg\ntimeline.tsv\n");
    run_there("vencejo sim run tiny.yaml --timeline");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "--out"));
    run_there("vencejo sim timeline tiny.yaml; echo $?; ls");
    CU_ASSERT(says(result.err, "this is no journal"));
    CU_ASSERT_STRING_EQUAL(result.out, "2\ntiny.yaml\n");
}

static void a_wrong_key_names_its_place_and_the_nearest_key(void)
{
    run_there(
        "sed -i s/migration:/migraton:/ tiny.yaml; "
        "vencejo sim run tiny.yaml");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "tiny.yaml:7:1: "));
    CU_ASSERT(says(result.err, "migration"));
}

static void an_unknown_policy_names_the_nearest(void)
{
    run_there(
        "sed -i s/balance_mosix/balance_mosx/ tiny.yaml; "
        "vencejo sim run tiny.yaml");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "tiny.yaml:12:5: "));
    CU_ASSERT(says(result.err, "balance_mosix"));
    run_there("vencejo sim compare tiny.yaml --policies place_hme");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "place_home"));
}

static void a_broken_file_of_any_kind_exits_2(void)
{
    const char *files[] = {": >bad.yaml", "head -c 100 tiny.yaml >bad.yaml",
                           "head -c 5000 /bin/sh >bad.yaml",
                           "yes '- - - -' | head -c 3000000 >bad.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char command[COMMAND_BYTES_MAX / 2];
        snprintf(command, sizeof command, "%s; vencejo sim check bad.yaml",
                 files[i]);
        run_there(command);
        CU_ASSERT_EQUAL(result.exit_code, 2);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        CU_ASSERT(says(result.err, "bad.yaml"));
    }
}

static void a_full_disk_is_an_error(void)
{
    run_there("vencejo sim run tiny.yaml --json >/dev/full");
    CU_ASSERT_EQUAL(result.exit_code, 1);
    CU_ASSERT(result.err[0] != '\0');
}

/* Killed while it writes, a run leaves whole files or none. */
static void an_interrupted_run_leaves_no_half_written_result(void)
{
    run_there(
        "vencejo sim run tiny.yaml --out whole >/dev/null || exit 9\n"
        "for t in 0.01 0.02 0.04 0.08; do\n"
        "  timeout -s KILL $t vencejo sim run tiny.yaml --out out >/dev/null "
        "2>&1\n"
        "  for f in out/*; do\n"
        "    test -e $f || continue\n"
        "    cmp $f whole/${f#out/} || exit 1\n"
        "  done\n"
        "  rm -rf out\n"
        "done");
    CU_ASSERT_EQUAL(result.exit_code, 0);
}

/* Of a scenario that takes so long that nobody waits for its end. */
#define LONG "sed -i 's/cpu: 20 s/cpu: 5000000 s/' tiny.yaml\n"

/* The test ends only when all have gone who could still write. */
static void what_is_terminated_leaves_neither_files_nor_processes(void)
{
    const char *signals[] = {"TERM", "INT", "HUP"};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        char command[COMMAND_BYTES_MAX / 2];
        snprintf(command, sizeof command,
                 LONG
                 "timeout --foreground -s %s 0.3 vencejo sim run tiny.yaml "
                 "--out out --journal=full\n"
                 "test $? = 124 && test -d out && test -z \"$(ls -A out)\"",
                 signals[i]);
        run_there(command);
        CU_ASSERT_EQUAL(result.exit_code, 0);
    }
    time_t began = time(NULL);
    run_there(LONG
              "timeout --foreground -s TERM 0.3 vencejo sim compare tiny.yaml "
              "--seeds 2 -j 2\n"
              "test $? = 124");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT(time(NULL) - began <= 5);
}

SUITE_MAIN(
    "sim",
    {"run prints JSON with scenario, seed, commit and metrics",
     run_prints_json_with_scenario_seed_commit_and_metrics},
    {"--set changes the scenario", set_changes_the_scenario},
    {"--seed is the one of the command line",
     seed_is_the_one_of_the_command_line},
    {"a saved scenario repeats its run", a_saved_scenario_repeats_its_run},
    {"a journal changes no metric", a_journal_changes_no_metric},
    {"a journal changes no metric of a grid",
     a_journal_changes_no_metric_of_a_grid},
    {"piped output is TSV without colour", piped_output_is_tsv_without_colour},
    {"compare prints JSON with differences to the first",
     compare_prints_json_with_differences_to_the_first},
    {"jobs do not change a byte", jobs_do_not_change_a_byte},
    {"what check prints is the same scenario again",
     what_check_prints_is_the_same_scenario_again},
    {"--loads needs something to scale", loads_need_something_to_scale},
    {"check refuses what run refuses", check_refuses_what_run_refuses},
    {"what an engine cannot heed is refused by name, and checked all the same",
     what_cannot_be_carried_out_is_refused},
    {"what a trace measured is said", what_a_trace_measured_is_said},
    {"exports have the moves of the journal",
     exports_have_the_moves_of_the_journal},
    {"what cannot be exported leaves nothing",
     what_cannot_be_exported_leaves_nothing},
    {"a timeline is drawn with a run or from its journal",
     a_timeline_is_drawn_with_a_run_or_from_its_journal},
    {"a wrong key names its place and the nearest key",
     a_wrong_key_names_its_place_and_the_nearest_key},
    {"an unknown policy names the nearest",
     an_unknown_policy_names_the_nearest},
    {"a broken file of any kind exits 2", a_broken_file_of_any_kind_exits_2},
    {"a full disk is an error", a_full_disk_is_an_error},
    {"an interrupted run leaves no half-written result",
     an_interrupted_run_leaves_no_half_written_result},
    {"what is terminated leaves neither files nor processes",
     what_is_terminated_leaves_neither_files_nor_processes})
