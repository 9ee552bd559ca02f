/* test_table.c - tables for people. */
#include <assert.h>
#include <string.h>

#include "../../cli/table.h"
#include "../suite.h"

enum { TEXT_BYTES_MAX = 4096 };

static void print(int width,
                  const char *const *cells,
                  size_t row_count,
                  size_t column_count,
                  char *ret_text)
{
    FILE *out = fmemopen(ret_text, TEXT_BYTES_MAX, "w");
    assert(out);
    table_print(out, width, cells, row_count, column_count);
    fclose(out);
}

static void columns_are_as_wide_as_their_widest_cell(void)
{
    char text[TEXT_BYTES_MAX];
    const char *cells[] = {"NAME", "DEFAULT", "MEANING",  //
                           "w",    "5 s",     "age",      //
                           "size", "16",      ""};
    print(80, cells, 3, 3, text);
    CU_ASSERT_STRING_EQUAL(text,
                           "NAME  DEFAULT  MEANING\n"
                           "w     5 s      age\n"
                           "size  16       \n");
}

static void long_text_is_folded_between_words(void)
{
    char text[TEXT_BYTES_MAX];
    const char *cells[] = {"NAME", "MEANING", "window",
                           "age of the oldest entry that is sent"};
    /* 8 columns for the names leave 20. */
    print(28, cells, 2, 2, text);
    CU_ASSERT_STRING_EQUAL(text,
                           "NAME    MEANING\n"
                           "window  age of the oldest\n"
                           "        entry that is sent\n");
    /* "age of the oldest entry" is 23 columns: it just fits, or just not. */
    print(31, cells, 2, 2, text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "age of the oldest entry\n"));
    print(30, cells, 2, 2, text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "age of the oldest\n"));
}

static void a_word_is_never_broken(void)
{
    char text[TEXT_BYTES_MAX];
    const char *cells[] = {"MEANING",
                           "see pneumonoultramicroscopicsilicovolcanoconiosis "
                           "there"};
    print(10, cells, 2, 1, text);
    CU_ASSERT_STRING_EQUAL(text,
                           "MEANING\n"
                           "see\n"
                           "pneumonoultramicroscopicsilicovolcanoconiosis\n"
                           "there\n");
}

SUITE_MAIN("table",
           {"columns are as wide as their widest cell",
            columns_are_as_wide_as_their_widest_cell},
           {"long text is folded between words",
            long_text_is_folded_between_words},
           {"a word is never broken", a_word_is_never_broken})
