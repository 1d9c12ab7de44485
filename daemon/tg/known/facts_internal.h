/* What facts.c (the words and the list) and extract.c (the walk) share. */
#ifndef TGCALLD_TG_FACTS_INTERNAL_H
#define TGCALLD_TG_FACTS_INTERNAL_H

#include "daemon/tg/known/facts.h"

/* What an object on the way down is to us. */
enum what {
    OTHER,
    USER,
    CHAT,
    CHANNEL,
    MIGRATED_TO, /* of a chat */
    USERNAME,    /* of a user, a channel or updateUserName */
    GROUP_CALL,
    CALL_DISCARDED,
    UPDATE_GROUP_CALL,
    OF_USER, /* the peer of updateGroupCall, or who sent a service message, or where to */
    OF_CHAT,
    OF_CHANNEL,
    CHAT_FULL,
    CHANNEL_FULL,
    FULL_CALL, /* of one of those, of CALL_PEOPLE, or of CALL_ACTION */
    CALL_PEOPLE,
    PARTICIPANT, /* of that */
    CHAT_CHANGED,
    CHANNEL_CHANGED,
    USER_NAMES,
    TOO_LONG,
    CONFIG,
    DC_OPTIONS_CHANGED,
    CONFIG_CHANGED,
    SERVICE,     /* a service message */
    CALL_ACTION, /* its action, about a group call */
};

/* What a parameter of it is. */
enum role {
    NO_ROLE,
    CHILD, /* an object that counts in this place only */
    PLACE, /* the same: the chat of a message */
    ID,
    HASH,
    SELF,
    MIN,
    ACTIVE,
    NAME,
    PHONE,
    JOIN_MUTED,
    RTMP_STREAM,
    CONFERENCE,
    LINK,
    COUNT,
    VERSION,
    DATE,
    DURATION,
    MIGRATED_FROM,
    JOINED,
    LEFT,
    VERSIONED,
};

/* NULL: it is nothing to us. */
const struct tg_word *words_find(const struct tg_words *words, const struct tl_comb *comb);
bool words_have(const struct tg_words *words, const struct tg_word *word, enum role role);

/* METHOD does something, where it succeeds: it answers Updates. */
bool words_is_of_act(const struct tg_words *words, const struct tl_comb *method);
/* METHOD (NULL: none, it came by itself) answers what happened, and not what somebody looks up. */
bool words_is_of_news(const struct tg_words *words, const struct tl_comb *method);

void facts_reset(struct tg_facts *f);
/* What is of nothing (id 0) is left out. */
int facts_put(struct tg_facts *f, const struct tg_fact *fact) TGC_MUST;
/* What is incomplete, or too much, is left out. */
void facts_put_act(struct tg_facts *f, const struct tg_fact_act *act);
/* The first one of that call; NULL. */
const struct tg_fact_act *facts_act_of(const struct tg_facts *f, int64_t call_id);
int facts_put_name(struct tg_facts *f, const uint8_t *p, size_t len) TGC_MUST;

#endif
