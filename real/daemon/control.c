/* control.c - see control.h. */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct control_caller
{
    uv_pipe_t pipe;
    struct control *control;
    struct control_caller *next;
    struct workload_caller who;
    uint64_t tokens_milli; /* Requests that he may make. */
    uint64_t filled_ms;
    size_t line_bytes;
    bool closing;
    char line[CONTROL_LINE_BYTES_MAX];
};

struct control
{
    uv_pipe_t listener;
    uv_loop_t *loop;
    control_answer_t *answer;
    void *user;
    struct control_caller *callers;
    size_t caller_count;
    char *path;
    bool listening;
};

struct control_write
{
    uv_write_t request;
    char *text;
};

/* ---- Requests. ----------------------------------------------------------- */

json_t *control_no(const char *outcome,
                   const char *why,
                   const char *what_to_try)
{
    json_t *no = json_pack("{s:i,s:b,s:s,s:s}", "vencejo", CONTROL_VERSION,
                           "ok", 0, "outcome", outcome, "why", why);
    if (what_to_try)
        json_object_set_new(no, "try", json_string(what_to_try));
    return no;
}

json_t *control_judge(const char *line,
                      size_t line_bytes,
                      const struct workload_caller *caller,
                      control_answer_t *answer,
                      void *user)
{
    json_error_t wrong;
    json_t *request =
        json_loadb(line, line_bytes, JSON_REJECT_DUPLICATES, &wrong);
    if (!json_is_object(request)) {
        json_decref(request);
        return control_no("bad", "the line is no JSON object",
                          "write {\"vencejo\":1,\"do\":\"nodes\"}");
    }
    json_t *version = json_object_get(request, "vencejo");
    json_t *reply = json_is_integer(version) &&
                            json_integer_value(version) == CONTROL_VERSION
                        ? answer(user, caller, request)
                        : control_no("bad", "the request is of another version",
                                     "say \"vencejo\":1");
    json_decref(request);
    return reply;
}

/* ---- Callers. ------------------------------------------------------------ */

static void forget(uv_handle_t *handle)
{
    struct control_caller *k = handle->data;
    struct control_caller **at = &k->control->callers;
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    struct control *control = k->control;
    control->caller_count--;
    free(k);
    if (!control->listening && control->caller_count == 0) {
        free(control->path);
        free(control);
    }
}

static void cut_off(struct control_caller *k)
{
    if (k->closing)
        return;
    k->closing = true;
    uv_close((uv_handle_t *)&k->pipe, forget);
}

static void written(uv_write_t *request, int status)
{
    struct control_write *w = (struct control_write *)(void *)request;
    struct control_caller *k = request->handle->data;
    bool last = w->request.data != NULL;
    free(w->text);
    free(w);
    if (status < 0 || last)
        cut_off(k);
}

/* last: he is cut off when he has read it. */
static void tell(struct control_caller *k, json_t *reply, bool last)
{
    struct control_write *w = calloc(1, sizeof *w);
    char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
    json_decref(reply);
    size_t length = text ? strlen(text) : 0;
    if (!w || !text) {
        free(w);
        free(text);
        cut_off(k);
        return;
    }
    text[length] = '\n'; /* In place of its 0. */
    w->text = text;
    w->request.data = last ? k : NULL;
    uv_buf_t buffer = uv_buf_init(text, (unsigned)length + 1);
    if (uv_write(&w->request, (uv_stream_t *)&k->pipe, &buffer, 1, written) !=
        0) {
        free(text);
        free(w);
        cut_off(k);
    } else if (uv_stream_get_write_queue_size((uv_stream_t *)&k->pipe) >
               CONTROL_UNREAD_BYTES_MAX) {
        cut_off(k);
    }
}

static bool may_ask(struct control_caller *k)
{
    uint64_t now_ms = uv_now(k->control->loop);
    k->tokens_milli += (now_ms - k->filled_ms) * CONTROL_PER_S;
    k->filled_ms = now_ms;
    if (k->tokens_milli > CONTROL_BURST * 1000)
        k->tokens_milli = CONTROL_BURST * 1000;
    if (k->tokens_milli < 1000)
        return false;
    k->tokens_milli -= 1000;
    return true;
}

static void refuse_more(struct control_caller *k, const char *why)
{
    uv_read_stop((uv_stream_t *)&k->pipe);
    tell(k, control_no("refused", why, "ask again later, and less"), true);
}

