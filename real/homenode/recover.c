/* recover.c - a checkpoint becomes a process. See checkpoint.h. */
#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "begin.h"
#include "body.h"
#include "transfer.h"

struct recovery
{
    const char *path;
    struct complaint *complaint;
    int file;
    struct stream stream;
    struct incoming incoming;
    struct begin begin;
    struct files files;
    struct image image;
    struct pending pending;
    const struct file_given *given;
    size_t given_count;
    struct tracee body;
    struct receiver receiver;
};

static int damaged(struct recovery *r, const char *what)
{
    return complain(r->complaint, -EBADMSG, r->path, 0, 0,
                    "damaged: %s, use another checkpoint", what);
}

static int failed(struct recovery *r, int error, const char *what)
{
    return complain(r->complaint, error, r->path, 0, 0, "%s: %s", what,
                    strerror(-error));
}

static int next_record(struct recovery *r)
{
    int error = stream_get(&r->stream, &r->incoming);
    if (error == -ENODATA)
        return damaged(r, "it ends too early");
    if (error == -EBADMSG)
        return damaged(r, "a record has another checksum");
    return error ? failed(r, error, "it cannot be read") : 0;
}

/* The next record, which must be of that kind. */
static int expect(struct recovery *r, enum record_kind kind, const char *name)
{
    int error = next_record(r);
    if (error)
        return error;
    return r->incoming.kind == kind ? 0 : damaged(r, name);
}

static int read_begin(struct recovery *r)
{
    struct begin ours = begin_of(0);
    int error = stream_get(&r->stream, &r->incoming);
    if (!error && r->incoming.kind == RECORD_BEGIN &&
        r->incoming.bytes == sizeof r->begin)
        memcpy(&r->begin, r->incoming.body, sizeof r->begin);
    if (error || memcmp(r->begin.magic, ours.magic, sizeof ours.magic) != 0)
        return complain(r->complaint, -EBADMSG, r->path, 0, 0,
                        "not a checkpoint of vencejo, or damaged at its "
                        "beginning");
    if (r->begin.version != CHECKPOINT_VERSION)
        return complain(r->complaint, -EBADMSG, r->path, 0, 0,
                        "format %u, this program reads %u, recover it with "
                        "the program that wrote it",
                        r->begin.version, CHECKPOINT_VERSION);
    return 0;
}

static int read_files(struct recovery *r)
{
    int error = expect(r, RECORD_FILES, "its files are not where they belong");
    if (error)
        return error;
    error = files_get(&r->incoming, &r->files);
    if (error == -EBADMSG)
        return damaged(r, "no process can have such files open");
    if (error)
        return failed(r, error, "its files");
    const struct file *file =
        files_obstacle(&r->files, r->given, r->given_count);
    return file ? complain(r->complaint, -EPERM, r->path, 0, 0,
                           "descriptor %d was %s, which cannot be opened "
                           "again, give another for it",
                           file->number, file->path)
                : 0;
}

static int read_image(struct recovery *r)
{
    int error = next_record(r);
    if (!error && r->incoming.kind == RECORD_PENDING) {
        if (pending_take(&r->pending, &r->incoming) != 0)
            return damaged(r, "no process can have such signals waiting");
        error = next_record(r);
    }
    if (error)
        return error;
    if (r->incoming.kind != RECORD_IMAGE)
        return damaged(r, "its registers are not where they belong");
    if (r->incoming.bytes != sizeof r->image)
        return damaged(r, "its registers have another size");
    memcpy(&r->image, r->incoming.body, sizeof r->image);
    const char *wrong = image_check(&r->image);
    return wrong ? damaged(r, wrong) : 0;
}

/* Mappings first, then pages; into the body. */
static int read_memory(struct recovery *r)
{
    int error = expect(r, RECORD_MAPS,
                       "its mappings are not where they "
                       "belong");
    while (!error) {
        error = receiver_take(&r->receiver, &r->incoming);
        if (error == -EBADMSG)
            return damaged(r, r->incoming.kind == RECORD_MAPS
                                  ? "no process can have such mappings"
                                  : "pages lie outside of its mappings");
        if (error)
            return failed(r, error, "its memory");
        error = stream_get(&r->stream, &r->incoming);
        if (error == -ENODATA)
            return damaged(r, "it ends too early");
        if (error)
            return damaged(r, "a record has another checksum");
        if (r->incoming.kind == RECORD_END)
            return 0;
        if (r->incoming.kind != RECORD_PAGES)
            return damaged(r, "a record is not where it belongs");
    }
    return error;
}

/* In the child. */
static int open_files(void *context, int *say)
{
    struct recovery *r = context;
    size_t place;
    return files_open(&r->files, r->given, r->given_count, say, &place);
}

static int build(struct recovery *r)
{
    int error = body_empty(&r->body);
    if (!error)
        error = receiver_init(&r->receiver, &r->body, false);
    if (error)
        return failed(r, error, "a process for it");
    error = read_memory(r);
    if (error)
        return error;
    error = body_place_vdso(&r->body, &r->image);
    if (error == -EXDEV)
        return complain(r->complaint, error, r->path, 0, 0,
                        "it was saved under another kernel, whose vDSO its "
                        "code may be using, recover it there");
    if (!error)
        error = body_protect(&r->body, &r->receiver.maps);
    if (!error)
        error = image_put(&r->body, &r->image, &r->pending);
    if (!error)
        error = image_start(&r->body, &r->image);
    if (!error && r->image.stopped && kill(r->body.pid, SIGSTOP) < 0)
        error = -errno;
    return error ? failed(r, error, "it cannot be started") : 0;
}

static int recover(struct recovery *r, bool same_pid)
{
    int error = read_begin(r);
    if (!error)
        error = read_files(r);
    if (!error)
        error = read_image(r);
    if (error)
        return error;
    error = body_create(&r->body, same_pid ? r->begin.pid : 0, open_files, r);
    if (error == -EEXIST)
        return complain(r->complaint, error, r->path, 0, 0,
                        "process %d exists, wait for its end or recover with "
                        "another number",
                        r->begin.pid);
    if (error)
        return failed(r, error, "what it had open cannot be opened");
    error = build(r);
    if (error)
        body_kill(&r->body);
    return error;
}

int checkpoint_recover(const char *path,
                       const struct file_given *given,
                       size_t given_count,
                       bool same_pid,
                       pid_t *ret_pid,
                       struct complaint *ret_complaint)
{
    struct recovery *r = calloc(1, sizeof *r);
    if (!r)
        return complain(ret_complaint, -ENOMEM, path, 0, 0, "no memory");
    r->path = path;
    r->complaint = ret_complaint;
    r->given = given;
    r->given_count = given_count;
    r->file = open(path, O_RDONLY | O_CLOEXEC);
    if (r->file < 0) {
        int error = failed(r, -errno, "it cannot be opened");
        free(r);
        return error;
    }
    r->stream = stream_of(&r->file);
    int error = recover(r, same_pid);
    if (!error)
        *ret_pid = r->body.pid;
    incoming_finish(&r->incoming);
    files_finish(&r->files);
    pending_finish(&r->pending);
    receiver_finish(&r->receiver);
    close(r->file);
    free(r);
    return error;
}
