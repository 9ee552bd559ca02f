#include "system_events.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/genetlink.h>
#include <linux/taskstats.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MESSAGE_BYTES_MAX = 65536,
    ANSWER_MS = 2000,
    CPUS_BYTES_MAX = 256,
    TGID_VERSION = 12, /* Of taskstats, since which a record says its tgid. */
};

struct system_events
{
    struct system_listener listener;
    struct mnl_socket *connector;
    struct mnl_socket *taskstats;
    uint16_t family;
    uint64_t overflows;
    int refusal; /* Negative errno from the connector's answer; 1: none yet. */
};

int system_events_fd(const struct system_events *events)
{
    return mnl_socket_get_fd(events->connector);
}

int system_figures_fd(const struct system_events *events)
{
    return mnl_socket_get_fd(events->taskstats);
}

uint64_t system_events_overflows(const struct system_events *events)
{
    return events->overflows;
}

/* ---- The proc connector. ------------------------------------------------- */

static void take_event(struct system_events *events,
                       const struct proc_event *source)
{
    struct system_event event = {.at_ns = source->timestamp_ns};
    switch (source->what) {
        case PROC_EVENT_NONE:
            events->refusal = -(int)source->event_data.ack.err;
            return;
        case PROC_EVENT_FORK:
            event.kind = SYSTEM_FORK;
            event.pid = source->event_data.fork.child_pid;
            event.process = source->event_data.fork.child_tgid;
            event.parent = source->event_data.fork.parent_tgid;
            break;
        case PROC_EVENT_EXEC:
            event.kind = SYSTEM_EXEC;
            event.pid = source->event_data.exec.process_pid;
            event.process = source->event_data.exec.process_tgid;
            break;
        case PROC_EVENT_EXIT:
            event.kind = SYSTEM_EXIT;
            event.pid = source->event_data.exit.process_pid;
            event.process = source->event_data.exit.process_tgid;
            event.status = (int)source->event_data.exit.exit_code;
            break;
        default:
            return;
    }
    events->listener.event(events->listener.who, &event);
}

/* Only the kernel speaks here, but its structures grow with its versions. */
static int take_connector(const struct nlmsghdr *head, void *who)
{
    const struct cn_msg *message = mnl_nlmsg_get_payload(head);
    struct proc_event event = {.what = 0};
    size_t bytes = mnl_nlmsg_get_payload_len(head);
    if (bytes < sizeof *message || message->id.idx != CN_IDX_PROC ||
        message->id.val != CN_VAL_PROC ||
        message->len > bytes - sizeof *message)
        return MNL_CB_OK;
    memcpy(&event, message->data,
           message->len < sizeof event ? message->len : sizeof event);
    take_event(who, &event);
    return MNL_CB_OK;
}

static bool say_to_connector(struct system_events *events,
                             enum proc_cn_mcast_op wish)
{
    char buffer[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof wish)];
    memset(buffer, 0, sizeof buffer);
    struct nlmsghdr *head = mnl_nlmsg_put_header(buffer);
    struct cn_msg *message =
        mnl_nlmsg_put_extra_header(head, sizeof(struct cn_msg) + sizeof wish);
    head->nlmsg_type = NLMSG_DONE;
    message->id.idx = CN_IDX_PROC;
    message->id.val = CN_VAL_PROC;
    message->len = sizeof wish;
    memcpy(message->data, &wish, sizeof wish);
    return mnl_socket_sendto(events->connector, head, head->nlmsg_len) >= 0;
}

/* ---- Taskstats. ---------------------------------------------------------- */

