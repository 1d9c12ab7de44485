/* What was probably meant by a name that there is not. */
#ifndef TGCALLD_API_SUGGEST_H
#define TGCALLD_API_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "api/route.h"

/* Whether A is B but for a slip or two: letters left out, added, changed or swapped. Case, '_' and '-' count for
 * nothing (scheduleDate, schedule_date). How many in *RET_SLIPS. */
bool suggest_is_near(const char *a, const char *b, unsigned *ret_slips);

/* The member of SPEC that was probably meant; NULL: none. */
const char *suggest_member(const struct field *spec, const char *name);

/* "/v1/calls", "DELETE /v1/calls/{id}": the route that was probably meant by TARGET, which has none. False: none. */
enum { SUGGEST_ROUTE_SIZE = 96 };
bool suggest_route(const struct target *target, char out[static SUGGEST_ROUTE_SIZE]);

/* The same of a TARGET whose last word is a verb that stands for a route ("POST /v1/calls/create"): there may be such a
 * path, with the verb for an id. */
bool suggest_action(const struct target *target, char out[static SUGGEST_ROUTE_SIZE]);

#endif
