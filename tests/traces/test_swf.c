/* test_swf.c - the Standard Workload Format, read and written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../traces/file.h"
#include "../../traces/workload.h"
#include "../suite.h"

static struct complaint complaint;

static int parse(const char *text,
                 const struct workload_options *options,
                 struct workload *ret_workload)
{
    struct workload_options chosen =
        options ? *options : workload_options_default();
    chosen.format = FORMAT_SWF;
    complaint = (struct complaint){0};
    *ret_workload = (struct workload){0};
    return workload_parse(text, strlen(text), "t.swf", &chosen, ret_workload,
                          &complaint);
}

static void a_row_is_read_field_by_field(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("; Version: 2.2\n"
              "\n"
              " 5 0.25 3 60.5 2 12.125 2048 4 90 9999 1 7 1 9 1 3 -1 -1\r\n"
              "6 10 -1 5 -1 -1 -1 -1 -1 100 1 -1 -1 -1 -1 -1 5 2.5\n",
              NULL, &w),
        0);
    CU_ASSERT_EQUAL(w.count, 2);
    const struct job *job = &w.jobs[0];
    CU_ASSERT_EQUAL(job->number, 5);
    CU_ASSERT_EQUAL(job->submit_us, 0);
    CU_ASSERT_EQUAL(job->runtime_us, 60500000);
    CU_ASSERT_EQUAL(job->cpu_us, 12125000);
    CU_ASSERT_EQUAL(job->mem_bytes, 2048 * 1024);
    CU_ASSERT_EQUAL(job->width, 2);
    CU_ASSERT_EQUAL(job->user, 7);
    CU_ASSERT_TRUE(job->has_user);
    CU_ASSERT_EQUAL(job->program, 9);
    CU_ASSERT_EQUAL(job->partition, 3);
    CU_ASSERT_EQUAL(job->after, JOB_NONE);
    job = &w.jobs[1];
    CU_ASSERT_EQUAL(job->submit_us, 9750000);
    CU_ASSERT_EQUAL(job->cpu_us, JOB_UNKNOWN);
    CU_ASSERT_EQUAL(job_work_us(job), 5000000);
    CU_ASSERT_EQUAL(job->mem_bytes, 100 * 1024);
    CU_ASSERT_EQUAL(job->width, 1);
    CU_ASSERT_EQUAL(job->user, 0);
    CU_ASSERT_FALSE(job->has_user);
    CU_ASSERT_EQUAL(job->after, 0);
    CU_ASSERT_EQUAL(job->think_us, 2500000);
    CU_ASSERT(w.has_cpu && w.has_mem && w.has_after && !w.has_io);
    workload_finish(&w);
}

static void rows_that_never_ran_are_counted_apart(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("1 0 -1 -1 1 -1 -1 -1 -1 -1 5 1 1 -1 -1 -1 -1 -1\n"
              "2 5 -1 0 1 -1 -1 -1 -1 -1 5 1 1 -1 -1 -1 -1 -1\n"
              "3 9 -1 7 1 -1 -1 -1 -1 -1 5 1 1 -1 -1 -1 -1 -1\n"
              /* A job that was swapped out: its sum, then its bursts. */
              "4 9 -1 7 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
              "4 9 -1 3 1 -1 -1 -1 -1 -1 2 1 1 -1 -1 -1 -1 -1\n"
              "4 9 -1 4 1 -1 -1 -1 -1 -1 3 1 1 -1 -1 -1 -1 -1\n",
              NULL, &w),
        0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.skipped_count, 4);
    /* The first row dates the trace although it never ran. */
    CU_ASSERT_EQUAL(w.jobs[0].submit_us, 9000000);
    workload_finish(&w);
}

static void rows_are_ordered_by_submission_then_number(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("9 20 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 3 1\n"
              "8 10 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
              "3 10 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n",
              NULL, &w),
        0);
    CU_ASSERT_EQUAL(w.jobs[0].number, 3);
    CU_ASSERT_EQUAL(w.jobs[1].number, 8);
    CU_ASSERT_EQUAL(w.jobs[2].number, 9);
    CU_ASSERT_EQUAL(w.jobs[2].after, 0);
    workload_finish(&w);
}

