/* test_link.c - epochs, leases, bounds and the socket stream of a link. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../../real/homenode/link.h"
#include "../../real/homenode/stream_socket.h"
#include "cable.h"
#include "tests/suite.h"

enum { HOME, HOST };
enum { BEAT_BYTES = RECORD_HEAD_BYTES + sizeof(struct wire_head) };
#define MS 1000ULL

static struct incoming incoming;

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int put(struct link *link, enum record_kind kind)
{
    uint8_t message[sizeof(struct wire_usage)] = {0};
    bool light = kind == RECORD_HELLO || kind == RECORD_BODY ||
                 kind == RECORD_USAGE || kind == RECORD_LEASE;
    struct iovec part = {message, sizeof message};
    return link_put(link, kind, &part, 1, !light);
}

static int get(struct link *link)
{
    return link_get(link, &incoming, 0, -1, NULL);
}

static bool comes(struct link *link, enum record_kind kind)
{
    return get(link) == 0 && incoming.kind == kind;
}

static bool abort_comes(struct link *link)
{
    struct wire_abort message;
    if (!comes(link, RECORD_ABORT) || incoming.bytes != sizeof message)
        return false;
    memcpy(&message, incoming.body, sizeof message);
    return message.error == -ESTALE;
}

/* Two links at a cable in memory. */
struct pair
{
    struct cable cable;
    struct link *home;
    struct link *host;
    int host_resumed;
};

static void pair_init(struct pair *pair)
{
    cable_init(&pair->cable);
    (void)link_create(&pair->home, &pair->cable.streams[HOME], LINK_AT_HOME);
    (void)link_create(&pair->host, &pair->cable.streams[HOST], LINK_AT_HOST);
}

static void pair_finish(struct pair *pair)
{
    link_destroy(pair->home);
    link_destroy(pair->host);
    cable_finish(&pair->cable);
    incoming_finish(&incoming);
}

static void resume_host(void *context)
{
    struct pair *pair = context;
    pair->cable.idle = NULL;
    pair->host_resumed = link_resume(pair->host, &pair->cable.streams[HOST]);
}

/* All that is under way is lost, and both go on with another cable. */
static int replace(struct pair *pair)
{
    cable_finish(&pair->cable);
    cable_init(&pair->cable);
    pair->cable.idle = resume_host;
    pair->cable.context = pair;
    pair->host_resumed = -EIO;
    return link_resume(pair->home, &pair->cable.streams[HOME]);
}

/* ---- Epochs. ------------------------------------------------------------- */

static void older_is_answered(void)
{
    struct pair pair;
    pair_init(&pair);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_REQUEST), 0);
    CU_ASSERT_TRUE(comes(pair.home, RECORD_REQUEST));
    link_set_epoch(pair.home, 1);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_REQUEST), 0);
    CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
    CU_ASSERT_TRUE(abort_comes(pair.host));
    CU_ASSERT_EQUAL(put(pair.host, RECORD_DEAD), 0);
    CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
    CU_ASSERT_TRUE(abort_comes(pair.host));
    /* Beats and accounts of before are no offence, and a host that gives up
     * is heard. */
    CU_ASSERT_EQUAL(put(pair.host, RECORD_USAGE), 0);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_LEASE), 0);
    CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
    CU_ASSERT_EQUAL(get(pair.host), -EAGAIN);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_ABORT), 0);
    CU_ASSERT_TRUE(comes(pair.home, RECORD_ABORT));
    pair_finish(&pair);
}

static void go_says_the_epoch(void)
{
    struct pair pair;
    pair_init(&pair);
    link_set_epoch(pair.home, 7);
    CU_ASSERT_EQUAL(put(pair.home, RECORD_HELLO), 0);
    CU_ASSERT_TRUE(comes(pair.host, RECORD_HELLO));
    CU_ASSERT_EQUAL(link_epoch(pair.host), 7);
    link_set_epoch(pair.home, 8);
    CU_ASSERT_EQUAL(put(pair.home, RECORD_SIGNAL), 0); /* Says nothing of it. */
    CU_ASSERT_TRUE(comes(pair.host, RECORD_SIGNAL));
    CU_ASSERT_EQUAL(link_epoch(pair.host), 7);
    CU_ASSERT_EQUAL(put(pair.home, RECORD_GO), 0);
    CU_ASSERT_TRUE(comes(pair.host, RECORD_GO));
    CU_ASSERT_EQUAL(link_epoch(pair.host), 8);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_RUNNING), 0);
    CU_ASSERT_TRUE(comes(pair.home, RECORD_RUNNING));
    pair_finish(&pair);
}

