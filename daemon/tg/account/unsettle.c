/* What an answer that is not known may have changed counts as unknown; other accounts of the daemon are to hear of what
 * has, or may have. */
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/effect.h"
#include "daemon/tg/account/refresh.h"
#include "daemon/tg/chat_lock.h"

void account_unsettle(struct tg_account *a, const struct tg_effect *effect)
{
    if (a->closing)
        return;
    switch (effect->what) {
    case TG_EFFECT_NONE:
        break;
    case TG_EFFECT_CHAT:
        tg_known_unsettle_chat(a->known, effect->kind, effect->id);
        break;
    case TG_EFFECT_CALL:
        tg_known_unsettle_call(a->known, effect->id);
        break;
    case TG_EFFECT_LOGIN:
        /* Where the key is gone, so is what it may have been logged in to. */
        a->login_unsettled |= a->client != NULL;
        break;
    case TG_EFFECT_ALL:
        account_missed_updates(a);
        break;
    }
    refresh_wake(a->refresh);
}

void account_acted(struct tg_account *a, const struct tg_effect *effect, int64_t call_id)
{
    int64_t id = effect->what == TG_EFFECT_CALL ? effect->id : effect->what == TG_EFFECT_ALL ? call_id : 0;
    const struct tg_call *call = id ? tg_calls_find(tg_known_calls(a->known), id) : NULL;

    if (effect->what == TG_EFFECT_CHAT)
        chat_lock_note(a->env->chats, effect->kind, effect->id, a);
    else if (call && call->has_peer)
        chat_lock_note(a->env->chats, call->peer_kind, call->peer_id, a);
}
