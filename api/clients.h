/* The programs that are known by their certificates in place of a token: a list that is swapped whole, and what was
 * found in it for each connection. What is swapped, there or among the authorities (tls_keys.h), counts for connections
 * that are there, too: each certificate is looked at again then. Any thread. */
#ifndef TGCALLD_API_CLIENTS_H
#define TGCALLD_API_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/bridge/tokens.h"

struct clients;
struct tls;
struct tls_keys;

/* A program that is known by its certificate. */
struct api_client {
    const char *name;
    const char *subject; /* by RFC 2253 */
    unsigned scopes;
    const char *const *accounts; /* NULL-terminated; NULL: any */
};

/* With nobody in it; KEYS is borrowed. NULL where memory is gone. */
struct clients *clients_new(struct tls_keys *keys);
/* NULL is fine. */
void clients_free(struct clients *c);

/* These N, which are copied, and nobody else. TGC_ENOMEM: it is as it was. */
int clients_set(struct clients *c, const struct api_client *list, size_t n) TGC_MUST;
/* The authorities may have changed. */
void clients_look_again(struct clients *c);

/* What was found for one connection; one thread at a time. */
struct client_memo {
    uint64_t generation; /* of all clients; 0: nobody has looked */
    bool is_known;
    struct token_grant grant; /* its name is "client NAME", its id made of the subject */
    int64_t ends_at;          /* when the certificate ends, in Unix seconds */
    struct token_use *use;
};

/* NULL where memory is gone. */
struct client_memo *client_memo_new(void);
/* NULL is fine. */
void client_memo_free(struct client_memo *m);

/* What the client at the other end of TLS may do, as long as its certificate holds; M is of this connection. False: it
 * has shown none that holds, or nobody's here. */
bool clients_check(struct clients *c, struct client_memo *m, const struct tls *tls, struct token_grant *ret);
/* Whether it may still do what it might when it was given SCOPES and ACCOUNTS (NULL: any). */
bool clients_hold(struct clients *c, struct client_memo *m, const struct tls *tls, unsigned scopes,
                  const json_t *accounts);

#endif
