/* Those that wait as Telegram asked, behind one timer. Of one each, two that are due at once could change places. */
#include <string.h>

#include "daemon/worker/journal_internal.h"

static struct intent *last_of(const struct journal *j)
{
    return j->waits ? j->waits->wait_prev : NULL;
}

static struct intent *before(const struct journal *j, const struct intent *i)
{
    return i == j->waits ? NULL : i->wait_prev;
}

static void set_timer(struct journal *j)
{
    net_timer_set(j->waits_timer, j->waits ? j->waits->due_us : INT64_MAX);
}

/* Telegram counts whole seconds, and of a wait that it asked for before, what is left is rounded up to them: who asks
 * later may be told an end that is up to a second earlier, and is not to overtake for that. */
static void join_earlier(struct intent *i)
{
    const struct journal *j = i->journal;

    for (struct intent *e = last_of(j); e && e->due_us > i->due_us; e = before(j, e)) {
        if (e->due_us > i->due_us + SECOND_US || e->created_us > i->created_us || e->method != i->method ||
            strcmp(e->account, i->account) != 0)
            continue;
        i->until_us = e->until_us;
        i->due_us = e->due_us;
        return;
    }
}

static bool goes_before(const struct intent *a, const struct intent *b)
{
    return a->due_us < b->due_us || (a->due_us == b->due_us && a->created_us < b->created_us);
}

void intent_wait(struct intent *i, int64_t until_us, int64_t due_us)
{
    struct journal *j = i->journal;

    intent_wait_no_more(i);
    i->until_us = until_us;
    i->due_us = due_us;
    join_earlier(i);
    struct intent *e = last_of(j);
    while (e && goes_before(i, e))
        e = before(j, e);
    DL_APPEND_ELEM2(j->waits, e, i, wait_prev, wait_next);
    set_timer(j);
}

void intent_wait_no_more(struct intent *i)
{
    struct journal *j = i->journal;

    if (!i->wait_prev)
        return;
    DL_DELETE2(j->waits, i, wait_prev, wait_next);
    i->wait_prev = i->wait_next = NULL;
    set_timer(j);
}

void journal_waits_over(void *ctx)
{
    struct journal *j = ctx;
    int64_t now = clock_mono_us(j->worker->env.clock);

    while (j->waits && j->waits->due_us <= now)
        intent_run(j->waits);
}
