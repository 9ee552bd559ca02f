/* subject.c - a program to be saved in the middle of what it does: it prints a
 * line, over and over, that depends on all that it has done before.
 *
 * subject WHAT LINES FILE: appends LINES lines to FILE, exits with 3. */
#include <errno.h>
#include <immintrin.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_RIGHT = 3, EXIT_WRONG = 4, PAGE = 4096 };

struct subject
{
    FILE *out;
    const char *path; /* Of out. */
    long lines;
    volatile sig_atomic_t signals;
    volatile sig_atomic_t on_alternate_stack;
    char *alternate_stack;
};

/* A handler gets no argument of ours. */
static struct subject *the_subject;

/* As long with one compiler as with another: clang would make one step of
 * many. */
static uint64_t work(uint64_t state)
{
    for (int i = 0; i < 4000000; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407U;
        __asm__ volatile("" : "+r"(state));
    }
    return state;
}

static void say(struct subject *s, long line, uint64_t value)
{
    fprintf(s->out, "%ld %016llx\n", line, (unsigned long long)value);
    fflush(s->out);
}

static int compute(struct subject *s)
{
    uint64_t state = 1;
    for (long i = 0; i < s->lines; i++)
        say(s, i, state = work(state));
    return EXIT_RIGHT;
}

/* The same, but on until there is a file FILE.enough. */
static int compute_on(struct subject *s)
{
    char enough[512];
    uint64_t state = 1;
    snprintf(enough, sizeof enough, "%s.enough", s->path);
    for (long i = 0; i < s->lines || access(enough, F_OK) != 0; i++)
        say(s, i, state = work(state));
    return EXIT_RIGHT;
}

/* The values are nowhere but in the vector registers while it works. */
__attribute__((target("avx2"))) static int vectors(struct subject *s)
{
    __m256i sum = _mm256_set_epi64x(1, 2, 3, 4);
    const __m256i step = _mm256_set_epi64x(5, 7, 11, 13);
    for (long i = 0; i < s->lines; i++) {
        for (int k = 0; k < 30000000; k++) {
            sum = _mm256_add_epi64(sum, step);
            __asm__ volatile("" : "+x"(sum));
        }
        uint64_t parts[4];
        memcpy(parts, &sum, sizeof parts);
        say(s, i, parts[0] ^ parts[1] << 1 ^ parts[2] << 2 ^ parts[3] << 3);
    }
    return EXIT_RIGHT;
}

/* Grows by brk and by mmap, gives back, and looks at all that it keeps. */
static int memory(struct subject *s)
{
    enum { BLOCKS = 64, BLOCK = 256 * 1024 };
    unsigned char *blocks[BLOCKS] = {0};
    uint64_t state = 1;
    for (long i = 0; i < s->lines; i++) {
        size_t at = (size_t)i % BLOCKS;
        free(blocks[at]);
        blocks[at] = malloc(BLOCK + (size_t)i * PAGE);
        memset(blocks[at], (int)i, BLOCK);
        char *heap = sbrk(PAGE);
        memset(heap, (int)i, PAGE);
        uint64_t sum = 0;
        for (size_t k = 0; k < BLOCKS; k++)
            sum = sum * 31 + (blocks[k] ? blocks[k][BLOCK - 1] : 0);
        say(s, i, (state = work(state)) ^ sum);
    }
    return EXIT_RIGHT;
}

/* Ten thousand mappings: every other page has another protection. */
static int mappings(struct subject *s)
{
    enum { PAGES = 10000 };
    unsigned char *block =
        mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return EXIT_WRONG;
    for (size_t i = 0; i < PAGES; i++)
        block[i * PAGE] = (unsigned char)i;
    for (size_t i = 0; i < PAGES; i += 2)
        mprotect(block + i * PAGE, PAGE, PROT_READ);
    uint64_t state = 1;
    for (long i = 0; i < s->lines; i++) {
        uint64_t sum = 0;
        for (size_t k = 0; k < PAGES; k++)
            sum = sum * 31 + block[k * PAGE];
        block[PAGE]++;
        say(s, i, (state = work(state)) ^ sum);
    }
    return EXIT_RIGHT;
}

