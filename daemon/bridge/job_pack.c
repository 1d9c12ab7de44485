/* A request is a byte with the version and a JSON object. An answer is that byte, the length of its head (4 bytes,
 * little-endian), the head as JSON, and the text as it is: it may be long, and is JSON already. */
#include "daemon/bridge/job_pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/bridge/scope.h"

enum { DUMP_FLAGS = JSON_COMPACT, LOAD_FLAGS = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL };
enum { ANSWER_HEAD = 1 + 4 };
/* No request takes longer, whatever the bytes say. */
#define LEFT_MAX_US (24 * 3600 * SECOND_US)

bool job_may_go(enum job_method method)
{
    return (unsigned)method < JOB_METHOD_COUNT && method != JOB_EVENTS_READ && method != JOB_NODES;
}

bool job_changes_nothing(enum job_method method)
{
    static const enum job_method methods[] = {
        JOB_CALL_LIST,    JOB_CALL_GET,   JOB_CALL_PARTICIPANTS,  JOB_SCHEDULE_LIST, JOB_SCHEDULE_GET, JOB_PEER_GET,
        JOB_PEER_JOIN_AS, JOB_LIVE_GET,   JOB_PEER_PREFLIGHT,     JOB_LIVE_LIST,     JOB_ACCOUNT_LIST, JOB_ACCOUNT_GET,
        JOB_LOGIN_QR,     JOB_TOKEN_LIST, JOB_WEBHOOK_LIST,       JOB_WEBHOOK_GET,   JOB_AUDIT_READ,   JOB_JOB_GET,
        JOB_JOB_LIST,     JOB_READY,      JOB_WEBHOOK_DELIVERIES,
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (methods[i] == method)
            return true;
    return false;
}

bool job_may_repeat(const struct job *job)
{
    return (job->terms && job->terms->key[0]) || job_changes_nothing(job->method);
}

static int append(const char *text, size_t len, void *ctx)
{
    return buf_put(ctx, text, len);
}

/* Takes OBJECT's reference. */
static int put_json(json_t *object, struct buf *out)
{
    if (!object)
        return TGC_ENOMEM;
    bool is_put = json_dump_callback(object, append, out, DUMP_FLAGS) == 0;
    json_decref(object);
    return is_put ? 0 : buf_err(out) ? buf_err(out) : TGC_EINVAL;
}

/* NULL is a member that is left out. */
static void set(json_t *object, const char *name, json_t *value)
{
    if (value)
        json_object_set_new_nocheck(object, name, value);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static bool is_set(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

/* --- requests --- */

static json_t *terms_json(const struct job_terms *t)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:i}", "token", t->token, "token_id", t->token_id, "key", t->key,
                     "async", t->is_async, "has_wait", t->has_wait, "wait", (int)t->wait_s);
}

int job_pack(const struct job *job, int64_t now_us, struct buf *out)
{
    int64_t left_us = job->deadline_us - now_us;

    if (!job_may_go(job->method))
        return TGC_EINVAL;
    json_t *o =
        json_pack("{s:s, s:O, s:O, s:O, s:s, s:I, s:b, s:b, s:b, s:s, s:o, s:o}", "method",
                  job_method_text(job->method), "path", job->path, "query", job->query, "body", job->body, "request_id",
                  job->request_id, "left_us", (json_int_t)(left_us > 0 ? left_us : 0), "admin", job->scope_admin,
                  "secrets", job->scope_secrets, "names_allowed", job->names_allowed, "account", job->account, "scopes",
                  scope_names(job->scopes), "scopes_needed", scope_names(job->scopes_needed));
    json_t *terms = o && job->terms ? terms_json(job->terms) : NULL;
    if (o && job->terms && !terms) {
        json_decref(o);
        return TGC_ENOMEM;
    }
    set(o, "terms", terms);
    set(o, "accounts", json_incref(job->accounts));
    (void)buf_put_byte(out, JOB_PACK_VERSION);
    return put_json(o, out);
}

