/* test_link_cuts.c - a process goes away, makes calls and comes home over
 * cables with every fault at every byte, and each call is made once.
 *
 * The two sides are the shortest that obey wire.h: home sends a body, does the
 * calls that come, in between says signals, and at last takes the body back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../real/homenode/link.h"
#include "cable.h"
#include "tests/suite.h"

enum { HOME, HOST };
enum { CALLS = 7, SIGNALS = CALLS / 2, STEPS_MAX = 4000, CABLES_MAX = 64 };

struct fault
{
    enum cable_fault kind;
    int side;
    size_t at;
};

struct play
{
    struct cable cable;
    struct link *links[2];
    struct incoming incoming;
    bool broken;
    bool resumed[2];
    int resume_errors[2];
    /* Home. */
    bool is_ready;
    bool recalled;
    bool is_home;
    int made[CALLS + 1]; /* How often each call was. */
    int last_made;
    /* Host. */
    int last_signal;
    int last_reply;
    int went; /* Times that it was told to run. */
    bool gone;
    const char *wrong; /* First thing that was; a literal. */
};

static void expect(struct play *play, bool holds, const char *what)
{
    if (!holds && !play->wrong)
        play->wrong = what;
}

static void put(struct play *play,
                int side,
                enum record_kind kind,
                void *message,
                size_t bytes)
{
    struct iovec part = {message, bytes};
    bool light = kind == RECORD_BODY || kind == RECORD_USAGE;
    int error = link_put(play->links[side], kind, &part, 1, !light);
    expect(play, error == 0 || error == -EPIPE, "a message cannot be put");
}

static void put_head(struct play *play, int side, enum record_kind kind)
{
    struct wire_head head;
    put(play, side, kind, &head, sizeof head);
}

static void put_body(struct play *play, int side)
{
    struct wire_body body = {.home_pid = 1};
    uint8_t pages[40] = {1, 2, 3};
    struct iovec part = {pages, sizeof pages};
    const struct stream *stream = link_stream(play->links[side]);
    put(play, side, RECORD_BODY, &body, sizeof body);
    (void)(stream_put(stream, RECORD_MAPS, &part, 1) ||
           stream_put(stream, RECORD_PAGES, &part, 1) ||
           stream_put(stream, RECORD_IMAGE, &part, 1) ||
           stream_put(stream, RECORD_END, NULL, 0));
}

static void put_request(struct play *play, int number)
{
    struct wire_request request = {.number = number};
    put(play, HOST, RECORD_REQUEST, &request, sizeof request);
    if (number % 2) {
        struct wire_usage usage = {.calls_forwarded = (uint64_t)number};
        put(play, HOST, RECORD_USAGE, &usage, sizeof usage);
    }
}

static void make_call(struct play *play)
{
    struct wire_request request;
    memcpy(&request, play->incoming.body, sizeof request);
    expect(play, request.number == play->last_made + 1, "a call out of turn");
    if (request.number < 1 || request.number > CALLS)
        return;
    play->last_made = request.number;
    play->made[request.number]++;
    if (request.number % 2 == 0) {
        struct wire_signal signal = {.info = {(uint8_t)request.number}};
        put(play, HOME, RECORD_SIGNAL, &signal, sizeof signal);
    }
    struct wire_reply reply = {.result = 1000 + request.number};
    put(play, HOME, RECORD_REPLY, &reply, sizeof reply);
    if (request.number == CALLS) {
        put_head(play, HOME, RECORD_RECALL);
        play->recalled = true;
    }
}

static void raise_epoch(struct play *play)
{
    link_set_epoch(play->links[HOME], link_epoch(play->links[HOME]) + 1);
}

static void home_takes(struct play *play)
{
    switch (play->incoming.kind) {
        case RECORD_READY:
            if (!play->is_ready) {
                raise_epoch(play);
                put_head(play, HOME, RECORD_GO);
            }
            play->is_ready = true;
            break;
        case RECORD_REQUEST:
            make_call(play);
            break;
        case RECORD_END:
            if (!play->is_home) {
                raise_epoch(play);
                put_head(play, HOME, RECORD_GONE);
            }
            play->is_home = true;
            break;
        case RECORD_ABORT:
            expect(play, false, "the host gave up");
            break;
        default:
            break;
    }
}

