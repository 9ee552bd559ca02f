/* identity.c - see identity.h. */
#include "identity.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(PUBLIC_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
static_assert(SECRET_KEY_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");

enum { SECRET_TEXT_BYTES = 2 * SECRET_KEY_BYTES + 1 };

#define FIRST_LINE "vencejo-identity 1\n"
#define SECRET_WORD "secret "
#define PUBLIC_WORD "public "

enum {
    SECRET_AT = sizeof FIRST_LINE - 1 + sizeof SECRET_WORD - 1,
    FILE_BYTES = SECRET_AT + SECRET_TEXT_BYTES + sizeof PUBLIC_WORD - 1 +
                 PUBLIC_TEXT_BYTES,
};

/* Safe to say again; it fails only without any randomness. */
static void begin(void)
{
    int error = sodium_init();
    assert(error >= 0);
}

void identity_make(struct identity *ret)
{
    begin();
    crypto_sign_keypair(ret->public_key, ret->secret_key);
}

void identity_forget(struct identity *identity)
{
    sodium_memzero(identity, sizeof *identity);
}

void public_key_text(const unsigned char *public_key,
                     char ret[PUBLIC_TEXT_BYTES])
{
    sodium_bin2hex(ret, PUBLIC_TEXT_BYTES, public_key, PUBLIC_KEY_BYTES);
}

static int parse(const char *text,
                 size_t length,
                 unsigned char *ret,
                 size_t byte_count)
{
    size_t got;
    const char *end;
    if (length != 2 * byte_count ||
        sodium_hex2bin(ret, byte_count, text, length, NULL, &got, &end) != 0 ||
        got != byte_count || end != text + length)
        return -EINVAL;
    return 0;
}

int public_key_parse(const char *text, unsigned char ret[PUBLIC_KEY_BYTES])
{
    return parse(text, strlen(text), ret, PUBLIC_KEY_BYTES);
}

void fingerprint_text(const unsigned char *public_key,
                      char ret[FINGERPRINT_BYTES])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    size_t at = 0;
    begin();
    crypto_generichash(hash, sizeof hash, public_key, PUBLIC_KEY_BYTES, NULL,
                       0);
    for (size_t i = 0; i < sizeof hash; i += 2)
        at += (size_t)snprintf(ret + at, FINGERPRINT_BYTES - at, "%s%02x%02x",
                               i ? ":" : "", hash[i], hash[i + 1]);
    assert(at == FINGERPRINT_BYTES - 1);
}

static void put(const struct identity *identity, char ret[FILE_BYTES + 1])
{
    char secret[SECRET_TEXT_BYTES];
    char public[PUBLIC_TEXT_BYTES];
    sodium_bin2hex(secret, sizeof secret, identity->secret_key,
                   SECRET_KEY_BYTES);
    public_key_text(identity->public_key, public);
    int length = snprintf(ret, FILE_BYTES + 1, "%s%s%s\n%s%s\n", FIRST_LINE,
                          SECRET_WORD, secret, PUBLIC_WORD, public);
    assert(length == FILE_BYTES);
    sodium_memzero(secret, sizeof secret);
}

/* Into the file, and that onto the disk. */
static int fill(int file, const struct identity *identity)
{
    char text[FILE_BYTES + 1];
    put(identity, text);
    ssize_t done = write(file, text, FILE_BYTES);
    int error = done < 0            ? -errno
                : done < FILE_BYTES ? -ENOSPC
                : fsync(file) < 0   ? -errno
                                    : 0;
    sodium_memzero(text, sizeof text);
    return error;
}

int identity_write(const struct identity *identity,
                   const char *file,
                   struct complaint *c)
{
    char *beside;
    if (asprintf(&beside, "%s.XXXXXX", file) < 0)
        return complain(c, -ENOMEM, file, 0, 0, "no memory");
    int error = 0;
    int opened = mkostemp(beside, O_CLOEXEC); /* Of mode 0600. */
    if (opened < 0) {
        error = -errno;
    } else {
        error = fill(opened, identity);
        close(opened);
        /* Unlike rename(2) it leaves what is there. */
        if (!error && link(beside, file) < 0)
            error = -errno;
        unlink(beside);
    }
    free(beside);
    if (error == -EEXIST)
        return complain(c, error, file, 0, 0,
                        "there is one already: a key is never overwritten; "
                        "move it away if it is not used any more");
    return error ? complain(c, error, file, 0, 0, "cannot write: %s",
                            strerror(-error))
                 : 0;
}

/* The whole file; only its owner, who is this user or root, can touch it. */
static int load(const char *file, char ret[FILE_BYTES + 1], struct complaint *c)
{
    struct stat status;
    int opened = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0 || fstat(opened, &status) < 0) {
        int error = -errno;
        if (opened >= 0)
            close(opened);
        return complain(c, error, file, 0, 0, "cannot open: %s",
                        strerror(-error));
    }
    int error = 0;
    if (!S_ISREG(status.st_mode))
        error = complain(c, -EINVAL, file, 0, 0, "not a file");
    else if (status.st_uid != geteuid() && status.st_uid != 0)
        error = complain(c, -EACCES, file, 0, 0,
                         "belongs to another user, who could change it");
    else if (status.st_mode & 077)
        error = complain(c, -EACCES, file, 0, 0,
                         "others may read or change it: chmod 600, and make a "
                         "new key if they could have read it");
    else if (read(opened, ret, FILE_BYTES + 1) != FILE_BYTES)
        error = complain(c, -EINVAL, file, 0, 0,
                         "not an identity, or damaged: it has %zu bytes",
                         (size_t)FILE_BYTES);
    close(opened);
    return error;
}

int identity_read(const char *file, struct identity *ret, struct complaint *c)
{
    char text[FILE_BYTES + 1];
    char again[FILE_BYTES + 1];
    struct identity read;
    unsigned char seed[crypto_sign_SEEDBYTES];
    begin();
    int error = load(file, text, c);
    if (error)
        goto forget;
    error = parse(text + SECRET_AT, SECRET_TEXT_BYTES - 1, read.secret_key,
                  SECRET_KEY_BYTES);
    if (!error) {
        /* The halves of what it makes belong together: so must the file's. */
        crypto_sign_ed25519_sk_to_seed(seed, read.secret_key);
        crypto_sign_seed_keypair(read.public_key, read.secret_key, seed);
        put(&read, again);
        error = memcmp(text, again, FILE_BYTES) == 0 ? 0 : -EINVAL;
    }
    if (error)
        complain(
            c, error, file, 0, 0,
            "damaged: not an identity of version 1 whose halves belong "
            "together; restore it, or make a new one and tell the members");
    else
        *ret = read;
forget:
    sodium_memzero(text, sizeof text);
    sodium_memzero(again, sizeof again);
    sodium_memzero(seed, sizeof seed);
    identity_forget(&read);
    return error;
}
