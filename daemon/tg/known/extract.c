/* Only complete objects become facts. */
#include "daemon/tg/known/extract_internal.h"

static bool has_names(enum what what)
{
    return what == USER || what == CHANNEL || what == USER_NAMES;
}

/* A Peer, an InputChannel and an InputGroupCall matter in one place each. */
static bool counts_here(enum what what, const struct fact_level *parent, enum role role)
{
    switch (what) {
    case MIGRATED_TO:
        return parent->what == CHAT && role == CHILD;
    case FULL_CALL:
        return (parent->what == CHAT_FULL || parent->what == CHANNEL_FULL || parent->what == CALL_PEOPLE ||
                parent->what == CALL_ACTION) &&
               role == CHILD;
    case PARTICIPANT:
        return parent->what == CALL_PEOPLE;
    case OF_USER:
    case OF_CHAT:
    case OF_CHANNEL:
        return (parent->what == UPDATE_GROUP_CALL && role == CHILD) ||
               (parent->what == SERVICE && (role == CHILD || role == PLACE));
    case CALL_ACTION:
        return parent->what == SERVICE && role == CHILD;
    case USERNAME:
        return has_names(parent->what);
    default:
        return what != OTHER;
    }
}

/* What else an object of that kind has within, photos and rights and the like, tells nothing of anybody else. */
static bool is_told_by_its_own(enum what what)
{
    return what == USER || what == CHAT || what == CHANNEL || what == GROUP_CALL;
}

enum peer_kind fact_peer_kind(enum what what)
{
    switch (what) {
    case CHAT:
    case OF_CHAT:
    case CHAT_FULL:
    case CHAT_CHANGED:
        return PEER_CHAT;
    case CHANNEL:
    case OF_CHANNEL:
    case CHANNEL_FULL:
    case CHANNEL_CHANGED:
        return PEER_CHANNEL;
    default:
        return PEER_USER;
    }
}

static void begin(struct fact_walk *w, enum what what, const struct tg_word *word, const struct fact_level *parent)
{
    switch (what) {
    case USER:
    case CHAT:
    case CHANNEL:
        w->peer = (struct tg_fact){.kind = TG_FACT_PEER};
        w->peer.peer.kind = fact_peer_kind(what);
        w->peer.peer.tells_call = what != USER && words_have(w->words, word, ACTIVE);
        w->names_of_peer = w->facts->names_n;
        break;
    case USER_NAMES:
        w->names = (struct tg_fact){.kind = TG_FACT_NAMES};
        w->names_of_peer = w->facts->names_n;
        break;
    case USERNAME:
        w->name_active = false;
        w->name = (struct tg_fact_text){0};
        break;
    case GROUP_CALL:
    case CALL_DISCARDED:
        w->call = (struct tg_fact){.kind = TG_FACT_CALL};
        w->call.call.seen.discarded = what == CALL_DISCARDED;
        w->call.call.seen.from_update = parent->what == UPDATE_GROUP_CALL;
        w->call.call.seen.duration = -1;
        w->call.call.seen.layer_lacks_rtmp = what == GROUP_CALL && !words_have(w->words, word, RTMP_STREAM);
        break;
    case UPDATE_GROUP_CALL:
        w->update_has_peer = w->update_has_chat_id = false;
        w->update_call = 0;
        break;
    case CALL_PEOPLE:
        w->people = (struct tg_fact){.kind = TG_FACT_CALL_PEOPLE};
        break;
    case SERVICE:
        w->act = (struct tg_fact_act){0};
        w->said = (struct tg_fact){.kind = TG_FACT_CALL_SAID};
        break;
    case CHAT_FULL:
    case CHANNEL_FULL:
        w->full = (struct tg_fact){.kind = TG_FACT_FULL_CHAT};
        w->full.full_chat.kind = fact_peer_kind(what);
        break;
    case CHAT_CHANGED:
    case CHANNEL_CHANGED:
        w->small = (struct tg_fact){.kind = TG_FACT_CHAT_CHANGED};
        w->small.peer.kind = fact_peer_kind(what);
        break;
    case TOO_LONG:
        w->facts->lost = true;
        break;
    case CONFIG:
        w->facts->config_told = true;
        break;
    case DC_OPTIONS_CHANGED:
        w->facts->config_told = w->facts->config_doubted = true;
        break;
    case CONFIG_CHANGED:
        w->facts->config_doubted = true;
        break;
    default:
        break;
    }
}

