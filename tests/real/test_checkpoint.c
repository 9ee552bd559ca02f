/* test_checkpoint.c - a process saved in the middle goes on; and begins again
 * from the file, with the same output to the byte and the same exit status. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"
#include "real/homenode/checkpoint.h"

enum { RIGHT = 3, LINES_MAX = 80, WAIT_MS = 20000 };

static pid_t launch(char *const arguments[], const char *out)
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        int file = out ? open(out, O_WRONLY | O_CREAT | O_APPEND, 0600) : null;
        dup2(null, STDIN_FILENO);
        dup2(file, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        close_range(STDERR_FILENO + 1, ~0U, 0);
        execvp(arguments[0], arguments);
        _exit(127);
    }
    return pid;
}

static pid_t launch_subject(const char *what, const struct place *p)
{
    char program[512];
    char lines[16];
    snprintf(program, sizeof program, "%s/subject", getenv("BIN"));
    snprintf(lines, sizeof lines, "%d", LINES_MAX);
    char *arguments[] = {program, (char *)(uintptr_t)what, lines,
                         (char *)(uintptr_t)p->out, NULL};
    return launch(arguments, NULL);
}

/* The whole file; the caller frees it. */
static char *contents(const char *path)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) < 0)
        return calloc(1, 1);
    char *text = calloc((size_t)status.st_size + 1, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL(read(file, text, (size_t)status.st_size), status.st_size);
    close(file);
    return text;
}

static int count_lines(const char *path)
{
    char *text = contents(path);
    int count = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        count++;
    free(text);
    return count;
}

/* In the middle of its work. */
static void wait_for_lines(const struct place *p, int lines)
{
    for (int ms = 0; ms < WAIT_MS && count_lines(p->out) < lines; ms++)
        usleep(1000);
    CU_ASSERT(count_lines(p->out) >= lines);
}

static int status_of(pid_t pid)
{
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return status;
}

static int save(pid_t pid, const struct place *p, struct complaint *complaint)
{
    struct checkpoint_cost cost;
    int error = checkpoint_save(pid, p->other, NULL, 0, &cost, complaint);
    if (error)
        fprintf(stderr, "%s: %s\n", complaint->file, complaint->text);
    else
        CU_ASSERT(cost.freeze_us > 0);
    return error;
}

/* Saved after some lines, ended, cut back to what was written when it was
 * saved, and begun again: as if nothing had been. */
static void saved_and_begun_again(const char *what)
{
    struct place p = make_place();
    struct complaint complaint = {0};
    pid_t pid = launch_subject(what, &p);
    wait_for_lines(&p, 5);
    CU_ASSERT_EQUAL_FATAL(save(pid, &p, &complaint), 0);
    int status = status_of(pid);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), RIGHT);
    char *whole = contents(p.out);
    CU_ASSERT_EQUAL(count_lines(p.out), LINES_MAX);
    /* Appended lines are written again from where it was. */
    CU_ASSERT_EQUAL(truncate(p.out, 0), 0);
    pid_t again;
    int error = checkpoint_recover(p.other, NULL, 0, false, &again, &complaint);
    if (error)
        fprintf(stderr, "%s: %s\n", complaint.file, complaint.text);
    CU_ASSERT_EQUAL_FATAL(error, 0);
    status = status_of(again);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), RIGHT);
    char *rest = contents(p.out);
    size_t length = strlen(rest);
    CU_ASSERT(length > 0);
    CU_ASSERT(length < strlen(whole));
    CU_ASSERT_STRING_EQUAL(rest, whole + strlen(whole) - length);
    free(rest);
    free(whole);
    remove_place(&p);
}

static void a_computing_process(void)
{
    saved_and_begun_again("compute");
}

static void vector_registers(void)
{
    if (!__builtin_cpu_supports("avx2"))
        return;
    saved_and_begun_again("vectors");
}

