/* test_export.c - what is written for other viewers is what they read, and all
 * of what the journal says, whatever that is. */
#include <jansson.h>
#include <string.h>

#include "algorithms/node/rng.h"
#include "results/export.h"
#include "tests/results/lines.h"
#include "tests/results/paje_check.h"

static const struct grid_cluster clusters[] = {
    {.name = "lab", .first = 0, .node_count = 2, .core_count = 1},
    {.name = "fi\"eld\\", .first = 2, .node_count = 3, .core_count = 1},
};
static const struct grid grid = {clusters, 2};
static const struct history_run export_run = {.scenario = "it's \"so\"\n",
                                              .policies = "a:b=1",
                                              .commit = "1234567",
                                              .seed = 3};

/* Each line of what can happen to processes, nodes and clusters. */
static const char *const story[] = {
    "0|0|submit|1|7|1|0|10000000|1|",
    "0|0|run|1|1|no policy sent it elsewhere",
    "0|0|submit|1|7|1|0|10000000|1|twice",
    "0|0|submit|2|7|2|0|10000000|1|",
    "0|0|held|2|queue_fifo: full",
    "1000000|0|asked|1|2|0|balance: \"there\"",
    "1500000|0|moved|1|2|1|0|500000|100|4096|1000|",
    "1500100|2|run|1|0|it came",
    "2000000|2|freeze|1|4096|0|0|",
    "2500000|2|thaw|1|4096|",
    "2500000|0|moved|2|3|1|1|100|0|4096|0|", /* A start elsewhere. */
    "2600000|3|run|2|1|",
    "2700000|3|checkpoint|2|4096|500|100000|",
    "2700000|2|submit|3|8|3|0|10000000|1|",
    "2700000|2|run|3|1|",
    "2800000|4|run|3|0|", /* Its target tells before its source. */
    "2800100|2|moved|3|4|1|0|100|5|4096|1000|",
    "3000000|-|owner|2|0|isolate",
    "3100000|-|owner|2|0|isolate", /* Once more. */
    "4000000|-|owner|2|1|rejoin",
    "4500000|3|owner|2|4|expel",
    "4600000|-|owner|1|0|isolate", /* To the end. */
    "5000000|2|down|crash",        /* Process 1 is there; to the end. */
    "5000000|2|down|crash",
    "5100000|1|down|crash",
    "5200000|1|up|",
    "5200000|1|up|",
    "6000000|0|restart|1|1000|0|",
    "6100000|0|run|1|0|",
    "6200000|0|submit|4|7|4|0|10000000|1|",
    "6200000|0|run|4|1|",
    "6500000|0|moved|4|2|1|0|100|5|4096|1000|",
    "7000000|0|lost|4|2|1000|silent", /* On its way. */
    "7000000|-|fault|-|loss: 1 %",
    "7500000|2|ended|4|10000000|", /* Late news. */
    "7500000|2|run|4|0|",
    "8000000|3|ended|2|10000000|",
    "8000000|0|submit|5|7|5|0|10000000|1|", /* Waits to the end. */
    "8000000|0|submit|6|7|6|0|10000000|1|",
    "8000000|0|run|6|1|",
    "8000000|0|freeze|6|1|0|1|", /* Is frozen to the end. */
    "8100000|0|submit|7|7|7|0|10000000|1|",
    "8100000|0|run|7|1|",
    "8200000|0|moved|7|1|1|0|100|5|4096|1000|", /* On its way to the end. */
    "9000000|0|board|1|2|3|4|",
    "9000000|0|tally|0|0|0|0|0|0|0|0|",
};

/* Worked out by hand from the lines above: states of running and frozen
 * processes: 1 runs, runs on node 2, is frozen, runs, runs again on node 0; 2
 * runs; 3 runs on nodes 2 and 4; 4 runs; 6 runs (for no time) and is frozen; 7
 * runs. Moves: of 1, 2, 3, 4 and 7. */
enum {
    STORY_SPELLS = 5 + 1 + 2 + 1 + 2 + 1,
    STORY_MOVES = 5,
    /* 1.5 + 0.4999 + 0.5 + 2.5 + 2.9, 5.4, 0.1 + 6.2, 0.3, 0 + 1 and 0.1 s. */
    STORY_SPELL_US = 20999900,
    STORY_EDGES = 2 + 2,     /* Two isolations, two downs. */
    STORY_MARKS = 5 + 1 + 1, /* Wishes, fault, checkpoint. */
};

