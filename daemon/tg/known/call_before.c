#include "daemon/tg/known/call_before.h"

#include <stdio.h>
#include <string.h>

void tg_call_look(const struct tg_call *call, struct tg_call_before *ret)
{
    ret->is_known = call != NULL;
    if (!call)
        return;
    ret->call = *call;
    ret->call.missed_why = NULL;
    if (call->invite_link) {
        snprintf(ret->invite_link, sizeof(ret->invite_link), "%s", call->invite_link);
        ret->call.invite_link = ret->invite_link;
    }
    ret->title_is_lost = call->title && call->title_len > sizeof(ret->title);
    if (!call->title || ret->title_is_lost) {
        ret->call.title = NULL;
        return;
    }
    memcpy(ret->title, call->title, call->title_len);
    ret->call.title = ret->title;
}
