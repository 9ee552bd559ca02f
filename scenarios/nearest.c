#include <ctype.h>
#include <string.h>

#include "quantity.h"

enum { WORD_BYTES_MAX = 48 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein 1966, and swapping two neighbours is one edit too (Damerau 1964).
 * Capitals count as small letters. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_BYTES_MAX + 1];
    size_t a_count = strlen(a);
    size_t b_count = strlen(b);
    for (size_t j = 0; j <= b_count; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_count; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_count; j++) {
            int x = tolower((unsigned char)a[i - 1]);
            int y = tolower((unsigned char)b[j - 1]);
            row[j] =
                least(least(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (1 < i && 1 < j && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]))
                row[j] = least(row[j], rows[(i + 1) % 3][j - 2] + 1);
        }
    }
    return rows[a_count % 3][b_count];
}

const char *nearest_name(const char *text, const char *const *names)
{
    size_t length = strlen(text);
    const char *nearest = NULL;
    if (length > WORD_BYTES_MAX)
        return NULL;
    /* A third of the letters may be wrong, not all: else it is another word. */
    size_t best = least((length + 2) / 3 + 1, length);
    for (; *names; names++) {
        if (strlen(*names) > WORD_BYTES_MAX)
            continue;
        size_t edits = distance(text, *names);
        /* Who wrote the beginning only may have meant it, at a last guess. */
        if (2 < length && strncasecmp(text, *names, length) == 0)
            edits = least(edits, best - 1);
        if (edits < best) {
            best = edits;
            nearest = *names;
        }
    }
    return nearest;
}
