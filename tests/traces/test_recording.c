/* test_recording.c - trees of processes whose lives are known.
 *
 * The program is its own subject: with arguments it is one of those processes.
 */
#include "../../traces/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../traces/workload.h"
#include "../suite.h"

static const char self[] = "/proc/self/exe";
static struct complaint complaint;

/* ---- What the processes do --------------------------------------------- */

static double own_cpu_s(void)
{
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (double)cpu.tv_sec + (double)cpu.tv_nsec * 1e-9;
}

static void burn(double until_s)
{
    while (own_cpu_s() < until_s)
        continue;
}

/* Burn so much CPU, then say by getrusage how much it was. */
static int busy(const char *seconds, const char *path)
{
    struct rusage usage;
    burn(strtod(seconds, NULL));
    FILE *file = fopen(path, "w");
    getrusage(RUSAGE_SELF, &usage);
    if (!file)
        return 1;
    fprintf(
        file, "%.6f\n",
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
            (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6);
    return fclose(file) ? 1 : 0;
}

static void *burn_in_thread(void *room)
{
    struct timespec begin;
    struct timespec now;
    (void)room;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((double)(now.tv_sec - begin.tv_sec) +
               (double)(now.tv_nsec - begin.tv_nsec) * 1e-9 <
           0.1);
    return NULL;
}

static void *end_after_others(void *room)
{
    pthread_t *ids = room;
    for (int i = 0; i < 4; i++)
        pthread_join(ids[i], NULL);
    _exit(0);
}

/* Four threads of 0.1 s, and one that ends them all long after the first
 * thread, that of main, has. */
static int threads(void)
{
    static pthread_t ids[5];
    for (int i = 0; i < 4; i++)
        if (pthread_create(&ids[i], NULL, burn_in_thread, NULL))
            return 1;
    if (pthread_create(&ids[4], NULL, end_after_others, ids))
        return 1;
    pthread_exit(NULL);
}

static void *exec_in_thread(void *room)
{
    (void)room;
    execl("/bin/sh", "sh", "-c", "exit 5", (char *)NULL);
    return NULL;
}

static int exec_from_thread(void)
{
    pthread_t id;
    if (pthread_create(&id, NULL, exec_in_thread, NULL))
        return 1;
    pthread_join(id, NULL);
    return 1;
}

/* So many reads of 1000 bytes, and one write of 777 if there are any. */
static int transfer(int read_count)
{
    char bytes[1000];
    int in = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < read_count; i++)
        if (read(in, bytes, sizeof bytes) != sizeof bytes)
            return 1;
    return read_count == 0 || write(out, bytes, 777) == 777 ? 0 : 1;
}

static int hold_memory(void)
{
    enum { HELD_BYTES = 64 << 20 };
    char *held = malloc(HELD_BYTES);
    if (!held)
        return 1;
    for (size_t i = 0; i < HELD_BYTES; i += 4096)
        ((volatile char *)held)[i] = 1;
    free(held);
    return 0;
}

enum { STORM_PARENTS = 8, STORM_CHILDREN = 250 };

static int fork_children(void)
{
    for (int i = 0; i < STORM_CHILDREN; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        /* Half are waited for, half end as they like. */
        if (pid < 0 || (i % 2 == 0 && waitpid(pid, NULL, 0) != pid))
            return 1;
    }
    while (wait(NULL) > 0)
        continue;
    return 0;
}

/* Several parents at once, so that stops come in any order. */
static int fork_storm(void)
{
    for (int i = 0; i < STORM_PARENTS; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(fork_children());
        if (pid < 0)
            return 1;
    }
    int status;
    while (wait(&status) > 0)
        if (status != 0)
            return 1;
    return 0;
}

