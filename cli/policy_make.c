#include "policy_make.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../scenarios/policy_path.h"
#include "../traces/save.h"
#include "skeleton.h"
#include "terminal.h"

static const char MARK[] = "@NAME@";

static int fail(int exit_code, const struct complaint *complaint)
{
    terminal_complain(stderr, complaint);
    return exit_code;
}

static const char *skeleton_of(const char *name)
{
    for (size_t i = 0; skeletons[i].name; i++)
        if (strcmp(skeletons[i].name, name) == 0)
            return skeletons[i].text;
    return NULL;
}

int policy_header(void)
{
    fputs(skeleton_of("policy.h"), stdout);
    return EXIT_RAN;
}

/* ---- build --------------------------------------------------------------- */

/* Waits for it; its exit code, or 127 if it could not be run. */
static int run_compiler(char *const *arguments)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return 127;
    if (pid == 0) {
        execvp(arguments[0], arguments);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* -nostartfiles leaves out what runs when it is loaded, and its data. */
static int compile(const char *folder, const char *source, const char *object)
{
    const char *given = getenv("CC");
    const char *compiler = given && given[0] ? given : "cc";
    char *const arguments[] = {(char *)(uintptr_t)compiler,
                               (char *)"-std=c11",
                               (char *)"-O2",
                               (char *)"-g",
                               (char *)"-fPIC",
                               (char *)"-ffp-contract=off",
                               (char *)"-Wall",
                               (char *)"-Wextra",
                               (char *)"-shared",
                               (char *)"-nostartfiles",
                               (char *)"-I",
                               (char *)(uintptr_t)folder,
                               (char *)"-o",
                               (char *)(uintptr_t)object,
                               (char *)(uintptr_t)source,
                               NULL};
    struct complaint complaint = {.line = 0};
    int code = run_compiler(arguments);
    if (code == 0)
        return EXIT_RAN;
    if (code == 127)
        complain(&complaint, -ENOENT, source, 0, 0,
                 "the compiler %s cannot be run; install gcc, or name another "
                 "in CC",
                 compiler);
    else
        complain(&complaint, -EINVAL, source, 0, 0,
                 "it does not compile, see above");
    return fail(code == 127 ? EXIT_FAILED : EXIT_BAD_INPUT, &complaint);
}

/* The object is made beside its place, and put there if it would be loaded. The
 * file's name is the policy's, so it lies in a folder of its own. */
static int build_in(const char *folder, const char *source, const char *stem)
{
    char header[PATH_MAX];
    char made[PATH_MAX];
    char object[PATH_MAX];
    struct complaint complaint = {.line = 0};
    const char *file = strrchr(stem, '/');
    int header_bytes = snprintf(header, sizeof header, "%s/policy.h", folder);
    int made_bytes =
        snprintf(made, sizeof made, "%s/%s.so", folder, file ? file + 1 : stem);
    int object_bytes = snprintf(object, sizeof object, "%s.so", stem);
    if (header_bytes >= PATH_MAX || made_bytes >= PATH_MAX ||
        object_bytes >= PATH_MAX) {
        complain(&complaint, -ENAMETOOLONG, source, 0, 0, "too long a name");
        return fail(EXIT_BAD_INPUT, &complaint);
    }
    int error = save_text(header, skeleton_of("policy.h"));
    int code = EXIT_FAILED;
    if (error)
        complain(&complaint, error, header, 0, 0, "%s", strerror(-error));
    else
        code = compile(folder, source, made);
    if (code == EXIT_RAN && policy_path_try(made, &complaint))
        code = EXIT_REFUSED;
    if (code == EXIT_RAN && rename(made, object)) {
        complain(&complaint, -errno, object, 0, 0, "it cannot be written: %s",
                 strerror(errno));
        code = EXIT_FAILED;
    }
    if (complaint.text[0])
        terminal_complain(stderr, &complaint);
    unlink(header);
    unlink(made);
    return code;
}

int policy_build(const char *source)
{
    char stem[PATH_MAX];
    char folder[PATH_MAX];
    struct complaint complaint = {.line = 0};
    size_t length = strlen(source);
    if (length < 3 || strcmp(source + length - 2, ".c") != 0) {
        complain(&complaint, -EINVAL, source, 0, 0,
                 "it is no NAME.c; `vencejo policy new NAME` writes one");
        return fail(EXIT_BAD_INPUT, &complaint);
    }
    if (access(source, R_OK)) {
        complain(&complaint, -errno, source, 0, 0, "it cannot be read: %s",
                 strerror(errno));
        return fail(EXIT_BAD_INPUT, &complaint);
    }
    if (snprintf(stem, sizeof stem, "%.*s", (int)length - 2, source) >=
            PATH_MAX ||
        snprintf(folder, sizeof folder, "%s.XXXXXX", stem) >= PATH_MAX ||
        !mkdtemp(folder)) {
        complain(&complaint, -errno, source, 0, 0,
                 "no folder can be made beside it: %s", strerror(errno));
        return fail(EXIT_FAILED, &complaint);
    }
    int code = build_in(folder, source, stem);
    rmdir(folder);
    return code;
}

/* ---- new ----------------------------------------------------------------- */

static int write_skeleton(const char *path,
                          const char *skeleton,
                          const char *name)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    const char *at = skeleton_of(skeleton);
    if (!out)
        return -errno;
    for (const char *mark; (mark = strstr(at, MARK)); at = mark + strlen(MARK))
        fprintf(out, "%.*s%s", (int)(mark - at), at, name);
    fputs(at, out);
    int error = fclose(out) ? -errno : save_text(path, text);
    free(text);
    return error;
}

