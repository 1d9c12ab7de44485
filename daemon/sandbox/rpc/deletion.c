/* channels.deleteMessages: the answer is no Updates, and yet it moves the channel's pts. */
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/update.h"

enum { IDS_MAX = 100 };

static bool has(const int *ids, unsigned n, int id)
{
    for (unsigned i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Of the LIST those that are there, each once; false with the error set where one is not the asker's to delete. */
static bool choose(struct rpc *r, const struct world_chat *c, const json_t *list, int ids[static IDS_MAX],
                   unsigned *ret_n)
{
    bool may_all = world_role(c, r->user) >= WORLD_ADMIN;
    const json_t *item;
    unsigned n = 0;
    size_t i;

    json_array_foreach (list, i, item) {
        int64_t id = json_as_long(item);
        const struct world_message *m = id > 0 && id <= INT32_MAX ? world_box_find(&c->box, (int)id) : NULL;
        if (!m || m->action == WORLD_ACTION_DELETED || has(ids, n, (int)id))
            continue;
        if (!may_all && (m->is_post || m->actor_id != r->user->id))
            return rpc_fail(r, 403, "MESSAGE_DELETE_FORBIDDEN"), false;
        ids[n++] = (int)id;
    }
    *ret_n = n;
    return true;
}

static json_t *delete_messages(struct rpc *r, const json_t *params)
{
    struct world_chat *c = rpc_input_channel(r, json_object_get(params, "channel"));
    const json_t *list = json_object_get(params, "id");
    struct update_batch batch;
    int ids[IDS_MAX];
    unsigned n;

    if (!c)
        return NULL;
    if (!world_member(c, r->user))
        return rpc_fail(r, 403, "MESSAGE_DELETE_FORBIDDEN");
    if (json_array_size(list) > IDS_MAX)
        return rpc_fail(r, 400, "MSG_ID_INVALID");
    if (!choose(r, c, list, ids, &n))
        return NULL;
    update_begin(&batch, r->w, c, r->user);
    update_delete(&batch, ids, n);
    json_decref(update_finish(&batch));
    return json_pack("{s:s, s:i, s:i}", "_", "messages.affectedMessages", "pts", c->box.pts, "pts_count", (int)n);
}

const struct rpc_row rpc_deletion_rows[] = {
    {"channels.deleteMessages", delete_messages, 0},
    {NULL, NULL, 0},
};
