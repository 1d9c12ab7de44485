/* A JSON object as a word of the command line, or out of a pipe. */
#ifndef TGCALLD_CTL_OBJECT_H
#define TGCALLD_CTL_OBJECT_H

#include <jansson.h>

/* TEXT as an object, or all of stdin where it is "-"; the caller's. NULL: it is none, which was said, with what it is
 * to be LIKE. */
json_t *object_read(const char *text, const char *like);

#endif
