/* test_keys.c - docs/scenario.md and the tables of keys say the same. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/verbs.h"
#include "tests/suite.h"

/* The page as lines; the caller frees both. */
struct page
{
    char *text;
    char **lines;
    size_t count;
};

static struct page page_read(void)
{
    struct page page = {0};
    char path[4096];
    const char *source = getenv("SOURCE");
    snprintf(path, sizeof path, "%s/docs/scenario.md", source ? source : ".");
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t room = 0;
    CU_ASSERT_FATAL(getdelim(&page.text, &room, '\0', file) > 0);
    fclose(file);
    char *rest = page.text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        page.lines = realloc(page.lines, (page.count + 1) * sizeof *page.lines);
        CU_ASSERT_PTR_NOT_NULL_FATAL(page.lines);
        page.lines[page.count++] = line;
    }
    return page;
}

static void page_finish(struct page *page)
{
    free(page->lines);
    free(page->text);
}

/* A row of a table of keys: its key and its default, without the ticks. */
static bool row_read(const char *line, char *ret_key, char *ret_fallback)
{
    char cells[3][200];
    if (sscanf(line, "| `%199[^`]` |%199[^|]| %199[^|]|", cells[0], cells[1],
               cells[2]) != 3)
        return false;
    char *from = cells[2];
    from += *from == '`';
    from[strcspn(from, "`")] = '\0';
    char *end = from + strlen(from);
    while (end > from && end[-1] == ' ')
        *--end = '\0';
    strcpy(ret_key, cells[0]);
    strcpy(ret_fallback, from);
    return true;
}

/* Line behind "## NAME"; count if there is no such heading. */
static size_t heading_find(const struct page *page, const char *name)
{
    for (size_t i = 0; i < page->count; i++)
        if (strncmp(page->lines[i], "## ", 3) == 0 &&
            strcmp(page->lines[i] + 3, name) == 0)
            return i + 1;
    return page->count;
}

static const char *default_of(const struct key *key)
{
    if (key->required)
        return "required";
    if (key->kind == KEY_SECTION)
        return "see below";
    return key->fallback ? key->fallback : "-";
}

static void every_key_is_documented(void)
{
    struct page page = page_read();
    for (size_t i = 0; scenario_sections[i]; i++) {
        const struct section *section = scenario_sections[i];
        const struct key *key = section->keys;
        size_t at = heading_find(&page, section->name);
        bool found = at < page.count;
        for (; at < page.count && strncmp(page.lines[at], "## ", 3) != 0;
             at++) {
            char name[200];
            char fallback[200];
            if (!row_read(page.lines[at], name, fallback))
                continue;
            bool same = key->name && strcmp(key->name, name) == 0 &&
                        strcmp(default_of(key), fallback) == 0;
            if (!same)
                printf("\n%s: the page has %s (%s), the table %s (%s)\n",
                       section->name, name, fallback,
                       key->name ? key->name : "none",
                       key->name ? default_of(key) : "");
            CU_ASSERT_TRUE_FATAL(same);
            key++;
        }
        if (!found || key->name)
            printf("\n%s: the page lacks %s\n", section->name,
                   found ? key->name : "the section");
        CU_ASSERT_TRUE(found && !key->name);
    }
    page_finish(&page);
}

static bool is_section(const char *name)
{
    for (size_t i = 0; scenario_sections[i]; i++)
        if (strcmp(scenario_sections[i]->name, name) == 0)
            return true;
    return false;
}

static void no_table_without_section(void)
{
    struct page page = page_read();
    size_t tables = 0;
    size_t sections = 0;
    const char *heading = "";
    while (scenario_sections[sections])
        sections++;
    for (size_t i = 0; i < page.count; i++) {
        if (strncmp(page.lines[i], "## ", 3) == 0)
            heading = page.lines[i] + 3;
        if (strncmp(page.lines[i], "| key |", 7) == 0) {
            tables++;
            CU_ASSERT_TRUE(is_section(heading));
        }
    }
    CU_ASSERT_EQUAL(tables, sections);
    page_finish(&page);
}

/* The key and the cell of the third column, a list of words in ticks. */
static bool takes_read(const char *line, char *ret_verb, uint32_t *ret_takes)
{
    char cells[2][200];
    if (sscanf(line, "| `%199[^`]` |%*[^|]| %199[^|]|", cells[0], cells[1]) !=
        2)
        return false;
    strcpy(ret_verb, cells[0]);
    *ret_takes = 0;
    char *rest = cells[1];
    for (char *word; (word = strsep(&rest, ", `"));) {
        const struct key *key = key_find(&event_section, word);
        if (key)
            *ret_takes |= 1u << (key - event_section.keys);
    }
    return true;
}

static void every_verb_is_documented(void)
{
    struct page page = page_read();
    size_t wish = 0;
    for (size_t at = heading_find(&page, "verbs of events");
         at < page.count && strncmp(page.lines[at], "## ", 3) != 0; at++) {
        char name[200];
        uint32_t takes;
        if (!takes_read(page.lines[at], name, &takes))
            continue;
        CU_ASSERT_FATAL(wish < WISH_COUNT);
        bool same =
            strcmp(verbs[wish].name, name) == 0 && verbs[wish].takes == takes;
        if (!same)
            printf("\nthe page has %s, the table %s, or its keys differ\n",
                   name, verbs[wish].name);
        CU_ASSERT_TRUE_FATAL(same);
        wish++;
    }
    CU_ASSERT_EQUAL(wish, WISH_COUNT);
    page_finish(&page);
}

SUITE_MAIN("keys and their page",
           {"docs/scenario.md has every key with its default, in order",
            every_key_is_documented},
           {"docs/scenario.md has no table of keys that do not exist",
            no_table_without_section},
           {"docs/scenario.md has every verb with its keys, in order",
            every_verb_is_documented})
