/* ctl.c - vencejo-node ctl: what owners and administrators say. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../../cli/table.h"
#include "../../../cli/terminal.h"
#include "../../../scenarios/quantity.h"
#include "client.h"
#include "commands.h"

enum {
    TAKES_DEADLINE = 1, /* --deadline, --then */
    TAKES_GROUP = 2,    /* --cluster, --user */
    TAKES_NUMBER = 4,   /* One argument: how many guests. */
    TAKES_PARTNER = 8,  /* One argument, its number, and what is allowed. */
};

struct verb
{
    const char *name;
    unsigned takes;
    const char *summary;
};

static const struct verb verbs[] = {
    {"status", 0, "what this node is and how it is"},
    {"block", 0, "let no more guests in"},
    {"unblock", 0, "let them in again; ends expel too"},
    {"stay", 0, "nothing leaves this node by itself"},
    {"nostay", 0, "no longer"},
    {"lstay", 0, "what has its home here does not leave by itself"},
    {"nolstay", 0, "no longer"},
    {"expel", TAKES_DEADLINE, "guests out, and none in until unblock"},
    {"bring", 0, "processes of this home that are away come back"},
    {"isolate", TAKES_DEADLINE, "the cluster leaves the grid"},
    {"rejoin", 0, "it comes back"},
    {"guests", TAKES_NUMBER, "the most guests of other clusters here"},
    {"partner", TAKES_PARTNER, "what this cluster allows another"},
    {"reserve", TAKES_GROUP, "keep this node for a group"},
    {"unreserve", 0, "no longer"},
};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

struct ctl_options
{
    struct ask_options ask;
    const struct verb *verb;
    json_t *request;
    bool has_argument;
};

/* A key of the option's, as a number of a range. */
static void set_number(struct argp_state *state,
                       const char *key,
                       const char *text,
                       long max)
{
    struct ctl_options *o = state->input;
    char *end;
    long value = strtol(text, &end, 10);
    if (*end || end == text || value < 0 || value > max)
        argp_error(state, "%s: '%s' is no number from 0 to %ld", key, text,
                   max);
    json_object_set_new(o->request, key, json_integer(value));
}

static void set_right(struct argp_state *state,
                      const char *key,
                      const char *text)
{
    struct ctl_options *o = state->input;
    bool yes = strcmp(text, "yes") == 0;
    if (!yes && strcmp(text, "no") != 0)
        argp_error(state, "%s: '%s' is neither yes nor no", key, text);
    json_object_set_new(o->request, key, json_boolean(yes));
}

static void set_deadline(struct argp_state *state, const char *text)
{
    struct ctl_options *o = state->input;
    uint64_t span_us;
    const char *what;
    if (quantity_parse_exact(text, QUANTITY_DURATION, &span_us, &what) != 0 ||
        span_us > INT64_MAX)
        argp_error(state, "--deadline: '%s' is no span such as 60s", text);
    json_object_set_new(o->request, "deadline_us",
                        json_integer((json_int_t)span_us));
}

static void set_argument(struct argp_state *state, const char *text)
{
    struct ctl_options *o = state->input;
    if (!(o->verb->takes & (TAKES_NUMBER | TAKES_PARTNER)) || o->has_argument)
        argp_error(state, "'%s' is one word too many", text);
    o->has_argument = true;
    set_number(state, o->verb->takes & TAKES_NUMBER ? "guests" : "partner",
               text, 65535);
}

/* Which options belong to what the verb takes. */
static unsigned needs_of(int key)
{
    switch (key) {
        case 'd':
        case 'T':
            return TAKES_DEADLINE;
        case 'c':
        case 'u':
            return TAKES_GROUP;
        case 'p':
        case 'C':
        case 'g':
        case 'k':
        case 'e':
            return TAKES_PARTNER;
        default:
            return 0;
    }
}

