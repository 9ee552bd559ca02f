/* owner_word.c - see owner_word.h. */
#include "owner_word.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/save.h"

struct owner_word owner_word_default(void)
{
    return (struct owner_word){.state = NODE_UP, .within_us = USEC_NEVER};
}

static bool whole(const json_t *object,
                  const char *key,
                  json_int_t max,
                  json_int_t *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > max)
        return false;
    *ret = json_integer_value(value);
    return true;
}

/* within: -1 stands for never. */
static bool parse(const json_t *object, struct owner_word *ret)
{
    json_int_t state, flags, then, cluster, user, guests;
    const json_t *within = json_object_get(object, "within_us");
    if (!whole(object, "state", NODE_DRAINING, &state) ||
        !whole(object, "flags", NODE_STAY | NODE_LOCAL_STAY, &flags) ||
        !whole(object, "then", THEN_KILL, &then) || !json_is_integer(within))
        return false;
    *ret = owner_word_default();
    ret->state = (uint8_t)state;
    ret->flags = (uint8_t)flags;
    ret->then = (uint8_t)then;
    if (json_integer_value(within) >= 0)
        ret->within_us = (usec_t)json_integer_value(within);
    ret->has_reservation =
        whole(object, "reserved_cluster", UINT16_MAX, &cluster) &&
        whole(object, "reserved_user", USER_ANY, &user);
    if (ret->has_reservation)
        ret->reservation =
            (struct reservation){(cluster_id)cluster, (uint32_t)user};
    ret->has_guest_limit = whole(object, "guests", UINT16_MAX, &guests);
    if (ret->has_guest_limit)
        ret->guest_limit = (uint16_t)guests;
    return true;
}

int owner_word_read(const char *file,
                    struct owner_word *ret,
                    struct complaint *c)
{
    json_error_t wrong;
    FILE *in = fopen(file, "re");
    if (!in && errno == ENOENT) {
        *ret = owner_word_default();
        return 0;
    }
    if (!in)
        return complain(c, -errno, file, 0, 0, "cannot be read: %s",
                        strerror(errno));
    json_t *object = json_loadf(in, JSON_REJECT_DUPLICATES, &wrong);
    fclose(in);
    bool good = object && parse(object, ret);
    json_decref(object);
    return good ? 0
                : complain(c, -EINVAL, file, 0, 0,
                           "is damaged; remove it and say again what holds "
                           "for this node");
}

int owner_word_write(const char *file,
                     const struct owner_word *word,
                     struct complaint *c)
{
    json_t *object =
        json_pack("{s:i,s:i,s:i,s:I}", "state", word->state, "flags",
                  word->flags, "then", word->then, "within_us",
                  word->within_us == USEC_NEVER ? (json_int_t)-1
                                                : (json_int_t)word->within_us);
    if (word->has_reservation) {
        json_object_set_new(object, "reserved_cluster",
                            json_integer(word->reservation.cluster));
        json_object_set_new(object, "reserved_user",
                            json_integer(word->reservation.user));
    }
    if (word->has_guest_limit)
        json_object_set_new(object, "guests", json_integer(word->guest_limit));
    char *text = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    int error = text ? save_text(file, text) : -ENOMEM;
    free(text);
    return error ? complain(c, error, file, 0, 0, "cannot be written: %s",
                            strerror(-error))
                 : 0;
}

struct event owner_word_event(const struct owner_word *word)
{
    return (struct event){
        .kind = EVENT_STATE,
        .state = word->state,
        .flags = word->flags,
        .then = word->then,
        .within_us = word->within_us,
        .reservation = word->has_reservation ? &word->reservation : NULL,
    };
}