static void a_host_cannot_raise_it(void)
{
    struct pair pair;
    pair_init(&pair);
    link_set_epoch(pair.host, 1);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_HELLO), 0);
    CU_ASSERT_EQUAL(get(pair.home), -EBADMSG);
    CU_ASSERT_EQUAL(link_epoch(pair.home), 0);
    pair_finish(&pair);
}

static void an_old_image_is_not_given(void)
{
    struct pair pair;
    pair_init(&pair);
    const struct stream *stream = link_stream(pair.host);
    link_set_epoch(pair.home, 1);
    for (int old = 1; old >= 0; old--) {
        CU_ASSERT_EQUAL(put(pair.host, RECORD_BODY), 0);
        CU_ASSERT_EQUAL(stream_put(stream, RECORD_MAPS, NULL, 0), 0);
        CU_ASSERT_EQUAL(stream_put(stream, RECORD_END, NULL, 0), 0);
        if (old) {
            CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
            CU_ASSERT_TRUE(abort_comes(pair.host));
            link_set_epoch(pair.host, 1);
        }
    }
    CU_ASSERT_TRUE(comes(pair.home, RECORD_BODY));
    CU_ASSERT_TRUE(comes(pair.home, RECORD_MAPS));
    CU_ASSERT_TRUE(comes(pair.home, RECORD_END));
    CU_ASSERT_EQUAL(stream_put(stream, RECORD_PAGES, NULL, 0), 0);
    CU_ASSERT_EQUAL(get(pair.home), -EBADMSG); /* Of no body. */
    pair_finish(&pair);
}

static void who_takes_an_image_says_when(void)
{
    struct pair pair;
    pair_init(&pair);
    const struct stream *stream = link_stream(pair.home);
    CU_ASSERT_EQUAL(link_ask_taken(pair.home), 0);
    CU_ASSERT_EQUAL(get(pair.host), -EAGAIN);
    CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
    CU_ASSERT_FALSE(link_was_taken(pair.home)); /* There is no image. */
    CU_ASSERT_EQUAL(put(pair.home, RECORD_BODY), 0);
    for (int round = 0; round < 2; round++) {
        CU_ASSERT_EQUAL(stream_put(stream, RECORD_MAPS, NULL, 0), 0);
        CU_ASSERT_EQUAL(link_ask_taken(pair.home), 0);
        CU_ASSERT_TRUE(
            comes(pair.host, round == 0 ? RECORD_BODY : RECORD_MAPS));
        CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
        CU_ASSERT_FALSE(link_was_taken(pair.home));
        if (round == 0)
            CU_ASSERT_TRUE(comes(pair.host, RECORD_MAPS));
        CU_ASSERT_EQUAL(get(pair.host), -EAGAIN);
        CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
        CU_ASSERT_TRUE(link_was_taken(pair.home));
    }
    CU_ASSERT_EQUAL(get(pair.host), -EAGAIN); /* Neither says more. */
    CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
    pair_finish(&pair);
}

static void a_lost_go_comes_again(void)
{
    struct pair pair;
    pair_init(&pair);
    link_set_epoch(pair.home, 1);
    CU_ASSERT_EQUAL(put(pair.home, RECORD_GO), 0);
    CU_ASSERT_EQUAL(replace(&pair), 0);
    CU_ASSERT_EQUAL(pair.host_resumed, 0);
    CU_ASSERT_TRUE(comes(pair.host, RECORD_GO));
    CU_ASSERT_EQUAL(link_epoch(pair.host), 1);
    /* Taken away while the cable was cut. */
    link_set_epoch(pair.home, 2);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_RUNNING), 0);
    CU_ASSERT_EQUAL(replace(&pair), -ESTALE);
    CU_ASSERT_EQUAL(pair.host_resumed, 0);
    CU_ASSERT_TRUE(abort_comes(pair.host));
    pair_finish(&pair);
}

