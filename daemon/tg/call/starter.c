#include "daemon/tg/call/starter.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/base/due.h"
#include "daemon/base/log.h"
#include "daemon/base/table.h"
#include "daemon/tg/call/start_rule.h"
#include "daemon/tg/call/step.h"
#include "daemon/tg/known/auto_start.h"

struct start_key {
    struct tg_account *account;
    int64_t id;
};

struct start {
    struct due due; /* in the line unless something is asked; the first member */
    struct start_key key;
    struct starter *starter;
    bool is_asked;            /* something is under way */
    bool is_wanted;           /* false: it goes when what is under way has ended */
    unsigned tries;           /* in a row that came to nothing */
    char why[START_WHY_SIZE]; /* the last of them; "" */
    UT_hash_handle hh;
};

struct starter {
    const struct tg_env *env;
    int64_t late_max_us;
    struct net_timer *timer;
    int64_t timer_us; /* what that is set to */
    bool is_stopped;
    struct start *by_key;
    struct due_line line;
};

static int64_t now_of(const struct starter *s)
{
    return tg_now(s->env);
}

static void set_timer(struct starter *s)
{
    const struct due *first = due_first(&s->line);
    int64_t at_us = first ? first->at_us : INT64_MAX;

    if (at_us == s->timer_us)
        return;
    s->timer_us = at_us;
    net_timer_set(s->timer, at_us);
}

static void forget(struct starter *s, struct start *e)
{
    due_drop(&s->line, &e->due);
    e->is_wanted = false;
    if (e->is_asked)
        return;
    HASH_DEL(s->by_key, e);
    free(e);
}

static struct tg_call *call_of(const struct start *e)
{
    struct tg_call *call = tg_calls_find(tg_account_calls(e->key.account), e->key.id);

    return call && tg_call_is_to_start(call) ? call : NULL;
}

/* --- how it ends --- */

static void put(struct start *e, int64_t at_us)
{
    struct starter *s = e->starter;

    /* Whoever was in the line before left room there, but for what came in its place. */
    if (due_put(&s->line, &e->due, at_us) != 0)
        log_error("tg", "out of memory: the scheduled call %" PRId64 " is not started", e->key.id);
    set_timer(s);
}

/* Which ends the wish, and so E. */
static void miss(struct start *e, struct tg_call *call, const char *why)
{
    struct tg_account *a = e->key.account;
    int64_t at_us;

    if (!tg_account_server_us(a, &at_us))
        at_us = clock_wall_us(e->starter->env->clock);
    log_warning("tg", "account %s: the scheduled call %" PRId64 " was not started: %s", tg_account_name(a), call->id,
                why);
    if (tg_known_start_missed(tg_account_known(a), call, at_us / SECOND_US, why) != 0)
        put(e, now_of(e->starter) + SECOND_US);
}

static struct start_facts facts_of(const struct start *e, const struct tg_call *call)
{
    struct start_facts f = {.date = call->schedule_date,
                            .late_max_us = e->starter->late_max_us,
                            .can_ask = tg_account_state(e->key.account) == TG_ACCOUNT_READY,
                            .wall_us = clock_wall_us(e->starter->env->clock)};

    f.knows_time = tg_account_server_us(e->key.account, &f.server_us);
    return f;
}

/* When nothing more is asked of it. */
static int64_t deadline_of(const struct start *e, const struct tg_call *call)
{
    struct start_facts f = facts_of(e, call);
    int64_t in_us = f.date * SECOND_US + f.late_max_us - (f.knows_time ? f.server_us : f.wall_us);
    int64_t most_us = e->starter->env->request_timeout_us;

    return now_of(e->starter) + (!f.knows_time || in_us > most_us ? most_us : in_us > SECOND_US ? in_us : SECOND_US);
}

/* --- asking --- */

static void look(struct start *e, bool is_read);

/* What was asked has ended; false: nobody wants to know any more, and it is gone. */
static bool go_on(struct start *e)
{
    struct starter *s = e->starter;

    e->is_asked = false;
    if (e->is_wanted && call_of(e))
        return true;
    forget(s, e);
    set_timer(s);
    return false;
}

static void on_trouble(struct start *e, const struct tg_trouble *t)
{
    int64_t wait_us;

    start_describe(t, e->why);
    if (start_after(t->answer, e->tries++, &wait_us) == START_REFUSED)
        miss(e, call_of(e), e->why);
    else
        put(e, now_of(e->starter) + wait_us);
}

static void on_started(void *ctx, const struct tg_step_outcome *outcome)
{
    struct start *e = ctx;

    if (outcome->end == TG_STEP_DONE)
        log_info("tg", "account %s: the scheduled call %" PRId64 " was started at its date",
                 tg_account_name(e->key.account), e->key.id);
    if (!go_on(e))
        return;
    if (outcome->end == TG_STEP_TROUBLE)
        on_trouble(e, &outcome->trouble);
    else if (outcome->end == TG_STEP_DONE) /* and yet it is scheduled: what was read last is older */
        put(e, now_of(e->starter) + SECOND_US);
    else
        miss(e, call_of(e), "Telegram knows no such call");
}

