/* suite.h - the main() of a CUnit program: one for each test_*.c. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <CUnit/Basic.h>
#include <stdlib.h>

/* Each row: {"a sentence that says what must hold", function}. Exit 1 if one
 * fails, or if nothing ran. */
#define SUITE_MAIN(name, ...)                                           \
    int main(void)                                                      \
    {                                                                   \
        CU_TestInfo tests[] = {__VA_ARGS__, CU_TEST_INFO_NULL};         \
        CU_SuiteInfo suites[] = {{name, NULL, NULL, NULL, NULL, tests}, \
                                 CU_SUITE_INFO_NULL};                   \
        if (CU_initialize_registry() != CUE_SUCCESS ||                  \
            CU_register_suites(suites) != CUE_SUCCESS)                  \
            return EXIT_FAILURE;                                        \
        CU_basic_set_mode(CU_BRM_VERBOSE);                              \
        CU_basic_run_tests();                                           \
        int failed = CU_get_number_of_failures() > 0 ||                 \
                     CU_get_number_of_tests_run() == 0;                 \
        CU_cleanup_registry();                                          \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;                    \
    }

#endif /* TESTS_SUITE_H */