struct format
{
    struct export *(*create)(const struct grid *grid,
                             const struct history_run *run,
                             FILE *out);
    void (*take)(void *who, const struct history_event *event);
    void (*end)(struct export *export);
};
static const struct format chrome = {chrome_create, chrome_take, chrome_end};
static const struct format paje = {paje_create, paje_take, paje_end};

/* An export of records on their way. */
struct exporting
{
    const struct format *format;
    FILE *out;
    char *text;
    size_t bytes;
    struct export *export;
    struct history *history;
};

static void begin(struct exporting *e, const struct format *format)
{
    e->format = format;
    e->out = open_memstream(&e->text, &e->bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e->out);
    e->export = format->create(&grid, &export_run, e->out);
    e->history = history_create(&grid, format->take, e->export);
}

/* The text is the caller's. */
static char *end(struct exporting *e)
{
    history_end(e->history);
    e->format->end(e->export);
    history_destroy(e->history);
    export_destroy(e->export);
    fclose(e->out);
    return e->text;
}

static char *exported(const struct format *format,
                      const char *const *lines,
                      size_t count)
{
    struct exporting e;
    begin(&e, format);
    for (size_t i = 0; i < count; i++) {
        char line[LINE_BYTES];
        struct record record = record_of(lines[i], line);
        CU_ASSERT_EQUAL(history_add(e.history, &record), 0);
    }
    return end(&e);
}

/* ---- Chrome. ------------------------------------------------------------- */

enum { PIDS = 3, TIDS = 512, FLOWS = 4096, DEPTH = 4 };

/* A track: a thread of a process. */
struct track
{
    bool named;
    json_int_t ts;    /* Of its last event. */
    json_int_t until; /* End of its last X. */
    const char *open[DEPTH];
    size_t depth;
};

struct chrome_counts
{
    size_t spells, flows, edges, marks, counters;
    json_int_t spell_us; /* Sum of all. */
};

static struct track tracks[PIDS][TIDS];
static int flows[FLOWS]; /* 0 none, 1 begun, 2 ended. */

static json_int_t whole(json_t *event, const char *key)
{
    json_t *number = json_object_get(event, key);
    CU_ASSERT_TRUE_FATAL(json_is_integer(number));
    return json_integer_value(number);
}

static const char *word(json_t *event, const char *key)
{
    json_t *text = json_object_get(event, key);
    CU_ASSERT_TRUE_FATAL(json_is_string(text));
    return json_string_value(text);
}

static struct track *track_of(json_t *event)
{
    json_int_t pid = whole(event, "pid"), tid = whole(event, "tid");
    CU_ASSERT_TRUE_FATAL(0 <= pid && pid < PIDS && 0 <= tid && tid < TIDS);
    return &tracks[pid][tid];
}

static void check_spell(json_t *event,
                        struct track *track,
                        struct chrome_counts *counts)
{
    json_int_t ts = whole(event, "ts"), span = whole(event, "dur");
    const char *category = word(event, "cat");
    json_t *args = json_object_get(event, "args");
    CU_ASSERT_TRUE(span >= 0);
    CU_ASSERT_TRUE(track->until <= ts); /* One after the other. */
    CU_ASSERT_TRUE(strcmp(category, "running") == 0 ||
                   strcmp(category, "frozen") == 0);
    CU_ASSERT_TRUE(strlen(word(args, "process")) > 0);
    CU_ASSERT_TRUE(whole(args, "home") >= 0);
    track->until = ts + span;
    counts->spells++;
    counts->spell_us += span;
}

static void check_flow(json_t *event, bool begins, struct chrome_counts *counts)
{
    json_int_t id = whole(event, "id");
    CU_ASSERT_TRUE_FATAL(0 < id && id < FLOWS);
    CU_ASSERT_EQUAL(flows[id], begins ? 0 : 1);
    flows[id]++;
    counts->flows += begins;
    if (!begins)
        CU_ASSERT_STRING_EQUAL(word(event, "bp"), "e");
}

static void check_edge(json_t *event, bool begins, struct track *track)
{
    if (begins) {
        CU_ASSERT_TRUE_FATAL(track->depth < DEPTH);
        track->open[track->depth++] = word(event, "name");
        return;
    }
    CU_ASSERT_TRUE_FATAL(track->depth > 0);
    CU_ASSERT_STRING_EQUAL(track->open[--track->depth], word(event, "name"));
}