static void on_read(void *ctx, const struct tg_step_outcome *outcome)
{
    struct start *e = ctx;

    if (!go_on(e))
        return;
    if (outcome->end == TG_STEP_DONE)
        look(e, true);
    else if (outcome->end == TG_STEP_TROUBLE)
        on_trouble(e, &outcome->trouble);
    else
        miss(e, call_of(e), "Telegram knows no such call");
}

static void ask(struct start *e, const struct tg_call *call, bool is_read)
{
    int64_t deadline_us = deadline_of(e, call);

    e->is_asked = true;
    if (is_read)
        tg_call_step(e->key.account, e->key.id, "phone.startScheduledGroupCall", json_object(), deadline_us, on_started,
                     e);
    else
        tg_call_step(e->key.account, e->key.id, "phone.getGroupCall", json_pack("{s:i}", "limit", 1), deadline_us,
                     on_read, e);
}

/* The looks of all that wait come together. */
static int64_t next_look(const struct starter *s)
{
    return (now_of(s) / STARTER_LOOK_US + 1) * STARTER_LOOK_US;
}

static void wait_for_date(struct start *e, int64_t wait_us)
{
    int64_t at_us = now_of(e->starter) + wait_us, look_us = next_look(e->starter);

    e->tries = 0;
    e->why[0] = 0;
    put(e, at_us < look_us ? at_us : look_us);
}

static void look(struct start *e, bool is_read)
{
    struct tg_call *call = call_of(e);
    int64_t wait_us = 0;

    if (!call) {
        forget(e->starter, e);
        return;
    }
    struct start_facts facts = facts_of(e, call);
    switch (start_judge(&facts, &wait_us)) {
    case START_WAIT:
        wait_for_date(e, wait_us);
        break;
    case START_ASK:
        ask(e, call, is_read);
        break;
    case START_MISSED:
        miss(e, call, e->why[0] ? e->why : "its date came, and went by, while the daemon could not start it");
        break;
    }
}

static void on_timer(void *ctx)
{
    struct starter *s = ctx;
    struct due *d;
    int64_t now_us = now_of(s);

    s->timer_us = INT64_MAX;
    while ((d = due_take(&s->line, now_us)) != NULL)
        look((struct start *)d, false);
    set_timer(s);
}

/* --- what is wished --- */

static struct start *find(struct starter *s, struct tg_account *a, int64_t id)
{
    struct start_key key = {.account = a, .id = id};
    struct start *e;

    HASH_FIND(hh, s->by_key, &key, sizeof(key), e);
    return e;
}

static struct start *add(struct starter *s, struct tg_account *a, int64_t id)
{
    struct start *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    e->key.account = a;
    e->key.id = id;
    e->starter = s;
    HASH_ADD(hh, s->by_key, key, sizeof(e->key), e);
    if (e->hh.tbl)
        return e;
    free(e);
    return NULL;
}

void starter_call_changed(struct starter *s, struct tg_account *a, const struct tg_call *call, enum tg_change change)
{
    bool wanted = change != TG_FORGOTTEN && tg_call_is_to_start(call) && !s->is_stopped;
    struct start *e = s->by_key ? find(s, a, call->id) : NULL;

    if (!wanted) {
        if (e)
            forget(s, e);
        set_timer(s);
        return;
    }
    if (!e && !(e = add(s, a, call->id))) {
        log_error("tg", "out of memory: account %s's scheduled call %" PRId64 " is not started", tg_account_name(a),
                  call->id);
        return;
    }
    e->is_wanted = true;
    /* From the timer: who tells of a change is in the midst of it. What came to nothing keeps its pause. */
    if (!e->is_asked && !(e->due.place && e->tries))
        put(e, now_of(s));
}

void starter_account_changed(struct starter *s, struct tg_account *a)
{
    if (tg_account_state(a) != TG_ACCOUNT_READY)
        return;
    for (struct start *e = s->by_key; e; e = e->hh.next)
        if (e->key.account == a && !e->is_asked) {
            e->tries = 0;
            put(e, now_of(s));
        }
}

static void leave(struct starter *s, const struct tg_account *a)
{
    struct start *e, *next;

    HASH_ITER (hh, s->by_key, e, next)
        if (!a || e->key.account == a)
            forget(s, e);
    set_timer(s);
}

void starter_leave(struct starter *s, const struct tg_account *a)
{
    leave(s, a);
}

void starter_stop(struct starter *s)
{
    s->is_stopped = true;
    leave(s, NULL);
}

/* --- the room --- */

int starter_new(const struct tg_env *env, int64_t late_max_us, struct starter **ret)
{
    struct starter *s = calloc(1, sizeof(*s));

    if (!s)
        return TGC_ENOMEM;
    s->env = env;
    s->late_max_us = late_max_us > STARTER_MOMENT_US ? late_max_us : STARTER_MOMENT_US;
    s->timer_us = INT64_MAX;
    if (net_timer_new(env->loop, on_timer, s, &s->timer) != 0) {
        free(s);
        return TGC_ENOMEM;
    }
    *ret = s;
    return 0;
}

void starter_free(struct starter *s)
{
    if (!s)
        return;
    starter_stop(s);
    net_timer_free(s->timer);
    due_fini(&s->line);
    free(s);
}
