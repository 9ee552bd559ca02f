/* test_rule.c - a rule is read, and the kernel keeps it. */
#include "../suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "real/homenode/rule.h"

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static int read_text(const char *text, struct rule *rule, struct complaint *c)
{
    char path[] = "/tmp/vencejo-rule-XXXXXX";
    int file = mkstemp(path);
    CU_ASSERT_FATAL(file >= 0);
    close(file);
    write_text(path, text);
    int error = rule_read(path, rule, c);
    unlink(path);
    return error;
}

static void every_word_is_read(void)
{
    struct rule rule;
    struct complaint c;
    CU_ASSERT_EQUAL_FATAL(
        read_text("# a rule\n\n  read /usr\nwrite\t/tmp/x y \n"
                  "execute /bin/sh\nsockets any\n"
                  "connect 443\nlisten 1",
                  &rule, &c),
        0);
    CU_ASSERT_EQUAL(rule.count, 5);
    CU_ASSERT_EQUAL(rule.sockets, SOCKETS_ANY);
    CU_ASSERT_STRING_EQUAL(rule.lines[1].path, "/tmp/x y");
    CU_ASSERT_EQUAL(rule.lines[3].port, 443);
    CU_ASSERT_EQUAL(rule.lines[4].kind, RULE_LISTEN);
    rule_finish(&rule);
}

static void mistakes_are_named_by_line_and_column(void)
{
    static const struct
    {
        const char *text;
        size_t line;
        size_t column;
        const char *says;
    } rows[] = {
        {"read /usr\nraed /lib\n", 2, 1, "no such word"},
        {"read usr\n", 1, 6, "begins with /"},
        {"read\n", 1, 1, "names nothing"},
        {"sockets some\n", 1, 9, "none, unix or any"},
        {"sockets any\nconnect 70000\n", 2, 9, "1 to 65535"},
        {"sockets any\nconnect -1\n", 2, 9, "1 to 65535"},
        {"connect 80\n", 0, 0, "sockets any"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rule rule;
        struct complaint c;
        CU_ASSERT_EQUAL(read_text(rows[i].text, &rule, &c), -EINVAL);
        CU_ASSERT_EQUAL(c.line, rows[i].line);
        CU_ASSERT_EQUAL(c.column, rows[i].column);
        CU_ASSERT_PTR_NOT_NULL(strstr(c.text, rows[i].says));
    }
}

/* What a child under that rule finds: 0, or its error. */
static int under(const char *text, int (*act)(void))
{
    struct rule rule;
    struct complaint c;
    size_t failed;
    int status;
    CU_ASSERT_EQUAL_FATAL(read_text(text, &rule, &c), 0);
    pid_t child = fork();
    if (child == 0) {
        int error = rule_enter(&rule, &failed);
        _exit(error ? 200 : act());
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    rule_finish(&rule);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int read_passwords(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int write_there(void)
{
    int file = open("/tmp/vencejo-rule-there/file", O_CREAT | O_WRONLY, 0600);
    return file < 0                                 ? errno
           : unlink("/tmp/vencejo-rule-there/file") ? errno
                                                    : 0;
}

static int run_true(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return errno;
}

static int open_inet(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int open_unix(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ? errno : 0;
}

static int open_ring(void)
{
    char room[128] = {0};
    return syscall(SYS_io_uring_setup, 1, room) < 0 ? errno : 0;
}

static int bind_port(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int file = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(file, (struct sockaddr *)&at, sizeof at) < 0 ? errno : 0;
}

static int bind_17011(void)
{
    return bind_port(17011);
}

static int bind_17012(void)
{
    return bind_port(17012);
}

static bool possible(const char *text)
{
    struct rule rule;
    struct complaint c;
    CU_ASSERT_EQUAL_FATAL(read_text(text, &rule, &c), 0);
    int error = rule_possible(&rule, &c);
    rule_finish(&rule);
    if (error)
        printf("(skipped: %s) ", c.text);
    return !error;
}

static void paths_are_kept(void)
{
    if (!possible("read /usr\n"))
        return;
    mkdir("/tmp/vencejo-rule-there", 0700);
    CU_ASSERT_EQUAL(under("read /usr\n", read_passwords), EACCES);
    CU_ASSERT_EQUAL(under("read /etc\n", read_passwords), 0);
    CU_ASSERT_EQUAL(under("read /etc/passwd\n", read_passwords), 0);
    CU_ASSERT_EQUAL(under("read /tmp\n", write_there), EACCES);
    CU_ASSERT_EQUAL(under("write /tmp/vencejo-rule-there\n", write_there), 0);
    CU_ASSERT_EQUAL(under("read /\n", run_true), EACCES);
    CU_ASSERT_EQUAL(under("execute /\n", run_true), 0);
    CU_ASSERT_EQUAL(under("read /nowhere\n", read_passwords), 200);
    rmdir("/tmp/vencejo-rule-there");
}

static void sockets_are_kept(void)
{
    if (!possible("read /\n"))
        return;
    CU_ASSERT_EQUAL(under("read /\n", open_inet), EACCES);
    CU_ASSERT_EQUAL(under("read /\n", open_unix), EACCES);
    CU_ASSERT_EQUAL(under("read /\nsockets unix\n", open_inet), EACCES);
    CU_ASSERT_EQUAL(under("read /\nsockets unix\n", open_unix), 0);
    CU_ASSERT_EQUAL(under("read /\nsockets unix\n", open_ring), EACCES);
    CU_ASSERT_EQUAL(under("read /\nsockets any\n", open_inet), 0);
}

static void ports_are_kept(void)
{
    static const char text[] = "read /\nsockets any\nlisten 17011\n";
    if (!possible(text))
        return;
    CU_ASSERT_EQUAL(under(text, bind_17011), 0);
    CU_ASSERT_EQUAL(under(text, bind_17012), EACCES);
    CU_ASSERT_EQUAL(under("read /\nsockets any\nconnect 1\n", bind_17012), 0);
}

SUITE_MAIN("rule",
           {"every word is read", every_word_is_read},
           {"mistakes are named by line and column",
            mistakes_are_named_by_line_and_column},
           {"paths are kept", paths_are_kept},
           {"sockets are kept", sockets_are_kept},
           {"ports are kept", ports_are_kept})
