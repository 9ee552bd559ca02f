/* test_journal_page.c - docs/journal.md says what the code writes, and all of
 * it. Rows of the page are "| `name` | second | third |"; sections tell which
 * table they are of. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "results/history.h"
#include "sim/journal_file.h"
#include "tests/suite.h"

enum { PAGE_BYTES_MAX = 1 << 16, ROWS_MAX = 64 };

struct row
{
    const char *name;
    const char *second;
    const char *third; /* "" in a table of two columns. */
};

struct table
{
    char page[PAGE_BYTES_MAX]; /* The cells point into it. */
    struct row rows[ROWS_MAX];
    size_t count;
};

static void read_page(char *ret_page)
{
    char path[4096];
    const char *source = getenv("SOURCE");
    CU_ASSERT_PTR_NOT_NULL_FATAL(source);
    snprintf(path, sizeof path, "%s/docs/journal.md", source);
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t count = fread(ret_page, 1, PAGE_BYTES_MAX, file);
    CU_ASSERT_FATAL(count < PAGE_BYTES_MAX);
    ret_page[count] = 0;
    fclose(file);
}

/* What stands between the two, which are cut off; the page is changed. */
static char *between(char *page, const char *begin, const char *end)
{
    char *text = strstr(page, begin);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    text += strlen(begin);
    char *behind = strstr(text, end);
    CU_ASSERT_PTR_NOT_NULL_FATAL(behind);
    *behind = 0;
    return text;
}

/* The next cell, without the blanks around it; "" behind the last. */
static const char *next_cell(char **rest)
{
    char *cell = strsep(rest, "|");
    if (!cell)
        return "";
    cell += strspn(cell, " ");
    size_t length = strlen(cell);
    while (length > 0 && cell[length - 1] == ' ')
        length--;
    cell[length] = 0;
    return cell;
}

/* Rows below the line of dashes. */
static void read_table(const char *section, struct table *ret_table)
{
    char begin[64];
    bool in_body = false;
    snprintf(begin, sizeof begin, "\n## %s\n", section);
    read_page(ret_table->page);
    char *text = between(ret_table->page, begin, "\n## ");
    ret_table->count = 0;
    for (char *line; (line = strsep(&text, "\n"));) {
        char *rest = line + 1;
        if (line[0] != '|')
            continue;
        if (in_body) {
            CU_ASSERT_FATAL(ret_table->count < ROWS_MAX);
            struct row *row = &ret_table->rows[ret_table->count++];
            row->name = next_cell(&rest);
            row->second = next_cell(&rest);
            row->third = next_cell(&rest);
        }
        in_body = in_body || strncmp(line, "|---", 4) == 0;
    }
}

static void same_text(const char *page, const char *code)
{
    if (strcmp(page, code) != 0)
        printf("\n    page: %s\n    code: %s", page, code);
    CU_ASSERT_STRING_EQUAL(page, code);
}

static void fields_text(const struct journal_kind *kind,
                        char *ret_text,
                        size_t text_bytes)
{
    size_t count = 0;
    ret_text[0] = 0;
    if (kind->has_proc)
        count += (size_t)snprintf(ret_text, text_bytes, "process, ");
    if (kind->has_peer)
        count +=
            (size_t)snprintf(ret_text + count, text_bytes - count, "peer, ");
    for (size_t i = 0; kind->values[i]; i++)
        count += (size_t)snprintf(ret_text + count, text_bytes - count,
                                  "`%s`, ", kind->values[i]);
    if (kind->has_bytes)
        count +=
            (size_t)snprintf(ret_text + count, text_bytes - count, "bytes, ");
    snprintf(ret_text + count, text_bytes - count, "reason");
}

static struct table table;

static void kinds_and_their_fields_agree(void)
{
    read_table("Records", &table);
    CU_ASSERT_EQUAL_FATAL(table.count, RECORD_KINDS);
    for (size_t kind = 0; kind < RECORD_KINDS; kind++) {
        char name[64], fields[512];
        snprintf(name, sizeof name, "`%s`", journal_kinds[kind].name);
        fields_text(&journal_kinds[kind], fields, sizeof fields);
        same_text(table.rows[kind].name, name);
        same_text(table.rows[kind].second, fields);
        CU_ASSERT(10 < strlen(table.rows[kind].third));
    }
}

/* Names say their unit. */
static const char *unit_of(const char *name)
{
    size_t length = strlen(name);
    if (length > 3 && strcmp(name + length - 3, "_us") == 0)
        return "us";
    if (length >= 5 && strcmp(name + length - 5, "bytes") == 0)
        return "bytes";
    return "1";
}

