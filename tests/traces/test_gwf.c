/* test_gwf.c - the Grid Workloads Format. */
#include <errno.h>
#include <string.h>

#include "../../traces/workload.h"
#include "../suite.h"

/* Fields 19 to 29 of a row of which they say nothing. */
#define REST " -1 -1 -1 -1 -1 -1 -1 -1 -1 -1"

static struct complaint complaint;

static int parse(const char *text, bool lenient, struct workload *ret_workload)
{
    struct workload_options options = workload_options_default();
    options.format = FORMAT_GWF;
    options.lenient = lenient;
    complaint = (struct complaint){0};
    *ret_workload = (struct workload){0};
    return workload_parse(text, strlen(text), "t.gwf", &options, ret_workload,
                          &complaint);
}

static void a_row_is_read_field_by_field(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("# JobID SubmitTime ...\n"
              "\n"
              "0\t1105960200\t3\t60.5\t2\t12.125\t2048\t4\t90\t9999\t1\tU7\tG1"
              "\tapp1\tq\t-1\tG1/site2\tG1/site1\tUNITARY" REST "\r\n"
              "1 1105960210 -1 5 -1 -1 -1 3 -1 100 1 U8 G1 app1 q P1 -1 -1 BOT"
              " BOT1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n"
              "2 1105960211 -1 5 1 -1 -1 -1 -1 -1 0 -1 -1 -1 -1 -1 G1/site2 -1 "
              "-1" REST "\n",
              false, &w),
        0);
    CU_ASSERT_EQUAL_FATAL(w.count, 3);
    const struct job *job = &w.jobs[0];
    CU_ASSERT_EQUAL(job->number, 0);
    CU_ASSERT_EQUAL(job->submit_us, 0);
    CU_ASSERT_EQUAL(job->runtime_us, 60500000);
    CU_ASSERT_EQUAL(job->cpu_us, 12125000);
    CU_ASSERT_EQUAL(job->mem_bytes, 2048 * 1024);
    CU_ASSERT_EQUAL(job->width, 2);
    CU_ASSERT_EQUAL(job->user, 1);
    CU_ASSERT_EQUAL(job->program, 1);
    CU_ASSERT_EQUAL(job->partition, 1);
    job = &w.jobs[1];
    CU_ASSERT_EQUAL(job->submit_us, 10000000);
    CU_ASSERT_EQUAL(job->cpu_us, JOB_UNKNOWN);
    CU_ASSERT_EQUAL(job->mem_bytes, 100 * 1024);
    CU_ASSERT_EQUAL(job->width, 3);
    CU_ASSERT_EQUAL(job->user, 2);
    CU_ASSERT_EQUAL(job->program, 1);
    CU_ASSERT_EQUAL(job->partition, 2);
    job = &w.jobs[2];
    CU_ASSERT_FALSE(job->has_user);
    CU_ASSERT_EQUAL(job->program, 0);
    CU_ASSERT_EQUAL(job->partition, 1);
    CU_ASSERT_EQUAL(job->mem_bytes, JOB_UNKNOWN);
    CU_ASSERT(w.has_cpu && w.has_mem && !w.has_after);
    workload_finish(&w);
}

#define ROW(number, rest) \
    number " 9 -1 7 1 -1 -1 -1 -1 -1 1 U1 G1 -1 -1 -1 -1 -1 " rest REST "\n"

static void what_cannot_be_read_is_said_with_its_place(void)
{
    static const struct
    {
        const char *text;
        size_t line;
        size_t column;
        const char *says;
    } wrong[] = {
        {"1 2 3\n", 1, 6, "the line ends after 3 of 29 fields"},
        {ROW("x", "-1"), 1, 1, "field 1 (JobID) is not a number"},
        {"# c\n1 9s -1 7 1 -1 -1 -1 -1 -1 1 U G - - - - - -1" REST "\n", 2, 3,
         "field 2 (SubmitTime) is not a number"},
        {"1 99999999999999999 -1 7 1 -1 -1 -1 -1 -1 1 U G - - - - - -1" REST
         "\n",
         1, 3, "field 2 (SubmitTime) is too large"},
        {"-1 9 -1 7 1 -1 -1 -1 -1 -1 1 U G - - - - - -1" REST "\n", 1, 1,
         "a JobID cannot be negative"},
        {"1 -1 -1 7 1 -1 -1 -1 -1 -1 1 U G - - - - - -1" REST "\n", 1, 3,
         "the SubmitTime is unknown"},
        {"1 9 -1 7 9999999999 -1 -1 -1 -1 -1 1 U G - - - - - -1" REST "\n", 1,
         10, "9999999999 processors are not possible"},
        {ROW("1", "-1") ROW("2", "WORKFLOW"), 2, 50,
         "JobStructure WORKFLOW is not modelled"},
        {ROW("1", "-1 2"), 1, 82, "text after the twenty-ninth field"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct workload w;
        CU_ASSERT_EQUAL(parse(wrong[i].text, false, &w), -EINVAL);
        CU_ASSERT_EQUAL(complaint.line, wrong[i].line);
        CU_ASSERT_EQUAL(complaint.column, wrong[i].column);
        CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, wrong[i].says));
        if (!strstr(complaint.text, wrong[i].says))
            printf("\n%zu:%zu: %s\n", complaint.line, complaint.column,
                   complaint.text);
    }
}

static void lenient_reading_leaves_workflows_and_bad_lines_out(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse(ROW("1", "-1") ROW("2", "DAG") "cut\n" ROW("3", "BOT"), true, &w),
        0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.bad_count, 2);
    CU_ASSERT_EQUAL(w.bad[0].line, 2);
    CU_ASSERT_EQUAL(w.bad[1].line, 3);
    CU_ASSERT_EQUAL(w.jobs[1].number, 3);
    workload_finish(&w);
}

static void rows_that_never_ran_are_counted_apart(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("1 0 -1 -1 1 -1 -1 -1 -1 -1 5 U G - - - - - -1" REST
              "\n" ROW("2", "-1"),
              false, &w),
        0);
    CU_ASSERT_EQUAL(w.count, 1);
    CU_ASSERT_EQUAL(w.skipped_count, 1);
    CU_ASSERT_EQUAL(w.jobs[0].submit_us, 9000000);
    workload_finish(&w);
}

SUITE_MAIN("gwf",
           {"A row is read field by field", a_row_is_read_field_by_field},
           {"What cannot be read is said with its place",
            what_cannot_be_read_is_said_with_its_place},
           {"Lenient reading leaves workflows and bad lines out",
            lenient_reading_leaves_workflows_and_bad_lines_out},
           {"Rows that never ran are counted apart",
            rows_that_never_ran_are_counted_apart})
