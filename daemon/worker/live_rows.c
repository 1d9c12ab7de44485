/* What is written of a wish, and what the process before left. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/live_rows.h"
#include "daemon/worker/live_internal.h"
#include "daemon/worker/records.h"

/* --- as the store has it --- */

static json_t *times_of(const struct live_wish *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->times_n; i++)
        json_array_append_new(list, json_integer(w->times_s[i]));
    return list;
}

static json_t *end_of(const struct live_wish *w)
{
    if (w->end.how == LIVE_END_NONE)
        return NULL;
    return json_pack("{s:i, s:I, s:I, s:b, s:i, s:I}", "how", (int)w->end.how, "at", (json_int_t)w->end.at_s, "call",
                     (json_int_t)w->end.call_id, "has_by", (int)w->end.has_by, "by_kind", (int)w->end.by_kind, "by_id",
                     (json_int_t)w->end.by_id);
}

static json_t *attempt_of(const struct live_wish *w)
{
    if (!w->attempt.body)
        return NULL;
    return json_pack("{s:O, s:I, s:b}", "body", w->attempt.body, "at", (json_int_t)w->attempt.at_s, "counts",
                     (int)w->attempt.counts);
}

static json_t *row_of(const struct live_wish *w)
{
    return json_pack("{s:I, s:I, s:O*, s:b, s:b, s:i, s:I, s:i, s:i, s:s, s:s, s:b, s:I, s:o, s:I, s:o*, s:I, s:o*}",
                     "id", (json_int_t)w->id, "user", (json_int_t)w->user_id, "title", w->title, "rtmp_stream",
                     (int)w->rtmp_stream, "rotate_key", (int)w->rotate_key, "max_per_hour", w->max_per_hour, "since",
                     (json_int_t)w->since_s, "state", (int)w->state, "why", (int)w->why, "reason", w->reason, "remedy",
                     w->remedy, "refused", (int)w->is_refused, "call", (json_int_t)w->call_id, "times", times_of(w),
                     "total", (json_int_t)w->total, "end", end_of(w), "number", (json_int_t)w->number, "attempt",
                     attempt_of(w));
}

/* --- writing --- */

struct live_writing {
    struct live *live;
    struct live_key key;
    int64_t id;
    live_written_fn *written;
    void *ctx;
};

static void on_written(void *ctx, int err, const char *why)
{
    struct live_writing t = *(struct live_writing *)ctx;
    struct live_wish *w = live_find(t.live, t.key.account, (enum peer_kind)t.key.peer_kind, t.key.peer_id);

    free(ctx);
    t.live->asked_n--;
    t.live->write_err = err;
    const char *why_not = err ? (why ? why : tgc_err_text(err)) : NULL;
    if (t.written)
        t.written(t.live, w && w->id == t.id ? w : NULL, t.ctx, why_not);
    else if (why_not)
        log_warning("worker", "account %s: what became of a chat that is kept live is not on the disk: %s",
                    t.key.account, why_not);
}

static struct live_writing *begin(struct live_wish *w, live_written_fn *written, void *ctx)
{
    struct live_writing *t = malloc(sizeof(*t));

    if (t)
        *t = (struct live_writing){w->live, w->key, w->id, written, ctx};
    return t;
}

static void end(struct live_wish *w, struct live_writing *t, int err, live_written_fn *written, void *ctx)
{
    if (!err) {
        w->live->asked_n++;
        return;
    }
    free(t);
    w->live->write_err = err;
    if (written)
        written(w->live, w, ctx, tgc_err_text(err));
}

void live_write(struct live_wish *w, live_written_fn *written, void *ctx)
{
    struct records *records = w->live->worker->records;

    /* Behind its removal it would put it back. */
    if (!records || w->is_going) {
        if (written)
            written(w->live, w->is_going ? NULL : w, ctx, NULL);
        return;
    }
    struct live_writing *t = begin(w, written, ctx);
    json_t *row = row_of(w);
    char *text = row ? json_dumps(row, JSON_COMPACT) : NULL;
    int err = TGC_ENOMEM;

    json_decref(row);
    if (t && text) {
        const struct store_live put = {.account = w->key.account,
                                       .peer_kind = (enum peer_kind)w->key.peer_kind,
                                       .peer_id = w->key.peer_id,
                                       .wish = text,
                                       .wish_len = strlen(text)};
        err = store_put_live(records_desk(records), &put, on_written, t);
    }
    free(text);
    end(w, t, err, written, ctx);
}

void live_unwrite(struct live_wish *w, live_written_fn *written, void *ctx)
{
    struct records *records = w->live->worker->records;

    if (!records) {
        written(w->live, w, ctx, NULL);
        return;
    }
    struct live_writing *t = begin(w, written, ctx);
    int err = t ? store_drop_live(records_desk(records), w->key.account, (enum peer_kind)w->key.peer_kind,
                                  w->key.peer_id, on_written, t)
                : TGC_ENOMEM;
    end(w, t, err, written, ctx);
}

