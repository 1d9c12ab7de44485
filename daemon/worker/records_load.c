/* What the process before left: the accounts of this worker, each with what it knew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/account_rows.h"
#include "daemon/store/call_rows.h"
#include "daemon/store/flood_rows.h"
#include "daemon/store/peer_rows.h"
#include "daemon/store/update_rows.h"
#include "daemon/tg/account/saved.h"
#include "daemon/tg/account/saved_updates.h"
#include "daemon/tg/login/import.h"
#include "daemon/tg/login/login.h"
#include "daemon/worker/records_internal.h"

void records_fail(struct records *r, int err, const char *why)
{
    if (r->load_err)
        return;
    r->load_err = err;
    snprintf(r->load_why, sizeof(r->load_why), "%s", why ? why : tgc_err_text(err));
}

/* --- imports that were cut short --- */

struct record_import {
    struct records *records;
    char name[40];
};

static void on_import_dropped(void *ctx, int err, const char *why)
{
    struct record_import i = *(struct record_import *)ctx;
    struct tg_account *account = accounts_find(i.records->host.accounts, i.name);

    free(ctx);
    if (err)
        log_error("worker", "account %s, whose import came to nothing, is in the store still: %s", i.name,
                  why ? why : tgc_err_text(err));
    else if (account)
        i.records->host.bury(i.records->host.ctx, account);
}

static void on_import_decided(void *ctx, struct tg_account *account, const char *why_not)
{
    struct records *r = ctx;

    if (!why_not)
        return;
    log_notice("worker",
               "account %s: its import was cut short by the end of the daemon, and its session is of no use "
               "(%s): the account is removed",
               tg_account_name(account), why_not);
    struct record_import *i = malloc(sizeof(*i));
    if (i) {
        *i = (struct record_import){.records = r};
        snprintf(i->name, sizeof(i->name), "%s", tg_account_name(account));
    }
    if (!i || records_drop(r, account, on_import_dropped, i) != 0)
        free(i); /* the next start asks again */
}

/* Nobody was told that there is such an account, and without a key it can become none. */
static int forget_import(struct records *r, const char *name)
{
    log_notice("worker",
               "account %s: its import was cut short by the end of the daemon before its session was kept: "
               "import it again",
               name);
    return store_drop_account(r->desk, name, NULL, NULL);
}

static void go_on(struct records *r, struct tg_account *account)
{
    struct tg_saved saved;

    tg_account_saved(account, &saved);
    if (!saved.is_import)
        tg_login_resume(account);
    else if (tg_import_resume(account, on_import_decided, r) != 0)
        log_error("worker", "account %s: out of memory: its import goes on at the next start", saved.name);
}

/* The last word of the store: all go on. */
static void end_load(struct records *r)
{
    r->asked_n--;
    if (--r->loads_n)
        return;
    for (size_t i = 0; i < r->host.accounts->n && !r->load_err; i++)
        go_on(r, r->host.accounts->sorted[i]);
    if (!r->load_err)
        r->host.go_on(r->host.ctx);
    r->loaded(r->loaded_ctx, r->load_err, r->load_err ? r->load_why : NULL);
}

static void begin(struct records *r)
{
    r->asked_n++;
    r->loads_n++;
}

static bool began(struct records *r, int err)
{
    if (err)
        records_fail(r, err, NULL);
    else
        begin(r);
    return !err;
}

static void load_more(struct records *r, const char *account)
{
    begin(r);
    r->host.load_more(r->host.ctx, account);
}

void records_load_one_more(struct records *r)
{
    begin(r);
}

void records_loaded_more(struct records *r)
{
    end_load(r);
}

struct load {
    struct records *records;
    struct tg_account *account;
};

static void tell_of_damage(const struct load *l, size_t damaged, const char *what)
{
    if (damaged)
        log_error("worker", "account %s: %zu %s in the store cannot be read, and are left as they are",
                  tg_account_name(l->account), damaged, what);
}

static void on_peers(void *ctx, int err, const char *why, const struct store_peer *list, size_t n, size_t damaged)
{
    struct load l = *(struct load *)ctx;

    free(ctx);
    for (size_t i = 0; i < n && !err; i++)
        err = tg_known_restore_peer(tg_account_known(l.account), &(struct tg_peer){.kind = list[i].kind,
                                                                                   .id = list[i].id,
                                                                                   .access_hash = list[i].access_hash,
                                                                                   .has_hash = list[i].has_hash,
                                                                                   .is_self = list[i].is_self,
                                                                                   .migrated_to = list[i].migrated_to});
    tell_of_damage(&l, damaged, "peers");
    if (err)
        records_fail(l.records, err, why);
    end_load(l.records);
}

