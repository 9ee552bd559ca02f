/* config.c - see config.h. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../scenarios/keys.h"
#include "../../traces/file.h"

static const char *const levels[] = {"decisions", "full", NULL};

/* ---- Values. ------------------------------------------------------------- */

static int config_key_read(struct key_reader *r,
                           const struct item *item,
                           void *object)
{
    struct config *config = object;
    int error = item_expect(r, item, ITEM_SCALAR, "administrator");
    if (error)
        return error;
    if (public_key_parse(item->text, config->administrator) != 0)
        return key_refuse(r, &item->at,
                          "'%s' is no public key, it has 64 hexadecimal "
                          "digits, `vencejo-node ctl keys` shows them",
                          item_shown(item->text).text);
    return 0;
}

static int config_policies_read(struct key_reader *r,
                                const struct item *item,
                                void *object)
{
    struct config *config = object;
    return policies_read(r, item, config->policies);
}

static int seed_read(struct key_reader *r,
                     const struct item *item,
                     void *object)
{
    struct config *config = object;
    const char *what;
    int error = item_expect(r, item, ITEM_SCALAR, "seed");
    if (error)
        return error;
    if (quantity_parse_exact(item->text, QUANTITY_COUNT, &config->seed,
                             &what) != 0)
        return key_refuse(r, &item->at, "seed: '%s' %s",
                          item_shown(item->text).text, what);
    config->has_seed = true;
    return 0;
}

/* ---- Sections. ----------------------------------------------------------- */

#define FIELD(name) offsetof(struct config_journal, name)
static const struct key journal_keys[] = {
    {.name = "file", .kind = KEY_TEXT, .offset = FIELD(file), .required = true},
    {.name = "level",
     .kind = KEY_CHOICE,
     .offset = FIELD(level),
     .choices = levels,
     .fallback = "decisions"},
    {.name = "limit",
     .kind = KEY_BYTES,
     .offset = FIELD(limit_bytes),
     .min = 65536,
     .fallback = "1 GiB"},
    {.name = NULL},
};
static const struct section journal_section = {.name = "journal",
                                               .keys = journal_keys};
#undef FIELD

#define HOUR_US 3.6e9
#define FIELD(name) offsetof(struct config, name)
static const struct key config_keys[] = {
    {.name = "node", .kind = KEY_TEXT, .offset = FIELD(node), .required = true},
    {.name = "roster",
     .kind = KEY_TEXT,
     .offset = FIELD(roster),
     .required = true},
    {.name = "administrator",
     .kind = KEY_OWN,
     .read = config_key_read,
     .required = true},
    {.name = "policies",
     .kind = KEY_OWN,
     .read = config_policies_read,
     .required = true},
    {.name = "state",
     .kind = KEY_TEXT,
     .offset = FIELD(state),
     .fallback = "/var/lib/vencejo"},
    {.name = "socket",
     .kind = KEY_TEXT,
     .offset = FIELD(socket),
     .fallback = "/run/vencejo/control"},
    {.name = "group", .kind = KEY_TEXT, .offset = FIELD(group)},
    {.name = "journal",
     .kind = KEY_SECTION,
     .offset = FIELD(journal),
     .section = &journal_section},
    {.name = "sample",
     .kind = KEY_SPAN,
     .offset = FIELD(sample_us),
     .min = 50e3,
     .max = HOUR_US,
     .fallback = "1 s"},
    {.name = "look",
     .kind = KEY_SPAN,
     .offset = FIELD(look_us),
     .min = 10e3,
     .max = HOUR_US,
     .fallback = "50 ms"},
    {.name = "board",
     .kind = KEY_COUNT32,
     .offset = FIELD(board_max),
     .min = 1,
     .max = 65536,
     .fallback = "128"},
    {.name = "board-age",
     .kind = KEY_SPAN,
     .offset = FIELD(board_age_us),
     .min = 100e3,
     .max = 24 * HOUR_US,
     .fallback = "60 s"},
    {.name = "lost-after",
     .kind = KEY_SPAN,
     .offset = FIELD(lost_after_us),
     .min = 1e6,
     .max = 24e3 * HOUR_US,
     .word = "never",
     .word_value = 0x1p64,
     .fallback = "never"},
    {.name = "home-lost-after",
     .kind = KEY_SPAN,
     .offset = FIELD(home_lost_after_us),
     .min = 1e6,
     .max = 24e3 * HOUR_US,
     .word = "never",
     .word_value = 0x1p64,
     .fallback = "never"},
    {.name = "latency",
     .kind = KEY_SPAN,
     .offset = FIELD(latency_us),
     .max = 60e6,
     .fallback = "200 us"},
    {.name = "bandwidth",
     .kind = KEY_BANDWIDTH,
     .offset = FIELD(bytes_per_s),
     .min = BYTES_PER_S_MIN,
     .max = BYTES_PER_S_MAX,
     .fallback = "1 Gbps"},
    {.name = "guests",
     .kind = KEY_COUNT16,
     .offset = FIELD(guest_limit),
     .fallback = "8"},
    {.name = "owner-first",
     .kind = KEY_YES_NO,
     .offset = FIELD(owner_first),
     .fallback = "false"},
    {.name = "seed", .kind = KEY_OWN, .read = seed_read},
    {.name = NULL},
};
static const struct section config_section = {.name = "configuration",
                                              .keys = config_keys};
