/* paje.c - the trace format of Paje, which ViTE reads. */
#include <inttypes.h>
#include <string.h>

#include "colour.h"
#include "export.h"

enum paje_event {
    DEFINE_CONTAINER,
    DEFINE_VARIABLE,
    DEFINE_STATE,
    DEFINE_EVENT,
    DEFINE_LINK,
    DEFINE_VALUE,
    CREATE_CONTAINER,
    DESTROY_CONTAINER,
    SET_VARIABLE,
    PUSH_STATE,
    POP_STATE,
    START_LINK,
    END_LINK,
    NEW_EVENT,
    PAJE_EVENTS
};

/* Name and fields; each event has its number by enum paje_event. Process and
 * Why are additions, which the format allows. */
static const char *const definitions[PAJE_EVENTS][9] = {
    [DEFINE_CONTAINER] = {"PajeDefineContainerType", "Alias string",
                          "Type string", "Name string"},
    [DEFINE_VARIABLE] = {"PajeDefineVariableType", "Alias string",
                         "Type string", "Name string", "Color color"},
    [DEFINE_STATE] = {"PajeDefineStateType", "Alias string", "Type string",
                      "Name string"},
    [DEFINE_EVENT] = {"PajeDefineEventType", "Alias string", "Type string",
                      "Name string", "Color color"},
    [DEFINE_LINK] = {"PajeDefineLinkType", "Alias string", "Type string",
                     "StartContainerType string", "EndContainerType string",
                     "Name string"},
    [DEFINE_VALUE] = {"PajeDefineEntityValue", "Alias string", "Type string",
                      "Name string", "Color color"},
    [CREATE_CONTAINER] = {"PajeCreateContainer", "Time date", "Alias string",
                          "Type string", "Container string", "Name string"},
    [DESTROY_CONTAINER] = {"PajeDestroyContainer", "Time date", "Type string",
                           "Name string"},
    [SET_VARIABLE] = {"PajeSetVariable", "Time date", "Type string",
                      "Container string", "Value double"},
    [PUSH_STATE] = {"PajePushState", "Time date", "Type string",
                    "Container string", "Value string", "Process string"},
    [POP_STATE] = {"PajePopState", "Time date", "Type string",
                   "Container string"},
    [START_LINK] = {"PajeStartLink", "Time date", "Type string",
                    "Container string", "StartContainer string", "Value string",
                    "Key string"},
    [END_LINK] = {"PajeEndLink", "Time date", "Type string", "Container string",
                  "EndContainer string", "Value string", "Key string"},
    [NEW_EVENT] = {"PajeNewEvent", "Time date", "Type string",
                   "Container string", "Value string", "Why string"},
};

static void put_definitions(FILE *out)
{
    for (size_t event = 0; event < PAJE_EVENTS; event++) {
        fprintf(out, "%%EventDef %s %zu\n", definitions[event][0], event);
        for (size_t field = 1; definitions[event][field] != NULL; field++)
            fprintf(out, "%%       %s\n", definitions[event][field]);
        fputs("%EndEventDef\n", out);
    }
}

/* A quote or the end of a line would end the field. */
static void put_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        fputc(byte < ' ' || byte == 0x7F ? ' '
              : byte == '"'              ? '\''
                                         : byte,
              out);
    }
    fputc('"', out);
}

static void put_colour(FILE *out, uint32_t colour)
{
    fprintf(out, " \"%.4f %.4f %.4f\"", (colour >> 16 & 0xFF) / 255.0,
            (colour >> 8 & 0xFF) / 255.0, (colour & 0xFF) / 255.0);
}

static void put_value(FILE *out,
                      const char *alias,
                      const char *type,
                      const char *name,
                      uint32_t colour)
{
    fprintf(out, "%d %s %s ", DEFINE_VALUE, alias, type);
    put_text(out, name);
    put_colour(out, colour);
    fputc('\n', out);
}

enum { DARK = 0x404040, GREY = 0xA0A0A0, ICE = 0xBFD3E0 };

/* Types: G grid, C cluster, N node, L lane; S states of lanes, D of nodes, I of
 * clusters; M moves; W wishes, K checkpoints, F faults. */