static void check_counter(json_t *event)
{
    const char *key;
    json_t *count;
    json_object_foreach(json_object_get(event, "args"), key, count)
        CU_ASSERT_TRUE(json_integer_value(count) >= 0);
}

static void check_event(json_t *event, struct chrome_counts *counts)
{
    const char *phase = word(event, "ph");
    struct track *track = track_of(event);
    CU_ASSERT_TRUE(strlen(word(event, "name")) > 0);
    if (strcmp(phase, "M") == 0) {
        track->named = track->named ||
                       strcmp(word(event, "name"), "thread_name") == 0 ||
                       whole(event, "pid") == 0;
        CU_ASSERT_TRUE(json_is_object(json_object_get(event, "args")));
        return;
    }
    CU_ASSERT_TRUE(track->named);
    CU_ASSERT_TRUE(track->ts <= whole(event, "ts"));
    CU_ASSERT_TRUE(strlen(word(event, "cat")) > 0);
    track->ts = whole(event, "ts");
    CU_ASSERT_EQUAL_FATAL(strlen(phase), 1);
    switch (phase[0]) {
        case 'X':
            check_spell(event, track, counts);
            break;
        case 's':
        case 'f':
            check_flow(event, phase[0] == 's', counts);
            break;
        case 'B':
        case 'E':
            check_edge(event, phase[0] == 'B', track);
            counts->edges += phase[0] == 'B';
            break;
        case 'i':
            CU_ASSERT_PTR_NOT_NULL(strpbrk(word(event, "s"), "gpt"));
            counts->marks++;
            break;
        case 'C':
            check_counter(event);
            counts->counters++;
            break;
        default:
            CU_FAIL("an unknown phase");
    }
}

static struct chrome_counts check_chrome(const char *text)
{
    struct chrome_counts counts = {0};
    json_error_t error;
    memset(tracks, 0, sizeof tracks);
    memset(flows, 0, sizeof flows);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        printf("\n    line %d: %s", error.line, error.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    json_t *events = json_object_get(root, "traceEvents");
    CU_ASSERT_TRUE_FATAL(json_is_array(events));
    for (size_t i = 0; i < json_array_size(events); i++)
        check_event(json_array_get(events, i), &counts);
    for (size_t pid = 0; pid < PIDS; pid++)
        for (size_t tid = 0; tid < TIDS; tid++)
            CU_ASSERT_EQUAL(tracks[pid][tid].depth, 0);
    for (size_t flow = 0; flow < FLOWS; flow++)
        CU_ASSERT_TRUE(flows[flow] == 0 || flows[flow] == 2);
    json_t *about = json_object_get(root, "otherData");
    CU_ASSERT_STRING_EQUAL(word(about, "scenario"), export_run.scenario);
    CU_ASSERT_EQUAL(whole(about, "seed"), 3);
    json_decref(root);
    return counts;
}

#define COUNT(lines) (sizeof(lines) / sizeof(lines)[0])

static void chrome_has_all_that_happened(void)
{
    char *text = exported(&chrome, story, COUNT(story));
    struct chrome_counts counts = check_chrome(text);
    CU_ASSERT_EQUAL(counts.spells, STORY_SPELLS);
    CU_ASSERT_EQUAL(counts.spell_us, STORY_SPELL_US);
    CU_ASSERT_EQUAL(counts.flows, STORY_MOVES);
    CU_ASSERT_EQUAL(counts.edges, STORY_EDGES);
    CU_ASSERT_EQUAL(counts.marks, STORY_MARKS);
    free(text);
}

/* Two processes on node 0 for 3 and 4 s, at the same time: two lanes, and what
 * the second leaves free is taken again. */
static void processes_of_a_node_have_lanes(void)
{
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|1|1|", "0|0|submit|2|0|0|0|1|1|",
        "0|0|submit|3|0|0|0|1|1|", "0|0|run|1|1|",
        "1000000|0|run|2|1|",      "3000000|0|ended|1|1|",
        "4000000|0|run|3|1|",      "5000000|0|ended|2|1|",
        "6000000|0|ended|3|1|",
    };
    char *text = exported(&chrome, lines, COUNT(lines));
    struct chrome_counts counts = check_chrome(text);
    CU_ASSERT_EQUAL(counts.spells, 3);
    CU_ASSERT_EQUAL(counts.spell_us, 3000000 + 4000000 + 2000000);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "node 0 lane 2"));
    CU_ASSERT_PTR_NULL(strstr(text, "node 0 lane 3"));
    /* Of 3 s, at 4 s: none runs, two wait or have ended. */
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text,
               "\"ts\":1000000,\"pid\":1,\"tid\":0,\"args\":{\"own\":2,"
               "\"guests\":0,\"frozen\":0,\"waiting\":1}"));
    free(text);
}

