#include "daemon/sandbox/rpc/post.h"

#include <stdio.h>

#include "daemon/sandbox/rpc/update.h"

static void set_text(struct world_message *m, const struct post_order *o, unsigned i)
{
    if (o->count > 1)
        snprintf(m->text, sizeof(m->text), "%.*s %u", (int)POST_TEXT_MAX, o->text, i);
    else
        snprintf(m->text, sizeof(m->text), "%.*s", (int)POST_TEXT_MAX, o->text);
}

void post_messages(struct world *w, struct world_chat *chat, const struct post_order *o)
{
    struct world_message m = {.action = o->is_service ? WORLD_ACTION_CUSTOM : WORLD_ACTION_NONE};
    struct update_batch batch;

    for (unsigned i = 1; i <= o->count; i++) {
        set_text(&m, o, i);
        update_begin(&batch, w, chat, o->from);
        update_message(&batch, m);
        json_decref(update_finish(&batch));
    }
}

void post_deletion(struct world *w, struct world_chat *chat, struct world_user *from, unsigned n)
{
    struct update_batch batch;

    update_begin(&batch, w, chat, from);
    update_deletion(&batch, n);
    json_decref(update_finish(&batch));
}
