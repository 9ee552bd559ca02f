/* stream_tls_below.c - see stream_tls_inside.h. */
#include "stream_tls_inside.h"

#include <errno.h>
#include <openssl/bio.h>
#include <string.h>

int tls_below_flush(struct stream_tls *s)
{
    int error = 0;
    if (s->gathered_bytes > 0)
        error =
            s->socket.write(s->socket.context, s->gathered, s->gathered_bytes);
    s->gathered_bytes = 0;
    return error;
}

static int bio_write(BIO *bio, const char *bytes, int count)
{
    struct stream_tls *s = BIO_get_data(bio);
    size_t size = (size_t)count;
    int error = 0;
    BIO_clear_retry_flags(bio);
    if (size > GATHER_BYTES - s->gathered_bytes)
        error = tls_below_flush(s);
    if (!error && size > GATHER_BYTES)
        error = s->socket.write(s->socket.context, bytes, size);
    else if (!error) {
        memcpy(s->gathered + s->gathered_bytes, bytes, size);
        s->gathered_bytes += size;
    }
    s->below_error = error;
    return error ? -1 : count;
}

static int bio_read(BIO *bio, char *to, int room)
{
    struct stream_tls *s = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    ssize_t got = stream_socket_take(&s->below, to, (size_t)room, s->wait_us);
    if (got > 0)
        return (int)got;
    if (got == -EAGAIN)
        BIO_set_retry_read(bio);
    else
        s->below_error = (int)got;
    return got == -ENODATA ? 0 : -1;
}

static long bio_control(BIO *bio, int what, long number, void *pointer)
{
    struct stream_tls *s = BIO_get_data(bio);
    (void)number;
    (void)pointer;
    if (what != BIO_CTRL_FLUSH)
        return 0;
    s->below_error = tls_below_flush(s);
    return s->below_error ? -1 : 1;
}

int tls_below_set(struct stream_tls *s)
{
    s->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "vencejo");
    if (!s->method || !BIO_meth_set_read(s->method, bio_read) ||
        !BIO_meth_set_write(s->method, bio_write) ||
        !BIO_meth_set_ctrl(s->method, bio_control))
        return -ENOMEM;
    BIO *bio = BIO_new(s->method);
    if (!bio)
        return -ENOMEM;
    BIO_set_data(bio, s);
    BIO_set_init(bio, 1);
    SSL_set_bio(s->ssl, bio, bio);
    return 0;
}
