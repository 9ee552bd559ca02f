/* certificate.h - a node's Ed25519 key as TLS wants it: in a certificate that
 * the key itself has signed. Others know a node by its public key and by
 * nothing else: names, dates and issuers in a certificate are not looked at.
 */
#ifndef REAL_NET_CERTIFICATE_H
#define REAL_NET_CERTIFICATE_H

#include <openssl/types.h>
#include <stdint.h>

enum { NODE_KEY_BYTES = 32 };

/* The public key, RFC 8032. */
struct node_key
{
    uint8_t bytes[NODE_KEY_BYTES];
};

/* Of a private key (RFC 8032: 32 bytes, a seed), both the caller's to free.
 * -EIO if OpenSSL cannot. */
int certificate_make(const uint8_t seed[NODE_KEY_BYTES],
                     EVP_PKEY **ret_key,
                     X509 **ret_certificate);

/* Whose it says it is. -EKEYREJECTED: its key is not Ed25519. */
int certificate_key(const X509 *certificate, struct node_key *ret);

#endif /* REAL_NET_CERTIFICATE_H */
