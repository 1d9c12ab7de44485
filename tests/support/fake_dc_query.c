/* From a query's bytes to its answer's: unwrap, decode, have the rule that strikes and the world decide, encode. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "daemon/base/gzip.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/tree.h"
#include "daemon/tl/writer.h"
#include "tests/support/fake_dc_internal.h"

/* --- unwrapping --- */

/* The whole call with its wrappers as TL JSON. */
static json_t *decode(const struct fake_dc *dc, const uint8_t *data, size_t len)
{
    struct fault fault = {0};
    struct tl_reader r;
    struct buf plain;
    json_t *call = NULL;
    size_t packed_len;

    buf_init(&plain, FAKE_BODY_MAX);
    tl_reader_init(&r, data, len);
    if (tl_peek_u32(&r) == MT_GZIP_PACKED) {
        tl_read_u32(&r);
        const uint8_t *packed = tl_read_bytes(&r, &packed_len);
        ck_assert(packed && tl_reader_left(&r) == 0);
        ck_assert_int_eq(gzip_unpack(packed, packed_len, &plain, NULL), 0);
        tl_reader_init(&r, plain.data, plain.len);
    }
    int err = tl_tree_call(dc->schema, &r, &call, NULL, &fault);
    ck_assert_msg(err == 0, "a query does not decode: %s at byte %zu", fault.text, fault.offset);
    ck_assert_uint_eq(tl_reader_left(&r), 0);
    buf_fini(&plain);
    return call;
}

static bool is_method(const json_t *call, const char *name)
{
    return strcmp(fake_text(call, "_"), name) == 0;
}

/* The method's own part of CALL (borrowed). */
static const json_t *unwrap(struct fake_session *s, const json_t *call)
{
    if (is_method(call, "invokeWithLayer")) {
        ck_assert_int_eq(fake_long(call, "layer"), tl_schema_layer(s->dc->schema));
        call = json_object_get(call, "query");
        ck_assert_str_eq(fake_text(call, "_"), "initConnection");
        ck_assert_int_gt(fake_long(call, "api_id"), 0);
        call = json_object_get(call, "query");
        s->is_inited = true;
    }
    ck_assert(!is_method(call, "initConnection"));
    return call;
}

/* --- rules and counts --- */

struct fake_rule fake_rule_take(struct fake_dc *dc, const char *method)
{
    struct fake_rule_entry *e;

    DL_FOREACH (dc->rules, e) {
        if (strcmp(e->method, "*") != 0 && strcmp(e->method, method) != 0)
            continue;
        struct fake_rule rule = e->rule;
        if (e->rule.times != FAKE_ALWAYS && --e->rule.times <= 0) {
            DL_DELETE(dc->rules, e);
            free(e);
        }
        return rule;
    }
    return (struct fake_rule){.fate = FAKE_ANSWER};
}

struct fake_count *fake_count_of(struct fake_dc *dc, const char *method)
{
    struct fake_count *c;

    LL_FOREACH (dc->counts, c)
        if (strcmp(c->method, method) == 0)
            return c;
    c = calloc(1, sizeof(*c));
    ck_assert_ptr_nonnull(c);
    snprintf(c->method, sizeof(c->method), "%s", method);
    LL_PREPEND(dc->counts, c);
    return c;
}

/* --- answers --- */

static void begin_result(struct fake_query *q)
{
    buf_reset(&q->answer);
    tl_write_u32(&q->answer, MT_RPC_RESULT);
    tl_write_u64(&q->answer, q->msg_id);
}

static void put_error(struct fake_query *q, int code, const char *text)
{
    begin_result(q);
    tl_write_u32(&q->answer, MT_RPC_ERROR);
    tl_write_i32(&q->answer, code);
    tl_write_text(&q->answer, text);
}

static void put_json(struct fake_query *q, const struct tl_comb *method, const json_t *answer)
{
    struct fault fault = {0};

    begin_result(q);
    int err = tl_encode_value(q->session->dc->schema, &method->result, answer, TL_ENCODE_LENIENT, &q->answer, &fault);
    ck_assert_msg(err == 0, "the answer to %s does not encode: %s at %s", method->name, fault.text, fault.path);
}

static void put_json_text(struct fake_query *q, const struct tl_comb *method, const char *text)
{
    char *copy = strdup(text);
    json_error_t error;

    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    json_t *j = json_loads(copy, JSON_DECODE_ANY, &error);
    ck_assert_msg(j != NULL, "%s: %s", text, error.text);
    put_json(q, method, j);
    json_decref(j);
    free(copy);
}

static void execute_bind(struct fake_query *q, const struct tl_comb *method)
{
    const char *refusal = fake_key_bind(q);

    if (refusal)
        put_error(q, 400, refusal);
    else
        put_json_text(q, method, "true");
}

