/* certificate.c - see certificate.h. */
#include "certificate.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

enum { X509_V3 = 2 };

/* Not looked at, but what an X.509 certificate must have. */
static int fill_in(X509 *certificate, EVP_PKEY *key)
{
    static const unsigned char name[] = "vencejo";
    X509_NAME *subject = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_V3) &&
                   ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) &&
                   ASN1_TIME_set_string(X509_getm_notBefore(certificate),
                                        "20200101000000Z") &&
                   ASN1_TIME_set_string(X509_getm_notAfter(certificate),
                                        "99991231235959Z") &&
                   X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name,
                                              -1, -1, 0) &&
                   X509_set_issuer_name(certificate, subject) &&
                   X509_set_pubkey(certificate, key) &&
                   X509_sign(certificate, key, NULL) > 0
               ? 0
               : -EIO;
}

int certificate_make(const uint8_t seed[NODE_KEY_BYTES],
                     EVP_PKEY **ret_key,
                     X509 **ret_certificate)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
                                                 NODE_KEY_BYTES);
    X509 *certificate = X509_new();
    int error = key && certificate ? fill_in(certificate, key) : -EIO;
    if (error) {
        X509_free(certificate);
        EVP_PKEY_free(key);
        return error;
    }
    *ret_key = key;
    *ret_certificate = certificate;
    return 0;
}

int certificate_key(const X509 *certificate, struct node_key *ret)
{
    struct node_key found;
    size_t bytes = sizeof found.bytes;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key, found.bytes, &bytes) != 1 ||
        bytes != sizeof found.bytes)
        return -EKEYREJECTED;
    *ret = found;
    return 0;
}
