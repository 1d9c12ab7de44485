#include "daemon/tg/account/follow.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tg/account/note.h"
#include "daemon/tg/account/request.h"
#include "daemon/tg/account/saved_updates.h"
#include "daemon/tg/updates/engine.h"

/* So many updates at once Telegram suggests for a client that is no bot. */
enum { CHANNEL_LIMIT = 100 };

struct follow {
    struct tg_account *account;
    struct updates *updates;
    bool state_is_changed; /* and that is to be kept */
    bool has_told_of_room; /* the log has it */
    int64_t not_before_us; /* no question */
    /* The questions under way. */
    struct updates_need common, channel;
};

/* --- what the engine says --- */

static void on_told(void *ctx, const struct tg_update *update)
{
    struct tg_account *a = ctx;
    const struct tg_listener *listener = a->env->listener;

    if (listener && listener->update_told)
        listener->update_told(listener->ctx, a, update);
}

static void on_missed(void *ctx, int64_t channel_id)
{
    struct tg_account *a = ctx;
    const struct tg_listener *listener = a->env->listener;

    if (listener && listener->updates_missed)
        listener->updates_missed(listener->ctx, a, channel_id);
}

static void on_made_up(void *ctx)
{
    struct tg_account *a = ctx;

    if (!a->closing)
        account_missed_updates(a);
}

static void on_changed(void *ctx)
{
    struct tg_account *a = ctx;
    struct follow *f = a->follow;

    f->state_is_changed = true;
    if (!f->has_told_of_room && updates_has_let_go(f->updates)) {
        f->has_told_of_room = true;
        log_notice("tg",
                   "account %s: more than %d channels: where nothing happened longest, what is missed is not noticed",
                   a->name, LIMIT_UPDATE_CHANNELS);
    }
    tg_account_note(a);
}

static const struct updates_ears ears = {on_told, on_missed, on_made_up, on_changed};

int follow_new(struct tg_account *a)
{
    struct follow *f = calloc(1, sizeof(*f));

    if (!f)
        return TGC_ENOMEM;
    f->account = a;
    int err = updates_new(a->env->schema, &ears, a, &f->updates);
    if (err)
        free(f);
    else
        a->follow = f;
    return err;
}

void follow_free(struct tg_account *a)
{
    if (!a->follow)
        return;
    updates_free(a->follow->updates);
    free(a->follow);
    a->follow = NULL;
}

/* --- what is kept --- */

bool tg_account_take_updates(struct tg_account *a, struct tg_saved_updates *ret)
{
    struct follow *f = a->follow;
    struct updates_state state = updates_state(f->updates);

    *ret = (struct tg_saved_updates){0};
    if (!f->state_is_changed)
        return updates_take_channel(f->updates, &ret->channel_id, &ret->pts);
    f->state_is_changed = false;
    ret->pts = state.pts;
    ret->qts = state.qts;
    ret->date = state.date;
    ret->seq = state.seq;
    return true;
}

void tg_account_untake_updates(struct tg_account *a)
{
    a->follow->state_is_changed = true;
    updates_untake(a->follow->updates);
    tg_account_note(a);
}

int tg_account_restore_updates(struct tg_account *a, const struct tg_saved_updates *saved)
{
    struct updates_state state = {.pts = saved->pts, .qts = saved->qts, .date = saved->date, .seq = saved->seq};

    if (saved->channel_id)
        return updates_restore_channel(a->follow->updates, saved->channel_id, saved->pts);
    updates_restore(a->follow->updates, &state);
    return 0;
}

/* --- questions --- */

static bool is_refused(const struct mt_rpc_error *error)
{
    return error->code == 400 || error->code == 403 || error->code == 406;
}

static enum updates_refusal judge(const struct updates_need *need, const struct tg_answer *answer)
{
    const char *family;

    if (answer->outcome == TG_NO_ANSWER)
        return answer->err == TGC_EPROTO ? UPDATES_UNREAD : UPDATES_NO_ANSWER;
    family = answer->error->family;
    if (strcmp(family, "PERSISTENT_TIMESTAMP_INVALID") == 0 || strcmp(family, "PERSISTENT_TIMESTAMP_EMPTY") == 0)
        return UPDATES_INVALID;
    if (strcmp(family, "PERSISTENT_TIMESTAMP_OUTDATED") == 0 || strcmp(family, "HISTORY_GET_FAILED") == 0 ||
        answer->error->code >= 500)
        return UPDATES_TROUBLE;
    /* CHANNEL_PRIVATE, CHANNEL_INVALID and their kin. */
    if (need->question == UPDATES_GET_CHANNEL_DIFFERENCE && is_refused(answer->error))
        return UPDATES_NOT_OURS;
    /* Whatever is wrong with it, it would be so again. */
    if (need->question == UPDATES_GET_DIFFERENCE && is_refused(answer->error))
        return UPDATES_INVALID;
    return UPDATES_NO_ANSWER;
}

static void hear(struct follow *f, const struct updates_need *need, const struct tg_answer *answer)
{
    struct tg_account *a = f->account;
    int64_t now = tg_now(a->env);
    struct fault fault = {0};
    struct split s;

    if (a->closing)
        return;
    if (answer->outcome != TG_RESULT) {
        enum updates_refusal refusal = judge(need, answer);
        log_debug("tg", "account %s: what was missed was not to be had: %s", a->name,
                  answer->outcome == TG_RPC_ERROR ? answer->error->message : answer->detail);
        /* Home again after a move that came to nothing, it is not sent away by this, but tries again later. */
        if (answer->outcome == TG_RPC_ERROR && strcmp(answer->error->family, "USER_MIGRATE_X") == 0)
            f->not_before_us = a->stays_until_us;
        updates_refused(f->updates, need, refusal, now);
    } else {
        if (split_read(updates_words(f->updates), answer->method, answer->data, answer->len, &s, &fault) == 0)
            updates_answered(f->updates, need, &s, answer->data, now);
        else
            updates_refused(f->updates, need, UPDATES_UNREAD, now);
        split_fini(&s);
    }
    account_wake_at(a, updates_due_us(f->updates));
}

