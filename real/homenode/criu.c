/* criu.c - see criu.h. */
#include "criu.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { WORDS_MAX = 16, PATH_BYTES = 4096, LINE_BYTES = 256 };

/* Run it to its end, without what it says. 0, or -EIO if it failed. */
static int run(const char *const words[])
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return -error;
    for (int file = 0; file < 3 && !error; file++)
        error = posix_spawn_file_actions_addopen(
            &actions, file, "/dev/null", file == 0 ? O_RDONLY : O_WRONLY, 0);
    if (!error) /* posix_spawn(3) does not write to the words. */
        error = posix_spawnp(&pid, words[0], &actions, NULL,
                             (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return -error;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* The last error but those that only say that all failed, for people. */
static void last_error(const char *folder, const char *log, char line[])
{
    char path[PATH_BYTES];
    char read[LINE_BYTES];
    snprintf(line, LINE_BYTES, "it did not say why");
    snprintf(path, sizeof path, "%s/%s", folder, log);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(read, sizeof read, file)) {
        const char *found = strstr(read, "Error");
        if (found && !strstr(found, "FAILED")) {
            snprintf(line, LINE_BYTES, "%s", found);
            line[strcspn(line, "\n")] = '\0';
        }
    }
    fclose(file);
}

int criu_check(const char *program, struct complaint *ret_complaint)
{
    const char *const words[] = {program, "check", NULL};
    int error = run(words);
    if (!error)
        return 0;
    return complain(ret_complaint, -ENOTSUP, program, 0, 0,
                    error == -ENOENT
                        ? "CRIU is not here, install it or save single "
                          "processes without threads"
                        : "`%s check` fails on this kernel, a newer CRIU may "
                          "know it",
                    program);
}

/* A folder of plain files, as CRIU makes them. */
static void remove_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    if (!entries)
        return;
    for (struct dirent *entry; (entry = readdir(entries));)
        unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
    rmdir(folder);
}

/* Every file of the folder and the folder, on the disk. */
static int sync_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    if (!entries)
        return -errno;
    int error = 0;
    for (struct dirent *entry; (entry = readdir(entries)) && !error;) {
        if (entry->d_type != DT_REG)
            continue;
        int file = openat(dirfd(entries), entry->d_name, O_RDONLY | O_CLOEXEC);
        if (file < 0 || fsync(file) < 0)
            error = -errno;
        if (file >= 0)
            close(file);
    }
    if (!error && fsync(dirfd(entries)) < 0)
        error = -errno;
    closedir(entries);
    return error;
}

int criu_save(const char *program,
              pid_t pid,
              const char *folder,
              struct complaint *ret_complaint)
{
    char beside[PATH_BYTES];
    char number[16];
    char line[LINE_BYTES];
    if (access(folder, F_OK) == 0)
        return complain(ret_complaint, -EEXIST, folder, 0, 0,
                        "is there already, choose another name");
    if (snprintf(beside, sizeof beside, "%s.partial", folder) >=
        (int)sizeof beside)
        return complain(ret_complaint, -ENAMETOOLONG, folder, 0, 0,
                        "the name is too long");
    remove_folder(beside);
    if (mkdir(beside, 0700) < 0)
        return complain(ret_complaint, -errno, beside, 0, 0, "%s",
                        strerror(errno));
    snprintf(number, sizeof number, "%d", pid);
    const char *const words[WORDS_MAX] = {program,
                                          "dump",
                                          "--tree",
                                          number,
                                          "--images-dir",
                                          beside,
                                          "-v2",
                                          "--log-file",
                                          "save.log",
                                          "--leave-running",
                                          "--shell-job",
                                          "--file-locks",
                                          NULL};
    int error = run(words);
    if (error) {
        last_error(beside, "save.log", line);
        complain(ret_complaint, error, program, 0, 0,
                 "process %d was not saved: %s", pid, line);
    } else {
        error = sync_folder(beside);
        if (!error && rename(beside, folder) < 0)
            error = -errno;
        if (error)
            complain(ret_complaint, error, folder, 0, 0, "%s",
                     strerror(-error));
    }
    if (error)
        remove_folder(beside);
    return error;
}

static int read_number(const char *folder, pid_t *ret_pid)
{
    char path[PATH_BYTES];
    long number = 0;
    snprintf(path, sizeof path, "%s/recover.pid", folder);
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int got = fscanf(file, "%ld", &number);
    fclose(file);
    unlink(path);
    if (got != 1 || number <= 0)
        return -EIO;
    *ret_pid = (pid_t)number;
    return 0;
}

int criu_recover(const char *program,
                 const char *folder,
                 pid_t *ret_pid,
                 struct complaint *ret_complaint)
{
    char line[LINE_BYTES];
    const char *const words[WORDS_MAX] = {
        program,       "restore",     "--images-dir", folder,
        "-v2",         "--log-file",  "recover.log",  "--pidfile",
        "recover.pid", "--shell-job", "--file-locks", "--restore-detached",
        NULL};
    int error = run(words);
    if (error) {
        last_error(folder, "recover.log", line);
        return complain(ret_complaint, error, program, 0, 0,
                        "%s was not recovered: %s", folder, line);
    }
    error = read_number(folder, ret_pid);
    return error ? complain(ret_complaint, error, folder, 0, 0,
                            "recovered, but its number is not known")
                 : 0;
}
