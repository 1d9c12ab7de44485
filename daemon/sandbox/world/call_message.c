#include "daemon/sandbox/world/call_message.h"

#include <stdlib.h>

bool world_identity_is(const struct world_identity *a, const struct world_identity *b)
{
    return a->channel == b->channel && (a->channel || a->user == b->user);
}

static struct world_donor *donor(struct world_talk *t, const struct world_identity *as)
{
    for (unsigned i = 0; i < t->donors_n; i++)
        if (world_identity_is(&t->donors[i].as, as))
            return &t->donors[i];
    if (t->donors_n == WORLD_DONORS_MAX)
        return NULL;
    struct world_donor *list = realloc(t->donors, (t->donors_n + 1) * sizeof(*list));
    if (!list)
        return NULL;
    t->donors = list;
    list[t->donors_n] = (struct world_donor){.as = *as};
    return &list[t->donors_n++];
}

/* A payment that would not fit into a long any more is refused like a donor too many. */
static bool pay(struct world_talk *t, const struct world_identity *as, int64_t stars)
{
    struct world_donor *d = stars <= INT64_MAX - t->stars ? donor(t, as) : NULL;

    if (!d)
        return false;
    d->stars += stars;
    t->stars += stars;
    return true;
}

const struct world_call_message *world_call_message_add(struct world_call *call, const struct world_call_message *m)
{
    if (!call->talk)
        call->talk = calloc(1, sizeof(*call->talk));
    struct world_talk *t = call->talk;
    if (!t || !m->text || (m->stars && !pay(t, &m->from, m->stars))) {
        json_decref(m->text);
        return NULL;
    }
    struct world_call_message *slot = &t->messages[(unsigned)++t->last_id % WORLD_CALL_MESSAGES];
    json_decref(slot->text);
    *slot = *m;
    slot->id = t->last_id;
    return slot;
}

static struct world_call_message *find(const struct world_call *call, int64_t id)
{
    struct world_call_message *m = call->talk ? &call->talk->messages[(uint64_t)id % WORLD_CALL_MESSAGES] : NULL;

    return m && id > 0 && m->id == id ? m : NULL;
}

const struct world_call_message *world_call_message_by_id(const struct world_call *call, int64_t id)
{
    return find(call, id);
}

const struct world_call_message *world_call_message_by_intent(const struct world_call *call,
                                                              const struct world_user *user, int64_t random_id)
{
    for (unsigned i = 0; call->talk && i < WORLD_CALL_MESSAGES; i++) {
        const struct world_call_message *m = &call->talk->messages[i];
        if (m->id && m->from.user == user && m->random_id == random_id)
            return m;
    }
    return NULL;
}

void world_call_message_drop(struct world_call *call, int id)
{
    struct world_call_message *m = find(call, id);

    if (!m)
        return;
    json_decref(m->text);
    *m = (struct world_call_message){0};
}

void world_talk_end(struct world_call *call)
{
    if (!call->talk)
        return;
    for (unsigned i = 0; i < WORLD_CALL_MESSAGES; i++)
        json_decref(call->talk->messages[i].text);
    free(call->talk->donors);
    free(call->talk);
    call->talk = NULL;
}
