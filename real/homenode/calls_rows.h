/* calls_rows.h - short names for the shapes in the tables of calls. Only for
 * calls_table.c and calls_commands.c. */
#ifndef REAL_HOMENODE_CALLS_ROWS_H
#define REAL_HOMENODE_CALLS_ROWS_H

#include "calls.h"

/* clang-format off */
#define NO                {SHAPE_NONE,    COUNT_FIXED, 0, 0, 0}
#define V                 {SHAPE_VALUE,   COUNT_FIXED, 0, 0, 0}
#define PATH              {SHAPE_PATH,    COUNT_FIXED, 0, 0, 0}
#define TEXT              {SHAPE_STRING,  COUNT_FIXED, 0, 0, 0}
#define IN(bytes)         {SHAPE_IN,      COUNT_FIXED, 0, 0, bytes}
#define OUT(bytes)        {SHAPE_OUT,     COUNT_FIXED, 0, 0, bytes}
#define BOTH(bytes)       {SHAPE_BOTH,    COUNT_FIXED, 0, 0, bytes}
#define IN_SIZE(i)        {SHAPE_IN,      COUNT_SIZE,  i, 0, 1}
#define IN_INT(i, each)   {SHAPE_IN,      COUNT_INT,   i, 0, each}
#define IN_UINT(i, each)  {SHAPE_IN,      COUNT_UINT,  i, 0, each}
#define OUT_SIZE(i)       {SHAPE_OUT,     COUNT_SIZE,  i, 0, 1}
#define BOTH_SIZE(i)      {SHAPE_BOTH,    COUNT_SIZE,  i, 0, 1}
#define BOTH_UINT(i, each) {SHAPE_BOTH,   COUNT_UINT,  i, 0, each}
#define SET(i)            {SHAPE_BOTH,    COUNT_BITS,  i, 0, 1}
#define WRITE(i)          {SHAPE_WRITE,   COUNT_SIZE,  i, 0, 1}
#define READ(i)           {SHAPE_READ,    COUNT_SIZE,  i, 0, 1}
#define READ_INT(i, each) {SHAPE_READ,    COUNT_INT,   i, 0, each}
#define READ_UINT(i)      {SHAPE_READ,    COUNT_UINT,  i, 0, 1}
#define NAME(i)           {SHAPE_OUT,     COUNT_POINTED, i, 0, 1}
#define COMMAND(i)        {SHAPE_COMMAND, COUNT_FIXED, i, 0, 0}
#define SHAPE(shape)      {shape,         COUNT_FIXED, 0, 0, 0}
/* clang-format on */

#endif /* REAL_HOMENODE_CALLS_ROWS_H */
