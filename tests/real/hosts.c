/* hosts.c - see hosts.h. */
#include "hosts.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Places. ------------------------------------------------------------- */

char *contents(const char *path)
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

size_t file_bytes(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

long reported(const struct place *p, const char *name)
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

const char *program(const char *name, char room[512])
{
    snprintf(room, 512, "%s/%s", getenv("BIN"), name);
    return room;
}

/* Its server, and the address that it prints. */
static pid_t serve(char name[NAME_BYTES], uid_t user, const char *mode)
{
    char homenode[512];
    char line[NAME_BYTES + 16] = "";
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        program("homenode", homenode);
        if (user != geteuid() && setresuid(user, user, user) < 0)
            _exit(126);
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

struct hosts begin_hosts_as(uid_t user)
{
    struct hosts h;
    for (size_t i = 0; i < HOSTS; i++)
        h.servers[i] = serve(h.names[i], user, i % 2 ? "precopy" : "stop");
    return h;
}

struct hosts begin_hosts(void)
{
    return begin_hosts_as(geteuid());
}

void end_hosts(const struct hosts *h)
{
    for (size_t i = 0; i < HOSTS; i++) {
        int status = -1;
        kill(h->servers[i], SIGTERM);
        CU_ASSERT_EQUAL(waitpid(h->servers[i], &status, 0), h->servers[i]);
        CU_ASSERT_EQUAL(status, 0);
    }
}

size_t children_of(pid_t pid, pid_t *ret, size_t room)
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

void nobody_is_left(const struct hosts *h)
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

void add(struct words *w, const char *word)
{
    CU_ASSERT_FATAL(w->count + 1 < WORDS_MAX);
    w->words[w->count++] = (char *)(uintptr_t)word;
    w->words[w->count] = NULL;
}

struct words run_of(const char *homenode,
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

pid_t launch(const struct words *w, int in, const char *out)
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

int status_of(pid_t pid)
{
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT(WIFEXITED(status));
    return WEXITSTATUS(status);
}

void add_subject(struct words *w,
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

char *undisturbed(const char *what, const char *lines)
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

void as_if_at_home(const char *what,
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

/* ---- Chance. --------------------------------------------------------------
 */

uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return *state >> 33;
}

uint64_t seed_of(const char *test)
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
