/* series.h - checkpoints of one process, one after the other: STEM.000001,
 * STEM.000002 and so on, of which the last ones are kept. */
#ifndef REAL_HOMENODE_SERIES_H
#define REAL_HOMENODE_SERIES_H

#include <stddef.h>
#include <stdint.h>

enum { SERIES_NUMBER_MAX = 999999, SERIES_SUFFIX_BYTES = 8 };

/* The number of the last one; 0: there is none. Negative errno, -ENOENT if the
 * folder of the stem is not there. */
int64_t series_last(const char *stem);

/* The name of one, into room for strlen(stem) + SERIES_SUFFIX_BYTES. */
void series_name(const char *stem, int64_t number, char *ret_path);

/* Remove all but the last `keep`, oldest first, so that an interruption leaves
 * the younger ones. keep is at least 1. 0 or negative errno. */
int series_trim(const char *stem, size_t keep);

#endif /* REAL_HOMENODE_SERIES_H */
