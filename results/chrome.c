/* chrome.c - the Trace Event Format of chrome://tracing and Perfetto. */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "export.h"

/* Text that is not UTF-8 must not end the export. */
static json_t *text(const char *bytes)
{
    json_t *string = json_string(bytes);
    return string != NULL ? string : json_string("(not UTF-8)");
}

static void put(struct export *export, json_t *event)
{
    assert(event != NULL);
    fputs(export->begun ? ",\n" : "\n", export->out);
    export->begun = true;
    json_dumpf(event, export->out, JSON_COMPACT);
    json_decref(event);
}

static json_int_t pid_of(size_t cluster)
{
    return cluster == SIZE_MAX ? 0 : (json_int_t)cluster + 1;
}

/* ---- Names of what is there. --------------------------------------------- */

static void put_name(struct export *export,
                     const char *what,
                     json_int_t pid,
                     json_int_t tid,
                     json_t *args)
{
    put(export, json_pack("{s:s, s:s, s:I, s:I, s:o}", "name", what, "ph", "M",
                          "pid", pid, "tid", tid, "args", args));
}

/* Threads stand in the order of their nodes; place 0 is the node itself. */
static void name_thread(struct export *export,
                        size_t cluster,
                        node_id node,
                        uint64_t tid,
                        uint64_t place)
{
    enum { PLACES = 1000 };
    char name[64];
    node_id index = node - export->grid->clusters[cluster].first;
    uint64_t order =
        (uint64_t)index * PLACES + (place < PLACES ? place : PLACES - 1) + 1;
    snprintf(name, sizeof(name),
             place == 0 ? "node %" PRIu32 : "node %" PRIu32 " lane %" PRIu64,
             node, place);
    put_name(export, "thread_name", pid_of(cluster), (json_int_t)tid,
             json_pack("{s:s}", "name", name));
    put_name(export, "thread_sort_index", pid_of(cluster), (json_int_t)tid,
             json_pack("{s:I}", "sort_index", (json_int_t)order));
}

static json_int_t lane_tid(struct export *export,
                           size_t cluster,
                           node_id node,
                           uint32_t lane)
{
    uint64_t *tid = export_lane(export, node, lane);
    if (*tid == 0) {
        *tid = ++export->last_number;
        name_thread(export, cluster, node, *tid, (uint64_t)lane + 1);
    }
    return (json_int_t)*tid;
}

/* That of the cluster, 0, if there is no node. */
static json_int_t node_tid(struct export *export, size_t cluster, node_id node)
{
    if (node == NODE_NONE)
        return 0;
    uint64_t *tid = &export->nodes[node].self;
    if (*tid == 0) {
        *tid = ++export->last_number;
        name_thread(export, cluster, node, *tid, 0);
    }
    return (json_int_t)*tid;
}

struct export *chrome_create(const struct grid *grid,
                             const struct history_run *run,
                             FILE *out)
{
    struct export *export = export_create(grid, run, out);
    json_t *about =
        json_pack("{s:o, s:o, s:o, s:I}", "scenario", text(run->scenario),
                  "policies", text(run->policies), "commit", text(run->commit),
                  "seed", (json_int_t)run->seed);
    assert(about != NULL);
    fputs("{\"displayTimeUnit\": \"ms\", \"otherData\": ", out);
    json_dumpf(about, out, JSON_COMPACT);
    json_decref(about);
    fputs(", \"traceEvents\": [", out);
    put_name(export, "process_name", 0, 0, json_pack("{s:s}", "name", "grid"));
    for (size_t i = 0; i < grid->count; i++) {
        put_name(export, "process_name", pid_of(i), 0,
                 json_pack("{s:o}", "name", text(grid->clusters[i].name)));
        put_name(export, "process_sort_index", pid_of(i), 0,
                 json_pack("{s:I}", "sort_index", pid_of(i)));
        put_name(export, "thread_name", pid_of(i), 0,
                 json_pack("{s:s}", "name", "cluster"));
    }
    return export;
}

/* ---- Events. ------------------------------------------------------------- */

static json_t *base(const struct history_event *event,
                    const char *phase,
                    const char *category,
                    const char *name,
                    uint64_t ts_us,
                    json_int_t tid)
{
    return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I}", "ph", phase, "cat",
                     category, "name", text(name), "ts", (json_int_t)ts_us,
                     "pid", pid_of(event->cluster), "tid", tid);
}

