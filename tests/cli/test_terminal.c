/* test_terminal.c - bars, complaints and colour, on a terminal and elsewhere.
 */
#include <assert.h>
#include <errno.h>
#include <pty.h>
#include <string.h>
#include <unistd.h>

#include "../../cli/terminal.h"
#include "../suite.h"

enum { TEXT_BYTES_MAX = 4096 };

/* What terminal_complain() writes, into TEXT_BYTES_MAX bytes. */
static void complaint_text(const struct complaint *complaint, char *ret_text)
{
    FILE *out = fmemopen(ret_text, TEXT_BYTES_MAX, "w");
    assert(out);
    terminal_complain(out, complaint);
    fclose(out);
}

static void a_complaint_names_file_line_and_column(void)
{
    char text[TEXT_BYTES_MAX];
    struct complaint complaint = {.file = "lab.yaml", .line = 3, .column = 14};
    complain(&complaint, -EINVAL, NULL, 3, 14, "no unit in '5', say 5 s");
    complaint_text(&complaint, text);
    CU_ASSERT_STRING_EQUAL(text, "lab.yaml:3:14: no unit in '5', say 5 s\n");
    complaint.column = 0;
    complaint_text(&complaint, text);
    CU_ASSERT_STRING_EQUAL(text, "lab.yaml:3: no unit in '5', say 5 s\n");
    complaint.line = 0;
    complaint_text(&complaint, text);
    CU_ASSERT_STRING_EQUAL(text, "lab.yaml: no unit in '5', say 5 s\n");
    complaint.file[0] = '\0';
    complaint_text(&complaint, text);
    CU_ASSERT_STRING_EQUAL(text, "test_terminal: no unit in '5', say 5 s\n");
}

static void the_time_left_goes_on_at_the_pace_so_far(void)
{
    char text[TEXT_BYTES_MAX];
    /* 30 of 40 in 90 s: the other 10 take 30 s. */
    progress_text("runs", 30, 40, 90, 80, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text,
                           "runs 30/40 [##############################        "
                           "  ]  75 % 0:30 left");
    /* 1 of 121 in 90 s: 120 x 90 s = 3 h. */
    progress_text("runs", 1, 121, 90, 80, text, sizeof text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " 3:00:00 left"));
}

static void nothing_is_promised_before_the_first_and_after_the_last(void)
{
    char text[TEXT_BYTES_MAX];
    progress_text("runs", 0, 40, 90, 80, text, sizeof text);
    CU_ASSERT_PTR_NULL(strstr(text, "left"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "  0 %"));
    progress_text("runs", 40, 40, 90, 80, text, sizeof text);
    CU_ASSERT_PTR_NULL(strstr(text, "left"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "100 %"));
    progress_text("runs", 0, 0, 0, 80, text, sizeof text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "100 %"));
}

static void a_bar_never_fills_the_last_column(void)
{
    char text[TEXT_BYTES_MAX];
    for (int width = 1; width < 200; width++) {
        progress_text("a long name of what is counted", 123456, 234567, 1e6,
                      width, text, sizeof text);
        size_t length = strlen(text);
        CU_ASSERT(length < (size_t)width);
        /* Nothing but the bar shrinks while 39 columns before it and 21 after
         * it ("  53 % 250:00:00 left") fit. */
        if (width > 39 + 21)
            CU_ASSERT_STRING_EQUAL(text + length - strlen("left"), "left");
    }
}

/* What was written to a terminal comes in pieces; it ends, with EIO, where the
 * last writer has closed it. Into TEXT_BYTES_MAX bytes. */
static size_t read_all(int terminal, char *ret_text)
{
    size_t count = 0;
    for (;;) {
        ssize_t more =
            read(terminal, ret_text + count, TEXT_BYTES_MAX - 1 - count);
        if (more <= 0)
            break;
        count += (size_t)more;
    }
    ret_text[count] = '\0';
    return count;
}

static void a_bar_is_drawn_on_a_terminal_and_wiped_at_the_end(void)
{
    int terminal;
    int program;
    int failed = openpty(&terminal, &program, NULL, NULL, NULL);
    assert(!failed);
    FILE *out = fdopen(program, "w");
    struct progress progress;
    progress_start(&progress, out, "runs", 2);
    progress_show(&progress, 1); /* Too soon after the first to be drawn. */
    progress_show(&progress, 2);
    progress_finish(&progress);

    fclose(out);

    char text[TEXT_BYTES_MAX] = "";
    size_t count = read_all(terminal, text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "runs 0/2"));
    CU_ASSERT_PTR_NULL(strstr(text, "runs 1/2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "runs 2/2"));
    const char wiped[] = "\r\033[K";
    CU_ASSERT_FATAL(count > strlen(wiped));
    CU_ASSERT_STRING_EQUAL(text + count - strlen(wiped), wiped);
    close(terminal);
}

static void a_bar_writes_nothing_into_a_file(void)
{
    FILE *out = tmpfile();
    assert(out);
    struct progress progress;
    progress_start(&progress, out, "runs", 2);
    progress_show(&progress, 2);
    progress_finish(&progress);
    CU_ASSERT_EQUAL(ftell(out), 0);
    CU_ASSERT_FALSE(terminal_is_human(out));
    CU_ASSERT_EQUAL(terminal_width(out), 80);
    fclose(out);
}

static void colour_is_for_terminals_that_want_it(void)
{
    int terminal;
    int program;
    struct winsize size = {.ws_row = 24, .ws_col = 132};
    int failed = openpty(&terminal, &program, NULL, NULL, &size);
    assert(!failed);
    FILE *out = fdopen(program, "w");
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    CU_ASSERT(terminal_is_human(out));
    CU_ASSERT(terminal_has_colour(out));
    CU_ASSERT_EQUAL(terminal_width(out), 132);
    setenv("NO_COLOR", "", 1); /* no-color.org: only a value counts. */
    CU_ASSERT(terminal_has_colour(out));
    setenv("NO_COLOR", "1", 1);
    CU_ASSERT_FALSE(terminal_has_colour(out));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    CU_ASSERT_FALSE(terminal_has_colour(out));
    FILE *file = tmpfile();
    assert(file);
    setenv("TERM", "xterm", 1);
    CU_ASSERT_FALSE(terminal_has_colour(file));
    fclose(file);
    fclose(out);
    close(terminal);
}

SUITE_MAIN("terminal",
           {"a complaint names file, line and column",
            a_complaint_names_file_line_and_column},
           {"the time left goes on at the pace so far",
            the_time_left_goes_on_at_the_pace_so_far},
           {"nothing is promised before the first and after the last",
            nothing_is_promised_before_the_first_and_after_the_last},
           {"a bar never fills the last column",
            a_bar_never_fills_the_last_column},
           {"a bar is drawn on a terminal and wiped at the end",
            a_bar_is_drawn_on_a_terminal_and_wiped_at_the_end},
           {"a bar writes nothing into a file",
            a_bar_writes_nothing_into_a_file},
           {"colour is for terminals that want it",
            colour_is_for_terminals_that_want_it})
