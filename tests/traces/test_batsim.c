/* test_batsim.c - workloads of Batsim. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/workload.h"
#include "../suite.h"

static struct complaint complaint;

static int parse_with(const char *text,
                      const struct workload_options *options,
                      struct workload *ret_workload)
{
    struct workload_options chosen = *options;
    chosen.format = FORMAT_BATSIM;
    complaint = (struct complaint){0};
    *ret_workload = (struct workload){0};
    return workload_parse(text, strlen(text), "t.json", &chosen, ret_workload,
                          &complaint);
}

static int parse(const char *text, struct workload *ret_workload)
{
    struct workload_options options = workload_options_default();
    options.flops_per_s = 1e9;
    return parse_with(text, &options, ret_workload);
}

static void jobs_take_what_their_profiles_say(void)
{
    struct workload w;
    CU_ASSERT_EQUAL_FATAL(
        parse(
            "{\"nb_res\": 4, \"jobs\": [\n"
            " {\"id\": 7, \"subtime\": 10.5, \"walltime\": 100, \"res\": 4, "
            "\"profile\": \"wait\", \"extra\": {\"a\": [1, \"]\"]}},\n"
            " {\"id\": \"w0!8\", \"subtime\": 12, \"res\": 1, \"profile\": "
            "\"work\"},\n"
            " {\"id\": 9, \"subtime\": 13, \"walltime\": -1, \"res\": 2, "
            "\"profile\": \"total\"},\n"
            " {\"id\": 10, \"subtime\": 14, \"walltime\": 2, \"res\": 1, "
            "\"profile\": \"wait\"},\n"
            " {\"id\": 11, \"subtime\": 15, \"res\": 1, \"profile\": "
            "\"both\"},\n"
            " {\"id\": 12, \"subtime\": 1, \"res\": 1, \"profile\": "
            "\"nothing\"}],\n"
            "\"profiles\": {\"wait\": {\"type\": \"delay\", \"delay\": 20.5},\n"
            " \"nothing\": {\"type\": \"delay\", \"delay\": 0},\n"
            " \"work\": {\"type\": \"parallel_homogeneous\", \"cpu\": 5e9, "
            "\"com\": 0},\n"
            " \"total\": {\"type\": \"parallel_homogeneous_total\", \"cpu\": "
            "6e9},\n"
            " \"both\": {\"type\": \"composed\", \"repeat\": 3, \"seq\": "
            "[\"wait\", \"work\"]}}}",
            &w),
        0);
    CU_ASSERT_EQUAL_FATAL(w.count, 5);
    CU_ASSERT_EQUAL(w.skipped_count, 1);
    /* The first moment is that of the job that does nothing. */
    CU_ASSERT_EQUAL(w.jobs[0].submit_us, 9500000);
    CU_ASSERT_EQUAL(w.jobs[0].number, 7);
    CU_ASSERT_EQUAL(w.jobs[0].width, 4);
    CU_ASSERT_EQUAL(w.jobs[0].runtime_us, 20500000);
    CU_ASSERT_EQUAL(w.jobs[1].number, 2); /* Its place in the list. */
    CU_ASSERT_EQUAL(w.jobs[1].runtime_us, 5000000);
    CU_ASSERT_EQUAL(w.jobs[2].runtime_us, 3000000);
    CU_ASSERT_EQUAL(w.jobs[3].runtime_us, 2000000); /* Killed then. */
    CU_ASSERT_EQUAL(w.jobs[4].runtime_us, 3 * 25500000ull);
    CU_ASSERT_FALSE(w.has_cpu || w.has_mem);
    workload_finish(&w);
}

#define JOB(profile)                                                      \
    "{\"jobs\": [\n{\"id\": 1, \"subtime\": 0, \"res\": 1, \"profile\": " \
    "\"" profile                                                          \
    "\"}],\n\"profiles\": {\n \"d\": {\"type\": \"delay\", \"delay\": "   \
    "1},\n"

