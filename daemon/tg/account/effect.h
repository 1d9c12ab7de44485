/* What a request could have changed at Telegram. Said by who asks, so that where its fate is not known, what it could
 * have changed is not taken for known either. */
#ifndef TGCALLD_TG_EFFECT_H
#define TGCALLD_TG_EFFECT_H

#include <stdint.h>

#include "daemon/base/peer_text.h"

enum tg_effect_kind {
    TG_EFFECT_NONE,  /* a read */
    TG_EFFECT_CHAT,  /* which call the chat `kind`, `id` has */
    TG_EFFECT_CALL,  /* the call `id` */
    TG_EFFECT_LOGIN, /* who is logged in with the account's key */
    TG_EFFECT_ALL,   /* anything; the chat `kind`, `id` among it, where that is said (else 0) */
};

struct tg_effect {
    enum tg_effect_kind what;
    enum peer_kind kind;
    int64_t id;
};

#endif
