/* Who asks: a bearer token (RFC 6750), or on the Unix socket the peer's credentials, or by TLS a client's certificate.
 */
#ifndef TGCALLD_API_AUTH_H
#define TGCALLD_API_AUTH_H

#include "api/request.h"
#include "api/tls.h"

/* Sets authed and grant. A request that names a token is judged by it alone, on such connections too. */
void auth_check(struct request *r);
/* The bearer token that was given, whatever it is worth; borrowed. NULL: none. */
const char *auth_token(const struct request *r);
/* How long the token or client that was good has to wait until it may ask again, in microseconds; 0: it may ask now,
 * which is counted. */
int64_t auth_wait_us(struct request *r);
/* Whether it was the peer's uid that was judged; the certificate of a client that is known. */
bool auth_is_by_uid(const struct request *r);
bool auth_is_by_certificate(const struct request *r);
/* Whether who was good when the request came, and has waited since, still is, with the same rights. */
bool auth_holds(struct request *r);
/* Whether a request without a token, that was not good, is of somebody with a certificate that holds: who he is. */
bool auth_stranger(const struct request *r, struct tls_client *ret);

#endif
