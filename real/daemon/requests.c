/* requests.c - see requests.h: who may ask what. */
#include "requests.h"

#include <string.h>
#include <unistd.h>

#include "requests_inside.h"

json_t *requests_yes(void)
{
    return json_pack("{s:i,s:b}", "vencejo", CONTROL_VERSION, "ok", 1);
}

const char *requests_text(const struct asked *a, const char *key)
{
    return json_string_value(json_object_get(a->request, key));
}

bool requests_number(const struct asked *a,
                     const char *key,
                     json_int_t max,
                     json_int_t fallback,
                     json_int_t *ret)
{
    const json_t *value = json_object_get(a->request, key);
    *ret = fallback;
    if (!value)
        return true;
    *ret = json_integer_value(value);
    return json_is_integer(value) && 0 <= *ret && *ret <= max;
}

bool requests_is_administrator(const struct workload_caller *caller)
{
    return caller->uid == 0 || caller->uid == geteuid();
}

static const struct
{
    const char *name;
    json_t *(*look)(const struct asked *a);
} looks[] = {
    {"nodes", requests_nodes},         {"status", requests_status},
    {"processes", requests_processes}, {"events", requests_events},
    {"explain", requests_explain},     {"mark", requests_mark},
    {"migrate", requests_migrate},
};

/* For the owner. */
static const struct
{
    const char *name;
    enum wish wish;
    json_t *(*tell)(const struct asked *a, enum wish wish);
} orders[] = {
    {"block", WISH_BLOCK, requests_owner},
    {"unblock", WISH_UNBLOCK, requests_owner},
    {"expel", WISH_EXPEL, requests_owner},
    {"stay", WISH_STAY, requests_owner},
    {"nostay", WISH_NOSTAY, requests_owner},
    {"lstay", WISH_LSTAY, requests_owner},
    {"nolstay", WISH_NOLSTAY, requests_owner},
    {"reserve", WISH_RESERVE, requests_owner},
    {"unreserve", WISH_UNRESERVE, requests_owner},
    {"guests", WISH_GUESTS, requests_owner},
    {"isolate", WISH_ISOLATE, requests_cluster},
    {"rejoin", WISH_REJOIN, requests_cluster},
};

json_t *requests_answer(void *user,
                        const struct workload_caller *caller,
                        const json_t *request)
{
    const struct asked a = {user, caller, request};
    const struct node_workload *w = daemon_parts_of(a.daemon)->workload;
    const char *name = requests_text(&a, "do");
    int fd = -1;
    if (!name)
        return control_no("bad", "the request does not say what to do",
                          "add \"do\":\"nodes\"");
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (strcmp(looks[i].name, name) == 0)
            return looks[i].look(&a);
    bool bring = strcmp(name, "bring") == 0;
    bool partner = strcmp(name, "partner") == 0;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (strcmp(orders[i].name, name) != 0)
            continue;
        if (!requests_is_administrator(caller))
            return control_no("refused", "only the node's owner may do this",
                              "ask as root");
        return orders[i].tell(&a, orders[i].wish);
    }
    if ((bring || partner) && !requests_is_administrator(caller))
        return control_no("refused", "only the node's owner may do this",
                          "ask as root");
    if (bring || partner)
        return bring ? requests_bring(&a) : requests_partner(&a);
    json_t *answer =
        w->request ? w->request(w->user, caller, request, &fd) : NULL;
    return answer ? answer
                  : control_no("bad", "this daemon knows no such request",
                               "docs/daemon.md has all");
}
