/* recording_system.c - all processes of a system that start in a while. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recording.h"
#include "system_events.h"

enum { BUFFER_BYTES = 16 << 20, BUCKETS_FIRST = 4096, EXEC_FAILED = 127 };

struct system_recorder
{
    struct recording recording;
    struct system_events *events;
    uint32_t *newest; /* By pid, hashed: index + 1 of the newest life; 0. */
    uint32_t *older;  /* By life: the next with its hash, as newest. */
    size_t bucket_count;
    uint64_t began_ns;
    uint64_t earlier_count; /* Ended, and had begun before. */
    bool no_memory;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- Lives by pid. ------------------------------------------------------- */

static size_t bucket_of(const struct system_recorder *r, pid_t pid)
{
    return (size_t)(uint32_t)pid % r->bucket_count;
}

/* The newest of that pid; NULL if it began before. */
static struct life *find(const struct system_recorder *r, pid_t pid)
{
    for (uint32_t at = r->newest[bucket_of(r, pid)]; at; at = r->older[at - 1])
        if (r->recording.lives[at - 1].pid == pid)
            return &r->recording.lives[at - 1];
    return NULL;
}

static void hang(struct system_recorder *r, uint32_t index)
{
    size_t bucket = bucket_of(r, r->recording.lives[index].pid);
    r->older[index] = r->newest[bucket];
    r->newest[bucket] = index + 1;
}

/* Room for one more; twice as many buckets as lives. */
static bool make_room(struct system_recorder *r)
{
    struct recording *recording = &r->recording;
    if (recording->count < recording->room)
        return true;
    size_t room = recording->room ? 2 * recording->room : BUCKETS_FIRST;
    struct life *lives = reallocarray(recording->lives, room, sizeof *lives);
    if (lives)
        recording->lives = lives;
    uint32_t *older = reallocarray(r->older, room, sizeof *older);
    if (older)
        r->older = older;
    uint32_t *newest = calloc(2 * room, sizeof *newest);
    if (!lives || !older || !newest || room > UINT32_MAX / 2) {
        free(newest);
        r->no_memory = true;
        return false;
    }
    free(r->newest);
    r->newest = newest;
    r->bucket_count = 2 * room;
    recording->room = room;
    for (uint32_t i = 0; i < recording->count; i++)
        hang(r, i);
    return true;
}

/* ---- What the kernel says. ----------------------------------------------- */

static uint64_t since_ns(const struct system_recorder *r, uint64_t at_ns)
{
    return at_ns > r->began_ns ? at_ns - r->began_ns : 0;
}

static void begin_life(struct system_recorder *r,
                       const struct system_event *event)
{
    if (!make_room(r))
        return;
    const struct life *parent = find(r, event->parent);
    uint32_t index = (uint32_t)r->recording.count++;
    r->recording.lives[index] = (struct life){
        .pid = event->process,
        .parent = parent ? (uint32_t)(parent - r->recording.lives) : LIFE_NONE,
        .user = LIFE_NONE,
        .start_ns = since_ns(r, event->at_ns),
        .exec_ns = LIFE_UNKNOWN,
        .peak_bytes = LIFE_UNKNOWN,
        .read_calls = LIFE_UNKNOWN,
        .write_calls = LIFE_UNKNOWN,
        .after = LIFE_NONE,
        .name = "?",
    };
    hang(r, index);
}

static void take_event(void *who, const struct system_event *event)
{
    struct system_recorder *r = who;
    if (event->at_ns < r->began_ns)
        return;
    if (event->kind == SYSTEM_FORK) {
        if (event->pid == event->process) /* Else a thread. */
            begin_life(r, event);
        return;
    }
    struct life *life = find(r, event->process);
    if (!life)
        return;
    if (event->kind == SYSTEM_EXEC) {
        life->exec_ns = since_ns(r, event->at_ns);
        return;
    }
    /* It ends with its last thread; its status is that of the first. */
    life->end_ns = since_ns(r, event->at_ns);
    if (event->pid == event->process) {
        life->has_ended = true;
        life->status = event->status;
    }
}

static void add_figures(struct life *life, const struct system_figures *f)
{
    life->has_figures = true;
    life->thread_count++;
    life->cpu_ns += f->cpu_ns;
    life->wait_ns += f->wait_ns;
    life->read_bytes += f->read_bytes;
    life->write_bytes += f->write_bytes;
    life->disk_read_bytes += f->disk_read_bytes;
    life->disk_write_bytes += f->disk_write_bytes;
    if (life->peak_bytes == LIFE_UNKNOWN || life->peak_bytes < f->peak_bytes)
        life->peak_bytes = f->peak_bytes;
    if (f->pid != f->process)
        return;
    life->uid = f->uid;
    for (size_t i = 0; i < LIFE_NAME_BYTES; i++) {
        char c = f->name[i];
        life->name[i] = c == '\0' || (c > ' ' && c < 127) ? c : '_';
    }
    life->name[LIFE_NAME_BYTES - 1] = '\0';
}

