#include "daemon/sandbox/centre/place.h"

#include <inttypes.h>
#include <stdio.h>

/* Two temporary keys of one login may be used by two who know nothing of each other: the second to be bound puts the
 * first out of its place, and what then comes under that one is still the login's. */
static struct auth *login_of(const struct keys *k, struct auth *a)
{
    struct auth *perm = a->login_id ? keys_find(k, a->dc, a->login_id) : NULL;

    return perm ? perm : a;
}

static bool was_here(const struct line *l, uint64_t login)
{
    for (unsigned i = 0; i < l->logins_n && i < LINE_LOGINS; i++)
        if (l->logins[i] == login)
            return true;
    return false;
}

void place_note(struct line *l, struct auth *a)
{
    struct auth *login = login_of(&l->s->keys, a);
    uint64_t before = login->place;
    char detail[64];

    if (a->media || before == l->number)
        return;
    login->place = l->number;
    if (!was_here(l, login->id)) {
        l->logins[l->logins_n++ % LINE_LOGINS] = login->id;
        return;
    }
    snprintf(detail, sizeof(detail), "connection %" PRIu64 " after %" PRIu64, l->number, before);
    lint_note(&l->s->lints, LINT_TWO_PLACES, a->app, detail);
    centres_trace(l->s, json_pack("{s:s, s:i, s:I, s:I}", "event", "two_places", "dc", l->dc, "connection",
                                  (json_int_t)l->number, "other", (json_int_t)before));
}