static void put_types(const struct export *export)
{
    FILE *out = export->out;
    fprintf(out,
            "%d G 0 \"Grid\"\n%d C G \"Cluster\"\n%d N C \"Node\"\n"
            "%d L N \"Lane\"\n"
            "%d S L \"Process\"\n%d D N \"Node state\"\n"
            "%d I C \"Cluster state\"\n%d M G L L \"Migration\"\n",
            DEFINE_CONTAINER, DEFINE_CONTAINER, DEFINE_CONTAINER,
            DEFINE_CONTAINER, DEFINE_STATE, DEFINE_STATE, DEFINE_STATE,
            DEFINE_LINK);
    fprintf(out,
            "%d W C \"Wish\" \"0.84 0.37 0.0\"\n"
            "%d K N \"Checkpoint\" \"0.0 0.45 0.70\"\n"
            "%d F G \"Fault\" \"0.25 0.25 0.25\"\n",
            DEFINE_EVENT, DEFINE_EVENT, DEFINE_EVENT);
    for (size_t count = 0; count < EXPORT_COUNTS; count++) {
        fprintf(out, "%d V%zu C \"%s\"", DEFINE_VARIABLE, count,
                export_count_names[count]);
        put_colour(out, colour_of_cluster(count));
        fputc('\n', out);
    }
    put_value(out, "frozen", "S", "frozen", ICE);
    put_value(out, "down", "D", "down", DARK);
    put_value(out, "isolated", "I", "isolated", GREY);
    put_value(out, "move", "M", "migration", DARK);
    for (size_t i = 0; i < export->grid->count; i++) {
        char alias[32];
        snprintf(alias, sizeof(alias), "h%zu", i);
        put_value(out, alias, "S", export->grid->clusters[i].name,
                  colour_of_cluster(i));
    }
}

static void put_time(struct export *export, enum paje_event event)
{
    fprintf(export->out, "%d %" PRIu64 ".%06" PRIu64 " ", (int)event,
            export->at_us / 1000000, export->at_us % 1000000);
}

struct export *paje_create(const struct grid *grid,
                           const struct history_run *run,
                           FILE *out)
{
    struct export *export = export_create(grid, run, out);
    put_definitions(out);
    put_types(export);
    put_time(export, CREATE_CONTAINER);
    fputs("g G 0 ", out);
    put_text(out, run->scenario);
    fputc('\n', out);
    for (size_t i = 0; i < grid->count; i++) {
        const struct grid_cluster *cluster = &grid->clusters[i];
        put_time(export, CREATE_CONTAINER);
        fprintf(out, "c%zu C g ", i);
        put_text(out, cluster->name);
        fputc('\n', out);
        for (node_id node = cluster->first;
             node - cluster->first < cluster->node_count; node++) {
            put_time(export, CREATE_CONTAINER);
            fprintf(out, "n%" PRIu32 " N c%zu \"node %" PRIu32 "\"\n", node, i,
                    node);
        }
    }
    return export;
}

/* ---- Events. ------------------------------------------------------------- */

/* Lanes are made when they are first used. What waits stands in lane 0. */
static uint64_t lane_of(struct export *export, node_id node, uint32_t lane)
{
    uint32_t index = lane == HISTORY_NO_LANE ? 0 : lane;
    uint64_t *number = export_lane(export, node, index);
    if (*number == 0) {
        *number = ++export->last_number;
        put_time(export, CREATE_CONTAINER);
        fprintf(export->out,
                "l%" PRIu64 " L n%" PRIu32 " \"%" PRIu32 ".%" PRIu32 "\"\n",
                *number, node, node, index + 1);
    }
    return *number;
}

static void put_push(struct export *export, const struct history_event *event)
{
    const struct history_life *life = event->life;
    char name[EXPORT_NAME_BYTES];
    if (life->lane == HISTORY_NO_LANE)
        return;
    uint64_t lane = lane_of(export, event->node, life->lane);
    put_time(export, PUSH_STATE);
    if (life->state == HISTORY_FROZEN)
        fprintf(export->out, "S l%" PRIu64 " frozen ", lane);
    else
        fprintf(export->out, "S l%" PRIu64 " h%zu ", lane,
                grid_cluster_of(export->grid, life->home));
    export_name(export, life, name);
    put_text(export->out, name);
    fputc('\n', export->out);
}