static void on_common(void *ctx, const struct tg_answer *answer)
{
    struct follow *f = ctx;
    struct updates_need need = f->common;

    hear(f, &need, answer);
}

static void on_channel(void *ctx, const struct tg_answer *answer)
{
    struct follow *f = ctx;
    struct updates_need need = f->channel;

    hear(f, &need, answer);
}

/* TGC_EUNKNOWN: a channel that the account has no access to. */
static int ask(struct follow *f, const struct updates_need *need, struct fault *fault)
{
    struct tg_account *a = f->account;
    int64_t now = tg_now(a->env), deadline_us = now + a->env->request_timeout_us;
    unsigned flags = now < a->stays_until_us ? TG_INVOKE_HERE : 0;
    const struct tg_peer *peer;

    switch (need->question) {
    case UPDATES_GET_STATE:
        f->common = *need;
        return tg_invoke_named(a, "updates.getState", json_object(), deadline_us, flags, on_common, f, fault);
    case UPDATES_GET_DIFFERENCE:
        meter_add(a->env->meter, METER_UPDATE_GAPS_ACCOUNT, 1);
        f->common = *need;
        return tg_invoke_named(
            a, "updates.getDifference",
            json_pack("{s:i, s:i, s:i}", "pts", (int)need->pts, "date", (int)need->date, "qts", (int)need->qts),
            deadline_us, flags, on_common, f, fault);
    case UPDATES_GET_CHANNEL_DIFFERENCE:
        meter_add(a->env->meter, METER_UPDATE_GAPS_CHANNEL, 1);
        f->channel = *need;
        peer = tg_peers_find(tg_known_peers(a->known), PEER_CHANNEL, need->channel_id);
        if (!peer || !peer->has_hash)
            return TGC_EUNKNOWN;
        return tg_invoke_named(a, "updates.getChannelDifference",
                               json_pack("{s:o, s:{s:s}, s:i, s:i}", "channel", tg_peer_input(peer, "InputChannel"),
                                         "filter", "_", "channelMessagesFilterEmpty", "pts", (int)need->pts, "limit",
                                         CHANNEL_LIMIT),
                               deadline_us, flags, on_channel, f, fault);
    }
    return TGC_EUNKNOWN;
}

void follow_tick(struct tg_account *a)
{
    struct follow *f = a->follow;
    int64_t now = tg_now(a->env);
    struct updates_need need;
    struct fault fault = {0};

    if (a->closing || !account_is_inside(a))
        return;
    int64_t not_before_us = f->not_before_us;
    if (a->moving_to || (a->former.key && a->client)) /* its login stands at two places, or between them */
        not_before_us = now + SECOND_US;
    if (now < not_before_us) {
        if (updates_due_us(f->updates) != INT64_MAX)
            account_wake_at(a, not_before_us);
        return;
    }
    while (updates_next(f->updates, now, &need)) {
        int err = ask(f, &need, &fault);
        if (!err)
            continue;
        log_debug("tg", "account %s: what was missed cannot be asked for: %s", a->name, fault.text);
        updates_refused(f->updates, &need, err == TGC_EUNKNOWN ? UPDATES_NOT_OURS : UPDATES_NO_ANSWER, now);
    }
    account_wake_at(a, updates_due_us(f->updates));
}

/* --- what comes --- */

static void feed(struct tg_account *a, const struct tl_comb *method, int64_t channel_id, const uint8_t *data,
                 size_t len, const struct tl_walked *walked)
{
    struct updates *u = a->follow->updates;
    struct fault fault = {0};
    struct split s;

    if (split_read_again(updates_words(u), method, data, len, walked, &s, &fault) == 0)
        updates_feed(u, &s, data, channel_id, tg_now(a->env));
    else
        updates_unread(u, tg_now(a->env));
    split_fini(&s);
    account_wake_at(a, updates_due_us(u));
}

void follow_update(struct tg_account *a, const uint8_t *data, size_t len, const struct tg_learnt *learnt)
{
    feed(a, NULL, 0, data, len, &learnt->walked);
}

void follow_unread(struct tg_account *a)
{
    updates_unread(a->follow->updates, tg_now(a->env));
    account_wake_at(a, updates_due_us(a->follow->updates));
}

void follow_answer(struct tg_account *a, const struct tg_request *r, const uint8_t *data, size_t len,
                   const struct tg_learnt *learnt)
{
    bool is_of_channel = r->flood.has_peer && r->flood.kind == PEER_CHANNEL;

    if (split_is_of_use(updates_words(a->follow->updates), r->method))
        feed(a, r->method, is_of_channel ? r->flood.id : 0, data, len, &learnt->walked);
}

void account_follow(struct tg_account *a)
{
    if (a->closing || !account_is_inside(a))
        return;
    updates_doubt(a->follow->updates, tg_now(a->env));
    account_wake_at(a, updates_due_us(a->follow->updates));
}

void account_unfollow(struct tg_account *a)
{
    updates_forget(a->follow->updates);
}
