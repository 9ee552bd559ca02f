/* requests_inside.h - what the files of requests.h share. */
#ifndef REAL_DAEMON_REQUESTS_INSIDE_H
#define REAL_DAEMON_REQUESTS_INSIDE_H

#include "requests.h"

enum { BY_BYTES = 256 };

struct asked
{
    struct daemon *daemon;
    const struct workload_caller *caller;
    const json_t *request;
};

/* An answer that says yes, to be filled. */
json_t *requests_yes(void);

/* A text of the request; NULL: none. */
const char *requests_text(const struct asked *a, const char *key);

/* False: it is there and no whole number from 0 to max. Not there: fallback. */
bool requests_number(const struct asked *a,
                     const char *key,
                     json_int_t max,
                     json_int_t fallback,
                     json_int_t *ret);

bool requests_is_administrator(const struct workload_caller *caller);

/* requests_look.c */
json_t *requests_nodes(const struct asked *a);
json_t *requests_status(const struct asked *a);
json_t *requests_processes(const struct asked *a);
json_t *requests_events(const struct asked *a);
json_t *requests_explain(const struct asked *a);

/* requests_wish.c */
json_t *requests_owner(const struct asked *a, enum wish wish);
json_t *requests_cluster(const struct asked *a, enum wish wish);
json_t *requests_partner(const struct asked *a);
json_t *requests_bring(const struct asked *a);
json_t *requests_migrate(const struct asked *a);
json_t *requests_mark(const struct asked *a);

#endif /* REAL_DAEMON_REQUESTS_INSIDE_H */