static const struct
{
    const char *text;
    size_t line;
    size_t column;
    const char *says;
} wrong[] = {
    {"{\"jobs\": [}", 1, 11, "not JSON"},
    {"[]", 1, 1, "this has no jobs"},
    {"{\"jobs\": []}", 1, 1, "this has no profiles"},
    {"{\"jobs\": [\n  7], \"profiles\": {}}", 2, 3, "a job is an object"},
    {"{\"jobs\": [{\"id\": 1}], \"profiles\": {}}", 1, 11,
     "a job needs a subtime"},
    {"{\"jobs\": [{\"subtime\": -3}], \"profiles\": {}}", 1, 23,
     "a job needs a subtime"},
    {"{\"jobs\": [{\"subtime\": 3, \"res\": 0}], \"profiles\": {}}", 1, 33,
     "a job needs res"},
    {"{\"jobs\": [{\"subtime\": 3, \"res\": 1}], \"profiles\": {}}", 1, 11,
     "a job needs a profile"},
    {JOB("none") "\"e\": {}}}", 2, 46, "there is no profile none"},
    {JOB("e") " \"e\": {\"a\": 1}}}", 5, 7, "a profile needs a type"},
    {JOB("e") " \"e\": {\"type\": \"smpi\"}}}", 5, 16,
     "profiles of type smpi are not modelled"},
    {JOB("e") " \"e\": {\"type\": \"delay\", \"delay\": -1}}}", 5, 34,
     "delay is no number from 0 on"},
    {JOB("e") " \"e\": {\"type\": \"delay\"}}}", 5, 7,
     "delay is no number from 0 on"},
    {JOB("e") " \"e\": {\"com\": 5, \"type\": \"parallel_homogeneous\", "
              "\"cpu\": 1}}}",
     5, 15, "com: processes that send each other data are not modelled"},
    {JOB("e") " \"e\": {\"type\": \"composed\", \"seq\": [\"e\"]}}}", 5, 35,
     "more than 16 deep, or one in itself"},
    {JOB("e") " \"e\": {\"type\": \"composed\", \"seq\": []}}}", 5, 35,
     "seq is no list of profiles"},
    {JOB("e") " \"e\": {\"type\": \"composed\", \"nb\": 1e7, \"seq\": "
              "[\"d\"]}}}",
     5, 34, "nb is above 1,000,000"},
};

static void what_cannot_be_read_is_said_with_its_place(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct workload w;
        CU_ASSERT_EQUAL(parse(wrong[i].text, &w), -EINVAL);
        CU_ASSERT_EQUAL(complaint.line, wrong[i].line);
        CU_ASSERT_EQUAL(complaint.column, wrong[i].column);
        bool says = strstr(complaint.text, wrong[i].says) != NULL;
        CU_ASSERT_TRUE(says);
        if (!says || complaint.column != wrong[i].column)
            printf("\n%zu:%zu: %s\n%s\n", complaint.line, complaint.column,
                   complaint.text, wrong[i].text);
    }
}

static void operations_need_a_speed(void)
{
    struct workload w;
    struct workload_options options = workload_options_default();
    CU_ASSERT_EQUAL(
        parse_with(JOB("e") "\"e\": {\"type\": \"parallel_homogeneous\", "
                            "\"cpu\": 1, \"com\": 0}}}",
                   &options, &w),
        -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "--flops"));
}

static void lenient_reading_leaves_out_what_is_not_modelled(void)
{
    struct workload w;
    struct workload_options options = workload_options_default();
    options.lenient = true;
    CU_ASSERT_EQUAL_FATAL(
        parse_with("{\"jobs\": [{\"subtime\": 1, \"res\": 1, \"profile\": "
                   "\"p\"}, {\"subtime\": 2, \"res\": 1, \"profile\": \"d\"}], "
                   "\"profiles\": {\"d\": {\"type\": \"delay\", \"delay\": 1}, "
                   "\"p\": {\"type\": \"parallel\"}}}",
                   &options, &w),
        0);
    CU_ASSERT_EQUAL(w.count, 1);
    CU_ASSERT_EQUAL(w.bad_count, 1);
    CU_ASSERT_EQUAL(w.jobs[0].submit_us, 1000000);
    workload_finish(&w);
}

/* Ten in ten in ten, sixteen deep, would be 10^16 profiles. */
static void sequences_of_sequences_do_not_take_forever(void)
{
    char *text = NULL;
    size_t bytes;
    struct workload w;
    FILE *out = open_memstream(&text, &bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    fputs(JOB("p0"), out);
    for (int i = 0; i < 15; i++) {
        fprintf(out, " \"p%d\": {\"type\": \"composed\", \"seq\": [", i);
        for (int k = 0; k < 10; k++)
            fprintf(out, "%s\"p%d\"", k ? ", " : "", i + 1);
        fputs("]},\n", out);
    }
    fputs(" \"p15\": {\"type\": \"delay\", \"delay\": 1}}}", out);
    fclose(out);
    CU_ASSERT_EQUAL(parse(text, &w), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "10,000 profiles"));
    free(text);
}

SUITE_MAIN("batsim",
           {"Jobs take what their profiles say",
            jobs_take_what_their_profiles_say},
           {"What cannot be read is said with its place",
            what_cannot_be_read_is_said_with_its_place},
           {"Operations need a speed", operations_need_a_speed},
           {"Lenient reading leaves out what is not modelled",
            lenient_reading_leaves_out_what_is_not_modelled},
           {"Sequences of sequences do not take forever",
            sequences_of_sequences_do_not_take_forever})
