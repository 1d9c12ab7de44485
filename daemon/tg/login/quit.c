/* An account is to go: what is under way of its login comes to its end first, and whoever is logged in then is logged
 * out. A login that nobody holds the key of would stay with Telegram for ever. */
#include <stdlib.h>

#include "daemon/base/table.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

/* What is left of a deadline after the step that was waited for may be too little to tell Telegram anything. */
#define LOGOUT_LEAST_US (5 * SECOND_US)

struct quit {
    struct tg_account *account;
    int64_t deadline_us;
    tg_step_fn *done;
    void *ctx;
    struct net_timer *timer; /* when it looks how things are */
    bool has_waited;         /* for a step that was under way */
    bool asked;              /* its logout is the step under way, which ends it */
    struct quit *prev, *next;
};

static bool is_busy(const struct tg_account *a)
{
    const struct login *l = account_login(a);

    return (l && l->step) || account_login_is_asked(a);
}

bool tg_login_is_over(const struct tg_account *a)
{
    /* A code that is shown may be scanned by somebody yet. */
    return !account_is_inside(a) && tg_account_state(a) != TG_ACCOUNT_WAIT_QR && !account_login_is_unsettled(a) &&
           !account_login_is_late(a) && !is_busy(a);
}

bool quit_is_asked(const struct tg_account *a)
{
    const struct login *l = account_login(a);

    return l && (l->quits || l->is_leaving);
}

bool tg_login_is_quitting(const struct tg_account *a)
{
    return quit_is_asked(a);
}

void tg_login_leave(struct tg_account *a, bool is_leaving)
{
    struct login *l = is_leaving ? login_of(a) : account_login(a);

    if (l)
        l->is_leaving = is_leaving;
}

static void end(struct quit *q, const struct tg_answer *failure)
{
    tg_step_fn *done = q->done;
    void *ctx = q->ctx;

    DL_DELETE(account_login(q->account)->quits, q);
    net_timer_free(q->timer);
    free(q);
    done(ctx, failure);
}

static void end_failed(struct quit *q, int err, const char *detail)
{
    end(q, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

static void on_logged_out(void *ctx, const struct tg_answer *failure)
{
    end(ctx, failure);
}

static void on_due(void *ctx)
{
    struct quit *q = ctx;
    struct fault fault = {0};

    if (tg_login_is_over(q->account)) {
        end(q, NULL);
    } else if (!is_busy(q->account) && account_login(q->account)->importing) {
        /* Whoever is logged in with that key is the other program's business. */
        import_free(q->account);
        account_let_go(q->account, "the account is removed");
        end(q, NULL);
    } else if (!is_busy(q->account)) {
        int64_t least_us = q->has_waited ? tg_now(tg_account_env(q->account)) + LOGOUT_LEAST_US : 0;
        q->asked = true;
        int err =
            logout_begin(q->account, q->deadline_us > least_us ? q->deadline_us : least_us, on_logged_out, q, &fault);
        if (err)
            end_failed(q, err, fault.text);
    } else if (tg_now(tg_account_env(q->account)) >= q->deadline_us) {
        end_failed(q, TGC_EBUSY, "another step of this account's login is under way");
    } else {
        net_timer_set(q->timer, q->deadline_us);
    }
}

void quit_look(struct tg_account *a)
{
    struct quit *q;

    if (!account_login(a))
        return;
    DL_FOREACH (account_login(a)->quits, q)
        if (!q->asked)
            net_timer_set(q->timer, 0);
}

void quit_abandon(struct tg_account *a)
{
    struct quit *q, *next;

    DL_FOREACH_SAFE(account_login(a)->quits, q, next)
    {
        if (!q->asked)
            end_failed(q, TGC_ECLOSED, "the account is closed");
    }
}

int tg_login_quit(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    struct login *l = login_of(a);
    struct quit *q = l ? calloc(1, sizeof(*q)) : NULL;

    if (!q || net_timer_new(tg_account_env(a)->loop, on_due, q, &q->timer) != 0) {
        free(q);
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    q->account = a;
    q->deadline_us = deadline_us;
    q->done = done;
    q->ctx = ctx;
    DL_APPEND(l->quits, q);
    q->has_waited = is_busy(a);
    net_timer_set(q->timer, q->has_waited ? deadline_us : 0);
    return 0;
}
