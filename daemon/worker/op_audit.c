/* GET /v1/audit: the newest first. A cursor is the place of the last record that was shown, "PAGE INDEX" in hex. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/percent.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"

enum { LIMIT_DEFAULT = 100, PLACE_LEN = 24, PATH_TEXT_MAX = 3 * AUDIT_PATH_MAX + 2 };
/* Records stand in the order in which they came, which is not that of their times where the clock was set back; by more
 * than this it is not looked for. */
#define CLOCK_SLACK_US (24 * 3600 * SECOND_US)

struct audit_place {
    int64_t page;
    uint32_t index; /* in it, from the oldest */
};

struct audit_reading {
    struct worker *worker;
    struct job *job;
    int64_t since_us;  /* 0: from the beginning */
    const char *token; /* NULL: all; the job's */
    size_t limit;
    json_t *list;
    struct audit_place last;   /* of LIST */
    struct audit_place before; /* nothing from there on is shown */
    bool has_more, is_over;
};

static bool is_wanted(const struct audit_reading *r, const struct audit_record *a)
{
    return a->at_us >= r->since_us && (!r->token || strcmp(a->who, r->token) == 0) &&
           (!r->job->accounts || accounts_name_is_visible(r->job, a->account));
}

/* --- a record as JSON --- */

static void put_text(json_t *object, const char *name, const char *text)
{
    if (text[0])
        json_object_set_new(object, name, json_string(text));
}

static void path_text(const struct audit_record *a, char out[static PATH_TEXT_MAX])
{
    const char *segment = a->path, *end = a->path + a->path_len;
    char *to = out;

    while (segment <= end) {
        size_t len = strnlen(segment, (size_t)(end - segment));
        *to++ = '/';
        if (!percent_encode(segment, len, to, PATH_TEXT_MAX - (size_t)(to - out)))
            break;
        to += strlen(to);
        segment += len + 1;
    }
    *to = '\0';
}

static void put_peer(json_t *object, const struct audit_record *a)
{
    char text[INET6_ADDRSTRLEN] = "unix";

    if (a->family != AUDIT_UNIX)
        inet_ntop(a->family == AUDIT_IP4 ? AF_INET : AF_INET6, a->address, text, sizeof(text));
    put_text(object, "peer", text);
}

/* NULL where memory is gone. */
static json_t *record_json(const struct audit_record *a)
{
    json_t *object = json_pack("{s:I}", "at", (json_int_t)(a->at_us / SECOND_US)), *telegram;
    char path[PATH_TEXT_MAX];

    if (!object)
        return NULL;
    put_text(object, "request_id", a->request_id);
    put_text(object, "who", a->who);
    put_peer(object, a);
    put_text(object, "method", a->method);
    if (a->path_len) {
        path_text(a, path);
        put_text(object, "path", path);
    }
    put_text(object, "account", a->account);
    json_object_set_new(object, "status", json_integer(a->status));
    if (a->telegram[0]) {
        telegram = json_pack("{s:i, s:s}", "code", (int)a->telegram_code, "message", a->telegram);
        json_object_set_new(object, "telegram", telegram);
    }
    if (a->count > 1)
        json_object_set_new(object, "count", json_integer(a->count));
    return object;
}

/* --- a page --- */

/* Where each record of P begins, the oldest first; *RET_N of them. NULL where memory is gone. */
static const uint8_t **records_of(const struct store_audit_page *p, size_t *ret_n)
{
    const uint8_t *at = p->data, *end = p->data + p->len, **list;
    struct audit_record a;
    size_t n = 0;

    while (at < end && audit_unpack(&at, end, &a) == 0)
        n++;
    list = malloc((n + 1) * sizeof(*list));
    at = p->data;
    for (size_t i = 0; list && i < n; i++) {
        list[i] = at;
        if (audit_unpack(&at, end, &a) != 0)
            n = i;
    }
    *ret_n = n;
    return list;
}

static int add_record(struct audit_reading *r, const struct audit_record *a, struct audit_place at)
{
    r->is_over |= a->at_us < r->since_us - CLOCK_SLACK_US;
    if (!is_wanted(r, a))
        return 0;
    if (json_array_size(r->list) == r->limit) {
        r->has_more = r->is_over = true;
        return 0;
    }
    r->last = at;
    return json_array_append_new(r->list, record_json(a)) < 0 ? TGC_ENOMEM : 0;
}

