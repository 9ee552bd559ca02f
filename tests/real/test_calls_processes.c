/* test_calls_processes.c - programs, children, timers, queues and signals,
 * through the window. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trip.h"

#define P(x) TRIP_NUMBER(x)

static struct trip trip;

static void test_execute(void)
{
    trip_init(&trip);
    int ends[2];
    CU_ASSERT_EQUAL(pipe2(ends, 0), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        char *arguments[] = {"sh", "-c", "printf '%s|' \"$@\" \"$COLOR\"",
                             "sh", "",   "two words",
                             NULL};
        char *environment[] = {"A=1", "COLOR=green", NULL};
        TRIP(&trip, SYS_execve, P("/bin/sh"), P(arguments), P(environment));
        _exit(9);
    }
    close(ends[1]);
    char said[64] = "";
    ssize_t count = read(ends[0], said, sizeof said - 1);
    CU_ASSERT(count > 0);
    CU_ASSERT_STRING_EQUAL(said, "|two words|green|");
    int status = -1;
    struct rusage usage;
    memset(&usage, 0xee, sizeof usage);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_wait4, (uint64_t)child, P(&status), 0, P(&usage)),
        child);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT(usage.ru_maxrss > 0 && usage.ru_utime.tv_sec == 0);
    close(ends[0]);
    /* 300 arguments are still one area; a program that is not there is an
     * answer. */
    char *many[301];
    for (int i = 0; i < 300; i++)
        many[i] = "argument";
    many[300] = NULL;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_execve, P("/nonexistent"), P(many), P(many)), -ENOENT);
    CU_ASSERT_EQUAL(trip.asked.request.area_count, 3);
    char *none[] = {NULL};
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_execve, P("/nonexistent"), P(none), P(none)), -ENOENT);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_execve, P("/nonexistent"), 16, 0), -EFAULT);
    /* Pointers at the end of the last page that there is. */
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_FATAL(pages != MAP_FAILED);
    munmap(pages + 4096, 4096);
    memcpy(pages + 4096 - sizeof many[299] * 2, &many[299],
           sizeof many[299] * 2);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_execve, P("/nonexistent"),
                         P(pages + 4096 - sizeof many[299] * 2), 0),
                    -ENOENT);
    munmap(pages, 4096);
    trip_finish(&trip);
}

static void test_children(void)
{
    trip_init(&trip);
    pid_t child = fork();
    if (child == 0)
        pause();
    /* No child has ended: the caller's memory stays as it is. */
    int status = 0x5555;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_wait4, (uint64_t)child, P(&status), WNOHANG, 0), 0);
    CU_ASSERT_EQUAL(status, 0x5555);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_kill, (uint64_t)child, SIGTERM), 0);
    siginfo_t info = {0};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_waitid, P_PID, (uint64_t)child, P(&info),
                         WEXITED | WNOWAIT, 0),
                    0);
    CU_ASSERT_EQUAL(info.si_pid, child);
    CU_ASSERT_EQUAL(info.si_status, SIGTERM);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_wait4, (uint64_t)child, P(&status), 0, 0),
                    child);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_wait4, (uint64_t)-1, 0, WNOHANG, 0),
                    -ECHILD);
    trip_finish(&trip);
}

static void test_timers(void)
{
    trip_init(&trip);
    int64_t timer = TRIP(&trip, SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    struct itimerspec set = {{0, 0}, {100, 0}};
    struct itimerspec old;
    memset(&old, 0xee, sizeof old);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_timerfd_settime, (uint64_t)timer, 0, P(&set), P(&old)),
        0);
    CU_ASSERT_EQUAL(old.it_value.tv_sec, 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_timerfd_gettime, (uint64_t)timer, P(&old)),
                    0);
    CU_ASSERT(old.it_value.tv_sec >= 90 && old.it_value.tv_sec <= 100);
    close((int)timer);
    struct itimerval real = {{0, 0}, {50, 0}};
    struct itimerval was = {0};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_setitimer, ITIMER_REAL, P(&real), 0), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_setitimer, ITIMER_REAL, 0, P(&was)), 0);
    CU_ASSERT(was.it_value.tv_sec >= 40);
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    int id = -1;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_timer_create, CLOCK_MONOTONIC, P(&event), P(&id)), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_timer_settime, (uint64_t)id, 0, P(&set), 0),
                    0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_timer_delete, (uint64_t)id), 0);
    event.sigev_notify = SIGEV_THREAD;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_timer_create, CLOCK_MONOTONIC, P(&event), P(&id)),
        -ENOTSUP);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_timer_create, CLOCK_PROCESS_CPUTIME_ID,
                         P(&event), P(&id)),
                    -ENOTSUP);
    struct timespec nap = {0, 1000};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_nanosleep, P(&nap), 0), 0);
    trip_finish(&trip);
}

