/* named_file.c - the files that a scenario names, relative to its own folder.
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

int named_file_read(struct key_reader *r,
                    const struct item *item,
                    const char *name,
                    char **ret_path,
                    char **ret_written)
{
    char *path = NULL;
    char *written = NULL;
    int error = item_expect(r, item, ITEM_SCALAR, name);
    if (!error)
        error = key_text_check(r, item, name);
    if (error)
        return error;
    bool absolute = item->text[0] == '/';
    written = strdup(item->text);
    if (!written ||
        asprintf(&path, "%s%s%s", absolute ? "" : r->folder,
                 absolute || !*r->folder ? "" : "/", item->text) < 0) {
        free(written);
        return key_refuse_memory(r);
    }
    const char *why = unreadable(path);
    if (!why) {
        *ret_path = path;
        *ret_written = written;
        return 0;
    }
    error = key_refuse(r, &item->at,
                       "%s: %s %s, paths are relative to the scenario's folder",
                       name, path, why);
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
    if (p->folder && written[0] != '/' && realpath(path, real) &&
        realpath(p->folder, folder)) {
        relate(real, folder, text);
        key_print_text(p, text);
    } else {
        key_print_text(p, written);
    }
}
