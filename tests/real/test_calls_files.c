/* test_calls_files.c - calls on the file system, through the window. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "trip.h"

#define P(x) TRIP_NUMBER(x)

static struct trip trip;

static void test_files(void)
{
    trip_init(&trip);
    char folder[64];
    char path[96];
    char other[96];
    trip_folder(folder);
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    int64_t file = TRIP(&trip, SYS_openat, (uint64_t)AT_FDCWD, P(path),
                        O_RDWR | O_CREAT, 0640);
    CU_ASSERT(file >= 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_ftruncate, (uint64_t)file, 12345), 0);
    struct stat seen;
    struct stat direct;
    CU_ASSERT_EQUAL(stat(path, &direct), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_stat, P(path), P(&seen)), 0);
    CU_ASSERT_EQUAL(memcmp(&seen, &direct, sizeof seen), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_newfstatat, (uint64_t)file, P(""), P(&seen),
                         AT_EMPTY_PATH),
                    0);
    CU_ASSERT_EQUAL(seen.st_size, 12345);
    struct statx more;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_statx, (uint64_t)AT_FDCWD, P(path), 0,
                         STATX_BASIC_STATS, P(&more)),
                    0);
    CU_ASSERT_EQUAL(more.stx_size, 12345);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_renameat2, (uint64_t)AT_FDCWD, P(path),
                         (uint64_t)AT_FDCWD, P(other), 0),
                    0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_stat, P(path), P(&seen)), -ENOENT);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_symlink, P("other"), P(path)), 0);
    char target[64] = ".........";
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_readlink, P(path), P(target), 64), 5);
    CU_ASSERT_EQUAL(memcmp(target, "other....", 9), 0);
    struct timespec times[2] = {{1000, 0}, {2000, 5}};
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_utimensat, (uint64_t)AT_FDCWD, P(other), P(times), 0),
        0);
    CU_ASSERT_EQUAL(stat(other, &direct), 0);
    CU_ASSERT_EQUAL(direct.st_mtim.tv_sec, 2000);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_unlink, P(path)), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_unlink, P(other)), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_unlink, 0), -EFAULT);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_rmdir, P(folder)), 0);
    close((int)file);
    trip_finish(&trip);
}

static void test_folders(void)
{
    trip_init(&trip);
    char direct[PATH_MAX];
    char seen[PATH_MAX];
    CU_ASSERT_PTR_NOT_NULL(getcwd(direct, sizeof direct));
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_getcwd, P(seen), sizeof seen),
                    (int64_t)strlen(direct) + 1);
    CU_ASSERT_STRING_EQUAL(seen, direct);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_getcwd, P(seen), 1), -ERANGE);
    int folder = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    static uint8_t one[65536];
    static uint8_t two[65536];
    int64_t count =
        TRIP(&trip, SYS_getdents64, (uint64_t)folder, P(one), sizeof one);
    lseek(folder, 0, SEEK_SET);
    CU_ASSERT_FATAL(count > 0);
    memset(two, 0xa5, sizeof two); /* Between the names, as in the window. */
    CU_ASSERT_EQUAL(syscall(SYS_getdents64, folder, two, sizeof two), count);
    CU_ASSERT_EQUAL(memcmp(one, two, (size_t)count), 0);
    close(folder);
    trip_finish(&trip);
}

static void test_attributes(void)
{
    trip_init(&trip);
    char folder[64];
    trip_folder(folder);
    char back[16] = "...............";
    if (setxattr(folder, "user.probe", "1", 1, 0) == 0) {
        CU_ASSERT_EQUAL(TRIP(&trip, SYS_setxattr, P(folder), P("user.color"),
                             P("green"), 5, 0),
                        0);
        CU_ASSERT_EQUAL(
            TRIP(&trip, SYS_getxattr, P(folder), P("user.color"), P(back), 15),
            5);
        CU_ASSERT_STRING_EQUAL(back, "green..........");
        CU_ASSERT_EQUAL(
            TRIP(&trip, SYS_getxattr, P(folder), P("user.color"), 0, 0), 5);
        CU_ASSERT_EQUAL(
            TRIP(&trip, SYS_getxattr, P(folder), P("user.color"), P(back), 2),
            -ERANGE);
        char names[64];
        CU_ASSERT_EQUAL(TRIP(&trip, SYS_listxattr, P(folder), P(names), 64),
                        22);
        CU_ASSERT_EQUAL(
            TRIP(&trip, SYS_removexattr, P(folder), P("user.color")), 0);
    }
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_getxattr, P(folder), P("user.none"), P(back), 15),
        getxattr(folder, "user.none", back, 15) < 0 ? -errno : 0);
    rmdir(folder);
    trip_finish(&trip);
}

static void test_inotify(void)
{
    trip_init(&trip);
    char folder[64];
    char path[96];
    trip_folder(folder);
    snprintf(path, sizeof path, "%s/new", folder);
    int64_t watcher = TRIP(&trip, SYS_inotify_init1, IN_NONBLOCK);
    CU_ASSERT(TRIP(&trip, SYS_inotify_add_watch, (uint64_t)watcher, P(folder),
                   IN_CREATE) > 0);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    _Alignas(struct inotify_event) char came[300];
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_read, (uint64_t)watcher, P(came), sizeof came),
        (int64_t)sizeof(struct inotify_event) + 16);
    CU_ASSERT_STRING_EQUAL(came + sizeof(struct inotify_event), "new");
    close((int)watcher);
    unlink(path);
    rmdir(folder);
    trip_finish(&trip);
}

/* At home these would tell of the one who makes the calls there. */
static void test_own_files(void)
{
    trip_init(&trip);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_open, P("/proc/self/maps"), 0), -ENOTSUP);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_openat, (uint64_t)AT_FDCWD,
                         P("/proc/thread-self/mem"), 0),
                    -ENOTSUP);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_open, P("/proc/1/status"), 0), -ENOTSUP);
    trip.packed.pid = getpid();
    int64_t file = TRIP(&trip, SYS_open, P("/proc/1/status"), O_CLOEXEC);
    CU_ASSERT(file >= 0);
    close((int)file);
    file = TRIP(&trip, SYS_open, P("/proc/self/limits"), O_CLOEXEC);
    CU_ASSERT(file >= 0);
    CU_ASSERT_STRING_EQUAL(call_path(&trip.asked, 0), "/proc/self/limits");
    CU_ASSERT_PTR_NULL(call_path(&trip.asked, 1));
    close((int)file);
    trip_finish(&trip);
}

SUITE_MAIN("calls, files",
           {"files are found, named and dated", test_files},
           {"folders are listed", test_folders},
           {"extended attributes are kept", test_attributes},
           {"inotify tells of a new file", test_inotify},
           {"files that tell of memory lead home", test_own_files})