static void take_record(struct system_events *events,
                        const struct nlattr *attribute)
{
    struct taskstats t;
    size_t bytes = mnl_attr_get_payload_len(attribute);
    memset(&t, 0, sizeof t);
    memcpy(&t, mnl_attr_get_payload(attribute),
           bytes < sizeof t ? bytes : sizeof t);
    struct system_figures figures = {
        .pid = (pid_t)t.ac_pid,
        .process = (pid_t)t.ac_tgid,
        .uid = t.ac_uid,
        .cpu_ns = t.cpu_run_virtual_total,
        .wait_ns = t.cpu_delay_total,
        .peak_bytes = t.hiwater_rss * 1024,
        .read_bytes = t.read_char,
        .write_bytes = t.write_char,
        .disk_read_bytes = t.read_bytes,
        .disk_write_bytes = t.write_bytes,
    };
    snprintf(figures.name, sizeof figures.name, "%.15s", t.ac_comm);
    if (t.version >= TGID_VERSION)
        events->listener.figures(events->listener.who, &figures);
    else
        events->refusal = -EOPNOTSUPP;
}

static int take_inner(const struct nlattr *attribute, void *who)
{
    if (mnl_attr_get_type(attribute) == TASKSTATS_TYPE_STATS)
        take_record(who, attribute);
    return MNL_CB_OK;
}

/* A record of a process of several threads is in another attribute, and says
 * less than the sum of those of its threads. */
static int take_outer(const struct nlattr *attribute, void *who)
{
    if (mnl_attr_get_type(attribute) == TASKSTATS_TYPE_AGGR_PID)
        mnl_attr_parse_nested(attribute, take_inner, who);
    return MNL_CB_OK;
}

static int take_taskstats(const struct nlmsghdr *head, void *who)
{
    mnl_attr_parse(head, GENL_HDRLEN, take_outer, who);
    return MNL_CB_OK;
}

static int take_family_id(const struct nlattr *attribute, void *who)
{
    struct system_events *events = who;
    if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
        events->family = mnl_attr_get_u16(attribute);
    return MNL_CB_OK;
}

static int take_family(const struct nlmsghdr *head, void *who)
{
    mnl_attr_parse(head, GENL_HDRLEN, take_family_id, who);
    return MNL_CB_OK;
}

/* 0 or negative errno of the kernel's answer. */
static int ask(struct system_events *events,
               uint16_t family,
               uint8_t command,
               uint16_t attribute,
               const char *text,
               mnl_cb_t answer)
{
    char buffer[MESSAGE_BYTES_MAX];
    struct nlmsghdr *head = mnl_nlmsg_put_header(buffer);
    struct genlmsghdr *own;
    head->nlmsg_type = family;
    head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    head->nlmsg_seq = command;
    own = mnl_nlmsg_put_extra_header(head, sizeof *own);
    own->cmd = command;
    own->version = 1;
    mnl_attr_put_strz(head, attribute, text);
    if (mnl_socket_sendto(events->taskstats, head, head->nlmsg_len) < 0)
        return -errno;
    for (int state = MNL_CB_OK; state > MNL_CB_STOP;) {
        ssize_t bytes =
            mnl_socket_recvfrom(events->taskstats, buffer, sizeof buffer);
        if (bytes < 0)
            return -errno;
        /* Records may come between: they are of no use yet. */
        const struct nlmsghdr *first = (const struct nlmsghdr *)buffer;
        if (first->nlmsg_seq != command)
            continue;
        state = mnl_cb_run(buffer, (size_t)bytes, command, 0, answer, events);
        if (state < 0)
            return -errno;
    }
    return 0;
}

static int register_all_cores(struct system_events *events)
{
    char cpus[CPUS_BYTES_MAX] = "";
    FILE *file = fopen("/sys/devices/system/cpu/possible", "re");
    if (!file || !fgets(cpus, sizeof cpus, file)) {
        if (file)
            fclose(file);
        return -ENODATA;
    }
    fclose(file);
    cpus[strcspn(cpus, "\n")] = '\0';
    return ask(events, events->family, TASKSTATS_CMD_GET,
               TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus, NULL);
}

/* ---- Both. --------------------------------------------------------------- */