/* ---- What is kept. ------------------------------------------------------- */

static void kept_is_bounded(void)
{
    struct pair pair;
    pair_init(&pair);
    for (int i = 0; i < LINK_KEPT_MAX; i++)
        CU_ASSERT_EQUAL_FATAL(put(pair.home, RECORD_SIGNAL), 0);
    CU_ASSERT_EQUAL(put(pair.home, RECORD_SIGNAL), -ENOBUFS);
    for (int i = 0; i < LINK_KEPT_MAX; i++)
        CU_ASSERT_TRUE_FATAL(comes(pair.host, RECORD_SIGNAL));
    CU_ASSERT_EQUAL(get(pair.host), -EAGAIN); /* Not one more. */
    CU_ASSERT_EQUAL(get(pair.home), -EAGAIN); /* The host has said so. */
    CU_ASSERT_EQUAL(put(pair.home, RECORD_SIGNAL), 0);
    pair_finish(&pair);

    pair_init(&pair);
    static uint8_t megabyte[WIRE_DATA_BYTES];
    struct iovec part = {megabyte, sizeof megabyte};
    int count = 0;
    while (link_put(pair.host, RECORD_REQUEST, &part, 1, true) == 0)
        count++;
    CU_ASSERT_EQUAL(count, LINK_KEPT_BYTES_MAX / WIRE_DATA_BYTES);
    pair_finish(&pair);
}

/* A thousand signals while the host itself says nothing. */
static void seen_is_told_in_time(void)
{
    struct pair pair;
    pair_init(&pair);
    for (int i = 0; i < 1000; i++) {
        CU_ASSERT_EQUAL_FATAL(put(pair.home, RECORD_SIGNAL), 0);
        CU_ASSERT_TRUE_FATAL(comes(pair.host, RECORD_SIGNAL));
        CU_ASSERT_EQUAL_FATAL(get(pair.home), -EAGAIN);
    }
    pair_finish(&pair);
}

/* ---- Lies. --------------------------------------------------------------- */

/* What the host says of its own making. */
static int told(enum record_kind kind, struct wire_head head, size_t bytes)
{
    struct pair pair;
    struct iovec part = {&head, bytes};
    pair_init(&pair);
    link_set_epoch(pair.home, 3);
    (void)stream_put(&pair.cable.streams[HOST], kind, &part, 1);
    int error = get(pair.home);
    pair_finish(&pair);
    return error;
}

