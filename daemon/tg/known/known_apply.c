/* How facts become knowledge: in order, and here alone. First who is who, then what happened to calls, then what chats
 * let suppose, which counts for nothing where the same bytes told of the call itself. */
#include "daemon/tg/known/facts_internal.h"
#include "daemon/tg/known/known_internal.h"

/* An id without its kind is looked for among the chats beside it; so many times, and no more, in one answer. */
enum { BARE_MAX = 64 };

/* Where it is told that a basic group became a channel, it is told how to reach that. */
static int learn_migrated(struct tg_known *k, int64_t id, int64_t hash)
{
    const struct tg_peer *known = tg_peers_find(k->peers, PEER_CHANNEL, id);
    struct tg_peer channel = {.kind = PEER_CHANNEL, .id = id, .access_hash = hash, .has_hash = true};

    if (!hash || (known && known->has_hash))
        return 0;
    return tg_peers_put(k->peers, &channel, false);
}

static int learn_peer(struct tg_known *k, const struct tg_fact_peer *p)
{
    struct tg_peer seen = {.kind = p->kind,
                           .id = p->id,
                           .access_hash = p->access_hash,
                           .has_hash = p->has_hash,
                           .is_self = p->is_self,
                           .migrated_to = p->migrated_to};

    if (p->min)
        return 0;
    int err = tg_peers_put(k->peers, &seen, false);
    if (!err)
        err = known_see_names(k, p);
    if (!err)
        err = known_see_phone(k, p);
    return err || !p->migrated_to ? err : learn_migrated(k, p->migrated_to, p->migrated_hash);
}

/* Whose call it is, the message that told of it first knows, where SEEN does not say so. */
static struct tg_call_seen with_rumour(struct tg_known *k, const struct tg_call_seen *seen)
{
    struct tg_call_seen whole = *seen;
    const struct tg_rumour *rumour = seen->has_peer ? NULL : tg_rumours_find(&k->rumours, seen->id);

    if (rumour && rumour->id) {
        whole.has_peer = true;
        whole.peer_kind = rumour->kind;
        whole.peer_id = rumour->id;
    }
    return whole;
}

static int see_call(struct tg_known *k, const struct tg_call_seen *seen)
{
    struct tg_call_before before;
    struct tg_call *call;
    enum tg_fold fold;

    tg_call_look(tg_calls_find(k->calls, seen->id), &before);
    int err = tg_calls_fold(k->calls, seen, &call, &fold);

    if (err || !call)
        return err;
    if (seen->mark < k->lost_mark && fold != TG_FOLD_OLD)
        known_doubt_call(k, call);
    bool is_news = seen->has_peer && known_set_peer(k, call, seen->peer_kind, seen->peer_id);
    if (is_news && fold == TG_FOLD_OLD)
        fold = TG_FOLD_APPLIED;
    if (call->has_peer && seen->discarded)
        err = known_chat_ended(k, call, is_news);
    else if (call->has_peer && fold != TG_FOLD_OLD)
        err = known_chat_runs(k, call, seen->mark);
    if (fold != TG_FOLD_OLD)
        known_tell_call(k, call, &before, fold == TG_FOLD_MADE ? TG_MADE : TG_CHANGED);
    return err;
}

int known_see_call(struct tg_known *k, const struct tg_call_seen *seen)
{
    struct tg_call_seen whole = with_rumour(k, seen);
    int err = see_call(k, &whole);

    if (!err && tg_calls_find(k->calls, seen->id))
        tg_rumours_drop(&k->rumours, seen->id);
    return err;
}

/* People come into a call that was never seen, and no message may be left to tell of its start. It may be in any of the
 * chats beside it. */
static int suppose_call(struct tg_known *k, const struct tg_fact *f)
{
    struct tg_rumour rumour = {
        .call_id = f->people.id, .access_hash = f->people.access_hash, .ask_at_us = known_now(k) + TG_KNOWN_SAID_US};
    int err = tg_rumours_put(&k->rumours, &rumour);

    for (size_t i = 0; !err && i < k->facts.n; i++) {
        const struct tg_fact_peer *p = &k->facts.list[i].peer;
        if (k->facts.list[i].kind == TG_FACT_PEER && p->kind != PEER_USER)
            err = known_chat_doubt_empty(k, p->kind, p->id);
    }
    return err;
}

/* Each change of who is in a call counts its version up, as each change of the call itself does. */
static int see_people(struct tg_known *k, const struct tg_fact *f)
{
    struct tg_call *call = tg_calls_find(k->calls, f->people.id);
    int32_t version = f->people.version;

    if (!call)
        return suppose_call(k, f);
    if (call->state == TG_CALL_DISCARDED || !f->people.versioned || version <= call->version)
        return 0;
    struct tg_call_before before;
    tg_call_look(call, &before);
    /* Whatever has this version or a later one, fills the gap. */
    if (call->version < 0 || version > call->version + 1)
        tg_calls_doubt(k->calls, call, 0);
    call->version = version;
    int64_t count = (int64_t)call->participants_count + f->people.change;
    call->participants_count = count < 0 ? 0 : count > INT32_MAX ? INT32_MAX : (int32_t)count;
    call->seen_us = clock_mono_us(k->clock);
    known_tell_call(k, call, &before, TG_CHANGED);
    return 0;
}

static bool shows_chat(const struct tg_facts *facts, enum peer_kind kind, int64_t id)
{
    for (size_t i = 0; i < facts->n; i++)
        if (facts->list[i].kind == TG_FACT_PEER && facts->list[i].peer.kind == kind && facts->list[i].peer.id == id)
            return true;
    return false;
}

