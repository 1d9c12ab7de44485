/* What the sandbox's Telegram knows: users, chats, rights, calls. Pure data with rules, no I/O; one thread. */
#ifndef TGCALLD_SANDBOX_WORLD_WORLD_H
#define TGCALLD_SANDBOX_WORLD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/random.h"
#include "daemon/crypto/srp.h"
#include "daemon/sandbox/world/first.h"
#include "daemon/sandbox/world/message.h"
#include "daemon/sandbox/world/said.h"
#include "daemon/sandbox/world/text.h"

enum {
    WORLD_USERS_MAX = 16000,  /* signed up, seeded and guests */
    WORLD_CHATS_MAX = 100100, /* --chats asks for up to 100000 */
    WORLD_CALLS_MAX = 100000, /* ever created; later creates are refused with CREATE_CALL_FAILED */
    WORLD_MEMBERS_MAX = 64,   /* of one chat */
    WORLD_EVENTS = 256,       /* kept of each pts sequence for getDifference */
    WORLD_CODES = 256,        /* login codes out at one time; the oldest goes first */
    WORLD_EXPORTS = 64,       /* exported authorizations waiting */
    WORLD_LOGINS = 64,        /* QR codes shown at one time; the oldest goes first */
    WORLD_CREATION_ID = 1,    /* the message by which a channel was made */
    WORLD_FLOODS = 64,        /* numbers that something was done too often for */
    WORLD_TEXT_MAX = 256,
    WORLD_TITLE_MAX = 1023, /* bytes */
    WORLD_RECORD_TITLE_MAX = 63,
    WORLD_INTENTS = 1 << 14, /* buckets for (user, chat, random_id) */
    WORLD_LOAD_ID = 7000,    /* load chats are 7001, 7002, … */
    WORLD_EXTRA_ID = 200000, /* extra users are 200001, 200002, … */
    WORLD_EXTRA_MAX = 9000,
    WORLD_GUEST_ID = 300000, /* guests are 300001, 300002, … */
    WORLD_GUESTS_MAX = 5000,
};

/* WORLD_CONFERENCE: what stands behind a conference in place of a chat, known to its call alone. Its only member is who
 * created it; whoever has the link or the call's hash may look. */
enum world_kind { WORLD_BASIC, WORLD_CHANNEL, WORLD_SUPERGROUP, WORLD_CONFERENCE };
enum world_role { WORLD_STRANGER, WORLD_MEMBER, WORLD_ADMIN, WORLD_CREATOR };
enum world_call_state { WORLD_CALL_ACTIVE, WORLD_CALL_SCHEDULED, WORLD_CALL_DISCARDED };

/* A pts sequence and its last events. */
struct world_box {
    int pts;
    struct world_event *events[WORLD_EVENTS]; /* by pts modulo WORLD_EVENTS; NULL: there was none */
};

struct world_user {
    int64_t id;
    char phone[24]; /* digits without + */
    char first_name[WORLD_TEXT_MAX], last_name[WORLD_TEXT_MAX], username[64];
    char code[8];
    int home_dc;
    char banned[32];                    /* the error that its logins end with; "": it is not */
    int64_t frozen_since, frozen_until; /* Unix seconds; 0: it is not, without end */
    char password[64], hint[64];        /* "" : no 2FA */
    bool has_verifier;
    struct srp_algo algo;
    uint8_t verifier[256];
    int64_t contacts[8];
    unsigned contacts_n;
    struct world_box box; /* the common pts: basic groups */
    int containers;       /* that were told with a seq */
    int last_message_id;
};

struct world_member {
    struct world_user *user;
    enum world_role role;
    bool manage_call;
    int top_id;                 /* basic groups number messages by user; at first the creation */
    struct world_message top;   /* the last message */
    bool has_join_as;           /* groupcall_default_join_as was chosen */
    struct world_chat *join_as; /* NULL: as themselves */
};

/* Who speaks in a call: a user, or a channel of theirs. */
struct world_identity {
    struct world_user *user;
    struct world_chat *channel; /* NULL: as themselves */
};

struct world_participant {
    struct world_identity as;
    unsigned
        member; /* the user's place in chat->members: per-viewer state is kept by it; a guest's is WORLD_MEMBERS_MAX */
    int32_t source;
    int date, active_date;
    bool muted, can_self_unmute, video, video_paused, left;
    bool presents, presentation_paused; /* the screen, beside video */
    int32_t presentation_source;
    bool has_send_as;           /* it was chosen whom messages are from */
    struct world_chat *send_as; /* NULL: themselves */
    int volume;                 /* 1..20000, by an admin; 0: none */
    int64_t hand;               /* raise_hand_rating; 0: down */
    uint64_t muted_for;         /* bit N: member N does not want to hear them */
    uint16_t *volume_for;       /* by member, what they set for themselves; NULL: nobody did */
};

struct world_call;