/* What is none that is known is no wish. */
static enum tg_auto_start auto_start_of(const struct store_call *row)
{
    bool is_known = row->auto_start >= TG_AUTO_START_NONE && row->auto_start <= TG_AUTO_START_MISSED;

    return is_known ? (enum tg_auto_start)row->auto_start : TG_AUTO_START_NONE;
}

static int restore_call(const struct load *l, const struct store_call *row)
{
    if (row->state < TG_CALL_ACTIVE || row->state > TG_CALL_DISCARDED)
        return 0;
    struct tg_call call = {.id = row->id,
                           .access_hash = row->access_hash,
                           .has_peer = row->has_peer,
                           .peer_kind = row->peer_kind,
                           .peer_id = row->peer_id,
                           .title = (char *)row->title,
                           .title_len = row->title_len,
                           .conference = row->conference,
                           .invite_link = (char *)row->invite_link,
                           .state = (enum tg_call_state)row->state,
                           .schedule_date = row->schedule_date,
                           .duration = row->duration,
                           .rtmp_stream = row->rtmp_stream,
                           .join_muted = row->join_muted,
                           .participants_count = row->participants_count,
                           .version = row->version,
                           .created_at = row->created_at,
                           .ended_at = row->ended_at,
                           .created_here = row->created_here,
                           .end_inferred = row->end_inferred,
                           .auto_start = auto_start_of(row),
                           .missed_at = row->missed_at,
                           .missed_why = (char *)row->missed_why,
                           .is_saved = true};
    int err = tg_known_restore_call(tg_account_known(l->account), &call);
    return err == TGC_EEXIST ? 0 : err;
}

static void on_calls(void *ctx, int err, const char *why, const struct store_call *list, size_t n, size_t damaged)
{
    struct load l = *(struct load *)ctx;

    free(ctx);
    for (size_t i = 0; i < n && !err; i++)
        err = restore_call(&l, &list[i]);
    tell_of_damage(&l, damaged, "calls");
    if (err)
        records_fail(l.records, err, why);
    end_load(l.records);
}

static void on_floods(void *ctx, int err, const char *why, const struct store_flood *list, size_t n, size_t damaged)
{
    struct load l = *(struct load *)ctx;

    free(ctx);
    for (size_t i = 0; i < n && !err; i++)
        tg_account_restore_flood(l.account, &(struct tg_saved_flood){.method = list[i].method ? list[i].method : "",
                                                                     .phone = list[i].phone ? list[i].phone : "",
                                                                     .family = list[i].family,
                                                                     .has_peer = list[i].has_peer,
                                                                     .of_peer = list[i].of_peer,
                                                                     .kind = list[i].kind,
                                                                     .peer_id = list[i].peer_id,
                                                                     .code = list[i].code,
                                                                     .until_wall_us = list[i].until_wall_us});
    tell_of_damage(&l, damaged, "waits");
    if (err)
        records_fail(l.records, err, why);
    end_load(l.records);
}

static void on_updates(void *ctx, int err, const char *why, const struct store_update_state *list, size_t n,
                       size_t damaged)
{
    struct load l = *(struct load *)ctx;

    free(ctx);
    for (size_t i = 0; i < n && !err; i++)
        err = tg_account_restore_updates(l.account, &(struct tg_saved_updates){.channel_id = list[i].channel_id,
                                                                               .pts = list[i].pts,
                                                                               .qts = list[i].qts,
                                                                               .date = list[i].date,
                                                                               .seq = list[i].seq});
    tell_of_damage(&l, damaged, "states of updates");
    if (err)
        records_fail(l.records, err, why);
    end_load(l.records);
}

/* A context of each load's own. */
static struct load *load_new(struct records *r, struct tg_account *account)
{
    struct load *l = malloc(sizeof(*l));

    if (l)
        *l = (struct load){r, account};
    else
        records_fail(r, TGC_ENOMEM, NULL);
    return l;
}

static void load_rest(struct records *r, struct tg_account *account)
{
    const char *name = tg_account_name(account);
    struct load *l = load_new(r, account);

    load_more(r, name);
    if (l && !began(r, store_load_peers(r->desk, name, on_peers, l)))
        free(l);
    l = load_new(r, account);
    if (l && !began(r, store_load_calls(r->desk, name, on_calls, l)))
        free(l);
    l = load_new(r, account);
    if (l && !began(r, store_load_floods(r->desk, name, on_floods, l)))
        free(l);
    l = load_new(r, account);
    if (l && !began(r, store_load_update_states(r->desk, name, on_updates, l)))
        free(l);
}

static bool state_of(const char *text, enum tg_account_state *ret)
{
    if (strcmp(text, RECORDS_IMPORTING) == 0) {
        *ret = TG_ACCOUNT_WAIT_LOGIN;
        return true;
    }
    for (int s = 0; s <= TG_ACCOUNT_LAYER_TOO_OLD; s++)
        if (strcmp(tg_account_state_text((enum tg_account_state)s), text) == 0) {
            *ret = (enum tg_account_state)s;
            return true;
        }
    return false;
}