static void handle(int signal, siginfo_t *info, void *context)
{
    char here;
    (void)signal;
    (void)info;
    (void)context;
    struct subject *s = the_subject;
    s->signals++;
    if (&here >= s->alternate_stack && &here < s->alternate_stack + SIGSTKSZ)
        s->on_alternate_stack++;
}

/* USR1 is handled on another stack, USR2 is blocked and pending from the first
 * line to the last, and a timer rings. */
static int signals(struct subject *s)
{
    struct sigaction action = {
        .sa_sigaction = handle,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    struct itimerval timer = {{0, 20000}, {0, 20000}};
    sigset_t blocked;
    s->alternate_stack = malloc((size_t)SIGSTKSZ);
    stack_t stack = {.ss_sp = s->alternate_stack, .ss_size = (size_t)SIGSTKSZ};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 7});
    setitimer(ITIMER_REAL, &timer, NULL);
    uint64_t state = 1;
    for (long i = 0; i < s->lines; i++) {
        int before = s->signals;
        raise(SIGUSR1);
        sigset_t pending;
        sigpending(&pending);
        bool rang = false;
        for (int tries = 0; tries < 2000 && !rang; tries++) {
            usleep(1000);
            rang = s->signals > before + 1;
        }
        if (!rang || s->on_alternate_stack != s->signals ||
            !sigismember(&pending, SIGUSR2))
            return EXIT_WRONG;
        say(s, i, state = work(state));
    }
    siginfo_t info;
    bool queued = sigwaitinfo(&blocked, &info) == SIGUSR2 &&
                  info.si_code == SI_QUEUE && info.si_value.sival_int == 7;
    return queued ? EXIT_RIGHT : EXIT_WRONG;
}

static bool next_queued(const sigset_t *blocked, int expected)
{
    const struct timespec none = {0};
    siginfo_t info;
    return sigtimedwait(blocked, &info, &none) == SIGRTMIN &&
           info.si_code == SI_QUEUE && info.si_value.sival_int == expected;
}

/* Hundreds of signals wait for it, from the first line to the last: with each
 * line it takes some, and sends itself as many. */
static int queue(struct subject *s)
{
    enum { WAIT = 700, TAKEN = 30 };
    uint64_t state = 1;
    int first = 0, next = 0;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    for (long i = 0; i < s->lines; i++) {
        for (; next < first + WAIT; next++)
            if (sigqueue(getpid(), SIGRTMIN, (union sigval){next}) != 0)
                return EXIT_WRONG;
        for (int k = 0; k < TAKEN; k++)
            if (!next_queued(&blocked, first++))
                return EXIT_WRONG;
        say(s, i, state = work(state));
    }
    while (first < next)
        if (!next_queued(&blocked, first++))
            return EXIT_WRONG;
    return next_queued(&blocked, next) ? EXIT_WRONG : EXIT_RIGHT;
}

/* Asleep in a system call nearly all of the time. */
static int sleeper(struct subject *s)
{
    for (long i = 0; i < s->lines; i++) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 50000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
            return EXIT_WRONG;
        say(s, i, (uint64_t)i);
    }
    return EXIT_RIGHT;
}

/* Its child has its memory, and says its number. */
static int vforked(struct subject *s)
{
    pid_t child = vfork();
    if (child == 0) {
        struct timespec lines = {.tv_nsec = s->lines * 1000000};
        fprintf(s->out, "%d\n", (int)getpid());
        fflush(s->out);
        nanosleep(&lines, NULL);
        _exit(EXIT_RIGHT);
    }
    return waitpid(child, NULL, 0) == child ? EXIT_RIGHT : EXIT_WRONG;
}

/* A MiB of stack at a time, up to where its own limit ends: far more than is
 * usual. */
static uint64_t deepen(struct subject *s, long line, uint64_t state)
{
    enum { BYTES = 1024 * 1024 };
    volatile unsigned char frame[BYTES];
    for (size_t i = 0; i < sizeof frame; i += PAGE)
        frame[i] = (unsigned char)(state + i);
    say(s, line, state = work(state));
    if (line + 1 < s->lines)
        state = deepen(s, line + 1, state);
    for (size_t i = 0; i < sizeof frame; i += PAGE)
        state = state * 31 + frame[i];
    return state;
}

