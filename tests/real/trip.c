/* trip.c - see trip.h. */
#include "trip.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096 };

static int read_own(void *context, uint64_t from, void *to, size_t bytes)
{
    (void)context;
    struct iovec here = {to, bytes};
    struct iovec there = {(void *)(uintptr_t)from, bytes};
    ssize_t got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
    return got == (ssize_t)bytes ? 0 : -EFAULT;
}

static int write_own(void *context, uint64_t to, const void *from, size_t bytes)
{
    (void)context;
    struct iovec here = {(void *)(uintptr_t)from, bytes};
    struct iovec there = {(void *)(uintptr_t)to, bytes};
    ssize_t put = process_vm_writev(getpid(), &here, 1, &there, 1, 0);
    return put == (ssize_t)bytes ? 0 : -EFAULT;
}

const struct call_memory trip_memory = {NULL, read_own, write_own};

void trip_init(struct trip *t)
{
    memset(t, 0, sizeof *t);
    alarm(60); /* A call that waits for ever ends the test. */
    uint8_t *pages = mmap(NULL, TRIP_WINDOW_BYTES + 2 * PAGE_BYTES, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_FATAL(pages != MAP_FAILED);
    t->window = pages + PAGE_BYTES;
    CU_ASSERT_FATAL(
        mprotect(t->window, TRIP_WINDOW_BYTES, PROT_READ | PROT_WRITE) == 0);
    t->packed.data = malloc(WIRE_DATA_BYTES);
    t->request.room =
        sizeof(struct wire_request) + sizeof t->packed.areas + WIRE_DATA_BYTES;
    t->request.body = malloc(t->request.room);
    t->reply.room =
        sizeof(struct wire_reply) + WIRE_DATA_BYTES + 8 * WIRE_AREAS_MAX;
    t->reply.body = malloc(t->reply.room);
    CU_ASSERT_FATAL(t->packed.data && t->request.body && t->reply.body);
    memset(t->packed.data, 0xcc, WIRE_DATA_BYTES);
}

void trip_finish(struct trip *t)
{
    munmap(t->window - PAGE_BYTES, TRIP_WINDOW_BYTES + 2 * PAGE_BYTES);
    free(t->packed.data);
    incoming_finish(&t->request);
    incoming_finish(&t->reply);
}

static void send_request(struct trip *t)
{
    const struct call_packed *p = &t->packed;
    size_t area_bytes = p->request.area_count * sizeof p->areas[0];
    uint8_t *at = t->request.body;
    memset(&t->packed.request.head, 0, sizeof p->request.head);
    t->packed.request.signal_mask = 0;
    memcpy(at, &p->request, sizeof p->request);
    at += sizeof p->request;
    memcpy(at, p->areas, area_bytes);
    at += area_bytes;
    memcpy(at, p->data, p->data_bytes);
    t->request.kind = RECORD_REQUEST;
    t->request.bytes = (size_t)(at - t->request.body) + t->packed.data_bytes;
}

/* Nothing goes along that is not the caller's. */
static void check_gaps(const struct trip *t)
{
    const uint8_t *data = t->asked.data;
    for (size_t i = 0; i < t->asked.request.area_count; i++) {
        uint32_t bytes = t->asked.areas[i].in_bytes;
        for (size_t k = bytes; k < wire_filled(bytes); k++)
            CU_ASSERT_EQUAL(data[k], 0);
        data += wire_filled(bytes);
    }
}

/* No address of home goes to a host. */
static void check_addresses(const struct trip *t)
{
    for (size_t at = 0; at + 8 <= t->reply.bytes && at < 4096; at += 4) {
        uint64_t word;
        memcpy(&word, t->reply.body + at, sizeof word);
        CU_ASSERT(word - TRIP_NUMBER(t->window) >= TRIP_WINDOW_BYTES);
    }
}

int trip_ask(struct trip *t, int64_t number, const uint64_t arguments[6])
{
    int error = call_pack(number, arguments, &trip_memory, &t->packed);
    if (error)
        return error;
    send_request(t);
    CU_ASSERT_EQUAL_FATAL(wire_take_request(&t->request, &t->asked), 0);
    t->wrong = call_wrong(&t->asked);
    check_gaps(t);
    return 0;
}

uint8_t *trip_place(struct trip *t, uint64_t ret_arguments[6])
{
    size_t least = 0;
    size_t most = TRIP_WINDOW_BYTES;
    uint8_t *end = t->window + TRIP_WINDOW_BYTES;
    while (least < most) {
        size_t middle = (least + most) / 2 & ~(size_t)15;
        if (call_place(&t->asked, end - middle, TRIP_NUMBER(end - middle),
                       middle, ret_arguments) == 0)
            most = middle;
        else
            least = middle + 16;
    }
    memset(end - most, 0xa5, most);
    int error = call_place(&t->asked, end - most, TRIP_NUMBER(end - most), most,
                           ret_arguments);
    return error ? NULL : end - most;
}

/* One request and its reply. */
static int64_t call_once(struct trip *t,
                         int64_t number,
                         const uint64_t arguments[6])
{
    uint64_t a[6];
    struct wire_reply reply = {0};
    int64_t result;
    int error = trip_ask(t, number, arguments);
    if (error)
        return error;
    CU_ASSERT_PTR_NULL(t->wrong);
    if (t->wrong)
        return -EPERM;
    uint8_t *here = trip_place(t, a);
    CU_ASSERT_PTR_NOT_NULL_FATAL(here);
    reply.result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (reply.result == -1)
        reply.result = -errno;
    memcpy(t->reply.body, &reply, sizeof reply);
    t->reply.kind = RECORD_REPLY;
    t->reply.bytes = sizeof reply + call_collect(&t->asked, here, reply.result,
                                                 t->reply.body + sizeof reply,
                                                 t->reply.room - sizeof reply);
    check_addresses(t);
    CU_ASSERT_EQUAL_FATAL(
        call_unpack(&t->packed, &t->reply, &trip_memory, &result), 0);
    return result;
}

int64_t trip_call(struct trip *t, int64_t number, const uint64_t arguments[6])
{
    int64_t done = 0;
    t->packed.done = 0;
    for (;;) {
        int64_t result = call_once(t, number, arguments);
        if (result < 0)
            return done > 0 ? done : result;
        done += result;
        enum call_rest rest = call_rest(&t->packed, result);
        if (rest == REST_NONE || (rest == REST_IF_REGULAR && !t->again))
            return done;
        t->packed.done = (uint64_t)done;
    }
}

int trip_file(const void *bytes, size_t count)
{
    int file = memfd_create("scratch", MFD_CLOEXEC);
    CU_ASSERT_FATAL(file >= 0);
    CU_ASSERT_FATAL(pwrite(file, bytes, count, 0) == (ssize_t)count);
    return file;
}

void trip_folder(char folder[64])
{
    snprintf(folder, 64, "/tmp/vencejo-calls-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}
