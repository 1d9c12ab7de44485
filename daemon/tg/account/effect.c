#include "daemon/tg/account/effect.h"

#include "daemon/tg/account/account_internal.h"

static void unsettle_call(struct tg_account *a, struct tg_call *call)
{
    if (!call || call->state == TG_CALL_DISCARDED)
        return;
    call->stale = true;
    account_refresh_calls(a);
}

void account_unsettle(struct tg_account *a, const struct tg_effect *effect)
{
    if (a->closing)
        return;
    switch (effect->what) {
    case TG_EFFECT_NONE:
        break;
    case TG_EFFECT_CHAT:
        account_chat_forget(a, effect->kind, effect->id);
        unsettle_call(a, tg_calls_find_running(a->calls, effect->kind, effect->id));
        break;
    case TG_EFFECT_CALL:
        unsettle_call(a, tg_calls_find(a->calls, effect->id));
        break;
    case TG_EFFECT_LOGIN:
        a->login_unsettled = true;
        break;
    case TG_EFFECT_ALL:
        account_missed_updates(a);
        break;
    }
}
