/* Owners and users who want all that they can want: nothing that must hold is
 * broken, and nothing is lost. */
#include "story.h"

enum { TEXT_BYTES_MAX = 8192 };

static const char *read_scenario(const char *mode)
{
    static char text[TEXT_BYTES_MAX];
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/simulation/owners.yaml",
             getenv("SOURCE"));
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t count = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    snprintf(text + count, sizeof text - count, "migration: {mode: %s}\n",
             mode);
    return text;
}

/* Owners may kill: those that leave with `then: kill`. */
static void run(const char *mode)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct story *s = story(read_scenario(mode), seed);
        CU_ASSERT(story_count(s, RECORD_OWNER) > 50);
        CU_ASSERT(story_count(s, RECORD_MOVED) > 50);
        CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 0);
        CU_ASSERT_EQUAL(s->result.gone_count, 400);
        free(s);
    }
}

static void while_processes_are_stopped_and_copied(void)
{
    run("stop");
}

static void while_they_are_copied_as_they_run(void)
{
    run("precopy");
}

static void while_their_pages_follow(void)
{
    run("postcopy");
}

SUITE_MAIN("storm of owners",
           {"they hold while processes are stopped and copied",
            while_processes_are_stopped_and_copied},
           {"they hold while processes are copied as they run",
            while_they_are_copied_as_they_run},
           {"they hold while their pages follow", while_their_pages_follow})
