/* What an answer or an update says, taken out of its bytes in one walk, with no tree and no side effect: nothing is
 * known by it yet. known.h applies it. Belongs to the account's thread. */
#ifndef TGCALLD_TG_FACTS_H
#define TGCALLD_TG_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/peer_text.h"
#include "daemon/tg/known/calls.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/schema.h"

enum { TG_WORDS_MAX = 32, TG_WORDS_SLOTS = 64, TG_WORDS_ROLES = 1024 };

/* What is looked for, in a schema's own words; what the layer lacks is not there. Made once, then only read. */
struct tg_words {
    const struct tl_schema *schema;
    const struct tl_type *of_acts;    /* what methods answer that do something: Updates */
    const struct tl_type *of_news[2]; /* what answers with the updates that were missed: both differences */
    struct tg_word {
        const struct tl_comb *comb;
        uint8_t what;
        uint16_t roles; /* where its parameters' roles begin */
    } list[TG_WORDS_MAX];
    unsigned n;
    uint8_t slots[TG_WORDS_SLOTS]; /* index + 1 into the list, by the hash of the id */
    uint8_t roles[TG_WORDS_ROLES];
};

/* TGC_ELIMIT: the schema's constructors have far more parameters than Telegram's. */
int tg_words_init(const struct tl_schema *schema, struct tg_words *ret) TGC_MUST;

enum tg_fact_kind {
    TG_FACT_PEER,         /* an object of a user or chat */
    TG_FACT_NAMES,        /* updateUserName: a user's names from now on */
    TG_FACT_CALL,         /* a GroupCall, of updateGroupCall or of an answer */
    TG_FACT_CALL_PEOPLE,  /* updateGroupCallParticipants: who came into a call, and who left it */
    TG_FACT_FULL_CHAT,    /* chatFull, channelFull: its call, or that it has none */
    TG_FACT_CHAT_CHANGED, /* updateChat, updateChannel: something of it is not as it was */
    TG_FACT_CALL_SAID,    /* a service message in a chat: what happened to a call of it, at some time */
};

struct tg_fact_text {
    const char *p; /* borrowed; not NUL-terminated */
    size_t len;
};

struct tg_fact_peer {
    enum peer_kind kind;
    int64_t id, access_hash;
    bool has_hash, is_self, min;
    bool tells_call, call_active; /* a chat in full: whether a call runs in it */
    size_t names, names_n;        /* its active usernames: in tg_facts.names */
    struct tg_fact_text phone;
    int64_t migrated_to, migrated_hash; /* a basic group: the channel it became; 0 */
};

struct tg_fact {
    enum tg_fact_kind kind;
    union {
        struct tg_fact_peer peer; /* PEER, NAMES; CHAT_CHANGED: kind and id */
        struct {
            struct tg_call_seen seen;
            bool bare; /* an old layer's updateGroupCall: peer_id may be of a basic group or of a channel */
        } call;
        struct {
            int64_t id, access_hash;
            int32_t version;
            bool versioned; /* VERSION is one more than before; else it is what it was */
            int32_t change; /* who came less who left */
        } people;
        struct {
            enum peer_kind kind;
            int64_t id, call_id;   /* 0: it has none */
            int64_t migrated_from; /* a channel: the basic group it was; 0 */
        } full_chat;
        struct {
            int64_t call_id, access_hash;
            enum peer_kind kind; /* the message's chat */
            int64_t id;
            bool scheduled, ended; /* neither: it began */
        } said;
    };
};

/* A service message about a group call: who did it. */
struct tg_fact_act {
    int64_t call_id;
    enum peer_kind kind;
    int64_t id;
};

/* More of them in one answer are not told apart from what nobody did. */
enum { TG_FACTS_ACTS_MAX = 4 };

struct tg_facts {
    struct tg_fact *list;
    size_t n, cap;
    struct tg_fact_text *names;
    size_t names_n, names_cap;
    struct tg_fact_act acts[TG_FACTS_ACTS_MAX];
    size_t acts_n;
    bool lost; /* there were more than LIMIT_FACTS, or updatesTooLong: something was not heard */
    /* Not of peers or calls: a config, or updateDcOptions, is among the bytes (see dc_options.h); or word that it is
     * another by now. */
    bool config_told, config_doubted;
    int64_t self_id; /* the account's own user, where it was shown; 0 */
    uint64_t undefined_flags;
    struct tl_walked walked; /* of the bytes */
};

void tg_facts_init(struct tg_facts *f);
void tg_facts_fini(struct tg_facts *f);

/* The facts of one result of METHOD (NULL: a boxed object, an update), in the place of what was there; texts point into
 * DATA. Faults are those of tl_walk(): the bytes do not fit the layer, and the facts are what was said before that.
 * TGC_ENOMEM. */
int tg_extract(const struct tg_words *words, const struct tl_comb *method, const void *data, size_t len,
               struct tg_facts *facts, struct fault *fault) TGC_MUST;

#endif
