/* spread.c - see spread.h. */
#include "spread.h"

#include <assert.h>
#include <string.h>

#include "emit.h"
#include "handoff.h"

enum {
    BUCKET_COUNT = 256,
    MARK_BYTES = BUCKET_COUNT / 8,
    DIGESTS_BYTES = BUCKET_COUNT * 4,
    PAIR_BYTES = 6,
    PAIRS_MAX = (POLICY_MESSAGE_BYTES_MAX - MARK_BYTES) / PAIR_BYTES,
};

static size_t bucket_of(cluster_id id)
{
    return rng_mix(id) % BUCKET_COUNT;
}

/* ---- What may be sent. --------------------------------------------------- */

static bool may_send(struct node *node)
{
    struct spread *spread = &node->spread;
    if (spread->span_until_us <= node->now_us) {
        spread->span_until_us = after(node->now_us, node->config.retry_us);
        spread->frame_count = 0;
    }
    if (spread->frame_count >= SPREAD_FRAMES_MAX)
        return false;
    spread->frame_count++;
    return true;
}

static void send(struct node *node,
                 struct batch *batch,
                 node_id peer,
                 enum frame_kind kind,
                 const struct writer *body)
{
    if (may_send(node))
        emit_frame(node, batch, peer, kind, body->bytes, body->count);
}

/* True, and remembered, if this node may compare maps with that one now. */
static bool may_meet(struct node *node, node_id peer)
{
    struct meeting *meetings = node->spread.meetings;
    struct meeting *free_one = NULL;
    for (size_t i = 0; i < SPREAD_MEETINGS_MAX; i++)
        if (meetings[i].until_us <= node->now_us)
            free_one = &meetings[i];
        else if (meetings[i].peer == peer)
            return false;
    if (!free_one)
        return false;
    free_one->peer = peer;
    free_one->until_us = after(
        node->now_us, handoff_patience(node, peer, node->config.retry_us));
    return true;
}

/* ---- Records on their way. ----------------------------------------------- */

/* RECORD frames being filled for one peer. */
struct parcel
{
    node_id peer;
    size_t frame_count; /* Sent. */
    struct writer body;
};

static bool fits(const struct writer *body, const struct cluster_record *record)
{
    size_t bytes =
        RECORD_HEAD_WIRE_BYTES + (size_t)RULE_WIRE_BYTES * record->rule_count;
    return bytes <= sizeof body->bytes - body->count;
}

static void send_parcel(struct node *node,
                        struct batch *batch,
                        struct parcel *parcel)
{
    if (parcel->body.count == 0)
        return;
    send(node, batch, parcel->peer, FRAME_RECORD, &parcel->body);
    parcel->frame_count++;
    parcel->body.count = 0;
}

static void pack(struct node *node,
                 struct batch *batch,
                 struct parcel *parcel,
                 const struct cluster_record *record)
{
    if (!fits(&parcel->body, record))
        send_parcel(node, batch, parcel);
    if (parcel->frame_count < ANSWER_FRAMES_MAX)
        put_record(&parcel->body, record);
}

/* ---- Rumour. ------------------------------------------------------------- */

static void tell(struct node *node,
                 struct batch *batch,
                 const struct writer *news)
{
    static const enum scope scopes[] = {SCOPE_OWN, SCOPE_OWN, SCOPE_OTHERS,
                                        SCOPE_OTHERS};
    const struct policy_ctx c = {.self = &node->self,
                                 .clusters = node->map,
                                 .cluster_count = node->map_count,
                                 .rng = &node->spread.rng};
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        node_id peer = node_pick(&c, scopes[i]);
        if (peer == NODE_NONE) /* It is alone there. */
            peer = node_pick(&c, SCOPE_ALL);
        if (peer == NODE_NONE)
            return;
        send(node, batch, peer, FRAME_RECORD, news);
    }
}

/* Of the new records those that are younger than the old ones or not among
 * them; one frame of them, begun anywhere. */
static void tell_news(struct node *node,
                      struct batch *batch,
                      const struct cluster_record *old,
                      size_t old_count)
{
    const struct spread *spread = &node->spread;
    struct writer news = {.count = 0};
    size_t start = rng_below(&node->spread.rng, (uint32_t)spread->record_count);
    for (size_t i = 0; i < spread->record_count; i++) {
        const struct cluster_record *record =
            &spread->records[(start + i) % spread->record_count];
        size_t at = map_find(old, old_count, record->first);
        bool known = at < old_count && old[at].first == record->first &&
                     record->version <= old[at].version;
        if (!known && fits(&news, record))
            put_record(&news, record);
    }
    if (news.count > 0)
        tell(node, batch, &news);
}

