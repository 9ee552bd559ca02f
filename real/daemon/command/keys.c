/* keys.c - ctl keys, ctl roster: without a daemon, since nothing listens before
 * there are keys. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../../cli/terminal.h"
#include "../../../traces/file.h"
#include "../../../traces/save.h"
#include "../identity.h"
#include "../roster.h"
#include "commands.h"

static int stop(int error, const struct complaint *c)
{
    terminal_complain(stderr, c);
    return error == -EEXIST || error == -EACCES ? EXIT_REFUSED
           : error == -EINVAL || error == -EBADMSG || error == -ENOENT
               ? EXIT_BAD_INPUT
               : EXIT_FAILED;
}

/* ---- keys. --------------------------------------------------------------- */

struct key_options
{
    const char *state;
    const char *file;
    bool json;
};

static error_t parse_keys(int key, char *value, struct argp_state *state)
{
    struct key_options *o = state->input;
    switch (key) {
        case 's':
            o->state = value;
            return 0;
        case 'f':
            o->file = value;
            return 0;
        case 'j':
            o->json = true;
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

/* Those of the file, made if there are none. */
static int get_keys(const char *file,
                    struct identity *ret,
                    bool *ret_made,
                    struct complaint *c)
{
    int error = identity_read(file, ret, c);
    *ret_made = error == -ENOENT;
    if (error != -ENOENT)
        return error;
    identity_make(ret);
    return identity_write(ret, file, c);
}

static int make_folder(const char *folder, struct complaint *c)
{
    struct stat there;
    int error = stat(folder, &there) == 0 ? 0 : save_folder(folder);
    if (!error && chmod(folder, 0700) != 0)
        error = -errno;
    return error ? complain(c, error, folder, 0, 0,
                            "cannot be made: %s; name another by --state",
                            strerror(-error))
                 : 0;
}

static void show_keys(const struct key_options *o,
                      const char *file,
                      const struct identity *identity,
                      bool made)
{
    char key[PUBLIC_TEXT_BYTES];
    char fingerprint[FINGERPRINT_BYTES];
    public_key_text(identity->public_key, key);
    fingerprint_text(identity->public_key, fingerprint);
    if (o->json)
        printf(
            "{\"file\": \"%s\", \"made\": %s, \"key\": \"%s\", "
            "\"fingerprint\": \"%s\"}\n",
            file, made ? "true" : "false", key, fingerprint);
    else
        printf("key\t%s\nfingerprint\t%s\n%s\t%s\n", key, fingerprint,
               made ? "made" : "file", file);
}

int ctl_keys(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"state", 's', "FOLDER", 0,
         "The daemon's state folder; /var/lib/vencejo", 0},
        {"file", 'f', "FILE", 0,
         "Another file, such as the administrator's own", 0},
        {"json", 'j', NULL, 0, "Print JSON", 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_keys,
        .doc =
            "Make this node's keys, unless it has some, and show the public "
            "one and its fingerprint. The secret one stays in the file, "
            "which only its owner may read.\vExample:\n"
            "  vencejo-node ctl keys --file ~/vencejo-administrator.key"};
    struct key_options o = {.state = "/var/lib/vencejo"};
    struct complaint c = {.file = ""};
    struct identity identity;
    bool made;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    char *file = NULL;
    if (sodium_init() < 0 || asprintf(&file, "%s%s", o.file ? o.file : o.state,
                                      o.file ? "" : "/identity") < 0)
        return EXIT_FAILED;
    int error = o.file ? 0 : make_folder(o.state, &c);
    if (!error)
        error = get_keys(file, &identity, &made, &c);
    if (!error) {
        show_keys(&o, file, &identity, made);
        identity_forget(&identity);
    }
    free(file);
    return error ? stop(error, &c) : EXIT_RAN;
}

/* ---- roster. ------------------------------------------------------------- */

struct roster_options
{
    const char *file;
    const char *sign; /* The administrator's keys. */
    const char *administrator;
    const char *out;
};

static error_t parse_roster(int key, char *value, struct argp_state *state)
{
    struct roster_options *o = state->input;
    switch (key) {
        case 'S':
            o->sign = value;
            return 0;
        case 'a':
            o->administrator = value;
            return 0;
        case 'o':
            o->out = value;
            return 0;
        case ARGP_KEY_ARG:
            if (state->arg_num > 0)
                return ARGP_ERR_UNKNOWN;
            o->file = value;
            return 0;
        case ARGP_KEY_END:
            if (!o->file)
                argp_error(state, "which file?");
            if (!o->sign == !o->administrator)
                argp_error(state, "give --sign or --administrator");
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static int sign(const struct roster_options *o,
                const char *text,
                size_t bytes,
                struct complaint *c)
{
    struct identity administrator;
    char *made = NULL;
    size_t made_bytes;
    int error = identity_read(o->sign, &administrator, c);
    if (error)
        return error;
    error = roster_sign(text, bytes, o->file, &administrator, &made,
                        &made_bytes, c);
    identity_forget(&administrator);
    if (error)
        return error;
    if (o->out) {
        error = save_bytes(o->out, made, made_bytes);
        if (error)
            complain(c, error, o->out, 0, 0, "cannot be written: %s",
                     strerror(-error));
    } else {
        fwrite(made, 1, made_bytes, stdout);
    }
    free(made);
    return error;
}

static int show(const struct roster_options *o,
                const char *text,
                size_t bytes,
                struct complaint *c)
{
    unsigned char key[PUBLIC_KEY_BYTES];
    struct roster r;
    if (public_key_parse(o->administrator, key) != 0)
        return complain(c, -EINVAL, "--administrator", 0, 0,
                        "is no public key of 64 hexadecimal digits");
    int error = roster_parse(text, bytes, o->file, key, &r, c);
    if (error)
        return error;
    printf("id\tname\taddress\tfingerprint\n");
    for (size_t i = 0; i < r.member_count; i++) {
        char fingerprint[FINGERPRINT_BYTES];
        fingerprint_text(r.members[i].key, fingerprint);
        printf("%u\t%s\t%s\t%s\n", r.members[i].id, r.members[i].name,
               r.members[i].address, fingerprint);
    }
    roster_finish(&r);
    return 0;
}

int ctl_roster(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"sign", 'S', "FILE", 0, "Sign it with the administrator's keys", 0},
        {"administrator", 'a', "KEY", 0,
         "Check that he signed it, and list its members", 0},
        {"out", 'o', "FILE", 0, "Write it there instead of printing it", 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_roster,
        .args_doc = "FILE",
        .doc =
            "Sign a list of members, or check one that is signed.\v"
            "Example:\n"
            "  vencejo-node ctl roster members.yaml \\\n"
            "      --sign ~/vencejo-administrator.key \\\n"
            "      --out /etc/vencejo/roster.yaml"};
    struct roster_options o = {0};
    struct complaint c = {.file = ""};
    char *text;
    size_t bytes;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (sodium_init() < 0)
        return EXIT_FAILED;
    int error = file_read(o.file, &text, &bytes, &c);
    if (error)
        return stop(error, &c);
    error = o.sign ? sign(&o, text, bytes, &c) : show(&o, text, bytes, &c);
    free(text);
    return error ? stop(error, &c) : EXIT_RAN;
}