static void host_takes(struct play *play)
{
    struct wire_reply reply;
    struct wire_signal signal;
    switch (play->incoming.kind) {
        case RECORD_END:
            put_head(play, HOST, RECORD_READY);
            break;
        case RECORD_GO:
            play->went++;
            put_head(play, HOST, RECORD_RUNNING);
            put_request(play, 1);
            break;
        case RECORD_REPLY:
            memcpy(&reply, play->incoming.body, sizeof reply);
            play->last_reply++;
            expect(play, reply.result == 1000 + play->last_reply,
                   "a reply that is another's");
            if (play->last_reply < CALLS)
                put_request(play, play->last_reply + 1);
            break;
        case RECORD_SIGNAL:
            memcpy(&signal, play->incoming.body, sizeof signal);
            play->last_signal++;
            expect(play, signal.info[0] == 2 * play->last_signal,
                   "a signal out of turn");
            break;
        case RECORD_RECALL:
            put_body(play, HOST);
            break;
        case RECORD_GONE:
            play->gone = true;
            break;
        case RECORD_ABORT:
            expect(play, false, "the body is called stale");
        default:
            break;
    }
}

static void step(struct play *play, int side)
{
    int error = link_get(play->links[side], &play->incoming, 0, -1, NULL);
    if (error == 0)
        (side == HOME ? home_takes : host_takes)(play);
    else if (error == -EPIPE || error == -EBADMSG)
        play->broken = true;
    else
        expect(play, error == -EAGAIN, "an error that has no cause");
}

static void resume(struct play *play, int side)
{
    if (play->resumed[side])
        return;
    play->resumed[side] = true;
    play->resume_errors[side] =
        link_resume(play->links[side], &play->cable.streams[side]);
}

static void resume_home(void *context)
{
    resume(context, HOME);
}

static void resume_host(void *context)
{
    resume(context, HOST);
}

static void plug(struct play *play, const struct fault *fault, uint64_t delays)
{
    cable_finish(&play->cable);
    cable_init(&play->cable);
    cable_fault_at(&play->cable, fault->side, fault->kind, fault->at);
    play->cable.delays = delays;
}

/* A new cable, at which one side says its RESUME first. */
static void replace(struct play *play,
                    const struct fault *fault,
                    uint64_t delays,
                    int first)
{
    plug(play, fault, delays);
    play->resumed[HOME] = play->resumed[HOST] = false;
    play->cable.idle = first == HOME ? resume_host : resume_home;
    play->cable.context = play;
    resume(play, first);
    resume(play, !first);
    play->cable.idle = NULL;
    play->broken = play->resume_errors[HOME] || play->resume_errors[HOST];
    for (int side = 0; side < 2; side++)
        expect(play,
               play->resume_errors[side] == 0 ||
                   play->resume_errors[side] == -EPIPE ||
                   play->resume_errors[side] == -EBADMSG,
               "a resume that fails without cause");
    if (play->broken)
        return;
    if (!play->is_ready)
        put_body(play, HOME);
    if (play->recalled && !play->is_home)
        put_head(play, HOME, RECORD_RECALL);
}

/* With these faults, each on a cable of its own, and then none. */
static const char *run(const struct fault *faults,
                       size_t count,
                       uint64_t delays,
                       size_t written[2])
{
    static const struct fault sound = {.kind = CABLE_SOUND};
    struct play play = {0};
    size_t cables = 1;
    plug(&play, count > 0 ? &faults[0] : &sound, delays);
    for (int side = 0; side < 2; side++) {
        enum link_side as = side == HOME ? LINK_AT_HOME : LINK_AT_HOST;
        if (link_create(&play.links[side], &play.cable.streams[side], as))
            return "no memory";
    }
    put_body(&play, HOME);
    int steps = 0;
    for (; !play.gone && !play.wrong && steps < STEPS_MAX; steps++) {
        step(&play, steps % 2 ? HOME : HOST);
        for (; play.broken && cables < CABLES_MAX; cables++)
            replace(&play, cables < count ? &faults[cables] : &sound, delays,
                    cables % 2 ? HOME : HOST);
    }
    expect(&play, play.gone && play.is_home, "it did not come home");
    expect(&play, play.went == 1, "it went more than once");
    for (int call = 1; call <= CALLS; call++)
        expect(&play, play.made[call] == 1, "a call was not made once");
    expect(&play, play.last_reply == CALLS, "not all replies came");
    expect(&play, play.last_signal == SIGNALS, "not all signals came");
    if (written)
        for (int side = 0; side < 2; side++)
            written[side] = play.cable.way[side].written;
    link_destroy(play.links[HOME]);
    link_destroy(play.links[HOST]);
    incoming_finish(&play.incoming);
    cable_finish(&play.cable);
    return play.wrong;
}

