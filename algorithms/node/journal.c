/* journal.c - see journal.h. Everything follows from one table. */
#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* clang-format off */
const struct journal_kind journal_kinds[RECORD_KINDS] = {
    /*                   name      proc   peer   bytes  values */
    [RECORD_SUBMIT]  = {"submit",  true,  false, false, {"user", "job",
                        "program", "work_us", "mem_bytes"}},
    [RECORD_RUN]     = {"run",     true,  false, false, {"start"}},
    [RECORD_HELD]    = {"held",    true,  false, false, {NULL}},
    [RECORD_ASKED]   = {"asked",   true,  true,  false, {"start"}},
    [RECORD_REFUSED] = {"refused", true,  true,  false, {NULL}},
    [RECORD_DENIED]  = {"denied",  true,  true,  false, {NULL}},
    [RECORD_MOVED]   = {"moved",   true,  true,  false, {"epoch", "start",
                        "total_us", "frozen_us", "bytes", "done_us"}},
    [RECORD_FAILED]  = {"failed",  true,  true,  false, {"start", "total_us",
                        "frozen_us", "bytes"}},
    [RECORD_FREEZE]  = {"freeze",  true,  false, false, {"bytes", "arrived",
                        "by"}},
    [RECORD_THAW]    = {"thaw",    true,  false, false, {"bytes"}},
    [RECORD_ENDED]   = {"ended",   true,  false, false, {"cpu_us"}},
    [RECORD_LOST]    = {"lost",    true,  true,  false, {"cpu_us"}},
    [RECORD_KILLED]  = {"killed",  true,  false, false, {"cpu_us", "by"}},
    [RECORD_FAULT]   = {"fault",   false, true,  false, {NULL}},
    [RECORD_OWNER]   = {"owner",   false, false, false, {"cluster", "wish"}},
    [RECORD_DOWN]    = {"down",    false, false, false, {NULL}},
    [RECORD_UP]      = {"up",      false, false, false, {NULL}},
    [RECORD_KNOWN]   = {"known",   false, false, false, {"span_us"}},
    [RECORD_CHECKPOINT] = {"checkpoint", true, false, false, {"bytes",
                        "stopped_us", "done_us"}},
    [RECORD_RESTART] = {"restart", true,  false, false, {"lost_us",
                        "done_us"}},
    [RECORD_BOARD]   = {"board",   false, false, false, {"count", "mean_us",
                        "p95_us", "max_us"}},
    [RECORD_TALLY]   = {"tally",   false, false, false, {"frames", "bytes",
                        "wan_frames", "wan_bytes", "busy_us", "capacity_us",
                        "thrash_us", "lost_work_us"}},
    [RECORD_EVENT]   = {"event",   true,  true,  true,  {"kind"}},
    [RECORD_ACTION]  = {"action",  true,  true,  true,  {"kind", "epoch",
                        "start", "outcome", "total_us", "frozen_us",
                        "copied_bytes"}},
};
/* clang-format on */

static const struct record empty = {.node = NODE_NONE,
                                    .peer = NODE_NONE,
                                    .why = ""};

static void set_result(uint64_t *values, const struct move_result *result)
{
    values[0] = result->total_us;
    values[1] = result->frozen_us;
    values[2] = result->copied_bytes;
}

