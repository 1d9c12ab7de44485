#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/world/world.h"

uint64_t world_member_bit(const struct world_chat *chat, const struct world_user *user)
{
    const struct world_member *m = world_member(chat, user);

    return m ? UINT64_C(1) << (m - chat->members) : 0;
}

struct world_participant *world_participant_of(const struct world_call *call, const struct world_user *user)
{
    for (unsigned i = 0; i < call->participants_n; i++)
        if (call->participants[i].as.user == user)
            return &call->participants[i];
    return NULL;
}

struct world_participant *world_participant_as(const struct world_call *call, const struct world_identity *as)
{
    for (unsigned i = 0; i < call->participants_n; i++) {
        const struct world_identity *other = &call->participants[i].as;
        if (as->channel ? other->channel == as->channel : !other->channel && other->user == as->user)
            return &call->participants[i];
    }
    return NULL;
}

struct world_participant *world_participant_by_source(const struct world_call *call, int32_t source)
{
    for (unsigned i = 0; i < call->participants_n; i++)
        if (call->participants[i].source == source ||
            (call->participants[i].presents && call->participants[i].presentation_source == source))
            return &call->participants[i];
    return NULL;
}

struct world_participant *world_participant_add(struct world *w, struct world_call *call,
                                                const struct world_identity *as, int32_t source)
{
    const struct world_member *m = world_member(call->chat, as->user);
    struct world_participant *list = realloc(call->participants, (call->participants_n + 1) * sizeof(*list));

    if (!list)
        return NULL;
    call->participants = list;
    struct world_participant *p = &list[call->participants_n++];
    *p = (struct world_participant){
        .as = *as, .source = source, .member = m ? (unsigned)(m - call->chat->members) : WORLD_MEMBERS_MAX};
    p->date = p->active_date = world_now(w);
    return p;
}

void world_participant_drop(struct world_call *call, struct world_participant *p)
{
    size_t at = (size_t)(p - call->participants);

    free(p->volume_for);
    memmove(p, p + 1, (--call->participants_n - at) * sizeof(*p));
}

void world_participants_clear(struct world_call *call)
{
    for (unsigned i = 0; i < call->participants_n; i++)
        free(call->participants[i].volume_for);
    free(call->participants);
    call->participants = NULL;
    call->participants_n = 0;
}
