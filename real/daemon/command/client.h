/* client.h - one request to the daemon of this machine, and its answer. */
#ifndef REAL_DAEMON_COMMAND_CLIENT_H
#define REAL_DAEMON_COMMAND_CLIENT_H

#include <jansson.h>
#include <stdint.h>

#include "../../../traces/complaint.h"

/* Request is stolen. 0, whatever the answer says: a new reference. -ETIMEDOUT:
 * the daemon did not answer in time; else it cannot be reached. */
int client_ask(const char *socket_path,
               json_t *request,
               uint64_t patience_ms,
               json_t **ret_answer,
               struct complaint *c);

/* {"vencejo":1,"do":name} */
json_t *client_request(const char *name);

#endif /* REAL_DAEMON_COMMAND_CLIENT_H */
