/* rule.c - reads a rule; rule_enter.c puts it into force. See rule.h. */
#include "rule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[RULE_KINDS] = {
    [RULE_READ] = "read",       [RULE_WRITE] = "write",
    [RULE_EXECUTE] = "execute", [RULE_CONNECT] = "connect",
    [RULE_LISTEN] = "listen",
};

static const char *const sockets[] = {
    [SOCKETS_NONE] = "none",
    [SOCKETS_UNIX] = "unix",
    [SOCKETS_ANY] = "any",
};

/* Where in the file, for complaints. */
struct place
{
    const char *file;
    size_t line;
    size_t column;
};

static int wrong(const struct place *at, struct complaint *c, const char *text)
{
    return complain(c, -EINVAL, at->file, at->line, at->column, "%s", text);
}

static int add(struct rule *rule, struct rule_line line)
{
    struct rule_line *grown =
        realloc(rule->lines, (rule->count + 1) * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    rule->lines = grown;
    rule->lines[rule->count++] = line;
    return 0;
}

static int take_path(struct rule *rule,
                     enum rule_kind kind,
                     const char *path,
                     const struct place *at,
                     struct complaint *c)
{
    if (path[0] != '/')
        return wrong(at, c, "a path begins with /, write it whole");
    if (strlen(path) >= RULE_PATH_BYTES)
        return wrong(at, c, "no path is so long, shorten it");
    char *copy = strdup(path);
    int error = copy ? add(rule, (struct rule_line){kind, copy, 0}) : -ENOMEM;
    if (error)
        free(copy);
    return error ? complain(c, error, at->file, at->line, 0, "no memory") : 0;
}

static int take_port(struct rule *rule,
                     enum rule_kind kind,
                     const char *text,
                     const struct place *at,
                     struct complaint *c)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || port < 1 || port > 65535)
        return wrong(at, c, "a port is a number from 1 to 65535");
    int error = add(rule, (struct rule_line){kind, NULL, (uint16_t)port});
    return error ? complain(c, error, at->file, at->line, 0, "no memory") : 0;
}

static int take_sockets(struct rule *rule,
                        const char *text,
                        const struct place *at,
                        struct complaint *c)
{
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        if (strcmp(text, sockets[i]) == 0) {
            rule->sockets = (enum rule_sockets)i;
            return 0;
        }
    return wrong(at, c, "no such kind, write none, unix or any");
}

/* A line without its end: blank, a comment, or a word and the rest. */
static int take_line(struct rule *rule,
                     char *text,
                     struct place *at,
                     struct complaint *c)
{
    size_t indent = strspn(text, " \t");
    char *word = text + indent;
    size_t length = strcspn(word, " \t");
    char *rest = word + length + strspn(word + length, " \t");
    at->column = indent + 1;
    if (!*word || *word == '#')
        return 0;
    for (size_t end = strlen(rest); end > 0 && strchr(" \t\r", rest[end - 1]);
         end--)
        rest[end - 1] = '\0';
    word[length] = '\0';
    if (!*rest || rest == word + length)
        return wrong(at, c, "it names nothing, write what behind it");
    struct place what = *at;
    what.column = (size_t)(rest - text) + 1;
    if (strcmp(word, "sockets") == 0)
        return take_sockets(rule, rest, &what, c);
    for (int i = 0; i < RULE_KINDS; i++)
        if (strcmp(word, kinds[i]) == 0)
            return i < RULE_CONNECT
                       ? take_path(rule, (enum rule_kind)i, rest, &what, c)
                       : take_port(rule, (enum rule_kind)i, rest, &what, c);
    return wrong(at, c,
                 "no such word, write read, write, execute, sockets, connect "
                 "or listen");
}

static int check(const struct rule *rule, const char *file, struct complaint *c)
{
    for (size_t i = 0; i < rule->count; i++)
        if (rule->lines[i].port && rule->sockets != SOCKETS_ANY)
            return complain(c, -EINVAL, file, 0, 0,
                            "it names ports but forbids their sockets, write "
                            "sockets any");
    return 0;
}

static int read_lines(FILE *file,
                      struct place *at,
                      struct rule *rule,
                      struct complaint *c)
{
    char *text = NULL;
    size_t room = 0;
    int error = 0;
    for (ssize_t bytes; !error && (bytes = getline(&text, &room, file)) >= 0;) {
        at->line++;
        at->column = 1;
        if (strlen(text) != (size_t)bytes)
            error = wrong(at, c, "a zero byte, this is no text");
        else if (rule->count == RULE_LINES_MAX)
            error = wrong(at, c, "more than 1,024 lines, name folders instead");
        else {
            text[strcspn(text, "\n")] = '\0';
            error = take_line(rule, text, at, c);
        }
    }
    if (!error && ferror(file))
        error = complain(c, -EIO, at->file, 0, 0, "it cannot be read");
    free(text);
    return error;
}

int rule_read(const char *name, struct rule *ret, struct complaint *c)
{
    struct rule rule = {0};
    struct place at = {.file = name};
    FILE *file = fopen(name, "re");
    if (!file)
        return complain(c, -errno, name, 0, 0, "%s", strerror(errno));
    int error = read_lines(file, &at, &rule, c);
    fclose(file);
    if (!error)
        error = check(&rule, name, c);
    if (error)
        rule_finish(&rule);
    else
        *ret = rule;
    return error;
}

void rule_finish(struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++)
        free(rule->lines[i].path);
    free(rule->lines);
    *rule = (struct rule){0};
}
