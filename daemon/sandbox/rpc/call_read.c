/* What is asked about a call and who is in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/rpc/call.h"

enum { PAGE = 100, PAGE_MIN = 3, NAMED_MAX = 256 /* ids and sources of one query; the rest is not looked at */ };

struct list {
    json_t *participants, *users, *chats;
};

static void list_begin(struct list *l, struct rpc *r, struct world_call *call)
{
    l->participants = json_array();
    l->users = rpc_users(r, &call->creator, 1);
    l->chats = rpc_chat_list(r, &call->chat, call->chat->kind != WORLD_CONFERENCE);
}

static void list_add(struct list *l, struct rpc *r, const struct world_call *call, const struct world_participant *p)
{
    json_array_append_new(l->participants, view_participant(r->user, call, p, false));
    if (!p->as.channel && p->as.user != call->creator)
        json_array_append_new(l->users, view_user(r->w, r->user, p->as.user));
    if (p->as.channel && p->as.channel != call->chat)
        json_array_append_new(l->chats, view_chat(r->w, r->user, p->as.channel));
}

/* Participants from FROM on, LIMIT of them (0: a page), three at least; *RET_NEXT is "" behind the last. */
static void list_page(struct list *l, struct rpc *r, const struct world_call *call, unsigned from, int64_t limit,
                      char next[static 16])
{
    unsigned n = limit <= 0 || limit > PAGE ? PAGE : limit < PAGE_MIN ? PAGE_MIN : (unsigned)limit;
    unsigned i = from;

    for (; i < call->participants_n && i - from < n; i++)
        list_add(l, r, call, &call->participants[i]);
    next[0] = '\0';
    if (i < call->participants_n)
        snprintf(next, 16, "%u", i);
}

static json_t *get_group_call(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_living(r, params);
    struct list l;
    char next[16];

    if (!call)
        return NULL;
    list_begin(&l, r, call);
    list_page(&l, r, call, 0, json_get_long(params, "limit"), next);
    return json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "_", "phone.groupCall", "call", view_call(r->user, call),
                     "participants", l.participants, "participants_next_offset", next, "chats", l.chats, "users",
                     l.users);
}

static bool has(const json_t *integers, int32_t n)
{
    const json_t *item;
    size_t i;

    json_array_foreach (integers, i, item)
        if (i < NAMED_MAX && (int32_t)json_as_long(item) == n)
            return true;
    return false;
}

/* By id alone: TDLib asks for those of whom it has no hash. */
static bool is_named(const struct rpc *r, const json_t *peers, const struct world_participant *p)
{
    const json_t *item;
    size_t i;

    json_array_foreach (peers, i, item) {
        bool channel = strcmp(json_tag(item), "inputPeerChannel") == 0;
        bool self = strcmp(json_tag(item), "inputPeerSelf") == 0;
        int64_t id = self ? r->user->id : json_get_long(item, channel ? "channel_id" : "user_id");
        if (i < NAMED_MAX && channel == (p->as.channel != NULL) && id == (channel ? p->as.channel->id : p->as.user->id))
            return true;
    }
    return false;
}

/* Either those that are named by peer or source, or a page. */
static json_t *get_participants(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_named(r, params);
    const json_t *ids = json_object_get(params, "ids"), *sources = json_object_get(params, "sources");
    unsigned from = (unsigned)strtoul(json_get_text(params, "offset"), NULL, 10);
    struct list l;
    char next[16] = "";

    if (!call)
        return NULL;
    list_begin(&l, r, call);
    if (json_array_size(ids) || json_array_size(sources)) {
        for (unsigned i = 0; i < call->participants_n; i++) {
            const struct world_participant *p = &call->participants[i];
            if (has(sources, p->source) || is_named(r, ids, p))
                list_add(&l, r, call, p);
        }
    } else {
        list_page(&l, r, call, from, json_get_long(params, "limit"), next);
    }
    return json_pack("{s:s, s:i, s:o, s:s, s:o, s:o, s:i}", "_", "phone.groupParticipants", "count",
                     (int)call->participants_n, "participants", l.participants, "next_offset", next, "chats", l.chats,
                     "users", l.users, "version", call->version);
}

const struct rpc_row rpc_call_read_rows[] = {
    {"phone.getGroupCall", get_group_call, 0},
    {"phone.getGroupParticipants", get_participants, 0},
    {NULL, NULL, 0},
};