static int be_subject(char **arguments)
{
    if (strcmp(arguments[0], "busy") == 0)
        return busy(arguments[1], arguments[2]);
    if (strcmp(arguments[0], "threads") == 0)
        return threads();
    if (strcmp(arguments[0], "exec-from-thread") == 0)
        return exec_from_thread();
    if (strcmp(arguments[0], "transfer") == 0)
        return transfer(5000);
    if (strcmp(arguments[0], "nothing") == 0)
        return transfer(0);
    if (strcmp(arguments[0], "memory") == 0)
        return hold_memory();
    if (strcmp(arguments[0], "storm") == 0)
        return fork_storm();
    return 99;
}

/* ---- Tests -------------------------------------------------------------- */

static struct recording record(const char *const *command)
{
    struct recording recording = {0};
    CU_ASSERT_EQUAL_FATAL(
        recording_run((char *const *)command, &recording, &complaint), 0);
    CU_ASSERT_FATAL(recording.count > 0);
    for (size_t i = 0; i < recording.count; i++) {
        const struct life *life = &recording.lives[i];
        CU_ASSERT(life->has_ended && life->has_figures);
        CU_ASSERT(life->start_ns <= life->end_ns &&
                  life->end_ns <= recording.length_ns);
        CU_ASSERT(i == 0 ? life->parent == LIFE_NONE : life->parent < i);
    }
    return recording;
}

static struct recording record_shell(const char *script)
{
    const char *const command[] = {"/bin/sh", "-c", script, NULL};
    return record(command);
}

static struct recording record_self(const char *what)
{
    const char *const command[] = {self, what, NULL};
    return record(command);
}

static void a_tree_is_recorded_whole(void)
{
    /* sh forks for each: a subshell with two programs, then a third. */
    struct recording r = record_shell(
        "(/bin/true; /bin/false; exit 3); /bin/sleep 0.02; exit 4");
    CU_ASSERT_EQUAL_FATAL(r.count, 5);
    CU_ASSERT_EQUAL(WEXITSTATUS(r.lives[0].status), 4);
    CU_ASSERT_EQUAL(r.lives[1].parent, 0);
    CU_ASSERT_EQUAL(WEXITSTATUS(r.lives[1].status), 3);
    CU_ASSERT_EQUAL(r.lives[1].exec_ns, LIFE_UNKNOWN);
    CU_ASSERT_EQUAL(r.lives[2].parent, 1);
    CU_ASSERT_STRING_EQUAL(r.lives[2].name, "true");
    CU_ASSERT_EQUAL(r.lives[3].parent, 1);
    CU_ASSERT_STRING_EQUAL(r.lives[3].name, "false");
    CU_ASSERT_EQUAL(WEXITSTATUS(r.lives[3].status), 1);
    CU_ASSERT_EQUAL(r.lives[4].parent, 0);
    CU_ASSERT(r.lives[4].end_ns - r.lives[4].start_ns >= 20000000);
    recording_finish(&r);
}

static void cpu_time_agrees_with_getrusage(void)
{
    char path[64];
    double usage_s = 0;
    snprintf(path, sizeof path, "busy_%d.txt", (int)getpid());
    const char *const command[] = {self, "busy", "0.4", path, NULL};
    struct recording r = record(command);
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fscanf(file, "%lf", &usage_s), 1);
    fclose(file);
    unlink(path);
    double cpu_s = (double)r.lives[0].cpu_ns * 1e-9;
    CU_ASSERT(usage_s >= 0.4);
    /* After getrusage it only closes a file and exits. */
    CU_ASSERT(usage_s - 0.0001 <= cpu_s && cpu_s <= usage_s + 0.02);
    recording_finish(&r);
}

static void cpu_time_is_without_children(void)
{
    char script[256];
    snprintf(script, sizeof script,
             "/proc/%d/exe busy 0.3 /dev/null; /bin/true", (int)getpid());
    struct recording r = record_shell(script);
    CU_ASSERT_EQUAL_FATAL(r.count, 3);
    CU_ASSERT(r.lives[0].cpu_ns < 100000000);
    CU_ASSERT(r.lives[1].cpu_ns >= 300000000);
    recording_finish(&r);
}

