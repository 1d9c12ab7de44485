/* How many intents are remembered, and whose: no key is forgotten before its day, so who would be one too many is
 * refused, and whoever asks for many leaves room for others. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/worker/journal_internal.h"

enum { SAY_AGAIN_S = 3600 };

struct intent_holder {
    char token[TOKEN_NAME_MAX + 1]; /* "": the daemon's own */
    size_t n;
    UT_hash_handle hh;
};

static int64_t now_us(const struct journal *j)
{
    return clock_mono_us(j->worker->env.clock);
}

static struct intent_holder *find(const struct journal *j, const char *token)
{
    struct intent_holder *h;

    HASH_FIND_STR(j->holders, token, h);
    return h;
}

static size_t count(const struct journal *j, const char *token)
{
    const struct intent_holder *h = find(j, token);

    return h ? h->n : 0;
}

int journal_room_take(struct intent *i)
{
    struct journal *j = i->journal;
    struct intent_holder *h = find(j, i->token);

    if (!h && (h = calloc(1, sizeof(*h)))) {
        memcpy(h->token, i->token, sizeof(h->token));
        HASH_ADD_STR(j->holders, token, h);
        if (!h->hh.tbl) {
            free(h);
            h = NULL;
        }
    }
    if (!h)
        return TGC_ENOMEM;
    h->n++;
    j->n++;
    return 0;
}

void journal_room_give(struct intent *i)
{
    struct journal *j = i->journal;
    struct intent_holder *h = find(j, i->token);

    j->n--;
    if (--h->n > 0)
        return;
    HASH_DEL(j->holders, h);
    free(h);
}

/* --- whether there is room --- */

static enum journal_places places_of(const struct journal *j, const char *token)
{
    if (!token[0])
        return JOURNAL_PLACES_OWN;
    return count(j, token) < LIMIT_INTENTS_FEW ? JOURNAL_PLACES_FEW : JOURNAL_PLACES_MANY;
}

static bool is_full(const struct journal *j, enum journal_places places)
{
    size_t own = count(j, "");

    switch (places) {
    case JOURNAL_PLACES_OWN:
        return own >= LIMIT_INTENTS_OWN;
    case JOURNAL_PLACES_FEW:
        return j->n - own >= LIMIT_INTENTS;
    default:
        return j->n - own >= LIMIT_INTENTS - LIMIT_INTENTS_LAST;
    }
}

static bool may_go(const struct intent *i)
{
    return intent_is_over(i) && !i->writes_n;
}

static void drop_old(struct journal *j)
{
    int64_t oldest = journal_wall(j) - JOURNAL_KEPT_US;
    struct intent *i, *next;

    DL_FOREACH_SAFE(j->list, i, next)
    if (i->created_us < oldest && may_go(i))
        intent_drop(i);
    journal_drop_old(j);
}

/* Nobody can ask for it a second time, or it was never sent, and a repeat is as good as new. */
static bool is_spare(const struct intent *i)
{
    return may_go(i) && (!i->has_key || (i->state == INTENT_OPEN && !i->sent));
}

static void say_refused(struct journal *j)
{
    if (!j->refused_n || now_us(j) < j->said_us)
        return;
    log_warning(
        "worker",
        "%zu requests with an Idempotency-Key or to be jobs were refused: a worker remembers %d of them for a day, the "
        "last %d for who has few, and no key is forgotten before",
        j->refused_n, LIMIT_INTENTS, LIMIT_INTENTS_LAST);
    j->refused_n = 0;
    j->said_us = now_us(j) + SAY_AGAIN_S * SECOND_US;
}

void journal_prune(void *ctx)
{
    struct journal *j = ctx;

    drop_old(j);
    say_refused(j);
    net_timer_set(j->prune, now_us(j) + JOURNAL_PRUNE_US);
}

static bool is_of(const struct intent *i, enum journal_places places)
{
    return (places == JOURNAL_PLACES_OWN) == !i->token[0];
}

/* No more go than have to: drop_old() has the store look through all that it has. */
static void look_for_room(struct journal *j, enum journal_places places)
{
    int64_t oldest = journal_wall(j) - JOURNAL_KEPT_US;
    struct intent *i, *next;

    DL_FOREACH_SAFE(j->list, i, next)
    {
        if (!is_full(j, places))
            return;
        if (!is_of(i, places) || (!is_spare(i) && !(i->created_us < oldest && may_go(i))))
            continue;
        intent_unwrite(i);
        intent_drop(i);
    }
    if (is_full(j, places))
        j->full_until_us[places] = now_us(j) + SECOND_US;
}

/* A key that is forgotten before its day could have done twice what it was given for, unseen; who is refused knows. */
int64_t journal_make_room(struct journal *j, const char *token)
{
    enum journal_places places = places_of(j, token);
    const struct intent *oldest;

    if (is_full(j, places) && now_us(j) >= j->full_until_us[places])
        look_for_room(j, places);
    if (!is_full(j, places))
        return 0;
    j->refused_n++;
    say_refused(j);
    DL_FOREACH (j->list, oldest)
        if (is_of(oldest, places))
            break;
    int64_t left_us = oldest ? oldest->created_us + JOURNAL_KEPT_US - journal_wall(j) : SECOND_US;
    return left_us > SECOND_US ? (left_us + SECOND_US - 1) / SECOND_US : 1;
}
