/* A member of an answer's object. */
#ifndef TGCALLD_CTL_MEMBER_H
#define TGCALLD_CTL_MEMBER_H

#include <jansson.h>

/* A text, borrowed; "" where it is none, or not there. */
const char *member_text(const json_t *object, const char *name);

#endif