/* An id without its kind never decides: the chats beside it do, or else nobody knows whose call it is. */
static int settle_bare(struct tg_known *k, struct tg_call_seen *seen, bool may_look)
{
    bool chat = may_look && shows_chat(&k->facts, PEER_CHAT, seen->peer_id);
    bool channel = may_look && shows_chat(&k->facts, PEER_CHANNEL, seen->peer_id);

    if (chat != channel) {
        seen->peer_kind = channel ? PEER_CHANNEL : PEER_CHAT;
        return 0;
    }
    seen->has_peer = false;
    int err = known_chat_doubt_empty(k, PEER_CHAT, seen->peer_id);
    return err ? err : known_chat_doubt_empty(k, PEER_CHANNEL, seen->peer_id);
}

static int apply_people(struct tg_known *k)
{
    int err = 0;

    for (size_t i = 0; !err && i < k->facts.n; i++) {
        const struct tg_fact *f = &k->facts.list[i];
        if (f->kind == TG_FACT_PEER)
            err = learn_peer(k, &f->peer);
        else if (f->kind == TG_FACT_NAMES)
            err = known_see_names(k, &f->peer);
    }
    return err;
}

static int apply_full_chat(struct tg_known *k, const struct tg_fact *f, uint64_t asked)
{
    struct tg_peer group = {
        .kind = PEER_CHAT, .id = f->full_chat.migrated_from, .has_hash = true, .migrated_to = f->full_chat.id};

    if (group.id) {
        int err = tg_peers_put(k->peers, &group, false);
        if (err)
            return err;
    }
    return known_chat_shows(k, f->full_chat.kind, f->full_chat.id, f->full_chat.call_id, asked);
}

static int apply_calls(struct tg_known *k, uint64_t asked, struct tg_learnt *ret)
{
    unsigned bare = 0;
    int err = 0;

    for (size_t i = 0; !err && i < k->facts.n; i++) {
        struct tg_fact *f = &k->facts.list[i];
        if (f->kind == TG_FACT_FULL_CHAT)
            err = apply_full_chat(k, f, asked);
        if (f->kind == TG_FACT_CALL_PEOPLE)
            err = see_people(k, f);
        if (f->kind != TG_FACT_CALL)
            continue;
        struct tg_call_seen *seen = &f->call.seen;
        seen->mark = asked;
        if (f->call.bare)
            err = settle_bare(k, seen, bare++ < BARE_MAX);
        if (!err)
            err = known_see_call(k, seen);
        if (seen->from_update)
            *(seen->discarded ? &ret->ended_id : &ret->call_id) = seen->id;
    }
    return err;
}

/* The record stands as it is, and is asked for: the message may be an old one. */
static void doubt_said(struct tg_known *k, struct tg_call *call)
{
    if (call->state == TG_CALL_DISCARDED || call->stale)
        return;
    known_doubt_call(k, call);
    call->ask_at_us = known_now(k) + TG_KNOWN_SAID_US;
}

/* updateGroupCall has no pts, so that a lost one is gone; the message of the same is made up for by the difference. */
static int see_said(struct tg_known *k, const struct tg_fact *f)
{
    struct tg_call *call = tg_calls_find(k->calls, f->said.call_id);
    struct tg_rumour rumour = {.call_id = f->said.call_id,
                               .access_hash = f->said.access_hash,
                               .kind = f->said.kind,
                               .id = f->said.id,
                               .ask_at_us = known_now(k) + TG_KNOWN_SAID_US};

    if (call) {
        if (f->said.ended || (!f->said.scheduled && call->state == TG_CALL_SCHEDULED))
            doubt_said(k, call);
        return 0;
    }
    if (f->said.ended) {
        tg_rumours_drop(&k->rumours, f->said.call_id);
        return 0;
    }
    int err = known_chat_doubt_empty(k, f->said.kind, f->said.id);
    return err ? err : tg_rumours_put(&k->rumours, &rumour);
}

static int apply_said(struct tg_known *k)
{
    int err = 0;

    for (size_t i = 0; !err && i < k->facts.n; i++)
        if (k->facts.list[i].kind == TG_FACT_CALL_SAID)
            err = see_said(k, &k->facts.list[i]);
    return err;
}

static int apply_hints(struct tg_known *k)
{
    int err = 0;

    for (size_t i = 0; !err && i < k->facts.n; i++) {
        const struct tg_fact *f = &k->facts.list[i];
        if (f->kind == TG_FACT_PEER && f->peer.tells_call && !f->peer.min)
            err = known_chat_flag(k, f->peer.kind, f->peer.id, f->peer.call_active);
        else if (f->kind == TG_FACT_CHAT_CHANGED)
            err = known_chat_doubt_empty(k, f->peer.kind, f->peer.id);
    }
    return err;
}

int tg_known_learn(struct tg_known *k, const struct tl_comb *method, uint64_t mark, const void *data, size_t len,
                   struct tg_learnt *ret, struct fault *fault)
{
    uint64_t asked = method ? mark : KNOWN_NOW;
    int err = tg_extract(&k->words, method, data, len, &k->facts, fault);

    k->mark++;
    k->is_own = method && words_is_of_act(&k->words, method);
    *ret = (struct tg_learnt){.undefined_flags = k->facts.undefined_flags,
                              .walked = k->facts.walked,
                              .missed = k->facts.lost,
                              .config_told = k->facts.config_told,
                              .config_doubted = k->facts.config_doubted};
    if (k->facts.lost)
        tg_known_missed(k);
    int bad = apply_people(k);
    if (!bad)
        bad = apply_calls(k, asked, ret);
    if (!bad)
        bad = apply_hints(k);
    /* A history that somebody leafs through is of long ago. */
    if (!bad && words_is_of_news(&k->words, method))
        bad = apply_said(k);
    k->is_own = false;
    k->facts.acts_n = 0;
    return bad ? fault_set(fault, bad, "out of memory") : err;
}