static void put_spell(struct export *export, const struct history_event *event)
{
    const struct history_life *life = event->life;
    bool frozen = life->state == HISTORY_FROZEN;
    char name[EXPORT_NAME_BYTES], number[32];
    if (life->lane == HISTORY_NO_LANE)
        return;
    export_name(export, life, name);
    snprintf(number, sizeof(number), "%" PRIu64, life->proc);
    json_t *x =
        base(event, "X", frozen ? "frozen" : "running", name, event->since_us,
             lane_tid(export, event->cluster, event->node, life->lane));
    json_object_set_new(
        x, "dur", json_integer((json_int_t)(event->at_us - event->since_us)));
    json_object_set_new(
        x, "args",
        json_pack("{s:s, s:I, s:I, s:I, s:o}", "process", number, "home",
                  (json_int_t)life->home, "user", (json_int_t)life->user, "job",
                  (json_int_t)life->job, "until", text(event->why)));
    put(export, x);
}

/* A flow begins inside of the slice that it leaves, and ends at the begin of
 * that which it enters. What waits has no slice: it flows from its node. */
static void put_flow(struct export *export,
                     const struct history_event *event,
                     const char *phase,
                     uint64_t ts_us,
                     json_int_t tid)
{
    json_t *flow = base(event, phase, "move", "move", ts_us, tid);
    json_object_set_new(flow, "id",
                        json_integer((json_int_t)event->life->move));
    if (phase[0] == 'f')
        json_object_set_new(flow, "bp", json_string("e"));
    put(export, flow);
}

static json_int_t life_tid(struct export *export,
                           const struct history_event *event,
                           uint32_t lane)
{
    return lane == HISTORY_NO_LANE
               ? node_tid(export, event->cluster, event->node)
               : lane_tid(export, event->cluster, event->node, lane);
}

static void put_departure(struct export *export,
                          const struct history_event *event)
{
    const struct history_life *life = event->life;
    uint64_t ts_us = event->at_us;
    if (life->lane != HISTORY_NO_LANE && event->since_us < ts_us)
        ts_us--;
    put_flow(export, event, "s", ts_us, life_tid(export, event, life->lane));
}

static void put_instant(struct export *export,
                        const struct history_event *event,
                        const char *category,
                        const char *name)
{
    json_t *instant = base(event, "i", category, name, event->at_us,
                           node_tid(export, event->cluster, event->node));
    json_object_set_new(instant, "s",
                        json_string(event->cluster == SIZE_MAX ? "g"
                                    : event->node == NODE_NONE ? "p"
                                                               : "t"));
    json_object_set_new(instant, "args",
                        json_pack("{s:o}", "why", text(event->why)));
    put(export, instant);
}

/* B at the begin and E at the end, so that dates ascend on every track. */
static void put_edge(struct export *export,
                     const struct history_event *event,
                     const char *phase,
                     const char *name)
{
    put(export, base(event, phase, "owner", name, event->at_us,
                     node_tid(export, event->cluster, event->node)));
}

/* Once for each date. */
static void put_counters(struct export *export)
{
    for (size_t i = 0; i < export->change_count; i++) {
        size_t cluster = export->changes[i];
        struct history_event event = {.cluster = cluster};
        json_t *args = json_object();
        json_t *counter =
            base(&event, "C", "processes", "processes", export->at_us, 0);
        for (size_t count = 0; count < EXPORT_COUNTS; count++)
            json_object_set_new(
                args, export_count_names[count],
                json_integer((json_int_t) export->counts[cluster][count]));
        json_object_set_new(counter, "args", args);
        put(export, counter);
        export->changed[cluster] = false;
    }
    export->change_count = 0;
}

void chrome_take(void *who, const struct history_event *event)
{
    struct export *export = who;
    if (export->at_us < event->at_us)
        put_counters(export);
    export->at_us = event->at_us;
    switch (event->kind) {
        case HISTORY_ENTERED:
            export_count(export, event);
            break;
        case HISTORY_LEFT:
            export_count(export, event);
            put_spell(export, event);
            break;
        case HISTORY_DEPARTED:
            put_departure(export, event);
            break;
        case HISTORY_STRAYED:
            put_flow(export, event, "f", event->at_us,
                     node_tid(export, event->cluster, event->node));
            break;
        case HISTORY_ARRIVED:
            put_flow(export, event, "f", event->at_us,
                     life_tid(export, event, event->lane));
            break;
        case HISTORY_DOWN:
            put_edge(export, event, "B", "down");
            break;
        case HISTORY_UP:
            put_edge(export, event, "E", "down");
            break;
        case HISTORY_ISOLATED:
            put_edge(export, event, "B", "isolated");
            break;
        case HISTORY_REJOINED:
            put_edge(export, event, "E", "isolated");
            break;
        case HISTORY_WISHED:
            put_instant(export, event, "owner", history_wish_name(event->wish));
            break;
        case HISTORY_FAULT:
            put_instant(export, event, "fault", "fault");
            break;
        case HISTORY_OVER:
            break;
        default:
            put_instant(export, event, "checkpoint", "checkpoint");
            break;
    }
}

void chrome_end(struct export *export)
{
    put_counters(export);
    fputs("\n]}\n", export->out);
}
