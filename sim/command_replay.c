/* command_replay.c - vencejo sim replay: a journal's events, fed to the same
 * policies; do they act the same?
 *
 * Needs a journal of level full, from whatever host: what happened on a real
 * cluster is looked into on a laptop.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../cli/terminal.h"
#include "commands.h"
#include "journal_file.h"

enum { SHOWN_MAX = 10, PROCS_MAX = 1 << 16, CLUSTERS_MAX = 4096 };

struct replayed
{
    node_id id;
    struct node *node;
    struct cluster_info *map; /* Kept by the node until the next. */
};

struct replay
{
    struct scenario *policies; /* Holds the list of the header. */
    struct node_policy list[NODE_POLICIES_MAX];
    struct journal_header header;
    struct replayed *nodes; /* By ascending id. */
    size_t node_count;
    struct journal_room room;
    struct batch *batch;
    struct policy_out *out;
    node_id stepped;    /* Whose actions come next. */
    size_t action_next; /* Of the batch: to be compared. */
    uint64_t events;
    uint64_t actions;
    uint64_t differences;
    bool json;
    struct complaint complaint;
};

/* ---- Nodes. -------------------------------------------------------------- */

static void *block_of(const struct node_config *config)
{
    void *block = aligned_alloc(16, (node_bytes(config) + 15) / 16 * 16);
    if (!block)
        abort();
    return block;
}

static struct replayed *node_of(struct replay *r, node_id id)
{
    size_t low = 0, high = r->node_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->nodes[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < r->node_count && r->nodes[low].id == id)
        return &r->nodes[low];
    r->nodes = realloc(r->nodes, (r->node_count + 1) * sizeof *r->nodes);
    if (!r->nodes)
        abort();
    memmove(&r->nodes[low + 1], &r->nodes[low],
            (r->node_count++ - low) * sizeof *r->nodes);
    struct node_config config = node_config_default();
    config.id = id;
    config.seed = r->header.seed;
    config.policies = r->list;
    config.policy_count = r->policies->policy_count;
    config.board_max = (uint32_t)r->header.board_max;
    config.board_age_us = r->header.board_age_us;
    r->nodes[low] = (struct replayed){
        .id = id, .node = node_init(block_of(&config), &config)};
    return &r->nodes[low];
}

static void grow(struct replayed *n)
{
    struct node_config config = node_config_of(n->node);
    config.proc_max *= 2;
    config.away_max *= 2;
    struct node *larger = node_copy(block_of(&config), &config, n->node);
    free(n->node);
    n->node = larger;
}

/* ---- Records. ------------------------------------------------------------ */

static void show_difference(struct replay *r,
                            const struct record *record,
                            const struct action *action)
{
    if (r->differences++ >= SHOWN_MAX || r->json)
        return;
    printf("node %" PRIu32 ", %" PRIu64 " us:\n", record->node, record->at_us);
    printf("  journal: %s, process %" PRIu64 ", node %" PRIu32 ": %s\n",
           record->kind == RECORD_ACTION ? "action" : "none", record->proc,
           record->peer, record->why);
    if (action)
        printf("  now:     action, process %" PRIu64 ", node %" PRIu32 ": %s\n",
               action->proc, action->peer, action->why);
    else
        printf("  now:     nothing\n");
}

/* What was left undone in the journal is a difference too. */
static void finish_step(struct replay *r, usec_t at_us)
{
    for (; r->action_next < r->batch->count; r->action_next++) {
        struct record none = {.kind = RECORD_EVENT,
                              .node = r->stepped,
                              .at_us = at_us,
                              .peer = NODE_NONE,
                              .why = "nothing"};
        show_difference(r, &none, &r->batch->actions[r->action_next]);
    }
}

static int take_event(struct replay *r, const struct record *record)
{
    struct event event;
    finish_step(r, record->at_us);
    struct replayed *n = node_of(r, record->node);
    r->room.map = calloc(CLUSTERS_MAX, sizeof *r->room.map);
    if (!r->room.map)
        abort();
    if (!journal_event(record, &r->room, &event)) {
        free(r->room.map);
        return complain(&r->complaint, -EINVAL, NULL, 0, 0,
                        "an event of node %" PRIu32 " at %" PRIu64
                        " us is damaged or larger than %d processes",
                        record->node, record->at_us, PROCS_MAX);
    }
    if (event.map == r->room.map) {
        free(n->map);
        n->map = r->room.map;
    } else {
        free(r->room.map);
    }
    if (node_crowded(n->node))
        grow(n);
    node_step(n->node, &event, r->batch);
    r->stepped = record->node;
    r->action_next = 0;
    r->events++;
    return 0;
}

