/* named_file.c - the files that a scenario names, relative to its own folder or
 * to that of the traces of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys.h"

/* What forbids to read it, a literal; NULL if nothing does. */
static const char *unreadable(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT || errno == ENOTDIR ? "does not exist"
                                                   : "cannot be looked at";
    if (S_ISDIR(status.st_mode))
        return "is a folder, not a file";
    return access(path, R_OK) == 0 ? NULL : "may not be read by you";
}

static const char TRACES[] = "$VENCEJO_TRACES";

static bool is_of_traces(const char *text)
{
    size_t length = sizeof TRACES - 1;
    return strncmp(text, TRACES, length) == 0 && text[length] == '/';
}

/* Owned by the caller; NULL and a complaint if the variable is not set or there
 * is no memory. */
static char *path_of(struct key_reader *r,
                     const struct item *item,
                     const char *name,
                     int *ret_error)
{
    const char *folder = item->text[0] == '/' ? "" : r->folder;
    const char *text = item->text;
    char *path;
    if (is_of_traces(text)) {
        folder = getenv(TRACES + 1);
        text += sizeof TRACES;
        if (!folder || !*folder) {
            *ret_error = key_refuse(
                r, &item->at,
                "%s: %s needs the variable VENCEJO_TRACES, which is not set: "
                "set it to your folder of traces",
                name, item_shown(item->text).text);
            return NULL;
        }
    }
    if (asprintf(&path, "%s%s%s", folder, *folder ? "/" : "", text) < 0) {
        *ret_error = key_refuse_memory(r);
        return NULL;
    }
    return path;
}

int named_file_read(struct key_reader *r,
                    const struct item *item,
                    const char *name,
                    char **ret_path,
                    char **ret_written)
{
    int error = item_expect(r, item, ITEM_SCALAR, name);
    if (!error)
        error = key_text_check(r, item, name);
    if (error)
        return error;
    char *path = path_of(r, item, name, &error);
    if (!path)
        return error;
    char *written = strdup(item->text);
    if (!written) {
        free(path);
        return key_refuse_memory(r);
    }
    const char *why = unreadable(path);
    if (!why) {
        *ret_path = path;
        *ret_written = written;
        return 0;
    }
    error = key_refuse(
        r, &item->at, "%s: %s %s, paths are relative to %s", name, path, why,
        is_of_traces(written) ? "the folder that VENCEJO_TRACES names"
                              : "the scenario's folder");
    free(path);
    free(written);
    return error;
}

/* How a file is called from a folder; both are absolute, without links. */
static void relate(const char *path, const char *folder, char *ret_text)
{
    size_t shared = 0; /* Length of the folders that both are in. */
    for (size_t i = 0; path[i] && (path[i] == folder[i] || !folder[i]); i++) {
        if (path[i] == '/')
            shared = i;
        if (!folder[i])
            break;
    }
    for (const char *at = folder + shared; *at; at++)
        if (*at == '/' && at[1])
            ret_text = stpcpy(ret_text, "../");
    strcpy(ret_text, path + shared + 1);
}

void named_file_print(struct key_printer *p,
                      const char *path,
                      const char *written)
{
    char text[2 * PATH_MAX];
    char real[PATH_MAX];
    char folder[PATH_MAX];
    if (p->folder && written[0] != '/' && !is_of_traces(written) &&
        realpath(path, real) && realpath(p->folder, folder)) {
        relate(real, folder, text);
        key_print_text(p, text);
    } else {
        key_print_text(p, written);
    }
}
