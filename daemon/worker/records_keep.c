/* One account as it is, on its way to the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/store/account_rows.h"
#include "daemon/store/call_rows.h"
#include "daemon/store/flood_rows.h"
#include "daemon/store/peer_rows.h"
#include "daemon/store/update_rows.h"
#include "daemon/tg/account/note.h"
#include "daemon/tg/account/saved.h"
#include "daemon/tg/account/saved_updates.h"
#include "daemon/tg/login/login.h"
#include "daemon/worker/records_internal.h"

/* What is put and what is dropped are different records, each as it is now: whichever comes first is of no matter. */
enum { ROWS_MAX = 512 };

/* --- one account's changes on their way --- */

struct account_batch {
    struct records *records;
    char name[40];
    size_t left; /* puts not answered; one more while they are being made */
    int err;
    char why[160];
    store_done_fn *done; /* NULL: nobody waits */
    void *ctx;
};

/* All of the account is to be written again, later; the first time that is said. */
static void not_kept(struct records *r, const struct account_batch *b)
{
    struct tg_account *account = accounts_find(r->host.accounts, b->name);

    if (!r->has_failed)
        log_error("worker", "what the accounts know cannot be kept: %s; it is tried again every %d s",
                  b->why[0] ? b->why : tgc_err_text(b->err), RECORDS_RETRY_S);
    r->has_failed = true;
    if (!account)
        return;
    records_set_timer(r, RECORDS_RETRY_S * SECOND_US);
    tg_known_untake(tg_account_known(account));
    tg_account_untake_updates(account);
}

static void batch_end(struct account_batch *b)
{
    struct records *r = b->records;

    if (--b->left)
        return;
    if (b->err)
        not_kept(r, b);
    else if (r->has_failed) {
        r->has_failed = false;
        log_notice("worker", "what the accounts know is kept again");
    }
    if (b->done)
        b->done(b->ctx, b->err, b->err ? b->why : NULL);
    free(b);
}

static void on_put(void *ctx, int err, const char *why)
{
    struct account_batch *b = ctx;

    b->records->asked_n--;
    if (err && !b->err) {
        b->err = err;
        snprintf(b->why, sizeof(b->why), "%s", why ? why : tgc_err_text(err));
    }
    batch_end(b);
}

/* RET is a put's own word on whether it was taken. */
static void asked(struct account_batch *b, int ret)
{
    if (!ret) {
        b->left++;
        b->records->asked_n++;
    } else if (!b->err) {
        b->err = ret;
        snprintf(b->why, sizeof(b->why), "%s", ret == TGC_ELIMIT ? "the disk does not keep up" : tgc_err_text(ret));
    }
}

static void free_secret(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}

/* What the login has left behind as text; "" for nothing: NULL is no memory. Steals J. What is too large for the store
 * is of no use to the next process. */
static char *login_text(json_t *j)
{
    char *text = j ? json_dumps(j, JSON_COMPACT) : strdup("");

    json_decref(j);
    if (text && strlen(text) > LIMIT_STORE_VALUE) {
        free_secret(text);
        return strdup("");
    }
    return text;
}

static void put_account(struct account_batch *b, struct tg_account *account)
{
    struct tg_saved s;

    tg_account_saved(account, &s);
    char *user = s.user ? json_dumps(s.user, JSON_COMPACT) : NULL, *login = login_text(tg_login_saved(account));
    struct store_account row = {
        .name = s.name,
        .state = s.is_import ? RECORDS_IMPORTING : tg_account_state_text(s.state),
        .reason = s.reason,
        .remedy = s.remedy,
        .logout = s.logout == TG_LOGOUT_NONE        ? NULL
                  : s.logout == TG_LOGOUT_CONFIRMED ? "confirmed"
                                                    : "unconfirmed",
        .home_dc = s.home_dc,
        .self_id = s.self_id,
        .user_id = s.user_id,
        .user_json = user,
        .login_json = login && *login ? login : NULL,
        .proxy = s.way ? tg_way_text(s.way) : NULL,
        .layer = (int32_t)tl_schema_layer(b->records->host.env->schema),
    };
    asked(b, (s.user && !user) || !login ? TGC_ENOMEM : store_put_account(b->records->desk, &row, on_put, b));
    free_secret(user);
    free_secret(login);
}

static void put_floods(struct account_batch *b, struct tg_account *account)
{
    struct store_flood rows[64];
    struct tg_saved_flood f;
    size_t n = 0;

    for (; n < sizeof(rows) / sizeof(rows[0]) && tg_account_saved_flood(account, n, &f); n++)
        rows[n] = (struct store_flood){.method = f.method,
                                       .has_peer = f.has_peer,
                                       .of_peer = f.of_peer,
                                       .kind = f.kind,
                                       .peer_id = f.peer_id,
                                       .phone = f.phone,
                                       .code = f.code,
                                       .family = f.family,
                                       .until_wall_us = f.until_wall_us};
    asked(b, store_put_floods(b->records->desk, b->name, rows, n, on_put, b));
}

/* --- peers --- */

struct peer_rows {
    struct account_batch *batch;
    struct store_peer rows[ROWS_MAX];
    size_t n;
};

static void put_peers(struct peer_rows *p)
{
    if (p->n)
        asked(p->batch, store_put_peers(p->batch->records->desk, p->rows, p->n, on_put, p->batch));
    p->n = 0;
}

