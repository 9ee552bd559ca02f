/* fuzz_request.c - neither a host nor a home nor a process can harm who takes
 * apart what it says. The first byte of the input chooses: the body of a
 * REQUEST, through all that home does with it but the call itself, in a window
 * between two pages that nobody may touch; or a process whose registers and
 * memory the rest is, packed and checked; or the body of a REPLY to a good
 * request.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../../real/homenode/calls.h"
#include "harness.h"

enum {
    PAGE_BYTES = 4096,
    WINDOW_BYTES = 4 * 1024 * 1024,
    TAIL_BYTES = WIRE_DATA_BYTES + 8 * WIRE_AREAS_MAX,
    MEMORY_BYTES = 64 * 1024,
};

static const uint64_t THERE = UINT64_C(0x7f0000000000);
static const uint64_t MEMORY_AT = 0x10000;

/* The memory of a process: some pages, nothing around them. */
struct memory
{
    uint8_t bytes[MEMORY_BYTES];
};

static int read_memory(void *context, uint64_t from, void *to, size_t bytes)
{
    struct memory *m = context;
    if (from < MEMORY_AT || from - MEMORY_AT > MEMORY_BYTES ||
        bytes > MEMORY_BYTES - (from - MEMORY_AT))
        return -EFAULT;
    memcpy(to, m->bytes + (from - MEMORY_AT), bytes);
    return 0;
}

static int write_memory(void *context,
                        uint64_t to,
                        const void *from,
                        size_t bytes)
{
    struct memory *m = context;
    if (to < MEMORY_AT || to - MEMORY_AT > MEMORY_BYTES ||
        bytes > MEMORY_BYTES - (to - MEMORY_AT))
        return -EFAULT;
    memcpy(m->bytes + (to - MEMORY_AT), from, bytes);
    return 0;
}

static struct call_memory memory_of(struct memory *m)
{
    return (struct call_memory){m, read_memory, write_memory};
}