static const char bad_text[] =
    "; comment\n"
    "1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
    "2 1 -1 1 1 -1 -1 x -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
    "3 2 -1 1 1\n"
    "4 -1 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
    "5 3 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n";

static void strict_reading_refuses_the_first_bad_line(void)
{
    struct workload w;
    CU_ASSERT_EQUAL(parse(bad_text, NULL, &w), -EINVAL);
    CU_ASSERT_STRING_EQUAL(complaint.file, "t.swf");
    CU_ASSERT_EQUAL(complaint.line, 3);
    CU_ASSERT_EQUAL(complaint.column, 18);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "requested processors"));
    CU_ASSERT_PTR_NULL(w.jobs);
}

static void check_refused(const char *text, size_t column, const char *what)
{
    struct workload w;
    CU_ASSERT_EQUAL(parse(text, NULL, &w), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 1);
    CU_ASSERT_EQUAL(complaint.column, column);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, what));
}

/* The place of a field is looked for only then: whatever stands between. */
static void a_complaint_shows_the_field(void)
{
    check_refused(" \t1  0 -1 1 -1x -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n", 13,
                  "field 5 (allocated processors) is not a number");
    check_refused("-1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n", 1,
                  "job number cannot be negative");
    check_refused("1 \t -1 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1", 5,
                  "submit time is unknown");
    check_refused("1 0 -1 1 99999999999 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n",
                  10, "99999999999 processors");
    check_refused("1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1-1\n", 45,
                  "field 18 (think time) is not a number");
    check_refused("1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1\t \n", 46,
                  "the line ends after 17 of 18 fields");
    check_refused("1 1e18 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n", 3,
                  "field 2 (submit time) is too large");
}

static void lenient_reading_counts_bad_lines_and_shows_them(void)
{
    struct workload_options options = workload_options_default();
    options.lenient = true;
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(parse(bad_text, &options, &w), 0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.bad_count, 3);
    CU_ASSERT_EQUAL(w.bad[0].line, 3);
    CU_ASSERT_EQUAL(w.bad[1].line, 4);
    CU_ASSERT_EQUAL(w.bad[2].line, 5);
    CU_ASSERT_EQUAL(w.bad[2].column, 3);
    workload_finish(&w);
}

static void a_row_cannot_wait_for_a_later_one(void)
{
    static const char text[] =
        "1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 2 1\n"
        "2 1 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 1 1\n"
        "3 2 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 2 1\n";
    struct workload_options options = workload_options_default();
    struct workload w;
    CU_ASSERT_EQUAL(parse(text, NULL, &w), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 1);
    CU_ASSERT_EQUAL(complaint.column, 42);
    options.lenient = true;
    CU_ASSERT_EQUAL_FATAL(parse(text, &options, &w), 0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.bad_count, 1);
    CU_ASSERT_EQUAL(w.jobs[0].number, 2);
    CU_ASSERT_EQUAL(w.jobs[0].after, JOB_NONE);
    CU_ASSERT_EQUAL(w.jobs[0].think_us, 0);
    CU_ASSERT_EQUAL(w.jobs[1].after, 0);
    workload_finish(&w);
}

static const char parallel_text[] =
    "1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
    "2 0 -1 1 -1 -1 -1 16 -1 -1 1 1 1 -1 -1 -1 -1 -1\n";

static void parallel_jobs_follow_the_rule(void)
{
    struct workload_options options = workload_options_default();
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(parse(parallel_text, &options, &w), 0);
    CU_ASSERT_EQUAL(w.jobs[1].width, 16);
    workload_finish(&w);

    options.parallel = PARALLEL_SERIAL_ONLY;
    CU_ASSERT_EQUAL_FATAL(parse(parallel_text, &options, &w), 0);
    CU_ASSERT_EQUAL(w.count, 1);
    CU_ASSERT_EQUAL(w.skipped_count, 1);
    workload_finish(&w);

    options.parallel = PARALLEL_REFUSE;
    options.lenient = true;
    CU_ASSERT_EQUAL(parse(parallel_text, &options, &w), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 2);
}

