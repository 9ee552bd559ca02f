/* member_here.h - a member of a roster at a free port of loopback, with a key
 * of its own. */
#ifndef TESTS_DAEMON_MEMBER_HERE_H
#define TESTS_DAEMON_MEMBER_HERE_H

#include "../../real/daemon/roster.h"

/* Its name is left alone; nothing of it is to be freed. */
void member_here(struct member *m, node_id id, struct identity *ret_identity);

#endif /* TESTS_DAEMON_MEMBER_HERE_H */
