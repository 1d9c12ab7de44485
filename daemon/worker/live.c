#include "daemon/worker/live.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/bridge/choose.h"
#include "daemon/worker/live_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/tell_live.h"

/* The wait for a time of Telegram's clock is broken off so often, to look whether the clock is still what it was. */
#define STEP_US (60 * SECOND_US)

static int64_t now_us(const struct live *live)
{
    return clock_mono_us(live->worker->env.clock);
}

/* --- the table --- */

static void key_of(struct live_key *key, const char *account, enum peer_kind kind, int64_t peer_id)
{
    memset(key, 0, sizeof(*key));
    snprintf(key->account, sizeof(key->account), "%s", account);
    key->peer_kind = kind;
    key->peer_id = peer_id;
}

struct live_wish *live_find(struct live *live, const char *account, enum peer_kind kind, int64_t peer_id)
{
    struct live_key key;
    struct live_wish *w;

    key_of(&key, account, kind, peer_id);
    HASH_FIND(hh, live->by_key, &key, sizeof(key), w);
    return w;
}

static void count(struct live_wish *w, enum live_state state, int by)
{
    static const enum meter_number numbers[LIVE_STATES] = {[LIVE_RUNNING] = METER_LIVE_RUNNING,
                                                           [LIVE_RECREATING] = METER_LIVE_RECREATING,
                                                           [LIVE_PAUSED] = METER_LIVE_PAUSED};

    meter_add(w->live->worker->env.meter, numbers[state], by);
}

struct live_wish *live_add(struct live *live, const char *account, enum peer_kind kind, int64_t peer_id)
{
    struct live_wish *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    key_of(&w->key, account, kind, peer_id);
    w->live = live;
    w->is_still = true;
    w->state = LIVE_RECREATING;
    w->number = 1;
    HASH_ADD(hh, live->by_key, key, sizeof(w->key), w);
    if (w->hh.tbl) {
        count(w, w->state, 1);
        return w;
    }
    free(w);
    return NULL;
}

static void set_timer(struct live *live)
{
    const struct due *first = due_first(&live->line);
    int64_t at_us = first ? first->at_us : INT64_MAX;

    if (at_us == live->timer_us)
        return;
    live->timer_us = at_us;
    net_timer_set(live->timer, at_us);
}

/* Only its account's end comes before that of the removal which they wait for. */
static void answer_pending(struct live_wish *w)
{
    struct job *job;

    while ((job = w->pending) != NULL) {
        w->pending = job->next;
        job->next = NULL;
        op_reply_problem(job, choose_no_account(w->key.account));
    }
}

void live_drop(struct live_wish *w)
{
    struct live *live = w->live;

    answer_pending(w);
    count(w, w->state, -1);
    own_job_leave(w->job);
    due_drop(&live->line, &w->due);
    set_timer(live);
    if (w->hh.tbl) /* else memory was gone as it was to be put there */
        HASH_DEL(live->by_key, w);
    json_decref(w->title);
    json_decref(w->attempt.body);
    free(w);
}

size_t live_count(const struct live *live, const char *account)
{
    size_t n = 0;

    for (const struct live_wish *w = live->by_key; w; w = w->hh.next)
        n += strcmp(w->key.account, account) == 0;
    return n;
}

struct tg_account *live_account(const struct live_wish *w)
{
    return accounts_find(&w->live->worker->accounts, w->key.account);
}

int64_t live_now_us(const struct live_wish *w)
{
    const struct tg_account *a = live_account(w);
    int64_t us;

    return a && tg_account_server_us(a, &us) ? us : clock_wall_us(w->live->worker->env.clock);
}

int64_t live_now_s(const struct live_wish *w)
{
    return live_now_us(w) / SECOND_US;
}

/* --- its state --- */

void live_explain(struct live_wish *w, const char *reason, const char *remedy)
{
    snprintf(w->reason, sizeof(w->reason), "%s", reason ? reason : "");
    snprintf(w->remedy, sizeof(w->remedy), "%s", remedy ? remedy : "");
}

void live_set(struct live_wish *w, enum live_state state, enum live_why why, int64_t retry_at_s, const char *what)
{
    enum live_state before = w->state;
    bool is_news = what || state != before || why != w->why;

    w->state = state;
    w->why = why;
    w->retry_at_s = retry_at_s;
    if (why == LIVE_WHY_NONE)
        live_explain(w, NULL, NULL);
    if (state != before) {
        count(w, before, -1);
        count(w, state, 1);
    }
    if (!is_news)
        return;
    live_write(w, NULL, NULL);
    if (w->live->worker->tell)
        tell_live(w->live->worker->tell, w, what ? what : "changed", before);
}

