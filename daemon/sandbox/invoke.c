/* From a query's bytes to its answer's: unwrap, find the method in the client's layer, decode, run, encode; faults on
 * demand strike in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/bind.h"
#include "daemon/sandbox/conn.h"
#include "daemon/sandbox/later.h"
#include "daemon/sandbox/migrate.h"
#include "daemon/sandbox/query.h"
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/session.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/tree.h"
#include "daemon/tl/writer.h"

struct invocation {
    struct session *ss;
    const struct mt_message *m;
    struct query q;
    struct rpc rpc;
    const char *method; /* "" while it is not known */
    const struct tl_comb *comb;
    struct buf answer; /* the result or rpc_error, boxed */
};

static const struct tl_schema *find_schema(void *ctx, int layer)
{
    return sandbox_schema(ctx, layer);
}

/* Whether one more line of the log may be about this client. */
static bool may_tell(struct invocation *v)
{
    enum { LINES_MAX = 16 };

    return v->ss->auth->told_of < LINES_MAX && v->ss->auth->told_of++ < LINES_MAX;
}

/* Its constructors are those of another layer, where they have not changed since. */
static bool is_served_by_another(const struct invocation *v)
{
    return v->q.schema && tl_schema_layer(v->q.schema) != v->q.layer;
}

static const char *app_of(const struct invocation *v)
{
    return *v->ss->auth->app ? v->ss->auth->app : "a client";
}

/* WHAT the layer does not have; what to do about it is said where the layer is not the client's. */
static void tell_unknown(struct invocation *v, const char *what)
{
    if (!may_tell(v))
        return;
    if (is_served_by_another(v))
        log_notice("sandbox",
                   "%s speaks layer %d: %s is not in layer %d, by which it is served; give its own: --schema FILE",
                   app_of(v), v->q.layer, what, tl_schema_layer(v->q.schema));
    else
        log_notice("sandbox", "%s: %s is not in its layer %d", app_of(v), what, v->q.layer);
}

static json_t *decode(struct invocation *v)
{
    struct tl_reader r;
    struct tl_walk_stats stats = {0};
    struct fault fault;
    json_t *params = NULL;

    fault_clear(&fault);
    tl_reader_init(&r, v->q.data, v->q.len);
    int err = tl_tree_call(v->q.schema, &r, &params, &stats, &fault);
    if (err) {
        log_debug("sandbox", "%s does not decode: %s at byte %zu", v->method, fault.text, fault.offset);
        if (err == TGC_EUNKNOWN)
            tell_unknown(v, fault.text);
        return rpc_fail(&v->rpc, 400, "%s", err == TGC_EUNKNOWN ? "INPUT_CONSTRUCTOR_INVALID" : "INPUT_FETCH_ERROR");
    }
    if (stats.undefined_flags)
        lint_note(&v->ss->s->lints, LINT_UNDEFINED_FLAGS, v->ss->auth->app, v->method);
    if (tl_reader_left(&r)) {
        json_decref(params);
        return rpc_fail(&v->rpc, 400, "INPUT_REQUEST_TOO_LONG");
    }
    return params;
}

/* What the key learned from initConnection, and whether this session is one for updates. */
static void take_in(struct invocation *v)
{
    struct auth *a = v->ss->auth;

    if (v->q.is_inited) {
        bool is_news = a->layer != v->q.layer;
        a->schema = v->q.schema;
        a->layer = v->q.layer;
        memcpy(a->app, v->q.app, sizeof(a->app));
        if (is_news && is_served_by_another(v) && may_tell(v))
            log_notice("sandbox",
                       "%s speaks layer %d, which is not loaded: it is served by layer %d where its constructors are "
                       "known there; give its own: --schema FILE",
                       app_of(v), v->q.layer, tl_schema_layer(v->q.schema));
    }
    if (v->q.is_zlib)
        lint_note(&v->ss->s->lints, LINT_ZLIB, a->app, NULL);
    if (!v->q.without_updates)
        v->ss->wants_updates = true;
}

/* What a temporary key may do before it is bound. */
static struct account *unbound_account(struct invocation *v)
{
    bool may = strcmp(v->method, "help.getConfig") == 0 || strcmp(v->method, "help.getNearestDc") == 0;

    return may ? &v->ss->auth->account : NULL;
}

/* Queries of one session run in the order they come: what this one waits for has been done, or never came. */
static bool was_done(const struct invocation *v)
{
    for (size_t i = 0; i < v->q.after_n; i++) {
        const struct seen *seen = session_seen(v->ss, v->q.after[i]);
        if (!seen || seen->has_failed || seen->msg_id == v->m->msg_id)
            return false;
    }
    return true;
}

static bool is_struck_by_error(struct invocation *v)
{
    json_t *rule = inject_take(&v->ss->s->inject, "rpc_error", v->method);

    if (rule)
        rpc_fail(&v->rpc, (int)json_get_long(rule, "code"), "%s", json_get_text(rule, "message"));
    json_decref(rule);
    return rule != NULL;
}

