/* rule_enter.c - puts a rule into force. See rule.h. */
#include "rule.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of <linux/landlock.h> from 6.2 and 6.7 on, which Debian 12 has not yet. */
enum {
    ACCESS_TRUNCATE = 1 << 14,
    PORT_BIND = 1 << 0,
    PORT_CONNECT = 1 << 1,
    RULE_OF_PORT = 2,
    WITH_REFER = 2, /* Versions of Landlock. */
    WITH_TRUNCATE = 3,
    WITH_PORTS = 4,
};
struct ruleset
{
    uint64_t paths;
    uint64_t ports;
};
struct port_rule
{
    uint64_t allowed;
    uint64_t port;
};

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUNNING (LANDLOCK_ACCESS_FS_EXECUTE | READING)
#define MAKING                                                        \
    (LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |      \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |    \
     LANDLOCK_ACCESS_FS_MAKE_SYM)
#define DEVICES (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
/* Of these a rule may allow some for a file that is no folder. */
#define OF_FILES                                                    \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
     LANDLOCK_ACCESS_FS_EXECUTE | ACCESS_TRUNCATE)

static int landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
                           LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : (int)version;
}

static bool has_ports(const struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++)
        if (rule->lines[i].port)
            return true;
    return false;
}

int rule_possible(const struct rule *rule, struct complaint *c)
{
    int version = landlock_version();
    if (version < WITH_TRUNCATE - 1)
        return complain(c, -ENOTSUP, "rule", 0, 0,
                        "this kernel has no Landlock that can keep paths, it "
                        "takes Linux 5.19 with landlock among its lsm");
    if (has_ports(rule) && version < WITH_PORTS)
        return complain(c, -ENOTSUP, "rule", 0, 0,
                        "this kernel cannot keep ports, it takes Linux 6.7; "
                        "leave connect and listen out, or forbid sockets");
    return 0;
}

static uint64_t writing(int version)
{
    return READING | LANDLOCK_ACCESS_FS_WRITE_FILE | MAKING |
           (version >= WITH_REFER ? LANDLOCK_ACCESS_FS_REFER : 0) |
           (version >= WITH_TRUNCATE ? ACCESS_TRUNCATE : 0);
}

static int allow_path(int set, const struct rule_line *line, int version)
{
    struct stat status;
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = line->kind == RULE_READ    ? READING
                          : line->kind == RULE_WRITE ? writing(version)
                                                     : RUNNING,
        .parent_fd = open(line->path, O_PATH | O_CLOEXEC),
    };
    if (beneath.parent_fd < 0)
        return -errno;
    int error = fstat(beneath.parent_fd, &status) < 0 ? -errno : 0;
    if (!error && !S_ISDIR(status.st_mode))
        beneath.allowed_access &= OF_FILES;
    if (!error && syscall(SYS_landlock_add_rule, set,
                          LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
        error = -errno;
    close(beneath.parent_fd);
    return error;
}

static int allow_port(int set, const struct rule_line *line)
{
    struct port_rule port = {
        .allowed = line->kind == RULE_CONNECT ? PORT_CONNECT : PORT_BIND,
        .port = line->port,
    };
    return syscall(SYS_landlock_add_rule, set, RULE_OF_PORT, &port, 0) < 0
               ? -errno
               : 0;
}

/* Only the kinds of ports that the rule names one of are kept. */
static uint64_t kept_ports(const struct rule *rule)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < rule->count; i++) {
        if (rule->lines[i].kind == RULE_CONNECT)
            kept |= PORT_CONNECT;
        else if (rule->lines[i].kind == RULE_LISTEN)
            kept |= PORT_BIND;
    }
    return kept;
}

static int keep_paths_and_ports(const struct rule *rule, size_t *ret_failed)
{
    int version = landlock_version();
    struct ruleset kept = {
        .paths = writing(version) | RUNNING | DEVICES,
        .ports = kept_ports(rule),
    };
    size_t bytes = kept.ports ? sizeof kept : sizeof kept.paths;
    int set = (int)syscall(SYS_landlock_create_ruleset, &kept, bytes, 0);
    int error = set < 0 ? -errno : 0;
    for (size_t i = 0; i < rule->count && !error; i++) {
        const struct rule_line *line = &rule->lines[i];
        error =
            line->path ? allow_path(set, line, version) : allow_port(set, line);
        *ret_failed = i;
    }
    if (!error && syscall(SYS_landlock_restrict_self, set, 0) < 0)
        error = -errno;
    if (set >= 0)
        close(set);
    return error;
}

#define SAYS(code, value) BPF_STMT((code), (value))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define AT(field) (uint32_t) offsetof(struct seccomp_data, field)

/* socket and socketpair of other kinds, and io_uring, which passes filters by,
 * are refused; other machines' calls, too. */
static int keep_sockets(enum rule_sockets allowed)
{
    const uint32_t no = SECCOMP_RET_ERRNO | EACCES;
    struct sock_filter filter[] = {
        SAYS(BPF_LD | BPF_W | BPF_ABS, AT(arch)),
        IS(AUDIT_ARCH_X86_64, 1, 0),
        SAYS(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        SAYS(BPF_LD | BPF_W | BPF_ABS, AT(nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 6, 0),
        IS(SYS_io_uring_setup, 5, 0),
        IS(SYS_socket, 2, 0),
        IS(SYS_socketpair, 1, 0),
        SAYS(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        SAYS(BPF_LD | BPF_W | BPF_ABS, AT(args[0])),
        IS(AF_UNIX, 1, 0),
        SAYS(BPF_RET | BPF_K, no),
        SAYS(BPF_RET | BPF_K, allowed == SOCKETS_UNIX ? SECCOMP_RET_ALLOW : no),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (allowed == SOCKETS_ANY)
        return 0;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno
                                                                    : 0;
}

uint32_t rule_filter_count(const struct rule *rule)
{
    return rule->sockets == SOCKETS_ANY ? 0 : 1;
}

int rule_enter(const struct rule *rule, size_t *ret_failed)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    int error = keep_paths_and_ports(rule, ret_failed);
    return error ? error : keep_sockets(rule->sockets);
}
