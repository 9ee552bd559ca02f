/* pass.c - see pass.h. */
#include "pass.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr head;
};

int pass_put(int pair, int descriptor, const char *line)
{
    union control control = {0};
    struct iovec part = {(void *)(uintptr_t)line, strlen(line) + 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (descriptor < 0) {
        message.msg_control = NULL;
        message.msg_controllen = 0;
    } else {
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    }
    return sendmsg(pair, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno
                                                                    : 0;
}

int pass_get(int pair, int *ret_descriptor, char ret_line[LINE_BYTES])
{
    union control control = {0};
    struct iovec part = {ret_line, LINE_BYTES};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(pair, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (got == 0)
        return -ENODATA;
    bool has =
        head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS;
    int descriptor = -1;
    if (has)
        memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    if (ret_line[got - 1] != 0) {
        if (descriptor >= 0)
            close(descriptor);
        return -EBADMSG;
    }
    *ret_descriptor = descriptor;
    return 0;
}

int pass_await(int pair,
               int *ret_descriptor,
               char ret_line[LINE_BYTES],
               int milliseconds)
{
    struct pollfd ready = {.fd = pair, .events = POLLIN};
    int count = poll(&ready, 1, milliseconds);
    if (count < 0)
        return -errno;
    return count == 0 ? -ETIMEDOUT : pass_get(pair, ret_descriptor, ret_line);
}