/* ---- Paje. --------------------------------------------------------------- */

static struct paje_counts check_paje(char *text)
{
    struct paje_counts counts;
    size_t line;
    const char *wrong = paje_check(text, &counts, &line);
    if (wrong)
        printf("\n    line %zu: %s", line, wrong);
    CU_ASSERT_PTR_NULL(wrong);
    return counts;
}

static void paje_has_all_that_happened(void)
{
    char *text = exported(&paje, story, COUNT(story));
    struct paje_counts counts = check_paje(text);
    CU_ASSERT_EQUAL(counts.pushes, STORY_SPELLS + STORY_EDGES);
    CU_ASSERT_EQUAL(counts.links, STORY_MOVES);
    CU_ASSERT_EQUAL(counts.marks, STORY_MARKS);
    /* The grid, 2 clusters, 5 nodes; lanes: at most 2 on node 0, of 1 and 4,
     * of 6 and 7; 1 on nodes 1 (7 departs to it and does not come), 2, 3, 4. */
    CU_ASSERT(counts.containers >= 8 + 5);
    free(text);
}

/* Process 1 has the first lane of node 2, so 2 comes to the second. */
static void links_lead_from_lane_to_lane(void)
{
    static const char *const lines[] = {
        "0|2|submit|1|0|0|0|1|1|",
        "0|2|run|1|1|",
        "0|0|submit|2|0|0|0|1|1|",
        "0|0|run|2|1|",
        "1000000|0|moved|2|2|1|0|100|5|4096|1|",
        "1000100|2|run|2|0|",
    };
    char *text = exported(&paje, lines, COUNT(lines));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " l2 L n0 \"0.1\"\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " l3 L n2 \"2.2\"\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n11 1.000000 M g l2 move m1\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n12 1.000100 M g l3 move m1\n"));
    check_paje(text);
    free(text);
}

