/* The signature of a webhook (Standard Webhooks 1.0): HMAC-SHA256 of "ID.TIMESTAMP.BODY", by a secret that is written
 * "whsec_" and base64. After a rotation the secret before signs beside the new one for a day, and so does the one
 * before that where there is another rotation within that day. */
#ifndef TGCALLD_HOOK_SIGN_H
#define TGCALLD_HOOK_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/random.h"

enum {
    HOOK_SECRET_MIN = 24,
    HOOK_SECRET_MADE = 32,
    HOOK_SECRET_MAX = 64, /* bytes, as the standard has them */
    HOOK_SECRET_TEXT = 96,
    HOOK_BEFORES = 2, /* of more rotations within a day, the oldest secrets end early */
    HOOK_SIGNATURE_TEXT = (1 + HOOK_BEFORES) * 48 + 1,
    HOOK_SECRETS_TEXT = HOOK_SECRET_TEXT + HOOK_BEFORES * (HOOK_SECRET_TEXT + 24),
};
#define HOOK_ROTATION_S (24 * 3600)

struct hook_secret_before {
    char text[HOOK_SECRET_TEXT]; /* "": there is none, nor behind it */
    int64_t until;               /* it signs before this; Unix seconds */
};
struct hook_secrets {
    char now[HOOK_SECRET_TEXT];
    struct hook_secret_before before[HOOK_BEFORES]; /* the newest first */
};

void hook_secret_make(const struct random_source *random, char out[static HOOK_SECRET_TEXT]);
/* From now on there is a new one. */
void hook_secrets_rotate(struct hook_secrets *s, const struct random_source *random, int64_t now);
/* Wipes those that sign no more; whether there were any. */
bool hook_secrets_forget(struct hook_secrets *s, int64_t now);
/* When the next one signs no more, Unix seconds; INT64_MAX: none is to end. */
int64_t hook_secrets_end(const struct hook_secrets *s);
/* As one text, for the disk. */
void hook_secrets_write(const struct hook_secrets *s, char out[static HOOK_SECRETS_TEXT]);
/* TGC_EINVAL. */
int hook_secrets_read(const char *text, struct hook_secrets *ret) TGC_MUST;

/* "v1,BASE64", and of each secret before that still signs a blank and its own. TGC_EINVAL: one is no secret. */
int hook_sign(const struct hook_secrets *s, const char *id, int64_t timestamp, const void *body, size_t len,
              char out[static HOOK_SIGNATURE_TEXT]) TGC_MUST;

#endif
