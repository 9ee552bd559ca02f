/* replay.c - see replay.h. */
#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replayed
{
    node_id id;
    usec_t now_us;
    struct node *node;
    bool down;
    struct cluster_info *map;       /* Kept by the node until the next, */
    struct cluster_record *records; /* as these. */
};

struct replay
{
    const char *name;
    struct scenario *policies; /* Holds the list of the header. */
    struct node_policy list[NODE_POLICIES_MAX];
    struct journal_header header;
    struct replayed *nodes; /* By ascending id. */
    size_t node_count;
    struct journal_room room;
    struct batch *batch;
    const struct replay_listener *listener;
    node_id stepped;    /* Whose actions come next, */
    usec_t at_us;       /* of this instant. */
    size_t action_next; /* Of the batch: to be compared. */
    struct replay_counts counts;
    struct complaint *complaint;
};

/* Of the line that is being read. */
static int refuse(struct replay *r, const char *what)
{
    return complain(r->complaint, -EINVAL, r->name, r->header.line_count, 0,
                    "%s", what);
}

static int no_memory(struct replay *r)
{
    return complain(r->complaint, -ENOMEM, r->name, r->header.line_count, 0,
                    "there is not enough memory to replay this; use a machine "
                    "with more");
}

/* ---- Nodes. -------------------------------------------------------------- */

static void *block_of(const struct node_config *config)
{
    return aligned_alloc(16, (node_bytes(config) + 15) / 16 * 16);
}

