/* daemon_views.c - what commands see of a daemon, and what they wish. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../algorithms/node/explain.h"
#include "daemon_inside.h"

const struct daemon_parts *daemon_parts_of(const struct daemon *d)
{
    return &d->parts;
}

const struct node *daemon_node(const struct daemon *d)
{
    return d->node;
}

node_id daemon_id(const struct daemon *d)
{
    return d->id;
}

usec_t daemon_now_us(const struct daemon *d)
{
    usec_t now_us = uv_hrtime() / 1000;
    return now_us > d->now_us ? now_us : d->now_us;
}

usec_t daemon_started_us(const struct daemon *d)
{
    return d->started_us;
}

uint64_t daemon_seed(const struct daemon *d)
{
    return d->seed;
}

uint64_t daemon_event_count(const struct daemon *d)
{
    return d->event_count;
}

uint64_t daemon_action_count(const struct daemon *d, enum action_kind kind)
{
    return d->action_counts[kind];
}

struct sampler_alarms daemon_alarms(const struct daemon *d)
{
    return d->alarms;
}

struct transport_counts daemon_counts(const struct daemon *d)
{
    return transport_counts_of(d->transport);
}

const struct owner_word *daemon_word(const struct daemon *d)
{
    return &d->word;
}

const struct cluster_record *daemon_records(const struct daemon *d,
                                            size_t *ret_count)
{
    *ret_count = d->record_count;
    return d->records[d->shown];
}

size_t daemon_explain(struct daemon *d,
                      proc_id proc,
                      char *ret_text,
                      size_t text_bytes)
{
    struct node_config config = node_config_of(d->node);
    void *scratch = aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16);
    if (!scratch)
        return 0;
    size_t length = node_explain(d->node, daemon_now_us(d), proc, scratch,
                                 &d->batch, ret_text, text_bytes);
    free(scratch);
    return length;
}

static void record_wish(struct daemon *d, enum wish wish, const char *by)
{
    struct record r = {.kind = RECORD_OWNER, .why = by};
    r.values[OWNER_CLUSTER] = d->parts.roster->cluster.id;
    r.values[OWNER_WISH] = (uint64_t)wish;
    daemon_record(d, &r);
    say(d->parts.said, SAID_NOTE, "%s", by);
}

bool daemon_wish(struct daemon *d,
                 struct event *event,
                 enum wish wish,
                 const char *by,
                 char ret_why[POLICY_TEXT_BYTES_MAX])
{
    record_wish(d, wish, by);
    daemon_happens(d, event);
    memcpy(ret_why, d->why_denied, sizeof d->why_denied);
    return d->why_denied[0] == '\0';
}

/* What cannot move anything takes no guest, whatever its owner says. */
void daemon_tell_word(struct daemon *d)
{
    struct event event = owner_word_event(&d->word);
    if (!d->parts.workload->moves && event.state == NODE_UP)
        event.state = NODE_BLOCKED;
    daemon_happens(d, &event);
}

int daemon_set_word(struct daemon *d,
                    const struct owner_word *word,
                    enum wish wish,
                    const char *by,
                    struct complaint *c)
{
    char *path = daemon_state_file(d, "owner.json");
    int error = path ? owner_word_write(path, word, c) : -ENOMEM;
    free(path);
    if (error)
        return error;
    d->word = *word;
    record_wish(d, wish, by);
    daemon_tell_word(d);
    return 0;
}

void daemon_mark(struct daemon *d, const char *text, const char *by)
{
    char why[SAID_TEXT_BYTES];
    snprintf(why, sizeof why, "mark: %s (%s)", text, by);
    for (char *at = why; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    struct record r = {.kind = RECORD_FAULT, .peer = NODE_NONE, .why = why};
    daemon_record(d, &r);
    say(d->parts.said, SAID_NOTE, "%s", why);
}