#undef FIELD

/* ---- The whole. ---------------------------------------------------------- */

struct path_key
{
    const char *name;
    const char *path;
};

/* Where a value stands, for what is wrong with it as a whole. */
static const struct place *place_of(const struct item *root, const char *key)
{
    const struct item *item = item_find(root, key);
    return item ? &item->at : &root->at;
}

static int check_paths(struct key_reader *r,
                       const struct item *root,
                       const struct config *config)
{
    const struct path_key paths[] = {{"roster", config->roster},
                                     {"state", config->state},
                                     {"socket", config->socket},
                                     {"journal", config->journal.file}};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (paths[i].path && paths[i].path[0] != '/')
            return key_refuse(r, place_of(root, paths[i].name),
                              "%s: '%s' is no absolute path, begin it with /, "
                              "a daemon starts in any folder",
                              paths[i].name, item_shown(paths[i].path).text);
    return 0;
}

static int check(struct key_reader *r,
                 const struct item *root,
                 const struct config *config)
{
    int error = check_paths(r, root, config);
    if (!error && config->look_us > config->sample_us)
        error = key_refuse(r, place_of(root, "look"),
                           "look: longer than sample, of which nothing would "
                           "be known, make it a tenth of it or less");
    if (!error && config->policies->policy_count == 0)
        error = key_refuse(r, place_of(root, "policies"),
                           "policies: the list is empty, name at least one "
                           "that gossips, such as gossip_vector");
    return error;
}

void config_finish(struct config *config)
{
    free(config->node);
    free(config->state);
    free(config->roster);
    free(config->socket);
    free(config->group);
    free(config->journal.file);
    if (config->policies)
        policies_destroy(config->policies->policies,
                         config->policies->policy_count);
    free(config->policies);
    *config = (struct config){0};
}

int config_parse(const char *text,
                 size_t text_bytes,
                 const char *file,
                 struct config *ret,
                 struct complaint *c)
{
    struct item root;
    struct config config = {0};
    if (text_bytes > CONFIG_BYTES_MAX)
        return complain(c, -EFBIG, file, 0, 0,
                        "more than %d bytes, this is no configuration",
                        CONFIG_BYTES_MAX);
    int error = document_parse(text, text_bytes, file, &root, c);
    if (error)
        return error;
    config.policies = calloc(1, sizeof *config.policies);
    struct key_reader r = {.scenario = config.policies, .complaint = c};
    snprintf(c->file, sizeof c->file, "%s", file);
    error = config.policies ? section_read(&r, &config_section, &root, &config)
                            : key_refuse_memory(&r);
    if (!error)
        error = check(&r, &root, &config);
    item_finish(&root);
    if (error)
        config_finish(&config);
    else
        *ret = config;
    return error;
}

int config_read(const char *file, struct config *ret, struct complaint *c)
{
    char *text;
    size_t text_bytes;
    int error = file_read(file, &text, &text_bytes, c);
    if (error)
        return error;
    error = config_parse(text, text_bytes, file, ret, c);
    free(text);
    return error;
}

size_t config_policies(const struct config *config,
                       struct node_policy ret[NODE_POLICIES_MAX])
{
    const struct scenario *s = config->policies;
    for (size_t i = 0; i < s->policy_count; i++)
        ret[i] =
            (struct node_policy){s->policies[i].policy, s->policies[i].params};
    return s->policy_count;
}

char *config_policies_text(const struct config *config)
{
    return scenario_policies_text(config->policies);
}