static bool find_method(const char *text, enum job_method *ret)
{
    for (int i = 0; i < JOB_METHOD_COUNT; i++)
        if (strcmp(job_method_text((enum job_method)i), text) == 0) {
            *ret = (enum job_method)i;
            return job_may_go(*ret);
        }
    return false;
}

/* A name that this version does not have is one that no token of its has either: NEEDED of that is for nobody. */
static bool read_scopes(const json_t *names, bool needs_all, unsigned *ret)
{
    const json_t *name;
    size_t i;

    *ret = 0;
    json_array_foreach (names, i, name) {
        unsigned scope = json_is_string(name) ? scope_parse(json_string_value(name)) : 0;
        if (!scope && needs_all)
            return false;
        *ret |= scope;
    }
    return json_is_array(names);
}

static bool copy(char *to, size_t size, const char *text)
{
    int n = snprintf(to, size, "%s", text);

    return n >= 0 && (size_t)n < size;
}

static int read_terms(const json_t *o, struct job *job)
{
    if (!o)
        return 0;
    struct job_terms *t = job->terms = calloc(1, sizeof(*t));
    if (!t)
        return TGC_ENOMEM;
    json_int_t wait = json_integer_value(json_object_get(o, "wait"));
    t->is_async = is_set(o, "async");
    t->has_wait = is_set(o, "has_wait");
    t->wait_s = (int32_t)(wait < 0 ? 0 : wait > LEFT_MAX_US / SECOND_US ? LEFT_MAX_US / SECOND_US : wait);
    return copy(t->token, sizeof(t->token), text_of(o, "token")) &&
                   copy(t->token_id, sizeof(t->token_id), text_of(o, "token_id")) &&
                   copy(t->key, sizeof(t->key), text_of(o, "key"))
               ? 0
               : TGC_EPROTO;
}

static bool are_names(const json_t *accounts)
{
    const json_t *name;
    size_t i;

    json_array_foreach (accounts, i, name)
        if (!json_is_string(name))
            return false;
    return json_is_array(accounts);
}

static int read_job(const json_t *o, int64_t now_us, struct job *job)
{
    json_t *accounts = json_object_get(o, "accounts");
    json_int_t left_us = json_integer_value(json_object_get(o, "left_us"));

    if (accounts && !are_names(accounts))
        return TGC_EPROTO;
    if (!read_scopes(json_object_get(o, "scopes"), false, &job->scopes) ||
        !read_scopes(json_object_get(o, "scopes_needed"), true, &job->scopes_needed) ||
        !copy(job->request_id, sizeof(job->request_id), text_of(o, "request_id")) ||
        !copy(job->account, sizeof(job->account), text_of(o, "account")))
        return TGC_EPROTO;
    job->accounts = json_incref(accounts);
    job->scope_admin = is_set(o, "admin");
    job->scope_secrets = is_set(o, "secrets");
    job->names_allowed = is_set(o, "names_allowed");
    job->deadline_us = now_us + (left_us < 0 ? 0 : left_us > LEFT_MAX_US ? LEFT_MAX_US : left_us);
    return read_terms(json_object_get(o, "terms"), job);
}

static int make_job(const json_t *o, int64_t now_us, struct job **ret)
{
    json_t *path = json_object_get(o, "path"), *query = json_object_get(o, "query"), *body = json_object_get(o, "body");
    enum job_method method;

    if (!json_is_object(path) || !json_is_object(query) || !json_is_object(body) ||
        !find_method(text_of(o, "method"), &method))
        return TGC_EPROTO;
    struct job *job = job_new(method, json_incref(path), json_incref(query), json_incref(body));
    if (!job)
        return TGC_ENOMEM;
    int err = read_job(o, now_us, job);
    if (err) {
        job_free(job);
        return err;
    }
    *ret = job;
    return 0;
}

int job_unpack(const uint8_t *bytes, size_t len, int64_t now_us, struct job **ret)
{
    if (len < 2 || bytes[0] != JOB_PACK_VERSION)
        return TGC_EPROTO;
    json_t *o = json_loadb((const char *)bytes + 1, len - 1, LOAD_FLAGS, NULL);
    int err = o ? make_job(o, now_us, ret) : TGC_EPROTO;
    json_decref(o);
    return err;
}