static int begin_object(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    struct fact_walk *w = ctx;
    const struct fact_level *parent = fact_walk_top(w);
    const struct tg_word *word = words_find(w->words, comb);
    enum what what = word ? (enum what)word->what : OTHER;

    if (w->depth >= sizeof(w->stack) / sizeof(w->stack[0]))
        return TGC_ELIMIT;
    if (!counts_here(what, parent, fact_role_of(parent, field)))
        what = OTHER;
    if (what == OTHER && is_told_by_its_own(parent->what))
        return TL_PASS_OVER;
    if (what != OTHER)
        begin(w, what, word, parent);
    w->is_place = fact_role_of(parent, field) == PLACE;
    w->stack[w->depth++] = (struct fact_level){what, comb, what == OTHER ? NULL : w->words->roles + word->roles};
    return 0;
}

static void take_update_peer(struct fact_walk *w)
{
    if (!w->update_call || !(w->update_has_peer || w->update_has_chat_id) || !w->update_id)
        return;
    struct tg_fact *call = &w->facts->list[w->update_call - 1];
    call->call.seen.has_peer = true;
    call->call.bare = !w->update_has_peer;
    call->call.seen.peer_kind = w->update_kind;
    call->call.seen.peer_id = w->update_id;
}

static int end_peer(struct fact_walk *w, struct tg_fact *fact)
{
    fact->peer.names = w->names_of_peer;
    fact->peer.names_n = w->facts->names_n - w->names_of_peer;
    if (fact->kind == TG_FACT_PEER) {
        fact->peer.has_hash |= fact->peer.kind == PEER_CHAT;
        if (fact->peer.is_self)
            w->facts->self_id = fact->peer.id;
    }
    return facts_put(w->facts, fact);
}

static int end_object(void *ctx)
{
    struct fact_walk *w = ctx;
    enum what what = w->stack[--w->depth].what;
    size_t n;
    int err;

    switch (what) {
    case USER:
    case CHAT:
    case CHANNEL:
        return end_peer(w, &w->peer);
    case USER_NAMES:
        return end_peer(w, &w->names);
    case USERNAME:
        return w->name_active ? facts_put_name(w->facts, (const uint8_t *)w->name.p, w->name.len) : 0;
    case GROUP_CALL:
    case CALL_DISCARDED:
        n = w->facts->n;
        err = facts_put(w->facts, &w->call);
        if (w->call.call.seen.from_update && w->facts->n > n)
            w->update_call = w->facts->n;
        return err;
    case UPDATE_GROUP_CALL:
        take_update_peer(w);
        return 0;
    case SERVICE:
        facts_put_act(w->facts, &w->act);
        return facts_put(w->facts, &w->said);
    case CALL_PEOPLE:
        return facts_put(w->facts, &w->people);
    case CHAT_FULL:
    case CHANNEL_FULL:
        return facts_put(w->facts, &w->full);
    case CHAT_CHANGED:
    case CHANNEL_CHANGED:
        return facts_put(w->facts, &w->small);
    default:
        return 0;
    }
}

static int skip_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    (void)ctx, (void)field, (void)count;
    return 0;
}

static int end_vector(void *ctx)
{
    (void)ctx;
    return 0;
}

static const struct tl_visitor visitor = {begin_object, end_object,   skip_vector,    end_vector,
                                          fact_on_int,  fact_on_long, fact_on_double, fact_on_bool,
                                          fact_on_raw,  fact_on_raw,  fact_on_string};

int tg_extract(const struct tg_words *words, const struct tl_comb *method, const void *data, size_t len,
               struct tg_facts *facts, struct fault *fault)
{
    struct fact_walk w;
    struct tl_walk_stats stats = {0};
    int err;

    /* The stack is large and is written before it is read: only what is in front of it is cleared. */
    w.words = words;
    w.facts = facts;
    w.depth = 0;
    w.update_call = 0;
    facts_reset(facts);
    if (method)
        err = tl_walk_result(words->schema, method, data, len, &visitor, &w, &stats, fault);
    else
        err = tl_walk_object(words->schema, data, len, &visitor, &w, &stats, fault);
    facts->undefined_flags = stats.undefined_flags;
    facts->walked = stats.walked;
    return err;
}
