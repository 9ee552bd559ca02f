/* test_identity.c - a node's key: written once, kept from others, and told from
 * what only looks like one. */
#include "../suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../real/daemon/identity.h"

enum { NAME_BYTES = 128 };

/* A name in a new folder. */
static void name_file(char *ret)
{
    char folder[] = "/tmp/vencejo-identity-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(ret, NAME_BYTES, "%s/key", folder);
}

static void remove_file(const char *file)
{
    char folder[NAME_BYTES];
    snprintf(folder, sizeof folder, "%s", file);
    *strrchr(folder, '/') = '\0';
    CU_ASSERT_EQUAL(unlink(file), 0);
    /* Fails if anything else was left there. */
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void make_file(char *ret_name, struct identity *ret)
{
    struct complaint c;
    name_file(ret_name);
    identity_make(ret);
    CU_ASSERT_EQUAL_FATAL(identity_write(ret, ret_name, &c), 0);
}

static void what_was_written_is_read(void)
{
    char file[NAME_BYTES];
    struct identity made;
    struct identity read;
    struct complaint c;
    struct stat status;
    make_file(file, &made);
    CU_ASSERT_EQUAL_FATAL(identity_read(file, &read, &c), 0);
    CU_ASSERT_EQUAL(memcmp(&made, &read, sizeof made), 0);
    CU_ASSERT_EQUAL(stat(file, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
    remove_file(file);
}

static void a_key_is_never_overwritten(void)
{
    char file[NAME_BYTES];
    struct identity first;
    struct identity second;
    struct identity read;
    struct complaint c;
    make_file(file, &first);
    identity_make(&second);
    CU_ASSERT_NOT_EQUAL(memcmp(&first, &second, sizeof first), 0);
    CU_ASSERT_EQUAL(identity_write(&second, file, &c), -EEXIST);
    CU_ASSERT_EQUAL(identity_read(file, &read, &c), 0);
    CU_ASSERT_EQUAL(memcmp(&first, &read, sizeof first), 0);
    remove_file(file);
}

static void others_must_not_be_able_to_read_it(void)
{
    char file[NAME_BYTES];
    struct identity made;
    struct identity read;
    struct complaint c;
    make_file(file, &made);
    const mode_t wrong[] = {0640, 0604, 0620, 0602};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(chmod(file, wrong[i]), 0);
        CU_ASSERT_EQUAL(identity_read(file, &read, &c), -EACCES);
        CU_ASSERT_PTR_NOT_NULL(strstr(c.text, "chmod 600"));
    }
    remove_file(file);
}

/* Every digit of it matters, and so does every byte around them. */
static void one_wrong_byte_is_noticed(void)
{
    char file[NAME_BYTES];
    struct identity made;
    struct identity read;
    struct complaint c;
    make_file(file, &made);
    int opened = open(file, O_RDWR);
    CU_ASSERT_FATAL(opened >= 0);
    off_t size = lseek(opened, 0, SEEK_END);
    for (off_t at = 0; at < size; at++) {
        char byte;
        CU_ASSERT_EQUAL_FATAL(pread(opened, &byte, 1, at), 1);
        char other = byte == '0' ? '1' : '0';
        CU_ASSERT_EQUAL_FATAL(pwrite(opened, &other, 1, at), 1);
        CU_ASSERT_EQUAL(identity_read(file, &read, &c), -EINVAL);
        CU_ASSERT_EQUAL_FATAL(pwrite(opened, &byte, 1, at), 1);
    }
    CU_ASSERT_EQUAL(identity_read(file, &read, &c), 0);
    CU_ASSERT_EQUAL(pwrite(opened, "\n", 1, size), 1);
    CU_ASSERT_EQUAL(identity_read(file, &read, &c), -EINVAL);
    for (off_t shorter = 0; shorter < size; shorter++) {
        CU_ASSERT_EQUAL(ftruncate(opened, shorter), 0);
        CU_ASSERT_EQUAL(identity_read(file, &read, &c), -EINVAL);
        CU_ASSERT_EQUAL(ftruncate(opened, 0), 0);
    }
    close(opened);
    remove_file(file);
}

static void what_is_no_file_is_refused(void)
{
    char file[NAME_BYTES];
    struct identity read;
    struct complaint c;
    name_file(file);
    CU_ASSERT_EQUAL(identity_read(file, &read, &c), -ENOENT);
    CU_ASSERT_STRING_EQUAL(c.file, file);
    CU_ASSERT_EQUAL(mkfifo(file, 0600), 0);
    CU_ASSERT_EQUAL(identity_read(file, &read, &c), -EINVAL);
    remove_file(file);
    identity_make(&read);
    CU_ASSERT_EQUAL(identity_write(&read, file, &c), -ENOENT);
}

static void texts_of_public_keys_are_their_own_inverse(void)
{
    struct identity made;
    char text[PUBLIC_TEXT_BYTES];
    unsigned char again[PUBLIC_KEY_BYTES];
    identity_make(&made);
    public_key_text(made.public_key, text);
    CU_ASSERT_EQUAL(strlen(text), 64);
    CU_ASSERT_EQUAL(public_key_parse(text, again), 0);
    CU_ASSERT_EQUAL(memcmp(made.public_key, again, sizeof again), 0);
    text[63] = '\0';
    CU_ASSERT_EQUAL(public_key_parse(text, again), -EINVAL);
    text[62] = 'x';
    text[63] = '0';
    CU_ASSERT_EQUAL(public_key_parse(text, again), -EINVAL);
}

/* RFC 7693's BLAKE2b with 16 bytes of digest, over the public key of RFC 8032's
 * first test vector; the value is coreutils' `b2sum -l 128` of those bytes. */
static void a_fingerprint_is_of_the_public_half(void)
{
    unsigned char public_key[PUBLIC_KEY_BYTES];
    char text[FINGERPRINT_BYTES];
    CU_ASSERT_EQUAL(public_key_parse("d75a980182b10ab7d54bfed3c964073a0ee172f3d"
                                     "aa62325af021a68f707511a",
                                     public_key),
                    0);
    fingerprint_text(public_key, text);
    CU_ASSERT_STRING_EQUAL(text, "d710:8b42:2f25:cc5e:db86:5cc4:ae18:4f55");
}

SUITE_MAIN("identity",
           {"what was written is read", what_was_written_is_read},
           {"a key is never overwritten", a_key_is_never_overwritten},
           {"others must not be able to read it",
            others_must_not_be_able_to_read_it},
           {"one wrong byte is noticed", one_wrong_byte_is_noticed},
           {"what is no file is refused", what_is_no_file_is_refused},
           {"texts of public keys are their own inverse",
            texts_of_public_keys_are_their_own_inverse},
           {"a fingerprint is of the public half",
            a_fingerprint_is_of_the_public_half})
