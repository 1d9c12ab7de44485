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

/* What EFFECT does to a chat: of no effect where there is none, or which is not known. */
static struct tg_effect in_chat(struct tg_account *a, const struct tg_effect *effect, int64_t call_id)
{
    int64_t id = effect->what == TG_EFFECT_CALL ? effect->id : effect->what == TG_EFFECT_ALL ? call_id : 0;
    const struct tg_call *call = id ? tg_calls_find(tg_known_calls(a->known), id) : NULL;

    if (call && call->has_peer)
        return (struct tg_effect){TG_EFFECT_CHAT, call->peer_kind, call->peer_id};
    if (effect->what == TG_EFFECT_CHAT || (effect->what == TG_EFFECT_ALL && effect->id))
        return (struct tg_effect){TG_EFFECT_CHAT, effect->kind, effect->id};
    return (struct tg_effect){0};
}

void account_acted(struct tg_account *a, const struct tg_effect *effect, int64_t call_id)
{
    struct tg_effect chat = in_chat(a, effect, call_id);

    if (chat.what)
        chat_lock_note(a->env->chats, chat.kind, chat.id, a);
}

struct tg_effect account_doubt(struct tg_account *a, const struct tg_effect *effect)
{
    struct tg_effect chat = in_chat(a, effect, 0);

    if (chat.what && !chat_lock_doubt(a->env->chats, chat.kind, chat.id))
        return (struct tg_effect){0}; /* without memory the others are told by updates alone */
    return chat;
}

void account_undoubt(struct tg_account *a, const struct tg_effect *doubt)
{
    if (doubt->what)
        chat_lock_doubt_end(a->env->chats, doubt->kind, doubt->id);
}
