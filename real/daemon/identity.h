/* identity.h - who a node is: one Ed25519 key pair, made where it is used. Its
 * secret half never leaves the node; members know each other by the other half.
 *
 * The file: a line `vencejo-identity 1`, then `secret` and `public`, each with
 * lower-case hexadecimal digits. Only its owner may read it.
 */
#ifndef REAL_DAEMON_IDENTITY_H
#define REAL_DAEMON_IDENTITY_H

#include "../../traces/complaint.h"

enum {
    PUBLIC_KEY_BYTES = 32,
    SECRET_KEY_BYTES = 64,
    PUBLIC_TEXT_BYTES = 2 * PUBLIC_KEY_BYTES + 1,
    FINGERPRINT_BYTES = 40, /* Eight groups of four digits, and the end. */
};

struct identity
{
    unsigned char public_key[PUBLIC_KEY_BYTES];
    unsigned char secret_key[SECRET_KEY_BYTES];
};

/* A new one, from the system's randomness. */
void identity_make(struct identity *ret);

/* To a new file of mode 0600, whole or not at all. -EEXIST if there is one: a
 * key is never overwritten. */
int identity_write(const struct identity *identity,
                   const char *file,
                   struct complaint *c);

/* -EACCES if others could read or change it, -EINVAL if it is damaged or its
 * halves do not belong together. On an error *ret is untouched. */
int identity_read(const char *file, struct identity *ret, struct complaint *c);

/* Overwrite it, when it is needed no more. */
void identity_forget(struct identity *identity);

/* The public half as it stands in members' lists; parse: -EINVAL if it is none.
 */
void public_key_text(const unsigned char *public_key,
                     char ret[PUBLIC_TEXT_BYTES]);
int public_key_parse(const char *text, unsigned char ret[PUBLIC_KEY_BYTES]);

/* For people to compare: the first 16 bytes of BLAKE2b of the public half. */
void fingerprint_text(const unsigned char *public_key,
                      char ret[FINGERPRINT_BYTES]);

#endif /* REAL_DAEMON_IDENTITY_H */