void spread_set_records(struct node *node,
                        struct batch *batch,
                        const struct cluster_record *records,
                        size_t count)
{
    assert(count == 0 || records_are_sound(records, count));
    const struct cluster_record *old = node->spread.records;
    size_t old_count = node->spread.record_count;
    uint32_t old_digest = node->map_digest;
    node->spread.records = records;
    node->spread.record_count = count;
    node->map_digest = count > 0 ? map_digest(records, count) : 0;
    if (old_count > 0 && count > 0 && node->map_digest != old_digest)
        tell_news(node, batch, old, old_count);
}

/* ---- Anti-entropy. ------------------------------------------------------- */

static void put_pair(struct writer *w, cluster_id id, uint32_t version)
{
    put_u16(w, id);
    put_u32(w, version);
}

static void put_marks(struct writer *w, const uint8_t *marks)
{
    for (size_t i = 0; i < MARK_BYTES; i++)
        put_u8(w, marks[i]);
}

/* Of the buckets named, as many as fit whole, and their marks. A bucket that
 * fits into no frame goes without a mark, as far as it fits. */
static void choose_buckets(struct node *node,
                           const bool *named,
                           bool *ret_chosen,
                           uint8_t *ret_marks)
{
    size_t sizes[BUCKET_COUNT] = {0};
    for (size_t i = 0; i < node->spread.record_count; i++)
        sizes[bucket_of(node->spread.records[i].id)]++;
    memset(ret_chosen, false, BUCKET_COUNT * sizeof *ret_chosen);
    memset(ret_marks, 0, MARK_BYTES);
    size_t start = rng_below(&node->spread.rng, BUCKET_COUNT);
    size_t left = PAIRS_MAX;
    for (size_t i = 0; i < BUCKET_COUNT; i++) {
        size_t bucket = (start + i) % BUCKET_COUNT;
        if (!named[bucket])
            continue;
        if (sizes[bucket] <= left) {
            ret_chosen[bucket] = true;
            ret_marks[bucket / 8] |= (uint8_t)(1 << bucket % 8);
            left -= sizes[bucket];
        } else if (left == PAIRS_MAX) {
            ret_chosen[bucket] = true;
            left = 0;
        }
    }
}

static void send_versions(struct node *node,
                          struct batch *batch,
                          node_id peer,
                          const bool *named)
{
    const struct spread *spread = &node->spread;
    bool chosen[BUCKET_COUNT];
    uint8_t marks[MARK_BYTES];
    choose_buckets(node, named, chosen, marks);
    struct writer body = {.count = 0};
    put_marks(&body, marks);
    size_t start = rng_below(&node->spread.rng, (uint32_t)spread->record_count);
    size_t left = PAIRS_MAX;
    for (size_t i = 0; i < spread->record_count && left > 0; i++) {
        const struct cluster_record *record =
            &spread->records[(start + i) % spread->record_count];
        if (!chosen[bucket_of(record->id)])
            continue;
        put_pair(&body, record->id, record->version);
        left--;
    }
    send(node, batch, peer, FRAME_VERSIONS, &body);
}

static void sum_buckets(const struct node *node, uint32_t *ret_sums)
{
    memset(ret_sums, 0, BUCKET_COUNT * sizeof *ret_sums);
    for (size_t i = 0; i < node->spread.record_count; i++) {
        const struct cluster_record *record = &node->spread.records[i];
        ret_sums[bucket_of(record->id)] +=
            record_digest(record->id, record->version);
    }
}

static void send_digests(struct node *node, struct batch *batch, node_id peer)
{
    uint32_t sums[BUCKET_COUNT];
    sum_buckets(node, sums);
    struct writer body = {.count = 0};
    for (size_t i = 0; i < BUCKET_COUNT; i++)
        put_u32(&body, sums[i]);
    send(node, batch, peer, FRAME_DIGESTS, &body);
}

void spread_compare(struct node *node,
                    struct batch *batch,
                    node_id peer,
                    uint32_t digest)
{
    if (digest == node->map_digest || digest == 0 || node->map_digest == 0 ||
        !may_meet(node, peer))
        return;
    if (node->spread.record_count > PAIRS_MAX) {
        send_digests(node, batch, peer);
        return;
    }
    bool all[BUCKET_COUNT];
    memset(all, true, sizeof all);
    send_versions(node, batch, peer, all);
}

static void on_digests(struct node *node,
                       struct batch *batch,
                       node_id peer,
                       struct reader *body)
{
    if (body->left != DIGESTS_BYTES)
        return;
    uint32_t sums[BUCKET_COUNT];
    sum_buckets(node, sums);
    bool differs[BUCKET_COUNT];
    bool any = false;
    for (size_t i = 0; i < BUCKET_COUNT; i++) {
        differs[i] = get_u32(body) != sums[i];
        any |= differs[i];
    }
    if (any)
        send_versions(node, batch, peer, differs);
}