/* Where it is, or belongs. */
static size_t place_of(const struct replay *r, node_id id)
{
    size_t low = 0, high = r->node_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->nodes[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct replayed *find_node(const struct replay *r, node_id id)
{
    size_t place = place_of(r, id);
    return place < r->node_count && r->nodes[place].id == id ? &r->nodes[place]
                                                             : NULL;
}

/* NULL: no memory. */
static struct replayed *add_node(struct replay *r,
                                 node_id id,
                                 const struct event *start)
{
    cluster_id cluster = start->map[0].id;
    size_t place = place_of(r, id);
    struct replayed *nodes =
        realloc(r->nodes, (r->node_count + 1) * sizeof *nodes);
    if (!nodes)
        return NULL;
    r->nodes = nodes;
    struct node_config config = node_config_default();
    config.id = id;
    config.seed = r->header.seed;
    config.policies = r->list;
    config.policy_count = r->policies->policy_count;
    config.board_max = (uint32_t)r->header.board_max;
    config.board_age_us = r->header.board_age_us;
    if (r->header.lost_after_us > 0)
        config.lost_after_us = r->header.lost_after_us;
    if (r->header.home_lost_after_us > 0)
        config.home_lost_after_us = r->header.home_lost_after_us;
    config.flood_burst = r->header.flood_burst;
    config.flood_per_s_milli = r->header.flood_per_s_milli;
    config.owner_first = r->header.owner_first[cluster / 8] >> cluster % 8 & 1;
    void *block = block_of(&config);
    if (!block)
        return NULL;
    memmove(&nodes[place + 1], &nodes[place],
            (r->node_count++ - place) * sizeof *nodes);
    nodes[place] =
        (struct replayed){.id = id, .node = node_init(block, &config)};
    return &nodes[place];
}

static bool grow(struct replayed *n)
{
    struct node_config config = node_config_of(n->node);
    config.proc_max *= 2;
    config.away_max *= 2;
    void *block = block_of(&config);
    if (!block)
        return false;
    struct node *larger = node_copy(block, &config, n->node);
    free(n->node);
    n->node = larger;
    return true;
}

static bool knows(const struct node *node, proc_id id)
{
    size_t count;
    const struct proc_info *procs = node_procs(node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == id)
            return true;
    return false;
}

static bool has_away(const struct node *node, proc_id id)
{
    size_t count;
    const struct away *away = node_away(node, &count);
    for (size_t i = 0; i < count; i++)
        if (away[i].proc == id)
            return true;
    return false;
}

/* ---- Events. ------------------------------------------------------------- */

static void differ(struct replay *r,
                   const struct record *journal,
                   const struct record *now)
{
    const struct replay_difference difference = {
        .journal = journal,
        .now = now,
        .node = journal ? journal->node : now->node,
        .at_us = journal ? journal->at_us : now->at_us};
    r->counts.differences++;
    if (r->listener)
        r->listener->differs(r->listener->who, &difference);
}

/* What was left undone in the journal is a difference too. */
static void finish_step(struct replay *r)
{
    for (; r->action_next < r->batch->count; r->action_next++) {
        struct record now;
        journal_of_any_action(&r->batch->actions[r->action_next], r->at_us,
                              r->stepped, &now);
        differ(r, NULL, &now);
    }
}

/* As much room as the bytes of the event can fill: a process, a cluster and a
 * record take 30 or more each. Clusters and records are the caller's to free or
 * to keep. */
static bool make_room(struct replay *r, const struct record *record)
{
    enum { ENTRY_BYTES_MIN = RECORD_HEAD_WIRE_BYTES };
    size_t count = record->byte_count / ENTRY_BYTES_MIN + 1;
    if (r->room.procs_max < count) {
        struct proc_info *procs = calloc(count, sizeof *procs);
        if (!procs)
            return false;
        free(r->room.procs);
        r->room.procs = procs;
        r->room.procs_max = count;
    }
    uint64_t kind = record->values[EVENT_KIND];
    bool has_map = kind == EVENT_START || kind == EVENT_MAP;
    r->room.map = has_map ? calloc(count, sizeof *r->room.map) : NULL;
    r->room.map_max = has_map ? count : 0;
    r->room.records = has_map ? calloc(count, sizeof *r->room.records) : NULL;
    r->room.records_max = r->room.map_max;
    return !has_map || (r->room.map && r->room.records);
}

static void drop_room(struct replay *r)
{
    free(r->room.map);
    free(r->room.records);
    r->room.map = NULL;
    r->room.records = NULL;
}

/* The node keeps what the event pointed to. */
static void keep_room(struct replay *r,
                      struct replayed *n,
                      const struct event *event)
{
    if (!event->map)
        return;
    free(n->map);
    free(n->records);
    n->map = r->room.map;
    n->records = event->records ? r->room.records : NULL;
    r->room.map = NULL;
    if (n->records)
        r->room.records = NULL;
}

/* A later node may not have started yet. */
static void go_down(struct replay *r, node_id id)
{
    struct replayed *n = find_node(r, id);
    if (n)
        n->down = true;
}

/* What a host never says, and a node takes for a bug of its host. NULL if it
 * may be said. */
static const char *impossible(const struct replayed *n,
                              const struct event *event)
{
    if (!n)
        return event->kind == EVENT_START
                   ? NULL
                   : "an event of a node before its start; the journal is "
                     "damaged or cut: copy or make it again";
    if (event->kind == EVENT_START)
        return n->down ? NULL
                       : "a second start of this node, which did not go down; "
                         "one journal is of one run";
    if (n->down)
        return "an event of a node that is down; the journal is damaged: copy "
               "or make it again";
    if (event->now_us < n->now_us)
        return "the clock of this node goes back; the journal is damaged: copy "
               "or make it again";
    proc_id id = event->proc_count > 0 ? event->procs[0].id : 0;
    if (event->kind == EVENT_SUBMIT &&
        (id == 0 || knows(n->node, id) || has_away(n->node, id)))
        return "this process was submitted before, or has no number; the "
               "journal is damaged: copy or make it again";
    if (event->kind == EVENT_IMAGE && (id == 0 || knows(n->node, id)))
        return "the image of a process that is here already, or has no number; "
               "the journal is damaged: copy or make it again";
    return NULL;
}

static void boot(struct replayed *n)
{
    struct node_config config = node_config_of(n->node);
    n->node = node_init(n->node, &config);
    n->down = false;
}

static int step(struct replay *r, node_id id, const struct event *event)
{
    struct replayed *n = find_node(r, id);
    const char *what = impossible(n, event);
    if (what)
        return refuse(r, what);
    if (!n)
        n = add_node(r, id, event);
    else if (n->down)
        boot(n);
    if (!n || (node_crowded(n->node) && !grow(n)))
        return no_memory(r);
    n->now_us = event->now_us;
    r->stepped = id;
    r->action_next = 0;
    node_step(n->node, event, r->batch);
    r->counts.events++;
    keep_room(r, n, event);
    return 0;
}

static int take_event(struct replay *r, const struct record *record)
{
    struct event event;
    finish_step(r);
    r->at_us = record->at_us;
    if (!make_room(r, record))
        return no_memory(r);
    int error;
    if (journal_event(record, &r->room, &event) &&
        event.kind == record->values[EVENT_KIND])
        error = step(r, record->node, &event);
    else
        error = refuse(r,
                       "this event is damaged; copy or make the journal "
                       "again");
    drop_room(r);
    return error;
}

/* ---- Actions. ------------------------------------------------------------ */

static bool same_bytes(const struct record *a, const struct record *b)
{
    return a->byte_count == b->byte_count &&
           (a->byte_count == 0 ||
            memcmp(a->bytes, b->bytes, a->byte_count) == 0);
}

static bool same(const struct record *a, const struct record *b)
{
    return a->proc == b->proc && a->peer == b->peer &&
           memcmp(a->values, b->values, sizeof a->values) == 0 &&
           strcmp(a->why, b->why) == 0 && same_bytes(a, b);
}

static void take_action(struct replay *r, const struct record *record)
{
    r->counts.actions++;
    if (record->node != r->stepped || r->action_next >= r->batch->count) {
        differ(r, record, NULL);
        return;
    }
    struct record now;
    journal_of_any_action(&r->batch->actions[r->action_next++], record->at_us,
                          record->node, &now);
    if (!same(record, &now))
        differ(r, record, &now);
}

/* ---- Differences, for people. -------------------------------------------- */

static const char *const action_names[ACTION_KINDS] = {
    [ACTION_SEND] = "send",       [ACTION_CARRY] = "carry",
    [ACTION_CANCEL] = "cancel",   [ACTION_RUN] = "run",
    [ACTION_DROP] = "drop",       [ACTION_FREEZE] = "freeze",
    [ACTION_THAW] = "thaw",       [ACTION_KILL] = "kill",
    [ACTION_RECORD] = "record",   [ACTION_ENDED] = "ended",
    [ACTION_LOST] = "lost",       [ACTION_ASKED] = "asked",
    [ACTION_REFUSED] = "refused", [ACTION_HELD] = "held",
    [ACTION_MOVED] = "moved",     [ACTION_FAILED] = "failed",
    [ACTION_DENIED] = "denied",
};

static void put_action(FILE *out, const struct record *record)
{
    if (!record) {
        fputs("nothing\n", out);
        return;
    }
    uint64_t kind = record->values[ACTION_KIND];
    fprintf(out, "%s, process ",
            kind < ACTION_KINDS ? action_names[kind] : "unknown");
    if (record->proc != 0)
        fprintf(out, "%" PRIu64, record->proc);
    else
        fputc('-', out);
    fputs(", node ", out);
    if (record->peer != NODE_NONE)
        fprintf(out, "%" PRIu32, record->peer);
    else
        fputc('-', out);
    fprintf(out, ": %s\n", record->why[0] ? record->why : "-");
}

static void put_field(FILE *out, const char *name, size_t *count)
{
    fprintf(out, "%s%s", (*count)++ > 0 ? ", " : " differs in ", name);
}

static void put_fields(FILE *out,
                       const struct record *a,
                       const struct record *b)
{
    const char *const *names = journal_kinds[RECORD_ACTION].values;
    size_t count = 0;
    for (size_t i = 0; names[i]; i++)
        if (a->values[i] != b->values[i])
            put_field(out, names[i], &count);
    if (a->proc != b->proc)
        put_field(out, "process", &count);
    if (a->peer != b->peer)
        put_field(out, "node", &count);
    if (!same_bytes(a, b))
        put_field(out, "bytes", &count);
    if (strcmp(a->why, b->why) != 0)
        put_field(out, "reason", &count);
}

char *replay_describe(const struct replay_difference *difference,
                      char *ret_text,
                      size_t text_bytes)
{
    ret_text[0] = 0;
    FILE *out = fmemopen(ret_text, text_bytes, "w");
    if (!out)
        return ret_text;
    fprintf(out, "node %" PRIu32 ", %" PRIu64 " us:", difference->node,
            difference->at_us);
    if (difference->journal && difference->now)
        put_fields(out, difference->journal, difference->now);
    fputs("\n  journal: ", out);
    put_action(out, difference->journal);
    fputs("  now:     ", out);
    put_action(out, difference->now);
    fclose(out);
    ret_text[text_bytes - 1] = 0;
    return ret_text;
}

/* ---- The header. --------------------------------------------------------- */

static int check_header(struct replay *r)
{
    const struct journal_header *h = &r->header;
    const struct
    {
        bool has;
        const char *name;
    } keys[] = {{h->has_level, "level"},
                {h->has_seed, "seed"},
                {h->policies_line > 0, "policies"},
                {h->board_max > 0, "board"},
                {h->has_board_age, "board-age-us"}};
    char names[64] = "";
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!keys[i].has) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof names - used, "%s%s",
                     used > 0 ? ", " : "", keys[i].name);
        }
    if (names[0])
        return complain(r->complaint, -EINVAL, r->name, h->line_count, 0,
                        "the header ends here without: %s; the file is "
                        "truncated or damaged: copy or make it again",
                        names);
    if (!h->full)
        return complain(r->complaint, -ENOTSUP, r->name, h->line_count, 0,
                        "this journal has decisions only; run again with "
                        "`--journal=full`");
    return 0;
}

