/* What time does to requests: waits that are over, questions asked again, deadlines, and fates that are given up. */
#include <stdio.h>

#include "daemon/base/limits.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/account/request.h"

enum { REPEATS_MAX = 2, FATE_S = 10 * 60 };

static void say_timeout(const struct tg_account *a, char *detail, size_t size)
{
    const char *trouble = tg_account_trouble(a);

    if (trouble[0])
        snprintf(detail, size, "no connection to data centre %d: %s", a->home_dc, trouble);
    else
        snprintf(detail, size, "data centre %d did not answer in time", a->home_dc);
}

/* It is on its way, and may happen or have happened. */
static void become_unknown(struct tg_request *r)
{
    struct tg_account *a = r->account;
    char detail[320];
    struct tg_answer answer = {
        .outcome = TG_NO_ANSWER, .method = r->method, .err = TGC_ETIMEOUT, .detail = detail, .sent = true};
    void *ctx = r->ctx;
    tg_answer_fn *tell = r->unknown;

    say_timeout(a, detail, sizeof(detail));
    if (r->gate)
        r->gate->is_out = true;
    r->gate = NULL;
    request_set(r, REQUEST_UNKNOWN);
    r->until_us = tg_now(a->env) + FATE_S * SECOND_US;
    if (a->unknown_n > LIMIT_UNKNOWN_REQUESTS) {
        struct tg_request *oldest = a->requests;
        while (oldest->state != REQUEST_UNKNOWN)
            oldest = oldest->next;
        request_settle_lost(oldest);
    }
    if (!tell) {
        tell = r->done;
        r->done = NULL;
    }
    struct tg_effect effect = r->effect;
    account_unsettle(a, &effect);
    tell(ctx, &answer);
}

static void time_out(struct tg_request *r)
{
    struct tg_account *a = r->account;
    char detail[320];

    if (r->state == REQUEST_SENT) {
        int err = tg_client_expire(a->client, r->number);
        if (err == 0) {
            become_unknown(r);
            return;
        }
        r->may_have_run |= err == TGC_ELOST;
    }
    say_timeout(a, detail, sizeof(detail));
    request_finish_failed(r, r->may_have_run ? TGC_ELOST : TGC_ETIMEOUT, detail);
}

/* An answer that got lost between the server and us comes by no rule of the session's: the server has acknowledged the
 * request and holds it done. What is harmless to repeat is asked again, while the link works; an answer to the first
 * question still counts. */
static void repeat_unanswered(struct tg_request *r, int64_t now)
{
    struct tg_client *client = r->account->client;

    if (r->repeats < REPEATS_MAX && tg_client_connection(client)->state == TG_CONNECTION_READY) {
        tg_client_repeat(client, r->number);
        r->repeats++;
    }
    r->until_us = r->repeats < REPEATS_MAX ? now + REQUEST_REPEAT_US : INT64_MAX;
}

/* Whether somebody may have been told, so that any request may be new, or gone. */
static bool serve(struct tg_request *r, int64_t now)
{
    if (r->state == REQUEST_DONE) {
        request_finish_settled(r);
        return true;
    }
    if (r->state == REQUEST_UNKNOWN) {
        request_settle_lost(r);
        request_finish_settled(r);
        return true;
    }
    if (r->deadline_us <= now) {
        time_out(r);
        return true;
    }
    if (r->state == REQUEST_SENT) {
        request_hold(r);
        if (r->state == REQUEST_SENT && r->until_us <= now)
            repeat_unanswered(r, now);
    } else {
        if (r->state == REQUEST_DELAYED)
            request_set(r, REQUEST_QUEUED);
        request_try_send(r);
    }
    return false;
}

void invoke_tick(struct tg_account *a)
{
    int64_t now = tg_now(a->env), next_us;
    bool again;

    if (a->waits_for_room) {
        a->waits_for_room = false;
        invoke_send_waiting(a);
    }
    do {
        struct tg_request *r;
        again = false;
        next_us = INT64_MAX;
        DL_FOREACH (a->requests, r) {
            if (request_due_us(r) <= now && serve(r, now)) {
                again = true;
                break;
            }
            if (request_due_us(r) < next_us)
                next_us = request_due_us(r);
        }
    } while (again);
    account_wake_at(a, next_us);
}
