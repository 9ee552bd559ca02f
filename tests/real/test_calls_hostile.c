/* test_calls_hostile.c - what a hostile host asks for is refused, and what is
 * not refused touches nothing but the window. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trip.h"

#define P(x) TRIP_NUMBER(x)

enum { WINDOW_BYTES = TRIP_WINDOW_BYTES, SEEDS = 40000 };

static struct trip trip;
static uint8_t tail[WIRE_DATA_BYTES + 8 * WIRE_AREAS_MAX];

/* An honest request, which the test then spoils. */
static void ask(int64_t number, const uint64_t arguments[6])
{
    trip.packed.done = 0;
    CU_ASSERT_EQUAL_FATAL(trip_ask(&trip, number, arguments), 0);
    CU_ASSERT_PTR_NULL(trip.wrong);
}
#define ASK(number, ...) ask(number, (const uint64_t[6]){__VA_ARGS__})

#define REFUSED() CU_ASSERT_PTR_NOT_NULL(call_wrong(&trip.asked))
#define FINE() CU_ASSERT_PTR_NULL(call_wrong(&trip.asked))

static void test_classes(void)
{
    trip_init(&trip);
    size_t count;
    const struct call *rows = calls_all(&count);
    for (int64_t number = -3; number < 1200; number++) {
        const struct call *row = call_of(number);
        trip.asked.request = (struct wire_request){.number = (int32_t)number};
        bool forwarded = row && (row->call_class == CALL_FORWARDED ||
                                 (row->call_class == CALL_SPECIAL &&
                                  row->special != SPECIAL_MAP &&
                                  row->special != SPECIAL_FUTEX));
        CU_ASSERT(!row || (row >= rows && row < rows + count));
        if (!forwarded)
            REFUSED();
    }
    /* These would let a host work in the memory of the process at home. */
    static const int32_t never[] = {
        SYS_mmap,
        SYS_munmap,
        SYS_mprotect,
        SYS_brk,
        SYS_mremap,
        SYS_process_vm_writev,
        SYS_ptrace,
        SYS_clone,
        SYS_fork,
        SYS_rt_sigaction,
        SYS_rt_sigreturn,
        SYS_arch_prctl,
        SYS_seccomp,
        SYS_io_uring_setup,
        SYS_io_setup,
        SYS_shmat,
        SYS_vmsplice,
        SYS_userfaultfd,
        SYS_set_tid_address,
        SYS_set_robust_list,
        SYS_rseq,
        SYS_madvise,
        SYS_sigaltstack,
    };
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        trip.asked.request = (struct wire_request){.number = never[i]};
        REFUSED();
    }
    trip_finish(&trip);
}

static void test_pointers(void)
{
    trip_init(&trip);
    char bytes[16];
    ASK(SYS_read, 0, P(bytes), 16);
    /* An address in place of the area, beside it, or instead of an area. */
    trip.asked.request.arguments[1] = 0x1000;
    REFUSED();
    trip.asked.request.arguments[1] = 0;
    FINE();
    trip.asked.request.area_count = 0;
    FINE(); /* The null pointer. */
    trip.asked.request.arguments[1] = 1;
    REFUSED();
    /* Arguments that the call does not have. */
    ASK(SYS_close, 3);
    trip.asked.request.arguments[1] = 1;
    REFUSED();
    trip_finish(&trip);
}

