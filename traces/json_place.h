/* json_place.h - where in a JSON text a value stands, for complaints. */
#ifndef TRACES_JSON_PLACE_H
#define TRACES_JSON_PLACE_H

#include "reader.h"

/* The place of jobs[index], or of its key if key is not NULL and there. text
 * has been read by a parser already: it is JSON, an object. list: the key of
 * the array. Line 1, column 1 if it is not found. */
struct place json_place_of(const char *text,
                           const char *list,
                           size_t index,
                           const char *key);

/* The same of object[name].key, both in an object of objects. */
struct place json_place_in(const char *text,
                           const char *object,
                           const char *name,
                           const char *key);

#endif /* TRACES_JSON_PLACE_H */
