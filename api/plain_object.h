/* Most bodies are a few members of plain text: these are read here, for a fraction of what a reader of all of JSON
 * takes. */
#ifndef TGCALLD_API_PLAIN_OBJECT_H
#define TGCALLD_API_PLAIN_OBJECT_H

#include <stddef.h>

#include <jansson.h>

/* The object that TEXT is, the caller's. NULL says nothing of TEXT but that it is to be read by json_loadb(): members
 * within members, escapes, what is not ASCII, fractions, long numbers and all that is wrong are not read here. */
json_t *plain_object(const char *text, size_t len);

#endif