static const struct store_key *home_key(const struct store_loaded_account *a)
{
    for (size_t i = 0; i < a->keys_n; i++)
        if (a->keys[i].dc == a->row.home_dc)
            return &a->keys[i];
    return NULL;
}

/* Where it cannot be told, nothing of the account goes by any way. */
static int read_way(const struct store_loaded_account *a, struct tg_way **ret)
{
    int err = a->row.proxy ? tg_way_new(a->row.proxy, ret, NULL) : 0;

    return a->proxy_is_lost || err == TGC_EINVAL ? tg_way_new_lost(ret) : err;
}

/* It is there for all to see, and has no key: nothing of its record is changed before it is removed, or has a new one.
 */
static int restore_unreadable(struct records *r, const struct store_loaded_account *a, const char *why)
{
    const char *name = a->row.name;
    char remedy[160];
    struct tg_saved saved = {.name = name, .state = TG_ACCOUNT_REVOKED, .reason = why, .remedy = remedy};
    struct tg_account *account;

    log_error("worker", "account %s is not started: %s; nothing of it is changed: put a backup in its place", name,
              why);
    snprintf(remedy, sizeof(remedy),
             "Stop the daemon and put a backup of its database in place, or log in anew with POST "
             "/v1/accounts/%s/login",
             name);
    int err = records_note_unreadable(r, name);
    if (!err)
        err = read_way(a, &saved.way);
    if (!err)
        err = tg_account_restore(r->host.env, &saved, &account);
    tg_way_unref(saved.way);
    if (err)
        return err;
    err = r->host.adopt(r->host.ctx, account);
    if (err)
        tg_account_free(account);
    else
        load_more(r, name); /* what was asked for once is not done twice */
    return err;
}

static int restore(struct records *r, const struct store_loaded_account *a)
{
    const struct store_key *key = home_key(a);
    const char *logout = a->row.logout ? a->row.logout : "";
    struct tg_account *account;
    struct tg_saved saved = {
        .name = a->row.name,
        .reason = a->row.reason ? a->row.reason : "",
        .remedy = a->row.remedy ? a->row.remedy : "",
        .logout = strcmp(logout, "confirmed") == 0     ? TG_LOGOUT_CONFIRMED
                  : strcmp(logout, "unconfirmed") == 0 ? TG_LOGOUT_UNCONFIRMED
                                                       : TG_LOGOUT_NONE,
        .home_dc = a->row.home_dc,
        .self_id = a->row.self_id,
        .user_id = a->row.user_id,
        .is_import = strcmp(a->row.state, RECORDS_IMPORTING) == 0,
    };

    if (a->damage || !state_of(a->row.state, &saved.state))
        return restore_unreadable(r, a, a->damage ? a->damage : "its state in the store is none that is known");
    if (saved.is_import && !key)
        return forget_import(r, a->row.name);
    int err = read_way(a, &saved.way);
    if (err)
        return err;
    if (key)
        saved.key = (struct tg_given_key){.key = key->key, .salt = key->salt};
    json_t *user = a->row.user_json ? json_loads(a->row.user_json, 0, NULL) : NULL;
    json_t *login = a->row.login_json ? json_loads(a->row.login_json, 0, NULL) : NULL;
    saved.user = user;
    saved.has_steps = login != NULL;
    err = tg_account_restore(r->host.env, &saved, &account);
    json_decref(user);
    tg_way_unref(saved.way);
    if (!err && login)
        tg_login_restore(account, login);
    json_decref(login);
    if (err)
        return err;
    err = r->host.adopt(r->host.ctx, account);
    if (err) {
        tg_account_free(account);
        return err;
    }
    load_rest(r, account);
    return 0;
}

static void on_accounts(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    struct records *r = ctx;

    const struct records_share *share = &r->host.share;

    for (size_t i = share->is_lasting ? 0 : share->index; i < n && !err; i += share->is_lasting ? 1 : share->n)
        err = restore(r, &list[i]);
    if (err)
        records_fail(r, err, why);
    end_load(r);
}

void records_load(struct records *r, void (*loaded)(void *ctx, int err, const char *why), void *ctx)
{
    const struct records_share *share = &r->host.share;

    r->loaded = loaded;
    r->loaded_ctx = ctx;
    begin(r);
    if (!share->is_lasting)
        records_load_dc_options(r);
    if (share->index == 0 && !share->is_lasting)
        load_more(r, "");
    if (share->is_lasting)
        (void)began(r, store_load_share(r->desk, share->index, share->n, on_accounts, r));
    else if (share->n)
        (void)began(r, store_load_accounts(r->desk, on_accounts, r));
    end_load(r);
}
