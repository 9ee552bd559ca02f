/* mover_wire.c - see mover_wire.h. */
#include "mover_wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "../../algorithms/node/wire.h"

static bool has_info(enum mover_kind kind)
{
    return kind == MOVER_ORDER || kind == MOVER_COMING;
}

static bool has_token(enum mover_kind kind)
{
    return kind == MOVER_COMING || kind == MOVER_COME;
}

static bool has_text(enum mover_kind kind)
{
    return kind == MOVER_COME || kind == MOVER_FAILED;
}

static void put_text(struct writer *w, const char *text)
{
    size_t bytes = strlen(text);
    put_u8(w, (uint8_t)bytes);
    for (size_t i = 0; i < bytes; i++)
        put_u8(w, (uint8_t)text[i]);
}

size_t mover_message_put(const struct mover_message *m,
                         uint8_t ret[MOVER_MESSAGE_BYTES_MAX])
{
    struct writer w = {0};
    put_u8(&w, (uint8_t)m->kind);
    put_u64(&w, m->proc);
    put_u32(&w, m->epoch);
    put_u32(&w, m->node);
    if (has_info(m->kind))
        put_proc(&w, &m->info);
    if (has_token(m->kind))
        put_text(&w, m->token);
    if (has_text(m->kind))
        put_text(&w, m->text);
    assert(w.count <= MOVER_MESSAGE_BYTES_MAX);
    memcpy(ret, w.bytes, w.count);
    return w.count;
}

/* Printable; it goes into lines. */
static void get_text(struct reader *r, char *ret, size_t room)
{
    size_t bytes = get_u8(r);
    if (bytes >= room)
        r->bad = true;
    for (size_t i = 0; i < bytes && !r->bad; i++) {
        ret[i] = (char)get_u8(r);
        if (ret[i] < ' ' || ret[i] > '~')
            r->bad = true;
    }
    if (!r->bad)
        ret[bytes] = 0;
}

static bool is_token(const char *text)
{
    return strlen(text) == TOKEN_BYTES - 1 &&
           strspn(text, "0123456789abcdef") == TOKEN_BYTES - 1;
}

int mover_message_get(const uint8_t *bytes,
                      size_t count,
                      struct mover_message *ret)
{
    struct reader r = {bytes, count, false};
    uint8_t kind = get_u8(&r);
    struct mover_message m = {.kind = (enum mover_kind)kind};
    m.proc = get_u64(&r);
    m.epoch = get_u32(&r);
    m.node = get_u32(&r);
    if (r.bad || kind == 0 || kind >= MOVER_KINDS || m.proc == 0)
        return -EBADMSG;
    if (has_info(m.kind) && (!get_proc(&r, &m.info) || m.info.id != m.proc))
        return -EBADMSG;
    if (has_token(m.kind))
        get_text(&r, m.token, sizeof m.token);
    if (has_text(m.kind))
        get_text(&r, m.text, sizeof m.text);
    if (r.bad || r.left > 0 || (has_token(m.kind) && !is_token(m.token)) ||
        (m.kind == MOVER_COME && strchr(m.text, ' ')))
        return -EBADMSG;
    *ret = m;
    return 0;
}
