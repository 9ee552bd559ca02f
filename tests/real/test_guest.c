/* test_guest.c - a guest among homes that are honest, lie, fall silent or die
 * at every step: it runs and asks for its calls, goes home, or is no more; and
 * nothing of it is left: no process, no descriptor.
 *
 * The body is one taken once from a running subject; the home is this process,
 * the guardian a child.
 */
#include "../suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "real/homenode/cpu.h"
#include "real/homenode/guest.h"
#include "real/homenode/hello.h"
#include "real/homenode/image.h"
#include "real/homenode/stream_socket.h"

enum {
    RIGHT = 3,
    LINES = 40,
    LEASE_US = 400 * 1000,
    LIMIT_S = 240,
    FIRST_EPOCH = 5,
    /* What the guardian says by its exit status. */
    SAYS_EVENT = 100,
    SAYS_REFUSED = 90,
    SAYS_LEFTOVERS = 91,
};

/* ---- A body, as records. ------------------------------------------------- */

struct body
{
    int file;
    int lines; /* It had written so many. */
    off_t bytes;
};

static int count_lines(const char *path)
{
    FILE *file = fopen(path, "re");
    int count = 0;
    int c;
    while (file && (c = fgetc(file)) != EOF)
        count += c == '\n';
    if (file)
        fclose(file);
    return count;
}