/* INSTEAD (may be NULL) is answered in the world's place. */
static void execute(struct fake_query *q, const struct tl_comb *method, const json_t *params, const char *instead)
{
    struct fake_session *s = q->session;
    struct fake_rpc r = {.w = &s->dc->world, .login = fake_key_login(s->dc, s->key), .centre = s->key->centre};

    if (!r.login && !q->is_bind) { /* its key was bound when it came */
        put_error(q, 401, "AUTH_KEY_PERM_EMPTY");
        return;
    }
    fake_count_of(s->dc, method->name)->executed++;
    if (q->is_bind) {
        execute_bind(q, method);
        return;
    }
    if (instead) {
        put_json_text(q, method, instead);
        return;
    }
    json_t *answer = fake_rpc_run(&r, method->name, params);
    ck_assert((answer != NULL) == (r.code == 0));
    if (answer)
        put_json(q, method, answer);
    else
        put_error(q, r.code, r.text);
    json_decref(answer);
}

static void on_late(void *ctx)
{
    fake_session_answer(ctx);
}

static void on_later(void *ctx)
{
    struct fake_query *q = ctx;

    execute(q, q->method, q->params, q->rule.json);
    if (!q->rule.silent)
        fake_session_answer(q);
}

static void acknowledge(struct fake_query *q, int64_t after_us, void (*then)(void *ctx))
{
    struct fake_net *net = q->session->dc->net;

    ck_assert_int_eq(net_timer_new(net->loop, then, q, &q->late), 0);
    net_timer_set(q->late, net->clock.mono_us + after_us);
    fake_session_ack(q->session, q->msg_id);
}

/* --- what becomes of it --- */

static void decide(struct fake_query *q, const struct tl_comb *method, const json_t *params)
{
    struct fake_session *s = q->session;
    struct fake_rule rule = fake_rule_take(s->dc, method->name);
    struct fake_conn *conn = s->conn;

    switch (rule.fate) {
    case FAKE_ANSWER:
        execute(q, method, params, rule.json);
        fake_session_answer(q);
        break;
    case FAKE_ERROR:
        put_error(q, rule.code, rule.text);
        fake_session_answer(q);
        break;
    case FAKE_ERROR_AFTER:
        execute(q, method, params, rule.json);
        put_error(q, rule.code, rule.text);
        fake_session_answer(q);
        break;
    case FAKE_DROP_BEFORE:
        fake_query_free(q);
        fake_conn_drop(s->dc, conn);
        break;
    case FAKE_DROP_AFTER:
        execute(q, method, params, rule.json);
        fake_conn_drop(s->dc, conn);
        fake_session_answer(q); /* to nobody: it is there for who asks again */
        break;
    case FAKE_LATE:
        execute(q, method, params, rule.json);
        acknowledge(q, rule.after_us, on_late);
        break;
    case FAKE_LATER:
        q->method = method;
        q->params = json_deep_copy(params);
        q->rule = rule;
        acknowledge(q, rule.after_us, on_later);
        break;
    case FAKE_NEVER:
        execute(q, method, params, rule.json);
        fake_session_ack(s, q->msg_id);
        break;
    case FAKE_LOST:
        fake_session_ack(s, q->msg_id);
        break;
    }
}

void fake_query_serve(struct fake_query *q, const uint8_t *data, size_t len)
{
    struct fake_session *s = q->session;
    json_t *call = decode(s->dc, data, len);
    const json_t *params = unwrap(s, call);
    const struct tl_comb *method = tl_find_method(s->dc->schema, fake_text(params, "_"));

    ck_assert_ptr_nonnull(method);
    q->is_bind = strcmp(method->name, "auth.bindTempAuthKey") == 0;
    if (q->is_bind) { /* before initConnection, and packed into nothing */
        ck_assert(params == call);
        ck_assert_uint_eq(len, sizeof(q->bind));
        memcpy(q->bind, data, len);
    }
    if (!q->is_bind && !fake_key_login(s->dc, s->key)) {
        s->dc->unbound_n++;
        put_error(q, 401, "AUTH_KEY_PERM_EMPTY");
        fake_session_answer(q);
    } else if (!s->is_inited && !q->is_bind) {
        put_error(q, 400, "CONNECTION_NOT_INITED");
        fake_session_answer(q);
    } else {
        struct fake_count *count = fake_count_of(s->dc, method->name);
        count->asked++;
        json_decref(count->last);
        count->last = json_incref((json_t *)params);
        decide(q, method, params);
    }
    json_decref(call);
}

void fake_query_free(struct fake_query *q)
{
    DL_DELETE(q->session->queries, q);
    net_timer_free(q->late);
    json_decref(q->params);
    buf_fini(&q->answer);
    free(q);
}
