/* wire.h - what a home and a host of one away process say to each other.
 *
 * All are records of one stream (stream.h), little-endian, without pointers or
 * padding. Messages begin with struct wire_head; the records of an image (MAPS,
 * PAGES, DROPPED, OWED, PENDING, IMAGE, END) do not and stand between BODY and
 * END.
 *
 * Out:      home HELLO, host HELLO, home BODY MAPS PAGES... IMAGE END,
 *           host READY, home GO (the new epoch), host RUNNING.
 * Behind:   if the image had OWED, host FETCH and home FETCHED as often as it
 *           takes, then host WHOLE.
 * Away:     host REQUEST, home REPLY, one at a time; SIGNAL, RECALL, MOVE by
 *           home, USAGE and DEAD by the host, LEASE by both, whenever. Who
 *           takes an image answers LEASE by LEASE: all before it is taken.
 * Home:     host BODY MAPS PAGES... IMAGE END, home GONE. Until GONE the host
 *           keeps the body, stopped; if the stream broke meanwhile and no GONE
 *           comes on the next, it says all that again.
 * Onward:   home says HELLO and BODY with BODY_ELSEWHERE to the next host and
 *           MOVE to this one, which sends the image records on a stream of its
 *           own to the next. READY, GO and RUNNING are between home and the
 *           next host; GONE then ends this one, ABORT lets its body go on, or
 *           a GO with a new epoch, if the next had one.
 * Again:    after a short loss both say RESUME on a new stream, with what came
 *           last; what the other has not seen is sent again (link.h).
 * No:       ABORT, by either. A host answers home's with RUNNING, unless it
 *           says -ESTALE, and until then home says no other MOVE: an image of
 *           the first would come for the second.
 *
 * Home alone says who the body is: by epoch, one more with every GO. What comes
 * with an older epoch is answered with ABORT, and its sender kills what it has.
 * Before RUNNING nothing of a body has been seen by anybody, so home may go on
 * by itself; the first REQUEST says RUNNING too.
 */
#ifndef REAL_HOMENODE_WIRE_H
#define REAL_HOMENODE_WIRE_H

#include <stdint.h>

#include "image.h"
#include "runs.h"
#include "stream.h"

enum {
    WIRE_VERSION = 3,
    WIRE_AREAS_MAX = 64,                  /* Of one call. */
    WIRE_DATA_BYTES = (1024 + 64) * 1024, /* In or out, of one call. */
    WIRE_CPU_WORDS = 16,
    WIRE_FETCH_BYTES = 256 * 1024, /* Of pages, asked for by one FETCH, */
    WIRE_FETCH_RUNS = 32,          /* in so many runs at most. */
    WIRE_FETCHED_RUNS = WIRE_FETCH_BYTES / 4096,
};

/* Of every message. The sequence counts what this side sent that must not be
 * lost, from 1; 0: this one may be (LEASE, USAGE, HELLO, RESUME, and BODY with
 * its image). */
struct wire_head
{
    uint64_t epoch;
    uint64_t sequence;
    uint64_t seen; /* The last sequence of the other side that came. */
};

/* RECORD_HELLO: what each can do; a home that finds less than a process needs
 * does not send it. */
struct wire_hello
{
    struct wire_head head;
    char magic[8]; /* "vencejoW" */
    uint32_t version;
    uint32_t facilities; /* enum wire_facility */
    uint64_t vdso_digest;
    uint64_t extended_states;     /* XCR0. */
    uint32_t cpu[WIRE_CPU_WORDS]; /* Feature words of CPUID: hello.h. */
    uint64_t free_bytes;
};

enum wire_facility {
    FACILITY_PRECOPY = 1 << 0, /* Knows dirty pages, one way or another. */
    FACILITY_ZSTD = 1 << 1,
    FACILITY_POSTCOPY = 1 << 2, /* As a host: can run a body without all its
                                   pages. */
};

/* RECORD_BODY: an image follows. */
struct wire_body
{
    struct wire_head head;
    int32_t home_pid;
    uint32_t flags;        /* enum wire_body_flag */
    uint64_t memory_bytes; /* About so much will come. */
    int64_t monotonic_ns;  /* Clocks of the sender, now. */
    int64_t boot_ns;
    int32_t uid; /* Of the process at home, for limits of the host. */
    int32_t gid;
};

enum wire_body_flag {
    BODY_ELSEWHERE = 1 << 0, /* The image comes on another stream. */
    BODY_ZSTD = 1 << 1,      /* Its PAGES are compressed. */
    BODY_POSTCOPY = 1 << 2,  /* There may be OWED. */
};

/* RECORD_END. */
struct wire_end
{
    uint64_t signals_taken; /* Of home, in the image or before; 0 from home. */
    uint64_t user_us;       /* What it used at all hosts until now. */
    uint64_t system_us;
    uint64_t minor_faults;
};

/* RECORD_GO: the limits that home's kernel keeps for it, by which the host's is
 * to go; soft ones, UINT64_MAX: none. Last, for home makes setrlimit(2) until
 * the body has left where it was. */