struct world_chat {
    enum world_kind kind;
    int64_t id;
    char title[WORLD_TEXT_MAX], username[64], invite[64];
    bool closed; /* strangers get CHANNEL_PRIVATE */
    int date, version;
    unsigned rtmp_generation; /* of its stream key */
    struct world_member *members;
    unsigned members_n;
    struct world_call *call; /* running or scheduled */
    struct world_box box;    /* channels and supergroups */
    int last_message_id;
};

struct world_call {
    int64_t id, access_hash;
    struct world_chat *chat;
    struct world_user *creator;
    int32_t random_id;
    struct world_text title; /* WORLD_TITLE_MAX */
    bool rtmp;
    enum world_call_state state;
    int64_t created_at, started_at, ended_at; /* Unix seconds; 0: not yet */
    int32_t schedule_date;                    /* 0: none */
    int version;
    bool join_muted, messages_off, record_video;
    struct world_text record_title; /* WORLD_RECORD_TITLE_MAX */
    int32_t record_start_date;      /* 0: not recorded */
    int64_t paid_stars;             /* a message costs; 0: nothing */
    uint64_t invite_key;            /* in links that let speak */
    uint64_t subscribed, invited;   /* bit N: chat->members[N] */
    struct world_participant *participants;
    unsigned participants_n;
    struct world_talk *talk;   /* NULL: nobody has said anything */
    struct world_first *first; /* what its create answered; NULL: forgotten */
    uint32_t intent_next;      /* the next call of the same bucket in world.intents, plus 1 */
};

/* What e-mail has to do with a login. */
enum world_email {
    WORLD_EMAIL_NONE,
    WORLD_EMAIL_SET_UP, /* an address is to be given and proved before a code is sent */
    WORLD_EMAIL_CODE,   /* the code goes to an address */
};

struct world_code {
    char phone[24], hash[24], code[8];
    uint64_t key_id; /* who asked */
    int64_t made_at; /* Unix seconds */
    int tries;
    unsigned way; /* that it took last */
    enum world_email email;
    char address[WORLD_TEXT_MAX]; /* that was given, and is not proved yet; "" */
    bool is_confirmed;            /* somebody who is new here gave the right code */
};

/* What was done too often for one number. */
struct world_flood {
    char phone[24];
    struct world_count {
        int64_t since; /* Unix seconds, of the first */
        int n;
    } wrong_codes, codes, wrong_passwords;
};

/* A login by QR code: what one key shows and another account scans. */
struct world_login {
    uint8_t token[32];
    uint64_t key_id; /* who shows it; 0: a free place */
    int dc, api_id;
    int64_t expires;         /* Unix seconds */
    int64_t except[8];       /* users that are logged in there already */
    struct world_user *user; /* who accepted it; NULL: nobody yet */
};

struct world_export {
    int64_t user_id;
    int dc;
    uint8_t bytes[32];
};

struct world {
    const struct clock_source *clock;
    const struct random_source *random;
    int64_t skew_us; /* the server's time minus the wall clock */
    uint8_t secret[32];
    struct {
        char host[64];
        int port;
    } dc[3]; /* 1 and 2 */

    struct world_user **users;
    size_t users_n, users_cap;
    struct world_chat **chats;
    size_t chats_n, chats_cap;
    struct world_call **calls;
    size_t calls_n, calls_cap;
    uint32_t intents[WORLD_INTENTS]; /* index of a call plus 1 */
    size_t load_at;                  /* index of the first load chat */
    struct world_code codes[WORLD_CODES];
    unsigned codes_at;
    struct world_export exports[WORLD_EXPORTS];
    unsigned exports_at;
    struct world_login logins[WORLD_LOGINS];
    unsigned logins_at;
    struct world_flood floods[WORLD_FLOODS];
    unsigned floods_at;
    int64_t next_user_id;
    struct world_firsts firsts;
    enum world_email email_login;
    int login_layer_min; /* logins by older layers are refused with UPDATE_APP_TO_LOGIN; 0: none is */
    int codes_max;       /* for one number in a day; 0: any */
    int passwords_max;   /* wrong ones, the same */
    int code_timeout_s;  /* from when a login code may be sent another way; 0: at once */
    bool is_silent;      /* nobody is told what they did not ask for */
    bool counts_seq;     /* containers of what has no pts are told with a seq */
    struct say say;      /* what is being said */

    /* Sends UPDATES (borrowed) to every session of USER except the one that acts. */
    void (*push)(void *ctx, const struct world_user *user, const struct telling *updates);
    /* The same to the sessions of one key, logged in or not. */
    void (*push_key)(void *ctx, int dc, uint64_t key_id, const json_t *updates);
    void *push_ctx;
};

/* An empty world. CLOCK and RANDOM outlive it. */
int world_init(struct world *w, const struct clock_source *clock, const struct random_source *random) TGC_MUST;
void world_fini(struct world *w);
/* The users and chats that the documentation promises, and LOAD_CHATS supergroups of Alice's. */
int world_seed(struct world *w, unsigned load_chats) TGC_MUST;
/* N users more, with the phones +15560000001 and so on. TGC_ENOMEM. */
int world_seed_extra(struct world *w, unsigned n) TGC_MUST;

