/* requests_look.c - what everybody may see. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../algorithms/node/node.h"
#include "../../cli/version.h"
#include "requests_inside.h"

enum { EXPLAIN_BYTES = 32768 };

static const char *const node_states[] = {"up", "blocked", "draining", "dead"};
static const char *const proc_states[] = {"waiting", "running", "frozen",
                                          "leaving"};

/* ---- nodes. -------------------------------------------------------------- */

static json_t *integer(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* What a node says of itself. */
static void put_node(json_t *row, const struct node_word *word)
{
    json_object_set_new(row, "state", json_string(node_states[word->state]));
    json_object_set_new(row, "cores", json_integer(word->core_count));
    json_object_set_new(row, "speed_milli", json_integer(word->speed_milli));
    json_object_set_new(row, "load_milli", json_integer(word->load_milli));
    json_object_set_new(row, "utilisation_milli",
                        json_integer(word->utilisation_milli));
    json_object_set_new(row, "guests", json_integer(word->guest_count));
    json_object_set_new(row, "grid_guests",
                        json_integer(word->grid_guest_count));
    json_object_set_new(row, "frozen", json_integer(word->frozen_count));
    json_object_set_new(row, "stays", json_boolean(word->flags & NODE_STAY));
    json_object_set_new(row, "reserved",
                        json_boolean(word->flags & NODE_RESERVED));
    json_object_set_new(row, "mem_total_bytes",
                        integer(unit_bytes(word->mem_total_units)));
    json_object_set_new(row, "mem_free_bytes",
                        integer(unit_bytes(word->mem_free_units)));
    json_object_set_new(row, "swap_total_bytes",
                        integer(unit_bytes(word->swap_total_units)));
    json_object_set_new(row, "swap_free_bytes",
                        integer(unit_bytes(word->swap_free_units)));
}

static const struct peer_info *peer_of(const struct node *node, node_id id)
{
    for (size_t i = 0; i < node_peer_count(node); i++)
        if (node_peer(node, i)->word.id == id)
            return node_peer(node, i);
    return NULL;
}

/* The word is the node's own, whoever passed it on; said_by says whether it is
 * this daemon's, a member's that is on the board, or nobody's. */
static json_t *member_row(const struct daemon *d, const struct member *m)
{
    const struct node *node = daemon_node(d);
    json_t *row = json_pack("{s:I,s:s,s:s}", "id", (json_int_t)m->id, "name",
                            m->name, "address", m->address);
    if (m->id == daemon_id(d)) {
        struct node_word word = node_word_of(node_self(node));
        put_node(row, &word);
        json_object_set_new(row, "age_us", json_integer(0));
        json_object_set_new(row, "said_by", json_string("itself"));
        return row;
    }
    const struct peer_info *peer = peer_of(node, m->id);
    if (!peer) {
        json_object_set_new(row, "state", json_string("unknown"));
        json_object_set_new(row, "said_by", json_string("nobody"));
        return row;
    }
    usec_t now_us = daemon_now_us(d);
    put_node(row, &peer->word);
    json_object_set_new(
        row, "age_us",
        integer(now_us > peer->measured_us ? now_us - peer->measured_us : 0));
    json_object_set_new(row, "said_by",
                        json_string(peer->word.state == NODE_GONE
                                        ? "gossip, which holds it for dead"
                                        : "itself, by gossip"));
    return row;
}

json_t *requests_nodes(const struct asked *a)
{
    const struct roster *roster = daemon_parts_of(a->daemon)->roster;
    json_t *rows = json_array();
    for (size_t i = 0; i < roster->member_count; i++)
        json_array_append_new(rows, member_row(a->daemon, &roster->members[i]));
    json_t *yes = requests_yes();
    json_object_set_new(yes, "cluster", json_string(roster->cluster.name));
    json_object_set_new(yes, "asked", json_integer(daemon_id(a->daemon)));
    json_object_set_new(yes, "nodes", rows);
    return yes;
}

/* ---- status. ------------------------------------------------------------- */

static void put_measures(json_t *yes, const struct daemon *d)
{
    struct sampler_alarms alarms = daemon_alarms(d);
    struct transport_counts counts = daemon_counts(d);
    json_object_set_new(
        yes, "pressure_milli",
        json_pack("{s:i,s:i,s:i,s:i}", "memory_some", alarms.memory_some_milli,
                  "memory_full", alarms.memory_full_milli, "io_some",
                  alarms.io_some_milli, "io_full", alarms.io_full_milli));
    json_t *lacks = json_array();
    for (uint32_t bits = alarms.lacks; bits; bits &= bits - 1)
        json_array_append_new(lacks, json_string(sampler_lack_text(bits)));
    json_object_set_new(yes, "not_measured", lacks);
    json_t *datagrams = json_object();
    json_object_set_new(datagrams, "sent", integer(counts.sent));
    json_object_set_new(datagrams, "sent_bytes", integer(counts.sent_bytes));
    json_object_set_new(datagrams, "unsent", integer(counts.unsent));
    json_object_set_new(datagrams, "heard", integer(counts.heard));
    json_object_set_new(datagrams, "heard_bytes", integer(counts.heard_bytes));
    json_object_set_new(datagrams, "refused", integer(counts.refused));
    json_object_set_new(yes, "datagrams", datagrams);
}

json_t *requests_status(const struct asked *a)
{
    const struct daemon *d = a->daemon;
    const struct daemon_parts *parts = daemon_parts_of(d);
    const struct member *self = roster_member(parts->roster, daemon_id(d));
    struct node_word word = node_word_of(node_self(daemon_node(d)));
    char fingerprint[FINGERPRINT_BYTES];
    size_t proc_count, away_count;
    node_procs(daemon_node(d), &proc_count);
    node_away(daemon_node(d), &away_count);
    fingerprint_text(parts->identity->public_key, fingerprint);
    char *policies = config_policies_text(parts->config);
    json_t *yes = requests_yes();
    json_object_set_new(yes, "id", json_integer(self->id));
    json_object_set_new(yes, "name", json_string(self->name));
    json_object_set_new(yes, "cluster",
                        json_string(parts->roster->cluster.name));
    json_object_set_new(yes, "address", json_string(self->address));
    json_object_set_new(yes, "fingerprint", json_string(fingerprint));
    json_object_set_new(yes, "roster_version",
                        json_integer(parts->roster->version));
    json_object_set_new(yes, "commit", json_string(VENCEJO_COMMIT));
    json_object_set_new(yes, "policies", json_string(policies));
    json_object_set_new(yes, "seed", json_sprintf("%" PRIu64, daemon_seed(d)));
    json_object_set_new(yes, "up_us",
                        integer(daemon_now_us(d) - daemon_started_us(d)));
    json_object_set_new(yes, "moves", json_boolean(parts->workload->moves));
    put_node(yes, &word);
    json_object_set_new(yes, "processes", integer(proc_count));
    json_object_set_new(yes, "away", integer(away_count));
    json_object_set_new(yes, "board", integer(node_peer_count(daemon_node(d))));
    json_object_set_new(yes, "events", integer(daemon_event_count(d)));
    put_measures(yes, d);
    free(policies);
    return yes;
}

/* ---- processes, explain. ------------------------------------------------- */

static json_t *process_row(const struct daemon *d, const struct proc_info *p)
{
    const struct node_workload *w = daemon_parts_of(d)->workload;
    uid_t uid;
    pid_t pid;
    bool known = w->whose(w->user, p->id, &uid, &pid);
    json_t *row = json_pack(
        "{s:o,s:I,s:s,s:o,s:o,s:o,s:b,s:b}", "proc", integer(p->id), "home",
        (json_int_t)p->home, "state", proc_states[p->state], "mem_bytes",
        integer(p->mem_bytes), "cpu_used_us", integer(p->cpu_used_us), "moves",
        integer(p->move_count), "pinned", p->pinned, "locked", p->locked);
    if (known) {
        json_object_set_new(row, "pid", json_integer(pid));
        json_object_set_new(row, "uid", json_integer(uid));
    }
    return row;
}

json_t *requests_processes(const struct asked *a)
{
    const struct node *node = daemon_node(a->daemon);
    size_t count;
    const struct proc_info *procs = node_procs(node, &count);
    json_t *here = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(here, process_row(a->daemon, &procs[i]));
    const struct away *away = node_away(node, &count);
    json_t *elsewhere = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            elsewhere, json_pack("{s:o,s:I,s:I}", "proc", integer(away[i].proc),
                                 "place", (json_int_t)away[i].place, "epoch",
                                 (json_int_t)away[i].epoch));
    json_t *yes = requests_yes();
    json_object_set_new(yes, "here", here);
    json_object_set_new(yes, "away", elsewhere);
    return yes;
}

