/* What was probably meant by a name that there is not. */
#ifndef TGCALLD_API_SUGGEST_H
#define TGCALLD_API_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "api/route.h"

/* The member of SPEC that was probably meant; NULL: none. */
const char *suggest_member(const struct field *spec, const char *name);

/* "/v1/calls", "DELETE /v1/calls/5": the route that was probably meant by TARGET, which has none. False: none. */
enum { SUGGEST_ROUTE_SIZE = ROUTE_TEXT_SIZE + 16 };
bool suggest_route(const struct target *target, char out[static SUGGEST_ROUTE_SIZE]);

/* The same of a TARGET whose last word is a verb that stands for a route ("POST /v1/calls/create"): there may be such a
 * path, with the verb for an id. */
bool suggest_action(const struct target *target, char out[static SUGGEST_ROUTE_SIZE]);

#endif
