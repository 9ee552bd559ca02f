/* checkpoint.c - writes a checkpoint; recover.c reads it. See checkpoint.h. */
#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "begin.h"
#include "image.h"
#include "movable.h"
#include "transfer.h"

/* What is needed while the process stands still. */
struct saving
{
    struct tracee tracee;
    struct image image;
    struct pending pending;
    struct files files;
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int refuse(pid_t pid, int error, const char *why, struct complaint *c)
{
    char process[32];
    snprintf(process, sizeof process, "process %d", pid);
    return complain(c, error, process, 0, 0, "%s", why);
}

static int check_movable(pid_t pid,
                         const struct maps *maps,
                         struct complaint *ret_complaint)
{
    uint32_t obstacles;
    int error = movable_obstacles(pid, maps, 0, &obstacles);
    if (error)
        return refuse(pid, error, strerror(-error), ret_complaint);
    for (int i = 0; i < OBSTACLE_KINDS; i++)
        if (obstacles & (UINT32_C(1) << i))
            return refuse(pid, -EPERM, movable_text((enum obstacle)i),
                          ret_complaint);
    return 0;
}

static int check_files(pid_t pid,
                       const struct files *files,
                       const struct file_given *given,
                       size_t given_count,
                       struct complaint *ret_complaint)
{
    char text[FILE_PATH_BYTES + 128];
    const struct file *file = files_obstacle(files, given, given_count);
    if (!file)
        return 0;
    snprintf(text, sizeof text,
             "descriptor %d is %s, which cannot be opened again, name it as "
             "one that recovery is given",
             file->number, file->path);
    return refuse(pid, -EPERM, text, ret_complaint);
}

static int put_memory(struct saving *s,
                      const struct stream *stream,
                      uint64_t *ret_bytes)
{
    struct transfer *x;
    struct transfer_cost cost;
    struct transfer_limits limits = transfer_limits_usual(TRANSFER_STOP);
    int error = transfer_create(&x, &s->tracee, &limits);
    if (error)
        return error;
    error = transfer_rest(x, stream);
    transfer_cost_of(x, &cost);
    transfer_destroy(x);
    *ret_bytes = cost.memory_bytes;
    return error;
}

static int put_all(struct saving *s,
                   const struct stream *stream,
                   uint64_t *ret_bytes)
{
    struct begin begin = begin_of(s->tracee.pid);
    struct iovec first = {&begin, sizeof begin};
    struct iovec state = {&s->image, sizeof s->image};
    int error = stream_put(stream, RECORD_BEGIN, &first, 1);
    if (!error)
        error = files_put(&s->files, stream);
    if (!error)
        error = pending_put(&s->pending, stream);
    if (!error)
        error = stream_put(stream, RECORD_IMAGE, &state, 1);
    if (!error)
        error = put_memory(s, stream, ret_bytes);
    return error ? error : stream_put(stream, RECORD_END, NULL, 0);
}

/* The file beside its name, while the process stands still. */
static int write_beside(struct saving *s,
                        const char *beside,
                        struct checkpoint_cost *ret_cost)
{
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return -errno;
    struct stream stream = stream_of(&file);
    uint64_t stopped_us = now_us();
    int error = tracee_stop(&s->tracee);
    if (error)
        goto close;
    error = image_take(&s->tracee, &s->image, &s->pending);
    if (!error)
        error = put_all(s, &stream, &ret_cost->bytes);
    int resume_error = image_resume(&s->tracee, &s->image);
    ret_cost->freeze_us = now_us() - stopped_us;
    if (!error)
        error = resume_error;
    if (!error && fsync(file) < 0)
        error = -errno;
close:
    close(file);
    return error;
}

static int save(struct saving *s,
                const char *path,
                struct checkpoint_cost *ret_cost)
{
    size_t room = strlen(path) + sizeof ".partial";
    char *beside = malloc(room);
    if (!beside)
        return -ENOMEM;
    snprintf(beside, room, "%s.partial", path);
    int error = tracee_seize(&s->tracee, s->tracee.pid, 0);
    if (!error)
        error = write_beside(s, beside, ret_cost);
    if (error == -ESRCH && tracee_died(s->tracee.pid))
        tracee_bury(s->tracee.pid);
    if (!error && rename(beside, path) < 0)
        error = -errno;
    if (error)
        unlink(beside);
    free(beside);
    return error;
}

int checkpoint_save(pid_t pid,
                    const char *path,
                    const struct file_given *given,
                    size_t given_count,
                    struct checkpoint_cost *ret_cost,
                    struct complaint *ret_complaint)
{
    struct maps maps;
    struct saving *s = calloc(1, sizeof *s);
    if (!s)
        return refuse(pid, -ENOMEM, "no memory to save it", ret_complaint);
    s->tracee.pid = pid;
    int error = maps_read(&maps, pid);
    if (error) {
        free(s);
        return refuse(pid, error, strerror(-error), ret_complaint);
    }
    error = check_movable(pid, &maps, ret_complaint);
    maps_finish(&maps);
    if (error)
        goto done;
    error = files_read(&s->files, pid);
    if (error) {
        refuse(pid, error, strerror(-error), ret_complaint);
        goto done;
    }
    error = check_files(pid, &s->files, given, given_count, ret_complaint);
    if (error)
        goto done;
    error = save(s, path, ret_cost);
    if (error)
        complain(ret_complaint, error, path, 0, 0,
                 "process %d was not saved: %s", pid, strerror(-error));
done:
    files_finish(&s->files);
    pending_finish(&s->pending);
    free(s);
    return error;
}