enum { WIRE_LIMITS = 4 }; /* RLIMIT_STACK, _DATA, _AS, _CPU. */
struct wire_go
{
    struct wire_head head;
    uint64_t limits[WIRE_LIMITS];
    uint64_t home_cpu_us; /* What it has used at home of the last. */
};

/* RECORD_READY, _RUNNING, _RECALL, _MOVE, _GONE, _LEASE, _RESUME, _WHOLE: a
 * head and nothing else. RECORD_ABORT: why. */
struct wire_abort
{
    struct wire_head head;
    int32_t error; /* Negative errno. */
    int32_t unused;
};

/* What of an argument an area is. Home alone makes the structs that hold
 * pointers: no pointer travels. */
enum wire_part {
    PART_WHOLE, /* What the argument points to; strings one behind the other. */
    PART_HEADER, /* Of a message: what recvmsg(2) changes of struct msghdr. */
    PART_NAME,   /* The address of a message. */
    PART_DATA,   /* Vectors of a call or message, one behind the other. */
    PART_CONTROL,
};

/* Memory of the caller that a call reads or writes. They stand in order of
 * argument, index and part; an argument that has none is a value, or the null
 * pointer. */
struct wire_area
{
    uint32_t in_bytes;  /* Of it, sent along. */
    uint32_t out_bytes; /* Room for what the call writes, the same place. */
    uint8_t argument;
    uint8_t part;   /* enum wire_part */
    uint16_t index; /* Which message of sendmmsg(2) and recvmmsg(2). */
    uint32_t unused;
};

/* RECORD_REQUEST; area_count struct wire_area follow, then what is sent along,
 * each filled up to a multiple of 16. */
struct wire_request
{
    struct wire_head head;
    int32_t number; /* System call of x86-64. */
    uint32_t area_count;
    uint64_t arguments[6];
    uint64_t signal_mask; /* Of the caller, who may wait in this call. */
};

/* RECORD_REPLY, which has seen the request; what the call wrote follows: for
 * each area in turn, that has out_bytes, a u32 of bytes and these, then up to a
 * multiple of 4. */
struct wire_reply
{
    struct wire_head head;
    int64_t result; /* -512 to -516: interrupted, the kernel's own numbers. */
};

/* RECORD_SIGNAL: came at home, for the body. */
struct wire_signal
{
    struct wire_head head;
    uint8_t info[PENDING_SIGNAL_BYTES]; /* siginfo_t */
};

/* RECORD_DEAD: a signal killed the body. */
struct wire_dead
{
    struct wire_head head;
    int32_t signal;
    int32_t dumped; /* It would have left a core. */
};

/* RECORD_USAGE: since it came to this host. */
struct wire_usage
{
    struct wire_head head;
    uint64_t user_us;
    uint64_t system_us;
    uint64_t resident_bytes;
    uint64_t minor_faults;
    uint64_t calls_forwarded;
};

/* RECORD_FETCH: pages that were owed, run_count struct run. RECORD_FETCHED, in
 * the same order: these, run_count struct wire_fetched_run, then their bytes,
 * but of those that are zero. */
struct wire_fetch
{
    struct wire_head head;
    uint32_t run_count;
    uint32_t unused;
};

struct wire_fetched_run
{
    uint64_t start;
    uint32_t bytes;
    uint32_t is_zero;
};

/* A struct of a record that came in, if it has its size; messages with a tail
 * at least it. 0 or -EBADMSG. */
int wire_take(const struct incoming *incoming, void *ret, size_t bytes);
int wire_take_front(const struct incoming *incoming, void *ret, size_t bytes);

/* The request of a record: its areas and, behind them, the data, of which the
 * first in_bytes of each area are its own. Checked: the order of the areas,
 * that all are within WIRE_DATA_BYTES in and out, that the data are of that
 * length. -EBADMSG if not; what the call may have is for calls.h. Only
 * area_count areas are written. */
struct wire_asked
{
    struct wire_request request;
    struct wire_area areas[WIRE_AREAS_MAX];
    const uint8_t *data; /* Of the incoming record. */
    size_t data_bytes;
};
int wire_take_request(const struct incoming *incoming, struct wire_asked *ret);

/* Whole pages, each run behind the one before, none too many. -EBADMSG. */
struct wire_fetch_asked
{
    struct wire_fetch fetch;
    struct run runs[WIRE_FETCH_RUNS];
};
int wire_take_fetch(const struct incoming *incoming,
                    struct wire_fetch_asked *ret);

struct wire_fetched
{
    struct wire_fetch fetch;
    struct wire_fetched_run runs[WIRE_FETCHED_RUNS];
    const uint8_t *pages; /* Of the incoming record. */
};
int wire_take_fetched(const struct incoming *incoming,
                      struct wire_fetched *ret);

/* Where the bytes of an area end, and those of the next begin. */
static inline size_t wire_filled(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

#endif /* REAL_HOMENODE_WIRE_H */
