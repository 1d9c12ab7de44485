/* PUT, GET and DELETE /v1/peers/{peer}/live, and GET /v1/live: who wishes that a call run in a chat. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/call/resolve.h"
#include "daemon/worker/live_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"
#include "daemon/worker/tell_live.h"

struct op_live {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    void (*then)(struct op_live *o, enum peer_kind kind, int64_t id); /* owns O */
    /* What a change that cannot be kept goes back to. */
    bool is_new;
    json_t *title;
    bool rtmp_stream, rotate_key;
    int max_per_hour;
    int64_t user_id;
};

static struct op_live finish(struct op_live *o)
{
    struct op_live left = *o;

    json_decref(o->title);
    left.title = NULL;
    free(o);
    return left;
}

static void reply(struct job *job, int status, struct live_wish *w)
{
    json_t *j = live_json(w);

    if (j)
        op_reply_json(job, status, j);
    else
        op_reply_no_memory(job);
}

static void reply_unkept(struct job *job, int err, const char *why_not)
{
    const struct op_unkept u = {.err = err, .why = why_not, .mend = OP_REMEDY_STATE_DIR ", then repeat the request"};

    op_reply_problem(job, op_unkept(&u, "The wish could not be written down"));
}

static void reply_none(struct job *job)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "nobody wishes that this chat be kept live");

    problem_set_remedy(p, "Wish so with PUT /v1/peers/…/live; GET /v1/live lists the wishes");
    op_reply_problem(job, p);
}

/* --- which chat --- */

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct op_live *o = ctx;

    if (r->peer) {
        o->then(o, r->peer->kind, r->peer->id);
        return;
    }
    struct op_live left = finish(o);
    op_reply_problem(left.job, op_problem_unresolved(left.worker, left.account, r));
}

/* What is known is enough: a chat that the account was put out of, or an account that is not ready, has its wish. */
static bool find_known(struct op_live *o, const json_t *peer)
{
    struct peer_text text;
    struct tg_peer found;

    if (peer_text_parse(json_string_value(peer), json_string_length(peer), &text, NULL) != 0)
        return false;
    if (text.kind == PEER_TEXT_ID && live_find(o->worker->live, tg_account_name(o->account), text.peer, text.id)) {
        o->then(o, text.peer, text.id);
        return true;
    }
    if (tg_known_name(tg_account_known(o->account), &text, &found) != TG_NAME_PEER)
        return false;
    o->then(o, found.kind, found.id);
    return true;
}

/* KNOWN: a wish that is there is meant. */
static void begin(struct worker *w, struct job *job, bool known,
                  void (*then)(struct op_live *o, enum peer_kind kind, int64_t id))
{
    const json_t *peer = json_object_get(job->path, "peer");
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);
    struct fault fault = {0};

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    struct op_live *o = calloc(1, sizeof(*o));
    if (!o) {
        op_reply_no_memory(job);
        return;
    }
    *o = (struct op_live){.worker = w, .job = job, .account = account, .then = then};
    if (known && find_known(o, peer))
        return;
    if (!accounts_select(&w->accounts, job, &problem)) {
        op_reply_problem(finish(o).job, problem);
        return;
    }
    int err = tg_resolve_json(account, peer, job->deadline_us, on_resolved, o, &fault);
    if (err)
        op_reply_problem(finish(o).job, err == TGC_ENOMEM ? NULL : op_problem_bad_peer(&fault));
}

static struct live_wish *wish_of(const struct op_live *o, enum peer_kind kind, int64_t id)
{
    struct live_wish *w = live_find(o->worker->live, tg_account_name(o->account), kind, id);

    return w && w->since_s ? w : NULL;
}

/* A change of one that is going waits until that is settled. */
static void wait_in_line(struct op_live *o, struct live_wish *w)
{
    struct job *job = finish(o).job;

    LL_APPEND(w->pending, job);
}

/* --- PUT --- */

static void set_title(struct live_wish *w, json_t *title)
{
    json_incref(title);
    json_decref(w->title);
    w->title = title;
}

static void set(struct live_wish *w, const json_t *body)
{
    const json_t *max = json_object_get(body, "max_per_hour");
    json_t *title = json_object_get(body, "title");

    set_title(w, json_string_length(title) ? title : NULL);
    w->rtmp_stream = json_is_true(json_object_get(body, "rtmp_stream"));
    w->rotate_key = json_is_true(json_object_get(body, "rotate_key"));
    w->max_per_hour = max ? (int)json_integer_value(max) : LIVE_PER_HOUR;
}

static void undo(const struct op_live *o, struct live_wish *w)
{
    if (o->is_new) {
        live_drop(w);
        return;
    }
    set_title(w, o->title);
    w->rtmp_stream = o->rtmp_stream;
    w->rotate_key = o->rotate_key;
    w->max_per_hour = o->max_per_hour;
    w->user_id = o->user_id;
}

static void on_put(struct live *live, struct live_wish *w, void *ctx, const char *why_not)
{
    struct op_live *o = ctx;

    if (why_not && w)
        undo(o, w);
    struct op_live left = finish(o);
    if (why_not || !w) {
        reply_unkept(left.job, live->write_err, why_not ? why_not : "it was ended meanwhile");
        return;
    }
    w->is_still = false;
    w->look_at_us = w->pause_until_us = 0;
    if (left.is_new && live->worker->tell)
        tell_live(live->worker->tell, w, "made", w->state);
    live_look(w);
    reply(left.job, left.is_new ? 201 : 200, w);
}

static struct live_wish *make(struct op_live *o, enum peer_kind kind, int64_t id)
{
    struct live *live = o->worker->live;
    struct live_wish *w = live_add(live, tg_account_name(o->account), kind, id);

