/* vencejod.c - the node daemon: reads what it is, runs, ends when it is told.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../cli/terminal.h"
#include "../../traces/file.h"
#include "../../traces/save.h"
#include "daemon.h"
#include "requests.h"
#include "speed.h"
#include "workload_mover.h"

static const char *const usual_config = "/etc/vencejo/vencejod.yaml";

struct options
{
    const char *config;
    bool check;
};

/* All that lives as long as the program. */
struct host
{
    struct config config;
    struct identity identity;
    struct roster roster;
    struct workload_mover *mover;
    struct node_workload workload;
    struct said said;
    struct daemon *daemon;
    struct control *control;
    uv_loop_t loop;
    uv_signal_t terminate;
    uv_signal_t interrupt;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
        case 'c':
            o->config = value;
            return 0;
        case 'n':
            o->check = true;
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_table[] = {
    {"config", 'c', "FILE", 0,
     "Configuration; /etc/vencejo/vencejod.yaml if not given", 0},
    {"check", 'n', NULL, 0, "Read configuration, keys and roster, and end", 0},
    {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .doc =
        "The node daemon of Vencejo. It stays in the foreground, logs to "
        "stderr, tells systemd when it is ready, and ends on SIGTERM.\v"
        "Keys come first: `vencejo-node ctl keys` makes them.\n"
        "Example:\n"
        "  vencejod --check --config /etc/vencejo/vencejod.yaml"};

/* ---- systemd. ------------------------------------------------------------ */

/* sd_notify(3): a datagram to the socket that the environment names. */
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!path || !*path || strlen(path) >= sizeof at.sun_path)
        return;
    memcpy(at.sun_path, path, strlen(path));
    socklen_t bytes =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (at.sun_path[0] == '@')
        at.sun_path[0] = '\0';
    int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return;
    sendto(s, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&at,
           bytes);
    close(s);
}

/* ---- Reading. ------------------------------------------------------------ */

static char *in_state(const struct host *h, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", h->config.state, name) < 0 ? NULL : path;
}

static int read_identity(struct host *h, struct complaint *c)
{
    char *path = in_state(h, "identity");
    if (!path)
        return -ENOMEM;
    int error = identity_read(path, &h->identity, c);
    if (error == -ENOENT)
        complain(c, error, path, 0, 0,
                 "this node has no keys yet; make them by `vencejo-node ctl "
                 "keys --state %s` and give the public one to the "
                 "administrator",
                 h->config.state);
    free(path);
    return error;
}

static int read_roster(struct host *h, struct complaint *c)
{
    char *text;
    size_t bytes;
    int error = file_read(h->config.roster, &text, &bytes, c);
    if (error)
        return error;
    error = roster_parse(text, bytes, h->config.roster, h->config.administrator,
                         &h->roster, c);
    free(text);
    return error;
}

static int make_state(struct host *h, struct complaint *c)
{
    int error = save_folder(h->config.state);
    if (!error && chmod(h->config.state, 0700) != 0)
        error = -errno;
    return error ? complain(c, error, h->config.state, 0, 0,
                            "cannot be made: %s; name another at state:",
                            strerror(-error))
                 : 0;
}

static int read_all(struct host *h,
                    const struct options *o,
                    struct complaint *c)
{
    int error = config_read(o->config, &h->config, c);
    if (!error)
        error = make_state(h, c);
    if (!error)
        error = read_identity(h, c);
    if (!error)
        error = read_roster(h, c);
    if (!error && !daemon_member(&h->config, &h->roster))
        error = complain(c, -ENOENT, o->config, 0, 0,
                         "node: '%s' is no member of the roster %s",
                         h->config.node, h->config.roster);
    return error;
}

/* ---- Running. ------------------------------------------------------------ */

/* Of the socket: all may reach it, since each who asks is judged. */
static int make_run(struct host *h, struct complaint *c)
{
    char *folder = strdup(h->config.socket);
    if (!folder)
        return -ENOMEM;
    *strrchr(folder, '/') = '\0';
    int error = *folder ? save_folder(folder) : 0;
    if (error)
        complain(
            c, error, folder, 0, 0,
            "cannot be made: %s; name another at socket:", strerror(-error));
    free(folder);
    return error;
}

/* Where this program is, vencejo-worker is. */
static int beside(char *ret, size_t room)
{
    ssize_t bytes = readlink("/proc/self/exe", ret, room - 1);
    if (bytes < 0)
        return -errno;
    ret[bytes] = 0;
    char *slash = strrchr(ret, '/');
    const char *name = "/vencejo-worker";
    if (!slash || (size_t)(slash - ret) + strlen(name) >= room)
        return -ENAMETOOLONG;
    memcpy(slash, name, strlen(name) + 1);
    return access(ret, X_OK) == 0 ? 0 : -errno;
}