static void every_field_has_its_unit_and_meaning(void)
{
    size_t row = 0;
    read_table("Fields", &table);
    for (size_t kind = 0; kind < RECORD_KINDS; kind++)
        for (size_t i = 0; journal_kinds[kind].values[i]; i++) {
            char name[64];
            const char *field = journal_kinds[kind].values[i];
            CU_ASSERT_FATAL(row < table.count);
            snprintf(name, sizeof name, "`%s.%s`", journal_kinds[kind].name,
                     field);
            same_text(table.rows[row].name, name);
            same_text(table.rows[row].second, unit_of(field));
            CU_ASSERT(0 < strlen(table.rows[row].third));
            row++;
        }
    CU_ASSERT_EQUAL(row, table.count);
}

static void check_numbers(const char *section,
                          const char *const *names,
                          size_t count)
{
    read_table(section, &table);
    CU_ASSERT_EQUAL_FATAL(table.count, count);
    for (size_t number = 0; number < count; number++) {
        char text[64];
        snprintf(text, sizeof text, "%zu", number);
        same_text(table.rows[number].name, text);
        snprintf(text, sizeof text, "`%s`", names[number]);
        same_text(table.rows[number].second, text);
    }
}

static void numbers_of_events_and_actions_agree(void)
{
    static const char *const events[] = {
        [EVENT_START] = "start",     [EVENT_SAMPLED] = "sampled",
        [EVENT_ALARM] = "alarm",     [EVENT_FRAME] = "frame",
        [EVENT_SUBMIT] = "submit",   [EVENT_IMAGE] = "image",
        [EVENT_CARRIED] = "carried", [EVENT_ENDED] = "ended",
        [EVENT_CHANGED] = "changed", [EVENT_MOVE] = "move",
        [EVENT_RECALL] = "recall",   [EVENT_MAP] = "map",
        [EVENT_STATE] = "state",     [EVENT_FREEZE] = "freeze",
        [EVENT_THAW] = "thaw",       [EVENT_DEAD] = "dead",
    };
    static const char *const actions[] = {
        [ACTION_SEND] = "send",       [ACTION_CARRY] = "carry",
        [ACTION_CANCEL] = "cancel",   [ACTION_RUN] = "run",
        [ACTION_DROP] = "drop",       [ACTION_FREEZE] = "freeze",
        [ACTION_THAW] = "thaw",       [ACTION_KILL] = "kill",
        [ACTION_RECORD] = "record",   [ACTION_ENDED] = "ended",
        [ACTION_LOST] = "lost",       [ACTION_ASKED] = "asked",
        [ACTION_REFUSED] = "refused", [ACTION_HELD] = "held",
        [ACTION_MOVED] = "moved",     [ACTION_FAILED] = "failed",
        [ACTION_DENIED] = "denied",
    };
    check_numbers("Events", events, EVENT_KINDS);
    check_numbers("Actions", actions, ACTION_KINDS);
}

static void numbers_of_wishes_agree(void)
{
    static const char *const wishes[] = {
        [WISH_ISOLATE] = "isolate",   [WISH_REJOIN] = "rejoin",
        [WISH_BLOCK] = "block",       [WISH_UNBLOCK] = "unblock",
        [WISH_EXPEL] = "expel",       [WISH_BRING] = "bring",
        [WISH_LEAVE] = "leave",       [WISH_RETURN] = "return",
        [WISH_STAY] = "stay",         [WISH_NOSTAY] = "nostay",
        [WISH_LSTAY] = "lstay",       [WISH_NOLSTAY] = "nolstay",
        [WISH_RESERVE] = "reserve",   [WISH_UNRESERVE] = "unreserve",
        [WISH_GUESTS] = "guests",     [WISH_PARTNER] = "partner",
        [WISH_GROW] = "grow",         [WISH_MOVE] = "move",
        [WISH_FREEZE] = "freeze",     [WISH_THAW] = "thaw",
        [WISH_LOCK] = "lock",         [WISH_UNLOCK] = "unlock",
        [WISH_ADVANCE] = "advance",   [WISH_RETARD] = "retard",
        [WISH_PRIORITY] = "priority", [WISH_HOLD] = "hold",
        [WISH_RELEASE] = "release",
    };
    check_numbers("Wishes", wishes, WISH_COUNT);
    for (size_t wish = 0; wish < WISH_COUNT; wish++)
        CU_ASSERT_STRING_EQUAL(history_wish_name(wish), wishes[wish]);
    CU_ASSERT_STRING_EQUAL(history_wish_name(WISH_COUNT), "wish");
}