static void a_cut_moves_its_beginning_to_zero(void)
{
    static const char text[] =
        "1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
        "2 10 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 1 1\n"
        "3 15 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 2 1\n"
        "4 20 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 3 1\n";
    struct workload_options options = workload_options_default();
    options.cut_from_us = 5000000;
    options.cut_until_us = 20000000;
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(parse(text, &options, &w), 0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.jobs[0].number, 2);
    CU_ASSERT_EQUAL(w.jobs[0].submit_us, 5000000);
    /* Its predecessor is cut off: it comes at its date. */
    CU_ASSERT_EQUAL(w.jobs[0].after, JOB_NONE);
    CU_ASSERT_EQUAL(w.jobs[1].after, 0);
    workload_finish(&w);

    options = workload_options_default();
    options.max_count = 3;
    CU_ASSERT_EQUAL_FATAL(parse(text, &options, &w), 0);
    CU_ASSERT_EQUAL(w.count, 3);
    workload_finish(&w);
}

static void columns_behind_the_eighteenth_are_left_to_lenient_reading(void)
{
    static const char text[] =
        "1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1 {12,13} queue\n";
    struct workload_options options = workload_options_default();
    struct workload w;
    CU_ASSERT_EQUAL(parse(text, &options, &w), -EINVAL);
    CU_ASSERT_EQUAL(complaint.column, 48);
    options.lenient = true;
    CU_ASSERT_EQUAL_FATAL(parse(text, &options, &w), 0);
    CU_ASSERT_EQUAL(w.count, 1);
    CU_ASSERT_EQUAL(w.bad_count, 0);
    workload_finish(&w);
}

static void what_holds_no_row_is_refused(void)
{
    struct workload w;
    CU_ASSERT_EQUAL(parse("", NULL, &w), -EINVAL);
    CU_ASSERT_EQUAL(parse("; only comments\n", NULL, &w), -EINVAL);
    CU_ASSERT_EQUAL(parse("%PDF-1.4 no trace\n", NULL, &w), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 1);
    struct workload_options options = workload_options_default();
    options.format = FORMAT_SWF;
    CU_ASSERT_EQUAL(
        workload_parse("1 0\0 1", 6, "b.swf", &options, &w, &complaint),
        -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "binary"));
}

static void check_equal(const struct workload *a, const struct workload *b)
{
    CU_ASSERT_EQUAL_FATAL(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct job *x = &a->jobs[i];
        const struct job *y = &b->jobs[i];
        CU_ASSERT(x->number == y->number && x->submit_us == y->submit_us &&
                  x->runtime_us == y->runtime_us && x->cpu_us == y->cpu_us);
        CU_ASSERT(x->mem_bytes == y->mem_bytes && x->width == y->width &&
                  x->user == y->user && x->has_user == y->has_user &&
                  x->program == y->program);
        CU_ASSERT(x->partition == y->partition && x->after == y->after &&
                  x->think_us == y->think_us);
        CU_ASSERT(x->read_bytes == y->read_bytes &&
                  x->write_bytes == y->write_bytes);
    }
}

static void what_is_written_reads_the_same(void)
{
    static const char *const endings[] = {"", ".gz", ".zst"};
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("1 0 -1 1.000001 4 0.5 97656.25 -1 -1 -1 1 3 1 4 -1 2 -1 -1\n"
              "2 0.1 -1 8 1 -1 0.001 -1 -1 -1 1 0 1 -1 -1 -1 1 1.25\n"
              "7 3 -1 2 1 2 1 -1 -1 -1 1 -1 1 -1 -1 -1 2 0\n",
              NULL, &w),
        0);
    CU_ASSERT_EQUAL(w.jobs[1].mem_bytes, 1);
    w.jobs[0].read_bytes = 12345;
    w.jobs[0].write_bytes = 0;
    w.has_io = true;
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        char tsv[64];
        int pid = (int)getpid();
        snprintf(path, sizeof path, "round_%d.swf%s", pid, endings[i]);
        snprintf(tsv, sizeof tsv, "round_%d.tsv%s", pid, endings[i]);
        CU_ASSERT_EQUAL_FATAL(
            workload_write_swf(&w, path, "one\ntwo", &complaint), 0);
        struct workload again;
        struct workload_options options = workload_options_default();
        CU_ASSERT_EQUAL_FATAL(workload_read(path, &options, &again, &complaint),
                              0);
        check_equal(&w, &again);
        CU_ASSERT(again.has_io);
        workload_finish(&again);
        CU_ASSERT_EQUAL(unlink(path), 0);
        CU_ASSERT_EQUAL(unlink(tsv), 0);
    }
    workload_finish(&w);
}