static void a_growing_heap(void)
{
    saved_and_begun_again("memory");
}

static void ten_thousand_mappings(void)
{
    saved_and_begun_again("mappings");
}

static void signals_and_timers(void)
{
    saved_and_begun_again("signals");
}

static void hundreds_of_signals_that_wait(void)
{
    saved_and_begun_again("queue");
}

static void a_sleeper(void)
{
    saved_and_begun_again("sleeper");
}

/* Programs that nobody here wrote; each prints something that takes a while. */
static void programs_of_others(void)
{
    char *const programs[][4] = {
        {"awk",
         "BEGIN {for (i = 0; i < 4000000; i++) {s = (s * 31 + i) % 65521; "
         "if (i % 100000 == 0) {print i, s; fflush()}}}",
         NULL},
        {"perl", "-e",
         "$| = 1; for ($i = 0; $i < 6000000; $i++) "
         "{$s = ($s * 31 + $i) % 65521; print \"$i $s\\n\" "
         "if $i % 150000 == 0}",
         NULL},
        {"python3", "-c",
         "import hashlib\nh = b''\nfor i in range(40):\n"
         "    for k in range(20000): h = hashlib.sha256(h).digest()\n"
         "    print(i, h.hex(), flush=True)",
         NULL},
    };
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct place p = make_place();
        struct complaint complaint = {0};
        pid_t pid = launch((char *const *)programs[i], p.out);
        wait_for_lines(&p, 8);
        int error = save(pid, &p, &complaint);
        CU_ASSERT_EQUAL(error, 0);
        int status = status_of(pid);
        CU_ASSERT_EQUAL(status, 0);
        char *whole = contents(p.out);
        pid_t again;
        CU_ASSERT_EQUAL(truncate(p.out, 0), 0);
        if (!error)
            error =
                checkpoint_recover(p.other, NULL, 0, false, &again, &complaint);
        CU_ASSERT_EQUAL(error, 0);
        if (!error)
            CU_ASSERT_EQUAL(status_of(again), 0);
        char *rest = contents(p.out);
        size_t length = strlen(rest);
        CU_ASSERT(length > 0);
        CU_ASSERT(length < strlen(whole));
        CU_ASSERT_STRING_EQUAL(rest, whole + strlen(whole) - length);
        free(rest);
        free(whole);
        remove_place(&p);
    }
}

static void it_has_its_number_again(void)
{
    struct place p = make_place();
    struct complaint complaint = {0};
    pid_t pid = launch_subject("compute", &p);
    pid_t again = 0;
    wait_for_lines(&p, 3);
    CU_ASSERT_EQUAL_FATAL(save(pid, &p, &complaint), 0);
    CU_ASSERT_EQUAL(
        checkpoint_recover(p.other, NULL, 0, true, &again, &complaint),
        -EEXIST);
    kill(pid, SIGKILL);
    status_of(pid);
    int error = checkpoint_recover(p.other, NULL, 0, true, &again, &complaint);
    if (error == -EPERM) {
        remove_place(&p);
        return; /* Only who may choose numbers. */
    }
    CU_ASSERT_EQUAL_FATAL(error, 0);
    CU_ASSERT_EQUAL(again, pid);
    CU_ASSERT_EQUAL(WEXITSTATUS(status_of(again)), RIGHT);
    remove_place(&p);
}

/* ---- What cannot be saved is told, and goes on unharmed. ----------------- */

static void refused(pid_t pid, const char *why)
{
    struct place p = make_place();
    struct complaint complaint = {0};
    struct checkpoint_cost cost;
    int error = checkpoint_save(pid, p.other, NULL, 0, &cost, &complaint);
    CU_ASSERT_EQUAL(error, -EPERM);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, why));
    CU_ASSERT_EQUAL(access(p.other, F_OK), -1);
    CU_ASSERT_EQUAL(kill(pid, 0), 0);
    kill(pid, SIGKILL);
    status_of(pid);
    remove_place(&p);
}

