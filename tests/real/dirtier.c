/* dirtier.c - a program that changes its memory in every way that there is,
 * while somebody copies it, and knows what must be in it.
 *
 * dirtier WHAT MEBIBYTES MEBIBYTES_PER_S SEED: writes a line when its memory is
 * filled, goes on until SIGTERM, then looks at all of it: 3 if all is right.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_RIGHT = 3, EXIT_WRONG = 4, PAGE = 4096, BLOCKS = 32, BLOCK = 64 };

/* A page says which it is and how often it was written, in all its words. */
struct dirtier
{
    char *pages;
    uint32_t *versions; /* 0: it was given back. */
    size_t count;
    char *blocks[BLOCKS]; /* Of BLOCK pages each, or NULL. */
    uint64_t marks[BLOCKS];
    char *of_file; /* The front of this program, privately. */
    char *heap;    /* Where sbrk began. */
    size_t heap_pages;
    uint64_t random;
    char program[512];
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

static uint64_t next(struct dirtier *d)
{
    uint64_t z = d->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void fill(char *page, uint64_t mark)
{
    for (size_t i = 0; i < PAGE / sizeof mark; i++)
        memcpy(page + i * sizeof mark, &(uint64_t){mark * (i + 1)}, 8);
}

static bool is_filled(const char *page, uint64_t mark)
{
    for (size_t i = 0; i < PAGE / sizeof mark; i++) {
        uint64_t word;
        memcpy(&word, page + i * sizeof mark, 8);
        if (word != mark * (i + 1))
            return false;
    }
    return true;
}

static uint64_t mark_of(const struct dirtier *d, size_t page)
{
    return d->versions[page] == 0 ? 0
                                  : (uint64_t)d->versions[page] << 32 | page;
}

static void write_page(struct dirtier *d)
{
    size_t page = next(d) % d->count;
    d->versions[page]++;
    fill(d->pages + page * PAGE, mark_of(d, page));
}

static void drop_pages(struct dirtier *d)
{
    size_t first = next(d) % d->count;
    size_t some = next(d) % 16 + 1;
    for (size_t i = first; i < first + some && i < d->count; i++) {
        madvise(d->pages + i * PAGE, PAGE, MADV_DONTNEED);
        d->versions[i] = 0;
        if (next(d) % 4 == 0 && d->pages[i * PAGE] != 0)
            _exit(EXIT_WRONG); /* Looking makes it the page of zeros. */
    }
}

/* A block goes, comes, is filled, or moves. */
static void change_block(struct dirtier *d)
{
    size_t which = next(d) % BLOCKS;
    char **block = &d->blocks[which];
    size_t bytes = (size_t)BLOCK * PAGE;
    if (*block && next(d) % 2) {
        munmap(*block, bytes);
        *block = NULL;
    } else if (*block) {
        /* Not if it is cut in pieces, as by a userfaultfd of some of them. */
        char *there =
            mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mprotect(*block, bytes, PROT_READ | PROT_WRITE);
        if (mremap(*block, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
                   there) == there)
            *block = there;
        else
            munmap(there, bytes);
    } else {
        *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        d->marks[which] = next(d);
        for (size_t i = 0; i < BLOCK; i += next(d) % 3 + 1)
            fill(*block + i * PAGE, d->marks[which]);
        if (next(d) % 2) /* Kept from being read, but there. */
            mprotect(*block + PAGE, 4 * (size_t)PAGE, PROT_NONE);
    }
}

/* In the same place: mapped anew, or with other pages of the file. */
static void replace_block(struct dirtier *d)
{
    size_t which = next(d) % BLOCKS;
    char *block = d->blocks[which];
    size_t bytes = (size_t)BLOCK * PAGE;
    if (!block)
        return;
    int file = -1;
    uint64_t how = next(d) % 4;
    if (how > 1)
        file = open(d->program, O_RDONLY | O_CLOEXEC);
    mmap(block, bytes, how == 3 ? PROT_READ : PROT_READ | PROT_WRITE,
         MAP_FIXED | (how == 3 ? MAP_SHARED : MAP_PRIVATE) |
             (file < 0 ? MAP_ANONYMOUS : 0),
         file, file < 0 ? 0 : (off_t)(next(d) % 3 * PAGE));
    if (file >= 0)
        close(file);
    d->marks[which] = next(d);
    if (how < 2)
        fill(block + next(d) % BLOCK * PAGE, d->marks[which]);
    else if (how == 2)
        block[next(d) % 2 * PAGE + 7]++;
}

static void touch_file(struct dirtier *d)
{
    enum { PAGES = 3 };
    if (next(d) % 3 == 0)
        madvise(d->of_file, (size_t)PAGES * PAGE, MADV_DONTNEED);
    else
        d->of_file[next(d) % ((size_t)PAGES * PAGE)]++;
}

static void change_heap(struct dirtier *d)
{
    if (d->heap_pages > 256 || (d->heap_pages > 0 && next(d) % 3 == 0)) {
        sbrk(-PAGE);
        d->heap_pages--;
        return;
    }
    fill(sbrk(PAGE), ++d->heap_pages);
}

static uint64_t deep(struct dirtier *d, unsigned left)
{
    volatile char page[PAGE];
    page[left % PAGE] = (char)left;
    return left == 0 ? (uint64_t)page[0] : deep(d, left - 1) + 1;
}

static void chaos(struct dirtier *d)
{
    switch (next(d) % 8) {
        case 0:
        case 1:
            drop_pages(d);
            break;
        case 2:
            change_block(d);
            break;
        case 3:
            replace_block(d);
            break;
        case 4:
            touch_file(d);
            break;
        case 5:
            change_heap(d);
            break;
        case 6:
            if (deep(d, (unsigned)(next(d) % 200)) == UINT64_MAX)
                _exit(EXIT_WRONG);
            break;
        default:
            break;
    }
}

static int look(const struct dirtier *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (!is_filled(d->pages + i * PAGE, mark_of(d, i)))
            return EXIT_WRONG;
    for (size_t i = 0; i < d->heap_pages; i++)
        if (!is_filled(d->heap + i * PAGE, i + 1))
            return EXIT_WRONG;
    return EXIT_RIGHT;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void run(struct dirtier *d, bool wild, double pages_per_s)
{
    enum { STEP = 32 };
    double start = now_s();
    for (double written = 0; !ended; written += STEP) {
        if (written > (now_s() - start) * pages_per_s) {
            usleep(500);
            written -= STEP;
            continue;
        }
        for (int i = 0; i < STEP; i++)
            write_page(d);
        if (wild)
            chaos(d);
    }
}

/* Waits in calls that no stop may be seen in. */
static int wait_in_calls(void)
{
    int ends[2];
    char byte;
    if (pipe(ends) < 0)
        return EXIT_WRONG;
    while (!ended) {
        struct timespec nap = {0, 20000000};
        struct timespec rest = {0};
        if (clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, &rest) != 0 && !ended)
            return EXIT_WRONG;
        if (write(ends[1], "x", 1) != 1 || read(ends[0], &byte, 1) != 1)
            return EXIT_WRONG;
        double from = now_s();
        struct pollfd empty = {ends[0], POLLIN, 0};
        if (poll(&empty, 1, 20) != 0 && !ended)
            return EXIT_WRONG;
        if (now_s() - from < 0.018 && !ended)
            return EXIT_WRONG;
    }
    return EXIT_RIGHT;
}

int main(int argc, char **argv)
{
    struct dirtier d = {0};
    struct sigaction action = {.sa_handler = end};
    if (argc != 5)
        return EXIT_WRONG;
    sigaction(SIGTERM, &action, NULL);
    d.count = (size_t)atol(argv[2]) * 256;
    d.random = (uint64_t)atol(argv[4]);
    snprintf(d.program, sizeof d.program, "%s", argv[0]);
    d.pages = mmap(NULL, d.count * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    d.versions = calloc(d.count, sizeof *d.versions);
    int file = open(d.program, O_RDONLY | O_CLOEXEC);
    d.of_file =
        mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    close(file);
    d.heap = sbrk(0);
    bool zeros = strcmp(argv[1], "zeros") == 0;
    for (size_t i = 0; i < d.count; i++) {
        d.versions[i] = !zeros;
        fill(d.pages + i * PAGE, mark_of(&d, i));
    }
    if (write(STDOUT_FILENO, "filled\n", 7) != 7)
        return EXIT_WRONG;
    if (strcmp(argv[1], "waits") == 0)
        return wait_in_calls();
    run(&d, strcmp(argv[1], "wild") == 0, atof(argv[3]) * 256);
    return look(&d);
}