static bool same(const struct record *a, const struct record *b)
{
    return a->proc == b->proc && a->peer == b->peer &&
           memcmp(a->values, b->values, sizeof a->values) == 0 &&
           strcmp(a->why, b->why) == 0 && a->byte_count == b->byte_count &&
           (a->byte_count == 0 ||
            memcmp(a->bytes, b->bytes, a->byte_count) == 0);
}

static void take_action(struct replay *r, const struct record *record)
{
    r->actions++;
    if (record->node != r->stepped || r->action_next >= r->batch->count) {
        show_difference(r, record, NULL);
        return;
    }
    const struct action *action = &r->batch->actions[r->action_next++];
    struct record now;
    journal_of_any_action(action, record->at_us, record->node, &now);
    if (!same(record, &now))
        show_difference(r, record, action);
}

static int begin(struct replay *r)
{
    if (!r->header.full)
        return complain(&r->complaint, -ENOTSUP, NULL, 0, 0,
                        "this journal has decisions only; run again with "
                        "`--journal=full`");
    static const char frame[] =
        "{vencejo: 1, name: replay, seed: 0, clusters: {c: {nodes: 1, cores: "
        "1, speed: 1.0, memory: 1 MiB, swap: 0 B, link: {bandwidth: 1 Gbps, "
        "latency: 1 us}}}, workload: {batch: {count: 1, cpu: 1 s, memory: 4 "
        "KiB}}, policies: []}\n";
    int error = scenario_parse(frame, sizeof frame - 1, "replay", NULL, 0,
                               &r->policies, &r->complaint);
    if (!error)
        error = scenario_set_policies(r->policies, r->header.policies,
                                      &r->complaint);
    for (size_t i = 0; !error && i < r->policies->policy_count; i++)
        r->list[i] = (struct node_policy){r->policies->policies[i].policy,
                                          r->policies->policies[i].params};
    return error;
}

static int take(void *who, const struct record *record)
{
    struct replay *r = who;
    if (!r->policies) {
        int error = begin(r);
        if (error)
            return error;
    }
    if (record->kind == RECORD_EVENT)
        return take_event(r, record);
    if (record->kind == RECORD_ACTION)
        take_action(r, record);
    return 0;
}

/* ---- The command. -------------------------------------------------------- */

struct options
{
    const char *path;
    bool json;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
        case 'j':
            o->json = true;
            return 0;
        case ARGP_KEY_ARG:
            if (o->path)
                return ARGP_ERR_UNKNOWN;
            o->path = value;
            return 0;
        case ARGP_KEY_NO_ARGS:
            argp_usage(state);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_table[] = {
    {"json", 'j', NULL, 0, "Print JSON", 0},
    {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "JOURNAL",
    .doc =
        "Feed the events of a full journal to the same policies and compare "
        "every action. Exit 1 if one differs.\v"
        "Example:\n"
        "  vencejo sim run scenarios/sixteen.yaml --out out \\\n"
        "      --journal=full\n"
        "  vencejo sim replay out/journal.tsv.zst"};

static void finish(struct replay *r)
{
    for (size_t i = 0; i < r->node_count; i++) {
        free(r->nodes[i].node);
        free(r->nodes[i].map);
    }
    free(r->nodes);
    free(r->room.procs);
    free(r->batch);
    free(r->out);
    scenario_destroy(r->policies);
}

static void report(const struct replay *r)
{
    if (r->json)
        printf("{\"events\": %" PRIu64 ", \"actions\": %" PRIu64
               ", \"differences\": %" PRIu64 "}\n",
               r->events, r->actions, r->differences);
    else
        printf("%" PRIu64 " events, %" PRIu64 " actions, %" PRIu64
               " differences\n",
               r->events, r->actions, r->differences);
}

int command_replay(int argc, char **argv)
{
    struct options o = {.path = NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct replay r = {
        .json = o.json,
        .room = {.procs = calloc(PROCS_MAX, sizeof *r.room.procs),
                 .procs_max = PROCS_MAX,
                 .map_max = CLUSTERS_MAX},
        .batch = malloc(sizeof *r.batch),
        .out = malloc(policy_out_bytes())};
    if (!r.room.procs || !r.batch || !r.out) {
        finish(&r);
        return EXIT_FAILED;
    }
    r.batch->count = 0;
    r.batch->out = r.out;
    int error = journal_file_read(o.path, &r.header, take, &r, &r.complaint);
    if (!error && r.events == 0)
        error = begin(&r);
    if (error) {
        if (!r.complaint.file[0])
            snprintf(r.complaint.file, sizeof r.complaint.file, "%s", o.path);
        terminal_complain(stderr, &r.complaint);
    } else {
        finish_step(&r, 0);
        report(&r);
    }
    bool differs = r.differences > 0;
    finish(&r);
    if (error == -ENOTSUP)
        return EXIT_REFUSED;
    return error ? EXIT_BAD_INPUT : differs ? EXIT_FAILED : EXIT_RAN;
}
