/* What an account may do about calls in a chat, as the Chat object says that Telegram shows it. Without I/O. */
#ifndef TGCALLD_TG_RIGHTS_H
#define TGCALLD_TG_RIGHTS_H

#include <stdbool.h>

#include <jansson.h>

struct tg_rights {
    bool has_calls; /* it is a group or a channel, and lives */
    bool is_member;
    bool may_create; /* an owner, or an admin with manage_call */
    bool may_stream; /* rtmp_stream: the owner alone */
};

/* CHAT: a TL Chat or User. */
struct tg_rights tg_rights_of(const json_t *chat);

#endif