static void lies_are_noticed(void)
{
    const size_t all = sizeof(struct wire_head);
    const struct wire_head numbered = {.epoch = 3, .sequence = 1};
    CU_ASSERT_EQUAL(told(RECORD_READY, numbered, all), 0);
    const struct
    {
        enum record_kind kind;
        struct wire_head head;
        size_t bytes;
    } lies[] = {
        {RECORD_READY, numbered, sizeof(struct wire_head) - 1},
        {RECORD_REPLY, numbered, all}, /* That is for home to say. */
        {RECORD_GO, numbered, all},
        {RECORD_RECALL, numbered, all},
        {RECORD_BEGIN, numbered, all},           /* Of a file. */
        {RECORD_RESUME, {3, 0, 0}, all},         /* Not now. */
        {RECORD_REQUEST, {3, 0, 0}, all},        /* To be made twice. */
        {RECORD_REQUEST, {3, 2, 0}, all},        /* Where is the first? */
        {RECORD_REQUEST, {3, 1, 1}, all},        /* Has seen what was not. */
        {RECORD_REQUEST, {4, 1, 0}, all},        /* From the future. */
        {RECORD_LEASE, {3, 1, 0}, all},          /* No number there. */
        {RECORD_LEASE, {UINT64_MAX, 0, 0}, all}, /* From the end of time. */
        {RECORD_END, numbered, 0},               /* Of no image. */
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        CU_ASSERT_EQUAL(told(lies[i].kind, lies[i].head, lies[i].bytes),
                        -EBADMSG);
}

/* ---- Leases. ------------------------------------------------------------- */

static void beats_keep_it(void)
{
    struct pair pair;
    pair_init(&pair);
    link_set_lease(pair.home, 300 * MS);
    link_set_lease(pair.host, 300 * MS);
    uint64_t until = now_us() + 900 * MS;
    while (now_us() < until) {
        CU_ASSERT_EQUAL_FATAL(get(pair.home), -EAGAIN);
        CU_ASSERT_EQUAL_FATAL(get(pair.host), -EAGAIN);
        usleep(1000);
    }
    /* Ten in a lease, more only by what its coarse clock is behind. */
    CU_ASSERT_TRUE(pair.cable.way[HOME].written <= 50 * BEAT_BYTES);
    CU_ASSERT_TRUE(pair.cable.way[HOME].written >= 15 * BEAT_BYTES);
    pair_finish(&pair);
}

static void silence_ends_it(void)
{
    struct pair pair;
    pair_init(&pair);
    link_set_lease(pair.home, 100 * MS);
    link_set_lease(pair.host, 100 * MS);
    cable_fault_at(&pair.cable, HOME, CABLE_VANISH, 0); /* Half open. */
    uint64_t start = now_us();
    int host_error = -EAGAIN;
    while (host_error == -EAGAIN && now_us() < start + 1000 * MS) {
        CU_ASSERT_EQUAL_FATAL(get(pair.home), -EAGAIN); /* It hears. */
        host_error = get(pair.host);
        usleep(1000);
    }
    uint64_t host_us = now_us() - start;
    CU_ASSERT_EQUAL(host_error, -ETIMEDOUT);
    CU_ASSERT_TRUE(host_us >= 90 * MS);
    CU_ASSERT_TRUE(host_us < 400 * MS);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_REQUEST), -EPIPE);
    /* The host says no more, and so the other side's ends too. */
    int home_error;
    while ((home_error = get(pair.home)) == -EAGAIN &&
           now_us() < start + 2000 * MS)
        usleep(1000);
    CU_ASSERT_EQUAL(home_error, -ETIMEDOUT);
    CU_ASSERT_EQUAL(replace(&pair), -ETIMEDOUT);
    pair_finish(&pair);
}

/* Who is busy elsewhere beats without looking, and not too often. */
static void who_is_busy_beats(void)
{
    struct pair pair;
    pair_init(&pair);
    link_set_lease(pair.home, 300 * MS);
    link_set_lease(pair.host, 300 * MS);
    uint64_t until = now_us() + 900 * MS;
    while (now_us() < until) {
        CU_ASSERT_EQUAL_FATAL(get(pair.home), -EAGAIN);
        link_beat(pair.host);
        usleep(1000);
    }
    CU_ASSERT_TRUE(pair.cable.way[HOST].written <= 50 * BEAT_BYTES);
    pair_finish(&pair);
}

/* Who did not look for a while finds what came meanwhile. */
static void a_late_look_is_no_silence(void)
{
    struct pair pair;
    pair_init(&pair);
    link_set_lease(pair.home, 20 * MS);
    CU_ASSERT_EQUAL(put(pair.host, RECORD_LEASE), 0);
    usleep(40 * MS);
    CU_ASSERT_EQUAL(get(pair.home), -EAGAIN);
    pair_finish(&pair);
}

/* ---- Sockets. ------------------------------------------------------------ */

static void connect_pair(int sockets[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockets[1] = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, bytes) ||
        listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&address, &bytes) ||
        connect(sockets[1], (struct sockaddr *)&address, bytes))
        CU_FAIL_FATAL("no loopback");
    sockets[0] = accept(listener, NULL, NULL);
    close(listener);
}

/* A link over TCP, and the bare socket of the other side. */
struct plug
{
    int sockets[2];
    struct stream_socket ends[2];
    struct stream streams[2];
    struct link *home;
};

