/* test_hostile.c - a guest that wants out: whatever it does, its host is as
 * before, and only the guardian has heard of it.
 *
 * The seed is printed; HOSTILE_SEED gives it again. */
#include "../suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lodging.h"

enum {
    NUMBER_LAST = 600,
    NOBODY = 65534,
    MOST_MS = 120000,
    TEXT_BYTES = 256 * 1024,
    LOCAL_MAX = 40,
    JUMP_SEEDS = 8,
    JUMPS_MS = 800,
    JUMPS_MAX = 3000,
};

/* Of this run. */
static const char *folder(void)
{
    static char name[40];
    if (!name[0])
        snprintf(name, sizeof name, "vencejo-hostile-%d", getpid());
    return name;
}

/* ---- The host. ----------------------------------------------------------- */

struct host
{
    char folder[64];
    char file[80];
    pid_t canary;
    char *before; /* All of it, as text. */
};

/* What is changed must not be anybody's but this program's. */
static void get_apart(void)
{
    if (geteuid() == 0)
        CU_ASSERT_EQUAL_FATAL(
            unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC),
            0);
}

static _Noreturn void be_canary(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (geteuid() == 0 &&
        (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
         setresuid(NOBODY, NOBODY, NOBODY)))
        _exit(1);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_NAME, "canary", 0, 0, 0);
    for (;;)
        pause();
}

static void add(char *text, const char *name, const char *value)
{
    size_t length = strlen(text);
    snprintf(text + length, TEXT_BYTES - length, "%s: %s\n", name, value);
}

static void add_file(char *text, const char *path)
{
    static char bytes[TEXT_BYTES];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof bytes - 1);
    if (file >= 0)
        close(file);
    bytes[got > 0 ? got : 0] = 0;
    add(text, path, got < 0 ? strerror(errno) : bytes);
}

