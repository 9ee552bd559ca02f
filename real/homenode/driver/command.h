/* command.h - what `homenode ctl` can ask of a run. */
#ifndef REAL_HOMENODE_DRIVER_COMMAND_H
#define REAL_HOMENODE_DRIVER_COMMAND_H

#include "mover.h"

/* move N|home, freeze, thaw, explain, status, checkpoint FILE: do it, and
 * answer on the socket, which is closed. */
void command_do(struct mover *m, const char *line, int socket);

#endif /* REAL_HOMENODE_DRIVER_COMMAND_H */
