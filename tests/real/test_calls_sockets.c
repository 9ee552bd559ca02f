/* test_calls_sockets.c - messages with their control data, names, and waiting
 * for many descriptors, through the window. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "trip.h"

#define P(x) TRIP_NUMBER(x)

static struct trip trip;

static void test_messages(void)
{
    trip_init(&trip);
    int pair[2];
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, P(pair)), 0);
    int sent = trip_file("through a socket", 16);
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec pieces[2] = {{"one", 3}, {"two", 3}};
    struct msghdr out = {.msg_iov = pieces,
                         .msg_iovlen = 2,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&out);
    *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof sent),
                             .cmsg_level = SOL_SOCKET,
                             .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(head), &sent, sizeof sent);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_sendmsg, (uint64_t)pair[0], P(&out), 0), 6);
    memset(&control, 0, sizeof control);
    char a[5] = "....";
    char b[5] = "....";
    struct iovec parts[2] = {{a, 4}, {b, 4}};
    struct msghdr in = {.msg_iov = parts,
                        .msg_iovlen = 2,
                        .msg_control = &control,
                        .msg_controllen = sizeof control};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_recvmsg, (uint64_t)pair[1], P(&in), 0), 6);
    CU_ASSERT_STRING_EQUAL(a, "onet");
    CU_ASSERT_STRING_EQUAL(b, "wo..");
    CU_ASSERT_EQUAL(in.msg_controllen, CMSG_SPACE(sizeof(int)));
    CU_ASSERT_EQUAL(in.msg_flags, 0);
    CU_ASSERT_PTR_EQUAL(in.msg_iov, parts);
    int came = -1;
    head = CMSG_FIRSTHDR(&in);
    CU_ASSERT_PTR_NOT_NULL_FATAL(head);
    memcpy(&came, CMSG_DATA(head), sizeof came);
    char back[16];
    CU_ASSERT_EQUAL(pread(came, back, sizeof back, 0), 16);
    CU_ASSERT_EQUAL(memcmp(back, "through a socket", 16), 0);
    close(came);
    close(sent);
    close(pair[0]);
    close(pair[1]);
    trip_finish(&trip);
}

static void test_cut_messages(void)
{
    trip_init(&trip);
    int pair[2];
    CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    char a[5] = "....";
    struct iovec part = {a, 4};
    struct iovec pieces[2] = {{"one", 3}, {"two", 3}};
    uint8_t control[32] = {0};
    struct msghdr out = {.msg_iov = pieces,
                         .msg_iovlen = 2,
                         .msg_control = control,
                         .msg_controllen = sizeof control};
    /* No control: nothing is said of it; the rest of a message is cut off. */
    struct msghdr in = {.msg_iov = &part, .msg_iovlen = 1, .msg_namelen = 77};
    CU_ASSERT_EQUAL(write(pair[0], "123456", 6), 6);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_recvmsg, (uint64_t)pair[1], P(&in), 0), 4);
    CU_ASSERT_EQUAL(in.msg_flags, MSG_TRUNC);
    CU_ASSERT_EQUAL(in.msg_controllen, 0);
    CU_ASSERT_EQUAL(in.msg_namelen, 77);
    /* The rest of one that was cut does not take the control along again. */
    trip.packed.done = 3;
    CU_ASSERT_EQUAL(
        trip_ask(&trip, SYS_sendmsg,
                 (const uint64_t[6]){(uint64_t)pair[0], P(&out), 0}),
        0);
    CU_ASSERT_EQUAL(trip.asked.request.area_count, 2);
    CU_ASSERT_EQUAL(trip.asked.areas[1].in_bytes, 3);
    CU_ASSERT_EQUAL(memcmp(trip.asked.data, "two", 3), 0);
    out.msg_iovlen = 1025;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_sendmsg, (uint64_t)pair[0], P(&out), 0),
                    -EMSGSIZE);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_sendmsg, (uint64_t)pair[0], P(&out), MSG_ZEROCOPY),
        -ENOTSUP);
    close(pair[0]);
    close(pair[1]);
    trip_finish(&trip);
}

