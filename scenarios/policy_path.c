#include "policy_path.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../algorithms/node/registry.h"
#include "policy_object.h"

#define SUFFIX ".so"

const char *const policy_families[] = {"balance", "freeze", "gossip", "place",
                                       "queue",   "usher",  NULL};

/* What the dynamic linker has loaded is the program's, whoever asked for it. */
static const struct policy *loaded[POLICY_PATH_MAX];
static size_t loaded_count;

const struct policy *policy_path_at(size_t index)
{
    for (size_t i = 0; policies[i]; i++)
        if (i == index)
            return policies[i];
        else if (!policies[i + 1])
            index -= i + 1;
    return index < loaded_count ? loaded[index] : NULL;
}

const struct policy *policy_path_find(const char *name)
{
    for (size_t i = 0; i < loaded_count; i++)
        if (strcmp(loaded[i]->name, name) == 0)
            return loaded[i];
    return policy_find(name);
}

static bool has_family(const char *name)
{
    for (size_t i = 0; policy_families[i]; i++) {
        size_t length = strlen(policy_families[i]);
        if (strncmp(name, policy_families[i], length) == 0 &&
            name[length] == '_' && name[length + 1])
            return true;
    }
    return false;
}

static bool has_handler(const struct policy *p)
{
    return p->start || p->sampled || p->wake || p->changed || p->receive ||
           p->place || p->arrived || p->moved || p->admit;
}

/* A literal that says what is wrong with a parameter; NULL: nothing. */
static const char *wrong_param(const struct policy *p)
{
    const struct policy_param *param = p->params;
    if (param && p->params_size == 0)
        return "it has parameters, but no params_size";
    for (; param && param->name; param++) {
        if (p->params_size < sizeof(uint64_t) ||
            param->offset > p->params_size - sizeof(uint64_t))
            return "a parameter lies outside of its params struct";
        if (param->fallback < param->min || param->max < param->fallback)
            return "the fallback of a parameter is not between its limits";
        if (!param->help)
            return "a parameter has no help";
    }
    return NULL;
}

/* All that a policy of the tree promises by being compiled with it. */
static int check_policy(const char *path,
                        const char *name,
                        const struct policy *p,
                        struct complaint *complaint)
{
    if (!p)
        return complain(complaint, -ENOEXEC, path, 0, 0,
                        "it has no `const struct policy policy_%s`; the file's "
                        "name is the policy's name",
                        name);
    if (p->abi != POLICY_ABI)
        return complain(complaint, -ENOEXEC, path, 0, 0,
                        "it was built for version %u of policy.h, and this is "
                        "version %u: build it again by `vencejo policy build`",
                        p->abi, (unsigned)POLICY_ABI);
    if (!p->name || strcmp(p->name, name) != 0)
        return complain(complaint, -ENOEXEC, path, 0, 0,
                        "its policy calls itself %s; the file's name is the "
                        "policy's name",
                        p->name ? p->name : "nothing");
    if (!has_family(name))
        return complain(complaint, -ENOEXEC, path, 0, 0,
                        "%s is of no family; its name begins with gossip_, "
                        "place_, balance_, usher_, freeze_ or queue_",
                        name);
    if (!p->summary || !p->source)
        return complain(complaint, -ENOEXEC, path, 0, 0,
                        "it has no summary or no source");
    if (!has_handler(p))
        return complain(complaint, -ENOEXEC, path, 0, 0, "it has no handler");
    const char *why = wrong_param(p);
    if (why)
        return complain(complaint, -ENOEXEC, path, 0, 0, "%s", why);
    if (policy_path_find(name))
        return complain(complaint, -EEXIST, path, 0, 0,
                        "there is a policy %s already; give it another name",
                        name);
    return 0;
}

static int load(const char *path,
                void **ret_object,
                const struct policy **ret_policy,
                struct complaint *complaint)
{
    const char *file = strrchr(path, '/');
    char name[NAME_MAX + 1];
    char symbol[NAME_MAX + 16];
    char whole[PATH_MAX];
    int error = policy_object_check(path, complaint);
    if (error)
        return error;
    snprintf(name, sizeof name, "%s", file ? file + 1 : path);
    if (strlen(name) > strlen(SUFFIX))
        name[strlen(name) - strlen(SUFFIX)] = '\0';
    snprintf(symbol, sizeof symbol, "policy_%s", name);
    if (!realpath(path, whole))
        return complain(complaint, -errno, path, 0, 0, "%s", strerror(errno));
    void *object = dlopen(whole, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return complain(complaint, -ENOEXEC, path, 0, 0,
                        "it cannot be loaded: %s", dlerror());
    const struct policy *policy = dlsym(object, symbol);
    error = check_policy(path, name, policy, complaint);
    if (error) {
        dlclose(object);
        return error;
    }
    *ret_object = object;
    *ret_policy = policy;
    return 0;
}

int policy_path_try(const char *path, struct complaint *ret_complaint)
{
    void *object;
    const struct policy *policy;
    int error = load(path, &object, &policy, ret_complaint);
    if (!error)
        dlclose(object);
    return error;
}

static int is_object(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && end != entry->d_name && strcmp(end, SUFFIX) == 0;
}

int policy_path_load(const char *folder, struct complaint *ret_complaint)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_object, alphasort);
    size_t before = loaded_count;
    int error = 0;
    if (count < 0)
        return complain(ret_complaint, -errno, folder, 0, 0,
                        "this folder of policies cannot be read: %s",
                        strerror(errno));
    if (count == 0)
        error = complain(ret_complaint, -ENOENT, folder, 0, 0,
                         "there is no policy in this folder, no NAME.so; "
                         "`vencejo policy build` makes them");
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        void *object;
        int length =
            snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (!error && (length >= PATH_MAX || loaded_count == POLICY_PATH_MAX))
            error = complain(ret_complaint, -E2BIG, folder, 0, 0,
                             "too many policies, or too long a name");
        if (!error)
            error = load(path, &object, &loaded[loaded_count], ret_complaint);
        if (!error)
            loaded_count++;
        free(entries[i]);
    }
    free(entries);
    if (error) /* Those before it stay in memory, but nobody finds them. */
        loaded_count = before;
    return error;
}