static pid_t launch(const char *out)
{
    char program[512];
    char lines[16];
    snprintf(program, sizeof program, "%s/subject", getenv("BIN"));
    snprintf(lines, sizeof lines, "%d", LINES);
    pid_t pid = fork();
    if (pid == 0) {
        close_range(3, ~0U, 0);
        execl(program, program, "compute", lines, out, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static int put_image(struct tracee *t, const struct stream *stream)
{
    static struct image image;
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_STOP);
    struct transfer *transfer;
    struct wire_end end = {0};
    struct iovec parts[] = {{&image, sizeof image}, {&end, sizeof end}};
    static struct pending pending; /* None: it takes no signals. */
    int error = image_take(t, &image, &pending);
    if (!error)
        error = transfer_create(&transfer, t, &limits);
    if (error)
        return error;
    error = transfer_rest(transfer, stream);
    transfer_destroy(transfer);
    if (!error)
        error = stream_put(stream, RECORD_IMAGE, &parts[0], 1);
    return error ? error : stream_put(stream, RECORD_END, &parts[1], 1);
}

static const struct body *the_body(void)
{
    static struct body body = {.file = -1};
    char out[] = "/tmp/vencejo-test-XXXXXX";
    struct tracee tracee;
    if (body.file >= 0)
        return &body;
    close(mkstemp(out));
    pid_t pid = launch(out);
    for (int ms = 0; ms < 20000 && count_lines(out) < 3; ms++)
        usleep(1000);
    body.file = memfd_create("body", MFD_CLOEXEC);
    struct stream stream = stream_of(&body.file);
    CU_ASSERT_EQUAL_FATAL(tracee_seize(&tracee, pid, PTRACE_O_EXITKILL), 0);
    CU_ASSERT_EQUAL_FATAL(tracee_stop(&tracee), 0);
    body.lines = count_lines(out);
    CU_ASSERT_EQUAL_FATAL(put_image(&tracee, &stream), 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, __WALL);
    unlink(out);
    body.bytes = lseek(body.file, 0, SEEK_CUR);
    return &body;
}

/* ---- The guardian. ------------------------------------------------------- */

static int count_files(void)
{
    int count = 0;
    DIR *list = opendir("/proc/self/fd");
    while (list && readdir(list))
        count++;
    closedir(list);
    return count;
}

static bool has_children(void)
{
    return waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD;
}

static int serve(const struct stream *home)
{
    struct guest_options options = {
        .transfer = transfer_limits_usual(TRANSFER_STOP), .lease_us = LEASE_US};
    struct complaint complaint = {0};
    struct guest *guest;
    enum guest_event event;
    if (guest_create(&guest, home, NULL, &options, &complaint) != 0)
        return complaint.text[0] ? SAYS_REFUSED : EXIT_FAILURE;
    do
        if (guest_serve(guest, -1, &event) != 0)
            return EXIT_FAILURE;
    while (event == GUEST_CUT);
    guest_destroy(guest);
    return SAYS_EVENT + (int)event;
}

static _Noreturn void guard(int socket)
{
    sigset_t set;
    struct stream_socket s;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    close_range(3, (unsigned)socket - 1, 0);
    close_range((unsigned)socket + 1, ~0U, 0);
    alarm(LIMIT_S);
    int files = count_files();
    stream_socket_init(&s, socket, 2 * LEASE_US);
    struct stream stream = stream_socket_of(&s);
    int said = serve(&stream);
    if (has_children() || count_files() != files)
        said = SAYS_LEFTOVERS;
    _exit(said);
}

/* ---- The home. ----------------------------------------------------------- */

struct home
{
    pid_t guardian;
    int socket;
    struct stream_socket stream_socket;
    struct stream stream;
    struct link *link;
    struct incoming incoming;
    struct wire_asked asked;
    char text[256]; /* What the last write(2) had. */
};

static struct home *begin(void)
{
    int ends[2];
    struct home *h = calloc(1, sizeof *h);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    the_body();
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    fflush(NULL);
    h->guardian = fork();
    if (h->guardian == 0)
        guard(ends[1]);
    close(ends[1]);
    h->socket = ends[0];
    stream_socket_init(&h->stream_socket, h->socket, 2 * LEASE_US);
    h->stream = stream_socket_of(&h->stream_socket);
    CU_ASSERT_EQUAL_FATAL(link_create(&h->link, &h->stream, LINK_AT_HOME), 0);
    link_set_lease(h->link, 20 * LEASE_US);
    return h;
}

/* How the guardian ended. */
static int finish(struct home *h)
{
    int status = -1;
    if (h->socket >= 0)
        close(h->socket);
    CU_ASSERT_EQUAL(waitpid(h->guardian, &status, 0), h->guardian);
    link_destroy(h->link);
    stream_socket_finish(&h->stream_socket);
    incoming_finish(&h->incoming);
    free(h);
    CU_ASSERT(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void put(struct home *h,
                enum record_kind kind,
                void *message,
                size_t bytes,
                bool lasting)
{
    struct iovec part = {message, bytes};
    link_put(h->link, kind, &part, 1, lasting);
}

static void put_head(struct home *h, enum record_kind kind)
{
    struct wire_head head;
    put(h, kind, &head, sizeof head, true);
}

static void put_abort(struct home *h, int error)
{
    struct wire_abort message = {.error = error};
    put(h, RECORD_ABORT, &message, sizeof message, true);
}

static void put_reply(struct home *h, int64_t result)
{
    struct wire_reply message = {.result = result};
    put(h, RECORD_REPLY, &message, sizeof message, true);
}

/* The next that is no USAGE. */
static int hear(struct home *h)
{
    int error;
    do
        error = link_get(h->link, &h->incoming, 10 * 1000 * 1000, -1, NULL);
    while (!error && h->incoming.kind == RECORD_USAGE);
    return error ? error : (int)h->incoming.kind;
}

/* How it ends by itself, which it may not before it has heard all. */
static int await_end(struct home *h)
{
    while (hear(h) > 0)
        continue;
    return finish(h);
}

static void say_hello(struct home *h)
{
    struct wire_hello hello = {.version = 0};
    CU_ASSERT_EQUAL(hello_make(&hello), 0);
    link_set_epoch(h->link, FIRST_EPOCH);
    put(h, RECORD_HELLO, &hello, sizeof hello, false);
    CU_ASSERT_EQUAL(hear(h), RECORD_HELLO);
}

static void say_body(struct home *h)
{
    struct wire_body body = {.home_pid = 4242};
    put(h, RECORD_BODY, &body, sizeof body, false);
}

static void send_raw(struct home *h, off_t from, off_t to)
{
    char buffer[65536];
    for (ssize_t got; from < to; from += got) {
        size_t most = sizeof buffer;
        if ((off_t)most > to - from)
            most = (size_t)(to - from);
        got = pread(the_body()->file, buffer, most, from);
        if (got <= 0 ||
            h->stream.write(h->stream.context, buffer, (size_t)got) != 0)
            return;
    }
}

static void go(struct home *h)
{
    link_set_epoch(h->link, FIRST_EPOCH + 1);
    struct wire_go go;
    struct iovec part = {&go, sizeof go};
    memset(&go, 0xff, sizeof go); /* No limits. */
    CU_ASSERT_EQUAL(link_put(h->link, RECORD_GO, &part, 1, true), 0);
}

/* All that an honest home says, up to RUNNING. */
static void send_out(struct home *h)
{
    say_hello(h);
    say_body(h);
    send_raw(h, 0, the_body()->bytes);
    CU_ASSERT_EQUAL_FATAL(hear(h), RECORD_READY);
    go(h);
    CU_ASSERT_EQUAL_FATAL(hear(h), RECORD_RUNNING);
}

/* The next call; the number, or minus the kind of what came instead. */
static int next_call(struct home *h)
{
    int kind = hear(h);
    if (kind != RECORD_REQUEST)
        return kind < 0 ? kind : -kind;
    CU_ASSERT_EQUAL_FATAL(wire_take_request(&h->incoming, &h->asked), 0);
    memset(h->text, 0, sizeof h->text);
    size_t bytes = h->asked.data_bytes;
    memcpy(h->text, h->asked.data,
           bytes < sizeof h->text ? bytes : sizeof h->text - 1);
    return h->asked.request.number;
}

/* ---- Honest homes. ------------------------------------------------------- */

/* As the subject does it. */
static uint64_t next_state(uint64_t state)
{
    for (int i = 0; i < 4000000; i++)
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return state;
}

static uint64_t state_after(int lines)
{
    uint64_t state = 1;
    for (int i = 0; i < lines; i++)
        state = next_state(state);
    return state;
}

/* Its next line is what it would have been at home. */
static void expect_line(struct home *h, int line, uint64_t state)
{
    char right[64];
    int number = next_call(h);
    int length = snprintf(right, sizeof right, "%d %016llx\n", line,
                          (unsigned long long)state);
    CU_ASSERT_EQUAL_FATAL(number, SYS_write);
    CU_ASSERT_EQUAL(h->asked.request.arguments[0], 3);
    CU_ASSERT_EQUAL(strncmp(h->text, right, (size_t)length), 0);
    put_reply(h, (int64_t)h->asked.request.arguments[2]);
}

static void it_works_to_its_end(void)
{
    struct home *h = begin();
    int line = the_body()->lines;
    uint64_t state = state_after(line);
    send_out(h);
    for (; line < LINES; line++)
        expect_line(h, line, state = next_state(state));
    int number = next_call(h);
    while (number == SYS_close || number == SYS_fstat) {
        put_reply(h, 0);
        number = next_call(h);
    }
    CU_ASSERT_EQUAL(number, SYS_exit_group);
    CU_ASSERT_EQUAL(h->asked.request.arguments[0], RIGHT);
    put_head(h, RECORD_GONE);
    CU_ASSERT_EQUAL(await_end(h), SAYS_EVENT + GUEST_ENDED);
}

/* The records of an image; the calls that come in between are interrupted. */
static void take_home(struct home *h)
{
    int kind = hear(h);
    bool has_maps = false;
    while (kind == RECORD_REQUEST) {
        put_reply(h, -512);
        kind = hear(h);
    }
    CU_ASSERT_EQUAL_FATAL(kind, RECORD_BODY);
    for (kind = hear(h); kind == RECORD_MAPS || kind == RECORD_PAGES;
         kind = hear(h))
        has_maps |= kind == RECORD_MAPS;
    CU_ASSERT(has_maps);
    CU_ASSERT_EQUAL_FATAL(kind, RECORD_IMAGE);
    CU_ASSERT_EQUAL(h->incoming.bytes, sizeof(struct image));
    CU_ASSERT_PTR_NULL(image_check((const struct image *)h->incoming.body));
    CU_ASSERT_EQUAL(hear(h), RECORD_END);
    CU_ASSERT_EQUAL(h->incoming.bytes, sizeof(struct wire_end));
}

static void it_comes_home_when_called(void)
{
    struct home *h = begin();
    send_out(h);
    put_head(h, RECORD_RECALL);
    take_home(h);
    put_head(h, RECORD_GONE);
    CU_ASSERT_EQUAL(await_end(h), SAYS_EVENT + GUEST_LEFT);
}

static void it_comes_home_out_of_a_call(void)
{
    struct home *h = begin();
    send_out(h);
    CU_ASSERT_EQUAL(next_call(h), SYS_write);
    put_head(h, RECORD_RECALL);
    put_reply(h, -512);
    take_home(h);
    put_head(h, RECORD_GONE);
    CU_ASSERT_EQUAL(await_end(h), SAYS_EVENT + GUEST_LEFT);
}

static void what_home_cannot_take_goes_on(void)
{
    struct home *h = begin();
    int line = the_body()->lines;
    uint64_t state = state_after(line);
    send_out(h);
    put_head(h, RECORD_RECALL);
    take_home(h);
    put_abort(h, -EADDRINUSE);
    CU_ASSERT_EQUAL(hear(h), RECORD_RUNNING);
    for (int end = line + 3; line < end; line++)
        expect_line(h, line, state = next_state(state));
    put_abort(h, -ESTALE);
    CU_ASSERT_EQUAL(await_end(h), SAYS_EVENT + GUEST_ABORTED);
}

static void a_signal_kills_it(void)
{
    struct home *h = begin();
    struct wire_signal message = {0};
    struct wire_dead dead = {.signal = 0};
    siginfo_t info = {.si_signo = SIGTERM, .si_code = SI_USER};
    memcpy(message.info, &info, sizeof message.info);
    send_out(h);
    put(h, RECORD_SIGNAL, &message, sizeof message, true);
    int kind = hear(h);
    while (kind == RECORD_REQUEST) {
        put_reply(h, (int64_t)1);
        kind = hear(h);
    }
    CU_ASSERT_EQUAL(kind, RECORD_DEAD);
    CU_ASSERT_EQUAL(wire_take(&h->incoming, &dead, sizeof dead), 0);
    CU_ASSERT_EQUAL(dead.signal, SIGTERM);
    put_head(h, RECORD_GONE);
    CU_ASSERT_EQUAL(await_end(h), SAYS_EVENT + GUEST_ENDED);
}

/* The last child of the guardian: the body. */
static pid_t body_of(pid_t guardian)
{
    char path[64];
    int pid = 0;
    int next;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", guardian,
             guardian);
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%d", &next) == 1)
        pid = next;
    if (file)
        fclose(file);
    return pid;
}

static void somebody_kills_it(void)
{
    struct home *h = begin();
    struct wire_dead dead = {.signal = 0};
    send_out(h);
    pid_t body = body_of(h->guardian);
    CU_ASSERT_FATAL(body > 0);
    CU_ASSERT_EQUAL(kill(body, SIGKILL), 0);
    int kind = hear(h);
    while (kind == RECORD_REQUEST)
        kind = hear(h);
    CU_ASSERT_EQUAL(kind, RECORD_DEAD);
    CU_ASSERT_EQUAL(wire_take(&h->incoming, &dead, sizeof dead), 0);
    CU_ASSERT_EQUAL(dead.signal, SIGKILL);
    put_head(h, RECORD_GONE);
    CU_ASSERT_EQUAL(await_end(h), SAYS_EVENT + GUEST_ENDED);
}

/* ---- Other homes. -------------------------------------------------------- */

/* Up to where a home is honest. */
enum step {
    NOTHING,
    SAID_HELLO,
    SAID_BODY,
    SENT_SOME, /* Of the image. */
    SENT_IMAGE,
    HEARD_READY,
    HEARD_RUNNING,
    HEARD_REQUEST,
    SAID_RECALL,
    HEARD_END,
    STEPS
};

static void be_honest(struct home *h, enum step until)
{
    off_t bytes = the_body()->bytes;
    if (until >= SAID_HELLO)
        say_hello(h);
    if (until >= SAID_BODY)
        say_body(h);
    if (until == SENT_SOME)
        send_raw(h, 0, bytes / 2);
    if (until >= SENT_IMAGE)
        send_raw(h, 0, bytes);
    if (until >= HEARD_READY)
        CU_ASSERT_EQUAL(hear(h), RECORD_READY);
    if (until >= HEARD_RUNNING) {
        go(h);
        CU_ASSERT_EQUAL(hear(h), RECORD_RUNNING);
    }
    if (until == HEARD_REQUEST)
        CU_ASSERT_EQUAL(next_call(h), SYS_write);
    if (until >= SAID_RECALL)
        put_head(h, RECORD_RECALL);
    if (until >= HEARD_END)
        take_home(h);
}

static void a_home_that_dies(void)
{
    for (enum step step = NOTHING; step < STEPS; step++) {
        struct home *h = begin();
        be_honest(h, step);
        int said = finish(h);
        /* Before it ran it is thrown away, afterwards it waits for a lease. */
        CU_ASSERT_EQUAL(said, step < HEARD_RUNNING ? SAYS_REFUSED
                                                   : SAYS_EVENT + GUEST_LOST);
    }
}

static void a_home_that_falls_silent(void)
{
    for (enum step step = NOTHING; step < STEPS; step++) {
        struct home *h = begin();
        int status;
        be_honest(h, step);
        /* It stays connected. */
        CU_ASSERT_EQUAL(waitpid(h->guardian, &status, WNOHANG), 0);
        usleep(4 * LEASE_US);
        int said = finish(h);
        CU_ASSERT_EQUAL(said, step < HEARD_RUNNING ? SAYS_REFUSED
                                                   : SAYS_EVENT + GUEST_LOST);
    }
}

static void a_home_that_takes_it_back(void)
{
    for (enum step step = SAID_HELLO; step < STEPS; step++) {
        if (step == SENT_SOME)
            continue; /* It would stand in the middle of a record. */
        struct home *h = begin();
        be_honest(h, step);
        put_abort(h, -ESTALE);
        int said = await_end(h);
        CU_ASSERT_EQUAL(said, step < HEARD_RUNNING
                                  ? SAYS_REFUSED
                                  : SAYS_EVENT + GUEST_ABORTED);
    }
}

/* Each kind of record where it does not belong, in a right envelope; what is
 * not wrong there is left out. */
static bool is_right(enum step step, enum record_kind kind)
{
    bool image = kind == RECORD_MAPS || kind == RECORD_PAGES ||
                 kind == RECORD_DROPPED || kind == RECORD_IMAGE ||
                 kind == RECORD_END;
    if (kind == RECORD_LEASE || kind == RECORD_ABORT)
        return true;
    if (step < HEARD_RUNNING)
        return (step == NOTHING && kind == RECORD_HELLO) ||
               (step == SAID_HELLO && kind == RECORD_BODY) ||
               (step == SAID_BODY && image) ||
               (step == HEARD_READY && kind == RECORD_GO);
    return kind == RECORD_GONE || kind == RECORD_RECALL ||
           kind == RECORD_MOVE || (step == HEARD_END && kind == RECORD_GO);
}

static void records_out_of_place(void)
{
    static uint8_t zeros[512];
    for (enum step step = NOTHING; step < STEPS; step++) {
        for (int kind = RECORD_BEGIN; kind < RECORD_KINDS; kind++) {
            if (step == SENT_SOME || is_right(step, (enum record_kind)kind))
                continue;
            struct home *h = begin();
            be_honest(h, step);
            struct wire_head head = {.epoch = FIRST_EPOCH + 9, .sequence = 10};
            memcpy(zeros, &head, sizeof head);
            struct iovec part = {zeros, sizeof zeros};
            stream_put(&h->stream, (enum record_kind)kind, &part, 1);
            CU_ASSERT_EQUAL(await_end(h), step < HEARD_RUNNING
                                              ? SAYS_REFUSED
                                              : SAYS_EVENT + GUEST_ABORTED);
        }
    }
}

/* A bit of the stream is another: the body never runs. */
static void damaged_images(void)
{
    enum { FLIPS = 24 };
    off_t bytes = the_body()->bytes;
    for (int i = 0; i < FLIPS; i++) {
        struct home *h = begin();
        off_t at = (bytes - 1) * i / FLIPS;
        uint8_t byte = 0;
        be_honest(h, SAID_BODY);
        send_raw(h, 0, at);
        CU_ASSERT_EQUAL(pread(the_body()->file, &byte, 1, at), 1);
        byte ^= (uint8_t)(1 << i % 8);
        h->stream.write(h->stream.context, &byte, 1);
        send_raw(h, at + 1, bytes);
        CU_ASSERT_EQUAL(finish(h), SAYS_REFUSED);
    }
}

/* Whole records, with a sum that is right, whose image no process can have. */
static void images_that_cannot_be(void)
{
    static struct image wrong[3];
    memset(&wrong[0], 0xff, sizeof wrong[0]);
    wrong[1].registers.cs = 0x33;
    wrong[1].registers.rip = UINT64_MAX;
    wrong[2].registers.cs = 0x33;
    wrong[2].registers.fs_base = UINT64_C(0x8000000000000000);
    const struct memory_map maps[] = {{0x10000, 0x20000, 3, 0},
                                      {0x30000, 0x7fffff000000, 7, 0}};
    for (int i = 0; i < 3; i++) {
        struct home *h = begin();
        struct iovec parts[] = {{(void *)(uintptr_t)maps, sizeof maps},
                                {&wrong[i], sizeof wrong[i]}};
        be_honest(h, SAID_BODY);
        stream_put(&h->stream, RECORD_MAPS, &parts[0], 1);
        stream_put(&h->stream, RECORD_IMAGE, &parts[1], 1);
        const struct wire_end end = {0};
        struct iovec last = {(void *)(uintptr_t)&end, sizeof end};
        stream_put(&h->stream, RECORD_END, &last, 1);
        CU_ASSERT_EQUAL(hear(h), RECORD_ABORT);
        CU_ASSERT_EQUAL(finish(h), SAYS_REFUSED);
    }
}

static void replies_that_do_not_fit(void)
{
    static uint8_t much[65536];
    for (int i = 0; i < 3; i++) {
        struct home *h = begin();
        be_honest(h, HEARD_REQUEST);
        struct wire_reply reply = {.result = 1 << 20};
        struct iovec parts[] = {{&reply, sizeof reply}, {much, sizeof much}};
        if (i == 1)
            parts[0].iov_len = sizeof reply.head;
        /* The last: two for one call. */
        link_put(h->link, RECORD_REPLY, parts, i == 0 ? 2 : 1, true);
        if (i == 2)
            put_reply(h, 1);
        CU_ASSERT_EQUAL(hear(h) == RECORD_REQUEST ? hear(h) : RECORD_ABORT,
                        RECORD_ABORT);
        CU_ASSERT_EQUAL(await_end(h), SAYS_EVENT + GUEST_ABORTED);
    }
}

/* ---- HELLO. -------------------------------------------------------------- */

static void other_machines(void)
{
    struct wire_hello home = {.version = 0};
    CU_ASSERT_EQUAL(hello_make(&home), 0);
    struct wire_hello host = home;
    CU_ASSERT_PTR_NULL(hello_wrong(&host));
    CU_ASSERT_PTR_NULL(hello_misfit(&home, &host));
    host.cpu[0] = 0;
    CU_ASSERT_PTR_NOT_NULL(hello_misfit(&home, &host));
    CU_ASSERT_PTR_NULL(hello_misfit(&host, &home)); /* It has more. */
    host = home;
    host.vdso_digest++;
    CU_ASSERT_PTR_NOT_NULL(hello_misfit(&home, &host));
    host = home;
    host.extended_states = 3;
    CU_ASSERT_PTR_NOT_NULL(hello_misfit(&home, &host));
    host = home;
    host.version++;
    CU_ASSERT_PTR_NOT_NULL(hello_wrong(&host));
    host.magic[0]++;
    CU_ASSERT_PTR_NOT_NULL(hello_wrong(&host));
}

static void states_in_other_places(void)
{
    uint32_t here[WIRE_CPU_WORDS] = {0};
    uint32_t there[WIRE_CPU_WORDS] = {0};
    const uint64_t with_avx = 7;
    const uint64_t without = 3;
    here[10] = 576; /* AVX is state 2, SDM volume 1, 13.4.3. */
    there[10] = 640;
    CU_ASSERT_PTR_NOT_NULL(cpu_lacks(there, here, with_avx, with_avx));
    CU_ASSERT_PTR_NULL(cpu_lacks(there, here, with_avx, without));
    there[10] = 576;
    CU_ASSERT_PTR_NULL(cpu_lacks(there, here, with_avx, with_avx));
}

SUITE_MAIN(
    "guest",
    {"it works to its end with the calls of its home", it_works_to_its_end},
    {"it comes home when it is called", it_comes_home_when_called},
    {"it comes home out of a call that waits", it_comes_home_out_of_a_call},
    {"what its home cannot take goes on here", what_home_cannot_take_goes_on},
    {"a signal of its home kills it, which home hears", a_signal_kills_it},
    {"somebody kills it, which home hears", somebody_kills_it},
    {"a home that dies, at each step", a_home_that_dies},
    {"a home that falls silent, at each step", a_home_that_falls_silent},
    {"a home that takes it back, at each step", a_home_that_takes_it_back},
    {"each record where it does not belong", records_out_of_place},
    {"a bit of the image is another", damaged_images},
    {"images that no process can have", images_that_cannot_be},
    {"replies that do not fit the call", replies_that_do_not_fit},
    {"another machine lacks something", other_machines},
    {"extended states lie in other places", states_in_other_places})