static void each_byte(enum cable_fault kind)
{
    size_t written[2];
    CU_ASSERT_PTR_NULL_FATAL(run(NULL, 0, 0, written));
    for (int side = 0; side < 2; side++)
        for (size_t at = 0; at < written[side]; at++) {
            struct fault fault = {kind, side, at};
            const char *wrong = run(&fault, 1, 0, NULL);
            if (wrong)
                printf("side %d byte %zu: %s\n", side, at, wrong);
            CU_ASSERT_PTR_NULL_FATAL(wrong);
        }
}

static void cut_anywhere(void)
{
    each_byte(CABLE_CUT);
}

static void severed_anywhere(void)
{
    each_byte(CABLE_SEVER);
}

static void damaged_anywhere(void)
{
    each_byte(CABLE_DAMAGE);
}

static void doubled_anywhere(void)
{
    each_byte(CABLE_DOUBLE);
}

/* The second cable is cut in its RESUMEs and in what is sent again. */
static void cut_again_anywhere(void)
{
    size_t written[2];
    CU_ASSERT_PTR_NULL_FATAL(run(NULL, 0, 0, written));
    for (int side = 0; side < 2; side++)
        for (size_t at = 0; at < written[side]; at += 41)
            for (size_t again = 0; again < 400; again++) {
                struct fault faults[] = {
                    {CABLE_CUT, side, at},
                    {CABLE_SEVER, (int)(again % 2), again / 2}};
                const char *wrong = run(faults, 2, 0, NULL);
                if (wrong)
                    printf("side %d bytes %zu %zu: %s\n", side, at, again,
                           wrong);
                CU_ASSERT_PTR_NULL_FATAL(wrong);
            }
}

static const char *run_seed(uint64_t seed)
{
    struct fault faults[CABLES_MAX / 2];
    uint64_t random = seed;
    size_t count = cable_random(&random) % (CABLES_MAX / 2);
    for (size_t i = 0; i < count; i++) {
        static const enum cable_fault kinds[] = {CABLE_CUT, CABLE_SEVER,
                                                 CABLE_DAMAGE, CABLE_DOUBLE};
        uint64_t most = cable_random(&random) % 2 ? 200 : 2500;
        faults[i].kind = kinds[cable_random(&random) % 4];
        faults[i].side = (int)(cable_random(&random) % 2);
        faults[i].at = cable_random(&random) % most;
    }
    uint64_t delays = cable_random(&random) % 2 ? cable_random(&random) : 0;
    return run(faults, count, delays, NULL);
}

static void swarm(void)
{
    const char *one = getenv("LINK_SEED");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t last = one ? first : 20000;
    for (uint64_t seed = first; seed <= last; seed++) {
        const char *wrong = run_seed(seed);
        if (wrong)
            printf("%s; again with: LINK_SEED=%llu test_link_cuts\n", wrong,
                   (unsigned long long)seed);
        CU_ASSERT_PTR_NULL_FATAL(wrong);
    }
}

SUITE_MAIN("link under faults",
           {"a call is made once wherever the cable is cut", cut_anywhere},
           {"a call is made once wherever all under way is lost",
            severed_anywhere},
           {"a call is made once wherever a byte is damaged", damaged_anywhere},
           {"what comes twice is taken once", doubled_anywhere},
           {"a new cable may be cut at any byte too", cut_again_anywhere},
           {"many faults at random, one after the other", swarm})