void live_restore_state(struct live_wish *w, enum live_state state, enum live_why why)
{
    count(w, w->state, -1);
    count(w, state, 1);
    w->state = state;
    w->why = why;
}

static bool is_of_another(const struct live_wish *w, const struct tg_account *a)
{
    int64_t self = tg_account_self_id(a);

    return w->user_id && self && self != w->user_id;
}

static void explain_account(struct live_wish *w, const struct tg_account *a)
{
    char text[LIVE_WHY_SIZE];

    if (is_of_another(w, a)) {
        live_explain(w, "the account is logged in as another user than when this was wished for",
                     "Wish for it anew with PUT, or end the wish with DELETE");
        return;
    }
    const char *why = tg_account_reason(a);
    snprintf(text, sizeof(text), "the account is not ready: it is %s%s%s", tg_account_state_text(tg_account_state(a)),
             why ? ": " : "", why ? why : "");
    live_explain(w, text, tg_account_remedy(a));
}

static void explain(struct live_wish *w, enum live_why why, const struct tg_account *a)
{
    char text[LIVE_WHY_SIZE];

    if (why == LIVE_WHY_ACCOUNT) {
        explain_account(w, a);
    } else if (why == LIVE_WHY_SCHEDULED) {
        live_explain(w, "the chat has a scheduled call, which another create would end",
                     "It goes on by itself when that call runs or has ended: start or end it, or wait for it");
    } else if (why == LIVE_WHY_LIMIT) {
        snprintf(text, sizeof(text), "%d calls were made anew within an hour, which is as many as are wished for",
                 w->max_per_hour);
        live_explain(w, text, "It goes on by itself at retry_at; see who ends the calls, or raise max_per_hour");
    }
}

/* --- what is to be done --- */

struct tg_call *live_call(const struct live_wish *w)
{
    struct tg_account *a = live_account(w);
    struct tg_call *call = a && w->call_id ? tg_calls_find(tg_account_calls(a), w->call_id) : NULL;

    return call && call->state != TG_CALL_DISCARDED ? call : NULL;
}

/* A basic group that became a channel is that one. */
static struct tg_call *call_of_chat(const struct live_wish *w, struct tg_account *a)
{
    const struct tg_peer *peer = tg_peers_find(tg_account_peers(a), (enum peer_kind)w->key.peer_kind, w->key.peer_id);
    struct tg_call *call = NULL;

    if (!peer || tg_known_chat(tg_account_known(a), peer->kind, peer->id, &call) != TG_CHAT_CALL)
        return NULL;
    return call;
}

/* What took the place of a call that ran a moment ago ended it; else its end was not seen. */
static void take(struct live_wish *w, const struct tg_call *call)
{
    bool is_seen = w->end.call_id == w->call_id;

    if (w->call_id && (w->is_sure || !is_seen)) {
        w->end.how = w->is_sure ? LIVE_END_REPLACED : LIVE_END_ENDED;
        w->end.at_s = is_seen ? w->end.at_s : live_now_s(w);
        w->end.has_by &= is_seen;
        w->end.call_id = w->call_id;
    }
    w->call_id = call->id;
}

static enum live_chat chat_of(struct live_wish *w, struct tg_account *a)
{
    const struct tg_call *call = live_call(w), *other = call ? NULL : call_of_chat(w, a);

    if (other && other->state == TG_CALL_ACTIVE)
        take(w, other);
    call = other ? other : call;
    return !call ? LIVE_CHAT_OPEN : call->state == TG_CALL_ACTIVE ? LIVE_CHAT_RUNS : LIVE_CHAT_SCHEDULED;
}

static struct live_facts facts_of(struct live_wish *w, struct tg_account *a)
{
    int64_t now_s = live_now_s(w);

