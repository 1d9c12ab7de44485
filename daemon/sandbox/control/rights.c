#include "daemon/sandbox/control/rights.h"

#include "daemon/sandbox/control/body.h"
#include "daemon/sandbox/rpc/promote.h"
#include "daemon/sandbox/world/json.h"

json_t *rights_set(struct centres *s, const json_t *body, struct fault *fault)
{
    static const char *const names[] = {"user", "chat", "manage_call", NULL};
    struct world_user *user = world_user_by_id(&s->world, json_get_long(body, "user"));
    struct world_chat *chat = world_chat_by_id(&s->world, json_get_long(body, "chat"), false);
    struct world_member *member = user && chat ? world_member(chat, user) : NULL;
    bool may = false;

    if (body_check_members(body, names, fault) != 0 || body_flag(body, "manage_call", &may, fault) != 0)
        return NULL;
    if (!member || member->role != WORLD_ADMIN) {
        (void)fault_set(fault, TGC_EINVAL, "user is the id of an admin of the channel or supergroup chat");
        return NULL;
    }
    promote(&s->world, chat, member, may);
    return json_object();
}
