/* test_move.c - programs that go from home to hosts, on, and back, over TCP on
 * this machine: they write and end as if they had stayed, cable cut or not; and
 * where a host dies they go on at home or are told lost, once each. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "place.h"

enum {
    RIGHT = 3,
    LOST = 128 + SIGKILL,
    LIMIT_S = 280,
    TEXT_BYTES = 256 * 1024,
    HOSTS = 2,
    NAME_BYTES = 64,
};

/* ---- Places. ------------------------------------------------------------- */

/* The caller frees it. */
static char *contents(const char *path)
{
    char *text = calloc(1, TEXT_BYTES);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    FILE *file = fopen(path, "re");
    if (file) {
        size_t bytes = fread(text, 1, TEXT_BYTES - 1, file);
        text[bytes] = 0;
        fclose(file);
    }
    return text;
}

static size_t file_bytes(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

/* A number of the report; -1: it does not say. */
static long reported(const struct place *p, const char *name)
{
    char key[64];
    long value = -1;
    char *text = contents(p->other);
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(text, key);
    if (found)
        value = strtol(found + strlen(key), NULL, 10);
    free(text);
    return value;
}

/* ---- Hosts. -------------------------------------------------------------- */

struct hosts
{
    pid_t servers[HOSTS];
    char names[HOSTS][NAME_BYTES];
};

static const char *program(const char *name, char room[512])
{
    snprintf(room, 512, "%s/%s", getenv("BIN"), name);
    return room;
}

/* Its server, and the address that it prints. */
static pid_t serve(char name[NAME_BYTES], const char *mode)
{
    char homenode[512];
    char line[NAME_BYTES + 16] = "";
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        program("homenode", homenode);
        execl(homenode, homenode, "serve", "--listen", "127.0.0.1:0", "--lease",
              "3000", "--mode", mode, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    CU_ASSERT(read(ends[0], line, sizeof line - 1) > 0);
    close(ends[0]);
    CU_ASSERT_EQUAL_FATAL(sscanf(line, "listening %63s", name), 1);
    return pid;
}

static struct hosts begin_hosts(void)
{
    struct hosts h;
    for (size_t i = 0; i < HOSTS; i++)
        h.servers[i] = serve(h.names[i], i % 2 ? "precopy" : "stop");
    return h;
}

static void end_hosts(const struct hosts *h)
{
    for (size_t i = 0; i < HOSTS; i++) {
        int status = -1;
        kill(h->servers[i], SIGTERM);
        CU_ASSERT_EQUAL(waitpid(h->servers[i], &status, 0), h->servers[i]);
        CU_ASSERT_EQUAL(status, 0);
    }
}

/* Children of a process, from /proc: as many as fit. */
static size_t children_of(pid_t pid, pid_t *ret, size_t room)
{
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "re");
    while (file && count < room && fscanf(file, "%d", &ret[count]) == 1)
        count++;
    if (file)
        fclose(file);
    return count;
}

static void nobody_is_left(const struct hosts *h)
{
    pid_t left[4];
    for (size_t i = 0; i < HOSTS; i++) {
        size_t count = 1;
        for (int ms = 0; ms < 8000 && count > 0; ms += 10) {
            count = children_of(h->servers[i], left, 4);
            if (count > 0)
                usleep(10000);
        }
        CU_ASSERT_EQUAL(count, 0);
    }
}

/* ---- Runs. --------------------------------------------------------------- */

enum { WORDS_MAX = 32 };

struct words
{
    char *words[WORDS_MAX];
    size_t count;
};

static void add(struct words *w, const char *word)
{
    CU_ASSERT_FATAL(w->count + 1 < WORDS_MAX);
    w->words[w->count++] = (char *)(uintptr_t)word;
    w->words[w->count] = NULL;
}

/* homenode run with these hosts, and options up to NULL. */
static struct words run_of(const char *homenode,
                           const struct hosts *h,
                           const struct place *p,
                           const char *const options[])
{
    struct words w = {.count = 0};
    add(&w, homenode);
    add(&w, "run");
    for (size_t i = 0; i < HOSTS; i++) {
        add(&w, "--host");
        add(&w, h->names[i]);
    }
    add(&w, "--lease");
    add(&w, "3000");
    add(&w, "--report");
    add(&w, p->other);
    for (size_t i = 0; options[i]; i++)
        add(&w, options[i]);
    add(&w, "--");
    return w;
}

static pid_t launch(const struct words *w, int in, const char *out)
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(in >= 0 ? in : null, STDIN_FILENO);
        dup2(out ? open(out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
                 : null,
             STDOUT_FILENO);
        execvp(w->words[0], w->words);
        _exit(127);
    }
    return pid;
}

