/* What form of an answer a client wants: Accept, RFC 9110, 12.5.1. */
#ifndef TGCALLD_API_ACCEPT_H
#define TGCALLD_API_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>

struct request;

/* How much a client wants one media type, by all of its Accept lines. */
struct accept_wish {
    const char *type; /* "image/svg+xml" */
    int rank;         /* of the range that told: 0 none, 1 any type, 2 any subtype, 3 the type itself */
    int thousandths;  /* its weight, 0..1000 */
};

/* Takes one line's ranges in; what is no range with a weight is passed over. */
void accept_read(const char *line, struct accept_wish *wish);

/* Whether TYPE is wanted rather than THAN, which is what everybody gets who does not ask for it. */
bool accept_prefers(const struct request *r, const char *type, const char *than);

#endif
