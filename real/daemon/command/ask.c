/* ask.c - what all commands share that ask a daemon. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../../cli/terminal.h"
#include "client.h"
#include "commands.h"

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct ask_options *o = state->input;
    char *end;
    switch (key) {
        case 's':
            o->socket = value;
            return 0;
        case 'j':
            o->json = true;
            return 0;
        case 't':
            o->patience_s = strtod(value, &end);
            if (*end || !(o->patience_s > 0 && o->patience_s < 1e6))
                argp_error(state, "--timeout: '%s' is no number of seconds",
                           value);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_table[] = {
    {"socket", 's', "PATH", 0,
     "The daemon's socket; $VENCEJO_SOCKET or /run/vencejo/control", 10},
    {"json", 'j', NULL, 0, "Print the daemon's answer", 10},
    {"timeout", 't', "SECONDS", 0, "Wait so long for it; 5", 10},
    {0}};
const struct argp ask_argp = {.options = option_table, .parser = parse};

struct ask_options ask_options_default(void)
{
    const char *named = getenv("VENCEJO_SOCKET");
    return (struct ask_options){
        .socket = named && *named ? named : "/run/vencejo/control",
        .patience_s = 5};
}

static const char *text_of(const json_t *answer, const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));
    return text ? text : "";
}

/* `what, why, what to try`. */
static int say_no(const json_t *answer)
{
    struct complaint c = {.file = ""};
    const char *outcome = text_of(answer, "outcome");
    const char *advice = text_of(answer, "try");
    complain(&c, -EINVAL, NULL, 0, 0, "%s: %s%s%s", outcome,
             text_of(answer, "why"), *advice ? "; " : "", advice);
    terminal_complain(stderr, &c);
    if (strcmp(outcome, "refused") == 0)
        return EXIT_REFUSED;
    return strcmp(outcome, "bad") == 0 ? EXIT_BAD_INPUT : EXIT_FAILED;
}

int ask(const struct ask_options *o, json_t *request, json_t **ret_answer)
{
    struct complaint c = {.file = ""};
    json_t *answer;
    *ret_answer = NULL;
    int error = client_ask(o->socket, request, (uint64_t)(o->patience_s * 1000),
                           &answer, &c);
    if (error) {
        terminal_complain(stderr, &c);
        return error == -ETIMEDOUT ? EXIT_TIMED_OUT : EXIT_FAILED;
    }
    if (o->json) {
        json_dumpf(answer, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    int code =
        json_is_true(json_object_get(answer, "ok")) ? EXIT_RAN : say_no(answer);
    if (code == EXIT_RAN && !o->json)
        *ret_answer = answer;
    else
        json_decref(answer);
    return code;
}

int ask_and_end(const struct ask_options *o, json_t *request)
{
    json_t *answer;
    int code = ask(o, request, &answer);
    json_decref(answer);
    return code;
}
