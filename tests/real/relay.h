/* relay.h - a TCP cable to a host that can be cut. */
#ifndef TESTS_REAL_RELAY_H
#define TESTS_REAL_RELAY_H

#include <stdint.h>
#include <sys/types.h>

#include "hosts.h"

/* Copies between who connects to it and a host, in a process of its own;
 * SIGUSR1 cuts all that is connected. So does every so many bytes to the host
 * on one connection; 0: nothing does. */
pid_t begin_cable(const char *to, char name[NAME_BYTES], uint64_t cut_after);
void end_cable(pid_t cable);

#endif /* TESTS_REAL_RELAY_H */