/* The family that the name begins with; NULL if none. */
static const char *family_of(const char *name)
{
    for (size_t i = 0; policy_families[i]; i++) {
        size_t length = strlen(policy_families[i]);
        if (strncmp(name, policy_families[i], length) == 0 &&
            name[length] == '_')
            return policy_families[i];
    }
    return NULL;
}

static bool is_family(const char *family)
{
    for (size_t i = 0; policy_families[i]; i++)
        if (strcmp(policy_families[i], family) == 0)
            return true;
    return false;
}

/* FAMILY_NAME, whole; 0 or a complaint. */
static int name_of(const char *given,
                   const char *family,
                   char *ret_name,
                   size_t name_bytes,
                   const char **ret_family,
                   struct complaint *complaint)
{
    const char *own = family_of(given);
    if (family && !is_family(family))
        return complain(complaint, -EINVAL, NULL, 0, 0,
                        "%s is no family; there are gossip, place, balance, "
                        "usher, freeze and queue",
                        family);
    if (family && own && strcmp(family, own) != 0)
        return complain(complaint, -EINVAL, NULL, 0, 0,
                        "%s is of the family %s already, not of %s", given, own,
                        family);
    if (!family && !own)
        return complain(complaint, -EINVAL, NULL, 0, 0,
                        "of which family is %s? Name it place_%s, or give "
                        "--family: gossip, place, balance, usher, freeze or "
                        "queue",
                        given, given);
    int length = own ? snprintf(ret_name, name_bytes, "%s", given)
                     : snprintf(ret_name, name_bytes, "%s_%s", family, given);
    *ret_family = own ? own : family;
    if (length >= (int)name_bytes)
        return complain(complaint, -ENAMETOOLONG, NULL, 0, 0,
                        "the name is too long: %zu characters at the most",
                        name_bytes - 1);
    for (const char *at = ret_name; *at; at++)
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) &&
            *at != '_')
            return complain(complaint, -EINVAL, NULL, 0, 0,
                            "a policy's name has small letters, digits and _ "
                            "only, not as in %s",
                            given);
    if (!ret_name[strlen(*ret_family) + 1])
        return complain(complaint, -EINVAL, NULL, 0, 0,
                        "a name comes behind %s", ret_name);
    if (policy_path_find(ret_name))
        return complain(complaint, -EEXIST, NULL, 0, 0,
                        "there is a policy %s already; choose another name",
                        ret_name);
    return 0;
}

static int write_one(const char *folder,
                     const char *before,
                     const char *name,
                     const char *end,
                     const char *skeleton,
                     struct complaint *complaint)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s%s%s", folder, before, name, end) >=
        PATH_MAX)
        return complain(complaint, -ENAMETOOLONG, folder, 0, 0,
                        "too long a name");
    if (access(path, F_OK) == 0)
        return complain(complaint, -EEXIST, path, 0, 0,
                        "it is there already, and is left as it is");
    int error = skeleton ? write_skeleton(path, skeleton, name) : 0;
    return error ? complain(complaint, error, path, 0, 0,
                            "it cannot be written: %s", strerror(-error))
                 : 0;
}

/* With write false: only looks whether any is there. */
static int write_all(const char *folder,
                     const char *name,
                     const char *family,
                     bool write,
                     struct complaint *complaint)
{
    char code[32];
    char scenario[32];
    snprintf(code, sizeof code, "%s.c", family);
    snprintf(scenario, sizeof scenario, "%s.yaml", family);
    int error =
        write_one(folder, "", name, ".c", write ? code : NULL, complaint);
    if (!error)
        error = write_one(folder, "test_", name, ".yaml",
                          write ? scenario : NULL, complaint);
    if (!error)
        error = write_one(folder, "test_", name, ".sh",
                          write ? "test.sh" : NULL, complaint);
    return error;
}

int policy_new(const char *folder, const char *given, const char *family)
{
    char name[64];
    char source[PATH_MAX];
    struct complaint complaint = {.line = 0};
    if (name_of(given, family, name, sizeof name, &family, &complaint))
        return fail(EXIT_BAD_INPUT, &complaint);
    int error = save_folder(folder);
    if (error) {
        complain(&complaint, error, folder, 0, 0, "cannot make this folder: %s",
                 strerror(-error));
        return fail(EXIT_FAILED, &complaint);
    }
    error = write_all(folder, name, family, false, &complaint);
    if (!error)
        error = write_all(folder, name, family, true, &complaint);
    if (error)
        return fail(error == -EEXIST ? EXIT_BAD_INPUT : EXIT_FAILED,
                    &complaint);
    snprintf(source, sizeof source, "%s/%s.c", folder, name);
    int code = policy_build(source);
    if (code == EXIT_RAN)
        printf("%s/%s.c\n%s/test_%s.yaml\n%s/test_%s.sh\n%s/%s.so\n", folder,
               name, folder, name, folder, name, folder, name);
    return code;
}