static pid_t fork_idle(bool shares, bool pipes)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int ends[2];
    close_range(STDERR_FILENO + 1, ~0U, 0);
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i <= STDERR_FILENO; i++)
        dup2(null, i);
    if (shares)
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
             0);
    if (pipes && pipe(ends) < 0)
        _exit(1);
    for (;;)
        pause();
}

static void shared_memory_holds_it(void)
{
    pid_t pid = fork_idle(true, false);
    usleep(100000);
    refused(pid, "shares");
}

static void a_pipe_holds_it(void)
{
    pid_t pid = fork_idle(false, true);
    usleep(100000);
    refused(pid, "pipe:");
}

static void nobody_is_there(void)
{
    struct place p = make_place();
    struct complaint complaint = {0};
    struct checkpoint_cost cost;
    pid_t pid = fork_idle(false, false);
    kill(pid, SIGKILL);
    status_of(pid);
    CU_ASSERT_EQUAL(checkpoint_save(pid, p.other, NULL, 0, &cost, &complaint),
                    -ESRCH);
    remove_place(&p);
}

/* ---- Damage. ------------------------------------------------------------- */

static int recover_bytes(const char *bytes, size_t count, const char *path)
{
    struct complaint complaint = {0};
    pid_t pid = 0;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CU_ASSERT_EQUAL(write(file, bytes, count), (ssize_t)count);
    close(file);
    int error = checkpoint_recover(path, NULL, 0, false, &pid, &complaint);
    if (error == 0) {
        kill(pid, SIGKILL);
        status_of(pid);
    }
    CU_ASSERT(error == 0 || strlen(complaint.text) > 0);
    return error;
}

static void a_damaged_file_starts_nothing(void)
{
    enum { CUTS = 40, FLIPS = 60 };
    struct place p = make_place();
    struct complaint complaint = {0};
    pid_t pid = launch_subject("compute", &p);
    wait_for_lines(&p, 2);
    CU_ASSERT_EQUAL_FATAL(save(pid, &p, &complaint), 0);
    kill(pid, SIGKILL);
    status_of(pid);
    struct stat status;
    CU_ASSERT_EQUAL(stat(p.other, &status), 0);
    size_t count = (size_t)status.st_size;
    char *bytes = contents(p.other);
    CU_ASSERT_EQUAL(recover_bytes(bytes, count, p.other), 0);
    for (size_t i = 0; i < CUTS; i++)
        CU_ASSERT_EQUAL(recover_bytes(bytes, count * i / CUTS, p.other),
                        -EBADMSG);
    for (size_t i = 0; i < FLIPS; i++) {
        size_t at = (count - 1) * i / FLIPS;
        bytes[at] ^= (char)(1 << i % 8);
        CU_ASSERT_EQUAL(recover_bytes(bytes, count, p.other), -EBADMSG);
        bytes[at] ^= (char)(1 << i % 8);
    }
    free(bytes);
    remove_place(&p);
}

SUITE_MAIN(
    "checkpoint",
    {"a computing process begins again where it was", a_computing_process},
    {"vector registers are part of it", vector_registers},
    {"a heap that grows goes on growing", a_growing_heap},
    {"ten thousand mappings keep their protections", ten_thousand_mappings},
    {"handlers, masks, pending signals and timers stay", signals_and_timers},
    {"hundreds of signals that wait stay in order",
     hundreds_of_signals_that_wait},
    {"who sleeps until a date wakes then", a_sleeper},
    {"awk, perl and python3 print the same", programs_of_others},
    {"it has its number again, if that is free", it_has_its_number_again},
    {"shared memory holds a process", shared_memory_holds_it},
    {"a pipe holds a process", a_pipe_holds_it},
    {"a process that is gone is told", nobody_is_there},
    {"a damaged or cut file starts nothing", a_damaged_file_starts_nothing})
