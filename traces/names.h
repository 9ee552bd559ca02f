/* names.h - texts of a column, numbered from 1 as they appear. */
#ifndef TRACES_NAMES_H
#define TRACES_NAMES_H

#include <stdint.h>

struct names
{
    void *root; /* Of tsearch(); all zero at first. */
    uint32_t count;
};

/* Number of the text up to end, which must outlive this. 0 or -ENOMEM. */
int names_number(struct names *names,
                 const char *text,
                 const char *end,
                 uint32_t *ret_number);
void names_finish(struct names *names);

#endif /* TRACES_NAMES_H */
