/* test_save.c - files are there whole or not at all. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../traces/save.h"
#include "../suite.h"

enum { PATH_BYTES_MAX = 256, TEXT_BYTES_MAX = 256 };

/* A folder of its own for each test; what is in it stays small. */
static void enter_scratch(char *ret_folder)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(ret_folder, PATH_BYTES_MAX, "%s/vencejo-save-XXXXXX",
             tmp ? tmp : "/tmp");
    char *made = mkdtemp(ret_folder);
    assert(made);
    int failed = chdir(ret_folder);
    assert(!failed);
}

static void leave_scratch(const char *folder)
{
    char command[PATH_BYTES_MAX + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    int failed = chdir("/") || system(command);
    assert(!failed);
}

static bool holds(const char *path, const char *expected)
{
    char text[TEXT_BYTES_MAX] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t count = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    return count == strlen(expected) && memcmp(text, expected, count) == 0;
}

/* Entries of the working folder, hidden ones too. */
static int entry_count(void)
{
    DIR *folder = opendir(".");
    assert(folder);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            count++;
    closedir(folder);
    return count;
}

static void a_saved_file_holds_what_was_written(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    CU_ASSERT_EQUAL(save_text("table.tsv", "a\tb\n"), 0);
    CU_ASSERT(holds("table.tsv", "a\tb\n"));
    CU_ASSERT_EQUAL(save_bytes("empty", "", 0), 0);
    CU_ASSERT(holds("empty", ""));
    CU_ASSERT_EQUAL(entry_count(), 2);
    leave_scratch(folder);
}

static void the_old_file_stays_until_the_new_one_is_whole(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    CU_ASSERT_EQUAL(save_text("journal", "old"), 0);
    struct saving saving;
    CU_ASSERT_EQUAL(save_begin(&saving, "journal"), 0);
    fputs("half", saving.file);
    fflush(saving.file);
    CU_ASSERT(holds("journal", "old"));
    fputs(" and half", saving.file);
    CU_ASSERT_EQUAL(save_commit(&saving), 0);
    CU_ASSERT(holds("journal", "half and half"));
    CU_ASSERT_EQUAL(entry_count(), 1);
    leave_scratch(folder);
}

static void an_abandoned_file_leaves_nothing_behind(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    struct saving saving;
    CU_ASSERT_EQUAL(save_begin(&saving, "journal"), 0);
    fputs("half", saving.file);
    save_abandon(&saving);
    CU_ASSERT_EQUAL(entry_count(), 0);
    leave_scratch(folder);
}

/* Who is ended in the middle leaves nothing, whatever the signal. */
static void an_unfinished_file_goes_with_its_process(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    int nameless = open(".", O_WRONLY | O_TMPFILE, 0600);
    if (nameless < 0) {
        leave_scratch(folder); /* This file system has no such files. */
        return;
    }
    close(nameless);
    const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGKILL};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        fflush(NULL);
        pid_t child = fork();
        assert(child >= 0);
        if (child == 0) {
            struct saving saving;
            int error = save_begin(&saving, "journal");
            assert(!error);
            fputs("half", saving.file);
            fflush(saving.file);
            raise(signals[i]);
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
    }
    CU_ASSERT_EQUAL(entry_count(), 0);
    leave_scratch(folder);
}

/* RLIMIT_FSIZE stands for a full disk: the write that passes it fails. */
static void a_failed_write_leaves_the_old_file(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    static char much[1 << 16];
    memset(much, 'x', sizeof much);
    CU_ASSERT_EQUAL(save_text("journal", "old"), 0);

    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    CU_ASSERT_EQUAL(save_bytes("journal", much, sizeof much), -EFBIG);
    struct saving saving;
    CU_ASSERT_EQUAL(save_begin(&saving, "journal"), 0);
    for (int i = 0; i < 10000; i++)
        fputs("line\n", saving.file);
    setrlimit(RLIMIT_FSIZE, &before); /* Room again, but a hole in it. */
    CU_ASSERT(save_commit(&saving) < 0);

    CU_ASSERT(holds("journal", "old"));
    CU_ASSERT_EQUAL(entry_count(), 1);
    leave_scratch(folder);
}

static void a_leftover_of_a_dead_run_is_not_in_the_way(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    struct saving first;
    struct saving second;
    CU_ASSERT_EQUAL(save_begin(&first, "journal"), 0);
    CU_ASSERT_EQUAL(save_begin(&second, "journal"), 0);
    fputs("first", first.file);
    fputs("second", second.file);
    CU_ASSERT_EQUAL(save_commit(&first), 0);
    CU_ASSERT_EQUAL(save_commit(&second), 0);
    CU_ASSERT(holds("journal", "second"));
    leave_scratch(folder);
}

static void a_saved_file_has_the_rights_that_the_umask_leaves(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    mode_t before = umask(027);
    CU_ASSERT_EQUAL(save_text("table.tsv", "a"), 0);
    umask(before);
    struct stat status;
    CU_ASSERT_EQUAL(stat("table.tsv", &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0640);
    leave_scratch(folder);
}

static void nothing_but_files_is_ever_replaced(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    CU_ASSERT_EQUAL(mkdir("out", 0777), 0);
    CU_ASSERT_EQUAL(mkfifo("pipe", 0666), 0);
    CU_ASSERT_EQUAL(save_text("out", "a"), -EISDIR);
    CU_ASSERT_EQUAL(save_text("pipe", "a"), -ENOTSUP);
    CU_ASSERT_EQUAL(save_text("nowhere/table.tsv", "a"), -ENOENT);
    CU_ASSERT_EQUAL(entry_count(), 2);
    leave_scratch(folder);
}

static void folders_are_made_with_those_above_them(void)
{
    char folder[PATH_BYTES_MAX];
    enter_scratch(folder);
    struct stat status;
    CU_ASSERT_EQUAL(save_folder("out/demo/load-0.5/"), 0);
    CU_ASSERT_EQUAL(stat("out/demo/load-0.5", &status), 0);
    CU_ASSERT(S_ISDIR(status.st_mode));
    CU_ASSERT_EQUAL(save_folder("out/demo"), 0);
    CU_ASSERT_EQUAL(save_text("out/file", "a"), 0);
    CU_ASSERT_EQUAL(save_folder("out/file"), -ENOTDIR);
    CU_ASSERT_EQUAL(save_folder("out/file/deeper"), -ENOTDIR);
    CU_ASSERT_EQUAL(save_folder(""), -ENOENT);
    CU_ASSERT(holds("out/file", "a"));
    leave_scratch(folder);
}

SUITE_MAIN("save",
           {"a saved file holds what was written",
            a_saved_file_holds_what_was_written},
           {"the old file stays until the new one is whole",
            the_old_file_stays_until_the_new_one_is_whole},
           {"an abandoned file leaves nothing behind",
            an_abandoned_file_leaves_nothing_behind},
           {"an unfinished file goes with its process",
            an_unfinished_file_goes_with_its_process},
           {"a failed write leaves the old file",
            a_failed_write_leaves_the_old_file},
           {"a leftover of a dead run is not in the way",
            a_leftover_of_a_dead_run_is_not_in_the_way},
           {"a saved file has the rights that the umask leaves",
            a_saved_file_has_the_rights_that_the_umask_leaves},
           {"nothing but files is ever replaced",
            nothing_but_files_is_ever_replaced},
           {"folders are made with those above them",
            folders_are_made_with_those_above_them})