static int status_of(pid_t pid)
{
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void add_subject(struct words *w,
                        char room[512],
                        const char *what,
                        const char *lines,
                        const char *out)
{
    add(w, program("subject", room));
    add(w, what);
    add(w, lines);
    add(w, out);
}

/* What it writes at home. */
static char *undisturbed(const char *what, const char *lines)
{
    struct place p = make_place();
    struct words w = {.count = 0};
    char room[512];
    add_subject(&w, room, what, lines, p.out);
    CU_ASSERT_EQUAL(status_of(launch(&w, -1, NULL)), RIGHT);
    char *text = contents(p.out);
    remove_place(&p);
    return text;
}

static void as_if_at_home(const char *what,
                          const char *lines,
                          const char *const options[],
                          long moves_least)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    char room[512];
    char *right = undisturbed(what, lines);
    struct words w = run_of(program("homenode", homenode), &h, &p, options);
    add_subject(&w, room, what, lines, p.out);
    CU_ASSERT_EQUAL(status_of(launch(&w, -1, NULL)), RIGHT);
    char *text = contents(p.out);
    CU_ASSERT_STRING_EQUAL(text, right);
    CU_ASSERT(reported(&p, "moves") >= moves_least);
    if (reported(&p, "moves") < moves_least)
        fprintf(stderr, "%s: %ld moves\n", what, reported(&p, "moves"));
    nobody_is_left(&h);
    end_hosts(&h);
    free(text);
    free(right);
    remove_place(&p);
}

/* ---- The tests. ---------------------------------------------------------- */

static const char *const away[] = {"--away", NULL};
static const char *const about[] = {"--every", "60", NULL};
static const char *const about_precopy[] = {"--every", "80", "--mode",
                                            "precopy", NULL};

static void a_computing_process(void)
{
    as_if_at_home("compute", "80", away, 1);
    as_if_at_home("compute", "200", about, 2);
}

static void vector_registers(void)
{
    if (__builtin_cpu_supports("avx2"))
        as_if_at_home("vectors", "60", about, 2);
}

static void a_growing_heap(void)
{
    as_if_at_home("memory", "80", about, 2);
    as_if_at_home("memory", "80", about_precopy, 1);
}

/* Called home or on in the middle of the rounds in which it leaves a host. */
static void rounds_that_are_cut_short(void)
{
    enum { TIMES = 8 };
    static const char *const often[] = {"--every", "10", "--mode", "precopy",
                                        NULL};
    for (int i = 0; i < TIMES; i++)
        as_if_at_home("memory", "20", often, 2);
}

static void ten_thousand_mappings(void)
{
    as_if_at_home("mappings", "80", about, 1);
}

static void signals_and_timers(void)
{
    as_if_at_home("signals", "60", about, 2);
}

static void a_sleeper(void)
{
    as_if_at_home("sleeper", "40", about, 2);
}

/* It gave them to itself at home, before it went. */
static void limits_of_its_own(void)
{
    as_if_at_home("limits", "24", about, 2);
    as_if_at_home("limits", "24", about_precopy, 1);
}

/* Where nobody may lift them for a moment it cannot be laid out at home again:
 * it stays away, and is not lost. */
static void limits_that_keep_it_away(void)
{
    as_if_at_home("tight_limits", "24", about, 2);
    as_if_at_home("tight_limits", "24", about_precopy, 1);
}