static int begin_mover(struct host *h,
                       uint32_t core_speed_milli,
                       struct complaint *c)
{
    char worker[512];
    char socket[128];
    const struct member *m = daemon_member(&h->config, &h->roster);
    int error = beside(worker, sizeof worker);
    if (error)
        return complain(c, error, "vencejo-worker", 0, 0,
                        "is not beside this program: %s", strerror(-error));
    snprintf(socket, sizeof socket, "%.120s.run", h->config.socket);
    const struct workload_mover_options options = {
        .loop = &h->loop,
        .state = h->config.state,
        .socket = socket,
        .address = m->address,
        .worker = worker,
        .self = m->id,
        .cluster = h->roster.cluster.id,
        .core_speed_milli = core_speed_milli};
    error = workload_mover_create(&h->mover, &options, c);
    if (!error)
        h->workload = workload_mover_of(h->mover);
    return error;
}

static int begin(struct host *h, struct complaint *c)
{
    struct speed speed;
    bool measured;
    char *path = in_state(h, "speed");
    if (!path)
        return -ENOMEM;
    int error = speed_get(path, "/proc", &speed, &measured, c);
    free(path);
    if (error)
        return error;
    if (measured)
        say(&h->said, SAID_NOTE, "a core here has speed %u.%03u",
            speed.milli / 1000, speed.milli % 1000);
    error = make_run(h, c);
    if (!error)
        error = begin_mover(h, speed.milli, c);
    if (error)
        return error;
    const struct daemon_parts parts = {
        .loop = &h->loop,
        .config = &h->config,
        .identity = &h->identity,
        .roster = &h->roster,
        .workload = &h->workload,
        .said = &h->said,
        .proc = "/proc",
        .core_speed_milli = speed.milli,
    };
    error = daemon_create(&h->daemon, &parts, c);
    if (!error)
        error = control_create(&h->control, &h->loop, h->config.socket,
                               requests_answer, h->daemon, c);
    return error;
}

static void end(struct host *h)
{
    control_destroy(h->control);
    daemon_destroy(h->daemon);
    h->control = NULL;
    h->daemon = NULL;
    uv_close((uv_handle_t *)&h->terminate, NULL);
    uv_close((uv_handle_t *)&h->interrupt, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct host *h = handle->data;
    say(&h->said, SAID_NOTE, "ends on signal %d", number);
    notify("STOPPING=1");
    end(h);
}

static int run(struct host *h, struct complaint *c)
{
    uv_loop_init(&h->loop);
    uv_signal_init(&h->loop, &h->terminate);
    uv_signal_init(&h->loop, &h->interrupt);
    h->terminate.data = h->interrupt.data = h;
    signal(SIGPIPE, SIG_IGN);
    int error = begin(h, c);
    if (error) {
        end(h);
    } else {
        uv_signal_start(&h->terminate, on_signal, SIGTERM);
        uv_signal_start(&h->interrupt, on_signal, SIGINT);
        const struct member *m =
            roster_member(&h->roster, daemon_id(h->daemon));
        say(&h->said, SAID_NOTE, "node %u, %s of %s, hears at %s", m->id,
            m->name, h->roster.cluster.name, m->address);
        notify("READY=1");
    }
    uv_run(&h->loop, UV_RUN_DEFAULT);
    uv_loop_close(&h->loop);
    workload_mover_destroy(h->mover);
    return error;
}

static void release(struct host *h)
{
    roster_finish(&h->roster);
    config_finish(&h->config);
    identity_forget(&h->identity);
    free(h);
}

int main(int argc, char **argv)
{
    struct options o = {.config = usual_config};
    struct complaint c = {.line = 0};
    terminal_init();
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct host *h = calloc(1, sizeof *h);
    if (!h || sodium_init() < 0)
        return EXIT_FAILED;
    h->said.out = stderr;
    h->said.prefixed = getenv("JOURNAL_STREAM") != NULL;
    int error = read_all(h, &o, &c);
    bool bad_input = error != 0;
    if (!error && !o.check)
        error = run(h, &c);
    if (error)
        terminal_complain(stderr, &c);
    release(h);
    return error ? (bad_input ? EXIT_BAD_INPUT : EXIT_FAILED) : EXIT_RAN;
}