static void threads_count_for_their_process(void)
{
    struct recording r = record_self("threads");
    CU_ASSERT_EQUAL_FATAL(r.count, 1);
    CU_ASSERT_EQUAL(r.lives[0].thread_count, 6);
    CU_ASSERT(r.lives[0].cpu_ns >= 400000000);
    CU_ASSERT(r.lives[0].cpu_ns <= 600000000);
    CU_ASSERT_EQUAL(r.lives[0].status, 0);
    recording_finish(&r);
}

static void exec_from_a_thread_keeps_the_process(void)
{
    struct recording r = record_self("exec-from-thread");
    CU_ASSERT_EQUAL_FATAL(r.count, 1);
    CU_ASSERT_EQUAL(WEXITSTATUS(r.lives[0].status), 5);
    CU_ASSERT_STRING_EQUAL(r.lives[0].name, "sh");
    recording_finish(&r);
}

static void bytes_are_a_process_own(void)
{
    /* What the dynamic linker reads is the same for both; a sanitizer reads a
     * little more or less each time. */
    struct recording nothing = record_self("nothing");
    struct recording one = record_self("transfer");
    double read =
        (double)one.lives[0].read_bytes - (double)nothing.lives[0].read_bytes;
    CU_ASSERT_DOUBLE_EQUAL(read, 5000000, 10000);
    CU_ASSERT(one.lives[0].read_calls >= 5000);
    CU_ASSERT_EQUAL(one.lives[0].write_bytes, 777);
    recording_finish(&nothing);
    recording_finish(&one);

    char script[256];
    snprintf(script, sizeof script,
             "/proc/%d/exe transfer; /proc/%d/exe transfer; exit 0",
             (int)getpid(), (int)getpid());
    struct recording r = record_shell(script);
    CU_ASSERT_EQUAL_FATAL(r.count, 3);
    CU_ASSERT_EQUAL(r.lives[0].write_bytes, 0);
    CU_ASSERT_EQUAL(r.lives[2].write_bytes, 777);
    recording_finish(&r);
}

static void peak_memory_is_seen_after_it_was_freed(void)
{
    struct recording r = record_self("memory");
    CU_ASSERT(r.lives[0].peak_bytes != LIFE_UNKNOWN);
    CU_ASSERT(r.lives[0].peak_bytes >= 64 << 20);
    recording_finish(&r);
}

static void a_storm_of_forks_loses_and_doubles_nobody(void)
{
    struct recording r = record_self("storm");
    size_t child_counts[STORM_PARENTS + 1] = {0};
    uint32_t parents[STORM_PARENTS + 1] = {0};
    size_t parent_count = 0;
    CU_ASSERT_EQUAL_FATAL(r.count, 1 + STORM_PARENTS * (1 + STORM_CHILDREN));
    CU_ASSERT_EQUAL(r.lives[0].status, 0);
    for (uint32_t i = 1; i < r.count; i++) {
        if (r.lives[i].parent == 0 && parent_count < STORM_PARENTS)
            parents[parent_count++] = i;
        for (size_t j = 0; j < parent_count; j++)
            child_counts[j] += r.lives[i].parent == parents[j];
    }
    CU_ASSERT_EQUAL(parent_count, STORM_PARENTS);
    for (size_t j = 0; j < STORM_PARENTS; j++)
        CU_ASSERT_EQUAL(child_counts[j], STORM_CHILDREN);
    recording_finish(&r);
}