static int begin(struct replay *r)
{
    static const char frame[] =
        "{vencejo: 1, name: replay, seed: 0, clusters: {c: {nodes: 1, cores: "
        "1, speed: 1.0, memory: 1 MiB, swap: 0 B, link: {bandwidth: 1 Gbps, "
        "latency: 1 us}}}, workload: {batch: {count: 1, cpu: 1 s, memory: 4 "
        "KiB}}, policies: []}\n";
    int error = check_header(r);
    if (error)
        return error;
    struct complaint of_list = {.line = 0};
    error = scenario_parse(frame, sizeof frame - 1, "replay", NULL, 0,
                           &r->policies, &of_list);
    if (!error)
        error =
            scenario_set_policies(r->policies, r->header.policies, &of_list);
    if (error)
        return complain(r->complaint, error, r->name, r->header.policies_line,
                        0, "%s", of_list.text);
    for (size_t i = 0; i < r->policies->policy_count; i++)
        r->list[i] = (struct node_policy){r->policies->policies[i].policy,
                                          r->policies->policies[i].params};
    return 0;
}

/* ---- A journal. ---------------------------------------------------------- */

static int take(void *who, const struct record *record)
{
    struct replay *r = who;
    int error = r->policies ? 0 : begin(r);
    if (!error && record->kind == RECORD_EVENT)
        error = take_event(r, record);
    else if (!error && record->kind == RECORD_ACTION)
        take_action(r, record);
    else if (!error && record->kind == RECORD_DOWN)
        go_down(r, record->node);
    return error;
}