/* From home to a host, and on from host to host, but never home: there the
 * kernel knows only what it used there itself. */
static void cpu_time_goes_forward(void)
{
    static const char *const by_hand[] = {NULL};
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    char room[512];
    struct words w = run_of(program("homenode", homenode), &h, &p, by_hand);
    add_subject(&w, room, "cpu_clocks", "1000", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int i = 0; i < 8; i++) {
        usleep(150000);
        kill(pid, SIGUSR1); /* To the next host. */
    }
    CU_ASSERT_EQUAL(status_of(pid), RIGHT);
    CU_ASSERT(reported(&p, "moves") >= 3);
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
}

/* A shell command by `homenode run`; its exit status, and what it printed. */
static int shell(const char *command,
                 const char *const options[],
                 char **ret_text,
                 long *ret_moves)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    struct words w = run_of(program("homenode", homenode), &h, &p, options);
    add(&w, "sh");
    add(&w, "-c");
    add(&w, command);
    int status = status_of(launch(&w, -1, p.out));
    *ret_text = contents(p.out);
    *ret_moves = reported(&p, "moves");
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
    return status;
}

#define COUNT(to) "i=0; while [ $i -lt " #to " ]; do i=$((i+1)); done; "

static void another_program(void)
{
    char *text;
    long moves;
    int status = shell(COUNT(300000) "trap '' USR1; exec sh -c 'kill -USR1 $$; "
                       "echo $0 ignores; exit 9'", away, &text, &moves);
    CU_ASSERT_EQUAL(status, 9);
    CU_ASSERT_STRING_EQUAL(text, "sh ignores\n");
    CU_ASSERT(moves >= 1);
    free(text);
}

static void children_are_born_at_home(void)
{
    char *text;
    long moves;
    int status =
        shell(COUNT(300000) "echo $(echo child) $i; (exit 4); echo $?; " COUNT(
                  300000) "echo a | cat; wait; exit 5",
              away, &text, &moves);
    CU_ASSERT_EQUAL(status, 5);
    CU_ASSERT_STRING_EQUAL(text, "child 300000\n4\na\n");
    CU_ASSERT(moves >= 2);
    free(text);
}

static void death_by_a_signal(void)
{
    char *text;
    long moves;
    CU_ASSERT_EQUAL(shell(COUNT(300000) "kill -TERM $$", away, &text, &moves),
                    128 + SIGTERM);
    CU_ASSERT(moves >= 1);
    free(text);
    CU_ASSERT_EQUAL(shell(COUNT(300000) "kill -SEGV $$", away, &text, &moves),
                    128 + SIGSEGV);
    free(text);
    CU_ASSERT_EQUAL(shell(COUNT(300000) "kill -KILL $$", away, &text, &moves),
                    128 + SIGKILL);
    free(text);
}

/* Asleep in read(2) when it is moved, every time. */
static void who_waits_for_a_pipe(void)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    int ends[2];
    struct words w = run_of(program("homenode", homenode), &h, &p, about);
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    add(&w, "cat");
    pid_t pid = launch(&w, ends[0], p.out);
    close(ends[0]);
    for (int i = 0; i < 6; i++) {
        usleep(170000);
        CU_ASSERT_EQUAL(write(ends[1], "word\n", 5), 5);
    }
    close(ends[1]);
    CU_ASSERT_EQUAL(status_of(pid), 0);
    char *text = contents(p.out);
    CU_ASSERT_STRING_EQUAL(text, "word\nword\nword\nword\nword\nword\n");
    CU_ASSERT(reported(&p, "moves") >= 2);
    free(text);
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
}

/* ---- Cables that are cut. ------------------------------------------------ */

/* Copies between who connects to it and a host, in a process of its own;
 * SIGUSR1 cuts all that is connected. */
enum { CABLES_MAX = 32 };

static volatile sig_atomic_t cut_now;

static void on_cut(int signal)
{
    (void)signal;
    cut_now = 1;
}

