/* The query string as an object of members, to be judged by fields.h like a body. */
#ifndef TGCALLD_API_QUERY_H
#define TGCALLD_API_QUERY_H

#include <jansson.h>

#include "api/fields.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* Cuts RAW ("a=1&b=%40x"; NULL is none) up in place and judges it. Text of decimal digits becomes an integer where SPEC
 * wants one. TGC_ESYNTAX: a bad escape. */
int query_check(const struct field *spec, char *raw, json_t *object, struct faults *faults,
                struct fault *fault) TGC_MUST;

#endif
