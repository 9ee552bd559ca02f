/* config.h - how one node is set up: /etc/vencejo/vencejod.yaml.
 *
 *     node: pc1                       # name or number in the roster
 *     roster: /etc/vencejo/roster.yaml
 *     administrator: KEY              # the only one who signs rosters
 *     policies:
 *       - gossip_vector: {period: 1 s}
 *       - balance_mosix
 *
 * docs/daemon.md has every key. Paths are absolute: the daemon starts anywhere.
 */
#ifndef REAL_DAEMON_CONFIG_H
#define REAL_DAEMON_CONFIG_H

#include "../../algorithms/node/node.h"
#include "../../scenarios/scenario.h"
#include "identity.h"

enum { CONFIG_BYTES_MAX = 1 << 20 };

struct config_journal
{
    char *file;           /* NULL: none is written. */
    int level;            /* 0: decisions, 1: full. */
    uint64_t limit_bytes; /* It ends there. */
};

struct config
{
    char *node;   /* Name, or number, in the roster. */
    char *state;  /* Folder that survives a restart; only the daemon's. */
    char *roster; /* File. */
    char *socket; /* For users' commands. */
    char *group;  /* Of cgroups, as sampler.h wants it; NULL: the machine. */
    unsigned char administrator[PUBLIC_KEY_BYTES];
    struct config_journal journal;
    struct scenario *policies; /* Only its policies. */
    usec_t sample_us;
    usec_t look_us;
    usec_t board_age_us;
    usec_t lost_after_us;      /* USEC_NEVER: never. */
    usec_t home_lost_after_us; /* Likewise. */
    usec_t latency_us;         /* To other nodes, as it is believed; */
    double bytes_per_s;        /* what a migration can hope for. */
    uint32_t board_max;
    uint16_t guest_limit; /* Grid guests. */
    bool owner_first;
    bool has_seed;
    uint64_t seed; /* Of random choices; without has_seed new at each start. */
};

/* 0, or negative errno and a complaint with its place; then there is nothing
 * to finish. The file name outlives the result. */
int config_parse(const char *text,
                 size_t text_bytes,
                 const char *file,
                 struct config *ret,
                 struct complaint *c);
int config_read(const char *file, struct config *ret, struct complaint *c);
void config_finish(struct config *config);

/* The policies as a node takes them, and as a journal's header has them, which
 * the caller frees. */
size_t config_policies(const struct config *config,
                       struct node_policy ret[NODE_POLICIES_MAX]);
char *config_policies_text(const struct config *config);

#endif /* REAL_DAEMON_CONFIG_H */