static void test_queues(void)
{
    trip_init(&trip);
    int64_t queue = TRIP(&trip, SYS_msgget, IPC_PRIVATE, 0600);
    CU_ASSERT(queue >= 0);
    struct
    {
        long type;
        char text[16];
    } message = {7, "a letter"};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_msgsnd, (uint64_t)queue, P(&message), 8, 0),
                    0);
    struct msqid_ds status;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_msgctl, (uint64_t)queue, IPC_STAT, P(&status)), 0);
    CU_ASSERT_EQUAL(status.msg_qnum, 1);
    memset(&message, '.', sizeof message);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_msgrcv, (uint64_t)queue, P(&message), 16, 0, 0), 8);
    CU_ASSERT_EQUAL(message.type, 7);
    CU_ASSERT_EQUAL(memcmp(message.text, "a letter........", 16), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_msgctl, (uint64_t)queue, IPC_RMID, 0), 0);
    int64_t set = TRIP(&trip, SYS_semget, IPC_PRIVATE, 2, 0600);
    struct sembuf operations[2] = {{0, 3, 0}, {1, 1, 0}};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_semop, (uint64_t)set, P(operations), 2), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_semctl, (uint64_t)set, 0, GETVAL, 0), 3);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_semctl, (uint64_t)set, 0, SETVAL, 9), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_semctl, (uint64_t)set, 0, GETVAL, 0), 9);
    unsigned short all[2];
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_semctl, (uint64_t)set, 0, GETALL, P(all)),
                    -ENOTSUP);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_semctl, (uint64_t)set, 0, IPC_RMID, 0), 0);
    trip_finish(&trip);
}

static void test_posix_queues(void)
{
    trip_init(&trip);
    char name[32];
    snprintf(name, sizeof name, "vencejo-%d", getpid());
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 32};
    int64_t queue = TRIP(&trip, SYS_mq_open, P(name), O_RDWR | O_CREAT, 0600,
                         P(&attributes));
    if (queue == -ENOSYS || queue == -EACCES || queue == -EMFILE) {
        trip_finish(&trip);
        return; /* This kernel, or this user, has none. */
    }
    CU_ASSERT_FATAL(queue >= 0);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_mq_timedsend, (uint64_t)queue, P("hi"), 2, 5, 0), 0);
    char back[33] = "................................";
    unsigned priority = 0;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_mq_timedreceive, (uint64_t)queue, P(back),
                         32, P(&priority), 0),
                    2);
    CU_ASSERT_EQUAL(memcmp(back, "hi......", 8), 0);
    CU_ASSERT_EQUAL(priority, 5);
    struct mq_attr seen;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_mq_getsetattr, (uint64_t)queue, 0, P(&seen)), 0);
    CU_ASSERT_EQUAL(seen.mq_msgsize, 32);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_mq_unlink, P(name)), 0);
    close((int)queue);
    trip_finish(&trip);
}

static volatile sig_atomic_t came_value;

static void note(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    came_value = info->si_value.sival_int;
}

static void test_signals(void)
{
    trip_init(&trip);
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    struct sigaction old;
    sigaction(SIGUSR1, &action, &old);
    siginfo_t info = {0};
    info.si_signo = SIGUSR1;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_value.sival_int = 4711;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_rt_sigqueueinfo, (uint64_t)getpid(), SIGUSR1, P(&info)),
        0);
    CU_ASSERT_EQUAL(came_value, 4711);
    sigaction(SIGUSR1, &old, NULL);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_tgkill, (uint64_t)getpid(), (uint64_t)getpid(), 0), 0);
    trip_finish(&trip);
}

static void test_system(void)
{
    trip_init(&trip);
    struct utsname seen;
    struct utsname direct;
    uname(&direct);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_uname, P(&seen)), 0);
    CU_ASSERT_EQUAL(memcmp(&seen, &direct, sizeof seen), 0);
    struct sysinfo info = {0};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_sysinfo, P(&info)), 0);
    CU_ASSERT(info.totalram > 0 && info.mem_unit > 0);
    uint64_t cpus[16] = {0};
    uint64_t same[16] = {0};
    int64_t bytes = TRIP(&trip, SYS_sched_getaffinity, 0, sizeof cpus, P(cpus));
    CU_ASSERT_EQUAL(syscall(SYS_sched_getaffinity, 0, sizeof same, same),
                    bytes);
    CU_ASSERT_EQUAL(memcmp(cpus, same, sizeof same), 0);
    uint32_t ids[3] = {77, 77, 77};
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_getresuid, P(&ids[0]), P(&ids[1]), P(&ids[2])), 0);
    CU_ASSERT(ids[0] == getuid() && ids[1] == geteuid());
    struct rlimit limit = {0, 0};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_prlimit64, 0, RLIMIT_NOFILE, 0, P(&limit)),
                    0);
    CU_ASSERT(limit.rlim_cur > 0);
    char name[16] = "";
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_prctl, 15, P("renamed\0........")), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_prctl, 16, P(name)), 0);
    CU_ASSERT_STRING_EQUAL(name, "renamed");
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_prctl, 35, 1, 2, 3, 4), -ENOTSUP);
    uint32_t head[2] = {0x20080522, 0};
    uint32_t data[6] = {0};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_capget, P(head), P(data)), 0);
    head[0] = 1; /* A failure that says what would be right. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_capget, P(head), P(data)), -EINVAL);
    CU_ASSERT_EQUAL(head[0], 0x20080522);
    int64_t groups = TRIP(&trip, SYS_getgroups, 0, 0);
    CU_ASSERT_EQUAL(groups, syscall(SYS_getgroups, 0, NULL));
    trip_finish(&trip);
}

SUITE_MAIN("calls, processes",
           {"a program gets its arguments", test_execute},
           {"children are waited for", test_children},
           {"timers run", test_timers},
           {"System V queues and semaphores work", test_queues},
           {"POSIX queues work", test_posix_queues},
           {"a signal takes its value along", test_signals},
           {"the system is described the same", test_system})
