/* harness.c - see harness.h. */
#include "harness.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

char *harness_text(const uint8_t *bytes, size_t count)
{
    char *text = malloc(count + 1);
    assert(text);
    if (count > 0)
        memcpy(text, bytes, count);
    text[count] = '\0';
    return text;
}