static void plug_init(struct plug *plug, uint64_t patience_us)
{
    connect_pair(plug->sockets);
    for (int i = 0; i < 2; i++) {
        int error =
            stream_socket_init(&plug->ends[i], plug->sockets[i], patience_us);
        CU_ASSERT_EQUAL_FATAL(error, 0);
        error = stream_socket_keep_alive(plug->sockets[i], 10000 * MS);
        CU_ASSERT_EQUAL_FATAL(error, 0);
        plug->streams[i] = stream_socket_of(&plug->ends[i]);
    }
    (void)link_create(&plug->home, &plug->streams[HOME], LINK_AT_HOME);
}

static void plug_finish(struct plug *plug)
{
    link_destroy(plug->home);
    for (int i = 0; i < 2; i++) {
        stream_socket_finish(&plug->ends[i]);
        close(plug->sockets[i]);
    }
    incoming_finish(&incoming);
}

static void on_signal(int number)
{
    (void)number;
}

static void others_end_the_wait(void)
{
    struct plug plug;
    plug_init(&plug, 1000 * MS);
    sigset_t blocked, open;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, &open);
    sigdelset(&open, SIGUSR1);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);

    raise(SIGUSR1);
    uint64_t start = now_us();
    CU_ASSERT_EQUAL(link_get(plug.home, &incoming, 500 * MS, -1, &open),
                    -EAGAIN);
    CU_ASSERT_TRUE(now_us() - start < 400 * MS);
    int event = eventfd(1, 0);
    CU_ASSERT_EQUAL(link_get(plug.home, &incoming, 500 * MS, event, &open),
                    -EAGAIN);
    CU_ASSERT_TRUE(now_us() - start < 400 * MS);
    /* But not if they are not waited for. */
    raise(SIGUSR1);
    CU_ASSERT_EQUAL(link_get(plug.home, &incoming, 50 * MS, -1, NULL), -EAGAIN);
    CU_ASSERT_TRUE(now_us() - start >= 50 * MS);
    pthread_sigmask(SIG_SETMASK, &open, NULL);
    close(event);
    plug_finish(&plug);
}

/* A hostile host that floods cannot keep home from its other descriptor,
 * whether its records are read ahead or each by itself. */
static void flood(bool ahead)
{
    struct plug plug;
    struct cable cable;
    plug_init(&plug, 1000 * MS);
    cable_init(&cable);
    struct stream plain = stream_of(&plug.sockets[HOME]);
    if (!ahead) {
        link_destroy(plug.home);
        (void)link_create(&plug.home, &plain, LINK_AT_HOME);
    }
    struct wire_usage usage = {0};
    struct iovec beat = {&usage.head, sizeof usage.head};
    struct iovec part = {&usage, sizeof usage};
    for (int i = 0; i < 100; i++) {
        (void)stream_put(&cable.streams[HOST], RECORD_LEASE, &beat, 1);
        (void)stream_put(&cable.streams[HOST], RECORD_USAGE, &part, 1);
    }
    const struct cable_way *way = &cable.way[HOST];
    CU_ASSERT_EQUAL(write(plug.sockets[HOST], way->bytes, way->count),
                    (ssize_t)way->count);
    int event = eventfd(1, 0);
    int given = 0;
    while (link_get(plug.home, &incoming, 1000 * MS, event, NULL) == 0)
        given++;
    CU_ASSERT_TRUE(given < 100);
    close(event);
    cable_finish(&cable);
    plug_finish(&plug);
}

static void a_flood_does_not_starve(void)
{
    flood(true);
    flood(false);
}

static void half_a_record_breaks_it(void)
{
    struct plug plug;
    plug_init(&plug, 100 * MS);
    uint32_t head[3] = {RECORD_REQUEST, 500, 0};
    CU_ASSERT_EQUAL(write(plug.sockets[HOST], head, sizeof head),
                    (ssize_t)sizeof head);
    uint64_t start = now_us();
    CU_ASSERT_EQUAL(link_get(plug.home, &incoming, 1000 * MS, -1, NULL),
                    -EPIPE);
    CU_ASSERT_TRUE(now_us() - start < 600 * MS);
    plug_finish(&plug);
}