static void add_folder(char *text, const char *path)
{
    DIR *list = opendir(path);
    const struct dirent *entry;
    struct stat status;
    char line[512];
    while (list && (entry = readdir(list)))
        if (fstatat(dirfd(list), entry->d_name, &status, 0) == 0 &&
            strcmp(entry->d_name, "..") != 0) {
            snprintf(line, sizeof line, "%o %lld %lld.%09ld", status.st_mode,
                     (long long)status.st_size,
                     (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
            add(text, entry->d_name, line);
        }
    if (list)
        closedir(list);
}

/* Alive, with the signals that somebody sent. */
static void add_canary(char *text, pid_t canary)
{
    char path[64];
    char line[256];
    snprintf(path, sizeof path, "/proc/%d/status", canary);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strstr(line, "State") || strstr(line, "Pnd") ||
            strstr(line, "Tracer") || strstr(line, "Uid"))
            add(text, "canary", line);
    if (file)
        fclose(file);
}

static char *look_at(const struct host *h)
{
    char *text = calloc(1, TEXT_BYTES);
    struct utsname names;
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    uname(&names);
    add(text, "host", names.nodename);
    add(text, "domain", names.domainname);
    add_file(text, h->file);
    add_folder(text, h->folder);
    if (geteuid() == 0) /* Else others may change them meanwhile. */
        add_file(text, "/proc/self/mountinfo");
    struct if_nameindex *names_of = if_nameindex();
    for (size_t i = 0; names_of && names_of[i].if_index != 0; i++)
        add(text, "interface", names_of[i].if_name);
    if_freenameindex(names_of);
    add_canary(text, h->canary);
    return text;
}

static void prepare(struct host *h)
{
    get_apart();
    *h = (struct host){0};
    snprintf(h->folder, sizeof h->folder, "/tmp/vencejo-hostile-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(h->folder));
    CU_ASSERT_EQUAL(chmod(h->folder, 0777), 0);
    snprintf(h->file, sizeof h->file, "%s/canary", h->folder);
    int file = open(h->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    CU_ASSERT_EQUAL(write(file, "alive\n", 6), 6);
    CU_ASSERT_EQUAL(fchmod(file, 0666), 0);
    close(file);
    h->canary = fork();
    if (h->canary == 0)
        be_canary();
    usleep(50000);
    h->before = look_at(h);
}

static bool unchanged(struct host *h)
{
    char *after = look_at(h);
    bool same = strcmp(h->before, after) == 0;
    free(after);
    return same;
}

static void clear(struct host *h)
{
    char made[80];
    snprintf(made, sizeof made, "%s/new", h->folder);
    unlink(made);
    unlink(h->file);
    CU_ASSERT_EQUAL(rmdir(h->folder), 0);
    kill(h->canary, SIGKILL);
    CU_ASSERT_EQUAL(waitpid(h->canary, NULL, 0), h->canary);
    free(h->before);
    cgroup_take_away(folder());
    /* Nor is there a child of any guardian. */
    CU_ASSERT_EQUAL(waitpid(-1, NULL, __WALL), -1);
    CU_ASSERT_EQUAL(errno, ECHILD);
}

static uint64_t seed(void)
{
    const char *given = getenv("HOSTILE_SEED");
    uint64_t value =
        given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) % 1000000 + 1;
    printf("seed %llu ", (unsigned long long)value);
    return value;
}

static int lodge_at(struct lodging *l,
                    bool unfiltered,
                    const char *what,
                    const char *a,
                    const char *b,
                    const char *c)
{
    char program[512];
    struct lodging_rules rules = {
        .limits = {.memory_bytes = UINT64_C(256) << 20,
                   .pid_count = 8,
                   .cgroup = folder()},
        .unfiltered = unfiltered};
    snprintf(program, sizeof program, "%s/hostile", getenv("BIN"));
    char *arguments[] = {program,
                         (char *)(uintptr_t)what,
                         (char *)(uintptr_t)a,
                         (char *)(uintptr_t)b,
                         (char *)(uintptr_t)c,
                         NULL};
    int error = lodge(l, &rules, arguments);
    return error ? error : lodging_go(l);
}

/* ---- Every number. ------------------------------------------------------- */

/* The class "local by filter" of the design, by hand: what reaches nothing but
 * the caller's memory, signals and clocks. */
static const int local[LOCAL_MAX] = {
    SYS_mmap,
    SYS_mprotect,
    SYS_munmap,
    SYS_brk,
    SYS_mremap,
    SYS_msync,
    SYS_mincore,
    SYS_madvise,
    SYS_munlock,
    SYS_munlockall,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigpending,
    SYS_rt_sigsuspend,
    SYS_pause,
    SYS_rt_sigtimedwait,
    SYS_sigaltstack,
    SYS_futex,
    SYS_sched_yield,
    SYS_getcpu,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_arch_prctl,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_gettimeofday,
    SYS_time,
    SYS_getitimer,
    SYS_setitimer,
    SYS_restart_syscall,
    449, /* futex_waitv, futex_wake, _wait, _requeue */
    454,
    455,
    456};

/* Kernels since 6.11 make these without asking the filter: traps of uprobes,
 * which do nothing, or end the caller, if they come from elsewhere. */
enum { SYS_URETPROBE = 335, SYS_UPROBE = 336 };

static bool is_local(int number)
{
    if (number == SYS_URETPROBE || number == SYS_UPROBE)
        return true;
    for (size_t i = 0; i < LOCAL_MAX; i++)
        if (local[i] == number && (i == 0 || number != 0))
            return true;
    return false;
}

/* From `first` on, until it dies or hangs; returns at which. */
static long try_numbers(uint64_t from, long first, uint32_t told[])
{
    struct lodging l;
    char texts[3][24];
    int signal;
    snprintf(texts[0], sizeof texts[0], "%llu", (unsigned long long)from);
    snprintf(texts[1], sizeof texts[1], "%ld", first);
    snprintf(texts[2], sizeof texts[2], "%d", NUMBER_LAST);
    CU_ASSERT_EQUAL_FATAL(
        lodge_at(&l, false, "numbers", texts[0], texts[1], texts[2]), 0);
    enum lodging_end end = lodging_guard(&l, MOST_MS, &signal);
    CU_ASSERT_NOT_EQUAL_FATAL(end, LODGING_LATE);
    long step = l.seen.step > first ? (long)l.seen.step : first;
    for (int i = 0; i <= NUMBER_LAST; i++)
        told[i] += l.told[i];
    lodging_end(&l);
    return end == LODGING_DONE ? NUMBER_LAST + 1 : step;
}

static void every_number(void)
{
    struct host h;
    uint32_t told[LODGING_NUMBERS] = {0};
    int begins = 0;
    uint64_t from = seed();
    prepare(&h);
    long again = -1;
    for (long next = 0; next <= NUMBER_LAST; begins++) {
        long end = try_numbers(from, next, told);
        /* What ended it may be of a call before, such as a timer. */
        bool by_itself = end != again && !is_local((int)end);
        next = by_itself ? end : end + 1;
        again = end;
    }
    for (int i = 0; i <= NUMBER_LAST; i++) {
        if (is_local(i))
            continue;
        if (told[i] < HOSTILE_TRIES)
            fprintf(stderr, "call %d was told %u times ", i, told[i]);
        CU_ASSERT(told[i] >= HOSTILE_TRIES);
    }
    printf("%d bodies ", begins);
    CU_ASSERT(unchanged(&h));
    clear(&h);
}

static void other_kinds(void)
{
    static const char *const kinds[] = {"x32", "old"};
    struct host h;
    prepare(&h);
    for (size_t i = 0; i < 2; i++) {
        struct lodging l;
        int signal = 0;
        CU_ASSERT_EQUAL_FATAL(lodge_at(&l, false, kinds[i], NULL, NULL, NULL),
                              0);
        CU_ASSERT_EQUAL(lodging_guard(&l, MOST_MS, &signal), LODGING_DIED);
        CU_ASSERT_EQUAL(signal, SIGSYS);
        lodging_end(&l);
        /* The filter did that, not the kernel by itself. */
        CU_ASSERT_EQUAL_FATAL(lodge_at(&l, true, kinds[i], NULL, NULL, NULL),
                              0);
        CU_ASSERT_EQUAL(lodging_guard(&l, MOST_MS, &signal), LODGING_DONE);
        lodging_end(&l);
    }
    CU_ASSERT(unchanged(&h));
    clear(&h);
}

static void anywhere(void)
{
    struct host h;
    uint64_t from = seed();
    int64_t jumped = 0;
    prepare(&h);
    for (uint64_t i = 0; i < JUMP_SEEDS; i++) {
        struct lodging l;
        char text[24];
        int signal;
        snprintf(text, sizeof text, "%llu", (unsigned long long)(from + i));
        CU_ASSERT_EQUAL_FATAL(lodge_at(&l, false, "jumps", text, NULL, NULL),
                              0);
        lodging_guard(&l, JUMPS_MS, &signal);
        /* It may have jumped to where this is written. */
        if (l.seen.step > 0 && l.seen.step <= JUMPS_MAX)
            jumped += l.seen.step;
        lodging_end(&l);
    }
    printf("%lld jumps ", (long long)jumped);
    CU_ASSERT(jumped > JUMP_SEEDS);
    CU_ASSERT(unchanged(&h));
    clear(&h);
}

/* ---- By hand. ------------------------------------------------------------ */

static void try_by_hand(const struct host *h,
                        bool unfiltered,
                        struct hostile_page *ret)
{
    struct lodging l;
    char canary[24];
    char guardian[24];
    int signal;
    snprintf(canary, sizeof canary, "%d", h->canary);
    snprintf(guardian, sizeof guardian, "%d", getpid());
    CU_ASSERT_EQUAL_FATAL(
        lodge_at(&l, unfiltered, "attempts", h->folder, canary, guardian), 0);
    CU_ASSERT_EQUAL(lodging_guard(&l, MOST_MS, &signal), LODGING_DONE);
    CU_ASSERT(lodging_look(&l, ret));
    lodging_end(&l);
}

static void by_hand(void)
{
    struct host h;
    struct hostile_page page = {0};
    prepare(&h);
    try_by_hand(&h, false, &page);
    for (int i = 0; i < ATTEMPT_COUNT; i++)
        CU_ASSERT_EQUAL(page.values[i], -ENOSYS);
    CU_ASSERT(unchanged(&h));
    clear(&h);
}

/* The namespaces hold by themselves, if the filter should have a hole. */
static void by_hand_without_filter(void)
{
    static const enum hostile_attempt none_there[] = {
        ATTEMPT_OPEN_PASSWD, ATTEMPT_OPEN_CANARY, ATTEMPT_CREATE_FILE,
        ATTEMPT_UNLINK_CANARY, ATTEMPT_LIST_ROOT};
    static const enum hostile_attempt nobody_there[] = {
        ATTEMPT_KILL_CANARY,  ATTEMPT_QUEUE_SIGNAL, ATTEMPT_KILL_PARENT,
        ATTEMPT_TRACE_CANARY, ATTEMPT_READ_CANARY,  ATTEMPT_WRITE_GUARDIAN};
    static const enum hostile_attempt forbidden[] = {
        ATTEMPT_MOUNT, ATTEMPT_HOSTNAME, ATTEMPT_HANDLE};
    if (geteuid() != 0) {
        fprintf(stderr, "skipped: it hides from a guardian without rights ");
        return;
    }
    struct host h;
    struct hostile_page page = {0};
    prepare(&h);
    try_by_hand(&h, true, &page);
    for (size_t i = 0; i < sizeof none_there / sizeof none_there[0]; i++)
        CU_ASSERT(page.values[none_there[i]] == -ENOENT ||
                  page.values[none_there[i]] == -EROFS);
    for (size_t i = 0; i < sizeof nobody_there / sizeof nobody_there[0]; i++)
        CU_ASSERT_EQUAL(page.values[nobody_there[i]], -ESRCH);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        CU_ASSERT_EQUAL(page.values[forbidden[i]], -EPERM);
    /* And it is the filter that stops these. */
    CU_ASSERT(page.values[ATTEMPT_FORK] > 0);
    CU_ASSERT(page.values[ATTEMPT_SOCKET_INET] >= 0);
    CU_ASSERT_EQUAL(page.values[ATTEMPT_UNDUMPABLE], 0);
    CU_ASSERT(unchanged(&h));
    clear(&h);
}

/* And what it would do to who does not put it into a sandbox: the tests above
 * see it. */
static void by_hand_at_large(void)
{
    if (geteuid() != 0) {
        fprintf(stderr, "skipped: only root can be apart ");
        return;
    }
    struct host h;
    char program[512];
    char canary[24];
    int status;
    prepare(&h);
    snprintf(program, sizeof program, "%s/hostile", getenv("BIN"));
    snprintf(canary, sizeof canary, "%d", h.canary);
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
            setresuid(NOBODY, NOBODY, NOBODY))
            _exit(1);
        execl(program, program, "attempts", h.folder, canary, canary, "now",
              (char *)NULL);
        _exit(127);
    }
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_FALSE(unchanged(&h));
    CU_ASSERT_EQUAL(access(h.file, F_OK), -1);
    clear(&h);
}

SUITE_MAIN("hostile guest",
           {"every call by number is told or its own affair", every_number},
           {"calls of x32 and int 0x80 end it", other_kinds},
           {"it jumps anywhere and gets nowhere", anywhere},
           {"what one tries by hand is told", by_hand},
           {"without the filter, namespaces hold", by_hand_without_filter},
           {"without either the host is harmed, and that is seen",
            by_hand_at_large})