bool journal_of_action(const struct action *action,
                       usec_t at_us,
                       node_id node,
                       struct record *ret_record)
{
    /* clang-format off */
    static const int8_t kinds[ACTION_KINDS] = {
        [ACTION_SEND] = -1,             [ACTION_CARRY] = -1,
        [ACTION_CANCEL] = -1,           [ACTION_RUN] = RECORD_RUN,
        [ACTION_DROP] = -1,             [ACTION_FREEZE] = RECORD_FREEZE,
        [ACTION_THAW] = RECORD_THAW,    [ACTION_ENDED] = -1,
        [ACTION_LOST] = RECORD_LOST,    [ACTION_ASKED] = RECORD_ASKED,
        [ACTION_REFUSED] = RECORD_REFUSED, [ACTION_HELD] = RECORD_HELD,
        [ACTION_MOVED] = RECORD_MOVED,  [ACTION_FAILED] = RECORD_FAILED,
        [ACTION_DENIED] = RECORD_DENIED,
        [ACTION_KILL] = -1,             [ACTION_RECORD] = -1,
    };
    /* clang-format on */
    if (kinds[action->kind] < 0)
        return false;
    struct record record = empty;
    record.kind = (enum record_kind)kinds[action->kind];
    record.at_us = at_us;
    record.node = node;
    record.proc = action->proc;
    if (journal_kinds[record.kind].has_peer)
        record.peer = action->peer;
    record.why = action->why;
    if (record.kind == RECORD_RUN)
        record.values[RUN_START] = action->start;
    if (record.kind == RECORD_ASKED)
        record.values[ASKED_START] = action->start;
    if (record.kind == RECORD_FREEZE) {
        record.values[FREEZE_BYTES] = action->result.copied_bytes;
        record.values[FREEZE_ARRIVED] = action->epoch != 0;
        record.values[FREEZE_BY] = action->freeze_by;
    }
    if (record.kind == RECORD_THAW)
        record.values[THAW_BYTES] = action->result.copied_bytes;
    if (record.kind == RECORD_MOVED) {
        record.values[MOVED_EPOCH] = action->epoch;
        record.values[MOVED_START] = action->start;
        set_result(&record.values[MOVED_TOTAL_US], &action->result);
    }
    if (record.kind == RECORD_FAILED) {
        record.values[FAILED_START] = action->start;
        set_result(&record.values[FAILED_TOTAL_US], &action->result);
    }
    *ret_record = record;
    return true;
}

void journal_of_any_action(const struct action *action,
                           usec_t at_us,
                           node_id node,
                           struct record *ret_record)
{
    *ret_record = empty;
    ret_record->kind = RECORD_ACTION;
    ret_record->at_us = at_us;
    ret_record->node = node;
    ret_record->proc = action->proc;
    ret_record->peer = action->peer;
    ret_record->why = action->why;
    ret_record->bytes = action->bytes;
    ret_record->byte_count = action->byte_count;
    ret_record->values[ACTION_KIND] = action->kind;
    ret_record->values[ACTION_EPOCH] = action->epoch;
    ret_record->values[ACTION_START] = action->start;
    ret_record->values[ACTION_OUTCOME] = action->result.outcome;
    set_result(&ret_record->values[ACTION_TOTAL_US], &action->result);
}

/* ---- Writing. ------------------------------------------------------------ */

