/* Accounts come to live here, and the directory follows what they become: what others must know to choose one, and that
 * no two speak by one key. */
#include <stdio.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/tg/account/inside.h"
#include "daemon/worker/worker_internal.h"

_Static_assert((int)TG_ACCOUNT_KEYS_MAX <= (int)DIRECTORY_KEYS_MAX, "an account's keys fit into the directory");

static void on_account_changed(void *ctx, struct tg_account *account)
{
    struct worker *w = ctx;

    directory_set_ready(w->config.workers->directory, tg_account_name(account),
                        tg_account_state(account) == TG_ACCOUNT_READY);
    starter_account_changed(w->starter, account);
    live_account_changed(w->live, account);
    schedules_account_changed(w->schedules, account);
}

static int set_keys(const struct worker *w, const struct tg_account *account)
{
    uint64_t ids[TG_ACCOUNT_KEYS_MAX];
    size_t n = tg_account_key_ids(account, ids);

    return directory_set_keys(w->config.workers->directory, tg_account_name(account), ids, n);
}

/* A key that was made just now is nobody else's. */
static void on_keys_changed(void *ctx, struct tg_account *account)
{
    int err = set_keys(ctx, account);

    if (err && err != TGC_EUNKNOWN)
        log_warning("worker", "account %s: that its key comes a second time would not be noticed: %s",
                    tg_account_name(account), tgc_err_text(err));
}

static enum directory_phase phase_of(const struct tg_call *call)
{
    return call->state == TG_CALL_ACTIVE      ? DIRECTORY_ACTIVE
           : call->state == TG_CALL_SCHEDULED ? DIRECTORY_SCHEDULED
                                              : DIRECTORY_ENDED;
}

/* Without memory the call is found by its account's name alone. */
static void on_call_changed(void *ctx, struct tg_account *account, const struct tg_call *call, enum tg_change change)
{
    struct worker *w = ctx;
    struct directory *d = w->config.workers->directory;

    /* One that is on its way out wishes for nothing. */
    if (call->auto_start == TG_AUTO_START_NONE || accounts_has(&w->accounts, account))
        starter_call_changed(w->starter, account, call, change);
    if (change == TG_FORGOTTEN)
        directory_drop_call(d, call->id, tg_account_name(account));
    else if (change != TG_CHANGED &&
             directory_put_call(d, call->id, tg_account_name(account), call->created_here) == TGC_ENOMEM)
        log_warning("worker", "out of memory for the directory of calls");
    if (change != TG_FORGOTTEN)
        directory_set_call(d, call->id, phase_of(call));
}

static void on_account_told(void *ctx, struct tg_account *account, int state_before, const char *reason_before)
{
    const struct worker *w = ctx;

    if (w->tell && accounts_has(&w->accounts, account))
        tell_account(w->tell, account, state_before, reason_before);
}

static void on_call_told(void *ctx, struct tg_account *account, const struct tg_call *call,
                         const struct tg_call_news *news)
{
    const struct worker *w = ctx;

    if (!accounts_has(&w->accounts, account))
        return;
    if (w->tell)
        tell_call(w->tell, account, call, news);
    live_call_told(w->live, account, call, news);
    schedules_call_told(w->schedules, account, call);
}

static void on_update_told(void *ctx, struct tg_account *account, const struct tg_update *update)
{
    const struct worker *w = ctx;

    meter_add(w->env.meter, METER_UPDATES, 1);
    if (update->date)
        meter_time(w->env.meter, METER_UPDATE_LAG, clock_wall_us(w->env.clock) - update->date * SECOND_US);
    if (!accounts_has(&w->accounts, account))
        return;
    if (w->tell)
        tell_update(w->tell, account, update);
    live_update_told(w->live, account, update);
}

static void on_updates_missed(void *ctx, struct tg_account *account, int64_t channel_id)
{
    const struct worker *w = ctx;

    meter_add(w->env.meter, METER_UPDATES_MISSED, 1);
    if (w->tell && accounts_has(&w->accounts, account))
        tell_updates_missed(w->tell, account, channel_id);
}

void worker_listen(struct worker *w)
{
    w->listener = (struct tg_listener){.account_changed = on_account_changed,
                                       .keys_changed = on_keys_changed,
                                       .call_changed = on_call_changed,
                                       .account_told = on_account_told,
                                       .call_told = on_call_told,
                                       .update_told = on_update_told,
                                       .updates_missed = on_updates_missed,
                                       .ctx = w};
    w->env.listener = &w->listener;
}

static int take_in(struct worker *w, struct tg_account *account)
{
    struct directory *d = w->config.workers->directory;
    int err = directory_put(d, tg_account_name(account), w->index);

    if (err)
        return err;
    err = accounts_put(&w->accounts, account);
    if (err)
        directory_drop(d, tg_account_name(account));
    return err;
}

int worker_adopt(struct worker *w, struct tg_account *account)
{
    int err = take_in(w, account);

    if (err)
        return err;
    err = set_keys(w, account);
    if (err) {
        accounts_drop(&w->accounts, account);
        directory_drop(w->config.workers->directory, tg_account_name(account));
    } else if (w->tell)
        tell_account_made(w->tell, account);
    return err == TGC_EEXIST ? TGC_EBUSY : err;
}

/* The one that came first keeps it: Telegram would end both. */
static void part_from_key(struct worker *w, struct tg_account *account)
{
    struct directory_pick holder = {.account = "another"};
    uint64_t ids[TG_ACCOUNT_KEYS_MAX];
    size_t n = tg_account_key_ids(account, ids);
    char reason[128];

    for (size_t i = 0; i < n; i++)
        if (directory_find_key(w->config.workers->directory, ids[i], NULL, &holder))
            break;
    snprintf(reason, sizeof(reason), "its session is that of account %s too", holder.account);
    log_error("worker", "account %s: %s, which goes on with it: it was imported twice", tg_account_name(account),
              reason);
    account_end_login(account, TG_ACCOUNT_DUPLICATED, reason,
                      "Remove it with DELETE /v1/accounts/{account}, or log in with POST /v1/accounts/{account}/login");
}

int worker_adopt_restored(void *worker, struct tg_account *account)
{
    struct worker *w = worker;
    int err = take_in(w, account);

    if (err)
        return err;
    err = set_keys(w, account);
    if (err == TGC_EEXIST)
        part_from_key(w, account);
    else if (err) {
        accounts_drop(&w->accounts, account);
        directory_drop(w->config.workers->directory, tg_account_name(account));
        return err;
    }
    on_account_changed(w, account);
    return 0;
}