static void test_many_messages(void)
{
    trip_init(&trip);
    int pair[2];
    CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    struct iovec out_parts[40];
    struct mmsghdr out[40] = {0};
    char letters[40];
    for (int i = 0; i < 40; i++) {
        letters[i] = (char)('A' + i);
        out_parts[i] = (struct iovec){&letters[i], 1};
        out[i].msg_hdr.msg_iov = &out_parts[i];
        out[i].msg_hdr.msg_iovlen = 1;
        out[i].msg_len = 99;
    }
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_sendmmsg, (uint64_t)pair[0], P(out), 3, 0),
                    3);
    CU_ASSERT_EQUAL(out[2].msg_len, 1);
    CU_ASSERT_EQUAL(out[3].msg_len, 99);
    char a[8] = ".......";
    char b[8] = ".......";
    struct iovec in_parts[2] = {{a, 7}, {b, 7}};
    struct sockaddr_un name;
    struct mmsghdr in[2] = {
        {.msg_hdr = {.msg_iov = &in_parts[0], .msg_iovlen = 1}},
        {.msg_hdr = {.msg_iov = &in_parts[1],
                     .msg_iovlen = 1,
                     .msg_name = &name,
                     .msg_namelen = sizeof name}}};
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_recvmmsg, (uint64_t)pair[1], P(in), 2, 0, 0), 2);
    CU_ASSERT_STRING_EQUAL(a, "A......");
    CU_ASSERT_STRING_EQUAL(b, "B......");
    CU_ASSERT_EQUAL(in[1].msg_len, 1);
    CU_ASSERT_EQUAL(in[1].msg_hdr.msg_namelen, 0); /* It has no name. */
    /* One is there of two that were asked for. */
    memcpy(b, ".......", 7);
    in[1].msg_len = 55;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_recvmmsg, (uint64_t)pair[1], P(in), 2, MSG_DONTWAIT, 0),
        1);
    CU_ASSERT_STRING_EQUAL(a, "C......");
    CU_ASSERT_STRING_EQUAL(b, ".......");
    CU_ASSERT_EQUAL(in[1].msg_len, 55);
    /* More than fit: fewer are sent, which the call allows. */
    int64_t sent =
        TRIP(&trip, SYS_sendmmsg, (uint64_t)pair[0], P(out), 40, MSG_DONTWAIT);
    CU_ASSERT(sent > 0 && sent < 40);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_sendmmsg, (uint64_t)pair[0], P(out), 0, 0),
                    0);
    close(pair[0]);
    close(pair[1]);
    trip_finish(&trip);
}