/* --- answers --- */

/* NULL where memory is gone. */
static json_t *problem_json(const struct problem *p)
{
    struct buf text;

    buf_init_secret(&text, LIMIT_JSON_TEXT);
    json_t *o =
        problem_text(p, NULL, &text) == 0 ? json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL) : NULL;
    buf_fini(&text);
    return o;
}

int job_pack_answer(const struct job *job, struct buf *out)
{
    const struct problem *p = job->problem;
    size_t at = out->len;
    uint8_t head[ANSWER_HEAD] = {JOB_PACK_VERSION};
    json_t *o = json_pack("{s:i, s:b, s:b, s:b, s:s, s:s}", "status", job->status, "is_replayed", job->is_replayed,
                          "is_deferred", job->is_deferred, "is_secret", job->is_secret, "location", job->location,
                          "account", job->account);
    json_t *problem = o && p ? problem_json(p) : NULL;

    if (o && p && !problem) {
        json_decref(o);
        return TGC_ENOMEM;
    }
    set(o, "problem", problem);
    if (p)
        set(o, "retry_after", json_integer(problem_retry_after(p)));
    (void)buf_put(out, head, sizeof(head));
    int err = put_json(o, out);
    if (err)
        return err;
    le32_store(out->data + at + 1, (uint32_t)(out->len - at - ANSWER_HEAD));
    return p ? 0 : buf_put(out, job->text.data, job->text.len);
}

static int read_problem(const json_t *o, struct job *job)
{
    const json_t *json = json_object_get(o, "problem");

    if (!json)
        return 0;
    int64_t status = json_integer_value(json_object_get(json, "status"));
    if (status < 400 || status > 599 || !(job->problem = problem_parse(json)))
        return TGC_EPROTO;
    problem_set_retry_after(job->problem, json_integer_value(json_object_get(o, "retry_after")));
    return 0;
}

static int read_head(const json_t *o, struct job *job)
{
    json_int_t status = json_integer_value(json_object_get(o, "status"));

    if (!json_is_object(o) || status < 0 || status > 999 ||
        !copy(job->location, sizeof(job->location), text_of(o, "location")) ||
        !copy(job->account, sizeof(job->account), text_of(o, "account")))
        return TGC_EPROTO;
    job->status = (int)status;
    job->is_replayed = is_set(o, "is_replayed");
    job->is_deferred = is_set(o, "is_deferred");
    job->is_secret = is_set(o, "is_secret");
    return read_problem(o, job);
}

static int read_answer(const uint8_t *bytes, size_t len, struct job *job)
{
    if (len < ANSWER_HEAD || bytes[0] != JOB_PACK_VERSION)
        return TGC_EPROTO;
    size_t head = le32_load(bytes + 1);
    if (head > len - ANSWER_HEAD)
        return TGC_EPROTO;
    json_t *o = json_loadb((const char *)bytes + ANSWER_HEAD, head, LOAD_FLAGS, NULL);
    int err = o ? read_head(o, job) : TGC_EPROTO;
    json_decref(o);
    if (err)
        return err;
    job->text.is_secret |= job_answer_is_secret(job);
    return buf_put(&job->text, bytes + ANSWER_HEAD + head, len - ANSWER_HEAD - head);
}

int job_unpack_answer(const uint8_t *bytes, size_t len, struct job *job)
{
    char account[DIRECTORY_NAME_MAX];

    memcpy(account, job->account, sizeof(account));
    buf_reset(&job->text);
    int err = read_answer(bytes, len, job);
    if (!err)
        return 0;
    memcpy(job->account, account, sizeof(account));
    problem_free(job->problem);
    job->problem = NULL;
    job->status = 0;
    job->location[0] = '\0';
    job->is_replayed = job->is_deferred = job->is_secret = false;
    buf_reset(&job->text);
    return err;
}