static uint8_t *make_window(void)
{
    uint8_t *pages = mmap(NULL, WINDOW_BYTES + 2 * PAGE_BYTES, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert(pages != MAP_FAILED);
    int error =
        mprotect(pages + PAGE_BYTES, WINDOW_BYTES, PROT_READ | PROT_WRITE);
    assert(error == 0);
    return pages + PAGE_BYTES;
}

/* The pointers are within, and so is what the kernel was told of them. */
static void check_pointers(const struct wire_asked *asked,
                           const uint64_t arguments[6],
                           size_t window_bytes)
{
    for (size_t i = 0; i < asked->request.area_count; i++) {
        uint64_t pointer = arguments[asked->areas[i].argument];
        assert(pointer >= THERE);
        assert(pointer <= THERE + window_bytes);
    }
}

/* As far up in the window as it goes, so that a byte too far is a crash; then
 * with all that the kernel might have left there. */
static void place(const struct wire_asked *asked, int64_t result)
{
    static uint8_t *window;
    static uint8_t tail[TAIL_BYTES];
    uint64_t arguments[6];
    size_t least = 0;
    size_t most = WINDOW_BYTES;
    if (!window)
        window = make_window();
    if (call_place(asked, window, THERE, most, arguments) != 0)
        return;
    while (least < most) {
        size_t middle = (least + most) / 2 & ~(size_t)15;
        if (call_place(asked, window + WINDOW_BYTES - middle, THERE, middle,
                       arguments) == 0)
            most = middle;
        else
            least = middle + 16;
    }
    uint8_t *here = window + WINDOW_BYTES - most;
    int error = call_place(asked, here, THERE, most, arguments);
    assert(error == 0);
    check_pointers(asked, arguments, most);
    size_t bytes = call_collect(asked, here, result, tail, sizeof tail);
    assert(bytes <= sizeof tail);
    memset(here, 0xff, most);
    bytes = call_collect(asked, here, result, tail, sizeof tail);
    assert(bytes <= sizeof tail);
    memset(here, 0x7f, most);
    bytes = call_collect(asked, here, INT64_MAX, tail, sizeof tail);
    assert(bytes <= sizeof tail);
}

static void take_request(const uint8_t *bytes, size_t count)
{
    struct incoming incoming = {.kind = RECORD_REQUEST, .bytes = count};
    struct wire_asked asked;
    incoming.body = malloc(count + 1);
    assert(incoming.body);
    memcpy(incoming.body, bytes, count);
    if (wire_take_request(&incoming, &asked) == 0) {
        for (unsigned i = 0; i < 6; i++) {
            if (!call_wrong(&asked))
                (void)call_path(&asked, i);
        }
        if (!call_wrong(&asked))
            place(&asked, (int64_t)asked.request.signal_mask);
    }
    incoming_finish(&incoming);
}

/* What a process asks for may be nonsense, but home takes what was packed. */
static void pack_request(const uint8_t *bytes, size_t count)
{
    static struct memory m;
    static uint8_t data[WIRE_DATA_BYTES];
    static struct call_packed packed;
    int16_t number;
    uint64_t arguments[6];
    if (count < sizeof number + sizeof arguments)
        return;
    memcpy(&number, bytes, sizeof number);
    memcpy(arguments, bytes + sizeof number, sizeof arguments);
    bytes += sizeof number + sizeof arguments;
    count -= sizeof number + sizeof arguments;
    memset(&m, 0, sizeof m);
    memcpy(m.bytes, bytes, count < MEMORY_BYTES ? count : MEMORY_BYTES);
    const struct call_memory memory = memory_of(&m);
    packed.data = data;
    packed.done = 0;
    if (call_pack(number, arguments, &memory, &packed) != 0)
        return;
    struct wire_asked asked = {.request = packed.request,
                               .data = data,
                               .data_bytes = packed.data_bytes};
    memcpy(asked.areas, packed.areas,
           packed.request.area_count * sizeof packed.areas[0]);
    assert(!call_wrong(&asked));
    place(&asked, (int64_t)arguments[2]);
}

/* Good requests, each with another kind of answer. */
static int pack_good(struct memory *m, uint8_t which, struct call_packed *ret)
{
    static const struct
    {
        int64_t number;
        uint64_t arguments[6];
    } good[] = {
        {SYS_read, {0, 0x10400, 512}},
        {SYS_readv, {0, 0x10000, 2}},
        {SYS_recvmsg, {0, 0x10100, 0}},
        {SYS_recvmmsg, {0, 0x10100, 2, 0, 0}},
        {SYS_getsockname, {0, 0x10400, 0x10200}},
        {SYS_poll, {0x10400, 4, 0}},
        {SYS_stat, {0x10300, 0x10400}},
        {SYS_sendmmsg, {0, 0x10100, 2, 0}},
    };
    const struct call_memory memory = memory_of(m);
    struct iovec vectors[2] = {{(void *)0x10400, 100}, {(void *)0x10500, 50}};
    struct mmsghdr header = {.msg_hdr = {.msg_name = (void *)0x10600,
                                         .msg_namelen = 64,
                                         .msg_iov = (void *)0x10000,
                                         .msg_iovlen = 2,
                                         .msg_control = (void *)0x10700,
                                         .msg_controllen = 64}};
    memset(m, 0, sizeof *m);
    memcpy(m->bytes, vectors, sizeof vectors);
    memcpy(m->bytes + 0x100, &header, sizeof header);
    memcpy(m->bytes + 0x100 + sizeof header, &header, sizeof header);
    m->bytes[0x200] = 64;
    memcpy(m->bytes + 0x300, "/tmp", 5);
    which %= sizeof good / sizeof good[0];
    return call_pack(good[which].number, good[which].arguments, &memory, ret);
}

static void take_reply(const uint8_t *bytes, size_t count)
{
    static struct memory m;
    static uint8_t data[WIRE_DATA_BYTES];
    static struct call_packed packed = {.data = data};
    struct incoming incoming = {.kind = RECORD_REPLY};
    int64_t result;
    if (count == 0)
        return;
    int error = pack_good(&m, bytes[0], &packed);
    assert(error == 0);
    incoming.bytes = count - 1;
    incoming.body = malloc(count);
    assert(incoming.body);
    memcpy(incoming.body, bytes + 1, count - 1);
    const struct call_memory memory = memory_of(&m);
    error = call_unpack(&packed, &incoming, &memory, &result);
    assert(error == 0 || error == -EBADMSG);
    incoming_finish(&incoming);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return 0;
    switch (bytes[0] % 3) {
        case 0:
            take_request(bytes + 1, count - 1);
            break;
        case 1:
            pack_request(bytes + 1, count - 1);
            break;
        default:
            take_reply(bytes + 1, count - 1);
            break;
    }
    return 0;
}