static void test_sockets(void)
{
    trip_init(&trip);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    int64_t s = TRIP(&trip, SYS_socket, AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_FATAL(s >= 0);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_bind, (uint64_t)s, P(&address), sizeof address), 0);
    memset(&name, 0xee, sizeof name);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_getsockname, (uint64_t)s, P(&name), P(&length)), 0);
    CU_ASSERT_EQUAL(length, sizeof address);
    CU_ASSERT_EQUAL(((uint8_t *)&name)[sizeof address], 0xee);
    memcpy(&address, &name, sizeof address);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_sendto, (uint64_t)s, P("datagram"), 8, 0,
                         P(&address), sizeof address),
                    8);
    char back[16] = "...............";
    struct sockaddr_in from = {0};
    length = 4; /* Too short: the name is cut, its length is not. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_recvfrom, (uint64_t)s, P(back), 4,
                         MSG_TRUNC, P(&from), P(&length)),
                    8);
    CU_ASSERT_STRING_EQUAL(back, "data...........");
    CU_ASSERT_EQUAL(length, sizeof address);
    CU_ASSERT_EQUAL(from.sin_port, address.sin_port);
    CU_ASSERT_EQUAL(from.sin_addr.s_addr, 0);
    CU_ASSERT_EQUAL(sendto((int)s, "again", 5, 0, (struct sockaddr *)&address,
                           sizeof address),
                    5);
    struct iovec vector = {back, 8};
    memset(&name, 0xee, sizeof name);
    struct msghdr message = {.msg_name = &name,
                             .msg_namelen = sizeof name,
                             .msg_iov = &vector,
                             .msg_iovlen = 1};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_recvmsg, (uint64_t)s, P(&message), 0), 5);
    CU_ASSERT_EQUAL(message.msg_namelen, sizeof address);
    CU_ASSERT_EQUAL(memcmp(&name, &address, sizeof address), 0);
    CU_ASSERT_EQUAL(((uint8_t *)&name)[sizeof address], 0xee);
    length = UINT_MAX;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_getsockname, (uint64_t)s, P(&name), P(&length)),
        -EINVAL);
    int value = 0;
    length = sizeof value;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_getsockopt, (uint64_t)s, SOL_SOCKET,
                         SO_TYPE, P(&value), P(&length)),
                    0);
    CU_ASSERT_EQUAL(value, SOCK_DGRAM);
    value = 1;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_setsockopt, (uint64_t)s, SOL_SOCKET,
                         SO_REUSEADDR, P(&value), sizeof value),
                    0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_setsockopt, (uint64_t)s, SOL_SOCKET,
                         SO_ATTACH_FILTER, P(&value), 16),
                    -ENOTSUP);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_getsockopt, (uint64_t)s, IPPROTO_TCP,
                         TCP_ZEROCOPY_RECEIVE, P(&value), P(&length)),
                    -ENOTSUP);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_close, (uint64_t)s), 0);
    trip_finish(&trip);
}

static void test_accept(void)
{
    trip_init(&trip);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int door = socket(AF_INET, SOCK_STREAM, 0);
    int caller = socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(bind(door, (struct sockaddr *)&address, length), 0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_listen, (uint64_t)door, 4), 0);
    getsockname(door, (struct sockaddr *)&address, &length);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_connect, (uint64_t)caller, P(&address), sizeof address),
        0);
    struct sockaddr_storage peer = {0};
    length = sizeof peer;
    int64_t one = TRIP(&trip, SYS_accept4, (uint64_t)door, P(&peer), P(&length),
                       SOCK_CLOEXEC);
    CU_ASSERT(one >= 0);
    CU_ASSERT_EQUAL(length, sizeof(struct sockaddr_in));
    CU_ASSERT_EQUAL(peer.ss_family, AF_INET);
    CU_ASSERT_EQUAL(fcntl((int)one, F_GETFD), FD_CLOEXEC);
    CU_ASSERT_EQUAL(connect(caller, NULL, 0), -1);
    close((int)one);
    close(caller);
    caller = socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(
        connect(caller, (struct sockaddr *)&address, sizeof address), 0);
    one = TRIP(&trip, SYS_accept, (uint64_t)door, 0, 0);
    CU_ASSERT(one >= 0);
    close((int)one);
    close(caller);
    close(door);
    trip_finish(&trip);
}

static void test_waiting(void)
{
    trip_init(&trip);
    int ends[2];
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_pipe2, P(ends), O_CLOEXEC), 0);
    CU_ASSERT_EQUAL(write(ends[1], "x", 1), 1);
    struct pollfd polled[2] = {{ends[0], POLLIN, -1}, {ends[1], POLLIN, -1}};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_poll, P(polled), 2, 1000), 1);
    CU_ASSERT_EQUAL(polled[0].revents, POLLIN);
    CU_ASSERT_EQUAL(polled[1].revents, 0);
    struct timespec limit = {5, 0};
    sigset_t mask;
    sigemptyset(&mask);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_ppoll, P(polled), 2, P(&limit), P(&mask), 8), 1);
    CU_ASSERT(limit.tv_sec <= 5);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_poll, 0, 0, 1), 0);
    fd_set in;
    fd_set out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(ends[0], &in);
    FD_SET(ends[1], &out);
    struct timeval until = {5, 0};
    uint64_t bits = (uint64_t)ends[1] + 1;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_select, bits, P(&in), P(&out), 0, P(&until)), 2);
    CU_ASSERT(FD_ISSET(ends[0], &in) && FD_ISSET(ends[1], &out));
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_select, (uint64_t)-1, P(&in), 0, 0, 0),
                    -EINVAL);
    struct
    {
        const sigset_t *mask;
        size_t bytes;
    } pair = {&mask, 8};
    limit = (struct timespec){0, 1000000};
    char byte;
    CU_ASSERT_EQUAL(read(ends[0], &byte, 1), 1);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_pselect6, bits, P(&in), 0, 0, P(&limit), P(&pair)), 0);
    CU_ASSERT_FALSE(FD_ISSET(ends[0], &in));
    CU_ASSERT_EQUAL(limit.tv_nsec, 0); /* Nothing is left of the time. */
    pair.bytes = 16;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_pselect6, bits, P(&in), 0, 0, P(&limit), P(&pair)),
        -EINVAL);
    pair.mask = NULL;
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_pselect6, bits, P(&in), 0, 0, P(&limit), P(&pair)), 0);
    close(ends[0]);
    close(ends[1]);
    trip_finish(&trip);
}