static int prepare(struct replay *r)
{
    r->batch = malloc(sizeof *r->batch);
    struct policy_out *out = malloc(policy_out_bytes());
    if (!r->batch || !out) {
        free(r->batch);
        free(out);
        return no_memory(r);
    }
    r->batch->count = 0;
    r->batch->out = out;
    return 0;
}

static int conclude(struct replay *r, int error)
{
    if (!error && !r->policies)
        error = begin(r);
    if (!error && r->counts.events == 0)
        error = refuse(r,
                       "a full journal has events, and this one ends "
                       "without any: the file is truncated; copy or make it "
                       "again");
    if (!error)
        finish_step(r);
    for (size_t i = 0; i < r->node_count; i++) {
        free(r->nodes[i].node);
        free(r->nodes[i].map);
        free(r->nodes[i].records);
    }
    free(r->nodes);
    free(r->room.procs);
    free(r->batch->out);
    free(r->batch);
    scenario_destroy(r->policies);
    return error;
}

int replay_text(char *text,
                size_t text_bytes,
                const char *name,
                const struct replay_listener *listener,
                struct replay_counts *ret_counts,
                struct complaint *ret_complaint)
{
    struct replay r = {
        .name = name, .listener = listener, .complaint = ret_complaint};
    int error = prepare(&r);
    if (error)
        return error;
    error = journal_text_read(text, text_bytes, name, &r.header, take, &r,
                              ret_complaint);
    error = conclude(&r, error);
    journal_header_finish(&r.header);
    if (!error)
        *ret_counts = r.counts;
    return error;
}

int replay_file(const char *path,
                const struct replay_listener *listener,
                struct replay_counts *ret_counts,
                struct complaint *ret_complaint)
{
    char *text;
    size_t text_bytes;
    int error = journal_file_load(path, &text, &text_bytes, ret_complaint);
    if (error)
        return error;
    error = replay_text(text, text_bytes, path, listener, ret_counts,
                        ret_complaint);
    free(text);
    return error;
}
