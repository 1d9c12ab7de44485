/* The slots that a connection's keys stand in, and the policy of each: how a key comes to be used, when it is given up,
 * how long it lives ("Creating an Authorization Key", "Perfect Forward Secrecy"). Pure: the clock is handed in, nothing
 * is sent or stored here.
 *
 * A permanent key carries the login and lives for ever. It is kept (committed) before it is used, since what Telegram
 * ties to a key that only memory knows is lost with the process; and since a server may be wrong about it, one that has
 * served is given up only when it was denied several times in a row. A temporary key carries nothing: it is never kept,
 * is made anew at the first denial, and before its time is over. */
#ifndef TGCALLD_TG_KEYS_H
#define TGCALLD_TG_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/mt/auth_key.h"
#include "daemon/mt/handshake_client.h"

enum tg_key_kind { TG_KEY_PERMANENT, TG_KEY_TEMPORARY, TG_KEY_KINDS };

struct tg_key_policy {
    bool is_committed;    /* kept before it is used */
    unsigned denials_max; /* in a row, of one that has served: it is given up; one that never served is at once */
    int32_t life_s;       /* asked for when it is made; 0: for ever */
    int32_t renew_s;      /* so long before its end the next is made, or a quarter of its life where that is less */
};

extern const struct tg_key_policy tg_key_policies[TG_KEY_KINDS];

enum tg_key_stage {
    TG_KEY_NONE,
    TG_KEY_MADE,       /* to be offered for keeping */
    TG_KEY_COMMITTING, /* offered, and no word yet */
    TG_KEY_KEPT,       /* may be used; of a temporary one: needs no keeping */
};

struct tg_key_slot {
    enum tg_key_kind kind;
    enum tg_key_stage stage;
    int32_t life_s;          /* the policy's; may be set to another while there is no key */
    struct mt_auth_key *key; /* owned; NULL: NONE */
    uint64_t salt;           /* the server's, 0 where none is known */
    int64_t time_offset_us;  /* server's Unix time minus the monotonic clock, where the key was made here */
    bool time_is_trusted;    /* it was */
    int64_t expires_us;      /* monotonic; INT64_MAX: never */
    int32_t expires_at;      /* Unix seconds on the server's clock; 0: never */
    unsigned denials;        /* in a row */
    bool has_served;         /* the server has used it */
};

void tg_key_slot_init(struct tg_key_slot *slot, enum tg_key_kind kind);
/* Wipes the key; the slot is as after _init(), but for its life. Nothing may use the key any more. */
void tg_key_slot_clear(struct tg_key_slot *slot);

/* Into an empty slot: a key from before, kept, and taken for one that has served; or IS_NEW here, and to be offered. It
 * is copied. TGC_ENOMEM. */
int tg_key_slot_give(struct tg_key_slot *slot, const uint8_t key[static 256], uint64_t salt, bool is_new) TGC_MUST;
/* Into an empty slot: a key that was made just now; it is taken over. */
void tg_key_slot_put(struct tg_key_slot *slot, const struct mt_handshake_result *made);

/* What is to be done before the key can be used. */
enum tg_key_need {
    TG_KEY_MAKE,   /* there is none, or its time is over: clear, exchange */
    TG_KEY_COMMIT, /* offer it, see _offer() */
    TG_KEY_WAIT,   /* for _committed() */
    TG_KEY_USE,    /* nothing */
    TG_KEY_RENEW,  /* it can be used, and it is time to make the next */
};

enum tg_key_need tg_key_slot_need(const struct tg_key_slot *slot, int64_t now_us);
/* When its age asks for the next; INT64_MAX: never. */
int64_t tg_key_slot_renew_us(const struct tg_key_slot *slot);
/* From the first of these on, who wants to go over to the next key lets nothing new begin under this one; at the second
 * he goes, whatever is still under way. INT64_MAX: never. */
int64_t tg_key_slot_drain_us(const struct tg_key_slot *slot);
int64_t tg_key_slot_leave_us(const struct tg_key_slot *slot);

/* It is offered for keeping: false where it is not to be. */
bool tg_key_slot_offer(struct tg_key_slot *slot);
/* The word on the offer: it is kept, or to be offered again. Nothing where it was not offered. */
void tg_key_slot_committed(struct tg_key_slot *slot, bool is_kept);

/* The server answered under it. */
void tg_key_slot_served(struct tg_key_slot *slot);
/* The server said that it does not know it (transport error -404): true where the key is given up, which is the
 * caller's to do. Nothing where it was not in use. */
bool tg_key_slot_denied(struct tg_key_slot *slot) TGC_MUST;

#endif
