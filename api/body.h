/* The body of a request: its size, its type, its JSON. */
#ifndef TGCALLD_API_BODY_H
#define TGCALLD_API_BODY_H

#include "api/fields.h"
#include "api/request.h"

/* The 413. */
struct problem *body_too_large(const struct request *r);

/* Whether the headers alone announce more than the limit. */
bool body_is_announced_too_large(const struct request *r);

/* Takes a piece in. Past the limit it is thrown away; TGC_ELIMIT past twice the limit: the connection has to go. */
int body_feed(struct request *r, const void *data, size_t len) TGC_MUST;

/* Judges the whole body against the route into *RET (an object, owned by the caller). NULL with *RET_PROBLEM (413, 415,
 * 400) or with FAULTS found. */
json_t *body_parse(struct request *r, struct faults *faults, struct problem **ret_problem);

/* "application/json", with any case and parameters but another charset than UTF-8. */
bool body_is_json_type(const char *content_type);

#endif