/* ---- The header, as it is written. --------------------------------------- */

static const char scenario_text[] =
    "{vencejo: 1, name: page, seed: 5, clusters: {lab: {nodes: 2, "
    "owner-first: true}}, faults: {lost-after: 1 h, home-lost-after: 1 h}, "
    "freeze: {flood: {burst: 4}}, "
    "workload: {batch: {count: 1, cpu: 1 s, memory: 1 MiB}}, "
    "policies: [gossip_vector, balance_mosix]}\n";

static void write_journal(const char *path)
{
    struct complaint complaint = {.line = 0};
    struct scenario *scenario = NULL;
    struct journal_file *file = NULL;
    CU_ASSERT_EQUAL_FATAL(
        scenario_parse(scenario_text, sizeof scenario_text - 1, "page", NULL, 0,
                       &scenario, &complaint),
        0);
    CU_ASSERT_EQUAL_FATAL(
        journal_file_create(path, scenario, 5, false, &file, &complaint), 0);
    CU_ASSERT_EQUAL(journal_file_close(file, &complaint), 0);
    scenario_destroy(scenario);
}

static void keys_of_the_header_agree(void)
{
    char folder[] = "journal-page-XXXXXX", path[64], line[4096];
    read_table("Header", &table);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/journal.tsv", folder);
    write_journal(path);
    size_t row = 0;
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (; row < table.count && fgets(line, sizeof line, file); row++) {
        char *rest = line + 2, key[64];
        snprintf(key, sizeof key, "`%s`", strsep(&rest, "\t"));
        same_text(table.rows[row].name, key);
    }
    CU_ASSERT_EQUAL(row, table.count);
    CU_ASSERT_PTR_NULL(fgets(line, sizeof line, file));
    fclose(file);
    unlink(path);
    rmdir(folder);
}

/* ---- The example, with its tabs drawn as bars. --------------------------- */

struct seen
{
    size_t counts[RECORD_KINDS];
    usec_t at_us;
};

static int look(void *who, const struct record *record)
{
    struct seen *seen = who;
    seen->counts[record->kind]++;
    CU_ASSERT(seen->at_us <= record->at_us);
    seen->at_us = record->at_us;
    return 0;
}

static void the_example_is_a_journal(void)
{
    struct journal_header header;
    struct complaint complaint = {.line = 0};
    struct seen seen = {.at_us = 0};
    read_page(table.page);
    char *text = between(table.page, "```journal\n", "```\n");
    for (char *bar = text; (bar = strchr(bar, '|'));)
        *bar = '\t';
    int error = journal_text_read(text, strlen(text), "example", &header, look,
                                  &seen, &complaint);
    if (error)
        printf("\n    line %zu: %s", complaint.line, complaint.text);
    CU_ASSERT_EQUAL(error, 0);
    CU_ASSERT_STRING_EQUAL(header.scenario, "sixteen");
    CU_ASSERT_EQUAL(header.seed, 7);
    CU_ASSERT_FALSE(header.full);
    CU_ASSERT_EQUAL_FATAL(header.grid.count, 1);
    CU_ASSERT_STRING_EQUAL(header.grid.clusters[0].name, "lab");
    CU_ASSERT_EQUAL(header.grid.clusters[0].node_count, 16);
    journal_header_finish(&header);
    CU_ASSERT_EQUAL(seen.counts[RECORD_MOVED], 1);
    CU_ASSERT_EQUAL(seen.counts[RECORD_ENDED], 1);
}

static void the_version_agrees(void)
{
    char version[64];
    snprintf(version, sizeof version, "One whole number, %d.", JOURNAL_VERSION);
    read_page(table.page);
    CU_ASSERT_PTR_NOT_NULL(strstr(table.page, version));
}

SUITE_MAIN("journal page",
           {"Kinds and the order of their fields agree",
            kinds_and_their_fields_agree},
           {"Every field has its unit and meaning",
            every_field_has_its_unit_and_meaning},
           {"Numbers of events and actions agree",
            numbers_of_events_and_actions_agree},
           {"Numbers of wishes agree", numbers_of_wishes_agree},
           {"Keys of the header agree", keys_of_the_header_agree},
           {"The example is a journal", the_example_is_a_journal},
           {"The version agrees", the_version_agrees})