static int connect_to(const char *name)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)atoi(strrchr(name, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) {
        close(s);
        return -1;
    }
    return s;
}

static bool copy(int from, int to)
{
    char bytes[65536];
    ssize_t got = recv(from, bytes, sizeof bytes, 0);
    return got > 0 && send(to, bytes, (size_t)got, MSG_NOSIGNAL) == got;
}

static void relay_step(int listener,
                       const char *name,
                       int pairs[][2],
                       size_t *count)
{
    struct pollfd files[1 + 2 * CABLES_MAX];
    files[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (size_t i = 0; i < 2 * *count; i++)
        files[1 + i] =
            (struct pollfd){.fd = pairs[i / 2][i % 2], .events = POLLIN};
    if (poll(files, 1 + 2 * *count, -1) < 0 && !cut_now)
        return;
    for (size_t i = *count; i-- > 0;) {
        bool whole = !cut_now;
        for (size_t k = 0; whole && k < 2; k++)
            if (files[1 + 2 * i + k].revents)
                whole = copy(pairs[i][k], pairs[i][1 - k]);
        if (whole)
            continue;
        close(pairs[i][0]);
        close(pairs[i][1]);
        --*count;
        memmove(pairs[i], pairs[i + 1], (*count - i) * sizeof pairs[0]);
    }
    cut_now = 0;
    if (!(files[0].revents & POLLIN) || *count == CABLES_MAX)
        return;
    pairs[*count][0] = accept(listener, NULL, NULL);
    pairs[*count][1] = connect_to(name);
    *count += 1;
}

static pid_t begin_cable(const char *to, char name[NAME_BYTES])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t bytes = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 16);
    getsockname(listener, (struct sockaddr *)&address, &bytes);
    snprintf(name, NAME_BYTES, "127.0.0.1:%d", ntohs(address.sin_port));
    pid_t pid = fork();
    if (pid == 0) {
        int pairs[CABLES_MAX][2];
        size_t count = 0;
        struct sigaction action = {.sa_handler = on_cut};
        sigaction(SIGUSR1, &action, NULL);
        alarm(LIMIT_S);
        for (;;)
            relay_step(listener, to, pairs, &count);
    }
    close(listener);
    return pid;
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return *state >> 33;
}

