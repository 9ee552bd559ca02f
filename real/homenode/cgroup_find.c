/* cgroup_find.c - see cgroup_find.h. */
#include "cgroup_find.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 4096 };

bool cgroup_join(char ret[CGROUP_PATH_BYTES],
                 const char *folder,
                 const char *name)
{
    int length = snprintf(ret, CGROUP_PATH_BYTES, "%s/%s", folder, name);
    return length > 0 && length < CGROUP_PATH_BYTES;
}

static bool listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && strchr(",\n", at[length]))
            return true;
    }
    return false;
}

/* From a line of mountinfo, proc(5). */
static bool take_mount(const char *line,
                       const char *name,
                       struct cgroup_hierarchy *ret)
{
    char type[16];
    char options[LINE_BYTES];
    const char *rest = strstr(line, " - ");
    if (sscanf(line, "%*s %*s %*s %255s %255s", ret->root, ret->mounted) != 2 ||
        !rest || sscanf(rest, " - %15s %*s %4095s", type, options) != 2)
        return false;
    return ret->unified ? strcmp(type, "cgroup2") == 0
                        : strcmp(type, "cgroup") == 0 && listed(options, name);
}

/* A file of what proc(5) says about the caller. */
static FILE *open_own(const char *proc, const char *name)
{
    char path[CGROUP_PATH_BYTES];
    return cgroup_join(path, proc, name) ? fopen(path, "re") : NULL;
}

static bool find_mount(const char *proc,
                       const char *name,
                       struct cgroup_hierarchy *ret)
{
    char line[LINE_BYTES];
    bool found = false;
    FILE *file = open_own(proc, "self/mountinfo");
    while (file && !found && fgets(line, sizeof line, file))
        found = take_mount(line, name, ret);
    if (file)
        fclose(file);
    return found;
}

static bool find_own(const char *proc,
                     const char *name,
                     struct cgroup_hierarchy *ret)
{
    char line[LINE_BYTES];
    bool found = false;
    FILE *file = open_own(proc, "self/cgroup");
    while (file && !found && fgets(line, sizeof line, file)) {
        char *list = strchr(line, ':');
        char *path = list ? strchr(list + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = 0;
        list++;
        path[strcspn(path, "\n")] = 0;
        found = (ret->unified ? *list == 0 : listed(list, name)) &&
                strlen(path) < sizeof ret->own;
        if (found)
            memcpy(ret->own, path, strlen(path) + 1);
    }
    if (file)
        fclose(file);
    return found;
}

bool cgroup_find(const char *proc,
                 const char *controller,
                 bool unified,
                 struct cgroup_hierarchy *ret)
{
    *ret = (struct cgroup_hierarchy){.unified = unified};
    return find_mount(proc, controller, ret) && find_own(proc, controller, ret);
}

/* cgroup_give() has put the caller there. */
static bool is_given(const char *own, const char *folder)
{
    char path[CGROUP_PATH_BYTES];
    size_t length = strlen(own);
    if (!cgroup_join(path, folder, "guardians") || strlen(path) > length)
        return false;
    const char *end = own + length - strlen(path);
    return strcmp(end, path) == 0 && (end == own || end[-1] == '/');
}

static bool cut_last(const char *path, char *ret)
{
    size_t length = (size_t)(strrchr(path, '/') - path);
    memcpy(ret, path, length);
    ret[length] = 0;
    return true;
}

bool cgroup_place(const struct cgroup_hierarchy *h,
                  const char *folder,
                  char ret[CGROUP_PATH_BYTES])
{
    if (*folder == '/')
        return cgroup_join(ret, h->mounted, folder + 1);
    char here[CGROUP_PATH_BYTES];
    size_t root = strcmp(h->root, "/") == 0 ? 0 : strlen(h->root);
    const char *own = h->own;
    if (strncmp(own, h->root, root) != 0)
        return false;
    own += root;
    own += *own == '/';
    if (is_given(own, folder))
        return cgroup_join(here, h->mounted, own) && cut_last(here, ret);
    return *own == 0 ? cgroup_join(ret, h->mounted, folder)
                     : cgroup_join(here, h->mounted, own) &&
                           cgroup_join(ret, here, folder);
}
