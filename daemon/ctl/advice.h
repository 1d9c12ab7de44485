/* The API's advice in the words of a terminal: "GET /v1/live" is "tgcalldctl live list" there. */
#ifndef TGCALLD_CTL_ADVICE_H
#define TGCALLD_CTL_ADVICE_H

#include <stddef.h>

#include <jansson.h>

/* What PROBLEM (RFC 9457) says to do. A request that no command makes stays as it is; "" where there is no advice. Cut
 * at SIZE. */
void advice_of(const json_t *problem, char *out, size_t size);
/* The same of one sentence. */
void advice_put(const char *remedy, char *out, size_t size);

#endif
