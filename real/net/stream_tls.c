/* stream_tls.c - see stream_tls.h. */
#include "stream_tls_inside.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* What OpenSSL said, as our number. */
static int error_of(struct stream_tls *s, int returned)
{
    int what = SSL_get_error(s->ssl, returned);
    unsigned long first = ERR_peek_error();
    ERR_clear_error();
    if (what == SSL_ERROR_WANT_READ)
        return -EAGAIN;
    s->broken = true;
    if (what == SSL_ERROR_ZERO_RETURN)
        return -ENODATA;
    if (s->rejected)
        return -EKEYREJECTED;
    if (s->below_error == -ENODATA)
        return -ECONNRESET;
    if (s->below_error)
        return s->below_error;
    switch (ERR_GET_REASON(first)) {
        case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
            return -EBADMSG;
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
            return -ECONNREFUSED;
        default:
            return -EPROTO;
    }
}

/* ---- The stream. --------------------------------------------------------- */

/* Some bytes in clear, at least one. */
static ssize_t read_clear(struct stream_tls *s,
                          void *to,
                          size_t room,
                          uint64_t wait_us)
{
    size_t got = 0;
    if (s->broken)
        return -EPIPE;
    s->wait_us = wait_us;
    s->below_error = 0;
    int done = SSL_read_ex(s->ssl, to, room, &got);
    return done == 1 ? (ssize_t)got : error_of(s, done);
}

static int fill(struct stream_tls *s, uint64_t wait_us)
{
    assert(s->at == s->end);
    ssize_t got = read_clear(s, s->piece, PIECE_BYTES, wait_us);
    if (got < 0)
        return (int)got;
    s->at = 0;
    s->end = (size_t)got;
    return 0;
}

static ssize_t read_some(struct stream_tls *s,
                         void *to,
                         size_t count,
                         uint64_t wait_us)
{
    if (s->at == s->end && count >= PIECE_BYTES)
        return read_clear(s, to, count, wait_us);
    int error = s->at == s->end ? fill(s, wait_us) : 0;
    if (error)
        return error;
    size_t held = s->end - s->at;
    count = count < held ? count : held;
    memcpy(to, s->piece + s->at, count);
    s->at += count;
    return (ssize_t)count;
}

static int read_all(void *context, void *bytes, size_t count)
{
    struct stream_tls *s = context;
    uint8_t *to = bytes;
    uint64_t until_us = 0; /* 0: it was not waited yet. */
    if (s->error)
        return s->error;
    while (count > 0) {
        ssize_t got = read_some(s, to, count, s->below.patience_us);
        if (got == -EAGAIN) {
            uint64_t now = now_us();
            until_us = until_us ? until_us : now + s->below.patience_us;
            if (now >= until_us)
                return -ETIMEDOUT;
            continue;
        }
        if (got < 0)
            return (int)got;
        to += got;
        count -= (size_t)got;
        until_us = 0;
    }
    return 0;
}

static int write_clear(struct stream_tls *s, const void *bytes, size_t count)
{
    size_t put = 0;
    if (s->broken)
        return -EPIPE;
    if (count == 0)
        return 0;
    s->wait_us = s->below.patience_us;
    s->below_error = 0;
    int done = SSL_write_ex(s->ssl, bytes, count, &put);
    if (done == 1)
        return 0;
    int error = error_of(s, done);
    s->broken = true; /* Half of it may be gone. */
    return error == -EAGAIN ? -ETIMEDOUT : error;
}

static int flush(struct stream_tls *s, int error)
{
    if (!error)
        error = tls_below_flush(s);
    s->broken |= error != 0;
    return error;
}

static int write_all(void *context, const void *bytes, size_t count)
{
    struct stream_tls *s = context;
    return flush(s, write_clear(s, bytes, count));
}

/* Short parts go in one record of TLS, and it in one piece. */
static int write_parts(void *context, const struct iovec *parts, size_t count)
{
    struct stream_tls *s = context;
    uint8_t joined[1024];
    size_t bytes = 0;
    int error = 0;
    for (size_t i = 0; i < count && !error; i++) {
        if (parts[i].iov_len > sizeof joined - bytes) {
            error = write_clear(s, joined, bytes);
            bytes = 0;
        }
        if (!error && parts[i].iov_len > sizeof joined) {
            error = write_clear(s, parts[i].iov_base, parts[i].iov_len);
        } else if (!error && parts[i].iov_len > 0) {
            memcpy(joined + bytes, parts[i].iov_base, parts[i].iov_len);
            bytes += parts[i].iov_len;
        }
    }
    return flush(s, error ? error : write_clear(s, joined, bytes));
}

static int look(void *context, uint64_t wait_us)
{
    struct stream_tls *s = context;
    if (s->at < s->end || s->error)
        return 0;
    int error = fill(s, wait_us);
    if (error == -EAGAIN)
        return error;
    s->error = error;
    return 0;
}

/* Half a record of TLS is nothing yet: poll(2) says when the rest is there. */
static bool holds(void *context)
{
    struct stream_tls *s = context;
    if (s->at < s->end || s->error)
        return true;
    bool below = s->socket.holds(s->socket.context);
    return (below || SSL_has_pending(s->ssl)) && look(s, 0) == 0;
}

