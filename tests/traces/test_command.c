/* test_command.c - vencejo-trace as a user runs it. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../traces/workload.h"
#include "../suite.h"

enum { OUT_BYTES_MAX = 1 << 16 };

static char folder[] = "/tmp/vencejo_trace_XXXXXX";

/* Run a line of shell in a folder of our own, the program as $T; its exit code,
 * and what it wrote if asked for. */
static int sh(const char *line, char *ret_out)
{
    static char out[OUT_BYTES_MAX];
    char command[4096];
    if (access(folder, F_OK) != 0)
        CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    const char *bin = getenv("BIN");
    snprintf(command, sizeof command, "cd %s; T=%s/vencejo-trace; %s", folder,
             bin ? bin : "bin", line);
    FILE *pipe = popen(command, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(pipe);
    size_t count = fread(out, 1, sizeof out - 1, pipe);
    out[count] = '\0';
    if (ret_out)
        strcpy(ret_out, out);
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool is_there(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static void exit_code_of_the_command_is_passed_on(void)
{
    CU_ASSERT_EQUAL(sh("$T record -q -o a.swf -- true", NULL), 0);
    CU_ASSERT_EQUAL(sh("$T record -q -o a.swf -- sh -c 'exit 7'", NULL), 7);
    CU_ASSERT_EQUAL(sh("$T record -q -o a.swf -- sh -c 'kill -9 $$'", NULL),
                    137);
    CU_ASSERT(is_there("a.swf") && is_there("a.tsv"));
    CU_ASSERT_EQUAL(sh("$T record -o n.swf -- /no/such 2>&1", NULL), 127);
    CU_ASSERT(!is_there("n.swf"));
}

static void output_of_the_command_is_left_alone(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(
        sh("echo in | $T record -q -o o.swf -- sh -c 'cat; echo out'", out), 0);
    CU_ASSERT_STRING_EQUAL(out, "in\nout\n");
}

static void a_recording_that_cannot_be_written_is_a_failure(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(sh("$T record -q -o nowhere/a.swf -- true 2>&1", out), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "nowhere/a.tsv: cannot be written"));
}

static void a_killed_recorder_leaves_no_file_and_lets_the_command_run(void)
{
    CU_ASSERT_EQUAL(sh("$T record -q -o k.swf -- sh -c "
                       "'sleep 0.4; : > survived' & "
                       "sleep 0.2; kill -9 $!; sleep 0.6; ls k.* 2>/dev/null",
                       NULL),
                    2);
    CU_ASSERT(is_there("survived"));
}

static void a_signal_ends_the_recording_of_what_the_command_left_behind(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(sh("$T record -q -o d.swf -- sh -c "
                       "'sleep 60 >/dev/null & echo $! > daemon; exit 3' & "
                       "sleep 0.4; kill $!; wait $!; code=$?; "
                       "kill $(cat daemon) && grep -vc '^;' d.swf; exit $code",
                       out),
                    3);
    CU_ASSERT_STRING_EQUAL(out, "2\n");
}

static void signals_reach_the_command(void)
{
    CU_ASSERT_EQUAL(sh("$T record -q -o s.swf -- sh -c "
                       "'trap \"exit 9\" TERM; while :; do sleep 0.02; done' & "
                       "sleep 0.4; kill $!; wait $!",
                       NULL),
                    9);
    CU_ASSERT(is_there("s.swf"));
}

static void the_same_seed_gives_the_same_bytes(void)
{
    CU_ASSERT_EQUAL(sh("$T synth -n 500 -r 2/s -c pareto:100ms:1h:1.1 -u 3 "
                       "-S 4 -o one.swf.zst && cp one.swf.zst first && "
                       "$T synth -n 500 -r 2/s -c pareto:100ms:1h:1.1 -u 3 "
                       "-S 4 -o one.swf.zst && cmp one.swf.zst first",
                       NULL),
                    0);
}

static void load_asked_for_is_load_given(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(sh("$T synth -n 400 -r 1/s -c exponential:3s -o l.swf && "
                       "$T convert --scale-load 70% --cores 10 l.swf m.swf "
                       "2>/dev/null && "
                       "$T info m.swf | awk '$2 == \"cores\" {printf \"%.6f\", "
                       "$3}'",
                       out),
                    0);
    CU_ASSERT_DOUBLE_EQUAL(strtod(out, NULL), 7, 1e-5);
}

static void a_trace_draws_on_another(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(
        sh("printf 'submit,cpu,memory\\n0,2,1048576\\n1,5,2097152\\n' > e.csv;"
           "$T synth -n 300 -l 0.5 -C 4 --cpu-from e.csv --memory-from e.csv "
           "-o e.swf && grep -v '^;' e.swf | awk '{print $6, $7}' | "
           "sort -u | tr '\\n' ';'",
           out),
        0);
    CU_ASSERT_STRING_EQUAL(out, "2 1024;2 2048;5 1024;5 2048;");
}

/* What is converted is read back the same: a second time gives the same rows.
 */
static void grids_and_batsim_become_swf(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(
        sh("S=$SOURCE/tests/traces/samples; $T convert $S/grid.gwf g.swf && $T "
           "convert g.swf g2.swf && grep -v '^;' g.swf >g && grep -v '^;' "
           "g2.swf | cmp - g && wc -l <g && awk '$1 == 3 {print $2, $4, $5, "
           "$6, $7, $16}' g",
           out),
        0);
    CU_ASSERT_STRING_EQUAL(out, "4\n95 30.500000 2 28.250000 4096 2\n");
    CU_ASSERT_EQUAL(
        sh("S=$SOURCE/tests/traces/samples; $T convert --flops 1e9 "
           "$S/batsim.json b.swf && $T convert b.swf b2.swf && grep -v '^;' "
           "b.swf >b && grep -v '^;' b2.swf | cmp - b && awk '{print $1, $2, "
           "$4, $5}' b | tr '\\n' ';'",
           out),
        0);
    CU_ASSERT_STRING_EQUAL(out, "1 0 60 4;2 12.500000 20 1;3 40 120 2;");
    CU_ASSERT_EQUAL(sh("$T convert $SOURCE/tests/traces/samples/batsim.json "
                       "n.swf 2>&1",
                       out),
                    2);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "batsim.json:9:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "--flops"));
}

static void info_speaks_three_languages(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(sh("$T info l.swf | head -2", out), 0);
    CU_ASSERT_STRING_EQUAL(out,
                           "quantity\tstatistic\tvalue\nrows\tcount\t400\n");
    CU_ASSERT_EQUAL(
        sh("$T info --json l.swf | python3 -c 'import json, sys; "
           "v = json.load(sys.stdin); print(v[\"rows\"][\"count\"], "
           "v[\"work_s\"][\"count\"], len(v[\"ages\"]) > 2)'",
           out),
        0);
    CU_ASSERT_STRING_EQUAL(out, "400 400 True\n");
    CU_ASSERT_EQUAL(sh("script -qec \"$T info l.swf\" /dev/null", out), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "Does age t predict remaining life?"));
}

static void a_plot_is_drawn(void)
{
    if (sh("command -v gnuplot >/dev/null", NULL) != 0)
        return;
    CU_ASSERT_EQUAL(sh("$T info --plot p.svg l.swf >/dev/null && "
                       "grep -q '</svg>' p.svg",
                       NULL),
                    0);
}

static void bad_input_is_told_apart_from_failure(void)
{
    char out[OUT_BYTES_MAX];
    CU_ASSERT_EQUAL(sh("echo '1 0 x' > bad.swf; $T info bad.swf 2>&1", out), 2);
    CU_ASSERT_EQUAL(strncmp(out, "bad.swf:1:5: field 3 (wait time)", 32), 0);
    CU_ASSERT_EQUAL(sh(": > empty.swf; $T info empty.swf 2>&1", NULL), 2);
    CU_ASSERT_EQUAL(sh("head -c 99 one.swf.zst > cut.swf.zst; "
                       "$T info cut.swf.zst 2>&1",
                       out),
                    2);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "truncated"));
    CU_ASSERT_EQUAL(sh("$T info 2>&1", NULL), 2);
    CU_ASSERT_EQUAL(sh("$T nonsense 2>&1", NULL), 2);
    CU_ASSERT_EQUAL(sh("$T synth -n 5 -r 1/s -c gauss:1s -o x.swf 2>&1", NULL),
                    2);
    CU_ASSERT_EQUAL(sh("$T info --cut 2h,1h l.swf 2>&1", NULL), 2);
    CU_ASSERT(!is_there("x.swf"));
}