static char *put_text(char *at, const char *text)
{
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static char *put_node_id(char *at, node_id node)
{
    return node == NODE_NONE ? put_text(at, "-") : put_number(at, node);
}

static char *put_hexadecimal(char *at, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    return at;
}

static bool is_one_field(const char *text)
{
    for (; *text; text++)
        if (*text == '\t' || *text == '\n')
            return false;
    return true;
}

size_t journal_format(const struct record *record, char *ret_text)
{
    const struct journal_kind *kind = &journal_kinds[record->kind];
    assert(strlen(record->why) + 2 * record->byte_count + 512 <
           RECORD_LINE_BYTES_MAX);
    char *at = put_number(ret_text, record->at_us);
    *at++ = '\t';
    at = put_node_id(at, record->node);
    *at++ = '\t';
    at = put_text(at, kind->name);
    *at++ = '\t';
    if (kind->has_proc) {
        at = put_number(at, record->proc);
        *at++ = '\t';
    }
    if (kind->has_peer) {
        at = put_node_id(at, record->peer);
        *at++ = '\t';
    }
    for (size_t i = 0; kind->values[i]; i++) {
        at = put_number(at, record->values[i]);
        *at++ = '\t';
    }
    if (kind->has_bytes) {
        at = put_hexadecimal(at, record->bytes, record->byte_count);
        *at++ = '\t';
    }
    assert(is_one_field(record->why));
    at = put_text(at, record->why);
    *at++ = '\n';
    return (size_t)(at - ret_text);
}

/* ---- Reading. ------------------------------------------------------------ */

struct cursor
{
    char *line;
    char *at;  /* Next field; NULL behind the last. */
    char *end; /* Of the line. */
    size_t column;
    const char *what; /* The first thing wrong; NULL if nothing is. */
};

static void complain(struct cursor *cursor, const char *field, const char *what)
{
    if (cursor->what)
        return;
    cursor->what = what;
    cursor->column = (size_t)(field - cursor->line) + 1;
}

/* The next field, ended by a 0; "" behind the last, and that is wrong. */
static char *next_field(struct cursor *cursor)
{
    if (!cursor->at) {
        complain(cursor, cursor->end, "a field is missing");
        return cursor->end;
    }
    char *field = cursor->at;
    char *at = field;
    while (at < cursor->end && *at != '\t' && *at != '\n' && *at)
        at++;
    if (at < cursor->end && *at != '\t')
        complain(cursor, at, "a line holds no line break and no byte 0");
    cursor->at = at < cursor->end ? at + 1 : NULL;
    *at = 0;
    return field;
}

static uint64_t next_number(struct cursor *cursor, uint64_t max)
{
    const char *field = next_field(cursor);
    uint64_t number = 0;
    const char *at = field;
    for (; '0' <= *at && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (number > (max - digit) / 10) {
            complain(cursor, field, "a number is too large");
            return 0;
        }
        number = number * 10 + digit;
    }
    if (at == field || *at || (*field == '0' && field[1]))
        complain(cursor, field, "a number is expected");
    return number;
}

static node_id next_node(struct cursor *cursor)
{
    if (cursor->at && cursor->at[0] == '-' &&
        (cursor->at + 1 == cursor->end || cursor->at[1] == '\t')) {
        next_field(cursor);
        return NODE_NONE;
    }
    return (node_id)next_number(cursor, NODE_NONE - 1);
}

static enum record_kind next_kind(struct cursor *cursor)
{
    const char *field = next_field(cursor);
    for (int kind = 0; kind < RECORD_KINDS; kind++)
        if (strcmp(journal_kinds[kind].name, field) == 0)
            return (enum record_kind)kind;
    complain(cursor, field, "no kind of record has this name");
    return RECORD_SUBMIT;
}

static int digit_of(char c)
{
    if ('0' <= c && c <= '9')
        return c - '0';
    if ('a' <= c && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* The bytes take the place of their digits. */
static void next_bytes(struct cursor *cursor, struct record *record)
{
    char *field = next_field(cursor);
    uint8_t *bytes = (uint8_t *)field;
    size_t count = 0;
    const char *at = field;
    for (; *at; at += 2) {
        int high = digit_of(at[0]);
        int low = digit_of(at[1]);
        if (high < 0 || low < 0) {
            complain(cursor, at, "pairs of hexadecimal digits are expected");
            return;
        }
        bytes[count++] = (uint8_t)(high << 4 | low);
    }
    record->bytes = bytes;
    record->byte_count = count;
}

int journal_parse(char *line,
                  size_t length,
                  struct record *ret_record,
                  size_t *ret_column,
                  const char **ret_what)
{
    struct cursor cursor = {.line = line, .at = line, .end = line + length};
    struct record record = empty;
    line[length] = 0;
    record.at_us = next_number(&cursor, UINT64_MAX);
    record.node = next_node(&cursor);
    record.kind = next_kind(&cursor);
    const struct journal_kind *kind = &journal_kinds[record.kind];
    if (kind->has_proc)
        record.proc = next_number(&cursor, UINT64_MAX);
    if (kind->has_peer)
        record.peer = next_node(&cursor);
    for (size_t i = 0; kind->values[i]; i++)
        record.values[i] = next_number(&cursor, UINT64_MAX);
    if (kind->has_bytes)
        next_bytes(&cursor, &record);
    record.why = next_field(&cursor);
    if (cursor.at)
        complain(&cursor, cursor.at, "a field too many");
    if (cursor.what) {
        *ret_column = cursor.column;
        *ret_what = cursor.what;
        return -EINVAL;
    }
    *ret_record = record;
    return 0;
}
