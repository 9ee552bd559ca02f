/* test_series.c - the last checkpoints of a process are kept, by number. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "real/homenode/criu.h"
#include "real/homenode/series.h"

struct place
{
    char folder[64];
    char stem[96];
};

static struct place make_place(void)
{
    struct place place = {.folder = "/tmp/vencejo-series-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place.folder));
    snprintf(place.stem, sizeof place.stem, "%s/job", place.folder);
    return place;
}

static void make_file(const char *path)
{
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CU_ASSERT_FATAL(file >= 0);
    close(file);
}

static void make_numbers(const struct place *place, int64_t from, int64_t to)
{
    char path[128];
    for (int64_t i = from; i <= to; i++) {
        series_name(place->stem, i, path);
        make_file(path);
    }
}

static bool has(const struct place *place, int64_t number)
{
    char path[128];
    series_name(place->stem, number, path);
    return access(path, F_OK) == 0;
}

static void remove_place(const struct place *place)
{
    CU_ASSERT_EQUAL(series_trim(place->stem, 1), 0);
    char path[128];
    series_name(place->stem, series_last(place->stem), path);
    unlink(path);
    CU_ASSERT_EQUAL(rmdir(place->folder), 0);
}

static void the_number_is_part_of_the_name(void)
{
    char path[32];
    series_name("/a/b", 7, path);
    CU_ASSERT_STRING_EQUAL(path, "/a/b.000007");
    series_name("b", SERIES_NUMBER_MAX, path);
    CU_ASSERT_STRING_EQUAL(path, "b.999999");
}

static void a_series_without_files_has_no_last_one(void)
{
    struct place place = make_place();
    CU_ASSERT_EQUAL(series_last(place.stem), 0);
    CU_ASSERT_EQUAL(series_last("/nowhere/at/all"), -ENOENT);
    CU_ASSERT_EQUAL(rmdir(place.folder), 0);
}

static void the_oldest_go_and_the_last_stay(void)
{
    struct place place = make_place();
    make_numbers(&place, 8, 12);
    CU_ASSERT_EQUAL(series_last(place.stem), 12);
    CU_ASSERT_EQUAL(series_trim(place.stem, 2), 0);
    CU_ASSERT_FALSE(has(&place, 8));
    CU_ASSERT_FALSE(has(&place, 10));
    CU_ASSERT(has(&place, 11));
    CU_ASSERT(has(&place, 12));
    CU_ASSERT_EQUAL(series_trim(place.stem, 5), 0);
    CU_ASSERT(has(&place, 11));
    remove_place(&place);
}

static void files_of_others_are_left_alone(void)
{
    static const char *const others[] = {"job.partial", "job.0000012",
                                         "job.00001x", "jobs.000001", "job"};
    struct place place = make_place();
    char path[128];
    make_numbers(&place, 1, 3);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", place.folder, others[i]);
        make_file(path);
    }
    CU_ASSERT_EQUAL(series_last(place.stem), 3);
    CU_ASSERT_EQUAL(series_trim(place.stem, 1), 0);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", place.folder, others[i]);
        CU_ASSERT_EQUAL(unlink(path), 0);
    }
    remove_place(&place);
}

static void a_criu_that_is_not_there_is_named(void)
{
    struct complaint complaint;
    CU_ASSERT_EQUAL(criu_check("/nowhere/criu", &complaint), -ENOTSUP);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "install it"));
    CU_ASSERT_EQUAL(criu_check("false", &complaint), -ENOTSUP);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "fails on this kernel"));
}

static void a_failed_criu_leaves_nothing(void)
{
    struct place place = make_place();
    struct complaint complaint;
    CU_ASSERT(criu_save("false", getpid(), place.stem, &complaint) < 0);
    CU_ASSERT_EQUAL(rmdir(place.folder), 0);
}

/* Two threads and a child, which all wait for a file to appear, then write. */
static const char threads[] =
    "import os, sys, threading, time\n"
    "stem = sys.argv[1]\n"
    "child = os.fork()\n"
    "def wait(name):\n"
    "    while not os.path.exists(stem + '.go'):\n"
    "        time.sleep(0.02)\n"
    "    open(stem + name, 'w').write(str(os.getppid()))\n"
    "if child == 0:\n"
    "    wait('.child')\n"
    "    sys.exit(0)\n"
    "other = threading.Thread(target=wait, args=['.other'])\n"
    "other.start()\n"
    "wait('.one')\n"
    "other.join()\n"
    "os.waitpid(child, 0)\n"
    "open(stem + '.done', 'w')\n";

static pid_t start_threads(const char *stem)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    setsid();
    int null = open("/dev/null", O_RDWR);
    for (int file = 0; file < 3; file++)
        dup2(null, file);
    closefrom(3);
    execlp("python3", "python3", "-c", threads, stem, (char *)NULL);
    _exit(EXIT_FAILURE);
}

static bool appears(const char *stem, const char *end)
{
    char path[128];
    snprintf(path, sizeof path, "%s%s", stem, end);
    for (int i = 0; i < 1000; i++) {
        if (access(path, F_OK) == 0)
            return unlink(path) == 0;
        usleep(10 * 1000);
    }
    return false;
}

static void by_criu(const char *criu)
{
    struct place place = make_place();
    struct complaint complaint;
    char image[128];
    char go[128];
    pid_t recovered = 0;
    snprintf(image, sizeof image, "%s.criu", place.stem);
    snprintf(go, sizeof go, "%s.go", place.stem);
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* So that the numbers become free. */
    pid_t pid = start_threads(place.stem);
    usleep(500 * 1000);
    int error = criu_save(criu, pid, image, &complaint);
    CU_ASSERT_EQUAL(error, 0);
    if (error)
        printf("(%s) ", complaint.text);
    CU_ASSERT_EQUAL(criu_save(criu, pid, image, &complaint), -EEXIST);
    kill(-pid, SIGKILL);
    while (wait(NULL) > 0)
        continue;
    error = criu_recover(criu, image, &recovered, &complaint);
    CU_ASSERT_EQUAL(error, 0);
    if (error)
        printf("(%s) ", complaint.text);
    CU_ASSERT_EQUAL(recovered, pid);
    make_file(go);
    CU_ASSERT(appears(place.stem, ".one"));
    CU_ASSERT(appears(place.stem, ".other"));
    CU_ASSERT(appears(place.stem, ".child"));
    CU_ASSERT(appears(place.stem, ".done"));
    char remove[160];
    snprintf(remove, sizeof remove, "rm -r '%s'", place.folder);
    CU_ASSERT_EQUAL(system(remove), 0);
}

static void criu_saves_threads_and_children(void)
{
    struct complaint complaint;
    const char *criu = getenv("VENCEJO_CRIU");
    if (!criu)
        criu = "criu";
    if (criu_check(criu, &complaint) == 0)
        by_criu(criu);
    else
        printf("(skipped: %s) ", complaint.text);
}

SUITE_MAIN("series",
           {"the number is part of the name", the_number_is_part_of_the_name},
           {"a series without files has no last one",
            a_series_without_files_has_no_last_one},
           {"the oldest go and the last stay", the_oldest_go_and_the_last_stay},
           {"files of others are left alone", files_of_others_are_left_alone},
           {"a CRIU that is not there is named",
            a_criu_that_is_not_there_is_named},
           {"a failed CRIU leaves nothing", a_failed_criu_leaves_nothing},
           {"CRIU saves threads and children", criu_saves_threads_and_children})
