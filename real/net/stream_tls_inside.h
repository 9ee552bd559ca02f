/* stream_tls_inside.h - what the parts of a stream in TLS share: stream_tls.c
 * is above OpenSSL, stream_tls_below.c below it.
 */
#ifndef REAL_NET_STREAM_TLS_INSIDE_H
#define REAL_NET_STREAM_TLS_INSIDE_H

#include <openssl/ssl.h>

#include "../homenode/stream_socket.h"
#include "stream_tls.h"

enum {
    PIECE_BYTES = SSL3_RT_MAX_PLAIN_LENGTH, /* Of one record of TLS. */
    GATHER_BYTES = 8 * SSL3_RT_MAX_PACKET_SIZE,
};

struct stream_tls
{
    struct stream_socket below;
    struct stream socket;
    SSL_CTX *context;
    BIO_METHOD *method;
    SSL *ssl;
    struct tls_trust trust;
    struct node_key other;
    bool rejected;    /* Its key is not known. */
    uint64_t wait_us; /* For bytes, of the call that is under way. */
    int below_error;  /* Why the socket gave or took no bytes. */
    int error;        /* Of the last look, for the next read. */
    bool broken;      /* Nothing more can be said. */
    uint8_t *gathered;
    size_t gathered_bytes;
    uint8_t *piece; /* One record of TLS, in clear. */
    size_t at;      /* Held: from here */
    size_t end;
};

/* OpenSSL reads and writes through us: what it reads is what the socket's
 * stream has read ahead, waited for no longer than wait_us; what it writes is
 * gathered, so that large pieces, which TLS cuts in 16 KiB, do not cost a call
 * each. */
int tls_below_set(struct stream_tls *s);

/* What is gathered goes out. */
int tls_below_flush(struct stream_tls *s);

#endif /* REAL_NET_STREAM_TLS_INSIDE_H */