static void the_shipped_traces_are_whole(void)
{
    static const char *const names[] = {"build", "batch"};
    const char *source = getenv("SOURCE");
    for (size_t i = 0; i < 2; i++) {
        char path[4096];
        struct workload_options options = workload_options_default();
        struct complaint complaint = {0};
        struct workload w = {0};
        struct stat status;
        snprintf(path, sizeof path, "%s/traces/data/%s.swf.zst",
                 source ? source : ".", names[i]);
        CU_ASSERT_EQUAL_FATAL(workload_read(path, &options, &w, &complaint), 0);
        CU_ASSERT(300 <= w.count && w.count <= 1500);
        CU_ASSERT(w.skipped_count == 0 && w.bad_count == 0);
        CU_ASSERT(w.has_cpu && w.has_mem && w.has_io);
        CU_ASSERT_EQUAL(w.has_after, i == 0);
        for (size_t j = 0; j < w.count; j++)
            CU_ASSERT(w.jobs[j].cpu_us != JOB_UNKNOWN &&
                      w.jobs[j].mem_bytes != JOB_UNKNOWN &&
                      w.jobs[j].read_bytes != JOB_UNKNOWN);
        CU_ASSERT(stat(path, &status) == 0 && status.st_size < 2 << 20);
        workload_finish(&w);
    }
}

static void clean_up(void)
{
    CU_ASSERT_EQUAL(sh("ls *.tmp 2>/dev/null", NULL), 2);
    CU_ASSERT_EQUAL(sh("cd /; rm -r \"$OLDPWD\"", NULL), 0);
}

SUITE_MAIN("vencejo-trace",
           {"the command's exit code is passed on",
            exit_code_of_the_command_is_passed_on},
           {"output of the command is left alone",
            output_of_the_command_is_left_alone},
           {"a recording that cannot be written is a failure",
            a_recording_that_cannot_be_written_is_a_failure},
           {"a killed recorder leaves no file and lets the command run",
            a_killed_recorder_leaves_no_file_and_lets_the_command_run},
           {"a signal ends the recording of what the command left behind",
            a_signal_ends_the_recording_of_what_the_command_left_behind},
           {"signals reach the command", signals_reach_the_command},
           {"the same seed gives the same bytes",
            the_same_seed_gives_the_same_bytes},
           {"load asked for is load given", load_asked_for_is_load_given},
           {"a trace draws on another", a_trace_draws_on_another},
           {"grids and Batsim become SWF", grids_and_batsim_become_swf},
           {"info speaks three languages", info_speaks_three_languages},
           {"a plot is drawn", a_plot_is_drawn},
           {"bad input is told apart from failure",
            bad_input_is_told_apart_from_failure},
           {"the shipped traces are whole", the_shipped_traces_are_whole},
           {"nothing is left behind", clean_up})
