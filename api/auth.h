/* Who asks: a bearer token (RFC 6750), or on the Unix socket the peer's credentials. */
#ifndef TGCALLD_API_AUTH_H
#define TGCALLD_API_AUTH_H

#include "api/request.h"

/* Sets authed and grant. A request that names a token is judged by it alone, on the Unix socket too. */
void auth_check(struct request *r);
/* The bearer token that was given, whatever it is worth; borrowed. NULL: none. */
const char *auth_token(const struct request *r);
/* How long the token that was good has to wait until it may ask again, in microseconds; 0: it may ask now, which is
 * counted. */
int64_t auth_wait_us(struct request *r);
/* Whether it is the peer's uid that was judged. */
bool auth_is_by_uid(const struct request *r);

#endif