static void test_sizes(void)
{
    trip_init(&trip);
    static const uint64_t counts[] = {17,
                                      15,
                                      0,
                                      UINT64_MAX,
                                      UINT64_C(1) << 32,
                                      (UINT64_C(1) << 32) | 16,
                                      UINT64_C(1) << 63};
    char bytes[512];
    static const int32_t calls[] = {SYS_read, SYS_write, SYS_getdents64};
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            ASK(calls[k], 0, P(bytes), 16);
            trip.asked.request.arguments[2] = counts[i];
            /* getdents64 has an unsigned int: its upper half is nothing. */
            CU_ASSERT_EQUAL(
                call_wrong(&trip.asked) == NULL,
                calls[k] == SYS_getdents64 && (uint32_t)counts[i] == 16);
        }
    }
    ASK(SYS_stat, P("/"), P(bytes));
    trip.asked.areas[1].out_bytes = 143;
    REFUSED();
    trip.asked.areas[1].out_bytes = 144;
    trip.asked.areas[1].in_bytes = 144;
    REFUSED();
    ASK(SYS_poll, P(bytes), 2, 0);
    trip.asked.request.arguments[1] = 3;
    REFUSED();
    trip.asked.request.arguments[1] = 0x20000000; /* x 8 is 0 in 32 bits. */
    REFUSED();
    ASK(SYS_select, 1, P(bytes)); /* The kernel takes longs. */
    CU_ASSERT_EQUAL(trip.asked.areas[0].in_bytes, 8);
    ASK(SYS_select, 64, P(bytes));
    CU_ASSERT_EQUAL(trip.asked.areas[0].in_bytes, 8);
    trip.asked.request.arguments[0] = 65;
    REFUSED();
    trip.asked.request.arguments[0] = 1 << 30;
    REFUSED();
    ASK(SYS_msgsnd, 1, P(bytes), 0, 0);
    trip.asked.areas[0].in_bytes = 0;
    trip.asked.request.arguments[2] = UINT64_MAX - 7; /* + 8 is 0. */
    REFUSED();
    ASK(SYS_epoll_wait, 1, P(bytes), 4, 0);
    trip.asked.request.arguments[2] = 0x15555556; /* x 12 is 8 in 32 bits. */
    REFUSED();
    trip_finish(&trip);
}

static void test_strings(void)
{
    trip_init(&trip);
    char text[64] = "/tmp/file";
    ASK(SYS_unlink, P(text));
    uint8_t *data = (uint8_t *)(uintptr_t)trip.asked.data;
    data[9] = 'x'; /* No end. */
    REFUSED();
    data[9] = 0;
    FINE();
    data[4] = 0; /* An end too early. */
    REFUSED();
    data[4] = '/';
    trip.asked.areas[0].in_bytes = 0;
    REFUSED();
    trip.asked.areas[0].in_bytes = 10;
    trip.asked.areas[0].out_bytes = 10;
    REFUSED();
    char *arguments[] = {"a", "b", NULL};
    ASK(SYS_execve, P(text), P(arguments), 0);
    data = (uint8_t *)(uintptr_t)trip.asked.data;
    data[16 + 3] = 'x';
    REFUSED();
    trip_finish(&trip);
}

static void test_places(void)
{
    trip_init(&trip);
    char bytes[16] = "";
    ASK(SYS_read, 0, P(bytes), 16);
    trip.asked.areas[0].argument = 2;
    REFUSED();
    trip.asked.areas[0].argument = 5;
    REFUSED();
    trip.asked.areas[0].argument = 1;
    trip.asked.areas[0].part = PART_CONTROL;
    REFUSED();
    trip.asked.areas[0].part = PART_WHOLE;
    trip.asked.areas[0].index = 1;
    REFUSED();
    trip.asked.areas[0].index = 0;
    FINE();
    trip.asked.areas[1] = trip.asked.areas[0];
    trip.asked.request.area_count = 2;
    REFUSED(); /* Twice. */
    trip_finish(&trip);
}

static void test_lengths(void)
{
    trip_init(&trip);
    char name[128];
    int32_t length = 128;
    ASK(SYS_getsockname, 0, P(name), P(&length));
    int32_t *sent = (int32_t *)(uintptr_t)trip.asked.data;
    *sent = 129;
    REFUSED();
    *sent = -1;
    REFUSED();
    *sent = 128;
    FINE();
    *sent = -1;
    trip.asked.areas[0].out_bytes = 0;
    REFUSED();
    *sent = 128;
    trip.asked.areas[0].out_bytes = 128;
    trip.asked.request.area_count = 1; /* Without its length it has none. */
    REFUSED();
    ASK(SYS_getsockopt, 0, SOL_SOCKET, SO_TYPE, P(name), P(&length));
    trip.asked.request.arguments[2] = SO_ATTACH_FILTER;
    REFUSED();
    trip.asked.request.arguments[1] = 132; /* SCTP */
    REFUSED();
    ASK(SYS_setsockopt, 0, 0, 1, P(name), 64);
    trip.asked.request.arguments[2] = 64; /* IPT_SO_SET_REPLACE */
    REFUSED();
    trip_finish(&trip);
}