static int add_page(struct audit_reading *r, const struct store_audit_page *p)
{
    const uint8_t *end = p->data + p->len;
    struct audit_record a;
    size_t n;
    const uint8_t **list = records_of(p, &n);
    int err = list ? 0 : TGC_ENOMEM;

    if (p->id == r->before.page && n > r->before.index)
        n = r->before.index;
    while (!err && n > 0 && !r->is_over) {
        const uint8_t *at = list[--n];
        err = audit_unpack(&at, end, &a);
        if (!err)
            err = add_record(r, &a, (struct audit_place){p->id, (uint32_t)n});
    }
    free(list);
    return err;
}

/* --- the answer --- */

static void end_reading(struct audit_reading *r, int err, const char *why)
{
    struct job *job = r->job;
    char cursor[PLACE_LEN + 1];
    struct problem *p;
    json_t *body = err ? NULL : json_pack("{s:O}", "records", r->list);

    if (body && r->has_more) {
        snprintf(cursor, sizeof(cursor), "%016" PRIx64 "%08" PRIx32, (uint64_t)r->last.page, r->last.index);
        json_object_set_new(body, "next_cursor", json_string(cursor));
    }
    json_decref(r->list);
    free(r);
    if (err == TGC_ELIMIT) {
        p = problem_new(PROBLEM_QUEUE_FULL, 0, "The audit's disk does not keep up");
        problem_set_retry_after(p, 1);
        op_reply_problem(job, p);
    } else if (err && err != TGC_ENOMEM) {
        op_reply_problem(job, op_unkept(&(struct op_unkept){.err = err, .why = why}, "the audit cannot be read"));
    } else {
        op_reply_json(job, 200, body);
    }
}

static void read_on(struct audit_reading *r, int64_t before);

static void on_pages(void *ctx, int err, const char *why, const struct store_audit_page *list, size_t n, size_t damaged,
                     int64_t oldest)
{
    struct audit_reading *r = ctx;

    if (damaged)
        log_error("worker", "%zu pages of the audit in the store cannot be read", damaged);
    for (size_t i = 0; i < n && !err && !r->is_over; i++)
        err = add_page(r, &list[i]);
    if (err || r->is_over || !oldest)
        end_reading(r, err, why);
    else
        read_on(r, oldest);
}

static void read_on(struct audit_reading *r, int64_t before)
{
    int err = audit_log_read(r->worker->audit_log, before, on_pages, r);

    if (err)
        end_reading(r, err, NULL);
}

static bool parse_place(const char *text, struct audit_place *ret)
{
    uint64_t page;

    if (strlen(text) != PLACE_LEN || strspn(text, "0123456789abcdef") != PLACE_LEN ||
        sscanf(text, "%16" SCNx64 "%8" SCNx32, &page, &ret->index) != 2 || page >= INT64_MAX)
        return false;
    ret->page = (int64_t)page;
    return true;
}

void op_audit_read(struct worker *w, struct job *job)
{
    const json_t *limit = json_object_get(job->query, "limit");
    const char *cursor = json_string_value(json_object_get(job->query, "cursor"));
    struct audit_place before = {.page = INT64_MAX - 1};

    if (cursor && !parse_place(cursor, &before)) {
        op_reply_bad_cursor(job);
        return;
    }
    struct audit_reading *r = calloc(1, sizeof(*r));
    json_t *list = json_array();
    if (!r || !list) {
        free(r);
        json_decref(list);
        op_reply_no_memory(job);
        return;
    }
    *r = (struct audit_reading){.worker = w,
                                .job = job,
                                .since_us = json_integer_value(json_object_get(job->query, "since")) * SECOND_US,
                                .token = json_string_value(json_object_get(job->query, "token")),
                                .limit = limit ? (size_t)json_integer_value(limit) : LIMIT_DEFAULT,
                                .list = list,
                                .before = before};
    if (!w->audit_log) {
        end_reading(r, 0, NULL);
        return;
    }
    audit_log_flush(w->audit_log);
    read_on(r, before.page + 1);
}
