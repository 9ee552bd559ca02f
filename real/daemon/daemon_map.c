/* daemon_map.c - who could be there: this cluster's record, from the roster or
 * as its owner changed it since, and those of partners as they were heard. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/file.h"
#include "../../traces/save.h"
#include "daemon_inside.h"

char *daemon_state_file(const struct daemon *d, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", d->parts.config->state, name) < 0)
        return NULL;
    return path;
}

/* ---- The file: records as they travel, one behind the other. ------------- */

static int keep_records(struct daemon *d)
{
    const struct cluster_record *records = d->records[d->shown];
    char *path = daemon_state_file(d, "records");
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    int error = path && out ? 0 : -ENOMEM;
    for (size_t i = 0; i < d->record_count && !error; i++) {
        struct writer w = {.count = 0};
        put_record(&w, &records[i]);
        fwrite(w.bytes, 1, w.count, out);
    }
    if (out && fclose(out) != 0)
        error = -ENOMEM;
    if (!error)
        error = save_bytes(path, text, bytes);
    free(text);
    free(path);
    return error;
}

/* All that a file holds; false if it is damaged. */
static bool parse_records(struct daemon *d, const char *text, size_t bytes)
{
    struct reader r = {.at = (const uint8_t *)text, .left = bytes};
    struct cluster_record record;
    bool changed;
    while (r.left > 0) {
        if (!get_record(&r, &record) || d->record_count == RECORDS_MAX)
            return false;
        d->record_count =
            map_merge(d->records[0], d->record_count, &record, &changed);
    }
    return true;
}

static int read_records(struct daemon *d, struct complaint *c)
{
    char *path = daemon_state_file(d, "records");
    char *text;
    size_t bytes;
    struct complaint ignored;
    if (!path)
        return -ENOMEM;
    int error = file_read(path, &text, &bytes, &ignored);
    if (error == -ENOENT) {
        free(path);
        return 0;
    }
    if (error) {
        *c = ignored;
    } else {
        bool good = parse_records(d, text, bytes);
        free(text);
        error = good ? 0
                     : complain(c, -EINVAL, path, 0, 0,
                                "is damaged; remove it, other nodes tell again "
                                "what stood in it");
    }
    free(path);
    return error;
}

/* The roster's own cluster: younger than what is kept, or that stays. */
int daemon_load_records(struct daemon *d, struct complaint *c)
{
    struct cluster_record own = roster_record(d->parts.roster);
    bool changed;
    own.within_us = USEC_NEVER;
    int error = read_records(d, c);
    if (error)
        return error;
    if (d->record_count == RECORDS_MAX)
        return complain(c, -ENOSPC, NULL, 0, 0,
                        "there are more than %d clusters", RECORDS_MAX - 1);
    d->record_count = map_merge(d->records[0], d->record_count, &own, &changed);
    for (size_t i = 0; i < d->record_count; i++)
        if (d->records[0][i].id == own.id)
            return 0;
    return complain(c, -EEXIST, d->parts.config->roster, 0, 0,
                    "its nodes are another cluster's in the file records of "
                    "the state folder; agree on the numbers, then remove that "
                    "file");
}

/* ---- Showing, hearing. --------------------------------------------------- */

void daemon_show_map(struct daemon *d, struct event *event)
{
    struct cluster_info *map = d->maps[d->shown];
    const struct cluster_record *records = d->records[d->shown];
    map_view(records, d->record_count, d->parts.roster->cluster.id, map);
    for (size_t i = 0; i < d->record_count; i++) {
        map[i].latency_us = d->parts.config->latency_us;
        map[i].bytes_per_s = (uint64_t)d->parts.config->bytes_per_s;
    }
    event->map = map;
    event->map_count = d->record_count;
    event->records = records;
    event->record_count = d->record_count;
}

/* Into the set that the node does not hold. */
static bool merge(struct daemon *d, const struct cluster_record *record)
{
    struct cluster_record *next = d->records[!d->shown];
    bool changed = false;
    if (!d->records_changed)
        memcpy(next, d->records[d->shown], d->record_count * sizeof *next);
    if (d->record_count < RECORDS_MAX ||
        map_find(next, d->record_count, record->first) < d->record_count)
        d->record_count = map_merge(next, d->record_count, record, &changed);
    d->records_changed |= changed;
    return changed;
}

void daemon_hear_record(struct daemon *d, const struct action *action)
{
    struct reader r = {.at = action->bytes, .left = action->byte_count};
    struct cluster_record record;
    if (!get_record(&r, &record))
        return;
    if (merge(d, &record))
        say(d->parts.said, SAID_NOTE, "node %u told version %u of cluster %u",
            action->peer, record.version, record.id);
}

void daemon_tell_map(struct daemon *d)
{
    if (!d->records_changed)
        return;
    struct event event = {.kind = EVENT_MAP};
    d->shown = !d->shown;
    d->records_changed = false;
    int error = keep_records(d);
    if (error)
        say(d->parts.said, SAID_ERROR,
            "cannot keep what clusters said, a restart forgets it: %s",
            strerror(-error));
    daemon_show_map(d, &event);
    daemon_happens(d, &event);
}

int daemon_set_record(struct daemon *d,
                      const struct cluster_record *record,
                      enum wish wish,
                      const char *by,
                      struct complaint *c)
{
    struct cluster_record next = *record;
    next.version++;
    assert(!d->stepping);
    if (next.version == 0 || !merge(d, &next))
        return complain(c, -EINVAL, NULL, 0, 0,
                        "the record of this cluster cannot be changed further");
    struct record r = {.kind = RECORD_OWNER, .why = by};
    r.values[OWNER_CLUSTER] = next.id;
    r.values[OWNER_WISH] = (uint64_t)wish;
    daemon_record(d, &r);
    say(d->parts.said, SAID_NOTE, "%s, for cluster %u", by, next.id);
    daemon_tell_map(d);
    return 0;
}