    (void)live_clamp_times(w->times_s, w->times_n, now_s);
    return (struct live_facts){
        .is_ready = tg_account_state(a) == TG_ACCOUNT_READY && !is_of_another(w, a),
        /* What is on record of the call that the attempt is to replace may be older than its end. */
        .chat = w->must_look && w->attempt.body ? LIVE_CHAT_OPEN : chat_of(w, a),
        .must_look = w->must_look,
        .is_refused = w->is_refused,
        .look_at_us = w->look_at_us,
        .pause_until_us = w->pause_until_us,
        .counts = w->call_id != 0 && !w->attempt.body,
        .times_s = w->times_s,
        .times_n = w->times_n,
        .max_per_hour = w->max_per_hour,
        .now_us = now_us(w->live),
        .now_s = now_s,
    };
}

static void run(struct live_wish *w)
{
    bool is_made = live_settle(w);

    w->must_look = w->is_refused = false;
    w->refusals = w->tries = 0;
    w->pause_until_us = 0;
    w->is_sure = true;
    live_set(w, LIVE_RUNNING, LIVE_WHY_NONE, 0, is_made ? "recreated" : NULL);
}

static void wait_for(struct live_wish *w, const struct live_verdict *v, const struct tg_account *a)
{
    int64_t now = now_us(w->live), retry_at_s = v->wait_us < 0 ? 0 : live_now_s(w) + v->wait_us / SECOND_US;

    explain(w, v->why, a);
    live_set(w, v->why == LIVE_WHY_TROUBLE ? LIVE_RECREATING : LIVE_PAUSED, v->why, retry_at_s, NULL);
    if (v->wait_us >= 0)
        live_put(w, now + (v->wait_us < STEP_US ? v->wait_us : STEP_US));
}

void live_look(struct live_wish *w)
{
    struct tg_account *a = live_account(w);

    due_drop(&w->live->line, &w->due);
    if (!a || w->is_asked || w->is_still || w->is_going || w->live->is_stopped)
        return;
    struct live_facts facts = facts_of(w, a);
    struct live_verdict v = live_judge(&facts);
    w->is_sure = false;
    switch (v.word) {
    case LIVE_RUNS:
        run(w);
        break;
    case LIVE_WAIT:
        wait_for(w, &v, a);
        break;
    case LIVE_LOOK:
        live_ask_look(w);
        break;
    case LIVE_CREATE:
        live_set(w, LIVE_RECREATING, LIVE_WHY_NONE, 0, NULL);
        live_ask_create(w);
        break;
    }
}

void live_put(struct live_wish *w, int64_t at_us)
{
    struct live *live = w->live;

    if (w->is_asked || w->is_still || w->is_going || live->is_stopped)
        return;
    if (due_put(&live->line, &w->due, at_us ? at_us : now_us(live)) != 0)
        log_error("worker", "out of memory: account %s: no call is kept live in a chat until the next change",
                  w->key.account);
    set_timer(live);
}

static void on_timer(void *ctx)
{
    struct live *live = ctx;
    struct due *d;
    int64_t now = now_us(live);

    live->timer_us = INT64_MAX;
    while ((d = due_take(&live->line, now)) != NULL)
        if (live_follow((struct live_wish *)d))
            live_look((struct live_wish *)d);
    set_timer(live);
}

/* --- the room --- */

void live_go_on(struct live *live)
{
    for (struct live_wish *w = live->by_key; w; w = w->hh.next) {
        w->is_still = false;
        live_put(w, 0);
    }
}

void live_forget_account(struct live *live, const char *account)
{
    struct live_wish *w, *next;

    HASH_ITER (hh, live->by_key, w, next)
        if (strcmp(w->key.account, account) == 0)
            live_drop(w);
}

int live_new(struct worker *w, struct live **ret)
{
    struct live *live = calloc(1, sizeof(*live));

    if (!live)
        return TGC_ENOMEM;
    live->worker = w;
    live->timer_us = INT64_MAX;
    if (net_timer_new(w->loop, on_timer, live, &live->timer) != 0) {
        free(live);
        return TGC_ENOMEM;
    }
    *ret = live;
    return 0;
}

void live_stop(struct live *live)
{
    live->is_stopped = true;
    for (struct live_wish *w = live->by_key; w; w = w->hh.next)
        own_job_leave(w->job);
}

void live_free(struct live *live)
{
    struct live_wish *w, *next;

    if (!live)
        return;
    HASH_ITER (hh, live->by_key, w, next)
        live_drop(w);
    net_timer_free(live->timer);
    due_fini(&live->line);
    free(live);
}

bool live_is_kept(const struct live *live)
{
    return !live->asked_n;
}