struct stream stream_tls_of(struct stream_tls *s)
{
    return (struct stream){.context = s,
                           .write = write_all,
                           .read = read_all,
                           .wait_on = s->below.socket,
                           .holds = holds,
                           .write_parts = write_parts,
                           .look = look};
}

const struct node_key *stream_tls_other(const struct stream_tls *s)
{
    return &s->other;
}

/* ---- Both say who they are. ---------------------------------------------- */

static int verify(X509_STORE_CTX *store, void *context)
{
    struct stream_tls *s = context;
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    bool known = certificate && certificate_key(certificate, &s->other) == 0 &&
                 s->trust.knows(s->trust.context, &s->other);
    s->rejected = !known;
    X509_STORE_CTX_set_error(store,
                             known ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return known;
}

static int set_key(SSL_CTX *c, const uint8_t seed[NODE_KEY_BYTES])
{
    EVP_PKEY *key;
    X509 *certificate;
    int error = certificate_make(seed, &key, &certificate);
    if (error)
        return error;
    bool set = SSL_CTX_use_certificate(c, certificate) == 1 &&
               SSL_CTX_use_PrivateKey(c, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return set ? 0 : -EIO;
}

static int set_context(struct stream_tls *s, const uint8_t seed[NODE_KEY_BYTES])
{
    SSL_CTX *c = SSL_CTX_new(TLS_method());
    if (!c)
        return -ENOMEM;
    s->context = c;
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    SSL_CTX_set_cert_verify_callback(c, verify, s);
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    if (!SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) ||
        !SSL_CTX_set_ciphersuites(
            c, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") ||
        !SSL_CTX_set1_groups_list(c, "X25519") ||
        !SSL_CTX_set1_sigalgs_list(c, "ed25519") ||
        !SSL_CTX_set_num_tickets(c, 0))
        return -EIO;
    return set_key(c, seed);
}

static int shake_hands(struct stream_tls *s, enum tls_side side)
{
    uint64_t until_us = now_us() + s->below.patience_us;
    int error;
    do {
        s->wait_us = s->below.patience_us;
        s->below_error = 0;
        int done =
            side == TLS_ACCEPTS ? SSL_accept(s->ssl) : SSL_connect(s->ssl);
        error = done == 1 ? 0 : error_of(s, done);
    } while (error == -EAGAIN && now_us() < until_us);
    if (error && s->gathered_bytes > 0)
        (void)tls_below_flush(s); /* Why we say no. */
    return error == -EAGAIN ? -ETIMEDOUT : error;
}

static int refuse(struct complaint *c, int error)
{
    static const struct
    {
        int error;
        const char *why;
    } reasons[] = {
        {-EKEYREJECTED, "the other end has a key that is not known here"},
        {-ECONNREFUSED, "the other end does not know our key"},
        {-ETIMEDOUT, "the other end says nothing"},
        {-ECONNRESET, "the other end has gone"},
        {-EPROTO, "the other end does not speak our TLS 1.3"},
    };
    const char *why = strerror(-error);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].error == error)
            why = reasons[i].why;
    return complain(c, error, "TLS", 0, 0, "%s", why);
}

int stream_tls_create(struct stream_tls **ret,
                      int socket,
                      enum tls_side side,
                      const uint8_t seed[NODE_KEY_BYTES],
                      const struct tls_trust *trust,
                      uint64_t patience_us,
                      struct complaint *ret_complaint)
{
    struct stream_tls *s = calloc(1, sizeof *s);
    if (!s)
        return refuse(ret_complaint, -ENOMEM);
    s->trust = *trust;
    s->broken = true; /* There is nobody to say farewell to. */
    s->gathered = malloc(GATHER_BYTES);
    s->piece = malloc(PIECE_BYTES);
    int error = s->gathered && s->piece ? 0 : -ENOMEM;
    if (!error)
        error = stream_socket_init(&s->below, socket, patience_us);
    s->socket = stream_socket_of(&s->below);
    if (!error)
        error = set_context(s, seed);
    if (!error && !(s->ssl = SSL_new(s->context)))
        error = -ENOMEM;
    if (!error)
        error = tls_below_set(s);
    if (!error)
        error = shake_hands(s, side);
    if (error) {
        stream_tls_destroy(s);
        return refuse(ret_complaint, error);
    }
    s->broken = false;
    *ret = s;
    return 0;
}

void stream_tls_destroy(struct stream_tls *s)
{
    if (!s)
        return;
    if (!s->broken) {
        SSL_shutdown(s->ssl);
        (void)tls_below_flush(s);
    }
    ERR_clear_error();
    SSL_free(s->ssl);
    SSL_CTX_free(s->context);
    BIO_meth_free(s->method);
    if (s->below.ahead)
        stream_socket_finish(&s->below);
    if (s->gathered)
        OPENSSL_cleanse(s->gathered, GATHER_BYTES);
    free(s->gathered);
    if (s->piece)
        OPENSSL_cleanse(s->piece, PIECE_BYTES);
    free(s->piece);
    free(s);
}
