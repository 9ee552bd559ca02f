/* recording.c - the loop of the recorder: fork, exec and exit stops. */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "figures.h"

enum { FIRST_ROOM = 1024, PID_COUNT_UNKNOWN = 1 << 22, EVENT_SHIFT = 16 };

static const long trace_options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                                  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                                  PTRACE_O_TRACEEXIT;

/* What is known of a thread id. The stop of a new thread and that of its
 * creator come in any order: it may even be gone before it is named. */
struct thread
{
    uint32_t life; /* 1 + index of the life that it belongs to; 0: none. */
    bool named;    /* Its creator has stopped for it. */
    bool gone;     /* But not named yet. */
};

struct recorder
{
    struct recording recording;
    /* By thread id. Most of it is never touched, so it costs address space, not
     * memory. */
    struct thread *threads;
    size_t thread_room;
    uint64_t began_ns;
    size_t traced_count; /* Threads that have not been waited for. */
    pid_t command;
    bool command_ended;
    bool leaving; /* A signal came after the command's end. */
    int error;    /* The first that makes the recording incomplete. */
};

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct life *life_of(struct recorder *recorder, pid_t thread)
{
    uint32_t life = recorder->threads[thread].life;
    return life ? &recorder->recording.lives[life - 1] : NULL;
}

static uint32_t index_of(const struct recorder *recorder, pid_t thread)
{
    uint32_t life = (size_t)thread < recorder->thread_room
                        ? recorder->threads[thread].life
                        : 0;
    return life ? life - 1 : LIFE_NONE;
}

static void forget(struct recorder *recorder, pid_t thread)
{
    struct thread *entry = &recorder->threads[thread];
    recorder->traced_count--;
    if (entry->named)
        *entry = (struct thread){0};
    else
        entry->gone = true;
}

/* A life begins, as a copy of its parent's program. */
static void begin_life(struct recorder *recorder, pid_t pid, uint32_t parent)
{
    struct recording *recording = &recorder->recording;
    if (recording->count == recording->room) {
        size_t room = recording->room ? recording->room * 2 : FIRST_ROOM;
        struct life *lives =
            reallocarray(recording->lives, room, sizeof *lives);
        if (!lives) {
            recorder->error = -ENOMEM;
            return;
        }
        recording->lives = lives;
        recording->room = room;
    }
    recording->lives[recording->count] = (struct life){
        .pid = pid,
        .parent = parent,
        .uid = parent == LIFE_NONE ? getuid() : recording->lives[parent].uid,
        .user = parent == LIFE_NONE ? LIFE_NONE : recording->lives[parent].user,
        .start_ns = clock_ns() - recorder->began_ns,
        .exec_ns = LIFE_UNKNOWN,
        .peak_bytes = LIFE_UNKNOWN,
        .name = "_",
        .after = LIFE_NONE,
    };
    recorder->threads[pid] =
        (struct thread){.life = (uint32_t)++recording->count};
}

/* A thread stops: make its acquaintance if this is the first that is heard. */
static void meet(struct recorder *recorder, pid_t thread)
{
    struct thread *entry = &recorder->threads[thread];
    pid_t pid;
    pid_t parent_pid;
    if (entry->life != 0 && !entry->gone)
        return;
    *entry = (struct thread){0};
    recorder->traced_count++;
    if (figures_read_parent(thread, &pid, &parent_pid))
        begin_life(recorder, thread, LIFE_NONE); /* Killed at birth. */
    else if (pid != thread)
        entry->life = recorder->threads[pid].life;
    else
        begin_life(recorder, thread, index_of(recorder, parent_pid));
}

/* A creator stops for a child that has been met: the parent in /proc may be
 * another, by CLONE_PARENT or an orphan's new one. */
static void name_met(struct recorder *recorder, pid_t child, uint32_t parent)
{
    struct thread *entry = &recorder->threads[child];
    struct life *life = life_of(recorder, child);
    if (life->pid == child)
        life->parent = parent;
    entry->named = true;
    if (entry->gone)
        *entry = (struct thread){0};
}

static void on_fork(struct recorder *recorder, pid_t thread, bool may_be_thread)
{
    unsigned long message;
    if (ptrace(PTRACE_GETEVENTMSG, thread, 0, &message))
        return;
    pid_t child = (pid_t)message;
    uint32_t parent = index_of(recorder, thread);
    if (recorder->threads[child].life != 0) {
        name_met(recorder, child, parent);
        return;
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d",
             (int)recorder->recording.lives[parent].pid, (int)child);
    recorder->traced_count++;
    if (may_be_thread && access(path, F_OK) == 0)
        recorder->threads[child].life = recorder->threads[thread].life;
    else
        begin_life(recorder, child, parent);
    recorder->threads[child].named = true;
}