/* The checker itself: a trace, and what is wrong with it. */
static void the_reader_of_paje_is_strict(void)
{
    static const char head[] =
        "%EventDef PajeDefineContainerType 0\n% Alias string\n% Type string\n"
        "% Name string\n%EndEventDef\n"
        "%EventDef PajeDefineStateType 1\n% Alias string\n% Type string\n"
        "% Name string\n%EndEventDef\n"
        "%EventDef PajeDefineEntityValue 2\n% Alias string\n% Type string\n"
        "% Name string\n%EndEventDef\n"
        "%EventDef PajeCreateContainer 3\n% Time date\n% Alias string\n"
        "% Type string\n% Container string\n% Name string\n%EndEventDef\n"
        "%EventDef PajeDestroyContainer 4\n% Time date\n% Type string\n"
        "% Name string\n%EndEventDef\n"
        "%EventDef PajePushState 5\n% Time date\n% Type string\n"
        "% Container string\n% Value string\n%EndEventDef\n"
        "%EventDef PajePopState 6\n% Time date\n% Type string\n"
        "% Container string\n%EndEventDef\n"
        "0 N 0 \"Node\"\n1 S N State\n2 r S runs\n";
    static const struct
    {
        const char *body;
        bool right;
    } rows[] = {
        {"3 0 n N 0 \"a b\"\n5 1 S n r\n6 2 S n\n4 3 N n\n", true},
        {"3 0 n N 0 a\n", false},
        {"3 0 n N 0 a b\n4 3 N n\n", false},
        {"3 0 n N 0 a\n5 1 S n r\n4 3 N n\n", false},
        {"3 0 n N 0 a\n6 1 S n\n4 3 N n\n", false},
        {"3 0 n N 0 a\n5 1 S n x\n6 1 S n\n4 3 N n\n", false},
        {"3 0 n N 0 a\n5 1 S n r\n6 0.5 S n\n4 3 N n\n", false},
        {"3 0 n N 0 a\n4 3 N n\n4 3 N n\n", false},
        {"3 0 n N 0 a\n4 3 N n\n5 3 S n r\n", false},
        {"3 0 n M 0 a\n4 3 N n\n", false},
        {"3 0 n N 0 a\n3 0 n N 0 a\n4 3 N n\n", false},
        {"3 0 n N 0 a\n0 K N \"Late\"\n% x y\n4 3 N n\n", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[2048];
        size_t line;
        struct paje_counts counts;
        snprintf(text, sizeof text, "%s%s", head, rows[i].body);
        const char *wrong = paje_check(text, &counts, &line);
        CU_ASSERT_EQUAL(wrong == NULL, rows[i].right);
    }
}

/* ---- Whatever the records are. ------------------------------------------- */

static uint64_t draw(uint64_t *state, uint64_t below)
{
    return rng_mix(++*state) % below;
}

/* Sound as a line, and often nonsense as a story. */
static struct record random_record(uint64_t *state, uint64_t *at_us)
{
    struct record record = {.why = draw(state, 2) ? "" : "q: \"why\""};
    record.kind = (enum record_kind)draw(state, RECORD_EVENT);
    if (draw(state, 3) == 0) /* Most of the kinds move nothing. */
        record.kind = draw(state, 2) ? RECORD_RUN : RECORD_SUBMIT;
    *at_us += draw(state, 3) * draw(state, 1000);
    record.at_us = *at_us;
    record.node = (node_id)draw(state, 5);
    record.peer = (node_id)draw(state, 5);
    record.proc = draw(state, 12);
    for (size_t i = 0; i < RECORD_VALUES_MAX; i++)
        record.values[i] = draw(state, 4);
    if (record.kind == RECORD_OWNER)
        record.values[OWNER_CLUSTER] = 1 + draw(state, 2);
    if (record.kind == RECORD_OWNER && draw(state, 2))
        record.node = NODE_NONE;
    return record;
}

static char *random_export(const struct format *format, uint64_t seed)
{
    struct exporting e;
    uint64_t state = seed << 32, at_us = 0;
    begin(&e, format);
    for (size_t i = 0; i < 600; i++) {
        struct record record = random_record(&state, &at_us);
        CU_ASSERT_EQUAL(history_add(e.history, &record), 0);
    }
    return end(&e);
}

static void any_records_give_sound_exports(void)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        char *json = random_export(&chrome, seed);
        char *trace = random_export(&paje, seed);
        struct chrome_counts counts = check_chrome(json);
        struct paje_counts others = check_paje(trace);
        /* Both tell the same. */
        CU_ASSERT_EQUAL(counts.spells + counts.edges, others.pushes);
        CU_ASSERT_EQUAL(counts.flows, others.links);
        CU_ASSERT_EQUAL(counts.marks, others.marks);
        CU_ASSERT_EQUAL(counts.counters * EXPORT_COUNTS, others.variables);
        free(json);
        free(trace);
    }
}

static void nothing_is_an_export_too(void)
{
    char *json = exported(&chrome, NULL, 0);
    char *trace = exported(&paje, NULL, 0);
    CU_ASSERT_EQUAL(check_chrome(json).spells, 0);
    CU_ASSERT_EQUAL(check_paje(trace).containers, 8);
    free(json);
    free(trace);
}

static void nodes_that_are_not_are_refused(void)
{
    static const char *const lines[] = {"0|5|submit|1|0|0|0|1|1|",
                                        "0|-|run|1|1|",
                                        "0|0|moved|1|5|1|0|1|1|1|1|",
                                        "0|0|owner|0|0|",
                                        "0|0|owner|3|0|",
                                        "0|9|down|",
                                        "0|9|fault|-|"};
    struct exporting e;
    begin(&e, &chrome);
    for (size_t i = 0; i < COUNT(lines); i++) {
        char line[LINE_BYTES];
        struct record record = record_of(lines[i], line);
        CU_ASSERT_TRUE(history_add(e.history, &record) < 0);
    }
    free(end(&e));
}

SUITE_MAIN("export",
           {"Chrome has all that happened", chrome_has_all_that_happened},
           {"Processes of a node have lanes", processes_of_a_node_have_lanes},
           {"Paje has all that happened", paje_has_all_that_happened},
           {"Links lead from lane to lane", links_lead_from_lane_to_lane},
           {"The reader of Paje is strict", the_reader_of_paje_is_strict},
           {"Any records give sound exports", any_records_give_sound_exports},
           {"Nothing is an export too", nothing_is_an_export_too},
           {"Nodes that are not are refused", nodes_that_are_not_are_refused})
