/* say.h - messages of this program for people, on standard error. */
#ifndef REAL_HOMENODE_DRIVER_SAY_H
#define REAL_HOMENODE_DRIVER_SAY_H

#include "../../../traces/complaint.h"

void say(const char *text, ...) __attribute__((format(printf, 1, 2)));
void say_complaint(const struct complaint *complaint);

#endif /* REAL_HOMENODE_DRIVER_SAY_H */
