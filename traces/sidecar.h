/* sidecar.h - NAME.tsv beside NAME.swf: what SWF has no field for.
 *
 * Row i of it belongs to row i of the SWF; both begin with the job's number.
 */
#ifndef TRACES_SIDECAR_H
#define TRACES_SIDECAR_H

#include <stddef.h>
#include <stdint.h>

#include "complaint.h"

struct sidecar_row
{
    uint64_t number;
    uint64_t read_bytes; /* Or JOB_UNKNOWN. */
    uint64_t write_bytes;
};

struct sidecar
{
    char *path;
    struct sidecar_row *rows;
    size_t count;
};

/* Read the one that lies beside the SWF, plain, .gz or .zst; all zero if there
 * is none. 0, or negative errno and complaint. */
int sidecar_read(const char *swf_path,
                 struct sidecar *ret_sidecar,
                 struct complaint *ret_complaint);
void sidecar_finish(struct sidecar *sidecar);

/* Its name for an SWF of this name, compressed alike: a.swf.zst has a.tsv.zst.
 * The caller frees it; NULL without memory. */
char *sidecar_name(const char *swf_path);

#endif /* TRACES_SIDECAR_H */
