#include "daemon/worker/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/base/log.h"
#include "daemon/store/account_rows.h"
#include "daemon/store/key_rows.h"
#include "daemon/tg/account/note.h"
#include "daemon/worker/records_internal.h"

/* So long after the first change it is written, with all that came meanwhile. */
enum { PACE_MS = 250 };

/* --- when --- */

void records_set_timer(struct records *r, int64_t in_us)
{
    if (r->timer_is_set)
        return;
    r->timer_is_set = true;
    net_timer_set(r->timer, clock_mono_us(r->host.env->clock) + in_us);
}

void records_leave(struct records *r, const struct tg_account *account)
{
    for (size_t i = 0; i < r->noted_n; i++)
        if (r->noted[i] == account)
            r->noted[i--] = r->noted[--r->noted_n];
}

void records_flush(struct records *r)
{
    r->timer_is_set = false;
    for (size_t n = r->noted_n; n > 0 && r->noted_n; n--)
        if (records_keep(r, r->noted[r->noted_n - 1], NULL, NULL) != 0) {
            records_set_timer(r, RECORDS_RETRY_S * SECOND_US);
            return;
        }
}

static void on_timer(void *ctx)
{
    records_flush(ctx);
}

static void on_noted(void *ctx, struct tg_account *account)
{
    struct records *r = ctx;

    if (!accounts_has(r->host.accounts, account)) {
        (void)tg_account_take_note(account); /* not one of ours yet, or not any more */
        return;
    }
    if (r->noted_n == r->noted_cap) {
        size_t cap = r->noted_cap ? 2 * r->noted_cap : 16;
        struct tg_account **noted = realloc(r->noted, cap * sizeof(struct tg_account *));
        if (!noted) {
            (void)tg_account_take_note(account); /* the next change is noted again */
            return;
        }
        r->noted = noted;
        r->noted_cap = cap;
    }
    r->noted[r->noted_n++] = account;
    records_set_timer(r, PACE_MS * 1000);
}

/* --- keys --- */

struct kept_key {
    struct records *records;
    struct tg_commit *commit;
};

static void on_key_kept(void *ctx, int err, const char *why)
{
    struct kept_key k = *(struct kept_key *)ctx;

    free(ctx);
    k.records->asked_n--;
    tg_commit_done(k.commit, err, why);
}

int records_note_unreadable(struct records *r, const char *name)
{
    char(*list)[RECORDS_NAME] = realloc(r->unreadable, (r->unreadable_n + 1) * sizeof(*list));

    if (!list)
        return TGC_ENOMEM;
    r->unreadable = list;
    snprintf(list[r->unreadable_n++], sizeof(*list), "%s", name);
    return 0;
}

static size_t find_unreadable(const struct records *r, const char *name)
{
    size_t i = 0;

    while (i < r->unreadable_n && strcmp(r->unreadable[i], name) != 0)
        i++;
    return i;
}

bool records_is_unreadable(const struct records *r, const struct tg_account *account)
{
    return find_unreadable(r, tg_account_name(account)) < r->unreadable_n;
}

static void forget_unreadable(struct records *r, const char *name)
{
    size_t i = find_unreadable(r, name);

    if (i < r->unreadable_n)
        memmove(r->unreadable[i], r->unreadable[--r->unreadable_n], RECORDS_NAME);
}

/* With its first key what could not be read goes: it would keep the account from its next start. */
static int drop_unreadable(struct records *r, const char *name)
{
    if (find_unreadable(r, name) == r->unreadable_n)
        return 0;
    int err = store_strip_account(r->desk, name, NULL, NULL);
    if (!err)
        forget_unreadable(r, name);
    return err;
}

static void keep_key(void *ctx, struct tg_account *account, const struct tg_made_key *made, struct tg_commit *commit)
{
    struct records *r = ctx;
    struct store_key row = {.account = tg_account_name(account), .dc = made->dc, .salt = made->salt};
    struct kept_key *k = malloc(sizeof(*k));
    int err = k ? drop_unreadable(r, row.account) : TGC_ENOMEM;

    /* Whose key it is, first. */
    if (!err)
        err = records_keep(r, account, NULL, NULL);

    if (!err) {
        *k = (struct kept_key){r, commit};
        memcpy(row.key, made->key, sizeof(row.key));
        err = store_put_key(r->desk, &row, on_key_kept, k);
        sodium_memzero(&row, sizeof(row));
    }
    if (!err) {
        r->asked_n++;
        return;
    }
    free(k);
    tg_commit_done(commit, err, NULL);
}

