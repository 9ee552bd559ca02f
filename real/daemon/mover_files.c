/* mover_files.c - what is kept of each row for a mover that begins anew: a
 * file, and the socket of its deputy's or guardian's station. They are for the
 * life of the machine, like the processes: nothing is synced. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "mover_inside.h"

static const uint64_t magic = UINT64_C(0x31765f726f776576); /* And version. */

void mover_path(const struct node_mover *m,
                const struct row *row,
                const char *ending,
                char ret[MOVER_PATH_BYTES])
{
    if (row->saved.is_guest)
        snprintf(ret, MOVER_PATH_BYTES, "%s/guest-%s%s", m->folder,
                 row->saved.token, ending);
    else
        snprintf(ret, MOVER_PATH_BYTES, "%s/home-%llx%s", m->folder,
                 (unsigned long long)row->saved.proc, ending);
}

/* For a daemon that begins anew on this machine, which no process outlives: it
 * need not be synced. */
int mover_save(const struct node_mover *m, struct row *row)
{
    char path[MOVER_PATH_BYTES];
    char next[MOVER_PATH_BYTES];
    mover_path(m, row, ".row", path);
    mover_path(m, row, ".new", next);
    row->saved.magic = magic;
    const struct row_saved saved = row->saved;
    int file = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return -errno;
    ssize_t put = write(file, &saved, sizeof saved);
    int error = put == (ssize_t)sizeof saved ? 0 : put < 0 ? -errno : -ENOSPC;
    close(file);
    if (!error && rename(next, path) < 0)
        error = -errno;
    return error;
}

void mover_forget(const struct node_mover *m, const struct row *row)
{
    char path[MOVER_PATH_BYTES];
    mover_path(m, row, ".row", path);
    unlink(path);
    mover_path(m, row, ".sock", path);
    unlink(path);
}

static int address_of(const struct node_mover *m,
                      const struct row *row,
                      struct sockaddr_un *ret)
{
    char path[MOVER_PATH_BYTES];
    mover_path(m, row, ".sock", path);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret->sun_path)
        return -ENAMETOOLONG;
    memcpy(ret->sun_path, path, strlen(path));
    return 0;
}

int mover_station(const struct node_mover *m, const struct row *row)
{
    struct sockaddr_un address;
    int error = address_of(m, row, &address);
    if (error)
        return error;
    int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0)
        return -errno;
    if (bind(s, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(s, 4) < 0) {
        error = -errno;
        close(s);
        return error;
    }
    return s;
}

int mover_connect(struct node_mover *m, struct row *row)
{
    struct sockaddr_un address;
    int error = address_of(m, row, &address);
    if (error)
        return error;
    int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0)
        return -errno;
    if (connect(s, (struct sockaddr *)&address, sizeof address) < 0)
        error = -errno;
    if (!error)
        error = mover_watch(m, s, row, 0);
    if (error) {
        close(s);
        return error;
    }
    row->connection = s;
    return 0;
}

static void adopt_one(struct node_mover *m, const char *name)
{
    struct row_saved saved;
    char path[MOVER_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%.200s", m->folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    ssize_t got = read(file, &saved, sizeof saved);
    close(file);
    if (got != (ssize_t)sizeof saved || saved.magic != magic)
        return;
    struct row *row = mover_add(m, saved.is_guest, saved.proc);
    if (!row)
        return;
    row->saved = saved;
    row->state = saved.is_guest ? ROW_COMING : ROW_NEW;
    if (mover_connect(m, row) < 0) { /* It has ended meanwhile. */
        row->state = ROW_OVER;
        mover_forget(m, row);
    }
}

int mover_adopt(struct node_mover *m)
{
    DIR *folder = opendir(m->folder);
    if (!folder)
        return -errno;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        size_t length = strlen(entry->d_name);
        if (length > 4 && strcmp(entry->d_name + length - 4, ".row") == 0)
            adopt_one(m, entry->d_name);
    }
    closedir(folder);
    return 0;
}
