/* roster_sign.c - the last line of a roster; see roster.h. */
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "roster_inside.h"

#define LINE "# signature "
enum {
    WORD_BYTES = sizeof LINE - 1,
    DIGIT_COUNT = 2 * crypto_sign_BYTES,
    LINE_BYTES = WORD_BYTES + DIGIT_COUNT + 1,
};

size_t roster_signed_bytes(const char *text, size_t text_bytes)
{
    if (text_bytes < LINE_BYTES)
        return text_bytes;
    size_t before = text_bytes - LINE_BYTES;
    bool is_line = (before == 0 || text[before - 1] == '\n') &&
                   memcmp(text + before, LINE, WORD_BYTES) == 0;
    return is_line ? before : text_bytes;
}

int roster_check(const char *text,
                 size_t text_bytes,
                 const char *name,
                 const unsigned char *administrator,
                 struct complaint *c)
{
    unsigned char signature[crypto_sign_BYTES];
    size_t got;
    size_t count = roster_signed_bytes(text, text_bytes);
    if (count == text_bytes)
        return complain(c, -EBADMSG, name, 0, 0,
                        "not signed: its last line is no '" LINE
                        "HEX', let the administrator sign it");
    if (sodium_hex2bin(signature, sizeof signature, text + count + WORD_BYTES,
                       DIGIT_COUNT, NULL, &got, NULL) != 0 ||
        got != sizeof signature || text[text_bytes - 1] != '\n' ||
        crypto_sign_verify_detached(signature, (const unsigned char *)text,
                                    count, administrator) != 0)
        return complain(c, -EBADMSG, name, 0, 0,
                        "signed by another, or changed since it was signed: "
                        "take it anew from the administrator");
    return 0;
}

int roster_sign(const char *text,
                size_t text_bytes,
                const char *name,
                const struct identity *administrator,
                char **ret_text,
                size_t *ret_bytes,
                struct complaint *c)
{
    unsigned char signature[crypto_sign_BYTES];
    struct roster roster;
    size_t count = roster_signed_bytes(text, text_bytes);
    int error = roster_read_text(text, count, name, administrator->public_key,
                                 &roster, c);
    if (error)
        return error;
    roster_finish(&roster);
    if (text[count - 1] != '\n')
        return complain(c, -EINVAL, name, 0, 0, "its last line does not end");
    char *all = malloc(count + LINE_BYTES + 1);
    if (!all)
        return complain(c, -ENOMEM, name, 0, 0, "no memory");
    crypto_sign_detached(signature, NULL, (const unsigned char *)text, count,
                         administrator->secret_key);
    memcpy(all, text, count);
    memcpy(all + count, LINE, WORD_BYTES);
    sodium_bin2hex(all + count + WORD_BYTES, DIGIT_COUNT + 1, signature,
                   sizeof signature);
    memcpy(all + count + LINE_BYTES - 1, "\n", 2);
    *ret_text = all;
    *ret_bytes = count + LINE_BYTES;
    return 0;
}
