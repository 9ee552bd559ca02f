/* look.c - nodes, ps, explain, events: what a daemon knows, as tables. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../cli/table.h"
#include "../../../cli/terminal.h"
#include "../../../scenarios/quantity.h"
#include "client.h"
#include "commands.h"

enum { CELL_BYTES = 96 };

/* Rows of cells that are kept until they are printed. */
struct grid_text
{
    size_t column_count;
    size_t row_count;
    char (*cells)[CELL_BYTES];
};

static bool grid_init(struct grid_text *g,
                      const char *const *titles,
                      size_t column_count,
                      size_t row_count)
{
    *g = (struct grid_text){column_count, row_count + 1, NULL};
    g->cells = calloc(column_count * g->row_count, sizeof *g->cells);
    for (size_t i = 0; g->cells && i < column_count; i++)
        snprintf(g->cells[i], CELL_BYTES, "%s", titles[i]);
    return g->cells != NULL;
}

static char *cell(struct grid_text *g, size_t row, size_t column)
{
    return g->cells[(row + 1) * g->column_count + column];
}

static int grid_show(struct grid_text *g)
{
    size_t count = g->column_count * g->row_count;
    const char **cells = calloc(count, sizeof *cells);
    if (cells) {
        for (size_t i = 0; i < count; i++)
            cells[i] = g->cells[i];
        table_print(stdout, terminal_width(stdout), cells, g->row_count,
                    g->column_count);
    }
    free(cells);
    free(g->cells);
    return cells ? EXIT_RAN : EXIT_FAILED;
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "-";
}

/* A quantity as scenarios write it, or - if it is not known. */
static void put_mib(char *ret, const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    if (json_is_integer(value))
        snprintf(ret, CELL_BYTES, "%" PRId64,
                 (int64_t)json_integer_value(value) >> 20);
    else
        snprintf(ret, CELL_BYTES, "-");
}

static void put_share(char *ret,
                      const json_t *row,
                      const char *key,
                      double unit,
                      int digits)
{
    const json_t *value = json_object_get(row, key);
    if (json_is_integer(value))
        snprintf(ret, CELL_BYTES, "%.*f", digits,
                 (double)json_integer_value(value) / unit);
    else
        snprintf(ret, CELL_BYTES, "-");
}

static void put_count(char *ret, const json_t *row, const char *key)
{
    put_share(ret, row, key, 1, 0);
}

/* ---- nodes. -------------------------------------------------------------- */

static void put_state(char *ret, const json_t *row)
{
    snprintf(ret, CELL_BYTES, "%s%s%s", text_of(row, "state"),
             json_is_true(json_object_get(row, "stays")) ? ",stay" : "",
             json_is_true(json_object_get(row, "reserved")) ? ",reserved" : "");
}

static int show_nodes(const json_t *answer)
{
    static const char *const titles[] = {
        "id",       "name",      "state",     "load",   "cores", "speed",
        "mem_free", "mem_total", "swap_used", "guests", "age_s", "said_by"};
    enum { COLUMNS = sizeof titles / sizeof *titles };
    const json_t *rows = json_object_get(answer, "nodes");
    struct grid_text g;
    if (!grid_init(&g, titles, COLUMNS, json_array_size(rows)))
        return EXIT_FAILED;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        put_count(cell(&g, i, 0), row, "id");
        snprintf(cell(&g, i, 1), CELL_BYTES, "%s", text_of(row, "name"));
        put_state(cell(&g, i, 2), row);
        put_share(cell(&g, i, 3), row, "load_milli", 1000, 2);
        put_count(cell(&g, i, 4), row, "cores");
        put_share(cell(&g, i, 5), row, "speed_milli", 1000, 2);
        put_mib(cell(&g, i, 6), row, "mem_free_bytes");
        put_mib(cell(&g, i, 7), row, "mem_total_bytes");
        json_t *used = NULL;
        const json_t *total = json_object_get(row, "swap_total_bytes");
        if (total)
            used = json_pack(
                "{s:I}", "used",
                json_integer_value(total) - json_integer_value(json_object_get(
                                                row, "swap_free_bytes")));
        put_mib(cell(&g, i, 8), used, "used");
        json_decref(used);
        put_count(cell(&g, i, 9), row, "guests");
        put_share(cell(&g, i, 10), row, "age_us", 1e6, 1);
        snprintf(cell(&g, i, 11), CELL_BYTES, "%s", text_of(row, "said_by"));
    }
    return grid_show(&g);
}