static void take_figures(void *who, const struct system_figures *figures)
{
    struct system_recorder *r = who;
    struct life *life = find(r, figures->process);
    if (!life) {
        /* Its start may have come since the events were read. */
        system_events_read(r->events);
        life = find(r, figures->process);
    }
    if (life)
        add_figures(life, figures);
    else if (figures->pid == figures->process)
        r->earlier_count++;
}

static bool read_everything(struct system_recorder *r)
{
    return system_events_read(r->events) && system_figures_read(r->events) &&
           system_events_read(r->events);
}

/* ---- From beginning to end. ---------------------------------------------- */

/* The mask of before goes to the command. */
static pid_t start(char *const *argv, const sigset_t *mask)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    _exit(EXEC_FAILED);
}

/* True once the recording is over. ret_status: of the command. */
static bool is_over(int signals, pid_t command, int *ret_status)
{
    struct signalfd_siginfo signal;
    bool over = false;
    while (read(signals, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo != SIGCHLD)
            over = true;
        else if (command > 0 &&
                 waitpid(command, ret_status, WNOHANG) == command)
            over = true;
    }
    return over;
}

static int poll_ms(const struct system_recorder *r, uint64_t until_ns)
{
    if (until_ns == UINT64_MAX)
        return -1;
    uint64_t now = now_ns();
    (void)r;
    return now >= until_ns ? 0
                           : (int)((until_ns - now) / 1000000 % 1000000) + 1;
}

static int follow(struct system_recorder *r,
                  int signals,
                  pid_t command,
                  uint64_t until_ns,
                  int *ret_status)
{
    struct pollfd fds[] = {
        {.fd = system_events_fd(r->events), .events = POLLIN},
        {.fd = system_figures_fd(r->events), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
    };
    for (bool over = false; !over;) {
        if (poll(fds, 3, poll_ms(r, until_ns)) < 0 && errno != EINTR)
            return -errno;
        over = is_over(signals, command, ret_status) || now_ns() >= until_ns;
        if (!read_everything(r))
            return -EIO;
        if (r->no_memory)
            return -ENOMEM;
    }
    return 0;
}

/* What still runs ends with the recording, as far as that goes. */
static void finish_lives(struct system_recorder *r)
{
    struct recording *recording = &r->recording;
    recording->length_ns = now_ns() - r->began_ns;
    for (size_t i = 0; i < recording->count; i++) {
        struct life *life = &recording->lives[i];
        if (!life->has_ended)
            life->end_ns = recording->length_ns;
        if (life->end_ns < life->start_ns)
            life->end_ns = life->start_ns;
    }
}

static int record(struct system_recorder *r,
                  const struct recording_system *what,
                  struct recording_losses *ret_losses,
                  struct complaint *ret_complaint)
{
    sigset_t before;
    sigset_t wanted;
    pid_t command = 0;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    sigaddset(&wanted, SIGCHLD);
    sigprocmask(SIG_BLOCK, &wanted, &before);
    int signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    int error = signals < 0 ? -errno : 0;
    if (!error && what->argv) {
        command = start(what->argv, &before);
        error = command < 0 ? -errno : 0;
    }
    uint64_t until_ns =
        what->for_us > 0 ? r->began_ns + what->for_us * 1000 : UINT64_MAX;
    if (!error)
        error = follow(r, signals, command, until_ns, &ret_losses->status);
    if (signals >= 0)
        close(signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    ret_losses->overflows = system_events_overflows(r->events);
    ret_losses->earlier_count = r->earlier_count;
    return error ? complain(ret_complaint, error, NULL, 0, 0,
                            "the recording broke off: %s", strerror(-error))
                 : 0;
}

int recording_system(const struct recording_system *what,
                     struct recording *ret_recording,
                     struct recording_losses *ret_losses,
                     struct complaint *ret_complaint)
{
    struct system_recorder r = {.recording.began_s = time(NULL)};
    struct system_listener listener = {take_event, take_figures, &r};
    size_t buffer_bytes =
        what->buffer_bytes > 0 ? what->buffer_bytes : BUFFER_BYTES;
    *ret_losses = (struct recording_losses){0};
    r.began_ns = UINT64_MAX; /* What comes before it does. */
    int error = make_room(&r) ? 0 : -ENOMEM;
    if (error)
        complain(ret_complaint, error, NULL, 0, 0, "no memory left");
    else
        error = system_events_open(buffer_bytes, &listener, &r.events,
                                   ret_complaint);
    if (!error) {
        r.began_ns = now_ns();
        error = record(&r, what, ret_losses, ret_complaint);
        finish_lives(&r);
    }
    system_events_close(r.events);
    free(r.newest);
    free(r.older);
    if (error)
        recording_finish(&r.recording);
    else
        *ret_recording = r.recording;
    return error;
}
