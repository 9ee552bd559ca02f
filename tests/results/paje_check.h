/* paje_check.h - a strict reader of Paje traces, from Schnorr's "Paje trace
 * file format": every definition before the first event, every line with the
 * fields of its definition, every type and container known before it is used
 * and of the right type, containers destroyed once and empty, states popped as
 * often as pushed, links ended once each, dates that never go back. */
#ifndef TESTS_RESULTS_PAJE_CHECK_H
#define TESTS_RESULTS_PAJE_CHECK_H

#include <stddef.h>

struct paje_counts
{
    size_t containers;
    size_t pushes;
    size_t links;
    size_t variables;
    size_t marks; /* PajeNewEvent. */
};

/* NULL, or what is wrong first, with *ret_line. The text is changed. */
const char *paje_check(char *text,
                       struct paje_counts *ret_counts,
                       size_t *ret_line);

#endif /* TESTS_RESULTS_PAJE_CHECK_H */
