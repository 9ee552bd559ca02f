/* gnuplot.c - run gnuplot, and make what it drew depend on the script alone. */
#include "gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of what gnuplot says when it fails, so much of the end is looked at. */
enum { WORDS_BYTES = 2048 };

/* No language, time zone or date of the machine: they would be in the figure.
 */
static const char *const environment[] = {"LC_ALL=C.UTF-8", "TZ=UTC",
                                          "SOURCE_DATE_EPOCH=946684800", NULL};

/* Start it in the folder; what it says goes to words_fd. 0 or an errno. */
static int start(const char *folder,
                 const char *script,
                 int words_fd,
                 pid_t *ret_pid)
{
    const char *const arguments[] = {"gnuplot", "--default-settings", script,
                                     NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
                                                 "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error =
            posix_spawn_file_actions_adddup2(&actions, words_fd, STDOUT_FILENO);
    if (error == 0)
        error =
            posix_spawn_file_actions_adddup2(&actions, words_fd, STDERR_FILENO);
    /* The casts only drop const: the child gets copies. */
    if (error == 0)
        error =
            posix_spawnp(ret_pid, "gnuplot", &actions, NULL,
                         (char *const *)arguments, (char *const *)environment);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* The last line that it said: gnuplot repeats the input before. */
static const char *last_line(int words_fd, char *words)
{
    off_t size = lseek(words_fd, 0, SEEK_END);
    off_t first = size > WORDS_BYTES - 1 ? size - (WORDS_BYTES - 1) : 0;
    ssize_t count = pread(words_fd, words, WORDS_BYTES - 1, first);
    words[count > 0 ? count : 0] = '\0';
    const char *found = "it said nothing";
    char *rest = words;
    for (char *line = strsep(&rest, "\n"); line != NULL;
         line = strsep(&rest, "\n"))
        if (line[strspn(line, " \t")] != '\0')
            found = line;
    return found;
}

static int run(const char *folder,
               const char *script,
               struct complaint *ret_complaint)
{
    char words[WORDS_BYTES];
    pid_t pid = 0;
    int words_fd = memfd_create("gnuplot", MFD_CLOEXEC);
    if (words_fd < 0)
        return complain(ret_complaint, -errno, script, 0, 0,
                        "cannot keep what gnuplot says: %s", strerror(errno));
    int error = -start(folder, script, words_fd, &pid);
    if (error == -ENOENT) {
        complain(ret_complaint, error, script, 0, 0,
                 "gnuplot was not found, which draws the figures, install the "
                 "package gnuplot-nox");
    } else if (error != 0) {
        complain(ret_complaint, error, script, 0, 0,
                 "gnuplot could not be started: %s", strerror(-error));
    } else {
        error = wait_for(pid);
        if (error != 0)
            complain(ret_complaint, error, script, 0, 0,
                     "gnuplot could not draw this: %s",
                     last_line(words_fd, words));
    }
    close(words_fd);
    return error;
}

/* The PDF terminal writes the date of the drawing whatever the environment
 * says. Another date of the same length is put there, so that all offsets in
 * the file stay right. */
static void erase_date(char *pdf, size_t bytes)
{
    static const char key[] = "/CreationDate (D:";
    static const char date[] = "20000101000000";
    char *found = memmem(pdf, bytes, key, strlen(key));
    if (found == NULL)
        return;
    char *digits = found + strlen(key);
    if ((size_t)(pdf + bytes - digits) >= strlen(date))
        memcpy(digits, date, strlen(date));
}

static int settle(const char *folder, const char *stem, const char *ending)
{
    char *path;
    if (asprintf(&path, "%s/%s.%s", folder, stem, ending) < 0)
        return -ENOMEM;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    free(path);
    if (fd < 0)
        return -errno;
    struct stat status;
    int error = fstat(fd, &status) != 0 ? -errno : 0;
    if (error == 0 && status.st_size == 0)
        error = -ENODATA;
    if (error == 0 && strcmp(ending, "pdf") == 0) {
        size_t bytes = (size_t)status.st_size;
        char *pdf =
            mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (pdf == MAP_FAILED) {
            error = -errno;
        } else {
            erase_date(pdf, bytes);
            munmap(pdf, bytes);
        }
    }
    if (error == 0 && fsync(fd) != 0)
        error = -errno;
    close(fd);
    return error;
}

int gnuplot_draw(const char *folder,
                 const char *stem,
                 struct complaint *ret_complaint)
{
    static const char *const endings[] = {"svg", "pdf", "png", NULL};
    char *script;
    if (asprintf(&script, "%s.gp", stem) < 0)
        return complain(ret_complaint, -ENOMEM, stem, 0, 0, "out of memory");
    int error = run(folder, script, ret_complaint);
    free(script);
    for (size_t index = 0; error == 0 && endings[index] != NULL; index++) {
        error = settle(folder, stem, endings[index]);
        if (error != 0)
            complain(ret_complaint, error, stem, 0, 0,
                     "gnuplot left no good %s: %s", endings[index],
                     strerror(-error));
    }
    return error;
}
