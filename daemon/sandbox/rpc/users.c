#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

static json_t *get_users(struct rpc *r, const json_t *params)
{
    json_t *list = json_array(), *item;
    size_t i;

    /* Unknown users are left out of the answer, they are no error. */
    json_array_foreach (json_object_get(params, "id"), i, item) {
        struct world_user *u = rpc_input_user(r, item);
        if (u)
            json_array_append_new(list, view_user(r->w, r->user, u));
    }
    r->code = 0;
    return list;
}

static json_t *get_full_user(struct rpc *r, const json_t *params)
{
    struct world_user *u = rpc_input_user(r, json_object_get(params, "id"));

    if (!u)
        return NULL;
    json_t *full = json_pack("{s:s, s:I, s:{s:s}, s:o, s:i}", "_", "userFull", "id", (json_int_t)u->id, "settings", "_",
                             "peerSettings", "notify_settings", view_notify_settings(), "common_chats_count", 0);
    return json_pack("{s:s, s:o, s:[], s:o}", "_", "users.userFull", "full_user", full, "chats", "users",
                     rpc_users(r, &u, 1));
}

const struct rpc_row rpc_users_rows[] = {
    {"users.getUsers", get_users, 0},
    {"users.getFullUser", get_full_user, 0},
    {NULL, NULL, 0},
};