static json_t *run(struct invocation *v)
{
    struct sandbox *s = v->ss->s;
    struct auth *a = v->ss->auth;
    struct account *account = keys_account(&s->keys, a);

    if (v->q.error)
        return rpc_fail(&v->rpc, 400, "%s", v->q.error);
    if (!a->schema && !v->q.is_inited)
        return rpc_fail(&v->rpc, 400, "CONNECTION_NOT_INITED");
    take_in(v);
    if (!v->comb) {
        char id[32];
        snprintf(id, sizeof(id), "the method 0x%08x", v->q.len >= 4 ? le32_load(v->q.data) : 0);
        tell_unknown(v, id);
        return rpc_fail(&v->rpc, 400, "INPUT_METHOD_INVALID");
    }
    if (!was_done(v))
        return rpc_fail(&v->rpc, 400, "MSG_WAIT_FAILED");
    if (is_struck_by_error(v))
        return NULL;
    if (!account && !(account = unbound_account(v)))
        return rpc_fail(&v->rpc, 401, "AUTH_KEY_PERM_EMPTY");
    json_t *params = decode(v);
    if (!params)
        return NULL;
    if (migrate_strikes(s, &v->rpc, v->method, account, params)) {
        json_decref(params);
        return NULL;
    }
    v->rpc.w = &s->world;
    v->rpc.account = account;
    v->rpc.layer = tl_schema_layer(v->q.schema);
    v->rpc.schema = v->q.schema;
    v->rpc.bytes = &v->answer;
    s->acting = v->ss;
    json_t *answer = rpc_dispatch(&v->rpc, v->method, params);
    s->acting = NULL;
    json_decref(params);
    keys_file(&s->keys, a);
    if (!answer && !rpc_find(v->method)) {
        lint_note(&s->lints, LINT_UNKNOWN_METHOD, a->app, v->method);
        if (may_tell(v))
            log_notice("sandbox", "%s: %s is not served by the sandbox", app_of(v), v->method);
    }
    return answer;
}

static void put_error(struct invocation *v)
{
    buf_reset(&v->answer);
    buf_put_u32(&v->answer, MT_RPC_ERROR);
    buf_put_u32(&v->answer, (uint32_t)v->rpc.code);
    tl_write_text(&v->answer, v->rpc.message);
}

/* The large fault: results of any size, for clients that think they are small. */
static bool enlarge(struct invocation *v, json_t *answer)
{
    json_t *users = json_object_get(answer, "users");
    json_t *rule = json_is_array(users) ? inject_take(&v->ss->s->inject, "large", v->method) : NULL;

    for (int64_t i = 0; i < json_get_long(rule, "n"); i++)
        json_array_append_new(users, json_pack("{s:s, s:I}", "_", "userEmpty", "id", (json_int_t)(100000 + i)));
    json_decref(rule);
    return rule != NULL;
}

static void put_answer(struct invocation *v, json_t *answer)
{
    struct fault fault;

    if (enlarge(v, answer))
        buf_reset(&v->answer);
    else if (v->answer.len && !v->answer.err)
        return; /* its handler had use for the bytes */
    fault_clear(&fault);
    int err = tl_encode_value(v->q.schema, &v->comb->result, answer, TL_ENCODE_LENIENT, &v->answer, &fault);
    if (!err)
        return;
    /* Our own fault: a world that a layer cannot express. */
    log_error("sandbox", "%s in layer %d: %s at %s", v->method, v->q.layer, fault.text, fault.path);
    rpc_fail(&v->rpc, 500, "RPC_CALL_FAIL");
    put_error(v);
}

/* rpc_result around the answer, gzipped where a rule, the options or nothing want it. */
static int wrap(struct invocation *v, struct buf *out)
{
    struct sandbox *s = v->ss->s;
    json_t *rule = inject_take(&s->inject, "gzip", v->method);
    bool zip = rule || (s->options.gzip_min && v->answer.len >= s->options.gzip_min);
    struct buf packed;

    json_decref(rule);
    buf_init(&packed, SANDBOX_ANSWER_MAX);
    buf_put_u32(out, MT_RPC_RESULT);
    buf_put_u64(out, v->m->msg_id);
    if (zip && !gzip_pack(v->answer.data, v->answer.len, &packed)) {
        buf_put_u32(out, MT_GZIP_PACKED);
        tl_write_bytes(out, packed.data, packed.len);
    } else {
        buf_put(out, v->answer.data, v->answer.len);
    }
    buf_fini(&packed);
    return out->err;
}

static bool strikes(struct invocation *v, const char *type, int64_t *ret_ms)
{
    json_t *rule = inject_take(&v->ss->s->inject, type, v->method);

    if (!rule)
        return false;
    if (ret_ms)
        *ret_ms = json_get_long(rule, "ms");
    json_decref(rule);
    return true;
}

