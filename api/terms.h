/* What a request's headers say of its delivery: Idempotency-Key (a bare text, or a string of RFC 8941 as the IETF's
 * draft has it) and Prefer (RFC 7240: respond-async, wait). They count with POST. */
#ifndef TGCALLD_API_TERMS_H
#define TGCALLD_API_TERMS_H

#include <jansson.h>

#include "api/request.h"

/* *RET is NULL where they say nothing. False: *RET_PROBLEM says why not (NULL: memory is gone). BODY is the request's.
 */
bool terms_read(struct request *r, const json_t *body, struct job_terms **ret, struct problem **ret_problem);

/* Takes a key's header apart into OUT, "" where it is none. */
void terms_parse_key(const char *value, char out[static JOB_KEY_MAX + 1]);
/* Adds what one Prefer header says; of a preference that is said twice the first counts, and what is not understood is
 * passed over. */
void terms_parse_prefer(const char *value, struct job_terms *terms);

#endif