static void users_come_from_the_environment_of_programs(void)
{
    struct recording r = record_shell(
        "VENCEJO_USER=7 /bin/sh -c '/bin/true; (exit 0); exit 0';"
        "VENCEJO_USER=seven /bin/true; /bin/true");
    CU_ASSERT_EQUAL_FATAL(r.count, 6);
    CU_ASSERT_EQUAL(r.lives[0].user, LIFE_NONE);
    CU_ASSERT_EQUAL(r.lives[1].user, 7);
    CU_ASSERT_EQUAL(r.lives[2].user, 7);
    CU_ASSERT_EQUAL(r.lives[3].user, 7);
    CU_ASSERT_EQUAL(r.lives[4].user, LIFE_NONE);
    CU_ASSERT_EQUAL(r.lives[5].uid, getuid());
    recording_finish(&r);
}

static void a_killed_process_has_its_signal_and_figures(void)
{
    struct recording r =
        record_shell("/bin/sleep 5 & sleep 0.05; kill -9 $!; wait; exit 0");
    CU_ASSERT_EQUAL_FATAL(r.count, 3);
    CU_ASSERT(WIFSIGNALED(r.lives[1].status));
    CU_ASSERT_EQUAL(WTERMSIG(r.lives[1].status), SIGKILL);
    CU_ASSERT(r.lives[1].end_ns - r.lives[1].start_ns < 4000000000);
    recording_finish(&r);
}

static void stopped_processes_stay_stopped_and_go_on(void)
{
    /* sh sees its child stop only if the stop is real. */
    struct recording r = record_shell(
        "/bin/sh -c 'kill -STOP $$; exit 6' & "
        "sleep 0.1; state=$(cut -d' ' -f3 /proc/$!/stat); "
        "kill -CONT $!; wait $!; code=$?; "
        "[ \"$state\" = t ] || [ \"$state\" = T ] && exit $code");
    CU_ASSERT_EQUAL(WEXITSTATUS(r.lives[0].status), 6);
    recording_finish(&r);
}

static void signals_to_the_recorder_reach_the_command(void)
{
    pid_t recorder = getpid();
    pid_t sender = fork();
    if (sender == 0) {
        usleep(200000);
        kill(recorder, SIGTERM);
        _exit(0);
    }
    struct recording r = record_shell(
        "trap 'exit 9' TERM; "
        "while :; do sleep 0.02; done");
    CU_ASSERT_EQUAL(WEXITSTATUS(r.lives[0].status), 9);
    recording_finish(&r);
}

static void a_command_that_is_not_there_is_an_error(void)
{
    struct recording r = {0};
    char *const command[] = {"/no/such/program", NULL};
    CU_ASSERT_EQUAL(recording_run(command, &r, &complaint), -ENOENT);
    CU_ASSERT_STRING_EQUAL(complaint.file, "/no/such/program");
    CU_ASSERT_PTR_NULL(r.lives);
}

static struct life life_of(uint32_t parent, uint64_t start, uint64_t end)
{
    return (struct life){
        .parent = parent, .start_ns = start, .end_ns = end, .has_ended = true};
}

/* make (0) runs a shell (1) with a compiler (2) that leaves a daemon (3); then
 * a linker (4) beside them; then a last one (5) with a child (6). */
static void ties_follow_the_rule(void)
{
    struct life lives[] = {
        life_of(LIFE_NONE, 0, 100), life_of(0, 1, 20),  life_of(1, 2, 10),
        life_of(2, 3, 40),          life_of(0, 15, 30), life_of(0, 50, 70),
        life_of(5, 55, 60),
    };
    struct recording r = {.lives = lives, .count = 7};
    CU_ASSERT_EQUAL_FATAL(recording_tie(&r), 0);
    CU_ASSERT_EQUAL(lives[0].after, LIFE_NONE);
    CU_ASSERT_EQUAL(lives[1].after, LIFE_NONE);
    CU_ASSERT_EQUAL(lives[2].after, LIFE_NONE);
    /* When 4 began, the subtree of 1 still lived. */
    CU_ASSERT_EQUAL(lives[4].after, LIFE_NONE);
    /* The subtree of 1 ended last, and in it 3, at 40. */
    CU_ASSERT_EQUAL(lives[5].after, 3);
    CU_ASSERT_EQUAL(lives[5].think_ns, 10);
    /* Without an ended sibling: what its parent waited for. */
    CU_ASSERT_EQUAL(lives[6].after, 3);
    CU_ASSERT_EQUAL(lives[6].think_ns, 15);
}