void live_unwrite_key(struct live *live, const struct live_key *key)
{
    struct records *records = live->worker->records;
    struct live_writing *t = records ? malloc(sizeof(*t)) : NULL;

    if (!records)
        return;
    if (t)
        *t = (struct live_writing){.live = live, .key = *key};
    if (t && store_drop_live(records_desk(records), key->account, (enum peer_kind)key->peer_kind, key->peer_id,
                             on_written, t) == 0)
        live->asked_n++;
    else
        free(t); /* the next process has it twice, and drops one */
}

/* --- loading --- */

static int64_t number(const json_t *o, const char *member)
{
    return json_integer_value(json_object_get(o, member));
}

static bool truth(const json_t *o, const char *member)
{
    return json_is_true(json_object_get(o, member));
}

static void read_end(struct live_wish *w, const json_t *o)
{
    int64_t how = number(o, "how");

    w->end.how = how > LIVE_END_NONE && how < LIVE_END_N ? (enum live_end_how)how : LIVE_END_NONE;
    w->end.at_s = number(o, "at");
    w->end.call_id = number(o, "call");
    w->end.has_by = truth(o, "has_by");
    w->end.by_kind = (enum peer_kind)number(o, "by_kind");
    w->end.by_id = number(o, "by_id");
}

/* Whether that was carried out is not known. */
static void read_attempt(struct live_wish *w, const json_t *o)
{
    json_t *body = json_object_get(o, "body");

    if (!json_is_object(body))
        return;
    w->attempt = (struct live_attempt){
        .body = json_incref(body), .at_s = number(o, "at"), .counts = truth(o, "counts"), .is_in_doubt = true};
    w->must_look = true;
}

/* False: it is none of this version's. */
static bool read_row(struct live_wish *w, const json_t *o)
{
    const json_t *times = json_object_get(o, "times");
    int64_t state = number(o, "state"), max = number(o, "max_per_hour");

    if (!json_is_object(o) || state < 0 || state >= LIVE_STATES || max < 1 || max > LIVE_PER_HOUR_MAX ||
        json_array_size(times) > LIVE_PER_HOUR_MAX)
        return false;
    w->id = number(o, "id");
    w->user_id = number(o, "user");
    w->title = json_incref(json_object_get(o, "title"));
    w->rtmp_stream = truth(o, "rtmp_stream");
    w->rotate_key = truth(o, "rotate_key");
    w->max_per_hour = (int)max;
    w->since_s = number(o, "since");
    live_restore_state(w, (enum live_state)state, (enum live_why)number(o, "why"));
    live_explain(w, json_string_value(json_object_get(o, "reason")), json_string_value(json_object_get(o, "remedy")));
    w->is_refused = truth(o, "refused");
    w->call_id = number(o, "call");
    w->times_n = json_array_size(times);
    for (size_t i = 0; i < w->times_n; i++)
        w->times_s[i] = json_integer_value(json_array_get(times, i));
    w->total = number(o, "total");
    read_end(w, json_object_get(o, "end"));
    w->number = number(o, "number");
    read_attempt(w, json_object_get(o, "attempt"));
    return true;
}

static int restore(struct live *live, const struct store_live *row)
{
    json_t *o = row->wish ? json_loadb(row->wish, row->wish_len, JSON_ALLOW_NUL, NULL) : NULL;
    struct live_wish *w = live_add(live, row->account, row->peer_kind, row->peer_id);
    int err = !w ? TGC_ENOMEM : read_row(w, o) ? 0 : TGC_EDAMAGED;

    json_decref(o);
    if (err && w)
        live_drop(w);
    return err;
}

static void on_loaded(void *ctx, int err, const char *why, const struct store_live *list, size_t n)
{
    struct live *live = ctx;
    char text[256];

    live->asked_n--;
    if (err)
        records_fail(live->worker->records, err, why);
    for (size_t i = 0; i < n; i++) {
        err = restore(live, &list[i]);
        if (!err)
            continue;
        snprintf(text, sizeof(text),
                 "account %s: the wish that the chat %" PRId64 " be kept live cannot be read (%s): put a backup in the "
                 "database's place, or forget it with \"DELETE FROM live WHERE peer_id = %" PRId64 "\"",
                 list[i].account, list[i].peer_id, tgc_err_text(err), list[i].peer_id);
        records_fail(live->worker->records, err, text);
    }
    records_loaded_more(live->worker->records);
}

void live_load(struct live *live, const char *account)
{
    struct records *records = live->worker->records;

    records_load_one_more(records);
    if (store_load_live(records_desk(records), account, on_loaded, live) != 0) {
        records_fail(records, TGC_ENOMEM, NULL);
        records_loaded_more(records);
        return;
    }
    live->asked_n++;
}