json_t *requests_explain(const struct asked *a)
{
    const struct node_workload *w = daemon_parts_of(a->daemon)->workload;
    json_int_t proc, pid;
    if (!requests_number(a, "proc", INT64_MAX, 0, &proc) ||
        !requests_number(a, "pid", INT32_MAX, 0, &pid))
        return control_no("bad", "proc or pid is no number", NULL);
    if (pid > 0)
        proc = (json_int_t)w->proc_of(w->user, (pid_t)pid);
    if (pid > 0 && proc == 0)
        return control_no("refused", "that process is none of Vencejo's",
                          "start programs by `vencejo run`");
    char *text = malloc(EXPLAIN_BYTES);
    if (!text)
        return control_no("failed", "no memory", NULL);
    size_t length =
        daemon_explain(a->daemon, (proc_id)proc, text, EXPLAIN_BYTES);
    json_t *yes = requests_yes();
    json_object_set_new(yes, "text", json_stringn(text, length));
    free(text);
    return yes;
}

/* ---- events. ------------------------------------------------------------- */

json_t *requests_events(const struct asked *a)
{
    const struct said *said = daemon_parts_of(a->daemon)->said;
    json_int_t since_us;
    if (!requests_number(a, "since_us", INT64_MAX, 0, &since_us))
        return control_no("bad", "since_us is no number of microseconds", NULL);
    json_t *lines = json_array();
    uint64_t first = said->count > SAID_KEPT ? said->count - SAID_KEPT : 0;
    for (uint64_t i = first; i < said->count; i++) {
        const struct said_line *line = &said->lines[i % SAID_KEPT];
        if (line->at_us >= (usec_t)since_us)
            json_array_append_new(
                lines,
                json_pack("{s:o,s:o,s:i,s:s%}", "at_us", integer(line->at_us),
                          "number", integer(line->number), "level",
                          (int)line->level, "text", line->text,
                          strlen(line->text)));
    }
    json_t *yes = requests_yes();
    json_object_set_new(yes, "events", lines);
    json_object_set_new(yes, "forgotten", integer(first));
    return yes;
}
