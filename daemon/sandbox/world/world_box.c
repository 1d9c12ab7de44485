/* A pts sequence and what it keeps. */
#include <stdlib.h>

#include "daemon/sandbox/world/world.h"

int world_box_put(struct world_box *box, const struct world_event *event)
{
    struct world_event **slot = &box->events[(unsigned)event->pts % WORLD_EVENTS];

    if (!*slot)
        *slot = malloc(sizeof(**slot));
    if (!*slot)
        return TGC_ENOMEM;
    **slot = *event;
    return 0;
}

/* One that cannot be kept is one too long ago. */
int world_box_add(struct world_box *box, const struct world_message *message)
{
    box->pts++;
    (void)!world_box_put(box, &(struct world_event){box->pts, *message});
    return box->pts;
}

const struct world_message *world_box_message(const struct world_box *box, int pts)
{
    const struct world_event *event = box->events[(unsigned)pts % WORLD_EVENTS];

    return event && event->pts == pts ? &event->message : NULL;
}

const struct world_message *world_box_find(const struct world_box *box, int id)
{
    const struct world_event *found = NULL;

    for (size_t i = 0; i < WORLD_EVENTS; i++) {
        const struct world_event *e = box->events[i];
        if (e && e->message.id == id && (!found || e->pts > found->pts))
            found = e;
    }
    return found ? &found->message : NULL;
}

bool world_box_is_deleted(const struct world_box *box, int id)
{
    const struct world_message *m = world_box_find(box, id);

    return m && m->action == WORLD_ACTION_DELETED;
}

unsigned world_box_recent(const struct world_box *box, int64_t chat_id, bool is_basic, unsigned n,
                          const struct world_message *ret[])
{
    unsigned found = 0;

    for (int pts = box->pts; found < n && pts > 0 && box->pts - pts < WORLD_EVENTS; pts--) {
        const struct world_message *m = world_box_message(box, pts);
        bool is_there = m && !m->is_edit && m->action != WORLD_ACTION_DELETED && !world_box_is_deleted(box, m->id);
        if (is_there && !m->is_private && m->chat_id == chat_id && m->is_basic == is_basic)
            ret[found++] = m;
    }
    return found;
}

void world_box_fini(struct world_box *box)
{
    for (size_t i = 0; i < WORLD_EVENTS; i++)
        free(box->events[i]);
    *box = (struct world_box){0};
}
