/* What an answer that is not known may have changed counts as unknown. */
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/effect.h"
#include "daemon/tg/account/refresh.h"

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
        a->login_unsettled = true;
        break;
    case TG_EFFECT_ALL:
        account_missed_updates(a);
        break;
    }
    refresh_wake(a->refresh);
}