static void test_commands(void)
{
    trip_init(&trip);
    char bytes[64] = "";
    ASK(SYS_ioctl, 0, 0x5413, P(bytes));
    trip.asked.request.arguments[1] = 0x5401; /* It fills 36 bytes, not 8. */
    REFUSED();
    trip.asked.request.arguments[1] = 0x8912; /* SIOCGIFCONF has a pointer. */
    REFUSED();
    trip.asked.request.arguments[1] = UINT64_C(0x500005413);
    FINE();
    ASK(SYS_fcntl, 0, F_SETLK, P(bytes));
    trip.asked.request.arguments[1] = F_SETFD;
    REFUSED();
    ASK(SYS_semctl, 0, 0, 16, 5);
    trip.asked.request.arguments[2] = 17; /* SETALL */
    REFUSED();
    ASK(SYS_prctl, 1, 9);
    trip.asked.request.arguments[0] = 22; /* PR_SET_SECCOMP */
    REFUSED();
    trip.asked.request.arguments[0] = 35; /* PR_SET_MM */
    REFUSED();
    struct
    {
        uint64_t value;
        int32_t signal;
        int32_t notify;
        uint8_t rest[48];
    } event = {0, 10, 0, {0}};
    ASK(SYS_timer_create, 1, P(&event), P(bytes));
    int32_t thread = 2; /* SIGEV_THREAD */
    memcpy((uint8_t *)(uintptr_t)trip.asked.data + 12, &thread, sizeof thread);
    REFUSED();
    trip_finish(&trip);
}

static void test_message_parts(void)
{
    trip_init(&trip);
    char bytes[64] = "";
    struct iovec vector = {bytes, 40};
    struct msghdr message = {.msg_name = bytes,
                             .msg_namelen = 16,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = bytes,
                             .msg_controllen = 24};
    ASK(SYS_recvmsg, 0, P(&message), 0);
    CU_ASSERT_EQUAL(trip.asked.request.area_count, 4);
    struct wire_area *areas = trip.asked.areas;
    areas[0].out_bytes = 64;
    REFUSED();
    areas[0].out_bytes = 56;
    areas[1].out_bytes = 129;
    REFUSED();
    areas[1].out_bytes = 128;
    FINE();
    areas[1].in_bytes = 16;
    REFUSED();
    areas[1].in_bytes = 0;
    areas[3].out_bytes = 40000;
    REFUSED();
    areas[3].out_bytes = 24;
    areas[2].in_bytes = 40;
    REFUSED();
    areas[2] = areas[3];
    trip.asked.request.area_count = 3; /* A message without data. */
    REFUSED();
    ASK(SYS_readv, 0, P(&vector), 1);
    trip.asked.request.arguments[2] = 2; /* There is one vector. */
    REFUSED();
    struct mmsghdr two[2] = {{.msg_hdr = message}, {.msg_hdr = message}};
    ASK(SYS_recvmmsg, 0, P(two), 2, 0, 0);
    CU_ASSERT_EQUAL(trip.asked.request.area_count, 8);
    trip.asked.request.arguments[2] = 3;
    REFUSED();
    trip.asked.request.arguments[2] = UINT64_C(0x100000002);
    REFUSED();
    trip.asked.request.arguments[2] = 2;
    FINE();
    trip.asked.areas[4].index = 2; /* There is no message 1. */
    REFUSED();
    trip_finish(&trip);
}

/* What the record itself may not be. */
static void test_records(void)
{
    trip_init(&trip);
    char bytes[16] = "0123456789abcde";
    ASK(SYS_write, 0, P(bytes), 16);
    struct incoming *r = &trip.request;
    struct wire_request *head = (struct wire_request *)r->body;
    struct wire_area *area = (struct wire_area *)(head + 1);
    size_t bytes_right = r->bytes;
    for (size_t i = 0; i < bytes_right; i++) {
        r->bytes = i;
        CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    }
    r->bytes = bytes_right + 1;
    CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    r->bytes = bytes_right;
    CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), 0);
    static const uint32_t counts[] = {0, 2, 64, 65, 0x10000000, UINT32_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        head->area_count = counts[i];
        CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    }
    head->area_count = 1;
    static const uint32_t sizes[] = {17, 32, 0, UINT32_MAX, UINT32_MAX - 14};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        area->in_bytes = sizes[i];
        CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    }
    area->in_bytes = 16;
    area->out_bytes = WIRE_DATA_BYTES + 1;
    CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    area->out_bytes = UINT32_MAX;
    CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    area->out_bytes = 0;
    area->argument = 6;
    CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    area->argument = 1;
    area->unused = 1;
    CU_ASSERT_EQUAL(wire_take_request(r, &trip.asked), -EBADMSG);
    trip_finish(&trip);
}

