/* test_calls.c - each shape of memory goes home and back: the call made in a
 * window does what the call itself does. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trip.h"

#define P(x) TRIP_NUMBER(x)

enum { BIG = 3 * 1024 * 1024 + 17, MEBIBYTE = 1024 * 1024 };

static struct trip trip;

static void test_no_memory(void)
{
    trip_init(&trip);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_getppid, 0), getppid());
    CU_ASSERT_EQUAL(trip.asked.request.area_count, 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_close, 9999), -EBADF);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_lseek, 9999, 0, 0), -EBADF);
    /* What is no argument is not sent: a register may hold anything. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_getppid, 1, 2, 3, 4, 5, 6), getppid());
    CU_ASSERT_EQUAL(trip.asked.request.arguments[5], 0);
    trip_finish(&trip);
}

static void test_read_write(void)
{
    trip_init(&trip);
    char back[32] = "................";
    int file = trip_file("", 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_write, (uint64_t)file, P("hello"), 5), 5);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_pwrite64, (uint64_t)file, P("J"), 1, 0), 1);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_lseek, (uint64_t)file, 0, SEEK_SET), 0);
    /* Five of sixteen are there; behind them nothing changes. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)file, P(back), 16), 5);
    CU_ASSERT_EQUAL(memcmp(back, "Jello...........", 16), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)file, P(back), 16), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_pread64, (uint64_t)file, P(back), 2, 3), 2);
    CU_ASSERT_EQUAL(memcmp(back, "lo", 2), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_write, (uint64_t)file, P("x"), 0), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, 9999, P(back), 4), -EBADF);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)file, P(back), UINT64_MAX),
                    -EFAULT);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_write, (uint64_t)file, 16, 4), -EFAULT);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_write, (uint64_t)file, 0, 4), -EFAULT);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)file, 0, 4),
                    0); /* At its end nothing is written. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_lseek, (uint64_t)file, 0, SEEK_SET), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)file, 16, 4), -EFAULT);
    close(file);
    trip_finish(&trip);
}

/* Of three mebibytes each request moves one. */
static void test_large(void)
{
    trip_init(&trip);
    uint8_t *out = malloc(BIG);
    uint8_t *back = calloc(1, BIG);
    CU_ASSERT_FATAL(out && back);
    for (size_t i = 0; i < BIG; i++)
        out[i] = (uint8_t)(i * 131 >> 3);
    int file = trip_file("", 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_write, (uint64_t)file, P(out), BIG), BIG);
    trip.again = true;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_pread64, (uint64_t)file, P(back), BIG, 0),
                    BIG);
    CU_ASSERT_EQUAL(memcmp(out, back, BIG), 0);
    memset(back, 0, BIG);
    lseek(file, 0, SEEK_SET);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)file, P(back), BIG), BIG);
    CU_ASSERT_EQUAL(memcmp(out, back, BIG), 0);
    trip.again = false;
    lseek(file, 0, SEEK_SET);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)file, P(back), BIG),
                    MEBIBYTE);
    struct iovec pieces[2] = {{out, MEBIBYTE + 3}, {out + MEBIBYTE + 3, 99}};
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_pwritev, (uint64_t)file, P(pieces), 2, 7, 0),
        MEBIBYTE + 102);
    CU_ASSERT_EQUAL(pread(file, back, MEBIBYTE + 102, 7), MEBIBYTE + 102);
    CU_ASSERT_EQUAL(memcmp(out, back, MEBIBYTE + 102), 0);
    /* Where it stands is -1, also for the rest. */
    lseek(file, 5, SEEK_SET);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_pwritev2, (uint64_t)file, P(pieces), 2,
                         UINT64_MAX, 0, 0),
                    MEBIBYTE + 102);
    CU_ASSERT_EQUAL(lseek(file, 0, SEEK_CUR), MEBIBYTE + 107);
    free(out);
    free(back);
    close(file);
    trip_finish(&trip);
}

static void test_vectors(void)
{
    trip_init(&trip);
    int file = trip_file("", 0);
    struct iovec out[3] = {{"ab", 2}, {NULL, 0}, {"cdefg", 5}};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_writev, (uint64_t)file, P(out), 3), 7);
    char one[3] = "..";
    char two[8] = ".......";
    struct iovec in[2] = {{one, 2}, {two, 7}};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_preadv, (uint64_t)file, P(in), 2, 1, 0), 6);
    CU_ASSERT_STRING_EQUAL(one, "bc");
    CU_ASSERT_STRING_EQUAL(two, "defg...");
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_preadv2, (uint64_t)file, P(in), 2, UINT64_MAX, 0, 0),
        0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_readv, (uint64_t)file, P(in), 1025),
                    -EINVAL);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_readv, (uint64_t)file, P(in), 0), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_writev, (uint64_t)file, 16, 2), -EFAULT);
    in[1].iov_len = (size_t)SSIZE_MAX + 1;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_readv, (uint64_t)file, P(in), 2), -EINVAL);
    in[1].iov_len = SSIZE_MAX; /* All together are too many, none is alone. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_readv, (uint64_t)file, P(in), 2), 0);
    /* As many as there may be are still one area. */
    struct iovec many[1024];
    char bytes[1024];
    for (int i = 0; i < 1024; i++) {
        bytes[i] = (char)i;
        many[i] = (struct iovec){&bytes[i], 1};
    }
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_pwritev, (uint64_t)file, P(many), 1024, 0, 0), 1024);
    char back[1024];
    CU_ASSERT_EQUAL(pread(file, back, sizeof back, 0), 1024);
    CU_ASSERT_EQUAL(memcmp(back, bytes, sizeof bytes), 0);
    close(file);
    trip_finish(&trip);
}

