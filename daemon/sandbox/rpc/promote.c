#include "daemon/sandbox/rpc/promote.h"

#include "daemon/sandbox/rpc/update.h"

void promote(struct world *w, struct world_chat *chat, struct world_member *member, bool manage_call)
{
    struct update_batch batch;

    member->manage_call = manage_call;
    update_begin(&batch, w, chat, member->user);
    update_rights(&batch);
    json_decref(update_finish(&batch));
}