/* Two areas of the same argument, or in another order. */
static void test_order(void)
{
    trip_init(&trip);
    char bytes[144] = "/tmp";
    ASK(SYS_stat, P(bytes), P(bytes));
    struct wire_request *head = (struct wire_request *)trip.request.body;
    struct wire_area *area = (struct wire_area *)(head + 1);
    area[0].argument = 1;
    CU_ASSERT_EQUAL(wire_take_request(&trip.request, &trip.asked), -EBADMSG);
    area[1].argument = 0;
    CU_ASSERT_EQUAL(wire_take_request(&trip.request, &trip.asked), -EBADMSG);
    trip_finish(&trip);
}

/* The tail of a reply that does not fit what was asked. */
static void test_replies(void)
{
    trip_init(&trip);
    char bytes[16] = "untouched";
    int64_t result = 0;
    ASK(SYS_read, 0, P(bytes), 8);
    struct wire_reply head = {.result = 8};
    uint8_t *body = trip.reply.body;
    memcpy(body, &head, sizeof head);
    uint32_t count = 8;
    memcpy(body + sizeof head, &count, sizeof count);
    memset(body + sizeof head + 4, 'y', 64);
    size_t right = sizeof head + 4 + 8;
    for (size_t i = 0; i < right + 20; i++) {
        trip.reply.bytes = i;
        if (i != right)
            CU_ASSERT_EQUAL(
                call_unpack(&trip.packed, &trip.reply, &trip_memory, &result),
                -EBADMSG);
    }
    static const uint32_t counts[] = {9, 12, 0x80000000, UINT32_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        memcpy(body + sizeof head, &counts[i], sizeof counts[i]);
        trip.reply.bytes = sizeof head + 4 + 64;
        memset(bytes, 'n', sizeof bytes);
        CU_ASSERT_EQUAL(
            call_unpack(&trip.packed, &trip.reply, &trip_memory, &result),
            -EBADMSG);
        CU_ASSERT_EQUAL(bytes[8], 'n');
    }
    trip_finish(&trip);
}

/* A generator of its own: the same requests with every seed. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t argument_at_random(uint64_t *state)
{
    uint64_t z = next(state);
    switch (z % 8) {
        case 0:
            return z >> 8;
        case 1:
            return (z >> 8) % 5000;
        case 2:
            return UINT64_C(1) << (z >> 8) % 64;
        case 3:
            return (z >> 8) % 40 + 0x5400;
        default:
            return (z >> 8) % 20;
    }
}

/* A request with areas as the row has them, more or less. */
static void request_at_random(uint64_t *state)
{
    size_t count;
    const struct call *rows = calls_all(&count);
    const struct call *row = &rows[next(state) % count];
    struct wire_request head = {.number = row->number};
    struct wire_area areas[WIRE_AREAS_MAX];
    size_t data_bytes = 0;
    for (unsigned i = 0; i < 6; i++) {
        uint8_t shape = row->arguments[i].shape;
        if (shape == SHAPE_VALUE) {
            head.arguments[i] = argument_at_random(state);
            continue;
        }
        size_t parts = shape == SHAPE_NONE ? next(state) % 16 == 0
                       : shape >= SHAPE_VECTOR && shape <= SHAPE_MESSAGES_READ
                           ? 1 + next(state) % 8
                           : 1;
        for (size_t k = 0; k < parts && head.area_count < 60; k++) {
            struct wire_area area = {.argument = (uint8_t)i};
            if (parts > 1) {
                area.index = (uint16_t)(k / 4);
                area.part = (uint8_t)(1 + k % 4);
            } else if (shape >= SHAPE_VECTOR && shape <= SHAPE_VECTOR_READ) {
                area.part = PART_DATA;
            }
            uint32_t bytes = row->arguments[i].bytes > 1
                                 ? row->arguments[i].bytes
                                 : (uint32_t)(next(state) % 400);
            uint64_t way = next(state) % 4;
            area.in_bytes = way == 1 ? 0 : bytes;
            area.out_bytes = way == 0 ? 0 : bytes;
            data_bytes += wire_filled(area.in_bytes);
            areas[head.area_count++] = area;
        }
    }
    if (next(state) % 2)
        head.arguments[2] = head.arguments[2] == 0 ? 1 : head.arguments[2];
    uint8_t *at = trip.request.body;
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, areas, head.area_count * sizeof areas[0]);
    at += sizeof head + head.area_count * sizeof areas[0];
    for (size_t i = 0; i < data_bytes; i++)
        at[i] = (uint8_t)(next(state) % 3 ? 0 : next(state));
    trip.request.bytes = (size_t)(at - trip.request.body) + data_bytes;
}