    if (!w)
        return NULL;
    o->is_new = true;
    w->id = (int64_t)(random_u64(o->worker->env.random) >> 1);
    w->user_id = tg_account_self_id(o->account);
    w->since_s = live_now_s(w);
    return w;
}

static void refuse_user(struct op_live *o)
{
    struct problem *p =
        problem_new(PROBLEM_INVALID_REQUEST, 0, "calls are held in groups and channels, not with users");

    op_reply_problem(finish(o).job, p);
}

static void refuse_full(struct op_live *o)
{
    struct problem *p = problem_new(PROBLEM_QUEUE_FULL, 0, "an account keeps at most %d chats live", LIMIT_LIVE);

    problem_set_remedy(p, "End a wish of GET /v1/live with DELETE first");
    op_reply_problem(finish(o).job, p);
}

static void take_over(struct live_wish *w, int64_t user_id)
{
    if (w->user_id && user_id && user_id != w->user_id)
        live_disown(w);
    w->user_id = user_id;
}

static void put(struct op_live *o, enum peer_kind kind, int64_t id)
{
    struct live_wish *w = live_find(o->worker->live, tg_account_name(o->account), kind, id);

    if (kind == PEER_USER) {
        refuse_user(o);
        return;
    }
    if (w && w->is_going) {
        wait_in_line(o, w);
        return;
    }
    if (!w && live_count(o->worker->live, tg_account_name(o->account)) >= LIMIT_LIVE) {
        refuse_full(o);
        return;
    }
    if (!w && !(w = make(o, kind, id))) {
        op_reply_no_memory(finish(o).job);
        return;
    }
    if (!o->is_new) {
        o->title = json_incref(w->title);
        o->rtmp_stream = w->rtmp_stream;
        o->rotate_key = w->rotate_key;
        o->max_per_hour = w->max_per_hour;
        o->user_id = w->user_id;
        take_over(w, tg_account_self_id(o->account));
    }
    set(w, o->job->body);
    live_write(w, on_put, o);
}

/* To revoke a key is what POST …/rtmp takes that scope for. */
static void refuse_rotation(struct job *job)
{
    struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "rotate_key needs a token with the scope secrets");

    problem_set_remedy(p, "Leave rotate_key out, or use a token with the scope secrets: POST /v1/tokens makes one");
    op_reply_problem(job, p);
}

void op_live_put(struct worker *w, struct job *job)
{
    if (json_is_true(json_object_get(job->body, "rotate_key")) && !job->scope_secrets) {
        refuse_rotation(job);
        return;
    }
    begin(w, job, false, put);
}

/* --- GET --- */

static void get(struct op_live *o, enum peer_kind kind, int64_t id)
{
    struct live_wish *w = wish_of(o, kind, id);
    struct job *job = finish(o).job;

    if (w)
        reply(job, 200, w);
    else
        reply_none(job);
}

void op_live_get(struct worker *w, struct job *job)
{
    begin(w, job, true, get);
}

/* --- DELETE --- */

static void serve(struct worker *w, struct job *pending)
{
    struct job *job;

    while ((job = pending) != NULL) {
        pending = job->next;
        job->next = NULL;
        if (job->method == JOB_LIVE_PUT)
            op_live_put(w, job);
        else
            op_live_delete(w, job);
    }
}

static struct job *take_pending(struct live_wish *w)
{
    struct job *pending = w->pending;

    w->pending = NULL;
    return pending;
}

static void on_dropped(struct live *live, struct live_wish *w, void *ctx, const char *why_not)
{
    struct job *job = ctx, *pending = w ? take_pending(w) : NULL;

    if (!why_not) {
        if (w && live->worker->tell)
            tell_live(live->worker->tell, w, "ended", w->state);
        if (w) {
            live_withdraw(w);
            live_drop(w);
        }
        op_reply_text(job, 204);
    } else {
        if (w) {
            w->is_going = false;
            live_write(w, NULL, NULL); /* what could not be meanwhile */
            live_put(w, 0);
        }
        reply_unkept(job, live->write_err, why_not);
    }
    serve(live->worker, pending);
}

static void drop(struct op_live *o, enum peer_kind kind, int64_t id)
{
    struct live_wish *w = wish_of(o, kind, id);

    if (w && w->is_going) {
        wait_in_line(o, w);
        return;
    }
    struct job *job = finish(o).job;
    if (!w) {
        reply_none(job);
        return;
    }
    w->is_going = true;
    live_unwrite(w, on_dropped, job);
}

void op_live_delete(struct worker *w, struct job *job)
{
    begin(w, job, true, drop);
}

/* --- the list --- */

static int put_wishes(struct job *job, const struct live *live, const char *only)
{
    int err = 0;

    for (const struct live_wish *w = live->by_key; w && !err; w = w->hh.next) {
        if ((only && strcmp(only, w->key.account) != 0) || !accounts_name_is_visible(job, w->key.account))
            continue;
        json_t *j = live_json(w);
        err = j ? rows_begin(&job->rows, w->key.account, w->key.peer_id) : TGC_ENOMEM;
        if (!err && json_dump_callback(j, op_dump_to_buf, &job->rows.text, JSON_COMPACT) != 0)
            err = TGC_ENOMEM;
        if (!err)
            err = rows_end(&job->rows);
        json_decref(j);
    }
    return err;
}

void op_live_list(struct worker *w, struct job *job)
{
    const char *only = json_string_value(json_object_get(job->query, "account"));

    if (put_wishes(job, w->live, only) != 0)
        op_reply_no_memory(job);
    else if (only || !op_pass_on(w, job))
        op_reply_rows(job, "live", SIZE_MAX);
}