static void put_pop(struct export *export, const struct history_event *event)
{
    const struct history_life *life = event->life;
    if (life->lane == HISTORY_NO_LANE)
        return;
    uint64_t lane = lane_of(export, event->node, life->lane);
    put_time(export, POP_STATE);
    fprintf(export->out, "S l%" PRIu64 "\n", lane);
}

static void put_link(struct export *export,
                     const struct history_event *event,
                     enum paje_event end,
                     uint32_t lane)
{
    uint64_t number = lane_of(export, event->node, lane);
    put_time(export, end);
    fprintf(export->out, "M g l%" PRIu64 " move m%" PRIu64 "\n", number,
            event->life->move);
}

static void put_edge(struct export *export,
                     const struct history_event *event,
                     bool begins)
{
    bool of_node = event->node != NODE_NONE;
    put_time(export, begins ? PUSH_STATE : POP_STATE);
    if (of_node)
        fprintf(export->out, "D n%" PRIu32, event->node);
    else
        fprintf(export->out, "I c%zu", event->cluster);
    if (begins)
        fputs(of_node ? " down \"\"" : " isolated \"\"", export->out);
    fputc('\n', export->out);
}

static void put_mark(struct export *export,
                     const struct history_event *event,
                     char type,
                     const char *value)
{
    put_time(export, NEW_EVENT);
    if (type == 'F')
        fputs("F g ", export->out);
    else if (type == 'K')
        fprintf(export->out, "K n%" PRIu32 " ", event->node);
    else
        fprintf(export->out, "W c%zu ", event->cluster);
    put_text(export->out, value);
    fputc(' ', export->out);
    put_text(export->out, event->why);
    fputc('\n', export->out);
}

/* Once for each date. */
static void put_variables(struct export *export)
{
    for (size_t i = 0; i < export->change_count; i++) {
        size_t cluster = export->changes[i];
        for (size_t count = 0; count < EXPORT_COUNTS; count++) {
            put_time(export, SET_VARIABLE);
            fprintf(export->out, "V%zu c%zu %" PRId64 "\n", count, cluster,
                    export->counts[cluster][count]);
        }
        export->changed[cluster] = false;
    }
    export->change_count = 0;
}

void paje_take(void *who, const struct history_event *event)
{
    struct export *export = who;
    if (export->at_us < event->at_us)
        put_variables(export);
    export->at_us = event->at_us;
    switch (event->kind) {
        case HISTORY_ENTERED:
            export_count(export, event);
            put_push(export, event);
            break;
        case HISTORY_LEFT:
            export_count(export, event);
            put_pop(export, event);
            break;
        case HISTORY_DEPARTED:
            put_link(export, event, START_LINK, event->life->lane);
            break;
        case HISTORY_ARRIVED:
            put_link(export, event, END_LINK, event->lane);
            break;
        case HISTORY_STRAYED:
            put_link(export, event, END_LINK, event->life->lane);
            break;
        case HISTORY_DOWN:
        case HISTORY_ISOLATED:
            put_edge(export, event, true);
            break;
        case HISTORY_UP:
        case HISTORY_REJOINED:
            put_edge(export, event, false);
            break;
        case HISTORY_WISHED:
            put_mark(export, event, 'W', history_wish_name(event->wish));
            break;
        case HISTORY_FAULT:
            put_mark(export, event, 'F', "fault");
            break;
        case HISTORY_OVER:
            break;
        default:
            put_mark(export, event, 'K', "checkpoint");
            break;
    }
}

static void destroy(struct export *export,
                    char type,
                    char letter,
                    uint64_t name)
{
    put_time(export, DESTROY_CONTAINER);
    fprintf(export->out, "%c %c%" PRIu64 "\n", type, letter, name);
}

/* What is inside goes first. */
void paje_end(struct export *export)
{
    const struct grid *grid = export->grid;
    put_variables(export);
    for (uint64_t lane = 1; lane <= export->last_number; lane++)
        destroy(export, 'L', 'l', lane);
    for (size_t i = 0; i < grid->count; i++)
        for (uint32_t node = 0; node < grid->clusters[i].node_count; node++)
            destroy(export, 'N', 'n', grid->clusters[i].first + node);
    for (size_t i = 0; i < grid->count; i++)
        destroy(export, 'C', 'c', i);
    put_time(export, DESTROY_CONTAINER);
    fputs("G g\n", export->out);
}