static void set_option(int key, const char *value, struct argp_state *state)
{
    struct ctl_options *o = state->input;
    switch (key) {
        case 'd':
            set_deadline(state, value);
            break;
        case 'T':
            json_object_set_new(o->request, "then", json_string(value));
            break;
        case 'c':
            set_number(state, "cluster", value, 65535);
            break;
        case 'u':
            set_number(state, "user", value, 4294967295);
            break;
        case 'p':
            set_number(state, "priority", value, 65535);
            break;
        case 'C':
            set_number(state, "cap", value, 65535);
            break;
        default:
            set_right(state,
                      key == 'g'   ? "go"
                      : key == 'k' ? "take"
                                   : "expand",
                      value);
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct ctl_options *o = state->input;
    unsigned needs = needs_of(key);
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = &o->ask;
        return 0;
    }
    if (key == ARGP_KEY_ARG) {
        set_argument(state, value);
        return 0;
    }
    if (key == ARGP_KEY_END) {
        if ((o->verb->takes & (TAKES_NUMBER | TAKES_PARTNER)) &&
            !o->has_argument)
            argp_error(state, "a number is missing");
        return 0;
    }
    if (needs == 0)
        return ARGP_ERR_UNKNOWN;
    if (!(o->verb->takes & needs))
        argp_error(state, "`ctl %s` has no such option", o->verb->name);
    set_option(key, value, state);
    return 0;
}

static const struct argp_option option_table[] = {
    {"deadline", 'd', "SPAN", 0, "expel, isolate: until then happens", 0},
    {"then", 'T', "wait|freeze|kill", 0,
     "expel, isolate: what happens to guests that are still inside", 0},
    {"cluster", 'c', "NUMBER", 0, "reserve: for this cluster", 0},
    {"user", 'u', "NUMBER", 0, "reserve: for this user of it", 0},
    {"priority", 'p', "NUMBER", 0, "partner: of its guests here", 0},
    {"cap", 'C', "NUMBER", 0, "partner: of its guests on each node", 0},
    {"go", 'g', "yes|no", 0, "partner: own processes may go there", 0},
    {"take", 'k', "yes|no", 0, "partner: its processes may come here", 0},
    {"expand", 'e', "yes|no", 0, "partner: its guests may go on to others", 0},
    {0}};
static const struct argp_child children[] = {{&ask_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .children = children,
    .args_doc = "[NUMBER]",
    .doc =
        "Say what holds for this node or its cluster; it is kept over a "
        "restart."};

/* Key and value, nested ones with a dot. */
static void show_values(const char *prefix, const json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        char name[128];
        snprintf(name, sizeof name, "%s%s", prefix, key);
        if (json_is_object(value)) {
            strncat(name, ".", sizeof name - strlen(name) - 1);
            show_values(name, value);
            continue;
        }
        char *text = json_is_string(value)
                         ? strdup(json_string_value(value))
                         : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        if (text && strcmp(key, "vencejo") != 0 && strcmp(key, "ok") != 0)
            printf("%s\t%s\n", name, text);
        free(text);
    }
}

static void print_usage(FILE *out)
{
    fputs("Usage: vencejo node ctl COMMAND [OPTION...]\n\n", out);
    fputs(
        "  keys       make this node's keys, show fingerprints\n"
        "  roster     check, sign or show a list of members\n",
        out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    fputs(
        "\n`vencejo node ctl COMMAND --help` tells more. Example:\n"
        "  vencejo-node ctl expel --deadline 60s --then freeze\n",
        out);
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    struct ctl_options o = {.ask = ask_options_default(),
                            .verb = verb,
                            .request = client_request(verb->name)};
    char name[64]; /* As usage messages say it. */
    snprintf(name, sizeof name, "vencejo node ctl %s", verb->name);
    argv[0] = name;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    json_t *answer;
    int code = ask(&o.ask, o.request, &answer);
    if (answer)
        show_values("", answer);
    json_decref(answer);
    return code;
}

int command_ctl(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-?") == 0) {
        print_usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_BAD_INPUT : EXIT_RAN;
    }
    if (strcmp(argv[1], "keys") == 0)
        return ctl_keys(argc - 1, argv + 1);
    if (strcmp(argv[1], "roster") == 0)
        return ctl_roster(argc - 1, argv + 1);
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verbs[i].name, argv[1]) == 0)
            return run_verb(&verbs[i], argc - 1, argv + 1);
    struct complaint c = {.file = ""};
    const char *names[VERB_COUNT + 3] = {"keys", "roster"};
    for (size_t i = 0; i < VERB_COUNT; i++)
        names[i + 2] = verbs[i].name;
    const char *nearest = nearest_name(argv[1], names);
    complain(&c, -EINVAL, NULL, 0, 0, "ctl has no command %s; %s%s", argv[1],
             nearest ? "did you mean " : "`vencejo-node ctl --help` lists them",
             nearest ? nearest : "");
    terminal_complain(stderr, &c);
    return EXIT_BAD_INPUT;
}
