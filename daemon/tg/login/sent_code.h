/* What Telegram says of a code that it sent (auth.SentCode): by which way it goes, and by which another one may. */
#ifndef TGCALLD_TG_SENT_CODE_H
#define TGCALLD_TG_SENT_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/tg/known/peers.h"

enum { SENT_CODE_WORDS = 192 };

struct sent_code {
    char phone[TG_PHONE_MAX];
    char hash[128];
    char kind[48]; /* "app", "sms", … as the schema names it */
    int length;    /* 0: not told */
    char next_kind[48];
    char words[SENT_CODE_WORDS]; /* one sentence on where to look for it */
    int64_t resend_at;           /* Unix seconds; 0 */
    int64_t resend_us;           /* the same on the monotonic clock */
};

/* Fills RET, but for the phone, from an auth.sentCode that came NOW_US (monotonic), WALL_US. TGC_EPROTO: it is none. */
int sent_code_read(const json_t *sent, int64_t now_us, int64_t wall_us, struct sent_code *ret) TGC_MUST;
/* C went by e-mail instead, to an address that looks like PATTERN. */
void sent_code_by_mail(struct sent_code *c, const char *pattern);
/* The `code` of the REST contract. */
json_t *sent_code_json(const struct sent_code *c);

#endif