static void what_is_recorded_reads_as_a_workload(void)
{
    char path[64];
    char tsv[64];
    snprintf(path, sizeof path, "rec_%d.swf.zst", (int)getpid());
    snprintf(tsv, sizeof tsv, "rec_%d.tsv.zst", (int)getpid());
    struct recording r = record_shell(
        "/bin/true; VENCEJO_USER=2 /bin/false; "
        "exit 1");
    CU_ASSERT_EQUAL_FATAL(recording_tie(&r), 0);
    CU_ASSERT_EQUAL_FATAL(recording_write(&r, "a test", path, &complaint), 0);

    struct workload_options options = workload_options_default();
    struct workload w = {0};
    CU_ASSERT_EQUAL_FATAL(workload_read(path, &options, &w, &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(w.count, 3);
    CU_ASSERT(w.has_cpu && w.has_mem && w.has_io && w.has_after);
    /* Dates of a trace count from its first row. */
    uint64_t first_us = r.lives[0].start_ns / 1000;
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(w.jobs[i].submit_us + first_us,
                        r.lives[i].start_ns / 1000);
        CU_ASSERT_EQUAL(w.jobs[i].cpu_us, r.lives[i].cpu_ns / 1000);
        CU_ASSERT_EQUAL(w.jobs[i].mem_bytes, r.lives[i].peak_bytes);
        CU_ASSERT_EQUAL(w.jobs[i].read_bytes, r.lives[i].read_bytes);
        CU_ASSERT_EQUAL(w.jobs[i].width, 1);
    }
    CU_ASSERT_EQUAL(w.jobs[2].user, 2);
    CU_ASSERT_EQUAL(w.jobs[2].after, 1);
    /* The end of 1 plus the think time is the submission of 2, to the us. */
    CU_ASSERT_EQUAL(
        w.jobs[1].submit_us + w.jobs[1].runtime_us + w.jobs[2].think_us,
        w.jobs[2].submit_us);
    workload_finish(&w);
    recording_finish(&r);
    unlink(path);
    unlink(tsv);
}

static int run(void)
{
    CU_TestInfo tests[] = {
        {"a tree is recorded whole", a_tree_is_recorded_whole},
        {"CPU time agrees with getrusage", cpu_time_agrees_with_getrusage},
        {"CPU time is without children", cpu_time_is_without_children},
        {"threads count for their process", threads_count_for_their_process},
        {"exec from a thread keeps the process",
         exec_from_a_thread_keeps_the_process},
        {"bytes are a process's own", bytes_are_a_process_own},
        {"peak memory is seen after it was freed",
         peak_memory_is_seen_after_it_was_freed},
        {"a storm of forks loses and doubles nobody",
         a_storm_of_forks_loses_and_doubles_nobody},
        {"users come from the environment of programs",
         users_come_from_the_environment_of_programs},
        {"a killed process has its signal and figures",
         a_killed_process_has_its_signal_and_figures},
        {"stopped processes stay stopped and go on",
         stopped_processes_stay_stopped_and_go_on},
        {"signals to the recorder reach the command",
         signals_to_the_recorder_reach_the_command},
        {"a command that is not there is an error",
         a_command_that_is_not_there_is_an_error},
        {"ties follow the rule", ties_follow_the_rule},
        {"what is recorded reads as a workload",
         what_is_recorded_reads_as_a_workload},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"recording", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return EXIT_FAILURE;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    int failed = CU_get_number_of_failures() > 0;
    CU_cleanup_registry();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return run();
    /* Leak checkers, which run at exit, cannot work in who is traced. */
    _exit(be_subject(argv + 1));
}
