#include "daemon/tg/known/facts.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/facts_internal.h"

static const struct {
    const char *name;
    enum what what;
} names[] = {
    {"user", USER},
    {"chat", CHAT},
    {"chatForbidden", CHAT},
    {"channel", CHANNEL},
    {"channelForbidden", CHANNEL},
    {"inputChannel", MIGRATED_TO},
    {"username", USERNAME},
    {"groupCall", GROUP_CALL},
    {"groupCallDiscarded", CALL_DISCARDED},
    {"updateGroupCall", UPDATE_GROUP_CALL},
    {"updateGroupCallParticipants", CALL_PEOPLE},
    {"groupCallParticipant", PARTICIPANT},
    {"peerUser", OF_USER},
    {"peerChat", OF_CHAT},
    {"peerChannel", OF_CHANNEL},
    {"chatFull", CHAT_FULL},
    {"channelFull", CHANNEL_FULL},
    {"inputGroupCall", FULL_CALL},
    {"updateChat", CHAT_CHANGED},
    {"updateChannel", CHANNEL_CHANGED},
    {"updateUserName", USER_NAMES},
    {"updatesTooLong", TOO_LONG},
    {"config", CONFIG},
    {"updateDcOptions", DC_OPTIONS_CHANGED},
    {"updateConfig", CONFIG_CHANGED},
    {"messageService", SERVICE},
    {"messageActionGroupCall", CALL_ACTION},
    {"messageActionGroupCallScheduled", CALL_ACTION},
};

static const struct {
    enum what what;
    const char *field;
    enum role role;
} fields[] = {
    {USER, "id", ID},
    {USER, "access_hash", HASH},
    {USER, "self", SELF},
    {USER, "min", MIN},
    {USER, "username", NAME},
    {USER, "phone", PHONE},
    {CHAT, "id", ID},
    {CHAT, "call_active", ACTIVE},
    {CHAT, "migrated_to", CHILD},
    {CHANNEL, "id", ID},
    {CHANNEL, "access_hash", HASH},
    {CHANNEL, "min", MIN},
    {CHANNEL, "username", NAME},
    {CHANNEL, "call_active", ACTIVE},
    {MIGRATED_TO, "channel_id", ID},
    {MIGRATED_TO, "access_hash", HASH},
    {USERNAME, "active", ACTIVE},
    {USERNAME, "username", NAME},
    {GROUP_CALL, "id", ID},
    {GROUP_CALL, "access_hash", HASH},
    {GROUP_CALL, "min", MIN},
    {GROUP_CALL, "join_muted", JOIN_MUTED},
    {GROUP_CALL, "rtmp_stream", RTMP_STREAM},
    {GROUP_CALL, "conference", CONFERENCE},
    {GROUP_CALL, "invite_link", LINK},
    {GROUP_CALL, "title", NAME},
    {GROUP_CALL, "participants_count", COUNT},
    {GROUP_CALL, "version", VERSION},
    {GROUP_CALL, "schedule_date", DATE},
    {CALL_DISCARDED, "id", ID},
    {CALL_DISCARDED, "access_hash", HASH},
    {CALL_DISCARDED, "duration", DURATION},
    {UPDATE_GROUP_CALL, "chat_id", ID},
    {UPDATE_GROUP_CALL, "peer", CHILD},
    {UPDATE_GROUP_CALL, "call", CHILD},
    {CALL_PEOPLE, "call", CHILD},
    {CALL_PEOPLE, "version", VERSION},
    {PARTICIPANT, "just_joined", JOINED},
    {PARTICIPANT, "left", LEFT},
    {PARTICIPANT, "versioned", VERSIONED},
    {OF_USER, "user_id", ID},
    {OF_CHAT, "chat_id", ID},
    {OF_CHANNEL, "channel_id", ID},
    {CHAT_FULL, "id", ID},
    {CHAT_FULL, "call", CHILD},
    {CHANNEL_FULL, "id", ID},
    {CHANNEL_FULL, "call", CHILD},
    {CHANNEL_FULL, "migrated_from_chat_id", MIGRATED_FROM},
    {FULL_CALL, "id", ID},
    {FULL_CALL, "access_hash", HASH},
    {SERVICE, "from_id", CHILD},
    {SERVICE, "peer_id", PLACE},
    {SERVICE, "action", CHILD},
    {CALL_ACTION, "call", CHILD},
    {CALL_ACTION, "duration", DURATION},
    {CALL_ACTION, "schedule_date", DATE},
    {CHAT_CHANGED, "chat_id", ID},
    {CHANNEL_CHANGED, "channel_id", ID},
    {USER_NAMES, "user_id", ID},
    {USER_NAMES, "username", NAME},
};

static unsigned slot_of(uint32_t id)
{
    return (id * UINT32_C(0x9e3779b1)) >> 26;
}

static enum role role_of(enum what what, const char *field)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (fields[i].what == what && strcmp(fields[i].field, field) == 0)
            return fields[i].role;
    return NO_ROLE;
}

static const struct tl_type *type_of(const struct tl_schema *schema, const char *constructor)
{
    const struct tl_comb *comb = tl_find_constructor_name(schema, constructor);

    return comb ? comb->result.type : NULL;
}

