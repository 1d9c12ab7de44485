#include "daemon/tg/known/auto_start.h"

#include "daemon/tg/known/known_internal.h"

bool tg_known_wish_start(struct tg_known *k, struct tg_call *call, bool wished)
{
    enum tg_auto_start to = wished ? TG_AUTO_START_WISHED : TG_AUTO_START_NONE;

    struct tg_call_before before;

    if (call->auto_start == to)
        return false;
    tg_call_look(call, &before);
    (void)!tg_call_set_auto_start(call, to, 0, NULL); /* which needs no memory */
    known_tell_call(k, call, &before, TG_CHANGED);
    return true;
}

int tg_known_start_missed(struct tg_known *k, struct tg_call *call, int64_t at, const char *why)
{
    struct tg_call_before before;

    tg_call_look(call, &before);
    int err = tg_call_set_auto_start(call, TG_AUTO_START_MISSED, at, why);

    if (!err)
        known_tell_call(k, call, &before, TG_CHANGED);
    return err;
}
