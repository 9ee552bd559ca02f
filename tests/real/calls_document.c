/* calls_document.c - docs/calls.md, from the table. With a file: says whether
 * that is it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "real/homenode/calls.h"

static const char *class_text(const struct call *call)
{
    static const char *const texts[] = {
        [CALL_LOCAL] = "local",
        [CALL_FORWARDED] = "forwarded",
        [CALL_SPECIAL] = "special",
        [CALL_GO_HOME] = "goes home",
        [CALL_REFUSED] = "goes home and stays",
    };
    return texts[call->call_class];
}

/* Are there arguments with which it is local after all? */
static bool sometimes_local(const struct call *call)
{
    size_t count;
    const struct call_local *locals = calls_local(&count);
    for (size_t i = 0; i < count; i++) {
        if (locals[i].number == call->number)
            return true;
    }
    return false;
}

static const char *const introduction =
    "# System calls of an away process\n"
    "\n"
    "Written by `calls_document` from the table in "
    "[real/homenode/calls_table.c](../real/homenode/calls_table.c);\n"
    "the test `calls_document` compares it.\n"
    "\n"
    "- **local**: the kernel of the host makes it. These touch nothing but the "
    "process's own\n"
    "  memory, registers, handlers and CPU time, and what they leave behind "
    "travels with it.\n"
    "- **forwarded**: made at home by the process itself, with the memory that "
    "it names.\n"
    "- **special**: forwarded, and the host has its part; or answered from "
    "what "
    "it knows.\n"
    "- **goes home**: the process comes home and makes it there; it may leave "
    "again.\n"
    "- **goes home and stays**: what the call does binds the process to its "
    "home.\n"
    "- A call that is not here goes home: slow, never wrong.\n"
    "\n"
    "*Also local* marks calls that the host makes when their arguments say "
    "that "
    "only the\n"
    "process's own memory or clocks are meant (`calls_local()`). A forwarded "
    "call goes home\n"
    "too when its command (`ioctl`, `fcntl`, `prctl`, `semctl`, an option of a "
    "socket) is not\n"
    "one of [those that are known](../real/homenode/calls_commands.c), when it "
    "names more\n"
    "memory than one request carries (1 MiB and 64 KiB; reads and writes take "
    "several\n"
    "requests instead), when it opens a file of `/proc` that would tell of the "
    "process at\n"
    "home, or when it sends pages in place (`MSG_ZEROCOPY`).\n"
    "\n"
    "A write of more than 1 MiB to a socket that keeps messages apart would "
    "become two; only\n"
    "sockets whose send buffer was made larger than that take one at all.\n"
    "\n"
    "| number | call | class | why |\n"
    "|---|---|---|---|\n";

static void write_document(FILE *out)
{
    size_t count;
    const struct call *rows = calls_all(&count);
    fputs(introduction, out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "| %d | %s | %s%s | %s |\n", rows[i].number, rows[i].name,
                class_text(&rows[i]),
                sometimes_local(&rows[i]) ? ", also local" : "",
                rows[i].why ? rows[i].why : "");
}

static int compare(const char *path)
{
    char *right = NULL;
    size_t right_bytes = 0;
    FILE *memory = open_memstream(&right, &right_bytes);
    FILE *file = fopen(path, "re");
    if (!memory || !file) {
        perror(path);
        return 1;
    }
    write_document(memory);
    fclose(memory);
    char *there = calloc(1, right_bytes + 2);
    size_t bytes = there ? fread(there, 1, right_bytes + 1, file) : 0;
    bool same = bytes == right_bytes && memcmp(there, right, bytes) == 0;
    if (!same)
        fprintf(stderr,
                "%s is of another table: write it anew by "
                "calls_document >%s\n",
                path, path);
    fclose(file);
    free(there);
    free(right);
    return same ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return compare(argv[1]);
    write_document(stdout);
    return 0;
}
