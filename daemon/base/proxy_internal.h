/* A proxy's parts that have a file of their own. */
#ifndef TGCALLD_BASE_PROXY_INTERNAL_H
#define TGCALLD_BASE_PROXY_INTERNAL_H

#include "daemon/base/proxy.h"

/* proxy_secret.c: the secret of an MTProxy, in hex, base64 or base64url (TEXT has LEN bytes). TGC_EINVAL. */
int proxy_secret_parse(const char *text, size_t len, struct proxy *ret, struct fault *fault) TGC_MUST;

#endif