int tg_words_init(const struct tl_schema *schema, struct tg_words *ret)
{
    unsigned roles = 0;

    _Static_assert(sizeof(names) / sizeof(names[0]) <= TG_WORDS_MAX, "more words than places");
    memset(ret, 0, sizeof(*ret));
    ret->schema = schema;
    ret->of_acts = type_of(schema, "updates");
    ret->of_news[0] = type_of(schema, "updates.difference");
    ret->of_news[1] = type_of(schema, "updates.channelDifference");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct tl_comb *comb = tl_find_constructor_name(schema, names[i].name);
        if (!comb)
            continue;
        if (comb->params_n > TG_WORDS_ROLES - roles)
            return TGC_ELIMIT;
        ret->list[ret->n] = (struct tg_word){comb, (uint8_t)names[i].what, (uint16_t)roles};
        for (unsigned p = 0; p < comb->params_n; p++)
            ret->roles[roles++] = (uint8_t)role_of(names[i].what, comb->params[p].name);
        unsigned slot = slot_of(comb->id);
        while (ret->slots[slot])
            slot = (slot + 1) % TG_WORDS_SLOTS;
        ret->slots[slot] = (uint8_t)++ret->n;
    }
    return 0;
}

const struct tg_word *words_find(const struct tg_words *words, const struct tl_comb *comb)
{
    for (unsigned slot = slot_of(comb->id); words->slots[slot]; slot = (slot + 1) % TG_WORDS_SLOTS) {
        const struct tg_word *word = &words->list[words->slots[slot] - 1];
        if (word->comb == comb)
            return word;
    }
    return NULL;
}

bool words_have(const struct tg_words *words, const struct tg_word *word, enum role role)
{
    return memchr(words->roles + word->roles, role, word->comb->params_n) != NULL;
}

bool words_is_of_act(const struct tg_words *words, const struct tl_comb *method)
{
    return method->result.kind == TL_OBJECT && method->result.type == words->of_acts;
}

bool words_is_of_news(const struct tg_words *words, const struct tl_comb *method)
{
    if (!method || words_is_of_act(words, method))
        return true;
    return method->result.kind == TL_OBJECT &&
           (method->result.type == words->of_news[0] || method->result.type == words->of_news[1]);
}

/* --- the list --- */

/* What one usual answer needs is kept for the next; what a large one needed is given back. */
enum { KEEP = 64 };

void tg_facts_init(struct tg_facts *f)
{
    *f = (struct tg_facts){0};
}

void tg_facts_fini(struct tg_facts *f)
{
    free(f->list);
    free(f->names);
    *f = (struct tg_facts){0};
}

void facts_reset(struct tg_facts *f)
{
    if (f->cap > KEEP || f->names_cap > KEEP)
        tg_facts_fini(f);
    f->n = f->names_n = f->acts_n = 0;
    f->lost = f->config_told = f->config_doubted = false;
    f->self_id = 0;
    f->undefined_flags = 0;
}

static int grow(void **list, size_t *cap, size_t item)
{
    size_t next = *cap ? *cap * 2 : KEEP / 4;
    void *p = reallocarray(*list, next, item);

    if (!p)
        return TGC_ENOMEM;
    *list = p;
    *cap = next;
    return 0;
}

/* Nothing has the id 0, which stands for nothing everywhere behind this. */
static bool is_of_something(const struct tg_fact *fact)
{
    switch (fact->kind) {
    case TG_FACT_CALL:
        return fact->call.seen.id != 0;
    case TG_FACT_CALL_PEOPLE:
        return fact->people.id != 0;
    case TG_FACT_FULL_CHAT:
        return fact->full_chat.id != 0;
    case TG_FACT_CALL_SAID:
        return fact->said.call_id != 0 && fact->said.id != 0 && fact->said.kind != PEER_USER;
    default:
        return fact->peer.id != 0;
    }
}

int facts_put(struct tg_facts *f, const struct tg_fact *fact)
{
    if (!is_of_something(fact))
        return 0;
    if (f->n == LIMIT_FACTS) {
        f->lost = true;
        return 0;
    }
    if (f->n == f->cap && grow((void **)&f->list, &f->cap, sizeof(*f->list)) != 0)
        return TGC_ENOMEM;
    f->list[f->n++] = *fact;
    return 0;
}

void facts_put_act(struct tg_facts *f, const struct tg_fact_act *act)
{
    if (act->call_id && act->id && f->acts_n < TG_FACTS_ACTS_MAX)
        f->acts[f->acts_n++] = *act;
}

const struct tg_fact_act *facts_act_of(const struct tg_facts *f, int64_t call_id)
{
    for (size_t i = 0; i < f->acts_n; i++)
        if (f->acts[i].call_id == call_id)
            return &f->acts[i];
    return NULL;
}

int facts_put_name(struct tg_facts *f, const uint8_t *p, size_t len)
{
    if (f->names_n == LIMIT_FACTS) {
        f->lost = true;
        return 0;
    }
    if (f->names_n == f->names_cap && grow((void **)&f->names, &f->names_cap, sizeof(*f->names)) != 0)
        return TGC_ENOMEM;
    f->names[f->names_n++] = (struct tg_fact_text){(const char *)p, len};
    return 0;
}
