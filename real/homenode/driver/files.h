/* files.h - checkpoints by the command line. */
#ifndef REAL_HOMENODE_DRIVER_FILES_H
#define REAL_HOMENODE_DRIVER_FILES_H

#include "options.h"

/* Both give the exit status; recover that of the process. */
int files_save(const struct file_options *options);
int files_recover(const struct file_options *options);

#endif /* REAL_HOMENODE_DRIVER_FILES_H */
