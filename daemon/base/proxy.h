/* A proxy as people write it: socks5://USER:PASSWORD@HOST:PORT (RFC 1928 and 1929), http://USER:PASSWORD@HOST:PORT
 * (CONNECT of RFC 9110), mtproxy://HOST:PORT?secret=SECRET, and the links that MTProxies are shared by. */
#ifndef TGCALLD_BASE_PROXY_H
#define TGCALLD_BASE_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/address.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum proxy_kind { PROXY_SOCKS5, PROXY_HTTP, PROXY_MTPROXY };

enum {
    PROXY_TEXT_MAX = 2000,  /* as it is written */
    PROXY_WORD_MAX = 255,   /* a user or a password: what RFC 1929 can carry */
    PROXY_DOMAIN_MAX = 182, /* what other clients take */
    PROXY_KEY_SIZE = 16,
    PROXY_NAME_SIZE = 64, /* for proxy_name() */
    PROXY_SHOWN_SIZE = 288,
    PROXY_BASIC_SIZE = 700 /* for proxy_basic() */
};

/* In place of a proxy, where one may be chosen: none. */
#define PROXY_NONE "none"

struct proxy {
    enum proxy_kind kind;
    struct address address;
    /* SOCKS5 and HTTP; "" where there are none. */
    char user[PROXY_WORD_MAX + 1], password[PROXY_WORD_MAX + 1];
    /* MTProxy. */
    uint8_t key[PROXY_KEY_SIZE];
    bool padded;                       /* the secret demands the padded framing */
    char domain[PROXY_DOMAIN_MAX + 1]; /* whose TLS is played; "": none is */
};

/* TGC_EINVAL with a sentence in which neither user nor password nor secret is quoted. */
int proxy_parse(const char *text, struct proxy *ret, struct fault *fault) TGC_MUST;
/* HOST:PORT, to be said to people; a long host is cut. */
void proxy_name(const struct proxy *proxy, char out[static PROXY_NAME_SIZE]);
/* SCHEME://HOST:PORT, whole: what may be shown of it. */
void proxy_show(const struct proxy *proxy, char out[static PROXY_SHOWN_SIZE]);
/* Why the framing of that name ("padded", "full", …) does not go through it; NULL where it does. */
const char *proxy_unfit(const struct proxy *proxy, const char *framing);
/* USER:PASSWORD as the Basic scheme has it (RFC 7617). It is the caller's to wipe. */
void proxy_basic(const struct proxy *proxy, char out[static PROXY_BASIC_SIZE]);
void proxy_wipe(struct proxy *proxy);

#endif