/* A thread that is not the first of its process takes over the first one's id
 * when it calls exec; all others are gone by then. */
static void on_exec(struct recorder *recorder, pid_t thread)
{
    unsigned long former;
    struct life *life = life_of(recorder, thread);
    if (!ptrace(PTRACE_GETEVENTMSG, thread, 0, &former) &&
        (pid_t)former != thread)
        forget(recorder, (pid_t)former);
    life->exec_ns = clock_ns() - recorder->began_ns;
    figures_read_user(life);
}

static void on_exit_stop(struct recorder *recorder, pid_t thread)
{
    struct life *life = life_of(recorder, thread);
    unsigned long status;
    life->end_ns = clock_ns() - recorder->began_ns;
    if (!ptrace(PTRACE_GETEVENTMSG, thread, 0, &status))
        life->status = (int)status;
    figures_read(life, thread);
}

/* wait(2) tells of the first thread of a process last. */
static void on_gone(struct recorder *recorder, pid_t thread, int status)
{
    struct life *life = life_of(recorder, thread);
    if (!life || recorder->threads[thread].gone)
        return;
    forget(recorder, thread);
    if (thread != life->pid)
        return;
    life->status = status;
    life->has_ended = true;
    if (!life->has_figures)
        life->end_ns = clock_ns() - recorder->began_ns;
    if (thread == recorder->command)
        recorder->command_ended = true;
}

static bool is_stop_signal(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN ||
           signal == SIGTTOU;
}

/* Let it run on, with the signal that it stopped for; one that is stopped by
 * job control stays so, and stays visible to its parent as such. */
static void resume(pid_t thread, int event, int signal)
{
    if (event == PTRACE_EVENT_STOP && is_stop_signal(signal))
        ptrace(PTRACE_LISTEN, thread, 0, 0);
    else
        ptrace(PTRACE_CONT, thread, 0, event ? 0 : (long)signal);
}

static void on_change(struct recorder *recorder, pid_t thread, int status)
{
    if ((size_t)thread >= recorder->thread_room) {
        recorder->error = -ERANGE;
        return;
    }
    if (!WIFSTOPPED(status)) {
        on_gone(recorder, thread, status);
        return;
    }
    meet(recorder, thread);
    int event = status >> EVENT_SHIFT;
    switch (event) {
        case PTRACE_EVENT_FORK:
        case PTRACE_EVENT_VFORK:
        case PTRACE_EVENT_CLONE:
            on_fork(recorder, thread, event == PTRACE_EVENT_CLONE);
            break;
        case PTRACE_EVENT_EXEC:
            on_exec(recorder, thread);
            break;
        case PTRACE_EVENT_EXIT:
            on_exit_stop(recorder, thread);
            break;
    }
    resume(thread, event, WSTOPSIG(status));
}

/* What is sent to the recorder goes on; what a terminal sends to all of its
 * foreground (si_code is the kernel's) has reached the command already. */
static void on_signal(struct recorder *recorder, const siginfo_t *info)
{
    if (info->si_signo == SIGCHLD)
        return;
    if (recorder->command_ended)
        recorder->leaving = true;
    else if (info->si_code <= 0)
        kill(recorder->command, info->si_signo);
}

static void watch(struct recorder *recorder, const sigset_t *signals)
{
    while (recorder->traced_count > 0 && !recorder->leaving &&
           !recorder->error) {
        int status;
        pid_t thread = waitpid(-1, &status, __WALL | WNOHANG);
        if (thread > 0) {
            on_change(recorder, thread, status);
            continue;
        }
        if (thread < 0)
            break;
        siginfo_t info;
        if (sigwaitinfo(signals, &info) > 0)
            on_signal(recorder, &info);
    }
}

/* Those that still run are written as they are now. */
static void close_lives(struct recorder *recorder)
{
    struct recording *recording = &recorder->recording;
    recording->length_ns = clock_ns() - recorder->began_ns;
    for (size_t i = 0; i < recording->count; i++) {
        struct life *life = &recording->lives[i];
        if (life->has_ended)
            continue;
        life->end_ns = recording->length_ns;
        figures_read(life, life->pid);
    }
}