static void add_peer(struct peer_rows *p, const struct tg_peer *peer)
{
    p->rows[p->n++] = (struct store_peer){.account = p->batch->name,
                                          .kind = peer->kind,
                                          .id = peer->id,
                                          .access_hash = peer->access_hash,
                                          .has_hash = peer->has_hash,
                                          .is_self = peer->is_self,
                                          .migrated_to = peer->migrated_to};
    if (p->n == ROWS_MAX)
        put_peers(p);
}

static void keep_peers(struct account_batch *b, struct tg_known *known)
{
    struct tg_peers *peers = tg_known_peers(known);
    struct tg_changes changes = tg_known_take_peers(known);
    struct peer_rows *p = changes.n || changes.all ? malloc(sizeof(*p)) : NULL;

    if (p) {
        p->batch = b;
        p->n = 0;
        if (changes.all) {
            asked(b, store_drop_peers(b->records->desk, b->name, on_put, b));
            for (const struct tg_peer *peer = tg_peers_next(peers, NULL); peer; peer = tg_peers_next(peers, peer))
                add_peer(p, peer);
        }
        for (size_t i = 0; i < changes.n; i++) {
            const struct tg_peer *peer =
                tg_peers_record(peers, (enum peer_kind)changes.list[i].kind, changes.list[i].id);
            if (peer) {
                add_peer(p, peer);
                continue;
            }
            asked(b, store_drop_peer(b->records->desk, b->name, (enum peer_kind)changes.list[i].kind,
                                     changes.list[i].id, on_put, b));
        }
        put_peers(p);
    } else if (changes.n || changes.all)
        asked(b, TGC_ENOMEM);
    free(p);
    tg_changes_fini(&changes);
}

/* --- calls --- */

struct call_rows {
    struct account_batch *batch;
    struct store_call rows[ROWS_MAX];
    size_t n;
};

static void put_calls(struct call_rows *c)
{
    if (c->n)
        asked(c->batch, store_put_calls(c->batch->records->desk, c->rows, c->n, on_put, c->batch));
    c->n = 0;
}

static void add_call(struct call_rows *c, struct tg_call *call)
{
    c->rows[c->n++] = (struct store_call){.account = c->batch->name,
                                          .id = call->id,
                                          .access_hash = call->access_hash,
                                          .has_peer = call->has_peer,
                                          .peer_kind = call->peer_kind,
                                          .peer_id = call->peer_id,
                                          .title = call->title,
                                          .title_len = call->title_len,
                                          .conference = call->conference,
                                          .invite_link = call->invite_link,
                                          .state = (int)call->state,
                                          .schedule_date = call->schedule_date,
                                          .duration = call->duration,
                                          .rtmp_stream = call->rtmp_stream,
                                          .join_muted = call->join_muted,
                                          .created_here = call->created_here,
                                          .end_inferred = call->end_inferred,
                                          .participants_count = call->participants_count,
                                          .version = call->version,
                                          .created_at = call->created_at,
                                          .ended_at = call->ended_at,
                                          .auto_start = (int)call->auto_start,
                                          .missed_at = call->missed_at,
                                          .missed_why = call->missed_why};
    call->is_saved = true;
    if (c->n == ROWS_MAX)
        put_calls(c);
}

static void keep_calls(struct account_batch *b, struct tg_known *known)
{
    struct tg_calls *calls = tg_known_calls(known);
    struct tg_changes changes = tg_known_take_calls(known);
    struct call_rows *c = changes.n || changes.all ? malloc(sizeof(*c)) : NULL;

    if (c) {
        c->batch = b;
        c->n = 0;
        if (changes.all) {
            asked(b, store_drop_calls(b->records->desk, b->name, on_put, b));
            for (struct tg_call *call = tg_calls_next(calls, NULL); call; call = tg_calls_next(calls, call))
                add_call(c, call);
        }
        for (size_t i = 0; i < changes.n; i++) {
            struct tg_call *call = tg_calls_find(calls, changes.list[i].id);
            if (!call && changes.list[i].kind == TG_CALL_IS_GONE) {
                asked(b, store_drop_call(b->records->desk, b->name, changes.list[i].id, on_put, b));
            } else if (call && (call->is_saved || call->state != TG_CALL_DISCARDED)) {
                add_call(c, call);
            }
        }
        put_calls(c);
    } else if (changes.n || changes.all)
        asked(b, TGC_ENOMEM);
    free(c);
    tg_changes_fini(&changes);
}

/* --- updates --- */

static void keep_updates(struct account_batch *b, struct tg_account *account)
{
    struct store_update_state rows[64];
    struct tg_saved_updates u;
    size_t n = 0;
    bool more;

    do {
        more = tg_account_take_updates(account, &u);
        if (more)
            rows[n++] = (struct store_update_state){
                .channel_id = u.channel_id, .pts = u.pts, .qts = u.qts, .date = u.date, .seq = u.seq};
        if (n == sizeof(rows) / sizeof(rows[0]) || (n && !more)) {
            asked(b, store_put_update_states(b->records->desk, b->name, rows, n, on_put, b));
            n = 0;
        }
    } while (more);
}

/* --- all of it --- */

int records_keep(struct records *r, struct tg_account *account, store_done_fn *done, void *ctx)
{
    struct account_batch *b = malloc(sizeof(*b));

    if (!b)
        return TGC_ENOMEM;
    *b = (struct account_batch){.records = r, .left = 1, .done = done, .ctx = ctx};
    snprintf(b->name, sizeof(b->name), "%s", tg_account_name(account));
    records_leave(r, account);
    (void)tg_account_take_note(account);
    put_account(b, account);
    put_floods(b, account);
    keep_peers(b, tg_account_known(account));
    keep_calls(b, tg_account_known(account));
    keep_updates(b, account);
    batch_end(b);
    return 0;
}
