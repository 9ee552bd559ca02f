/* mistakes.h - texts with a mistake, and what a user is told. An @ in a text
 * marks where the complaint must point; it is taken out before the text is
 * read.
 */
#ifndef TESTS_SCENARIOS_MISTAKES_H
#define TESTS_SCENARIOS_MISTAKES_H

#include <errno.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "tests/suite.h"

#define HEAD "vencejo: 1\n"
#define LAB "clusters: {lab: {nodes: 4}}\n"
#define JOBS "workload: {batch: {count: 1, cpu: 1 s}}\n"

struct mistake
{
    const char *text;
    const char *message; /* What it must contain. */
};

/* The text without its mark, and where the mark was (0:0 if there is none). */
static void unmark(const char *marked,
                   char *ret_text,
                   size_t *ret_line,
                   size_t *ret_column)
{
    size_t line = 1;
    size_t column = 1;
    *ret_line = 0;
    *ret_column = 0;
    for (; *marked; marked++) {
        if (*marked == '@') {
            *ret_line = line;
            *ret_column = column;
            continue;
        }
        *ret_text++ = *marked;
        column = *marked == '\n' ? 1 : column + 1;
        line += *marked == '\n';
    }
    *ret_text = '\0';
}

static void check(const struct mistake *mistakes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[4096];
        size_t line;
        size_t column;
        struct scenario *scenario = NULL;
        struct complaint complaint = {.line = 99};
        unmark(mistakes[i].text, text, &line, &column);
        int error = scenario_parse(text, strlen(text), "it.yaml", NULL, 0,
                                   &scenario, &complaint);
        bool good = error == -EINVAL && !scenario && complaint.line == line &&
                    complaint.column == column &&
                    strcmp(complaint.file, "it.yaml") == 0 &&
                    strstr(complaint.text, mistakes[i].message);
        if (!good)
            printf("\n%s\nexpected %zu:%zu: %s\nheard    %zu:%zu: %s\n", text,
                   line, column, mistakes[i].message, complaint.line,
                   complaint.column, error ? complaint.text : "(nothing)");
        CU_ASSERT_TRUE(good);
        scenario_destroy(scenario);
    }
}

#define CHECK(...)                                              \
    do {                                                        \
        static const struct mistake mistakes[] = {__VA_ARGS__}; \
        check(mistakes, sizeof mistakes / sizeof *mistakes);    \
    } while (0)

#endif /* TESTS_SCENARIOS_MISTAKES_H */
