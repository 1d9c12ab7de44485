#include "daemon/tg/account/request.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/meter.h"

/* Where there was no memory to send with: nothing tells when there is. */
enum { MEMORY_PAUSE_MS = 50 };

void request_set(struct tg_request *r, enum tg_request_state state)
{
    static const bool legal[REQUEST_STATES][REQUEST_STATES] = {
        [REQUEST_QUEUED] = {[REQUEST_SENT] = true, [REQUEST_DELAYED] = true, [REQUEST_DONE] = true},
        [REQUEST_SENT] = {[REQUEST_QUEUED] = true, [REQUEST_UNKNOWN] = true, [REQUEST_DONE] = true},
        [REQUEST_DELAYED] = {[REQUEST_QUEUED] = true, [REQUEST_DONE] = true},
        [REQUEST_UNKNOWN] = {[REQUEST_DONE] = true},
        [REQUEST_DONE] = {[REQUEST_DONE] = true},
    };

    assert(legal[r->state][state]);
    r->account->unknown_n += (state == REQUEST_UNKNOWN) - (r->state == REQUEST_UNKNOWN);
    r->state = state;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t request_due_us(const struct tg_request *r)
{
    switch (r->state) {
    case REQUEST_SENT:
    case REQUEST_DELAYED:
        return sooner(r->until_us, r->deadline_us);
    case REQUEST_UNKNOWN:
        return r->until_us;
    case REQUEST_DONE:
        return 0;
    default:
        return r->deadline_us;
    }
}

void request_leave_session(struct tg_request *r)
{
    struct tg_account *a = r->account;

    if (!r->number)
        return;
    if (a->client) {
        r->may_have_run |= tg_client_may_have_run(a->client, r->number);
        tg_client_forget(a->client, r->number);
    }
    HASH_DEL(a->by_number, r);
    r->number = 0;
    if (a->waits_for_room)
        account_wake_at(a, 0);
}

void request_unsend(struct tg_request *r)
{
    request_leave_session(r);
    request_set(r, REQUEST_QUEUED);
}

void request_delay(struct tg_request *r, int64_t wait_us)
{
    request_set(r, REQUEST_DELAYED);
    r->until_us = tg_now(r->account->env) + wait_us;
    account_wake_at(r->account, request_due_us(r));
}

/* Its end is known, but nobody may be called from here. */
static void settle(struct tg_request *r, int err)
{
    request_leave_session(r);
    request_set(r, REQUEST_DONE);
    r->err = err;
    account_wake_at(r->account, 0);
}

/* Whether it has to wait for its gate, which is asked once it could go. */
static bool is_barred(const struct tg_request *r)
{
    struct tg_gate *gate = r->gate;

    if (!gate || gate->is_open || gate->is_shut)
        return false;
    if (!gate->is_asked && tg_client_connection(r->account->client)->state == TG_CONNECTION_READY) {
        gate->is_asked = true;
        gate->wanted(gate);
    }
    return !gate->is_open && !gate->is_shut;
}

static bool is_void(const struct tg_request *r)
{
    return r->done && r->holds && !r->holds(r->ctx);
}

void request_hold(struct tg_request *r)
{
    if (r->state != REQUEST_SENT || !is_void(r))
        return;
    int err = tg_client_expire(r->account->client, r->number);
    if (err == 0)
        r->until_us = INT64_MAX; /* it is on its way, and is not asked again */
    else
        settle(r, err == TGC_ELOST || r->may_have_run ? TGC_ELOST : TGC_ETIMEOUT);
}

void request_try_send(struct tg_request *r)
{
    struct tg_account *a = r->account;
    int64_t now = tg_now(a->env);
    uint64_t number;

    if (r->state != REQUEST_QUEUED || !a->client || (a->moving_to && !(r->flags & TG_INVOKE_MOVE)) ||
        r->deadline_us <= now)
        return;
    if (is_barred(r) || r->state != REQUEST_QUEUED) /* a gate that opens at once lets it out from there */
        return;
    if (r->gate && r->gate->is_shut) {
        settle(r, r->may_have_run ? TGC_ELOST : TGC_ETIMEOUT);
        return;
    }
    if (r->may_have_run && !r->repeatable) {
        settle(r, TGC_ELOST);
        return;
    }
    if (is_void(r)) {
        settle(r, r->may_have_run ? TGC_ELOST : TGC_ETIMEOUT);
        return;
    }
    int err = tg_client_send(a->client, r->query.data, r->query.len, &number);
    if (err == TGC_ESTATE)
        return; /* no session yet: on_session comes */
    if (err == TGC_ELIMIT) {
        a->waits_for_room = true;
        return;
    }
    if (!err) {
        r->number = number;
        HASH_ADD(hh, a->by_number, number, sizeof(r->number), r);
        if (!r->hh.tbl) {
            tg_client_forget(a->client, number);
            r->number = 0;
            err = TGC_ENOMEM;
        }
    }
    if (err) {
        request_delay(r, MEMORY_PAUSE_MS * INT64_C(1000));
        return;
    }
    if (!r->doubt.what)
        r->doubt = account_doubt(a, &r->effect);
    if (!r->repeatable)
        tg_client_once(a->client, number);
    request_set(r, REQUEST_SENT);
    r->until_us = r->repeatable ? now + REQUEST_REPEAT_US : INT64_MAX;
    account_wake_at(a, request_due_us(r));
}

bool request_can_wait(const struct tg_request *r, int64_t wait_us)
{
    const struct tg_env *env = r->account->env;

    return !(r->flags & TG_INVOKE_ONCE) && wait_us <= env->flood_wait_max_us && tg_now(env) + wait_us < r->deadline_us;
}

/* --- its end --- */

static void drop(struct tg_request *r)
{
    request_set(r, REQUEST_DONE);
    DL_DELETE(r->account->requests, r);
    buf_fini(&r->query); /* codes and password proofs pass through here */
    free(r);
}

/* How it ended, in a few words that do not grow with Telegram's. */
static const char *outcome_of(const struct tg_answer *answer)
{
    if (answer->outcome == TG_RESULT)
        return "ok";
    if (answer->outcome == TG_RPC_ERROR)
        return answer->error->code == 420   ? "flood_wait"
               : answer->error->code >= 500 ? "unavailable"
               : answer->error->code < 0    ? "unavailable"
                                            : "refused";
    return answer->executed ? "unread" : answer->sent ? "lost" : "unsent";
}

static void count(const struct tg_request *r, const struct tg_answer *answer)
{
    const struct tg_env *env = r->account->env;

    if (env->meter)
        meter_time_named(env->meter, METER_RPC, r->method->name, outcome_of(answer), 0, tg_now(env) - r->begun_us);
}

/* The request is gone before its caller hears: the caller may ask again, or free what CTX points to. */
void request_finish(struct tg_request *r, struct tg_answer *answer)
{
    struct tg_account *a = r->account;
    struct tg_effect effect = r->effect, doubt = r->doubt;
    tg_answer_fn *done = r->done;
    void *ctx = r->ctx;
    struct mt_rpc_error error = r->error;

    request_leave_session(r);
    answer->method = r->method;
    answer->mark = r->mark;
    answer->executed |= answer->outcome == TG_RESULT;
    answer->sent = r->may_have_run || answer->executed;
    if (answer->outcome == TG_RPC_ERROR)
        answer->error = &error;
    if (r->gate)
        r->gate->is_out |= answer->sent;
    count(r, answer);
    drop(r);
    if (answer->sent && answer->outcome != TG_RESULT)
        account_unsettle(a, &effect);
    if (answer->sent)
        account_acted(a, &effect, answer->call_id ? answer->call_id : answer->ended_id);
    /* The doubt last: in between nobody would be held to it, and nobody told. */
    account_undoubt(a, &doubt);
    if (done)
        done(ctx, answer);
}

void request_finish_error(struct tg_request *r)
{
    request_finish(r, &(struct tg_answer){.outcome = TG_RPC_ERROR});
}

void request_finish_unread(struct tg_request *r, int err, const char *detail)
{
    request_finish(r, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail, .executed = true});
}

void request_finish_failed(struct tg_request *r, int err, const char *detail)
{
    request_finish(r, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

void request_settle_error(struct tg_request *r)
{
    settle(r, 0);
}

void request_settle_lost(struct tg_request *r)
{
    settle(r, TGC_ELOST);
}

void request_settle_unsent(struct tg_request *r)
{
    settle(r, TGC_ETIMEOUT);
}

void request_finish_settled(struct tg_request *r)
{
    if (!r->err)
        request_finish_error(r);
    else if (r->err == TGC_ETIMEOUT)
        request_finish_failed(r, r->err, "the request did not reach Telegram in time");
    else
        request_finish_failed(r, r->err, "the request was sent, and whether it was carried out will not be known");
}