/* Every whole line that is there. */
static void take_lines(struct control_caller *k)
{
    char *start = k->line;
    char *end = k->line + k->line_bytes;
    char *newline;
    while (!k->closing &&
           (newline = memchr(start, '\n', (size_t)(end - start)))) {
        if (!may_ask(k)) {
            refuse_more(k, "too many requests");
            return;
        }
        tell(k,
             control_judge(start, (size_t)(newline - start), &k->who,
                           k->control->answer, k->control->user),
             false);
        start = newline + 1;
    }
    k->line_bytes = (size_t)(end - start);
    memmove(k->line, start, k->line_bytes);
    if (!k->closing && k->line_bytes == sizeof k->line)
        refuse_more(k, "the line is too long");
}

static void give_room(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
    struct control_caller *k = handle->data;
    (void)size;
    *ret = uv_buf_init(k->line + k->line_bytes,
                       (unsigned)(sizeof k->line - k->line_bytes));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct control_caller *k = stream->data;
    (void)buffer;
    if (count < 0) {
        cut_off(k);
        return;
    }
    k->line_bytes += (size_t)count;
    take_lines(k);
}

static bool know_caller(struct control_caller *k)
{
    struct ucred who;
    socklen_t bytes = sizeof who;
    int fd;
    if (uv_fileno((uv_handle_t *)&k->pipe, &fd) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &bytes) != 0)
        return false;
    k->who = (struct workload_caller){who.uid, who.gid, who.pid};
    return true;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct control *control = listener->data;
    struct control_caller *k = status < 0 ? NULL : calloc(1, sizeof *k);
    if (!k)
        return;
    uv_pipe_init(control->loop, &k->pipe, 0);
    k->pipe.data = k;
    k->control = control;
    k->next = control->callers;
    k->filled_ms = uv_now(control->loop);
    k->tokens_milli = CONTROL_BURST * 1000;
    control->callers = k;
    control->caller_count++;
    if (uv_accept(listener, (uv_stream_t *)&k->pipe) != 0 || !know_caller(k))
        cut_off(k);
    else if (control->caller_count > CONTROL_CALLERS_MAX)
        refuse_more(k, "too many callers");
    else
        uv_read_start((uv_stream_t *)&k->pipe, give_room, on_read);
}

/* ---- The socket. --------------------------------------------------------- */

/* A file that is left of a daemon that was killed. */
static int remove_dead(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return -errno;
    strncpy(at.sun_path, path, sizeof at.sun_path - 1);
    int error = connect(s, (struct sockaddr *)&at, sizeof at) == 0 ? -EADDRINUSE
                                                                   : -errno;
    close(s);
    if (error != -ECONNREFUSED)
        return error == -ENOENT ? 0 : error;
    return unlink(path) == 0 ? 0 : -errno;
}

static int listen_at(struct control *control, const char *path)
{
    struct sockaddr_un at;
    if (strlen(path) >= sizeof at.sun_path)
        return -ENAMETOOLONG;
    int error = remove_dead(path);
    if (!error)
        error = uv_pipe_bind(&control->listener, path);
    if (!error && chmod(path, 0666) != 0)
        error = -errno;
    if (!error)
        error = uv_listen((uv_stream_t *)&control->listener, 16, on_connection);
    return error;
}

static void closed(uv_handle_t *handle)
{
    struct control *control = handle->data;
    control->listening = false;
    if (control->caller_count == 0) {
        free(control->path);
        free(control);
    }
}

int control_create(struct control **ret,
                   uv_loop_t *loop,
                   const char *path,
                   control_answer_t *answer,
                   void *user,
                   struct complaint *c)
{
    struct control *control = calloc(1, sizeof *control);
    char *copy = strdup(path);
    if (!control || !copy) {
        free(control);
        free(copy);
        return complain(c, -ENOMEM, NULL, 0, 0, "no memory");
    }
    control->loop = loop;
    control->answer = answer;
    control->user = user;
    control->path = copy;
    control->listening = true;
    uv_pipe_init(loop, &control->listener, 0);
    control->listener.data = control;
    int error = listen_at(control, path);
    if (error) {
        uv_close((uv_handle_t *)&control->listener, closed);
        return complain(c, error, path, 0, 0,
                        error == -EADDRINUSE
                            ? "another daemon listens there; stop it first, or "
                              "name another at socket:"
                            : "cannot listen there: %s; name another at "
                              "socket:",
                        strerror(-error));
    }
    *ret = control;
    return 0;
}

void control_destroy(struct control *control)
{
    if (!control)
        return;
    for (struct control_caller *k = control->callers; k; k = k->next)
        cut_off(k);
    unlink(control->path);
    uv_close((uv_handle_t *)&control->listener, closed);
}
