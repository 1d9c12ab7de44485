/* What is behind the data centres of fake_dc.h: users who can log in, and chats with at most one call each. As strict
 * as the method pages wherever a test may lean on it, and no larger. Tests look at it and change it at will; what they
 * do to it themselves is told to nobody. */
#ifndef TGCALLD_TESTS_FAKE_WORLD_H
#define TGCALLD_TESTS_FAKE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/clock.h"
#include "daemon/base/peer_text.h"
#include "daemon/base/random.h"

enum { FAKE_USERS = 2, FAKE_CHATS = 4, FAKE_CALLS_MAX = 256 };

struct fake_user {
    int64_t id, access_hash;
    char phone[24], first_name[32];
    char code[8];
    char password[32]; /* "": none */
    int home_dc;
    char code_hash[16]; /* of the last code that was sent; "" */
};

enum fake_call_state { FAKE_CALL_ACTIVE, FAKE_CALL_SCHEDULED, FAKE_CALL_DISCARDED };

struct fake_call {
    int64_t id, access_hash;
    struct fake_chat *chat;
    enum fake_call_state state;
    char title[256];
    bool rtmp_stream;
    int32_t random_id, version;
    int32_t schedule_date, started_at, ended_at; /* Unix seconds; 0 */
};

struct fake_chat {
    enum peer_kind kind; /* PEER_CHAT or PEER_CHANNEL */
    int64_t id, access_hash;
    char title[64];
    char username[33]; /* "" */
    struct fake_call *call;
    unsigned stream_keys;          /* that were revoked; the one in use is "key-N" */
    struct fake_chat *migrated_to; /* of a group that became a channel */
};

struct fake_world {
    const struct clock_source *clock;
    const struct random_source *random;
    struct fake_user users[FAKE_USERS]; /* 1001 at home in DC 1, 1002 the same */
    struct fake_chat chats[FAKE_CHATS]; /* group 501, channels 6001 (@news), 6002 (@talk) and 6003 */
    struct fake_call calls[FAKE_CALLS_MAX];
    size_t calls_n;
    bool tells_ends;              /* that a call was replaced is told by an update; servers need not */
    unsigned codes_n;             /* codes that were sent */
    int64_t exported_user;        /* by the last auth.exportAuthorization; 0 where it was used up */
    uint8_t exported_for[8];      /* what proves it */
    struct fake_user *scanned_by; /* who accepted the QR code that is shown; NULL */
    unsigned tokens_n;            /* QR codes that were shown */
    int64_t token_until;          /* Unix seconds, of the last */
    int exported_to;              /* the data centre */
};

void fake_world_init(struct fake_world *w, const struct clock_source *clock, const struct random_source *random);

/* NULL where there is none. */
struct fake_chat *fake_world_chat(struct fake_world *w, enum peer_kind kind, int64_t id);
struct fake_chat *fake_world_named(struct fake_world *w, const char *username);
struct fake_call *fake_world_call(struct fake_world *w, int64_t id);

/* Calls that run or are scheduled, in all chats. */
unsigned fake_world_alive(const struct fake_world *w);
/* As an admin elsewhere does it; a call that ran there ends. */
struct fake_call *fake_world_start(struct fake_world *w, struct fake_chat *chat);
void fake_world_end(struct fake_world *w, struct fake_call *call);

/* Telegram's objects of it; new references. */
json_t *fake_json_user(const struct fake_user *user);
json_t *fake_json_chat(const struct fake_chat *chat);
json_t *fake_json_peer(const struct fake_chat *chat);
json_t *fake_json_call(const struct fake_call *call);
json_t *fake_json_input_call(const struct fake_call *call);
/* updateGroupCall, and Updates around a list of updates (stolen) in a chat. */
json_t *fake_json_update_call(const struct fake_call *call);
json_t *fake_json_updates(const struct fake_world *w, json_t *updates, const struct fake_chat *chat);

#endif