/* False if the socket is broken. */
static bool read_all(struct system_events *events,
                     struct mnl_socket *socket,
                     mnl_cb_t take)
{
    char buffer[MESSAGE_BYTES_MAX];
    for (;;) {
        ssize_t bytes = recv(mnl_socket_get_fd(socket), buffer, sizeof buffer,
                             MSG_DONTWAIT);
        if (bytes > 0) {
            const struct nlmsghdr *head = (const struct nlmsghdr *)buffer;
            /* So the connector marks its messages. Nothing was asked for, so
             * any sequence is right. */
            if (head->nlmsg_type == NLMSG_DONE)
                take(head, events);
            else
                mnl_cb_run(buffer, (size_t)bytes, 0, 0, take, events);
        } else if (bytes < 0 && errno == ENOBUFS) {
            events->overflows++;
        } else if (bytes < 0 && errno == EINTR) {
            continue;
        } else {
            return bytes < 0 && errno == EAGAIN;
        }
    }
}

bool system_events_read(struct system_events *events)
{
    return read_all(events, events->connector, take_connector);
}

bool system_figures_read(struct system_events *events)
{
    return read_all(events, events->taskstats, take_taskstats);
}

/* NULL and errno. */
static struct mnl_socket *open_socket(int bus,
                                      unsigned groups,
                                      size_t buffer_bytes)
{
    int bytes = (int)buffer_bytes;
    struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
    if (!socket)
        return NULL;
    if (mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) < 0 ||
        setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUFFORCE,
                   &bytes, sizeof bytes) < 0) {
        int error = errno;
        mnl_socket_close(socket);
        errno = error;
        return NULL;
    }
    return socket;
}

static int listen_to_connector(struct system_events *events)
{
    struct pollfd poll_fd = {.fd = system_events_fd(events), .events = POLLIN};
    events->refusal = 1;
    if (!say_to_connector(events, PROC_CN_MCAST_LISTEN))
        return -errno;
    while (events->refusal > 0) {
        if (poll(&poll_fd, 1, ANSWER_MS) <= 0)
            return -ETIMEDOUT;
        if (!system_events_read(events))
            return -EIO;
    }
    return events->refusal;
}

static int open_all(struct system_events *events, size_t buffer_bytes)
{
    int error;
    events->connector =
        open_socket(NETLINK_CONNECTOR, CN_IDX_PROC, buffer_bytes);
    if (!events->connector)
        return -errno;
    events->taskstats = open_socket(NETLINK_GENERIC, 0, buffer_bytes);
    if (!events->taskstats)
        return -errno;
    error = ask(events, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
                TASKSTATS_GENL_NAME, take_family);
    if (!error)
        error = register_all_cores(events);
    return error ? error : listen_to_connector(events);
}

static int complain_of(int error, struct complaint *ret_complaint)
{
    if (error == -EPERM || error == -EACCES)
        return complain(ret_complaint, -EPERM, NULL, 0, 0,
                        "to record the whole system takes root, that is "
                        "CAP_NET_ADMIN outside of any user namespace; without "
                        "it record a command: vencejo trace record -- COMMAND");
    if (error == -ENOENT || error == -EPROTONOSUPPORT ||
        error == -ECONNREFUSED || error == -ETIMEDOUT)
        return complain(ret_complaint, -EOPNOTSUPP, NULL, 0, 0,
                        "this kernel has no taskstats or no proc connector "
                        "(CONFIG_TASKSTATS, CONFIG_PROC_EVENTS), or this is "
                        "another network namespace than the first: %s",
                        strerror(-error));
    return complain(ret_complaint, error, NULL, 0, 0,
                    "the kernel cannot be listened to: %s", strerror(-error));
}

int system_events_open(size_t buffer_bytes,
                       const struct system_listener *listener,
                       struct system_events **ret_events,
                       struct complaint *ret_complaint)
{
    struct system_events *events = calloc(1, sizeof *events);
    if (!events)
        return complain(ret_complaint, -ENOMEM, NULL, 0, 0, "no memory left");
    events->listener = *listener;
    int error = open_all(events, buffer_bytes);
    if (error) {
        system_events_close(events);
        return complain_of(error, ret_complaint);
    }
    *ret_events = events;
    return 0;
}

void system_events_close(struct system_events *events)
{
    if (!events)
        return;
    if (events->connector) {
        say_to_connector(events, PROC_CN_MCAST_IGNORE);
        mnl_socket_close(events->connector);
    }
    if (events->taskstats)
        mnl_socket_close(events->taskstats);
    free(events);
}
