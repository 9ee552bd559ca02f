/* roster.h - the members of one cluster: who they are, by key, and where; and
 * which clusters are its partners. Its administrator writes it, and signs it.
 *
 * YAML, the same at all members:
 *
 *     version: 3                  # above that of the roster before
 *     administrator: KEY          # who signs it
 *     cluster: {id: 1, name: lab, first: 1, nodes: 9}
 *     members:
 *       - {id: 1, name: pc1, address: "10.0.0.1:7700", key: KEY}
 *     partners:
 *       - {cluster: 2, administrator: KEY, rule: {priority: 45, cap: 8}}
 *     # signature HEX
 *
 * KEY is a public key as identity.h writes it. A member's number is one of
 * first .. first + nodes - 1; not each needs a member yet. `generation` of a
 * member grows when it changes its key. The last line signs all bytes before
 * it, and is looked at before anything else is.
 */
#ifndef REAL_DAEMON_ROSTER_H
#define REAL_DAEMON_ROSTER_H

#include <stdint.h>
#include <sys/socket.h>

#include "../../algorithms/node/map.h"
#include "../../traces/complaint.h"
#include "identity.h"

enum { ROSTER_MEMBERS_MAX = 4096, ROSTER_BYTES_MAX = 16 << 20 };

struct member
{
    node_id id;
    char *name;    /* Owned. */
    char *address; /* Owned; as it was written. */
    struct sockaddr_storage at;
    socklen_t at_bytes;
    unsigned char key[PUBLIC_KEY_BYTES];
    uint16_t generation; /* Of the key; 0 .. 255. */
};

struct roster_cluster
{
    cluster_id id;
    char *name; /* Owned. */
    node_id first;
    uint32_t node_count;
};

struct roster_partner
{
    unsigned char administrator[PUBLIC_KEY_BYTES];
    struct cluster_rule rule; /* Its partner field is the cluster's number. */
};

struct roster
{
    uint32_t version; /* At least 1. */
    unsigned char administrator[PUBLIC_KEY_BYTES];
    struct roster_cluster cluster;
    struct member *members; /* Owned; by ascending id. */
    size_t member_count;
    struct roster_partner *partners; /* Owned; by ascending cluster. */
    size_t partner_count;
};

/* From a signed text; name is what complaints call it. administrator: the only
 * one whose signature counts. -EBADMSG: not signed, or not by him; -EINVAL: not
 * a roster. On an error there is nothing to finish. */
int roster_parse(const char *text,
                 size_t text_bytes,
                 const char *name,
                 const unsigned char *administrator,
                 struct roster *ret,
                 struct complaint *c);
void roster_finish(struct roster *r);

/* The text with its signature, in place of one that it has; the caller frees
 * it. It is checked as roster_parse() would. */
int roster_sign(const char *text,
                size_t text_bytes,
                const char *name,
                const struct identity *administrator,
                char **ret_text,
                size_t *ret_bytes,
                struct complaint *c);

/* NULL: no member has that number. */
const struct member *roster_member(const struct roster *r, node_id id);

/* NULL: nobody has that key. */
const struct member *roster_member_of_key(const struct roster *r,
                                          const unsigned char *key);

/* The cluster's record for the map, with the rules for its partners; others
 * than these are not dealt with. */
struct cluster_record roster_record(const struct roster *r);

#endif /* REAL_DAEMON_ROSTER_H */
