/* What Telegram asked to wait for, and until when. Belongs to the account's thread. */
#ifndef TGCALLD_TG_FLOOD_H
#define TGCALLD_TG_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/peer_text.h"
#include "daemon/mt/rpc_error.h"
#include "daemon/tg/account/ask.h"
#include "daemon/tg/known/peers.h"
#include "daemon/tl/model.h"

enum { FLOODS_MAX = 64 };

/* What a wait may be of: a method, and the peer or phone number that it was called on. */
struct flood_key {
    const struct tl_comb *method;
    bool has_peer;
    enum peer_kind kind;
    int64_t id;
    char phone[TG_PHONE_MAX]; /* of a login's method; "" */
};

struct floods {
    struct flood {
        struct flood_key key;
        bool of_peer;     /* it holds for this peer alone, and for all methods that do the same to it */
        int64_t until_us; /* monotonic */
        int32_t code;     /* Telegram's own words: the family has X where the seconds were */
        char family[64];
    } * list; /* owned; NULL while nothing is waited for, as it mostly is */
    size_t n, cap;
};

/* Of parameters said in C, the effect says which chat they name. */
struct flood_key flood_key_of(const struct tg_ask *ask, int64_t self_id);
/* The wait that KEY has to mind, or NULL. Waits that are over at NOW are forgotten. */
const struct flood *floods_find(struct floods *f, const struct flood_key *key, int64_t now_us);
/* ERROR asks to wait. Past FLOODS_MAX, or where there is no memory, the one that ends first is forgotten: Telegram says
 * it again. */
void floods_put(struct floods *f, const struct flood_key *key, const struct mt_rpc_error *error, int64_t until_us,
                int64_t now_us);
/* The error as Telegram would say it now. */
void flood_error(const struct flood *flood, int64_t now_us, struct mt_rpc_error *ret);
/* One of an earlier process, copied; nothing past FLOODS_MAX. */
void floods_restore(struct floods *f, const struct flood *flood);
/* Frees them all; F is as it was when it was zeroed. */
void floods_clear(struct floods *f);
/* [{"method", "peer"?, "until"}] with Unix seconds; a new reference. */
json_t *floods_json(struct floods *f, int64_t now_us, int64_t wall_us);

#endif