/* Every pointer that the kernel would get, and all that it may write there, is
 * within the window. */
static void check_bounds(const uint64_t arguments[6], size_t window_bytes)
{
    const struct call *row = call_of(trip.asked.request.number);
    uint64_t start = P(trip.window);
    for (size_t i = 0; i < trip.asked.request.area_count; i++) {
        uint8_t a = trip.asked.areas[i].argument;
        CU_ASSERT(arguments[a] >= start &&
                  arguments[a] <= start + window_bytes);
    }
    for (unsigned i = 0; i < 6; i++) {
        if (row->arguments[i].shape != SHAPE_VALUE &&
            row->arguments[i].shape != SHAPE_COMMAND)
            CU_ASSERT(arguments[i] == 0 ||
                      (arguments[i] >= start &&
                       arguments[i] <= start + window_bytes));
    }
}

/* The window ends where the guard page begins, and it is as short as call_place
 * lets it be: a byte too far is a crash. */
static void test_random_requests(void)
{
    trip_init(&trip);
    uint64_t state = 20261124;
    size_t passed = 0;
    for (int i = 0; i < SEEDS; i++) {
        uint64_t arguments[6];
        request_at_random(&state);
        if (wire_take_request(&trip.request, &trip.asked) != 0 ||
            call_wrong(&trip.asked))
            continue;
        passed++;
        uint8_t *here = trip_place(&trip, arguments);
        CU_ASSERT_PTR_NOT_NULL_FATAL(here);
        check_bounds(arguments, WINDOW_BYTES);
        int64_t result = (int64_t)(argument_at_random(&state) - 30);
        size_t count =
            call_collect(&trip.asked, here, result, tail, sizeof tail);
        CU_ASSERT(count <= sizeof tail);
    }
    CU_ASSERT(passed > SEEDS / 50); /* Else it tests nothing. */
    printf("%zu of %d passed ", passed, SEEDS);
    trip_finish(&trip);
}

/* An honest request of one byte changed is refused or stays in the window. */
static void test_changed_requests(void)
{
    trip_init(&trip);
    char bytes[64] = "/tmp";
    struct iovec vector = {bytes, 40};
    struct msghdr message = {.msg_name = bytes,
                             .msg_namelen = 16,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = bytes,
                             .msg_controllen = 24};
    const struct
    {
        int64_t number;
        uint64_t arguments[6];
    } honest[] = {
        {SYS_recvmsg, {0, P(&message), 0}}, {SYS_sendmsg, {0, P(&message), 0}},
        {SYS_stat, {P(bytes), P(bytes)}},   {SYS_ioctl, {0, 0x5401, P(bytes)}},
        {SYS_writev, {0, P(&vector), 1}},
    };
    static uint8_t copy[4096];
    for (size_t k = 0; k < sizeof honest / sizeof honest[0]; k++) {
        ask(honest[k].number, honest[k].arguments);
        CU_ASSERT_FATAL(trip.request.bytes <= sizeof copy);
        memcpy(copy, trip.request.body, trip.request.bytes);
        for (size_t i = 0; i < trip.request.bytes * 8; i++) {
            uint64_t arguments[6];
            memcpy(trip.request.body, copy, trip.request.bytes);
            trip.request.body[i / 8] ^= (uint8_t)(1 << i % 8);
            if (wire_take_request(&trip.request, &trip.asked) != 0 ||
                call_wrong(&trip.asked) ||
                call_place(&trip.asked, trip.window, P(trip.window),
                           WINDOW_BYTES, arguments) != 0)
                continue;
            check_bounds(arguments, WINDOW_BYTES);
            (void)call_collect(&trip.asked, trip.window, 1 << 20, tail,
                               sizeof tail);
        }
    }
    trip_finish(&trip);
}

SUITE_MAIN("calls, hostile",
           {"only what is forwarded may be asked for", test_classes},
           {"no address of a host becomes a pointer", test_pointers},
           {"memory is as large as the call says", test_sizes},
           {"strings end where they say", test_strings},
           {"memory belongs to an argument that has some", test_places},
           {"lengths that are pointed to hold", test_lengths},
           {"commands are those that are known", test_commands},
           {"messages are whole", test_message_parts},
           {"a damaged record is none", test_records},
           {"areas stand in order", test_order},
           {"a reply fits what was asked", test_replies},
           {"random requests stay in the window", test_random_requests},
           {"a changed request stays in the window", test_changed_requests})
