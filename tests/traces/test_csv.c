/* test_csv.c - CSV with named columns and units. */
#include <errno.h>
#include <string.h>

#include "../../traces/workload.h"
#include "../suite.h"

static struct complaint complaint;

static int parse(const char *text,
                 const char *columns,
                 bool lenient,
                 struct workload *ret_workload)
{
    struct workload_options options = workload_options_default();
    options.format = FORMAT_CSV;
    options.columns = columns;
    options.lenient = lenient;
    complaint = (struct complaint){0};
    *ret_workload = (struct workload){0};
    return workload_parse(text, strlen(text), "t.csv", &options, ret_workload,
                          &complaint);
}

static void columns_are_found_by_their_names(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("user,memory,runtime,submit,cpu,ignored,read,write,width\n"
              "4,1048576,2.5,100,1.25,x,10,20,3\n"
              ",,1,101,,y,,,\n",
              NULL, false, &w),
        0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.jobs[0].number, 1);
    CU_ASSERT_EQUAL(w.jobs[0].submit_us, 0);
    CU_ASSERT_EQUAL(w.jobs[0].runtime_us, 2500000);
    CU_ASSERT_EQUAL(w.jobs[0].cpu_us, 1250000);
    CU_ASSERT_EQUAL(w.jobs[0].mem_bytes, 1048576);
    CU_ASSERT_EQUAL(w.jobs[0].read_bytes, 10);
    CU_ASSERT_EQUAL(w.jobs[0].write_bytes, 20);
    CU_ASSERT_EQUAL(w.jobs[0].width, 3);
    CU_ASSERT_EQUAL(w.jobs[0].user, 4);
    CU_ASSERT_EQUAL(w.jobs[1].submit_us, 1000000);
    CU_ASSERT_EQUAL(w.jobs[1].mem_bytes, JOB_UNKNOWN);
    CU_ASSERT_EQUAL(w.jobs[1].cpu_us, JOB_UNKNOWN);
    CU_ASSERT_EQUAL(w.jobs[1].width, 1);
    workload_finish(&w);
}

static void units_are_converted_exactly(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("at,len,mem\n"
              "1664575200123,1500,1.5\n"
              "1664575201124,1,0.5\n",
              "submit=at:ms,runtime=len:ms,memory=mem:GiB", false, &w),
        0);
    CU_ASSERT_EQUAL(w.jobs[1].submit_us, 1001000);
    CU_ASSERT_EQUAL(w.jobs[0].runtime_us, 1500000);
    CU_ASSERT_EQUAL(w.jobs[0].mem_bytes, UINT64_C(3) << 29);
    workload_finish(&w);

    CU_ASSERT_EQUAL_FATAL(
        parse("at,len,mem\n0,2,3\n1,1,1\n",
              "submit=at:h,runtime=len:d,memory=mem:MB", false, &w),
        0);
    CU_ASSERT_EQUAL(w.jobs[1].submit_us, UINT64_C(3600000000));
    CU_ASSERT_EQUAL(w.jobs[0].runtime_us, UINT64_C(172800000000));
    CU_ASSERT_EQUAL(w.jobs[0].mem_bytes, 3000000);
    workload_finish(&w);
}

static void names_become_numbers_as_they_appear(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse("submit,runtime,who\n"
              "0,1,\"smith, ann\"\n"
              "1,1,bob\n"
              "2,1,\"smith, ann\"\n",
              "submit=submit,runtime=runtime,user=who:name", false, &w),
        0);
    CU_ASSERT_EQUAL(w.jobs[0].user, 1);
    CU_ASSERT_EQUAL(w.jobs[1].user, 2);
    CU_ASSERT_EQUAL(w.jobs[2].user, 1);
    workload_finish(&w);
}

static void run_time_may_be_given_by_dates(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(parse("submit,start,end\n"
                                "10,15,20\n"
                                "11,,20\n"
                                "12,15,15\n"
                                "13,15,\n",
                                NULL, false, &w),
                          0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.skipped_count, 2);
    CU_ASSERT_EQUAL(w.jobs[0].runtime_us, 5000000);
    CU_ASSERT_EQUAL(w.jobs[1].runtime_us, 9000000);
    workload_finish(&w);
}

static void rows_may_wait_for_rows(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(parse("number,submit,cpu,after,think\n"
                                "10,0,1,,\n"
                                "20,5,1,10,2.5\n",
                                NULL, false, &w),
                          0);
    CU_ASSERT_EQUAL(w.jobs[1].after, 0);
    CU_ASSERT_EQUAL(w.jobs[1].think_us, 2500000);
    workload_finish(&w);
}

static void bad_cells_are_placed(void)
{
    static const char text[] =
        "submit,runtime\n"
        "0,1\n"
        "1,fast\n"
        "2\n"
        "3,1\n";
    struct workload w;
    CU_ASSERT_EQUAL(parse(text, NULL, false, &w), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 3);
    CU_ASSERT_EQUAL(complaint.column, 3);
    CU_ASSERT_EQUAL_FATAL(parse(text, NULL, true, &w), 0);
    CU_ASSERT_EQUAL(w.count, 2);
    CU_ASSERT_EQUAL(w.bad_count, 2);
    CU_ASSERT_EQUAL(w.bad[1].line, 4);
    workload_finish(&w);
}

static void wrong_columns_are_refused(void)
{
    static const char text[] = "submit,runtime\n0,1\n";
    static const char *const columns[] = {
        "submit=submit",
        "submit=submit,runtime=nowhere",
        "submit",
        "speed=submit",
        "submit=submit:MiB",
        "submit=submit:fortnight",
        "submit=:s,runtime=",
        "=",
    };
    struct workload w;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        CU_ASSERT_EQUAL(parse(text, columns[i], true, &w), -EINVAL);
    CU_ASSERT_EQUAL(parse("", NULL, true, &w), -EINVAL);
    CU_ASSERT_EQUAL(parse("a,b\n1,2\n", NULL, true, &w), -EINVAL);
}

SUITE_MAIN("CSV",
           {"columns are found by their names",
            columns_are_found_by_their_names},
           {"units are converted exactly", units_are_converted_exactly},
           {"names become numbers as they appear",
            names_become_numbers_as_they_appear},
           {"run time may be given by dates", run_time_may_be_given_by_dates},
           {"rows may wait for rows", rows_may_wait_for_rows},
           {"bad cells are placed", bad_cells_are_placed},
           {"wrong columns are refused", wrong_columns_are_refused})