static const struct argp_child ask_children[] = {{&ask_argp, 0, NULL, 0}, {0}};

static error_t parse_none(int key, char *value, struct argp_state *state)
{
    (void)value;
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = state->input;
    return key == ARGP_KEY_INIT ? 0 : ARGP_ERR_UNKNOWN;
}

int command_nodes(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_none,
        .children = ask_children,
        .doc =
            "Show each member of the cluster as this node knows it: load "
            "(runnable processes), speed of a core (1.00: the reference), "
            "memory and swap in MiB, guests, how old the word is and who "
            "said it.\v"
            "A node without a word is unknown; one that the gossip holds "
            "for dead is dead.\n"
            "Example:\n"
            "  vencejo-node nodes"};
    struct ask_options o = ask_options_default();
    json_t *answer;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int code = ask(&o, client_request("nodes"), &answer);
    if (answer)
        code = show_nodes(answer);
    json_decref(answer);
    return code;
}

/* ---- ps. ----------------------------------------------------------------- */

static void put_process(struct grid_text *g, size_t i, const json_t *row)
{
    put_count(cell(g, i, 0), row, "pid");
    put_count(cell(g, i, 1), row, "proc");
    put_count(cell(g, i, 2), row, "home");
    snprintf(cell(g, i, 3), CELL_BYTES, "here");
    snprintf(cell(g, i, 4), CELL_BYTES, "%s", text_of(row, "state"));
    put_mib(cell(g, i, 5), row, "mem_bytes");
    put_share(cell(g, i, 6), row, "cpu_used_us", 1e6, 1);
    put_count(cell(g, i, 7), row, "moves");
}

static int show_processes(const json_t *answer)
{
    static const char *const titles[] = {"pid",   "proc", "home",  "where",
                                         "state", "mem",  "cpu_s", "moves"};
    const json_t *here = json_object_get(answer, "here");
    const json_t *away = json_object_get(answer, "away");
    size_t count = json_array_size(here);
    struct grid_text g;
    if (!grid_init(&g, titles, 8, count + json_array_size(away)))
        return EXIT_FAILED;
    for (size_t i = 0; i < count; i++)
        put_process(&g, i, json_array_get(here, i));
    for (size_t i = 0; i < json_array_size(away); i++) {
        const json_t *row = json_array_get(away, i);
        put_process(&g, count + i, row);
        put_count(cell(&g, count + i, 3), row, "place");
        snprintf(cell(&g, count + i, 4), CELL_BYTES, "away");
    }
    return grid_show(&g);
}

int command_ps(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_none,
        .children = ask_children,
        .doc =
            "List the processes that this node has, and those of this home "
            "that are away; memory in MiB.\vExample:\n  vencejo-node ps"};
    struct ask_options o = ask_options_default();
    json_t *answer;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int code = ask(&o, client_request("processes"), &answer);
    if (answer)
        code = show_processes(answer);
    json_decref(answer);
    return code;
}

/* ---- explain. ------------------------------------------------------------ */

struct explain_options
{
    struct ask_options ask;
    json_int_t pid;
    bool has_pid;
};

/* A whole number of an argument. */
static json_int_t number_of(struct argp_state *state,
                            const char *text,
                            const char *what)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*end || end == text || value <= 0)
        argp_error(state, "'%s' is no %s", text, what);
    return value;
}

static error_t parse_explain(int key, char *value, struct argp_state *state)
{
    struct explain_options *o = state->input;
    switch (key) {
        case ARGP_KEY_INIT:
            state->child_inputs[0] = &o->ask;
            return 0;
        case ARGP_KEY_ARG:
            if (state->arg_num > 0)
                return ARGP_ERR_UNKNOWN;
            o->pid = number_of(state, value, "process id");
            o->has_pid = true;
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

int command_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_explain,
        .children = ask_children,
        .args_doc = "[PID]",
        .doc =
            "Say why a process, or each that is here, is where it is: the "
            "last decision, what holds it, and what each policy would do "
            "now.\vExample:\n  vencejo-node explain"};
    struct explain_options o = {.ask = ask_options_default()};
    json_t *answer;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    json_t *request = client_request("explain");
    if (o.has_pid)
        json_object_set_new(request, "pid", json_integer(o.pid));
    int code = ask(&o.ask, request, &answer);
    if (answer)
        fputs(text_of(answer, "text"), stdout);
    json_decref(answer);
    return code;
}