/* A seed that is new each time, or VENCEJO_SEED. */
static uint64_t seed_of(const char *test)
{
    struct timespec now;
    const char *given = getenv("VENCEJO_SEED");
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = given ? strtoull(given, NULL, 10)
                          : (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec;
    fprintf(stderr, "%s: VENCEJO_SEED=%llu BIN=%s test_move\n", test,
            (unsigned long long)seed, getenv("BIN"));
    return seed;
}

static void cables_that_are_cut(void)
{
    enum { CUTS = 12 };
    uint64_t random = seed_of("cuts");
    struct hosts h = begin_hosts();
    struct hosts seen = h;
    struct place p = make_place();
    pid_t cables[HOSTS];
    char homenode[512];
    char room[512];
    char *right = undisturbed("compute", "300");
    for (size_t i = 0; i < HOSTS; i++)
        cables[i] = begin_cable(h.names[i], seen.names[i]);
    struct words w = run_of(program("homenode", homenode), &seen, &p, about);
    add_subject(&w, room, "compute", "300", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int i = 0; i < CUTS; i++) {
        usleep((useconds_t)(next_random(&random) % 250000));
        kill(cables[next_random(&random) % HOSTS], SIGUSR1);
    }
    CU_ASSERT_EQUAL(status_of(pid), RIGHT);
    char *text = contents(p.out);
    CU_ASSERT_STRING_EQUAL(text, right);
    CU_ASSERT(reported(&p, "moves") >= 1);
    nobody_is_left(&h);
    for (size_t i = 0; i < HOSTS; i++) {
        kill(cables[i], SIGKILL);
        waitpid(cables[i], NULL, 0);
    }
    end_hosts(&h);
    free(text);
    free(right);
    remove_place(&p);
}

/* ---- Hosts that die. ----------------------------------------------------- */

/* Kill a guardian at some instant: the process ends right, or is lost with what
 * it wrote until then, whole lines in order and none twice. */
static void kill_a_guardian(uint64_t *random, const char *right)
{
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    char room[512];
    pid_t guardians[4];
    struct words w = run_of(program("homenode", homenode), &h, &p, about);
    add_subject(&w, room, "compute", "120", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int ms = 0; file_bytes(p.out) == 0 && ms < 10000; ms++)
        usleep(1000);
    useconds_t wait_us = (useconds_t)(next_random(random) % 400000);
    usleep(wait_us);
    size_t count = 0;
    for (int tries = 0; count == 0 && tries < 2000; tries++) {
        count =
            children_of(h.servers[next_random(random) % HOSTS], guardians, 4);
        if (count == 0)
            usleep(100);
    }
    for (size_t i = 0; i < count; i++)
        kill(guardians[i], SIGKILL);
    int status = status_of(pid);
    char *text = contents(p.out);
    CU_ASSERT(status == RIGHT || status == LOST);
    CU_ASSERT_EQUAL(strncmp(text, right, strlen(text)), 0);
    CU_ASSERT(status == LOST || strlen(text) == strlen(right));
    if (status != RIGHT && status != LOST)
        fprintf(stderr, "after %u us: status %d\n", wait_us, status);
    nobody_is_left(&h);
    end_hosts(&h);
    free(text);
    remove_place(&p);
}

static void hosts_that_die(void)
{
    enum { KILLS = 10 };
    uint64_t random = seed_of("kills");
    char *right = undisturbed("compute", "120");
    for (int i = 0; i < KILLS; i++)
        kill_a_guardian(&random, right);
    free(right);
}

/* And does not wait for the end of its lease, which is far longer. */
static void a_host_that_has_it_no_more_says_so(void)
{
    enum { MOST_S = 5 };
    static const char *const patient[] = {"--away", "--lease", "60000", NULL};
    struct hosts h = begin_hosts();
    struct place p = make_place();
    char homenode[512];
    char room[512];
    pid_t guardian;
    size_t count = 0;
    struct words w = run_of(program("homenode", homenode), &h, &p, patient);
    add_subject(&w, room, "compute", "100000", p.out);
    pid_t pid = launch(&w, -1, NULL);
    for (int tries = 0; tries < 500 && file_bytes(p.out) < 400; tries++)
        usleep(10000);
    count = children_of(h.servers[0], &guardian, 1);
    CU_ASSERT_EQUAL(count, 1);
    if (count == 1)
        kill(guardian, SIGKILL);
    time_t since = time(NULL);
    CU_ASSERT_EQUAL(status_of(pid), LOST);
    CU_ASSERT(time(NULL) - since <= MOST_S);
    nobody_is_left(&h);
    end_hosts(&h);
    remove_place(&p);
}

static void time_is_limited(void)
{
    CU_ASSERT_EQUAL(alarm(LIMIT_S), 0);
}

SUITE_MAIN("move",
           {"it ends in time", time_is_limited},
           {"a computing process", a_computing_process},
           {"vector registers", vector_registers},
           {"a growing heap, also by pre-copy", a_growing_heap},
           {"rounds that are cut short", rounds_that_are_cut_short},
           {"ten thousand mappings", ten_thousand_mappings},
           {"signals, pending and handled, and timers", signals_and_timers},
           {"a sleeper", a_sleeper},
           {"one that has limits of its own", limits_of_its_own},
           {"one whose limits keep it away", limits_that_keep_it_away},
           {"CPU time goes forward, from host to host", cpu_time_goes_forward},
           {"one that becomes another program", another_program},
           {"one whose children are born at home", children_are_born_at_home},
           {"one that dies of a signal", death_by_a_signal},
           {"who waits for a pipe", who_waits_for_a_pipe},
           {"cables that are cut at any time", cables_that_are_cut},
           {"hosts that die at any time", hosts_that_die},
           {"a host that has it no more says so at once",
            a_host_that_has_it_no_more_says_so})
