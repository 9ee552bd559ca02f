/* seal.c - see seal.h. */
#include "seal.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

enum {
    VERSION = 1,
    GENERATION_AT = 1,
    SENDER_AT = 4,
    INSTANT_AT = 8,
    SEALED_AT = 32,
    SIGNED_BYTES = INSTANT_AT,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

static_assert(SEALED_AT + TAG_BYTES == SEAL_BYTES, "layout");
static_assert(SEALED_AT - INSTANT_AT ==
                  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
              "the nonce is instant and random");
static_assert(sizeof((struct seal *)0)->send_key == crypto_kx_SESSIONKEYBYTES,
              "keys");

/* Keys of X25519 from those of Ed25519. */
static int convert(const struct identity *self,
                   const unsigned char *peer_public_key,
                   unsigned char *ret_public,
                   unsigned char *ret_secret,
                   unsigned char *ret_peer)
{
    if (crypto_sign_ed25519_pk_to_curve25519(ret_public, self->public_key) ||
        crypto_sign_ed25519_sk_to_curve25519(ret_secret, self->secret_key) ||
        crypto_sign_ed25519_pk_to_curve25519(ret_peer, peer_public_key))
        return -EINVAL;
    return 0;
}

int seal_init(struct seal *s,
              const struct identity *self,
              node_id self_id,
              const unsigned char *peer_public_key,
              node_id peer_id,
              uint8_t generation,
              usec_t now_us)
{
    unsigned char public[crypto_kx_PUBLICKEYBYTES];
    unsigned char secret[crypto_kx_SECRETKEYBYTES];
    unsigned char peer[crypto_kx_PUBLICKEYBYTES];
    *s = (struct seal){.self = self_id,
                       .peer = peer_id,
                       .generation = generation,
                       .started_us = now_us};
    int order = memcmp(self->public_key, peer_public_key, PUBLIC_KEY_BYTES);
    int error = order == 0
                    ? -EINVAL
                    : convert(self, peer_public_key, public, secret, peer);
    /* Both must agree who of them is the client of crypto_kx. */
    if (!error && (order < 0 ? crypto_kx_client_session_keys
                             : crypto_kx_server_session_keys)(
                      s->receive_key, s->send_key, public, secret, peer) != 0)
        error = -EINVAL;
    sodium_memzero(secret, sizeof secret);
    return error;
}

void seal_forget(struct seal *s)
{
    sodium_memzero(s, sizeof *s);
}

static void put_le(uint8_t *at, uint64_t value, size_t byte_count)
{
    value = htole64(value);
    memcpy(at, &value, byte_count);
}

static uint64_t get_le(const uint8_t *at, size_t byte_count)
{
    uint64_t value = 0;
    memcpy(&value, at, byte_count);
    return le64toh(value);
}

size_t seal_close(struct seal *s,
                  usec_t now_us,
                  const uint8_t *bytes,
                  size_t count,
                  uint8_t *ret)
{
    unsigned long long sealed_count;
    assert(count <= SEAL_PLAIN_BYTES_MAX);
    s->sent_us = now_us > s->sent_us ? now_us : s->sent_us + 1;
    put_le(ret, VERSION, 1);
    put_le(ret + GENERATION_AT, s->generation, SENDER_AT - GENERATION_AT);
    put_le(ret + SENDER_AT, s->self, INSTANT_AT - SENDER_AT);
    put_le(ret + INSTANT_AT, s->sent_us, sizeof s->sent_us);
    randombytes_buf(ret + INSTANT_AT + sizeof s->sent_us,
                    SEALED_AT - INSTANT_AT - sizeof s->sent_us);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        ret + SEALED_AT, &sealed_count, bytes, count, ret, SIGNED_BYTES, NULL,
        ret + INSTANT_AT, s->send_key);
    assert(sealed_count == count + TAG_BYTES);
    return count + SEAL_BYTES;
}

int seal_sender(const uint8_t *datagram, size_t count, node_id *ret_sender)
{
    if (count < SEAL_BYTES || count > SEAL_DATAGRAM_BYTES_MAX ||
        datagram[0] != VERSION || datagram[2] != 0 || datagram[3] != 0)
        return -EPROTO;
    *ret_sender = (node_id)get_le(datagram + SENDER_AT, sizeof *ret_sender);
    return 0;
}

/* 0 if one of that instant may be taken. */
static int timely(const struct seal *s, usec_t now_us, usec_t instant_us)
{
    usec_t apart_us =
        now_us > instant_us ? now_us - instant_us : instant_us - now_us;
    if (apart_us > SEAL_SKEW_US || instant_us <= s->started_us)
        return -ETIME;
    if (instant_us <= s->heard_us[0])
        return -EALREADY;
    for (size_t i = SEAL_WINDOW; i-- > 0 && s->heard_us[i] >= instant_us;)
        if (s->heard_us[i] == instant_us)
            return -EALREADY;
    return 0;
}

/* The oldest leaves the window. */
static void remember(struct seal *s, usec_t instant_us)
{
    size_t at = 0;
    while (at + 1 < SEAL_WINDOW && s->heard_us[at + 1] < instant_us) {
        s->heard_us[at] = s->heard_us[at + 1];
        at++;
    }
    s->heard_us[at] = instant_us;
}

int seal_open(struct seal *s,
              usec_t now_us,
              const uint8_t *datagram,
              size_t count,
              uint8_t *ret)
{
    node_id sender;
    int error = seal_sender(datagram, count, &sender);
    if (error)
        return error;
    if (sender != s->peer)
        return -EBADMSG;
    if (datagram[GENERATION_AT] != s->generation)
        return -EKEYEXPIRED;
    usec_t instant_us = get_le(datagram + INSTANT_AT, sizeof instant_us);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            ret, NULL, NULL, datagram + SEALED_AT, count - SEALED_AT, datagram,
            SIGNED_BYTES, datagram + INSTANT_AT, s->receive_key) != 0)
        return -EBADMSG;
    error = timely(s, now_us, instant_us);
    if (!error)
        remember(s, instant_us);
    return error;
}