/* ---- events. ------------------------------------------------------------- */

struct events_options
{
    struct ask_options ask;
    uint64_t since_us; /* Ago. */
};

static error_t parse_events(int key, char *value, struct argp_state *state)
{
    struct events_options *o = state->input;
    const char *what;
    switch (key) {
        case ARGP_KEY_INIT:
            state->child_inputs[0] = &o->ask;
            return 0;
        case 'S':
            if (quantity_parse_exact(value, QUANTITY_DURATION, &o->since_us,
                                     &what) != 0)
                argp_error(state, "--since: '%s' %s", value, what);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static void show_event(const json_t *row)
{
    char date[32];
    json_int_t at_us = json_integer_value(json_object_get(row, "at_us"));
    time_t at_s = (time_t)(at_us / 1000000);
    struct tm parts;
    gmtime_r(&at_s, &parts);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    printf("%s.%03dZ\t%s\n", date, (int)(at_us / 1000 % 1000),
           text_of(row, "text"));
}

int command_events(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"since", 'S', "SPAN", 0, "Only of the last SPAN, such as 5min", 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_events,
        .children = ask_children,
        .doc =
            "List what the daemon said and decided: the last 1024 lines, "
            "with their dates in UTC.\vExample:\n"
            "  vencejo-node events --since 5min"};
    struct events_options o = {.ask = ask_options_default()};
    json_t *answer;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    json_t *request = client_request("events");
    if (o.since_us > 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t now_us =
            (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        if (o.since_us < now_us)
            json_object_set_new(
                request, "since_us",
                json_integer((json_int_t)(now_us - o.since_us)));
    }
    int code = ask(&o.ask, request, &answer);
    const json_t *rows = json_object_get(answer, "events");
    for (size_t i = 0; i < json_array_size(rows); i++)
        show_event(json_array_get(rows, i));
    json_decref(answer);
    return code;
}

/* ---- mark, migrate. ------------------------------------------------------ */

struct words_options
{
    struct ask_options ask;
    const char *words[2];
    unsigned wanted;
};

static error_t parse_words(int key, char *value, struct argp_state *state)
{
    struct words_options *o = state->input;
    switch (key) {
        case ARGP_KEY_INIT:
            state->child_inputs[0] = &o->ask;
            return 0;
        case ARGP_KEY_ARG:
            if (state->arg_num >= o->wanted)
                return ARGP_ERR_UNKNOWN;
            o->words[state->arg_num] = value;
            return 0;
        case ARGP_KEY_END:
            if (state->arg_num < o->wanted)
                argp_error(state, "something is missing");
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

int command_mark(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_words,
        .children = ask_children,
        .args_doc = "TEXT",
        .doc =
            "Write a line into the daemon's journal and log, for whoever "
            "reads them later.\vExample:\n"
            "  vencejo-node mark 'run 3 begins'"};
    struct words_options o = {.ask = ask_options_default(), .wanted = 1};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    json_t *request = client_request("mark");
    json_object_set_new(request, "text", json_string(o.words[0]));
    return ask_and_end(&o.ask, request);
}

int command_migrate(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_words,
        .children = ask_children,
        .args_doc = "PID NODE|home|out",
        .doc =
            "Ask for a move of a process: to a node, by name or number; "
            "home; or out of here, wherever. Does not wait for it: `events` "
            "and `ps` tell what became of it.\vExample:\n"
            "  vencejo-node migrate 4711 home"};
    struct words_options o = {.ask = ask_options_default(), .wanted = 2};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    char *end;
    long pid = strtol(o.words[0], &end, 10);
    json_t *request = client_request("migrate");
    json_object_set_new(request, "pid", json_integer(*end ? -1 : pid));
    long node = strtol(o.words[1], &end, 10);
    json_object_set_new(request, "to",
                        *end || end == o.words[1] ? json_string(o.words[1])
                                                  : json_integer(node));
    return ask_and_end(&o.ask, request);
}
