#include <ctype.h>
#include <string.h>

#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

static json_t *resolved(struct rpc *r, struct world_user *u, struct world_chat *c)
{
    return json_pack("{s:s, s:o, s:o, s:o}", "_", "contacts.resolvedPeer", "peer", u ? view_peer_user(u) : view_peer(c),
                     "chats", rpc_chat_list(r, &c, c ? 1 : 0), "users", rpc_users(r, &u, u ? 1 : 0));
}

static bool is_name(const char *name)
{
    size_t n = strlen(name);

    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_')
            return false;
    return n >= 4 && n <= 32 && isalpha((unsigned char)*name);
}

static json_t *resolve_username(struct rpc *r, const json_t *params)
{
    const char *name = json_get_text(params, "username");

    if (!is_name(name))
        return rpc_fail(r, 400, "USERNAME_INVALID");
    struct world_user *u = world_user_by_name(r->w, name);
    struct world_chat *c = world_chat_by_name(r->w, name);
    if (!u && !c)
        return rpc_fail(r, 400, "USERNAME_NOT_OCCUPIED");
    return resolved(r, u, c);
}

static json_t *resolve_phone(struct rpc *r, const json_t *params)
{
    const char *phone = json_get_text(params, "phone");
    struct world_user *u = world_user_by_phone(r->w, phone + strspn(phone, "+"));

    if (!u)
        return rpc_fail(r, 400, "PHONE_NOT_OCCUPIED");
    return resolved(r, u, NULL);
}

static json_t *get_contacts(struct rpc *r, const json_t *params)
{
    json_t *contacts = json_array(), *users = json_array();

    for (unsigned i = 0; i < r->user->contacts_n; i++) {
        struct world_user *u = world_user_by_id(r->w, r->user->contacts[i]);
        if (!u)
            continue;
        json_t *seen = view_user(r->w, r->user, u);
        json_array_append_new(contacts, json_pack("{s:s, s:I, s:b}", "_", "contact", "user_id", (json_int_t)u->id,
                                                  "mutual", (int)json_get_true(seen, "mutual_contact")));
        json_array_append_new(users, seen);
    }
    return json_pack("{s:s, s:o, s:i, s:o}", "_", "contacts.contacts", "contacts", contacts, "saved_count", 0, "users",
                     users);
}

const struct rpc_row rpc_contacts_rows[] = {
    {"contacts.resolveUsername", resolve_username, 0},
    {"contacts.resolvePhone", resolve_phone, 0},
    {"contacts.getContacts", get_contacts, 0},
    {NULL, NULL, 0},
};