/* The reorder fault; a second one in the same packet takes its turn at once. */
static bool hold(struct invocation *v, struct buf *out)
{
    struct session *ss = v->ss;

    if (ss->held.len || !strikes(v, "reorder", NULL))
        return false;
    ss->held = *out;
    ss->held_request = v->m->msg_id;
    buf_init(out, SANDBOX_ANSWER_MAX);
    return true;
}

/* The packet fault: the lie is told first, the truth follows on the next connection. */
static void choose_lie(struct invocation *v)
{
    json_t *rule = inject_take(&v->ss->s->inject, "packet", v->method);

    if (!rule)
        return;
    session_flush(v->ss);
    v->ss->lie = packet_lie_find(json_get_text(rule, "lie"));
    json_decref(rule);
}

static void deliver(struct invocation *v)
{
    struct session *ss = v->ss;
    struct seen *seen = session_seen(ss, v->m->msg_id);
    struct buf out;
    int64_t ms = 0;

    if (seen)
        seen->has_failed = v->rpc.code != 0;
    buf_init(&out, SANDBOX_ANSWER_MAX);
    if (wrap(v, &out)) {
        session_ack_later(ss, v->m->msg_id);
    } else if (strikes(v, "no_answer", NULL)) {
        session_ack_later(ss, v->m->msg_id);
    } else if (strikes(v, "delay", &ms)) {
        session_ack_later(ss, v->m->msg_id);
        later_send(ss, &out, v->m->msg_id, (uint64_t)ms);
    } else if (hold(v, &out)) {
        session_ack_later(ss, v->m->msg_id);
    } else {
        choose_lie(v);
        if (strikes(v, "container", NULL)) {
            session_ack_later(ss, v->m->msg_id);
            ss->boxed = true;
        }
        if (seen)
            seen->is_answered = true;
        session_send(ss, out.data, out.len, true, v->m->msg_id);
        if (strikes(v, "drop_after", NULL)) {
            if (ss->conn)
                conn_close(ss->conn);
        } else if (strikes(v, "duplicate", NULL)) {
            session_flush(ss);
            session_resend_answer(ss, v->m->msg_id);
        }
    }
    buf_fini(&out);
}

static void trace(struct invocation *v)
{
    struct sandbox *s = v->ss->s;
    json_t *j = json_pack("{s:s, s:i, s:s, s:i, s:s}", "event", "rpc", "dc", v->ss->auth->dc, "method", v->method,
                          "layer", v->q.layer, "app", v->ss->auth->app);

    if (v->rpc.code) {
        json_put(j, "code", json_integer(v->rpc.code));
        json_put(j, "error", json_string(v->rpc.message));
    }
    const struct account *a = keys_account(&s->keys, v->ss->auth);
    if (a && a->user)
        json_put(j, "user", json_integer(a->user->id));
    sandbox_trace(s, j);
    if (v->rpc.is_executed)
        trace_count(&s->trace, v->method);
}

static void run_bind(struct invocation *v)
{
    if (!is_struck_by_error(v)) {
        const char *refused = bind_run(v->ss, v->m->msg_id, v->q.data, v->q.len);
        v->rpc.is_executed = true;
        if (refused)
            rpc_fail(&v->rpc, 400, "%s", refused);
    }
    if (v->rpc.code)
        put_error(v);
    else
        tl_write_bool(&v->answer, true);
}

static void run_any(struct invocation *v)
{
    json_t *answer;

    if (bind_is(v->q.data, v->q.len)) {
        run_bind(v);
        return;
    }
    answer = run(v);
    if (answer)
        put_answer(v, answer);
    else
        put_error(v);
    json_decref(answer);
}

static void find_method(struct invocation *v)
{
    v->method = bind_is(v->q.data, v->q.len) ? "auth.bindTempAuthKey" : "";
    if (v->q.error || !v->q.schema || v->q.len < 4)
        return;
    v->comb = tl_find_method_id(v->q.schema, le32_load(v->q.data));
    if (v->comb)
        v->method = v->comb->name;
}

void invoke(struct session *ss, const struct mt_message *m)
{
    struct invocation v = {.ss = ss, .m = m};
    struct seen *seen = session_seen(ss, m->msg_id);

    query_unwrap(&v.q, ss->auth->schema, ss->auth->layer, find_schema, ss->s, m->body, m->len);
    find_method(&v);
    if (strikes(&v, "drop_before", NULL)) {
        /* Never seen: the client's resend is executed. */
        if (seen)
            *seen = (struct seen){0};
        conn_close(ss->conn);
        query_fini(&v.q);
        return;
    }
    buf_init(&v.answer, SANDBOX_ANSWER_MAX);
    run_any(&v);
    trace(&v);
    deliver(&v);
    buf_fini(&v.answer);
    query_fini(&v.q);
}
