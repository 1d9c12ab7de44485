/* Authorization keys of both DCs, their salts, and who is logged in on them. One thread. */
#ifndef TGCALLD_SANDBOX_CENTRE_KEYS_H
#define TGCALLD_SANDBOX_CENTRE_KEYS_H

#include "daemon/mt/auth_key.h"
#include "daemon/sandbox/world/account.h"
#include "daemon/tl/schema.h"

enum {
    KEYS_MAX = 20000,
    KEYS_BUCKETS = 1024,
    KEYS_SESSIONS_MAX = 16, /* of one key; the oldest without a connection goes first */
};

struct auth;
struct session;

/* What is told to who keeps sessions by keys, and asked of it. */
struct key_holder {
    bool (*speaks)(const struct auth *a); /* on some connection, now */
    void (*forget)(struct auth *a);       /* frees its sessions */
};

struct auth {
    struct mt_auth_key *key; /* owned */
    uint64_t id;             /* key->id, little-endian */
    int dc;
    uint64_t first_salt;
    int64_t made_us;                /* server time */
    bool temporary, media;          /* media: the exchange named the DC by its negative */
    int64_t expires_at;             /* Unix seconds; 0: never */
    uint64_t perm_id;               /* temporary: what it is bound to; 0: nothing yet */
    uint64_t login_id;              /* the same, and what it was bound to last once another is in its place */
    uint64_t place;                 /* place.h: the number of the line it was used on last */
    struct account account;         /* of a permanent key */
    const struct tl_schema *schema; /* the layer that initConnection chose; NULL: none yet */
    int layer;                      /* the client's: the schema's may be another, the nearest */
    unsigned told_of;               /* what was logged of its client */
    char app[64];
    struct session *sessions;
    unsigned sessions_n;
    struct auth *next;        /* in its bucket */
    struct world_user *filed; /* by_user bucket it stands in */
    struct auth *user_next;
};

struct keys {
    const struct key_holder *holder; /* NULL: no key has sessions */
    struct auth *buckets[KEYS_BUCKETS];
    struct auth *by_user[KEYS_BUCKETS];
    size_t n;
    int salt_period_s;  /* 0 means 1800 */
    uint8_t secret[32]; /* salts follow from it */
};

void keys_fini(struct keys *k);
struct auth *keys_find(const struct keys *k, int dc, uint64_t id);
/* Takes KEY. Where there are too many, the oldest goes that is logged in as nobody and speaks on no connection. NULL:
 * no such one, no memory (KEY is freed then). */
struct auth *keys_add(struct keys *k, int dc, struct mt_auth_key *key, uint64_t first_salt, int64_t now_us);
/* Frees it with its sessions. */
void keys_drop(struct keys *k, struct auth *a);
/* Binds TEMPORARY to the permanent key PERM_ID; a key that was bound to it is unbound. */
void keys_bind(struct keys *k, struct auth *temporary, uint64_t perm_id);
/* The account behind a key: its own, or that of the permanent key it is bound to; NULL: not bound. */
struct account *keys_account(const struct keys *k, struct auth *a);
/* After a login or logout by a key: files it and all others of its account under their user, so that updates find
 * them. */
void keys_file(struct keys *k, struct auth *a);
/* A new permanent key, which no other is bound to, is logged in as USER: the same at less cost. */
void keys_log_in(struct keys *k, struct auth *a, struct world_user *user);
/* The first key in a user's bucket; go on by user_next and compare `filed`. */
struct auth *keys_of_user(const struct keys *k, const struct world_user *user);

/* Salts change every half hour and stay good for another one. INDEX counts periods since the key was made. */
uint64_t keys_salt(const struct keys *k, const struct auth *a, int64_t index);
int64_t keys_salt_index(const struct keys *k, const struct auth *a, int64_t now_us);
int64_t keys_salt_period_s(const struct keys *k);
/* The salts told so far are good no longer, as if their time were over. */
void keys_salt_expire(const struct keys *k, struct auth *a);
bool keys_salt_is_valid(const struct keys *k, const struct auth *a, uint64_t salt, int64_t now_us);

#endif
