#include "daemon/sandbox/control/messages.h"

#include "daemon/sandbox/control/body.h"
#include "daemon/sandbox/rpc/post.h"
#include "daemon/sandbox/world/json.h"

static int read_order(const json_t *body, struct post_order *o, unsigned *ret_delete, struct fault *fault)
{
    static const char *const for_post[] = {"chat", "from", "count", "text", "service", NULL};
    static const char *const for_deletion[] = {"chat", "from", "delete", NULL};
    const json_t *text = json_object_get(body, "text");
    int err = body_check_members(body, json_object_get(body, "delete") ? for_deletion : for_post, fault);

    err = err ? err : body_number(body, "count", POST_MAX, &o->count, fault);
    err = err ? err : body_number(body, "delete", POST_DELETE_MAX, ret_delete, fault);
    err = err ? err : body_flag(body, "service", &o->is_service, fault);
    if (err)
        return err;
    if (text && (!json_is_string(text) || json_string_length(text) > POST_TEXT_MAX))
        return fault_set(fault, TGC_EINVAL, "text is a string of at most %d bytes", (int)POST_TEXT_MAX);
    if (text)
        o->text = json_string_value(text);
    return 0;
}

/* Of basic groups and channels alike, whose ids differ in the sandbox. */
static struct world_chat *find_chat(const struct world *w, const json_t *body)
{
    int64_t id = json_get_long(body, "chat");
    struct world_chat *chat = world_chat_by_id(w, id, true);

    return chat ? chat : world_chat_by_id(w, id, false);
}

json_t *messages_post(struct centres *s, const json_t *body, struct fault *fault)
{
    struct post_order o = {.text = "message", .count = 1};
    const json_t *from = json_object_get(body, "from");
    struct world_chat *chat = find_chat(&s->world, body);
    unsigned deleted = 0;
    int err = json_is_object(body) ? 0 : fault_set(fault, TGC_EINVAL, "the body is an object with chat");

    if (!err && (!chat || !chat->members_n))
        err = fault_set(fault, TGC_EINVAL, "there is no chat with that id, or nobody in it");
    err = err ? err : read_order(body, &o, &deleted, fault);
    if (err)
        return NULL;
    o.from = from ? world_user_by_id(&s->world, json_as_long(from)) : chat->members[0].user;
    if (!o.from || !world_member(chat, o.from)) {
        (void)fault_set(fault, TGC_EINVAL, "from is the id of a member");
        return NULL;
    }
    if (deleted)
        post_deletion(&s->world, chat, o.from, deleted);
    else
        post_messages(&s->world, chat, &o);
    return json_pack("{s:i}", "pts", chat->kind == WORLD_BASIC ? o.from->box.pts : chat->box.pts);
}