/* Guest N (from 1): a user who is made when first asked for, and is in no chat; NULL: no memory, too many users. */
struct world_user *world_guest(struct world *w, unsigned n);

/* Whether Telegram has frozen USER's account now: it may read, and no more. */
bool world_is_frozen(const struct world *w, const struct world_user *user);

/* UPDATES (borrowed) to whom they concern, by the functions above; to nobody where the world is silent. */
void world_push(const struct world *w, const struct world_user *user, const struct telling *updates);
void world_push_key(const struct world *w, int dc, uint64_t key_id, const json_t *updates);

/* Server time. */
int64_t world_now_us(const struct world *w);
int world_now(const struct world *w);

/* NULL where there is none. Names and phones compare without case; phones as digits. */
struct world_user *world_user_by_id(const struct world *w, int64_t id);
struct world_user *world_user_by_phone(const struct world *w, const char *digits);
struct world_user *world_user_by_name(const struct world *w, const char *name);
struct world_chat *world_chat_by_id(const struct world *w, int64_t id, bool basic);
struct world_chat *world_chat_by_name(const struct world *w, const char *name);
struct world_chat *world_chat_by_invite(const struct world *w, const char *hash);
struct world_call *world_call_by_id(const struct world *w, int64_t id);
/* The call that a conference's link ends with. */
struct world_call *world_call_by_slug(const struct world *w, const char *slug);
/* The call that USER created in CHAT, or as a conference (NULL), with RANDOM_ID. */
struct world_call *world_call_by_intent(const struct world *w, const struct world_user *user,
                                        const struct world_chat *chat, int32_t random_id);

struct world_member *world_member(const struct world_chat *chat, const struct world_user *user);
enum world_role world_role(const struct world_chat *chat, const struct world_user *user);
/* Whether USER may manage calls: creator, or admin with that right. */
bool world_may_manage(const struct world_chat *chat, const struct world_user *user);

/* New things; NULL where memory or a limit is reached. */
struct world_user *world_add_user(struct world *w, int64_t id, const char *phone, const char *first, const char *last,
                                  const char *username, int home_dc);
struct world_chat *world_add_chat(struct world *w, enum world_kind kind, int64_t id, const char *title,
                                  const char *username);
int world_add_member(struct world_chat *chat, struct world_user *user, enum world_role role, bool manage_call) TGC_MUST;
struct world_call *world_add_call(struct world *w, struct world_chat *chat, struct world_user *creator,
                                  int32_t random_id);
/* A conference of CREATOR's. */
struct world_call *world_add_conference(struct world *w, struct world_user *creator, int32_t random_id);
/* What its link ends with. */
void world_call_slug(const struct world_call *call, char slug[static 24]);

/* --- world_participant.c: who is in a call; pointers hold until the next add or drop --- */
struct world_participant *world_participant_of(const struct world_call *call, const struct world_user *user);
/* By the identity's peer. */
struct world_participant *world_participant_as(const struct world_call *call, const struct world_identity *as);
/* Whose source it is, or whose screen's. */
struct world_participant *world_participant_by_source(const struct world_call *call, int32_t source);
/* Who is no member of the chat is one of its guests. NULL: no memory. */
struct world_participant *world_participant_add(struct world *w, struct world_call *call,
                                                const struct world_identity *as, int32_t source);
void world_participant_drop(struct world_call *call, struct world_participant *p);
/* All of them: the call has ended. */
void world_participants_clear(struct world_call *call);
/* What was said in the call (call_message.h) is forgotten. */
void world_talk_end(struct world_call *call);
/* USER's bit in the call's masks by member; 0 for strangers. */
uint64_t world_member_bit(const struct world_chat *chat, const struct world_user *user);

/* The access hash that VIEWER needs for a peer: 'u' user, 'c' channel, 'g' call. Never 0. */
int64_t world_access_hash(const struct world *w, int64_t viewer, char kind, int64_t id);

/* Appends MESSAGE as an event with the next pts, which is returned. */
int world_box_add(struct world_box *box, const struct world_message *message);
/* The message of the event with this PTS; NULL where it is not kept. */
const struct world_message *world_box_message(const struct world_box *box, int pts);
/* Puts an event where it belongs; TGC_ENOMEM. */
int world_box_put(struct world_box *box, const struct world_event *event) TGC_MUST;
/* The message with this ID, its latest form, of those that are kept; NULL: none is. */
const struct world_message *world_box_find(const struct world_box *box, int id);
/* At most N messages of a chat that are kept and not deleted, the newest first; how many. They hold until the next add.
 */
unsigned world_box_recent(const struct world_box *box, int64_t chat_id, bool is_basic, unsigned n,
                          const struct world_message *ret[]);
/* Whether the message with this ID is deleted, as far as that is kept. */
bool world_box_is_deleted(const struct world_box *box, int id);
void world_box_fini(struct world_box *box);

/* The 2FA verifier of USER is made on its first use (80 ms). */
int world_user_verifier(struct world *w, struct world_user *user) TGC_MUST;

#endif