/* Limits that it gives itself bind it, and no others. */
static int live_within(struct subject *s, rlim_t data_hard)
{
    enum { MIB = 1024 * 1024, MOST = 1024 };
    /* Of which no code is, so less than all that is mapped. */
    const struct rlimit data = {MIB / 2, data_hard};
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    struct rlimit stack = none;
    struct rlimit space = none;
    struct rlimit now;
    if (getrlimit(RLIMIT_STACK, &stack) || getrlimit(RLIMIT_AS, &space))
        return EXIT_WRONG;
    stack.rlim_cur = (rlim_t)(s->lines + 8) * MIB;
    space.rlim_cur = (rlim_t)MOST * MIB;
    if (setrlimit(RLIMIT_STACK, &stack) || setrlimit(RLIMIT_AS, &space) ||
        setrlimit(RLIMIT_DATA, &data))
        return EXIT_WRONG;
    uint64_t state = 1;
    for (long i = 0; i < s->lines; i++) {
        void *more = mmap(NULL, (size_t)MOST * MIB, PROT_READ,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more != MAP_FAILED || errno != ENOMEM ||
            getrlimit(RLIMIT_AS, &now) || now.rlim_cur != space.rlim_cur)
            return EXIT_WRONG;
        more = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more != MAP_FAILED || errno != ENOMEM ||
            getrlimit(RLIMIT_DATA, &now) || now.rlim_cur != data.rlim_cur ||
            now.rlim_max != data.rlim_max)
            return EXIT_WRONG;
        say(s, i, state = work(state));
    }
    say(s, s->lines, deepen(s, 0, state));
    return EXIT_RIGHT;
}

static int limits(struct subject *s)
{
    struct rlimit data;
    return getrlimit(RLIMIT_DATA, &data) ? EXIT_WRONG
                                         : live_within(s, data.rlim_max);
}

/* Nobody without rights can lift them. */
static int tight_limits(struct subject *s)
{
    return live_within(s, 512 * 1024);
}

static int64_t spent_us(const struct timeval *time)
{
    return time->tv_sec * INT64_C(1000000) + time->tv_usec;
}

/* None of its counts of CPU time goes back. CLOCK_PROCESS_CPUTIME_ID still does
 * once in a while, around a move; docs/homenode.md names that. */
static int cpu_clocks(struct subject *s)
{
    int64_t last[5] = {0};
    uint64_t state = 1;
    for (long i = 0; i < s->lines; i++) {
        for (int look = 0; look < 20; look++) {
            struct timespec clock;
            struct rusage usage;
            struct tms ticks;
            for (int k = 0; k < 200000; k++)
                state = state * UINT64_C(6364136223846793005) + 1;
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &clock);
            getrusage(RUSAGE_SELF, &usage);
            times(&ticks);
            const int64_t now[] = {
                clock.tv_sec * INT64_C(1000000000) + clock.tv_nsec,
                spent_us(&usage.ru_utime), spent_us(&usage.ru_stime),
                ticks.tms_utime, ticks.tms_stime};
            for (size_t c = 0; c < sizeof now / sizeof now[0]; c++) {
                if (now[c] < last[c])
                    return EXIT_WRONG;
                last[c] = now[c];
            }
        }
        say(s, i, state);
    }
    return EXIT_RIGHT;
}

int main(int count, char **arguments)
{
    static const struct
    {
        const char *name;
        int (*run)(struct subject *s);
    } kinds[] = {{"compute", compute},       {"compute_on", compute_on},
                 {"vectors", vectors},       {"memory", memory},
                 {"mappings", mappings},     {"signals", signals},
                 {"sleeper", sleeper},       {"queue", queue},
                 {"limits", limits},         {"tight_limits", tight_limits},
                 {"cpu_clocks", cpu_clocks}, {"vforked", vforked}};

    if (count != 4)
        return EXIT_FAILURE;
    static struct subject s;
    s = (struct subject){.out = fopen(arguments[3], "a"),
                         .path = arguments[3],
                         .lines = atol(arguments[2])};
    the_subject = &s;
    if (!s.out)
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, arguments[1]) == 0)
            return kinds[i].run(&s);
    return EXIT_FAILURE;
}
