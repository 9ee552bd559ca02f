/* test_archive.c - real traces of others, in the folder VENCEJO_TRACES. */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/workload.h"
#include "../suite.h"

enum { SKIPPED = 77 };

static const char *folder_of_traces(void)
{
    const char *folder = getenv("VENCEJO_TRACES");
    return folder && folder[0] ? folder : NULL;
}

/* The count behind "- rows " in the paragraph that begins "## NAME". */
static size_t rows_of_source(const char *name)
{
    char path[4096];
    char line[1024];
    char wanted[512];
    size_t rows = 0;
    bool found = false;
    snprintf(path, sizeof path, "%s/SOURCES.md", folder_of_traces());
    snprintf(wanted, sizeof wanted, "## %s\n", name);
    FILE *sources = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(sources);
    while (rows == 0 && fgets(line, sizeof line, sources)) {
        if (strncmp(line, "## ", 3) == 0)
            found = strcmp(line, wanted) == 0;
        if (found && sscanf(line, "- rows %zu", &rows) != 1)
            rows = 0;
    }
    fclose(sources);
    return rows;
}

static void check_trace(const char *name)
{
    char path[4096];
    struct workload_options options = workload_options_default();
    struct complaint complaint = {0};
    struct workload w = {0};
    snprintf(path, sizeof path, "%s/%s", folder_of_traces(), name);
    int error = workload_read(path, &options, &w, &complaint);
    if (error) {
        /* A complaint of a strict reader names its line. */
        CU_ASSERT(complaint.line > 0);
        options.lenient = true;
        error = workload_read(path, &options, &w, &complaint);
    }
    CU_ASSERT_EQUAL_FATAL(error, 0);
    CU_ASSERT_EQUAL(w.count + w.skipped_count + w.bad_count,
                    rows_of_source(name));
    CU_ASSERT(w.count > 0);
    for (size_t i = 1; i < w.count; i++)
        CU_ASSERT_FATAL(w.jobs[i - 1].submit_us <= w.jobs[i].submit_us);
    workload_finish(&w);
}

static size_t check_folder(const char *name)
{
    char path[4096];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/%s", folder_of_traces(), name);
    DIR *folder = opendir(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char trace[512];
        if (!strstr(entry->d_name, ".swf"))
            continue;
        snprintf(trace, sizeof trace, "%s/%s", name, entry->d_name);
        check_trace(trace);
        count++;
    }
    closedir(folder);
    return count;
}

static void every_archived_swf_has_all_its_rows(void)
{
    CU_ASSERT(check_folder("jobs") + check_folder("derived") >= 3);
}

static void a_month_of_a_supercomputer_reads_as_csv(void)
{
    char path[4096];
    struct complaint complaint = {0};
    struct workload w = {0};
    struct workload_options options = workload_options_default();
    options.columns =
        "number=id,submit=submission_time:ms,runtime=duration:ms,"
        "width=cpu_count";
    snprintf(path, sizeof path, "%s/jobs/surf_month_tasks.csv.zst",
             folder_of_traces());
    CU_ASSERT_EQUAL_FATAL(workload_read(path, &options, &w, &complaint), 0);
    /* Without the line of names. */
    CU_ASSERT_EQUAL(w.count + w.skipped_count + 1,
                    rows_of_source("jobs/surf_month_tasks.csv.zst"));
    workload_finish(&w);
}

static int run(CU_TestInfo *tests)
{
    CU_SuiteInfo suites[] = {{"archives", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return EXIT_FAILURE;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    int failed = CU_get_number_of_failures() > 0;
    CU_cleanup_registry();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void)
{
    CU_TestInfo tests[] = {{"every archived SWF has all its rows",
                            every_archived_swf_has_all_its_rows},
                           {"a month of a supercomputer reads as CSV",
                            a_month_of_a_supercomputer_reads_as_csv},
                           CU_TEST_INFO_NULL};
    if (!folder_of_traces()) {
        puts("skipped: VENCEJO_TRACES names no folder of traces");
        return SKIPPED;
    }
    return run(tests);
}
