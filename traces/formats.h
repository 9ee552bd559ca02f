/* formats.h - the readers that workload.c chooses from. */
#ifndef TRACES_FORMATS_H
#define TRACES_FORMATS_H

#include "reader.h"
#include "sidecar.h"

/* All read text whole into the reader's workload: 0, or negative errno and
 * complaint. text[text_bytes] is its only NUL. sidecar may be NULL. */
int swf_read(const char *text,
             size_t text_bytes,
             const struct sidecar *sidecar,
             struct reader *reader);
int csv_read(const char *text, size_t text_bytes, struct reader *reader);
int gwf_read(const char *text, size_t text_bytes, struct reader *reader);
int batsim_read(const char *text, size_t text_bytes, struct reader *reader);

#endif /* TRACES_FORMATS_H */
