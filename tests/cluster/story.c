/* story.c - the journal of the virtual cluster, and tests that read it. */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

void story_record(struct cluster *cluster, const struct record *record)
{
    size_t length = journal_format(record, cluster->line);
    fwrite(cluster->line, 1, length, cluster->journal);
    fflush(cluster->journal);
}

void story_action(struct cluster *cluster,
                  const struct machine *machine,
                  const struct action *action)
{
    struct record record;
    if (journal_of_action(action, cluster->now_us, machine->id, &record))
        story_record(cluster, &record);
}

const char *cluster_journal(const struct cluster *cluster)
{
    return cluster->journal_text ? cluster->journal_text : "";
}

/* One line of a story taken apart. */
struct expected
{
    char kind[16];
    node_id node;
    proc_id number; /* Low half of the process; 0: any. */
    node_id peer;   /* NODE_NONE: any. */
    const char *why;
    size_t why_length;
};

static struct expected expect(const char *line, size_t length)
{
    char text[256];
    assert(length < sizeof text);
    memcpy(text, line, length);
    text[length] = '\0';
    struct expected expected = {.peer = NODE_NONE};
    char number[16] = "*";
    char peer[16] = "*";
    int at = 0;
    int fields = sscanf(text, "%15s %u %15s %15s %n", expected.kind,
                        &expected.node, number, peer, &at);
    assert(2 <= fields);
    if (isdigit((unsigned char)number[0]))
        expected.number = strtoull(number, NULL, 10);
    if (isdigit((unsigned char)peer[0]))
        expected.peer = (node_id)strtoul(peer, NULL, 10);
    expected.why = at > 0 ? line + at : line + length;
    expected.why_length = (size_t)(line + length - expected.why);
    return expected;
}

static bool is_expected(const struct record *record,
                        const struct expected *expected)
{
    return strcmp(journal_kinds[record->kind].name, expected->kind) == 0 &&
           record->node == expected->node &&
           (expected->number == 0 ||
            expected->number == (record->proc & UINT32_MAX)) &&
           (expected->peer == NODE_NONE || expected->peer == record->peer) &&
           strncmp(record->why, expected->why, expected->why_length) == 0;
}

/* Past the first line of the journal that is as expected; NULL if none is. */
static char *find(char *journal, const struct expected *expected)
{
    char *end = strchr(journal, '\n');
    while (end) {
        struct record record;
        size_t column;
        const char *what;
        int parsed = journal_parse(journal, (size_t)(end - journal), &record,
                                   &column, &what);
        assert(parsed == 0);
        journal = end + 1;
        if (is_expected(&record, expected))
            return journal;
        end = strchr(journal, '\n');
    }
    return NULL;
}

bool cluster_told(const struct cluster *cluster, const char *story)
{
    char *copy = strdup(cluster_journal(cluster));
    assert(copy);
    char *rest = copy;
    while (rest && *story) {
        size_t length = strcspn(story, "\n");
        struct expected expected = expect(story, length);
        rest = find(rest, &expected);
        if (!rest)
            printf("\nnot told: %.*s\n%s", (int)length, story,
                   cluster_journal(cluster));
        story += length + (story[length] == '\n');
    }
    free(copy);
    return rest != NULL;
}