struct pair
{
    cluster_id id;
    uint8_t next; /* In its bucket: index + 1; 0: none. */
    bool known;   /* This node has a record of it. */
    uint32_t version;
};

/* A VERSIONS frame, taken apart. */
struct versions
{
    uint8_t marks[MARK_BYTES];
    uint8_t heads[BUCKET_COUNT]; /* As next. */
    struct pair pairs[PAIRS_MAX];
    size_t count;
};

static bool read_versions(struct reader *body, struct versions *ret_versions)
{
    static_assert(PAIRS_MAX < UINT8_MAX, "an index must fit into next");
    if (body->left < MARK_BYTES || (body->left - MARK_BYTES) % PAIR_BYTES != 0)
        return false;
    ret_versions->count = (body->left - MARK_BYTES) / PAIR_BYTES;
    if (ret_versions->count > PAIRS_MAX)
        return false;
    for (size_t i = 0; i < MARK_BYTES; i++)
        ret_versions->marks[i] = get_u8(body);
    memset(ret_versions->heads, 0, sizeof ret_versions->heads);
    for (size_t i = 0; i < ret_versions->count; i++) {
        struct pair *pair = &ret_versions->pairs[i];
        pair->id = get_u16(body);
        pair->version = get_u32(body);
        pair->known = false;
        uint8_t *head = &ret_versions->heads[bucket_of(pair->id)];
        pair->next = *head;
        *head = (uint8_t)(i + 1);
    }
    return true;
}

static struct pair *find_pair(struct versions *versions, cluster_id id)
{
    uint8_t at = versions->heads[bucket_of(id)];
    while (at > 0 && versions->pairs[at - 1].id != id)
        at = versions->pairs[at - 1].next;
    return at > 0 ? &versions->pairs[at - 1] : NULL;
}

static bool is_marked(const struct versions *versions, cluster_id id)
{
    size_t bucket = bucket_of(id);
    return versions->marks[bucket / 8] >> bucket % 8 & 1;
}

/* Ask for what is younger there. */
static void ask(struct node *node,
                struct batch *batch,
                node_id peer,
                struct versions *theirs)
{
    static const uint8_t no_marks[MARK_BYTES];
    struct writer body = {.count = 0};
    put_marks(&body, no_marks);
    for (size_t i = 0; i < node->spread.record_count; i++) {
        const struct cluster_record *record = &node->spread.records[i];
        struct pair *pair = find_pair(theirs, record->id);
        if (!pair)
            continue;
        pair->known = true;
        if (record->version < pair->version)
            put_pair(&body, record->id, record->version);
    }
    for (size_t i = 0; i < theirs->count; i++)
        if (!theirs->pairs[i].known && theirs->pairs[i].version > 0)
            put_pair(&body, theirs->pairs[i].id, 0);
    if (body.count > MARK_BYTES)
        send(node, batch, peer, FRAME_VERSIONS, &body);
}

static void on_versions(struct node *node,
                        struct batch *batch,
                        node_id peer,
                        struct reader *body)
{
    struct versions theirs;
    if (!read_versions(body, &theirs))
        return;
    ask(node, batch, peer, &theirs);
    const struct spread *spread = &node->spread;
    struct parcel parcel = {.peer = peer};
    size_t start = rng_below(&node->spread.rng, (uint32_t)spread->record_count);
    for (size_t i = 0; i < spread->record_count; i++) {
        const struct cluster_record *record =
            &spread->records[(start + i) % spread->record_count];
        const struct pair *pair = find_pair(&theirs, record->id);
        if (pair ? pair->version < record->version
                 : is_marked(&theirs, record->id))
            pack(node, batch, &parcel, record);
    }
    if (parcel.frame_count < ANSWER_FRAMES_MAX)
        send_parcel(node, batch, &parcel);
}

/* All of a frame, or nothing. */
static void on_record(struct node *node,
                      struct batch *batch,
                      node_id peer,
                      struct reader *body)
{
    struct cluster_record record;
    struct reader checked = *body;
    while (checked.left > 0)
        if (!get_record(&checked, &record))
            return;
    while (body->left > 0 && get_record(body, &record))
        if (map_wants(node->spread.records, node->spread.record_count, &record))
            emit_record(batch, peer, &record);
}

void spread_frame(struct node *node,
                  struct batch *batch,
                  node_id peer,
                  struct frame *frame)
{
    if (node->spread.record_count == 0)
        return;
    if (frame->kind == FRAME_RECORD)
        on_record(node, batch, peer, &frame->body);
    else if (frame->kind == FRAME_VERSIONS)
        on_versions(node, batch, peer, &frame->body);
    else
        on_digests(node, batch, peer, &frame->body);
}