/* A string may end where the memory ends. */
static void test_string_at_the_edge(void)
{
    trip_init(&trip);
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_FATAL(pages != MAP_FAILED);
    munmap(pages + 4096, 4096);
    memcpy(pages + 4096 - 5, "/tmp", 5);
    struct stat status;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_stat, P(pages + 4091), P(&status)), 0);
    pages[4095] = 'x';
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_stat, P(pages + 4091), P(&status)),
                    -EFAULT);
    munmap(pages, 4096);
    /* One that is too long is for home to refuse. */
    char *longest = malloc(5000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(longest);
    memset(longest, 'a', 4999);
    longest[4999] = 0;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_stat, P(longest), P(&status)), -ENOTSUP);
    longest[4095] = 0;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_stat, P(longest), P(&status)),
                    -ENAMETOOLONG);
    free(longest);
    trip_finish(&trip);
}

static void test_moving_at_home(void)
{
    trip_init(&trip);
    int from = trip_file("0123456789", 10);
    int to = trip_file("", 0);
    int64_t offset = 4;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_sendfile, (uint64_t)to, (uint64_t)from, P(&offset), 3),
        3);
    CU_ASSERT_EQUAL(offset, 7);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_copy_file_range, (uint64_t)from, P(&offset),
                         (uint64_t)to, 0, 3, 0),
                    3);
    CU_ASSERT_EQUAL(offset, 10);
    char back[8] = "";
    CU_ASSERT_EQUAL(pread(to, back, 7, 0), 6);
    CU_ASSERT_STRING_EQUAL(back, "456789");
    int ends[2];
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_pipe, P(ends)), 0);
    offset = 2;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_splice, (uint64_t)from, P(&offset),
                         (uint64_t)ends[1], 0, 5, 0),
                    5);
    CU_ASSERT_EQUAL(offset, 7);
    close(ends[0]);
    close(ends[1]);
    close(from);
    close(to);
    trip_finish(&trip);
}

static void test_terminals(void)
{
    trip_init(&trip);
    int master;
    int slave;
    struct winsize size = {24, 80, 0, 0};
    CU_ASSERT_EQUAL_FATAL(openpty(&master, &slave, NULL, NULL, &size), 0);
    struct winsize all[2] = {{0}, {7, 7, 7, 7}};
    struct winsize seen = {0};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_ioctl, (uint64_t)slave, TIOCGWINSZ, P(all)),
                    0);
    CU_ASSERT(all[0].ws_row == 24 && all[1].ws_row == 7);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_ioctl, (uint64_t)slave, TIOCGWINSZ, P(&seen)), 0);
    CU_ASSERT(seen.ws_row == 24 && seen.ws_col == 80);
    seen.ws_row = 50;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_ioctl, (uint64_t)slave, TIOCSWINSZ, P(&seen)), 0);
    CU_ASSERT_EQUAL(ioctl(master, TIOCGWINSZ, &size), 0);
    CU_ASSERT_EQUAL(size.ws_row, 50);
    uint8_t direct[40] = {0};
    uint8_t here[40] = {0};
    CU_ASSERT_EQUAL(syscall(SYS_ioctl, slave, TCGETS, direct), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_ioctl, (uint64_t)slave, TCGETS, P(here)),
                    0);
    CU_ASSERT_EQUAL(memcmp(direct, here, sizeof here), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_ioctl, (uint64_t)slave, TCSETS, P(here)),
                    0);
    CU_ASSERT_EQUAL(write(master, "line\n", 5), 5);
    struct pollfd arrival = {slave, POLLIN, 0};
    CU_ASSERT_EQUAL(poll(&arrival, 1, 5000), 1);
    int waiting = 0;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_ioctl, (uint64_t)slave, FIONREAD, P(&waiting)), 0);
    CU_ASSERT_EQUAL(waiting, 5);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_ioctl, (uint64_t)slave, TCFLSH, TCIFLUSH),
                    0);
    /* The upper half of the register is not the command's. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_ioctl, (uint64_t)slave,
                         UINT64_C(0xffffffff00000000) | FIONREAD, P(&waiting)),
                    0);
    CU_ASSERT_EQUAL(waiting, 0);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_ioctl, (uint64_t)slave, 0xc0defade, P(here)), -ENOTSUP);
    close(master);
    close(slave);
    trip_finish(&trip);
}

static void test_locks(void)
{
    trip_init(&trip);
    int file = trip_file("0123456789", 10);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 4};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_fcntl, (uint64_t)file, F_SETLK, P(&lock)),
                    0);
    pid_t child = fork();
    if (child == 0) {
        struct flock ask = {
            .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
        int64_t got = TRIP(&trip, SYS_fcntl, (uint64_t)file, F_GETLK, P(&ask));
        _exit(got == 0 && ask.l_type == F_WRLCK && ask.l_pid == getppid() &&
                      ask.l_len == 4
                  ? 0
                  : 1);
    }
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_fcntl, (uint64_t)file, F_SETFD, FD_CLOEXEC),
                    0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_fcntl, (uint64_t)file, F_GETFD, 12345),
                    FD_CLOEXEC);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_fcntl, (uint64_t)file, 4242, 0), -ENOTSUP);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_flock, (uint64_t)file, 2), 0);
    close(file);
    trip_finish(&trip);
}

SUITE_MAIN("calls",
           {"a call without memory sends none", test_no_memory},
           {"bytes are written and read", test_read_write},
           {"what is too large for one request takes several", test_large},
           {"vectors are one area", test_vectors},
           {"a string may end where memory ends", test_string_at_the_edge},
           {"data moves at home", test_moving_at_home},
           {"terminals answer their commands", test_terminals},
           {"locks hold", test_locks})