static void who_never_reads_breaks_it(void)
{
    struct plug plug;
    plug_init(&plug, 100 * MS);
    static uint8_t megabyte[WIRE_DATA_BYTES];
    struct iovec part = {megabyte, sizeof megabyte};
    uint64_t start = now_us();
    int error = 0;
    for (int i = 0; i < 16 && !error; i++)
        error = link_put(plug.home, RECORD_REPLY, &part, 1, true);
    CU_ASSERT_EQUAL(error, -EPIPE);
    CU_ASSERT_TRUE(now_us() - start < 3000 * MS);
    plug_finish(&plug);
}

/* Records of all sizes around what is read ahead, by a thread that a timer
 * interrupts while it writes. */
static size_t bytes_of(int index)
{
    static const size_t sizes[] = {
        0, 1, 100, 32756, 32768, 65524, 65536, 65537, 200000, RECORD_BYTES_MAX};
    return sizes[index % 10];
}

static void fill(uint8_t *bytes, int index)
{
    for (size_t i = 0; i < bytes_of(index); i++)
        bytes[i] = (uint8_t)((size_t)index + i * 7 + i / 251);
}

static void *write_records(void *context)
{
    const struct stream *stream = context;
    uint8_t *bytes = malloc(RECORD_BYTES_MAX);
    for (int i = 0; i < 100; i++) {
        size_t first = bytes_of(i) / 3;
        fill(bytes, i);
        struct iovec parts[] = {{bytes, first},
                                {bytes + first, bytes_of(i) - first}};
        if (stream_put(stream, RECORD_PAGES, parts, 2))
            break;
    }
    free(bytes);
    return NULL;
}

static void all_sizes_come_whole(void)
{
    struct plug plug;
    plug_init(&plug, 2000 * MS);
    int small = 32 * 1024;
    setsockopt(plug.sockets[HOST], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGALRM, &action, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, write_records, &plug.streams[HOST]);
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, NULL);
    const struct itimerval often = {{0, 1000}, {0, 1000}}, never = {0};
    setitimer(ITIMER_REAL, &often, NULL);
    uint8_t *bytes = malloc(RECORD_BYTES_MAX);
    for (int i = 0; i < 100; i++) {
        fill(bytes, i);
        CU_ASSERT_EQUAL_FATAL(stream_get(&plug.streams[HOME], &incoming), 0);
        CU_ASSERT_EQUAL_FATAL(incoming.bytes, bytes_of(i));
        CU_ASSERT_TRUE_FATAL(incoming.bytes == 0 ||
                             memcmp(incoming.body, bytes, bytes_of(i)) == 0);
    }
    free(bytes);
    pthread_join(thread, NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    struct timespec now = {0};
    sigtimedwait(&alarms, NULL, &now);
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    plug_finish(&plug);
}

SUITE_MAIN("link",
           {"an older epoch is answered with ABORT", older_is_answered},
           {"GO and HELLO set the epoch of a host", go_says_the_epoch},
           {"a host cannot raise home's epoch", a_host_cannot_raise_it},
           {"an image of an older epoch is not given",
            an_old_image_is_not_given},
           {"who takes an image says when it has all up to there",
            who_takes_an_image_says_when},
           {"a GO that got lost comes again, one taken back does not",
            a_lost_go_comes_again},
           {"what is kept is bounded", kept_is_bounded},
           {"what was seen is told in time", seen_is_told_in_time},
           {"lies are noticed", lies_are_noticed},
           {"beats keep the lease", beats_keep_it},
           {"silence ends it, on both sides", silence_ends_it},
           {"who is busy elsewhere beats", who_is_busy_beats},
           {"a late look is no silence", a_late_look_is_no_silence},
           {"signals and another descriptor end the wait", others_end_the_wait},
           {"a flood does not starve them", a_flood_does_not_starve},
           {"half a record and silence break the stream",
            half_a_record_breaks_it},
           {"who never reads breaks the stream", who_never_reads_breaks_it},
           {"records of all sizes come whole", all_sizes_come_whole})
