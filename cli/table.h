/* table.h - rows and columns for people; pipes get tab-separated values. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

/* cells[row * column_count + column], the first row being the titles. Columns
 * are as wide as their widest cell; what does not fit into width is folded
 * between words in the last column. ASCII only. */
void table_print(FILE *out,
                 int width,
                 const char *const *cells,
                 size_t row_count,
                 size_t column_count);

#endif /* CLI_TABLE_H */