/* In the child: wait until the recorder has hold of it, then become argv; tell
 * why not through the pipe, which exec closes. */
static void become(char *const argv[],
                   const sigset_t *mask,
                   const int go[2],
                   const int why[2])
{
    char byte;
    close(go[1]);
    close(why[0]);
    int error = ECANCELED;
    if (read(go[0], &byte, 1) == 1) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        execvp(argv[0], argv);
        error = errno;
    }
    ssize_t told = write(why[1], &error, sizeof error);
    _exit(told == sizeof error ? 127 : 126);
}

static int complain_of_tracing(struct complaint *complaint, int error)
{
    return complain(complaint, -error, NULL, 0, 0,
                    "cannot trace the command: %s; is ptrace forbidden here "
                    "(sysctl kernel.yama.ptrace_scope 3, a container, or a "
                    "debugger around the recorder)?",
                    strerror(error));
}

static int seize(struct recorder *recorder,
                 pid_t pid,
                 int go,
                 struct complaint *ret_complaint)
{
    if (ptrace(PTRACE_SEIZE, pid, 0, trace_options))
        return complain_of_tracing(ret_complaint, errno);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    recorder->recording.began_s = now.tv_sec;
    recorder->began_ns = clock_ns();
    recorder->command = pid;
    recorder->traced_count = 1;
    begin_life(recorder, pid, LIFE_NONE);
    recorder->threads[pid].named = true;
    if (!recorder->error && write(go, "", 1) != 1)
        recorder->error = -errno;
    return recorder->error;
}

static int start(struct recorder *recorder,
                 char *const argv[],
                 const sigset_t *mask,
                 int *ret_why,
                 struct complaint *ret_complaint)
{
    int go[2];
    int why[2];
    if (pipe2(go, O_CLOEXEC))
        return complain(ret_complaint, -errno, NULL, 0, 0, "no pipe: %s",
                        strerror(errno));
    if (pipe2(why, O_CLOEXEC)) {
        close(go[0]);
        close(go[1]);
        return complain(ret_complaint, -errno, NULL, 0, 0, "no pipe: %s",
                        strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0)
        become(argv, mask, go, why);
    close(go[0]);
    close(why[1]);
    int error = 0;
    if (pid < 0)
        error = complain(ret_complaint, -errno, NULL, 0, 0, "no process: %s",
                         strerror(errno));
    else
        error = seize(recorder, pid, go[1], ret_complaint);
    close(go[1]);
    if (error) {
        close(why[0]);
        if (pid > 0)
            waitpid(pid, NULL, __WALL);
    } else {
        *ret_why = why[0];
    }
    return error;
}

static size_t pid_count(void)
{
    unsigned long count = PID_COUNT_UNKNOWN;
    FILE *file = fopen("/proc/sys/kernel/pid_max", "re");
    if (file && fscanf(file, "%lu", &count) != 1)
        count = PID_COUNT_UNKNOWN;
    if (file)
        fclose(file);
    return count + 1;
}

static int run(struct recorder *recorder,
               char *const argv[],
               struct complaint *ret_complaint)
{
    sigset_t signals;
    sigset_t mask;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGQUIT);
    sigprocmask(SIG_BLOCK, &signals, &mask);

    int why = -1;
    int exec_error = 0;
    int error = start(recorder, argv, &mask, &why, ret_complaint);
    if (!error) {
        watch(recorder, &signals);
        close_lives(recorder);
        if (read(why, &exec_error, sizeof exec_error) == sizeof exec_error)
            error = complain(ret_complaint, -exec_error, argv[0], 0, 0,
                             "cannot be run: %s", strerror(exec_error));
        else if (recorder->error)
            error = complain(ret_complaint, recorder->error, NULL, 0, 0,
                             "the recording broke off: %s",
                             strerror(-recorder->error));
        close(why);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return error;
}

int recording_run(char *const argv[],
                  struct recording *ret_recording,
                  struct complaint *ret_complaint)
{
    struct recorder recorder = {.thread_room = pid_count()};
    recorder.threads = calloc(recorder.thread_room, sizeof *recorder.threads);
    if (!recorder.threads)
        return complain(ret_complaint, -ENOMEM, NULL, 0, 0, "no memory left");
    int error = run(&recorder, argv, ret_complaint);
    free(recorder.threads);
    if (error)
        recording_finish(&recorder.recording);
    else
        *ret_recording = recorder.recording;
    return error;
}

void recording_finish(struct recording *recording)
{
    free(recording->lives);
    *recording = (struct recording){0};
}
