#include "daemon/tg/call/rights.h"

#include <string.h>

static bool has(const json_t *object, const char *flag)
{
    return json_is_true(json_object_get(object, flag));
}

struct tg_rights tg_rights_of(const json_t *chat)
{
    const char *name = json_string_value(json_object_get(chat, "_"));
    struct tg_rights r = {0};

    if (!name)
        return r;
    bool is_chat = strcmp(name, "chat") == 0, is_channel = strcmp(name, "channel") == 0;
    r.has_calls = strncmp(name, "chat", 4) == 0 || strncmp(name, "channel", 7) == 0;
    /* A basic group that became a supergroup is there only to be remembered. */
    if (has(chat, "deactivated"))
        r.has_calls = false;
    r.is_member = (is_chat || is_channel) && !has(chat, "left");
    r.may_stream = r.has_calls && r.is_member && has(chat, "creator");
    r.may_create =
        r.may_stream || (r.has_calls && r.is_member && has(json_object_get(chat, "admin_rights"), "manage_call"));
    return r;
}