static void a_tsv_that_does_not_match_is_refused(void)
{
    static const char swf[] =
        "1 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
        "2 0 -1 1 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n";
    static const char *const tsvs[] = {
        "job\tread_bytes\twrite_bytes\n1\t5\t6\n",
        "job\tread_bytes\twrite_bytes\n1\t5\t6\n3\t5\t6\n",
        "job\tread_bytes\twrite_bytes\n1\t5\t6\n2\t5\t6\n3\t5\t6\n",
        "job\tread_bytes\n1\t5\n2\t5\n",
        "job\tread_bytes\twrite_bytes\n1\t5\t6\n2\t5\n",
        "job\tread_bytes\twrite_bytes\n1\t5\t6\n2\tmany\t6\n",
    };
    char path[64];
    char tsv[64];
    snprintf(path, sizeof path, "pair_%d.swf", (int)getpid());
    snprintf(tsv, sizeof tsv, "pair_%d.tsv", (int)getpid());
    struct workload_options options = workload_options_default();
    options.lenient = true;
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(file_write(path, swf, strlen(swf), &complaint), 0);
    for (size_t i = 0; i < sizeof tsvs / sizeof *tsvs; i++) {
        CU_ASSERT_EQUAL_FATAL(
            file_write(tsv, tsvs[i], strlen(tsvs[i]), &complaint), 0);
        CU_ASSERT_EQUAL(workload_read(path, &options, &w, &complaint), -EINVAL);
    }
    unlink(path);
    unlink(tsv);
}

static void scaling_gives_the_load_that_was_asked_for(void)
{
    struct workload w;
    /* 2 * 30 + 40 = 100 s of work over 50 s: 2 cores' worth. */
    CU_ASSERT_EQUAL_FATAL(
        parse("1 0 -1 90 2 30 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
              "2 50 -1 40 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 1 10\n",
              NULL, &w),
        0);
    double factor = 0;
    CU_ASSERT_EQUAL(workload_scale_load(&w, 0.5, 8, &factor), 0);
    CU_ASSERT_DOUBLE_EQUAL(factor, 0.5, 1e-12);
    CU_ASSERT_EQUAL(w.jobs[1].submit_us, 25000000);
    CU_ASSERT_EQUAL(w.jobs[1].think_us, 5000000);
    CU_ASSERT_EQUAL(w.jobs[1].runtime_us, 40000000);
    CU_ASSERT_EQUAL(workload_scale_load(&w, 0, 8, &factor), -EINVAL);
    w.jobs[1].submit_us = 0;
    CU_ASSERT_EQUAL(workload_scale_load(&w, 0.5, 8, &factor), -EINVAL);
    workload_finish(&w);
}

SUITE_MAIN("SWF",
           {"a row is read field by field", a_row_is_read_field_by_field},
           {"rows that never ran are counted apart",
            rows_that_never_ran_are_counted_apart},
           {"rows are ordered by submission, then number",
            rows_are_ordered_by_submission_then_number},
           {"strict reading refuses the first bad line",
            strict_reading_refuses_the_first_bad_line},
           {"a complaint shows the field", a_complaint_shows_the_field},
           {"lenient reading counts bad lines and shows them",
            lenient_reading_counts_bad_lines_and_shows_them},
           {"a row cannot wait for a later one",
            a_row_cannot_wait_for_a_later_one},
           {"parallel jobs follow the rule", parallel_jobs_follow_the_rule},
           {"a cut moves its beginning to zero",
            a_cut_moves_its_beginning_to_zero},
           {"columns behind the eighteenth are left to lenient reading",
            columns_behind_the_eighteenth_are_left_to_lenient_reading},
           {"what holds no row is refused", what_holds_no_row_is_refused},
           {"what is written reads the same", what_is_written_reads_the_same},
           {"a TSV that does not match is refused",
            a_tsv_that_does_not_match_is_refused},
           {"scaling gives the load that was asked for",
            scaling_gives_the_load_that_was_asked_for})