static void on_dropped(void *ctx, int err, const char *why)
{
    struct records *r = ctx;

    r->asked_n--;
    if (err)
        log_warning("worker", "a key that is used no more is still in the store: %s", why ? why : tgc_err_text(err));
}

static void drop_key(void *ctx, struct tg_account *account, int32_t dc)
{
    struct records *r = ctx;

    if (!accounts_has(r->host.accounts, account))
        return;
    /* Which one it uses now, first. */
    if (records_keep(r, account, NULL, NULL) != 0)
        return;
    const struct tg_dcs *dcs = r->host.env->dcs;
    for (size_t i = 0; i < dcs->n; i++)
        if ((!dc || dcs->dcs[i].id == dc) &&
            store_drop_key(r->desk, tg_account_name(account), dcs->dcs[i].id, on_dropped, r) == 0)
            r->asked_n++;
}

/* --- the account goes --- */

struct record_removal {
    struct records *records;
    char name[40];
    store_done_fn *done;
    void *ctx;
};

static void on_removed(void *ctx, int err, const char *why)
{
    struct record_removal m = *(struct record_removal *)ctx;

    free(ctx);
    m.records->asked_n--;
    struct tg_account *account = accounts_find(m.records->host.accounts, m.name);
    if (err && account) { /* it stays, and what changes of it is to be written again */
        (void)tg_account_take_note(account);
        tg_account_note(account);
    }
    if (!err)
        forget_unreadable(m.records, m.name);
    m.done(m.ctx, err, why);
    /* What a last change may have written meanwhile. */
    if (!err && store_drop_account(m.records->desk, m.name, NULL, NULL) != 0)
        log_warning("worker", "account %s was removed, and its record may be there again at the next start", m.name);
}

int records_drop(struct records *r, struct tg_account *account, store_done_fn *done, void *ctx)
{
    struct record_removal *m = malloc(sizeof(*m));

    if (!m)
        return TGC_ENOMEM;
    *m = (struct record_removal){.records = r, .done = done, .ctx = ctx};
    snprintf(m->name, sizeof(m->name), "%s", tg_account_name(account));
    int err = store_drop_account(r->desk, tg_account_name(account), on_removed, m);
    if (err) {
        free(m);
        return err;
    }
    r->asked_n++;
    tg_account_note(account); /* and so not again, until it is known whether it goes */
    records_leave(r, account);
    return 0;
}

/* --- the room --- */

static void on_wake(void *ctx)
{
    store_desk_run(((struct records *)ctx)->desk);
}

static void wake(void *ctx)
{
    net_wake_signal(ctx);
}

int records_new(const struct records_host *host, struct records **ret)
{
    struct records *r = calloc(1, sizeof(*r));
    int err;

    if (!r)
        return TGC_ENOMEM;
    r->host = *host;
    r->keeper = (struct tg_keeper){.keep_key = keep_key,
                                   .drop_key = drop_key,
                                   .noted = on_noted,
                                   .keep_dc_options = records_keep_dc_options,
                                   .ctx = r};
    err = net_wake_new(host->env->loop, on_wake, r, &r->wake);
    if (!err)
        err = net_timer_new(host->env->loop, on_timer, r, &r->timer);
    if (!err)
        err = store_desk_new(host->store, wake, r->wake, &r->desk);
    if (err) {
        records_free(r);
        return err;
    }
    host->env->keeper = &r->keeper;
    *ret = r;
    return 0;
}

void records_free(struct records *r)
{
    if (!r)
        return;
    store_desk_free(r->desk);
    net_timer_free(r->timer);
    net_wake_free(r->wake);
    free(r->noted);
    free(r->unreadable);
    free(r);
}

struct store_desk *records_desk(struct records *r)
{
    return r->desk;
}

bool records_are_kept(const struct records *r)
{
    return !r->asked_n;
}

bool records_wait_for_server(const struct records *r)
{
    return store_desk_is_waiting(r->desk);
}

bool records_have_failed(const struct records *r)
{
    return r->has_failed;
}
