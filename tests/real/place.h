/* place.h - a folder for one test, with what a subject writes and one file
 * more.
 */
#ifndef TESTS_REAL_PLACE_H
#define TESTS_REAL_PLACE_H

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place
{
    char folder[64];
    char out[96];
    char other[96]; /* An image, a report. */
};

static inline struct place make_place(void)
{
    struct place p;
    const char *base = getenv("TMPDIR");
    snprintf(p.folder, sizeof p.folder, "%s/vencejo-test-XXXXXX",
             base && strlen(base) < 24 ? base : "/tmp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p.folder));
    snprintf(p.out, sizeof p.out, "%s/out", p.folder);
    snprintf(p.other, sizeof p.other, "%s/other", p.folder);
    return p;
}

static inline void remove_place(const struct place *p)
{
    unlink(p->out);
    unlink(p->other);
    CU_ASSERT_EQUAL(rmdir(p->folder), 0);
}

#endif /* TESTS_REAL_PLACE_H */