static void test_epoll(void)
{
    trip_init(&trip);
    int64_t set = TRIP(&trip, SYS_epoll_create1, EPOLL_CLOEXEC);
    int64_t counter = TRIP(&trip, SYS_eventfd2, 3, 0);
    struct epoll_event event = {EPOLLIN, {.u64 = 0x1234567890abcdef}};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_epoll_ctl, (uint64_t)set, EPOLL_CTL_ADD,
                         (uint64_t)counter, P(&event)),
                    0);
    struct epoll_event events[3];
    memset(events, 0xee, sizeof events);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_epoll_wait, (uint64_t)set, P(events), 3, 1000), 1);
    CU_ASSERT_EQUAL(events[0].data.u64, 0x1234567890abcdef);
    CU_ASSERT_EQUAL(events[0].events, EPOLLIN);
    CU_ASSERT_EQUAL(events[1].events, 0xeeeeeeee);
    struct timespec limit = {0, 0};
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_epoll_pwait2, (uint64_t)set, P(events), 3,
                         P(&limit), 0, 8),
                    1);
    /* More than fit are cut: 10,000,000 x 12 bytes. */
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_epoll_wait, (uint64_t)set, P(events), 10000000, 0), 1);
    CU_ASSERT_EQUAL(
        TRIP(&trip, SYS_epoll_wait, (uint64_t)set, P(events), (uint64_t)-1, 0),
        -EINVAL);
    /* What is taken out needs no event, so its pointer may be anything. */
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_epoll_ctl, (uint64_t)set, EPOLL_CTL_DEL,
                         (uint64_t)counter, 16),
                    0);
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_epoll_ctl, (uint64_t)set, 77,
                         (uint64_t)counter, P(&event)),
                    -ENOTSUP);
    uint64_t count = 0;
    CU_ASSERT_EQUAL(TRIP(&trip, SYS_read, (uint64_t)counter, P(&count), 8), 8);
    CU_ASSERT_EQUAL(count, 3);
    close((int)set);
    close((int)counter);
    trip_finish(&trip);
}

SUITE_MAIN("calls, sockets",
           {"a message takes its descriptors along", test_messages},
           {"a message is cut as by the kernel", test_cut_messages},
           {"several messages go at once", test_many_messages},
           {"names of sockets are cut as by the kernel", test_sockets},
           {"connections are accepted", test_accept},
           {"poll and select see the same", test_waiting},
           {"epoll sees the same", test_epoll})
